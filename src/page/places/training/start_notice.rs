//! Start notice: what Start begins with, where it may surprise: random weights while the starter is looked at, or a head
//! that learns alone for a while. Invariant: one sentence or none.

use crate::context::Page;
use crate::state::training;
use crate::state::training::Begins;
use leptos::prelude::*;

#[component]
pub fn StartNotice(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().training;
    let frozen = Memo::new(move |_| training::frozen(model));
    let sentence = Memo::new(move |_| match training::begins(model, frozen.get())? {
        Begins::AtRandom => Some(text().begins_at_random.to_owned()),
        Begins::HeadFirst(until) => Some((text().head_first)(until)),
    });
    view! {
        <div role="status">
            {move || sentence.get().map(|sentence| view! { <p class="hint begins">{sentence}</p> })}
        </div>
    }
}
