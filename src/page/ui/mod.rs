//! Components that belong to no place: canvas, thumbnails, dialogs, terms, keys, theme, camera. Invariant: no component here knows a
//! place.

pub mod camera;
pub mod canvas;
pub mod dialog;
pub mod download;
pub mod keys;
pub mod player;
pub mod term;
pub mod theme;
pub mod thumbnail;
