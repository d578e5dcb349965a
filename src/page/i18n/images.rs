//! Text of the images section.

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CameraError {
    Denied,
    Missing,
    Busy,
    Forbidden,
    Other(String),
}

pub struct Images {
    pub title: &'static str,
    pub drop: &'static str,
    pub choose: &'static str,
    pub choose_folder: &'static str,
    pub stays: &'static str,
    pub remove: &'static str,
    pub clear: &'static str,
    pub samples: &'static str,
    pub thumbnails: &'static str,
    /// How to use the list, for who cannot see it.
    pub thumbnails_how: &'static str,
    pub no_files: &'static str,
    /// An address was dropped.
    pub address: &'static str,
    /// So many files are looked at.
    pub too_many_files: fn(usize) -> String,
    /// Images that a set can have, and how many were left out.
    pub too_many: fn(usize, usize) -> String,
    pub count: fn(usize) -> String,
    pub searching: fn(usize) -> String,
    pub importing: fn(usize, usize) -> String,
    pub progress: &'static str,
    /// "412 added, 3 skipped: 2 HEIC, 1 too large": images added, how many were skipped of each kind, and how many
    /// were passed over because they are hidden or of a system.
    pub summary: fn(usize, &[(String, usize)], usize) -> String,
    pub skipped: &'static str,
    pub more: fn(usize) -> String,
    pub labels: fn(usize) -> String,
    pub labels_how: &'static str,
    pub labels_from: &'static str,
    /// Some names of a level of folders, and how many there are.
    pub label_level: fn(&[String], usize) -> String,
    pub no_labels: &'static str,
    pub clear_question: fn(usize) -> String,
    pub clear_comfort: &'static str,
    pub keep: &'static str,
    pub camera: CameraText,
}

pub struct CameraText {
    pub open: &'static str,
    pub title: &'static str,
    pub take: &'static str,
    pub close: &'static str,
    pub waits: &'static str,
    pub taken: fn(&str) -> String,
    pub trouble: fn(&CameraError) -> String,
}
