//! The first visit's tour: four cards, each at the top of what it speaks of. Invariant: it stands in the
//! page's flow and covers nothing, takes no focus by itself, and comes once.

use crate::app::Page;
use crate::client::local_storage;
use leptos::ev::KeyboardEvent;
use leptos::html::Button;
use leptos::prelude::*;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// Where it is kept that the tour was taken or skipped.
const KEPT: &str = "dino.tour";

const STOPS: usize = 4;

/// The stops as one comes to them, from the top: training before attention, and the other way round where
/// frame.css puts all places one below the other.
const WIDE: [usize; STOPS] = [0, 1, 2, 3];
const NARROW: [usize; STOPS] = [0, 2, 1, 3];
const IS_NARROW: &str = "(max-width: 51.99rem)";

/// How many stops there are before this one.
fn place(stop: usize) -> usize {
    order().iter().position(|one| *one == stop).unwrap_or(stop)
}

fn order() -> [usize; STOPS] {
    let narrow = window().match_media(IS_NARROW).ok().flatten().is_some_and(|m| m.matches());
    if narrow { NARROW } else { WIDE }
}

/// Where the tour stands.
#[derive(Clone, Copy)]
pub struct Tour {
    at: RwSignal<Option<usize>>,
    /// A person goes through it, so the focus goes with them.
    walking: RwSignal<bool>,
}

impl Tour {
    /// On the first visit at its first stop.
    pub fn new() -> Self {
        let first = local_storage::kept(KEPT).is_none().then_some(0);
        Self { at: RwSignal::new(first), walking: RwSignal::new(false) }
    }

    /// Once more, from the first stop.
    pub fn begin(self) {
        self.walking.set(true);
        self.at.set(Some(0));
    }

    fn go_on(self, from: usize) {
        match order().get(place(from) + 1) {
            Some(next) => {
                self.walking.set(true);
                self.at.set(Some(*next));
            }
            None => self.end(),
        }
    }

    fn end(self) {
        local_storage::keep(KEPT, "done");
        self.walking.set(false);
        self.at.set(None);
    }
}

/// The card of one stop, shown while the tour is there.
#[component]
pub fn Stop(page: Page, stop: usize) -> impl IntoView {
    let (tour, model) = (page.tour, page.model);
    // A page that cannot train has more urgent things to say.
    let here = move || {
        tour.at.get() == Some(stop)
            && model.no_gpu.with(Option::is_none)
            && model.fatal.with(Option::is_none)
    };
    let here = Memo::new(move |_| here());
    view! { <Show when=move || here.get()><Card page stop /></Show> }
}

#[component]
fn Card(page: Page, stop: usize) -> impl IntoView {
    let (words, tour) = (page.words, page.tour);
    let text = move || &words.get().tour;
    let (title, about) = (
        move || text().stops.get(stop).map(|stop| stop.0),
        move || text().stops.get(stop).map(|stop| stop.1),
    );
    let last = stop + 1 == STOPS;
    let next = NodeRef::<Button>::new();
    Effect::new(move || {
        let Some(next) = next.get() else { return };
        if tour.walking.get_untracked() {
            let how = ScrollIntoViewOptions::new();
            how.set_block(ScrollLogicalPosition::Center);
            next.scroll_into_view_with_scroll_into_view_options(&how);
            // Only detached elements refuse it.
            let _ = next.focus();
        }
    });
    let escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            tour.end();
        }
    };
    view! {
        <aside class="tour" aria-label=move || text().title data-stop=stop on:keydown=escape>
            <p class="title">{title}</p>
            <p>{about}</p>
            <p class="buttons">
                <button class="main" node_ref=next on:click=move |_| tour.go_on(stop)>
                    {move || if last { text().done } else { text().next }}
                </button>
                {(!last).then(|| view! {
                    <button class="quiet" on:click=move |_| tour.end()>{move || text().skip}</button>
                })}
                <span class="count">{move || (text().stop_of)(place(stop) + 1, STOPS)}</span>
            </p>
        </aside>
    }
}
