//! The settings in the page's address: read at the start and when the address changes, written when a run
//! is begun with others. Invariants: fragments of another kind are left alone; what a link says is only
//! applied by itself where there is nothing to lose.

use crate::app::Page;
use dino_core::protocol::Command;
use dino_core::run::settings::Settings;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

/// What a link without a preset means: the one that runs everywhere.
fn usual() -> &'static str {
    dino_core::run::presets::all().first().map_or("", |preset| preset.name)
}

/// The address's fragment, with its `#`.
fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Applies what the address says before the first run is prepared, and follows it from then on.
pub async fn begin(page: Page) {
    let follow = Closure::<dyn Fn()>::new(move || {
        wasm_bindgen_futures::spawn_local(read(page));
    });
    let listener = follow.as_ref().unchecked_ref();
    // It lives as long as the page; no window refuses it.
    let _ = window().add_event_listener_with_callback("hashchange", listener);
    follow.forget();
    read(page).await;
}

async fn read(page: Page) {
    let current = page.model.run.with_untracked(|run| run.as_ref().map(|r| r.settings.clone()));
    let preset = current.as_ref().map_or(usual(), |settings| settings.preset.as_str());
    let Some((settings, notices)) = Settings::from_fragment(&fragment(), preset) else { return };
    page.draft.notices.set(notices);
    if current.as_ref() == Some(&settings) {
        return;
    }
    page.draft.begin(settings.clone());
    // Another tab's run is only looked at.
    if page.model.keeping.reader.get_untracked() {
        return;
    }
    if page.model.step_untracked() > 0 {
        page.draft.linked.set(true);
        return;
    }
    let reset = Command::Reset { settings };
    if let Err(message) = page.call(reset, &Array::new()).await {
        page.model.complain(message);
    }
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
