//! Every word of the page in every language: a struct a place, a value a language, so a translation that
//! is missing does not compile. What takes numbers or names is a function. Invariant: no component
//! holds a word of its own.

mod attention;
mod charts;
mod common;
mod crops;
mod errors;
mod frame;
mod health;
mod images;
mod keeping;
mod learning;
mod neighbours;
pub mod settings;
mod share;
pub mod terms;
mod tour;
mod training;
mod weights;

use crate::client::local_storage;
use leptos::prelude::*;

/// Where the choice is kept; `www/boot.js` reads it too.
const KEPT: &str = "dino.language";

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    En,
    ZhHant,
}

/// All words of one language.
pub struct Text {
    pub common: common::Common,
    pub errors: errors::Errors,
    pub images: images::Images,
    pub keeping: keeping::Keeping,
    pub training: training::Training,
    pub settings: settings::SettingsText,
    pub charts: charts::ChartsText,
    pub health: health::HealthText,
    pub attention: attention::AttentionText,
    pub crops: crops::CropsText,
    pub frame: frame::Frame,
    pub learning: learning::Learning,
    pub terms: terms::Terms,
    pub tour: tour::Tour,
    pub neighbours: neighbours::NeighboursText,
    pub share: share::ShareText,
    pub weights: weights::WeightsText,
}

static EN: Text = Text {
    common: common::EN,
    errors: errors::EN,
    images: images::EN,
    keeping: keeping::EN,
    training: training::EN,
    settings: settings::EN,
    charts: charts::EN,
    health: health::EN,
    attention: attention::EN,
    crops: crops::EN,
    frame: frame::EN,
    learning: learning::EN,
    terms: terms::EN,
    tour: tour::EN,
    neighbours: neighbours::EN,
    share: share::EN,
    weights: weights::EN,
};

static ZH_HANT: Text = Text {
    common: common::ZH_HANT,
    errors: errors::ZH_HANT,
    images: images::ZH_HANT,
    keeping: keeping::ZH_HANT,
    training: training::ZH_HANT,
    settings: settings::ZH_HANT,
    charts: charts::ZH_HANT,
    health: health::ZH_HANT,
    attention: attention::ZH_HANT,
    crops: crops::ZH_HANT,
    frame: frame::ZH_HANT,
    learning: learning::ZH_HANT,
    terms: terms::ZH_HANT,
    tour: tour::ZH_HANT,
    neighbours: neighbours::ZH_HANT,
    share: share::ZH_HANT,
    weights: weights::ZH_HANT,
};

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::ZhHant];

    /// What was chosen on an earlier visit, or what the browser prefers.
    pub fn kept() -> Self {
        let kept = local_storage::kept(KEPT);
        let chosen = Self::ALL.into_iter().find(|language| Some(language.tag()) == kept.as_deref());
        let tags = || window().navigator().languages();
        chosen.unwrap_or_else(|| Self::choose(tags().iter().filter_map(|tag| tag.as_string())))
    }

    pub fn keep(self) {
        local_storage::keep(KEPT, self.tag());
    }

    /// Tells the browser, and with it screen readers, which language this is.
    pub fn show(self) {
        if let Some(root) = document().document_element() {
            // Never fails on an element of a page.
            let _ = root.set_attribute("lang", self.tag());
        }
        document().set_title(self.text().frame.title);
    }

    /// As `lang` attributes have it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhHant => "zh-Hant",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhHant => "繁體中文",
        }
    }

    pub fn text(self) -> &'static Text {
        match self {
            Self::En => &EN,
            Self::ZhHant => &ZH_HANT,
        }
    }

    /// The language of the first of the browser's tags that is known; English otherwise.
    pub fn choose(tags: impl IntoIterator<Item = String>) -> Self {
        let known = |tag: String| {
            let tag = tag.to_lowercase();
            if tag.starts_with("zh") {
                return Some(Self::ZhHant);
            }
            tag.starts_with("en").then_some(Self::En)
        };
        tags.into_iter().find_map(known).unwrap_or(Self::En)
    }
}

/// The page's language; every closure that reads it is run again when it changes.
#[derive(Clone, Copy)]
pub struct Words(pub RwSignal<Language>);

impl Words {
    /// The words, followed.
    pub fn get(self) -> &'static Text {
        self.0.get().text()
    }

    /// The words as they are now, for sentences that are made once.
    pub fn now(self) -> &'static Text {
        self.0.get_untracked().text()
    }
}
