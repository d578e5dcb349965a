//! The large picture: the map that is enlarged, and under the pointer what a patch resembles or looks
//! at. Invariant: moving the pointer paints one canvas, from what one [`AttentionView`] brought, and only
//! when it enters another patch.
//!
//! [`AttentionView`]: dino_core::protocol::AttentionView

use crate::app::Page;
use crate::places::attention::shown_name;
use crate::places::attention::state::{Pointing, ShownMap};
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
    let (sight, words) = (page.model.sight, page.words);
    let text = move || &words.get().attention;
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move || {
        let (Some(canvas), Some(photo), Some(seen)) = (canvas.get(), photo.get(), sight.seen.get())
        else {
            return;
        };
        paint(&canvas, &picture(page, &photo, &seen));
    });
    let name = shown_name(page);
    let which = move || sight.head.get().map_or_else(|| text().mean.to_owned(), text().head);
    let label = move || (text().map_of)(&which(), &name.get());
    let similar =
        move || sight.patch.with(Option::is_some) && sight.pointing.get() == Pointing::Similarity;
    view! {
        <div class="stage" class:busy=move || sight.busy.get()>
            <div
                class="picture"
                tabindex="0"
                role="application"
                aria-label=move || text().stage
                aria-describedby="stage-keys"
                data-patch=move || sight.patch.get().map(|patch| patch.to_string())
                on:pointermove=move |event| point(page, &event)
                on:pointerdown=move |event| point(page, &event)
                on:pointerleave=move |_| {
                    if !sight.held.get_untracked() {
                        sight.let_go();
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

/// What is to be seen now.
fn picture(page: Page, photo: &Picture, seen: &ShownMap) -> Picture {
    let sight = page.model.sight;
    let (head, style) = (sight.head.get(), sight.show().style());
    let Some(patch) = sight.patch.get() else {
        return overlay::paint(photo, seen.grid(), &seen.maps(head, style.mode), style);
    };
    let map = pointed(seen, sight.pointing.get(), head, patch);
    let low = map.iter().copied().fold(f32::MAX, f32::min);
    let high = map.iter().copied().fold(f32::MIN, f32::max);
    let mut picture = overlay::heat(photo, seen.grid(), &map, [low, high], style.opacity);
    overlay::mark(&mut picture, seen.grid(), patch);
    picture
}

fn pointed(seen: &ShownMap, by: Pointing, head: Option<usize>, patch: usize) -> Vec<f32> {
    let look = &seen.look;
    match by {
        Pointing::Similarity => patch_similarity::similarity(&look.features.0, look.dim, patch),
        Pointing::Attention => {
            let (queries, keys) = (&look.queries.0, &look.keys.0);
            patch_similarity::attention(
                queries,
                keys,
                look.maps.heads,
                seen.patches() + 1,
                head,
                patch,
            )
        }
    }
}

/// Follows the pointer.
fn point(page: Page, event: &PointerEvent) {
    let sight = page.model.sight;
    if sight.held.get_untracked() {
        return;
    }
    // Events come from the picture's frame as well.
    let canvas = event.target().and_then(|t| t.dyn_into::<HtmlCanvasElement>().ok());
    let (Some(canvas), Some(seen)) = (canvas, sight.seen.get_untracked()) else { return };
    let place = |offset: i32, size: i32, patches: usize| {
        let share = f64::from(offset.max(0)) / f64::from(size.max(1));
        ((share * patches as f64) as usize).min(patches.saturating_sub(1))
    };
    let [across, down] = seen.grid();
    let x = place(event.offset_x(), canvas.offset_width(), across);
    let y = place(event.offset_y(), canvas.offset_height(), down);
    let patch = Some(y * across + x);
    if sight.patch.get_untracked() != patch {
        sight.patch.set(patch);
    }
}

/// Holds the patch, or lets it go.
fn hold(page: Page) {
    let sight = page.model.sight;
    if sight.held.get_untracked() {
        sight.let_go();
    } else {
        sight.held.set(sight.patch.with_untracked(Option::is_some));
    }
}

/// Arrow keys go from patch to patch.
fn walk(page: Page, event: &KeyboardEvent) {
    let sight = page.model.sight;
    let Some(seen) = sight.seen.get_untracked() else { return };
    let [across, down] = seen.grid();
    let (dx, dy) = match event.key().as_str() {
        "ArrowLeft" => (-1, 0),
        "ArrowRight" => (1, 0),
        "ArrowUp" => (0, -1),
        "ArrowDown" => (0, 1),
        "Enter" => return hold(page),
        "Escape" => return sight.let_go(),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let (x, y) = match sight.patch.get_untracked() {
        Some(patch) => {
            let moved = |n: usize, by: isize, patches: usize| {
                n.saturating_add_signed(by).min(patches.saturating_sub(1))
            };
            (moved(patch % across.max(1), dx, across), moved(patch / across.max(1), dy, down))
        }
        None => (across / 2, down / 2),
    };
    sight.patch.set(Some(y * across + x));
}

/// What is shown, in words.
fn reading(page: Page) -> String {
    let sight = page.model.sight;
    let text = &page.words.get().attention;
    let across = sight.seen.with(|seen| seen.as_ref().map_or(1, |seen| seen.grid()[0].max(1)));
    let Some(patch) = sight.patch.get() else { return text.hint.to_owned() };
    let (x, y) = (patch % across + 1, patch / across + 1);
    let mut words = match sight.pointing.get() {
        Pointing::Similarity => (text.similar_to)(x, y),
        Pointing::Attention => {
            let head = sight.head.get().map_or_else(|| text.mean.to_owned(), text.head);
            (text.looks_from)(x, y, &head)
        }
    };
    if sight.held.get() {
        words = format!("{words} · {}", text.held);
    }
    words
}

/// What the colours mean.
#[component]
fn Legend(page: Page) -> impl IntoView {
    let (sight, words) = (page.model.sight, page.words);
    let text = move || &words.get().attention;
    let heads =
        Memo::new(move |_| sight.seen.with(|s| s.as_ref().map_or(0, |s| s.look.maps.heads)));
    let heat = move || sight.mode.get() == Mode::Heat || sight.patch.with(Option::is_some);
    move || {
        if heat() {
            return view! {
                <p class="legend">{text().low}<span class="ramp"></span>{text().high}</p>
            }
            .into_any();
        }
        if sight.mode.get() == Mode::Mask {
            let percent = (sight.share.get() * 100.0).round() as u32;
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
