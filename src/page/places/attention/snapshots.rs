//! From step 0 to now: the kept moments of the teacher on a slider, and played one after the other.

use crate::app::Page;
use crate::ui::player::Player;
use leptos::prelude::*;
use std::time::Duration;

/// A moment is shown so long, and as long as its picture takes to come.
const PACE: Duration = Duration::from_millis(350);

#[component]
pub fn Snapshots(page: Page) -> impl IntoView {
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
    view! {
        <Player
            page
            name="moment"
            label=Signal::derive(move || text().moment)
            play=Signal::derive(move || text().play_moments)
            value=Signal::derive(value)
            most=Signal::derive(move || earlier.with(Vec::len))
            at=Signal::derive(at)
            set=move |at| {
                let moment = earlier.with_untracked(|all| all.get(at).copied());
                sight.moment.set(moment);
            }
            ready=Signal::derive(move || !sight.busy.get())
            pace=PACE
        />
    }
}
