//! Text of the header, the help and the footer.

/// The theme: the browser's, light, or dark.
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
}

/// Keys, and what they do.
pub type Keys = [(&'static [&'static str], &'static str); 8];

pub struct Frame {
    pub title: &'static str,
    pub sentence: &'static str,
    pub skip: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
    pub theme_of: fn(Theme) -> &'static str,
    pub help: &'static str,
    /// Where words are explained.
    pub help_terms: &'static str,
    pub keyboard: &'static str,
    /// Keys, and what they do.
    pub keys: fn() -> Keys,
    /// When they do nothing.
    pub keyboard_where: &'static str,
    pub tour_again: &'static str,
    /// The paper; then, before and after the link to the samples' list, whose they are.
    pub after: &'static str,
    pub samples: [&'static str; 2],
    pub samples_list: &'static str,
}
