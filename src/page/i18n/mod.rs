//! The words of the page: one struct per section here, one folder of values per language. Text with numbers
//! or names in it is a function. Invariant: no component holds a word of its own, and a missing
//! translation does not compile.
//!
//! To add a language, copy the folder `english`, translate it, declare it here and list it in
//! [`Language::ALL`]. Its shell, shown while the page loads, is one more template in www/index.html.

mod chinese;
mod english;

mod attention;
mod charts;
mod common;
mod crops;
mod device;
mod errors;
mod format;
pub mod frame;
mod health;
pub mod images;
mod learning;
mod neighbours;
pub mod settings;
pub mod share;
mod storage;
pub mod terms;
mod tour;
mod training;
mod weights;

use leptos::prelude::*;

/// All words of one language.
pub struct Text {
    /// As `lang` attributes have it.
    pub tag: &'static str,
    /// The language's name in itself.
    pub name: &'static str,
    pub common: common::Common,
    pub errors: errors::Errors,
    pub images: images::Images,
    pub storage: storage::StorageText,
    pub training: training::Training,
    pub settings: settings::SettingsText,
    pub charts: charts::ChartsText,
    pub health: health::HealthText,
    pub attention: attention::AttentionText,
    pub crops: crops::CropsText,
    pub device: device::DeviceText,
    pub frame: frame::Frame,
    pub learning: learning::Learning,
    pub terms: terms::Terms,
    pub tour: tour::TourText,
    pub neighbours: neighbours::NeighboursText,
    pub share: share::ShareText,
    pub weights: weights::WeightsText,
}

/// A language of the page, by its words.
#[derive(Clone, Copy)]
pub struct Language(&'static Text);

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl Language {
    /// All of them, in the order in which the page offers them. The first is for readers of none.
    pub const ALL: [Self; 2] = [Self(&english::TEXT), Self(&chinese::TEXT)];

    /// The language of this tag, which an earlier visit may have kept; otherwise the one that the browser prefers.
    pub fn wanted(kept: Option<&str>, tags: impl FnOnce() -> Vec<String>) -> Self {
        let chosen = Self::ALL.into_iter().find(|language| Some(language.tag()) == kept);
        chosen.unwrap_or_else(|| Self::choose(tags()))
    }

    /// As `lang` attributes have it.
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub fn text(self) -> &'static Text {
        self.0
    }

    /// The language of the first of the browser's tags that is known; the first of all otherwise. Regions
    /// and scripts do not count: "zh-CN" is for this page the Chinese that it has.
    pub fn choose(tags: impl IntoIterator<Item = String>) -> Self {
        let [first, ..] = Self::ALL;
        let known = |tag: String| Self::ALL.into_iter().find(|l| primary(&tag) == primary(l.tag()));
        tags.into_iter().find_map(known).unwrap_or(first)
    }
}

/// The language of a tag, without script and region.
fn primary(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_lowercase()
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

#[cfg(test)]
mod tests {
    use super::*;
    use dino_core::run::settings::Notice;

    fn chosen(tags: &[&str]) -> &'static str {
        Language::choose(tags.iter().map(|tag| (*tag).to_owned())).tag()
    }

    #[test]
    fn the_first_known_language_of_the_browser_is_chosen() {
        assert_eq!(chosen(&["fr", "zh-CN", "en"]), "zh-Hant");
        assert_eq!(chosen(&["EN-gb", "zh"]), "en");
        assert_eq!(chosen(&["fr"]), "en");
        assert_eq!(chosen(&[]), "en");
    }

    #[test]
    fn a_kept_language_wins_over_the_browser_s() {
        let wanted = |kept| Language::wanted(kept, || vec!["zh-TW".to_owned()]).tag();
        assert_eq!(wanted(Some("en")), "en");
        assert_eq!(wanted(Some("fr")), "zh-Hant");
        assert_eq!(wanted(None), "zh-Hant");
    }

    #[test]
    fn every_preset_has_a_name_and_a_purpose_in_every_language() {
        for preset in dino_core::run::presets::all() {
            for language in Language::ALL {
                let words = (language.text().training.preset)(preset.name);
                let (title, about) = words.unwrap_or_default();
                assert!(
                    !title.is_empty() && !about.is_empty(),
                    "{} in {}",
                    preset.name,
                    language.name()
                );
            }
        }
    }

    #[test]
    fn every_choice_has_a_label_for_each_of_its_words() {
        use dino_core::run::settings::{Kind, rows};
        for language in Language::ALL {
            for row in rows() {
                let words = if let Kind::Choice(words) = row.kind { words.len() } else { 0 };
                let labels = (language.text().settings.of)(row.setting).choices.len();
                assert_eq!(labels, words, "{} in {}", row.key, language.tag());
            }
        }
    }

    #[test]
    fn a_link_of_which_nothing_was_read_is_said_to_be_so() {
        let notice = english::TEXT.settings.notice;
        let version = notice(&Notice::Version { found: "9".to_owned() });
        assert!(version.contains("version “9”") && version.contains("none of it"), "{version}");
        let flood = notice(&Notice::TooLong { bytes: 5000 });
        assert!(flood.contains("5000") && flood.contains("none of it"), "{flood}");
    }

    #[test]
    fn no_two_languages_share_a_tag() {
        let tags = std::collections::BTreeSet::from(Language::ALL.map(Language::tag));
        assert_eq!(tags.len(), Language::ALL.len());
    }
}
