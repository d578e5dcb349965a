//! Text of the crops section.

pub struct CropsText {
    pub title: &'static str,
    pub about: &'static str,
    pub wait: &'static str,
    pub again: &'static str,
    pub again_about: &'static str,
    pub next: &'static str,
    pub is_next: &'static str,
    /// Another draw, counted from 1.
    pub is_other: fn(u32) -> String,
    pub original: fn(&str) -> String,
    pub teacher_title: &'static str,
    pub teacher_about: &'static str,
    pub student_title: &'static str,
    pub student_about: &'static str,
    /// A crop of an image.
    pub crop_of: fn(&str, &str) -> String,
    /// "global 2" or "local 3" of a crop's name.
    pub name: fn(&str) -> String,
    /// Percent of the image's area.
    pub area: fn(f64) -> String,
    pub flip: &'static str,
    pub flip_about: &'static str,
    pub jitter: &'static str,
    /// Brightness, contrast, saturation, hue.
    pub jitter_about: fn([f64; 4]) -> String,
    pub grey: &'static str,
    pub grey_about: &'static str,
    pub blur: fn(f64) -> String,
    pub blur_about: &'static str,
    pub solarized: &'static str,
    pub solarized_about: &'static str,
}
