//! From step 0 to now: the kept moments of the teacher on a slider, and played one after the other.

use super::super::Page;
use leptos::prelude::*;
use std::time::Duration;

/// A moment is shown so long, and as long as its picture takes to come.
const PACE: Duration = Duration::from_millis(350);

#[component]
pub fn Moments(page: Page) -> impl IntoView {
    let (sight, words) = (page.model.sight, page.words);
    let text = move || &words.get().attention;
    // A moment at the step where the run stands is the same as now.
    let earlier = Memo::new(move |_| {
        let now = page.model.step();
        sight.moments.with(|all| all.iter().copied().filter(|step| *step < now).collect::<Vec<_>>())
    });
    let at = move || {
        let moment = sight.moment.get();
        earlier.with(|all| {
            let found = moment.and_then(|moment| all.iter().position(|step| *step == moment));
            found.unwrap_or(all.len())
        })
    };
    let value = move || sight.moment.get().map_or_else(|| text().now.to_owned(), text().step);
    let playing = RwSignal::new(false);
    let go = move |at: usize| sight.moment.set(earlier.with_untracked(|all| all.get(at).copied()));
    let advance = move || {
        if !playing.get_untracked() || sight.busy.get_untracked() {
            return;
        }
        let next = untrack(at) + 1;
        if next > earlier.with_untracked(Vec::len) {
            playing.set(false);
        } else {
            go(next);
        }
    };
    let clock = set_interval_with_handle(advance, PACE).ok();
    on_cleanup(move || {
        if let Some(clock) = clock {
            clock.clear();
        }
    });
    let none = move || earlier.with(Vec::is_empty);
    view! {
        <div class="moments">
            <button
                class="play"
                disabled=none
                aria-label=move || if playing.get() { text().stop } else { text().play_moments }
                data-playing=move || playing.get().to_string()
                on:click=move |_| {
                    let play = !playing.get_untracked();
                    if play {
                        go(0);
                    }
                    playing.set(play);
                }
            ></button>
            <label class="slider">
                <span>{move || text().moment}</span>
                <output>{value}</output>
                <input
                    type="range"
                    name="moment"
                    min="0"
                    max=move || earlier.with(Vec::len).to_string()
                    step="1"
                    aria-valuetext=value
                    prop:value=move || {
                        earlier.track();
                        at().to_string()
                    }
                    disabled=none
                    on:input=move |event| {
                        playing.set(false);
                        if let Ok(at) = event_target_value(&event).parse() {
                            go(at);
                        }
                    }
                />
            </label>
        </div>
    }
}
