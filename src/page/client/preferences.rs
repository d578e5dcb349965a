//! Preferences between visits: language and theme. Invariant: the root's `data-theme` is absent, `light` or `dark`, and the style
//! sheet needs nothing else; `www/early.js` sets it before the first paint.

use crate::client::local_storage;
use crate::i18n::Language;
use crate::i18n::frame::Theme;
use leptos::prelude::*;
use web_sys::Element;

/// Where the theme is kept; `www/early.js` reads it too.
const THEME: &str = "dino.theme";

/// Where the language is kept; `www/boot.js` reads it too.
const LANGUAGE: &str = "dino.language";

/// The theme chosen on an earlier visit.
pub fn theme() -> Theme {
    let name = local_storage::read(THEME).unwrap_or_default();
    Theme::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or(Theme::Auto)
}

pub fn keep_theme(theme: Theme) {
    local_storage::keep(THEME, theme.name());
}

/// Paints the page in this theme.
pub fn show_theme(theme: Theme) {
    let root: Option<Element> = document().document_element();
    let Some(root) = root else { return };
    // Neither fails on an element of a page.
    let _ = match theme {
        Theme::Auto => root.remove_attribute("data-theme"),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.name()),
    };
}

/// The language chosen on an earlier visit, or the one that the browser prefers.
pub fn language() -> Language {
    let tags =
        || window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect();
    Language::wanted(local_storage::read(LANGUAGE).as_deref(), tags)
}

pub fn keep_language(language: Language) {
    local_storage::keep(LANGUAGE, language.tag());
}

/// Tells the browser, and with it screen readers, which language this is.
pub fn show_language(language: Language) {
    if let Some(root) = document().document_element() {
        // Never fails on an element of a page.
        let _ = root.set_attribute("lang", language.tag());
    }
    document().set_title(language.text().frame.title);
}
