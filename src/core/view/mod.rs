//! Views of what a network does: attention maps, colours, overlays, masks, similarity, time-lapses. Invariant: pixels in memory, no
//! canvas.

pub mod attention;
pub mod colormap;
pub mod overlay;
pub mod patch_similarity;
pub mod resize;
pub mod timelapse;
pub mod virtual_list;
