//! Text of sharing: the dialog, the captions of exported pictures, the viewer of a map in a link.

/// What goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Map,
    Heads,
    Crops,
    Charts,
    Gif,
    Video,
    Link,
    Page,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Map,
        Self::Heads,
        Self::Link,
        Self::Page,
        Self::Gif,
        Self::Video,
        Self::Crops,
        Self::Charts,
    ];

    /// As the form has it.
    pub fn value(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Heads => "heads",
            Self::Crops => "crops",
            Self::Charts => "charts",
            Self::Gif => "gif",
            Self::Video => "video",
            Self::Link => "link",
            Self::Page => "page",
        }
    }
}
use dino_core::share::map_link::Refusal;

pub struct ShareText {
    // The dialog.
    pub open: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub what: &'static str,
    /// Name of a kind and what it is.
    pub kind: fn(Kind) -> (&'static str, &'static str),
    pub preview: &'static str,
    /// What is being made, so many parts of so many.
    pub making: &'static str,
    pub making_of: fn(usize, usize) -> String,
    pub save: &'static str,
    pub copy: &'static str,
    pub copy_link: &'static str,
    pub copied: &'static str,
    pub send: &'static str,
    pub anew: &'static str,
    pub failed: fn(&str) -> String,

    // What is in it.
    /// Kind of file, its bytes, and its pixels if it has some.
    pub file: fn(&str, usize, Option<[u32; 2]>) -> String,
    /// Characters of the link, patches across and down of how many there are, pixels of the photograph.
    pub link_size: fn(usize) -> String,
    pub link_photo: fn([usize; 2]) -> String,
    pub link_maps: fn(usize, [usize; 2]) -> String,
    pub link_coarser: fn([usize; 2]) -> String,
    pub link_rest: &'static str,
    /// What a link carries instead of it where there is no run.
    pub link_layer: &'static str,
    pub page_photo: fn([u32; 2]) -> String,
    pub page_maps: fn(usize) -> String,
    pub page_charts: fn(usize) -> String,
    pub never: &'static str,

    // What there is nothing of yet.
    pub no_map: &'static str,
    pub no_crops: &'static str,
    pub no_charts: &'static str,
    pub no_film: &'static str,
    pub no_video: &'static str,

    // Captions.
    pub original: &'static str,
    pub step: fn(u64) -> String,
    pub layer: fn(usize, usize) -> String,
    pub seed: fn(u64) -> String,
    pub steps: fn(u64) -> String,
    pub outline: fn(u32) -> String,

    // The page in one file.
    pub page_title: &'static str,
    pub page_about: &'static str,

    // The viewer.
    pub viewer: &'static str,
    pub viewer_about: &'static str,
    pub viewer_private: &'static str,
    /// Heads, and patches across and down.
    pub viewer_maps: fn(usize, [usize; 2]) -> String,
    pub shared_image: &'static str,
    pub train: &'static str,
    pub train_about: &'static str,
    pub refused: &'static str,
    pub to_page: &'static str,
    pub refusal: fn(&Refusal) -> String,
    pub facts: &'static str,
}
