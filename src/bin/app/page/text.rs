//! Every word of the page in every language: a struct a place, a value a language, so a translation that
//! is missing does not compile. What takes numbers or names is a function. Invariant: no component
//! holds a word of its own.

mod attention;
mod charts;
mod common;
mod crops;
mod errors;
mod health;
mod images;
pub mod settings;
mod training;

use leptos::prelude::*;

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
    pub training: training::Training,
    pub settings: settings::SettingsText,
    pub charts: charts::ChartsText,
    pub health: health::HealthText,
    pub attention: attention::AttentionText,
    pub crops: crops::CropsText,
}

static EN: Text = Text {
    common: common::EN,
    errors: errors::EN,
    images: images::EN,
    training: training::EN,
    settings: settings::EN,
    charts: charts::EN,
    health: health::EN,
    attention: attention::EN,
    crops: crops::EN,
};

static ZH_HANT: Text = Text {
    common: common::ZH_HANT,
    errors: errors::ZH_HANT,
    images: images::ZH_HANT,
    training: training::ZH_HANT,
    settings: settings::ZH_HANT,
    charts: charts::ZH_HANT,
    health: health::ZH_HANT,
    attention: attention::ZH_HANT,
    crops: crops::ZH_HANT,
};

impl Language {
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
