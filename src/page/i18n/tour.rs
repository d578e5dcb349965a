//! Text of the tour on a first visit.

pub struct TourText {
    pub title: &'static str,
    /// Title and text of each stop.
    pub stops: [(&'static str, &'static str); 4],
    pub next: &'static str,
    pub done: &'static str,
    pub skip: &'static str,
    pub stop_of: fn(usize, usize) -> String,
}
