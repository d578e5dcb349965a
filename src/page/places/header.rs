//! Header and footer. The header: what it is, its language, its theme, and help; and its foot: whose work it uses.

use crate::context::Page;
use crate::ui::check_button::CheckButton;
use crate::ui::switches::{Languages, Mark, Themes};
use leptos::prelude::*;

#[component]
pub fn Header(page: Page) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().frame;
    view! {
        <a class="skip" href="#app" on:click=skip>{move || text().skip}</a>
        <header class="top">
            <div class="brand">
                <Mark />
                <div>
                    <h1>{move || text().title}</h1>
                    <p>{move || text().sentence}</p>
                </div>
            </div>
            <div class="switches">
                <Languages page />
                <Themes page />
                <button
                    class="round"
                    title=move || text().help
                    aria-label=move || text().help
                    on:click=move |_| page.help.set(true)
                >"?"</button>
            </div>
        </header>
    }
}

/// Goes to the places without changing the address, whose fragment has another use.
fn skip(event: web_sys::MouseEvent) {
    event.prevent_default();
    crate::client::dom::focus("app");
}

#[component]
pub fn Footer(page: Page) -> impl IntoView {
    let text = move || &page.words.get().frame;
    view! {
        <footer>
            <p>
                {move || text().after}" "{move || text().samples[0]}
                <a href="samples/manifest.json">{move || text().samples_list}</a>
                {move || text().samples[1]}
            </p>
            <p><CheckButton page /></p>
        </footer>
    }
}
