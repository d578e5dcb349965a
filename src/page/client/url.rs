//! Address of the page: the settings in its fragment. Invariant: fragments of another kind are left alone.

use dino_core::run::settings::{Notice, Settings};
use dino_core::share::fragment::mended;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

/// What a link without a preset means: the one that runs everywhere.
pub fn usual() -> &'static str {
    dino_core::run::presets::all().first().map_or("", |preset| preset.name)
}

/// The address's fragment, with its `#`, as it was written.
pub fn fragment() -> String {
    mended(&window().location().hash().unwrap_or_default())
}

/// Calls `changed` whenever the fragment changes, as long as the page lives.
pub fn follow(changed: impl Fn() + 'static) {
    let changed = Closure::<dyn Fn()>::new(changed);
    let listener = changed.as_ref().unchecked_ref();
    // It lives as long as the page; no window refuses it.
    let _ = window().add_event_listener_with_callback("hashchange", listener);
    changed.forget();
}

/// The settings in the address, and what of them was not taken; what it leaves open is as in `preset`.
pub fn read(preset: &str) -> Option<(Settings, Vec<Notice>)> {
    Settings::from_fragment(&fragment(), preset)
}

/// Puts a run's settings into the address, without a new entry in the history.
pub fn write(settings: &Settings) {
    let old = fragment();
    let foreign = old.len() > 1 && Settings::from_fragment(&old, usual()).is_none();
    let new = format!("#{}", settings.to_fragment());
    if foreign || old == new {
        return;
    }
    if let Ok(history) = window().history() {
        // Refused when called a hundred times in half a minute; the next change writes again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&new));
    }
}

/// The page's address with these settings.
pub fn address(settings: &Settings) -> String {
    let here = window().location().href().unwrap_or_default();
    let page = here.split('#').next().unwrap_or_default();
    format!("{page}#{}", settings.to_fragment())
}
