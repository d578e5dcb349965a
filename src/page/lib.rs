//! Page of Leptos components on the main thread, which only paint and take input. Invariant: whatever computes happens in the
//! worker, see [`dino_core::protocol`]; no device is known here. A module imports only modules that stand before it in this list:
//! the words, the state, the browser and the worker, the context of every component, components of no place, the places, the
//! console, and the app that puts them together. `tests/floors.rs` reads the list and the imports.

mod i18n;

mod state;

mod client;

mod context;

mod ui;

mod places;

mod console;

pub mod app;
