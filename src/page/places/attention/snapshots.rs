//! Snapshots of the teacher on a slider, from step 0 to now, and played one after the other. Invariant: the next one is shown only
//! when the last has come.

use crate::context::Page;
use crate::ui::player::Player;
use leptos::prelude::*;
use std::time::Duration;

/// A snapshot is shown so long, and as long as its picture takes to come.
const PACE: Duration = Duration::from_millis(350);

#[component]
pub fn Snapshots(page: Page) -> impl IntoView {
    let (attention, words) = (page.model.attention, page.words);
    let text = move || &words.get().attention;
    let earlier = Memo::new(move |_| attention.earlier(page.model.step()));
    let at = move || earlier.with(|all| attention.snapshot_place(all));
    let value = move || attention.snapshot.get().map_or_else(|| text().now.to_owned(), text().step);
    view! {
        <Player
            page
            name="snapshot"
            label=Signal::derive(move || text().snapshot)
            play=Signal::derive(move || text().play_snapshots)
            value=Signal::derive(value)
            most=Signal::derive(move || earlier.with(Vec::len))
            at=Signal::derive(at)
            set=move |at| {
                let snapshot = earlier.with_untracked(|all| all.get(at).copied());
                attention.snapshot.set(snapshot);
            }
            ready=Signal::derive(move || !attention.busy.get())
            pace=PACE
        />
    }
}
