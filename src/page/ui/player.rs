//! A slider that can also run by itself, from its first place to its last. Invariant: no clock runs while
//! nothing is played.

use crate::context::Page;
use crate::ui::controls::Slider;
use leptos::prelude::*;
use std::time::Duration;

#[component]
pub fn Player(
    page: Page,
    name: &'static str,
    label: Signal<&'static str>,
    /// What the button does.
    play: Signal<&'static str>,
    /// The place in words.
    value: Signal<String>,
    /// The last place.
    most: Signal<usize>,
    at: Signal<usize>,
    set: impl Fn(usize) + Copy + 'static,
    /// The place is shown, so the next may come.
    #[prop(into)]
    ready: Signal<bool>,
    pace: Duration,
) -> impl IntoView {
    let text = move || &page.words.get().attention;
    let playing = RwSignal::new(false);
    let clock = StoredValue::new(None::<leptos::leptos_dom::helpers::IntervalHandle>);
    let stop = move || {
        if let Some(Some(running)) = clock.try_get_value() {
            running.clear();
        }
    };
    let advance = move || {
        let next = at.get_untracked() + 1;
        if next > most.get_untracked() {
            playing.set(false);
        } else if ready.get_untracked() {
            set(next);
        }
    };
    Effect::new(move || {
        stop();
        let runs = playing.get().then(|| set_interval_with_handle(advance, pace).ok());
        clock.set_value(runs.flatten());
    });
    on_cleanup(stop);
    let none = Signal::derive(move || most.get() == 0);
    view! {
        <div class="player">
            <button
                class="play"
                disabled=none
                aria-label=move || if playing.get() { text().stop } else { play.get() }
                data-playing=move || playing.get().to_string()
                on:click=move |_| {
                    if !playing.get_untracked() {
                        set(0);
                    }
                    playing.update(|playing| *playing = !*playing);
                }
            ></button>
            <Slider
                name
                label
                value
                most
                at
                set=move |at| {
                    playing.set(false);
                    set(at);
                }
                disabled=none
            />
        </div>
    }
}
