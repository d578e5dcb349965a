//! A term's explanation where it stands: a small button that opens two sentences. Any place may use it.
//! Invariant: the button adds no text to what it stands beside; its sign is the style sheet's.

use crate::context::Page;
pub use crate::i18n::terms::TermKey;
use leptos::html::{Button, Span};
use leptos::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Width of an explanation in pixels, and its distance from the window's edge.
const WIDTH: f64 = 320.0;
const EDGE: f64 = 8.0;

/// Below this part of the window's height an explanation opens upwards.
const LOW: f64 = 0.6;

#[component]
pub fn Term(page: Page, which: TermKey) -> impl IntoView {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let words = page.words;
    let term = move || (words.get().terms.of)(which);
    let id = format!("term-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let (button, note) = (NodeRef::<Button>::new(), NodeRef::<Span>::new());
    let place = move |_: web_sys::Event| {
        if let (Some(button), Some(note)) = (button.get_untracked(), note.get_untracked()) {
            put(&button, &note);
        }
    };
    view! {
        <span class="term">
            <button
                type="button"
                node_ref=button
                popovertarget=id.clone()
                aria-label=move || (words.get().terms.what_is)(term().0)
            ></button>
            <span
                popover="auto"
                class="explanation"
                id=id
                role="note"
                node_ref=note
                on:beforetoggle=place
            >
                <strong>{move || term().0}</strong>
                <span>{move || term().1}</span>
            </span>
        </span>
    }
}

/// Some terms by name, each with its explanation, where none of them is a heading.
#[component]
pub fn Concepts(page: Page, which: &'static [TermKey]) -> impl IntoView {
    let one = move |key: TermKey| {
        let name = move || (page.words.get().terms.of)(key).0;
        view! { <li><span>{name}</span><Term page which=key /></li> }
    };
    view! { <ul class="concepts">{which.iter().copied().map(one).collect_view()}</ul> }
}

/// Puts an explanation under its button, or over it where there is no room.
fn put(button: &web_sys::HtmlElement, note: &web_sys::HtmlElement) {
    let size = |length: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        length.ok().and_then(|length| length.as_f64()).unwrap_or_default()
    };
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let scrolled = window().scroll_y().unwrap_or_default();
    let at = button.get_bounding_client_rect();
    let wide = WIDTH.min(width - 2.0 * EDGE);
    let left = (at.left() - EDGE).clamp(EDGE, (width - wide - EDGE).max(EDGE));
    let low = at.bottom() > height * LOW;
    // Its height is not known yet, and what `bottom` counts from differs between browsers: it is moved up by
    // its own height instead.
    let top = if low { at.top() - EDGE } else { at.bottom() + EDGE };
    let style = note.style();
    let pixels = |length: f64| format!("{length:.0}px");
    for (name, value) in [
        ("left", pixels(left)),
        ("width", pixels(wide)),
        ("top", pixels(top + scrolled)),
        ("translate", if low { "0 -100%".to_owned() } else { "none".to_owned() }),
    ] {
        // Fails only on read-only declarations.
        let _ = style.set_property(name, &value);
    }
}
