//! Tour of the first visit: four cards, each at the top of what it speaks of. Invariant: it stands in the
//! page's flow and covers nothing, takes no focus by itself, and comes once.

use crate::client::local_storage;
use crate::context::Page;
use crate::state::tour;
use crate::state::tour::STOPS;
use leptos::ev::KeyboardEvent;
use leptos::html::Button;
use leptos::prelude::*;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// Where it is kept that the tour was taken or skipped.
const STORED: &str = "dino.tour";

/// Where frame.css puts all places one below the other.
const IS_NARROW: &str = "(max-width: 51.99rem)";

fn is_narrow() -> bool {
    window().match_media(IS_NARROW).ok().flatten().is_some_and(|m| m.matches())
}

/// True if the tour was neither taken nor skipped on an earlier visit.
pub fn is_first_visit() -> bool {
    local_storage::read(STORED).is_none()
}

fn go_on(page: Page, from: usize) {
    if !page.tour.go_on(from, is_narrow()) {
        local_storage::keep(STORED, "done");
    }
}

fn end(page: Page) {
    page.tour.end();
    local_storage::keep(STORED, "done");
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
            end(page);
        }
    };
    view! {
        <aside class="tour" aria-label=move || text().title data-stop=stop on:keydown=escape>
            <p class="title">{title}</p>
            <p>{about}</p>
            <p class="buttons">
                <button class="main" node_ref=next on:click=move |_| go_on(page, stop)>
                    {move || if last { text().done } else { text().next }}
                </button>
                {(!last).then(|| view! {
                    <button class="quiet" on:click=move |_| end(page)>{move || text().skip}</button>
                })}
                <span class="count">{move || (text().stop_of)(tour::place(stop, is_narrow()) + 1, STOPS)}</span>
            </p>
        </aside>
    }
}
