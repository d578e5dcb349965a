//! Thumbnail grid: a list of any length, of which only the rows in attention are on the page. Invariant: the
//! list itself has the focus; the chosen image is its active option and scrolls into sight.

use crate::context::Page;
use crate::state::model::Image;
use crate::ui::thumbnail::Address;
use dino_core::protocol::{Command, State};
use dino_core::view::virtual_list::{Move, Tiles};
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::ResizeObserver;

/// Least side of a thumbnail and the gap between two, pixels; the list's edge is as wide as a gap.
const SIDE: f64 = 60.0;
const GAP: f64 = 6.0;

/// So long after the last key an image counts as chosen: each choice costs the worker a look at it.
const PAUSE: Duration = Duration::from_millis(150);

#[component]
pub fn Grid(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let (list, sheet) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let (width, height) = (RwSignal::new(0.0), RwSignal::new(0.0));
    let top = RwSignal::new(0.0);
    let count = Memo::new(move |_| model.images.with(Vec::len));
    let tiles = Memo::new(move |_| Tiles::across(width.get(), SIDE, GAP));
    let range = Memo::new(move |_| tiles.get().in_sight(top.get(), height.get(), count.get()));
    let measure = move || {
        if let (Some(list), Some(sheet)) = (list.get_untracked(), sheet.get_untracked()) {
            width.set(f64::from(sheet.client_width()));
            height.set(f64::from(list.client_height()) - 2.0 * GAP);
            top.set(f64::from(list.scroll_top()));
        }
    };
    follow_size(list, measure);
    let reveal = move |index: usize| {
        let Some(list) = list.get_untracked() else { return };
        // Not `top`: focus may have scrolled already, and its event comes later.
        let (at, high) = (f64::from(list.scroll_top()), height.get_untracked());
        let place = tiles.get_untracked().reveal(index, at, high).filter(|_| high > 0.0);
        if let Some(place) = place {
            list.set_scroll_top(place.round() as i32);
        }
    };
    let chosen = Memo::new(move |_| model.chosen.get());
    Effect::new(move || reveal(chosen.get()));
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let press = move |event: KeyboardEvent| {
        let Some(to) = moves(&event.key()) else {
            if matches!(event.key().as_str(), "Delete" | "Backspace") {
                event.prevent_default();
                remove(page, chosen.get_untracked());
            }
            return;
        };
        event.prevent_default();
        let (from, high) = (chosen.get_untracked(), height.get_untracked());
        let Some(index) = tiles.get_untracked().go(from, to, high, count.get_untracked()) else {
            return;
        };
        model.chosen.set(index);
        reveal(index);
        if let Some(earlier) = waiting.get_value() {
            earlier.clear();
        }
        waiting.set_value(set_timeout_with_handle(move || choose(page, index), PAUSE).ok());
    };
    let shown = move || {
        let range = range.get();
        model.images.with(|all| all.get(range).map(<[_]>::to_vec).unwrap_or_default())
    };
    // Only what is on the page can be pointed at.
    let active = move || {
        let chosen = chosen.get();
        let id =
            model.images.with(|all| all.get(chosen).map(|image| format!("image-{}", image.id)));
        id.filter(|_| range.get().contains(&chosen))
    };
    view! {
        <div
            class="thumbnails"
            role="listbox"
            tabindex="0"
            node_ref=list
            aria-label=move || words.get().images.thumbnails
            aria-describedby="thumbnails-how"
            aria-activedescendant=active
            on:scroll=move |_| measure()
            on:keydown=press
            on:focus=move |_| reveal(chosen.get_untracked())
        >
            <div
                class="sheet"
                node_ref=sheet
                role="presentation"
                style:height=move || format!("{:.1}px", tiles.get().height(count.get()))
                style=("--side", move || format!("{:.2}px", tiles.get().side))
            >
                <For
                    each=shown
                    key=|image| (image.id, image.index)
                    children=move |image| view! { <Cell page image tiles count /> }
                />
            </div>
        </div>
        <p id="thumbnails-how" class="visually-hidden">
            {move || words.get().images.thumbnails_how}
        </p>
    }
}

/// Made and thrown away while one scrolls, so hardly anything in it follows a signal.
#[component]
fn Cell(page: Page, image: Image, tiles: Memo<Tiles>, count: Memo<usize>) -> impl IntoView {
    let model = page.model;
    let Image { id, index, name, thumbnail, .. } = image;
    let address = Address::of(&thumbnail);
    let src = address.as_ref().map(Address::text);
    // The address is good as long as the cell is there.
    StoredValue::new(address);
    let at = move || {
        let (x, y) = tiles.get().place(index);
        format!("translate({x:.2}px, {y:.2}px)")
    };
    view! {
        <div
            class="thumbnail"
            role="option"
            id=format!("image-{id}")
            title=name.clone()
            aria-label=name
            aria-selected=move || (model.chosen.get() == index).to_string()
            aria-posinset=index + 1
            aria-setsize=move || count.get()
            style:transform=at
            on:click=move |_| {
                model.chosen.set(index);
                choose(page, index);
            }
        >
            <img src=src alt="" decoding="async" draggable="false" />
            <span
                class="take-out"
                aria-hidden="true"
                on:click=move |event| {
                    event.stop_propagation();
                    remove(page, index);
                }
            >"×"</span>
        </div>
    }
}

fn moves(key: &str) -> Option<Move> {
    Some(match key {
        "ArrowLeft" => Move::Left,
        "ArrowRight" => Move::Right,
        "ArrowUp" => Move::Up,
        "ArrowDown" => Move::Down,
        "PageUp" => Move::PageUp,
        "PageDown" => Move::PageDown,
        "Home" => Move::First,
        "End" => Move::Last,
        _ => return None,
    })
}

/// Tells the worker what is looked at.
fn choose(page: Page, image: usize) {
    let model = page.model;
    let there = image < model.images.with_untracked(Vec::len);
    if there && untrack(|| model.state()) != State::Stopped {
        page.send(Command::Choose { image });
    }
}

/// Takes an image out; if it was the chosen one, the next is chosen.
pub fn remove(page: Page, image: usize) {
    let model = page.model;
    if image >= model.images.with_untracked(Vec::len) {
        return;
    }
    let looked_at = model.chosen.get_untracked() == image;
    wasm_bindgen_futures::spawn_local(async move {
        match page.call(Command::Remove { image }, &js_sys::Array::new()).await {
            Ok(_) if looked_at => choose(page, model.chosen.get_untracked()),
            Ok(_) => {}
            Err(message) => model.complain(message),
        }
    });
}

/// Calls `measure` now and whenever the list gets another size.
fn follow_size(list: NodeRef<Div>, measure: impl Fn() + Copy + 'static) {
    let observer = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move || {
        let Some(list) = list.get() else { return };
        measure();
        let changed = Closure::<dyn FnMut()>::new(measure);
        if let Ok(watcher) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            watcher.observe(&list);
            observer.set_value(Some((watcher, changed)));
        }
    });
    on_cleanup(move || observer.with_value(|kept| kept.iter().for_each(|(o, _)| o.disconnect())));
}
