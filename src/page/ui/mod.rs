//! Components that belong to no place: canvas, thumbnails, dialogs, controls, terms, keys, camera. Invariant: no component here
//! knows a place.

pub mod camera;
pub mod canvas;
pub mod check_button;
pub mod controls;
pub mod dialog;
pub mod keep_images;
pub mod keys;
pub mod map_style;
pub mod number;
pub mod player;
pub mod share_button;
pub mod start;
pub mod switches;
pub mod term;
pub mod thumbnail;
