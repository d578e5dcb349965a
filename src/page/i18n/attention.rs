//! Text of the attention section.

pub struct AttentionText {
    pub title: &'static str,
    pub about: &'static str,
    pub waits: &'static str,

    // Which network, layer, resolution and snapshot.
    pub network: &'static str,
    pub teacher: &'static str,
    pub student: &'static str,
    pub starter: &'static str,
    /// Parameters of the starter.
    pub starter_about: fn(usize) -> String,
    /// While another network is shown and nothing is chosen yet.
    pub starter_aside: &'static str,
    pub starter_go_on: &'static str,
    pub starter_scratch: &'static str,
    pub starter_choice: &'static str,
    /// Why the student cannot be chosen.
    pub only_teacher: &'static str,
    pub layer: &'static str,
    pub side: &'static str,
    /// Side in pixels, patches across and down, and whether it is the size of the training.
    pub side_of: fn(usize, [usize; 2], bool) -> String,
    pub snapshot: &'static str,
    pub now: &'static str,
    pub step: fn(u64) -> String,
    pub play_snapshots: &'static str,
    pub stop: &'static str,

    // How the map is drawn.
    pub display: &'static str,
    pub heat: &'static str,
    pub mask: &'static str,
    pub in_colours: &'static str,
    pub opacity: &'static str,
    pub threshold: &'static str,
    pub share_of_mass: &'static str,
    /// So many percent of the attention.
    pub percent: fn(u32) -> String,
    /// A part of a whole, as "3 of 12".
    pub of: fn(usize, usize) -> String,
    pub pointing: &'static str,
    pub similarity: &'static str,
    pub from_patch: &'static str,

    // The stage and the maps.
    pub stage: &'static str,
    pub stage_keys: &'static str,
    pub low: &'static str,
    pub high: &'static str,
    pub mean: &'static str,
    pub all_heads: &'static str,
    /// A head, counted from 0.
    pub head: fn(usize) -> String,
    /// A map of a head of an image.
    pub map_of: fn(&str, &str) -> String,
    pub maps: &'static str,
    pub hint: &'static str,
    pub similarity_about: &'static str,
    /// Column and row of a patch, from 1, that is compared with all others.
    pub similar_to: fn(usize, usize) -> String,
    /// Column and row of a patch, from 1, whose attention is shown, and the head.
    pub looks_from: fn(usize, usize, &str) -> String,
    pub held: &'static str,

    // The camera.
    pub live: &'static str,
    pub live_open: &'static str,
    pub live_close: &'static str,
    pub live_about: &'static str,
    /// Frames a second.
    pub live_rate: fn(f64) -> String,

    // Pinned images.
    pub pin: &'static str,
    pub unpin: &'static str,
    pub unpin_of: fn(&str) -> String,
    pub show_of: fn(&str) -> String,
    pub pinned: &'static str,
    pub pinned_about: &'static str,
    pub most_pinned: fn(usize) -> String,
    pub every: &'static str,
    pub steps: &'static str,
    pub frame: &'static str,
    pub play: &'static str,
    pub pinned_map_of: fn(&str, u64) -> String,

    // Colours.
    pub colours: &'static str,
    pub colours_about: &'static str,
    pub colours_from: &'static str,
    pub of_first: &'static str,
    pub of_pinned: &'static str,
    pub of_nearest: &'static str,
    pub count: &'static str,
    pub colour_them: &'static str,
    pub colour_again: &'static str,
    pub colouring: &'static str,
    pub colours_of: fn(&str) -> String,
    pub none_pinned: &'static str,
}
