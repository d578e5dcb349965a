//! Settings as the fragment of a link, `#v=1&preset=spark&seed=7&steps=500&lr=0.001`, and back. Invariants:
//! what a link says is clamped or left out with a notice, so it always gives a run that can be planned;
//! a fragment of another kind is left alone.

use crate::run::presets;
use crate::run::settings::check::alone;
use crate::run::settings::table::{Setting, by_key};
use crate::run::settings::{Kind, MOST_SEED, MOST_STEPS, Row, SettingProblem, Settings, Value};
use std::fmt::Write;

/// Version of the fragment.
const VERSION: &str = "1";

/// Longest fragment that is read, in bytes: all settings at once take about 700.
pub const LONGEST_LINK: usize = 2048;

/// What was found is repeated up to so many characters.
const REPEATED: usize = 40;

/// Pairs that are named in notices; a link may have a thousand wrong ones.
const MOST_NOTICES: usize = 8;

/// What was not taken from a link as it stood.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// Nothing was read.
    TooLong {
        bytes: usize,
    },
    /// Nothing was read.
    Version {
        found: String,
    },
    UnknownPreset {
        found: String,
    },
    UnknownKey {
        key: String,
    },
    NotANumber {
        key: String,
        found: String,
    },
    NotAChoice {
        key: &'static str,
        choices: &'static [&'static str],
        found: String,
    },
    Clamped {
        key: String,
        found: f64,
        taken: f64,
    },
    /// Left out: it does not go with the others.
    Conflict {
        key: String,
    },
    /// So many more.
    More {
        count: usize,
    },
}

impl Settings {
    /// The fragment without its `#`; what is as in the preset is left out.
    pub fn to_fragment(&self) -> String {
        let Self { preset, seed, steps, changed } = self;
        let mut text = format!("v={VERSION}&preset={preset}&seed={seed}&steps={steps}");
        for (setting, value) in changed {
            // Writing to a string does not fail.
            let _ = write!(text, "&{}={value}", setting.row().key);
        }
        text
    }

    /// Reads a fragment, with or without its `#`. `preset` is taken where it names none that there
    /// is. `None` if the fragment is not of settings: it does not begin with `v=`.
    pub fn from_fragment(fragment: &str, preset: &str) -> Option<(Self, Vec<Notice>)> {
        let text = fragment.strip_prefix('#').unwrap_or(fragment);
        let rest = text.strip_prefix("v=")?;
        let mut settings = Self::of(preset, 0);
        if text.len() > LONGEST_LINK {
            return Some((settings, vec![Notice::TooLong { bytes: text.len() }]));
        }
        let (version, pairs) = rest.split_once('&').unwrap_or((rest, ""));
        if version != VERSION {
            return Some((settings, vec![Notice::Version { found: short(version) }]));
        }
        let mut notices = Vec::new();
        for pair in pairs.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let Some(notice) = settings.take(key, value) {
                notices.push(notice);
            }
        }
        notices.extend(settings.make_sound());
        if notices.len() > MOST_NOTICES {
            let count = notices.len() - MOST_NOTICES;
            notices.truncate(MOST_NOTICES);
            notices.push(Notice::More { count });
        }
        Some((settings, notices))
    }

    /// Takes one pair; the later of two with the same key counts.
    fn take(&mut self, key: &str, value: &str) -> Option<Notice> {
        if key == "preset" {
            if presets::by_name(value).is_none() {
                return Some(Notice::UnknownPreset { found: short(value) });
            }
            self.preset = value.to_owned();
            return None;
        }
        let kind = match (key, by_key(key)) {
            ("seed", _) => Kind::Whole([0.0, MOST_SEED as f64]),
            ("steps", _) => Kind::Whole([1.0, MOST_STEPS as f64]),
            (_, Some(row)) => row.kind,
            (_, None) => return Some(Notice::UnknownKey { key: short(key) }),
        };
        let (range, whole) = match kind {
            Kind::Number(range) => (range, false),
            Kind::Whole(range) => (range, true),
            Kind::Choice(choices) => {
                return by_key(key).and_then(|row| self.choose(row, choices, value));
            }
        };
        let found = match value.parse::<f64>() {
            Ok(found) if !found.is_nan() => found,
            _ => return Some(Notice::NotANumber { key: short(key), found: short(value) }),
        };
        let clamped = found.clamp(range[0], range[1]);
        let taken = if whole { clamped.round() } else { clamped };
        match (key, by_key(key)) {
            ("seed", _) => self.seed = taken as u64,
            ("steps", _) => self.steps = taken as u64,
            (_, Some(row)) => {
                // Of the patch sizes, the nearest is not what somebody meant.
                if let Some(SettingProblem::Patch { .. }) = alone(row, taken.into()) {
                    return Some(Notice::Conflict { key: row.key.to_owned() });
                }
                self.set(row.setting, taken);
            }
            _ => {}
        }
        (taken != found).then(|| Notice::Clamped { key: key.to_owned(), found, taken })
    }

    fn choose(
        &mut self,
        row: &Row,
        choices: &'static [&'static str],
        word: &str,
    ) -> Option<Notice> {
        match Value::parse(row, word) {
            Some(value) => {
                self.set(row.setting, value);
                None
            }
            None => Some(Notice::NotAChoice { key: row.key, choices, found: short(word) }),
        }
    }

    /// Leaves out what does not go together.
    fn make_sound(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        while let Some(fault) = self.check(0).into_iter().next() {
            let culprit = by_key(&fault.key).map(|row| row.setting);
            let culprit = culprit
                .filter(|setting| self.changed.contains_key(setting))
                .or_else(|| partner(culprit?, self));
            match culprit {
                Some(setting) => {
                    self.changed.remove(&setting);
                    notices.push(Notice::Conflict { key: setting.row().key.to_owned() });
                }
                None => {
                    self.changed.clear();
                    notices.push(Notice::Conflict { key: fault.key.into_owned() });
                    break;
                }
            }
        }
        notices
    }
}

/// What must have been changed if a field that was not is at fault.
fn partner(setting: Setting, settings: &Settings) -> Option<Setting> {
    use Setting::*;
    let candidates = match setting {
        Heads => &[Width][..],
        GlobalSize | LocalSize => &[Patch][..],
        GlobalScaleLow => &[GlobalScaleHigh][..],
        LocalScaleLow => &[LocalScaleHigh][..],
        _ => &[][..],
    };
    candidates.iter().copied().find(|s| settings.changed.contains_key(s))
}

/// The beginning of what a link says.
fn short(text: &str) -> String {
    let mut all = text.chars();
    let mut start: String = all.by_ref().take(REPEATED).collect();
    if all.next().is_some() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::settings::rows;
    use proptest::prelude::*;

    fn read(fragment: &str) -> (Settings, Vec<Notice>) {
        Settings::from_fragment(fragment, "spark").unwrap()
    }

    #[test]
    fn a_link_says_what_differs() {
        let mut settings = Settings::of("small", 7);
        settings.steps = 500;
        settings.set(Setting::LearningRate, 0.001);
        let text = settings.to_fragment();
        assert_eq!(text, "v=1&preset=small&seed=7&steps=500&lr=0.001");
        assert_eq!(read(&text), (settings.clone(), vec![]));
        assert_eq!(read(&format!("#{text}")), (settings, vec![]));
    }

    #[test]
    fn other_kinds_are_left_alone() {
        for fragment in ["", "#", "#map=abc", "#images", "w=1&preset=small"] {
            assert_eq!(Settings::from_fragment(fragment, "spark"), None, "{fragment}");
        }
    }

    #[test]
    fn hostile_links_are_clamped_or_refused_with_a_notice() {
        let (settings, notices) = read("v=2&preset=small");
        assert_eq!(settings, Settings::of("spark", 0));
        assert_eq!(notices, [Notice::Version { found: "2".into() }]);
        let (settings, notices) = read(&format!("v=1&preset=small&lr={}", "9".repeat(5000)));
        assert_eq!(settings, Settings::of("spark", 0));
        assert!(matches!(notices[..], [Notice::TooLong { bytes }] if bytes > 5000));
        let (settings, notices) =
            read("v=1&preset=<b>x</b>&batch=1e99&lr=-3&seed=-1&depth=2.6&x=1&clip=NaN");
        assert_eq!(settings.changed[&Setting::Batch], Value::Number(1024.0));
        assert_eq!(settings.changed[&Setting::LearningRate], Value::Number(0.0));
        assert_eq!(settings.preset, "spark");
        assert!(!settings.changed.contains_key(&Setting::Clip));
        assert_eq!(notices.len(), 7, "{notices:?}");
        let (settings, notices) = read("v=1&heads=3&patch=5&width=64");
        assert_eq!(settings.changed.keys().collect::<Vec<_>>(), [&Setting::Width]);
        let conflict = |key: &str| Notice::Conflict { key: key.to_owned() };
        assert_eq!(notices, [conflict("patch"), conflict("heads")]);
        let (settings, notices) = read("v=1&width=256");
        assert_eq!((settings.changed.len(), notices.len()), (0, 1));
        let (_, notices) = read(&format!("v=1{}", "&x=1".repeat(100)));
        assert_eq!(notices.last(), Some(&Notice::More { count: 92 }));
    }

    #[test]
    fn a_choice_is_read_by_its_word_and_an_unknown_word_is_named_with_the_known_ones() {
        let text = "v=1&preset=small&seed=7&steps=500&lr=0.001&last_layer=trained";
        let (settings, notices) = read(text);
        assert_eq!(
            (settings.changed[&Setting::LastLayer], notices),
            (Value::Choice("trained"), vec![])
        );
        assert_eq!(settings.to_fragment(), text);
        let config = settings.config(9).unwrap();
        assert!(!config.head.norm_last_layer, "the run has it");
        let described = Settings::describing(&config, 7, 9);
        assert_eq!(described.changed.get(&Setting::LastLayer), Some(&Value::Choice("trained")));
        let (settings, notices) = read("v=1&last_layer=melted&depth=fixed");
        assert_eq!(settings.changed.len(), 0);
        let found = "melted".to_owned();
        let choice =
            Notice::NotAChoice { key: "last_layer", choices: &["fixed", "trained"], found };
        let number = Notice::NotANumber { key: "depth".to_owned(), found: "fixed".to_owned() };
        assert_eq!(notices, [choice, number]);
    }

    #[test]
    fn keys_and_words_need_no_escape_in_a_link() {
        let plain = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        for row in rows() {
            assert!(plain(row.key), "{}", row.key);
            if let Kind::Choice(words) = row.kind {
                assert!(words.len() > 1 && words.iter().all(|word| plain(word)), "{}", row.key);
            }
        }
    }

    fn any_settings() -> impl Strategy<Value = Settings> {
        let changes = proptest::collection::btree_map(0..rows().len(), 0.0..1.0, 0..12);
        (0..presets::all().len(), 0..=MOST_SEED, 1..=MOST_STEPS, changes).prop_map(
            |(preset, seed, steps, changes)| {
                let mut settings = Settings::of(presets::all()[preset].name, seed);
                settings.steps = steps;
                for (row, share) in changes {
                    let row = &rows()[row];
                    let within = |[low, high]: [f64; 2]| low + share * (high - low);
                    let value = match row.kind {
                        Kind::Number(range) => Value::Number(within(range)),
                        Kind::Whole(range) => Value::Number(within(range).round()),
                        Kind::Choice(words) => {
                            Value::Choice(words[(share * words.len() as f64) as usize])
                        }
                    };
                    settings.set(row.setting, value);
                }
                settings
            },
        )
    }

    proptest! {
        #[test]
        fn sound_settings_survive_a_link(mut settings in any_settings()) {
            settings.make_sound();
            let (back, notices) = read(&settings.to_fragment());
            prop_assert_eq!(notices, vec![]);
            prop_assert_eq!(back, settings);
        }

        #[test]
        fn any_settings_become_sound(mut settings in any_settings()) {
            settings.make_sound();
            prop_assert!(settings.config(0).is_ok());
            prop_assert!(settings.config(1_000_000).is_ok());
        }

        #[test]
        fn any_text_gives_a_run(text in "\\PC*", prefix in "(#?v=1&)?") {
            if let Some((settings, _)) = Settings::from_fragment(&format!("{prefix}{text}"), "spark") {
                prop_assert!(settings.config(5).is_ok());
            }
        }

        #[test]
        fn any_pairs_give_a_run(pairs in proptest::collection::vec(
            (0..rows().len() + 2, "-?[0-9]{1,6}(\\.[0-9]{1,9})?(e-?[0-9]{1,3})?|inf|NaN|-|fixed|trained"), 0..30)
        ) {
            let mut text = "v=1".to_owned();
            for (key, value) in pairs {
                let key = rows().get(key).map_or(["seed", "steps"][key % 2], |row| row.key);
                text.push_str(&format!("&{key}={value}"));
            }
            let (settings, _) = read(&text);
            prop_assert!(settings.config(5).is_ok(), "{}", text);
        }
    }
}
