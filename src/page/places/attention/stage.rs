//! Stage, the large picture: the map that is enlarged, and under the pointer what a patch resembles or looks
//! at. Invariant: moving the pointer paints one canvas, from what one [`AttentionView`] brought, and only
//! when it enters another patch.
//!
//! [`AttentionView`]: dino_core::protocol::AttentionView

use crate::context::Page;
use crate::places::attention::shown_name;
use crate::state::attention::{Pointing, ShownMap};
use crate::ui::canvas::paint;
use dino_core::data::picture::Picture;
use dino_core::view::overlay;
use dino_core::view::overlay::Mode;
use dino_core::view::patch_similarity;
use leptos::html::Canvas;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, KeyboardEvent, PointerEvent};

#[component]
pub fn Stage(page: Page, photo: Memo<Option<Arc<Picture>>>) -> impl IntoView {
    let (attention, words) = (page.model.attention, page.words);
    let text = move || &words.get().attention;
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move || {
        let (Some(canvas), Some(photo), Some(shown)) =
            (canvas.get(), photo.get(), attention.shown.get())
        else {
            return;
        };
        paint(&canvas, &picture(page, &photo, &shown));
    });
    let name = shown_name(page);
    let which = move || attention.head.get().map_or_else(|| text().mean.to_owned(), text().head);
    let label = move || (text().map_of)(&which(), &name.get());
    let similar = move || {
        attention.patch.with(Option::is_some) && attention.pointing.get() == Pointing::Similarity
    };
    view! {
        <div class="stage" class:busy=move || attention.busy.get()>
            <div
                class="picture"
                tabindex="0"
                role="application"
                aria-label=move || text().stage
                aria-describedby="stage-keys"
                data-patch=move || attention.patch.get().map(|patch| patch.to_string())
                on:pointermove=move |event| point(page, &event)
                on:pointerdown=move |event| point(page, &event)
                on:pointerleave=move |_| {
                    if !attention.held.get_untracked() {
                        attention.let_go();
                    }
                }
                on:click=move |_| hold(page)
                on:keydown=move |event| walk(page, &event)
            >
                <canvas node_ref=canvas role="img" aria-label=label></canvas>
            </div>
            <p id="stage-keys" class="visually-hidden">{move || text().stage_keys}</p>
            <div class="reading">
                <p title=move || similar().then(|| text().similarity_about)>{move || reading(page)}</p>
                <Legend page />
            </div>
        </div>
    }
}

/// What is to be shown now.
fn picture(page: Page, photo: &Picture, shown: &ShownMap) -> Picture {
    let attention = page.model.attention;
    let (head, style) = (attention.head.get(), attention.show().style());
    let Some(patch) = attention.patch.get() else {
        return overlay::paint(photo, shown.grid(), &shown.maps(head, style.mode), style);
    };
    let map = pointed(shown, attention.pointing.get(), head, patch);
    let low = map.iter().copied().fold(f32::MAX, f32::min);
    let high = map.iter().copied().fold(f32::MIN, f32::max);
    let mut picture = overlay::heat(photo, shown.grid(), &map, [low, high], style.opacity);
    overlay::mark(&mut picture, shown.grid(), patch);
    picture
}

fn pointed(shown: &ShownMap, by: Pointing, head: Option<usize>, patch: usize) -> Vec<f32> {
    let answer = &shown.answer;
    match by {
        Pointing::Similarity => patch_similarity::similarity(&answer.features.0, answer.dim, patch),
        Pointing::Attention => {
            let (queries, keys) = (&answer.queries.0, &answer.keys.0);
            patch_similarity::attention(
                queries,
                keys,
                answer.maps.heads,
                shown.patches() + 1,
                head,
                patch,
            )
        }
    }
}

/// Follows the pointer.
fn point(page: Page, event: &PointerEvent) {
    let attention = page.model.attention;
    if attention.held.get_untracked() {
        return;
    }
    // Events come from the picture's frame as well.
    let canvas = event.target().and_then(|t| t.dyn_into::<HtmlCanvasElement>().ok());
    let (Some(canvas), Some(shown)) = (canvas, attention.shown.get_untracked()) else { return };
    let place = |offset: i32, size: i32, patches: usize| {
        let share = f64::from(offset.max(0)) / f64::from(size.max(1));
        ((share * patches as f64) as usize).min(patches.saturating_sub(1))
    };
    let [across, down] = shown.grid();
    let x = place(event.offset_x(), canvas.offset_width(), across);
    let y = place(event.offset_y(), canvas.offset_height(), down);
    let patch = Some(y * across + x);
    if attention.patch.get_untracked() != patch {
        attention.patch.set(patch);
    }
}

/// Holds the patch, or lets it go.
fn hold(page: Page) {
    let attention = page.model.attention;
    if attention.held.get_untracked() {
        attention.let_go();
    } else {
        attention.held.set(attention.patch.with_untracked(Option::is_some));
    }
}

/// Arrow keys go from patch to patch.
fn walk(page: Page, event: &KeyboardEvent) {
    let attention = page.model.attention;
    let Some(shown) = attention.shown.get_untracked() else { return };
    let [across, down] = shown.grid();
    let (dx, dy) = match event.key().as_str() {
        "ArrowLeft" => (-1, 0),
        "ArrowRight" => (1, 0),
        "ArrowUp" => (0, -1),
        "ArrowDown" => (0, 1),
        "Enter" => return hold(page),
        "Escape" => return attention.let_go(),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let (x, y) = match attention.patch.get_untracked() {
        Some(patch) => {
            let moved = |n: usize, by: isize, patches: usize| {
                n.saturating_add_signed(by).min(patches.saturating_sub(1))
            };
            (moved(patch % across.max(1), dx, across), moved(patch / across.max(1), dy, down))
        }
        None => (across / 2, down / 2),
    };
    attention.patch.set(Some(y * across + x));
}

/// What is shown, in words.
fn reading(page: Page) -> String {
    let attention = page.model.attention;
    let text = &page.words.get().attention;
    let across =
        attention.shown.with(|shown| shown.as_ref().map_or(1, |shown| shown.grid()[0].max(1)));
    let Some(patch) = attention.patch.get() else { return text.hint.to_owned() };
    let (x, y) = (patch % across + 1, patch / across + 1);
    let mut words = match attention.pointing.get() {
        Pointing::Similarity => (text.similar_to)(x, y),
        Pointing::Attention => {
            let head = attention.head.get().map_or_else(|| text.mean.to_owned(), text.head);
            (text.looks_from)(x, y, &head)
        }
    };
    if attention.held.get() {
        words = format!("{words} · {}", text.held);
    }
    words
}

/// What the colours mean.
#[component]
fn Legend(page: Page) -> impl IntoView {
    let (attention, words) = (page.model.attention, page.words);
    let text = move || &words.get().attention;
    let heads =
        Memo::new(move |_| attention.shown.with(|s| s.as_ref().map_or(0, |s| s.answer.maps.heads)));
    let heat = move || attention.mode.get() == Mode::Heat || attention.patch.with(Option::is_some);
    move || {
        if heat() {
            return view! {
                <p class="legend">{text().low}<span class="ramp"></span>{text().high}</p>
            }
            .into_any();
        }
        if attention.mode.get() == Mode::Mask {
            let percent = (attention.share.get() * 100.0).round() as u32;
            return view! { <p class="legend">{(text().percent)(percent)}</p> }.into_any();
        }
        let heads = (0..heads.get()).map(|head| {
            let [r, g, b] = overlay::head_colour(head);
            view! {
                <li><span class="chip" style:background=format!("rgb({r} {g} {b})")></span>{(text().head)(head)}</li>
            }
        });
        view! { <ul class="legend">{heads.collect_view()}</ul> }.into_any()
    }
}
