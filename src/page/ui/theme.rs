//! The theme: the browser's, light, or dark. Invariant: the root's `data-theme` is absent, `light` or
//! `dark`, and the style sheet needs nothing else; `www/early.js` sets it before the first paint.

use crate::client::local_storage;
use leptos::prelude::*;
use web_sys::Element;

/// Where the choice is kept; `www/early.js` reads it too.
const KEPT: &str = "dino.theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As the storage and `data-theme` have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What was chosen on an earlier visit.
    pub fn kept() -> Self {
        let name = local_storage::kept(KEPT).unwrap_or_default();
        Self::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or(Self::Auto)
    }

    pub fn keep(self) {
        local_storage::keep(KEPT, self.name());
    }

    /// Paints the page so.
    pub fn show(self) {
        let root: Option<Element> = document().document_element();
        let Some(root) = root else { return };
        // Neither fails on an element of a page.
        let _ = match self {
            Self::Auto => root.remove_attribute("data-theme"),
            Self::Light | Self::Dark => root.set_attribute("data-theme", self.name()),
        };
    }
}
