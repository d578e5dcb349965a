//! Switches of language and theme, and the sign beside the title. Invariant: what is chosen holds at once and on later visits.

use crate::client::preferences;
use crate::context::Page;
use crate::i18n::Language;
use crate::i18n::frame::Theme;
use leptos::prelude::*;

/// The page's sign: a map of attention.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 8 8" aria-hidden="true" focusable="false">
            <rect width="8" height="8" rx="1.6" fill="#1a1030" />
            <path fill="#58166f" d="M2 1h4v1H2zM1 2h1v4H1zM6 2h1v4H6zM2 6h4v1H2z" />
            <path fill="#c83452" d="M2 2h4v4H2z" />
            <path fill="#f99428" d="M3 2h2v1h1v2H5v1H3V5H2V3h1z" />
            <path fill="#fcf6b0" d="M3 3h2v2H3z" />
        </svg>
    }
}

#[component]
pub fn Languages(page: Page) -> impl IntoView {
    let words = page.words;
    let choices = Language::ALL.map(|language| {
        view! {
            <button
                lang=language.tag()
                aria-pressed=move || (words.0.get() == language).to_string()
                on:click=move |_| {
                    preferences::keep_language(language);
                    words.0.set(language);
                }
            >{language.name()}</button>
        }
    });
    view! {
        <div class="switch" role="group" aria-label=move || words.get().frame.language>
            {choices.collect_view()}
        </div>
    }
}

#[component]
pub fn Themes(page: Page) -> impl IntoView {
    let words = page.words;
    let choices = Theme::ALL.map(|theme| {
        let label = move || (words.get().frame.theme_of)(theme);
        view! {
            <button
                class="icon"
                data-choice=theme.name()
                title=label
                aria-label=label
                aria-pressed=move || (page.theme.get() == theme).to_string()
                on:click=move |_| {
                    preferences::keep_theme(theme);
                    page.theme.set(theme);
                }
            >
                <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
                    <path d=icon(theme) />
                </svg>
            </button>
        }
    });
    view! {
        <div class="switch" role="group" aria-label=move || words.get().frame.theme>
            {choices.collect_view()}
        </div>
    }
}

/// A circle half full, a sun, a moon.
fn icon(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zM8 3v10a5 5 0 0 1 0-10z",
        Theme::Light => {
            "M8 4.8a3.2 3.2 0 1 0 0 6.4a3.2 3.2 0 0 0 0-6.4zM7.3 .8h1.4v2.4H7.3zM7.3 12.8h1.4v2.4H7.3z\
             M.8 7.3h2.4v1.4H.8zM12.8 7.3h2.4v1.4h-2.4zM2.4 3.4l1-1 1.7 1.7-1 1zM10.9 11.9l1-1 1.7 1.7-1 1z\
             M12.6 2.4l1 1-1.7 1.7-1-1zM4.1 10.9l1 1-1.7 1.7-1-1z"
        }
        Theme::Dark => "M6.2 1.6a5.2 5.2 0 0 0 8.2 6.9a6.5 6.5 0 1 1-8.2-6.9z",
    }
}
