//! The page: Leptos components on the main thread, which only paint and take input. Invariant: whatever computes happens in
//! the worker, see [`dino_core::protocol`]; no device is known here.

mod i18n;

mod model;

mod client;

mod ui;

mod places;

pub mod app;
