//! Images place: drop, paste, pick, photograph; what an import came to; the thumbnails; taking out again.

mod camera;
mod grid;
mod summary;

use crate::client::blob::named;
use crate::client::transfer::Found;
use crate::context::Page;
use crate::state::intake::without_icon;
use crate::ui::dialog::Question;
use crate::ui::keep_images::KeepImages;
use camera::Photograph;
use dino_core::protocol::Command;
use grid::Grid;
use js_sys::Array;
use leptos::ev;
use leptos::html::{Dialog, Input};
use leptos::prelude::*;
use summary::{Labels, Summary};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ClipboardEvent, DragEvent, Element, File};

/// More own images than this are not removed without a question.
const ASK: usize = 20;

#[component]
pub fn Images(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().images;
    let over = RwSignal::new(false);
    let camera = RwSignal::new(false);
    let photographs = RwSignal::new(0);
    let closed = move || model.adapter.with(Option::is_none);
    let none = move || model.images.with(Vec::is_empty);
    let some = Memo::new(move |_| !none());
    let no_samples =
        move || closed() || model.samples.get() != 0 || model.importing.with(Option::is_some);
    let picker = NodeRef::<Input>::new();
    let folder_picker = NodeRef::<Input>::new();
    let pick = move |input: NodeRef<Input>| {
        let Some(input) = input.get_untracked() else { return };
        let list = input.files().map_or_else(Array::new, |list| Array::from(&list));
        spawn_local(async move { page.take_found(Found::picked(&list)).await });
        // So that picking the same file again is noticed.
        input.set_value("");
    };
    paste_anywhere(page);
    drop_anywhere(page);
    view! {
        <section class="images" aria-labelledby="images">
            <header>
                <h2 id="images">{move || text().title}</h2>
                <span class="count">{move || (text().count)(model.images.with(Vec::len))}</span>
            </header>
            <div
                class="drop"
                class:over=over
                on:dragover=move |event: DragEvent| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=move |event: DragEvent| {
                    event.prevent_default();
                    over.set(false);
                    if let Some(data) = event.data_transfer() {
                        page.take_dropped(&data);
                    }
                }
            >
                <p>{move || text().drop}</p>
                <div class="ways">
                    <label class="pick">
                        <input
                            node_ref=picker
                            type="file"
                            accept="image/*"
                            multiple
                            disabled=closed
                            on:change=move |_| pick(picker)
                        />
                        <span>{move || text().choose}</span>
                    </label>
                    <label class="pick">
                        <input
                            node_ref=folder_picker
                            type="file"
                            prop:webkitdirectory=true
                            disabled=closed
                            on:change=move |_| pick(folder_picker)
                        />
                        <span>{move || text().choose_folder}</span>
                    </label>
                    <button
                        disabled=closed
                        aria-expanded=move || camera.get().to_string()
                        on:click=move |_| camera.update(|open| *open = !*open)
                    >{move || text().camera.open}</button>
                    <button
                        disabled=no_samples
                        on:click=move |_| page.add_samples()
                    >{move || text().samples}</button>
                </div>
                <p class="hint">{move || text().stays}</p>
            </div>
            <Show when=move || camera.get()>
                <Photograph page open=camera taken=photographs />
            </Show>
            <Summary page />
            <Show when=move || some.get()><Grid page /></Show>
            <Labels page />
            <div class="below">
                <button
                    class="quiet"
                    disabled=none
                    on:click=move |_| grid::remove(page, model.chosen.get_untracked())
                >{move || text().remove}</button>
                <ClearAll page />
                <KeepImages page />
            </div>
        </section>
    }
}

/// Removes everything, after a question where that would be a loss.
#[component]
fn ClearAll(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().images;
    let dialog = NodeRef::<Dialog>::new();
    let ask = move |_| {
        let count = model.images.with_untracked(Vec::len);
        let own = count.saturating_sub(model.samples.get_untracked());
        match dialog.get_untracked().filter(|_| own > ASK) {
            // Fails if it is open, which it then is.
            Some(dialog) => {
                let _ = dialog.show_modal();
            }
            None => page.send(Command::Clear),
        }
    };
    view! {
        <button
            class="quiet"
            disabled=move || model.images.with(Vec::is_empty)
            on:click=ask
        >{move || text().clear}</button>
        <Question
            page
            dialog
            title=Signal::derive(move || (text().clear_question)(model.images.with(Vec::len)))
            about=Signal::derive(move || text().clear_comfort)
            yes=Signal::derive(move || text().clear)
            no=Signal::derive(move || text().keep)
            answered=move || page.send(Command::Clear)
        />
    }
}

/// Files that are dropped beside the images' place.
fn drop_anywhere(page: Page) {
    let over = window_event_listener(ev::dragover, |event: DragEvent| event.prevent_default());
    let dropped = window_event_listener(ev::drop, move |event: DragEvent| {
        // The images' place has taken it.
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        if let Some(data) = event.data_transfer() {
            page.take_dropped(&data);
        }
    });
    on_cleanup(move || {
        over.remove();
        dropped.remove();
    });
}

/// Files from the clipboard, wherever on the page they are pasted.
fn paste_anywhere(page: Page) {
    let pasted = StoredValue::new(0_u32);
    let on_paste = move |event: ClipboardEvent| {
        let Some(data) = event.clipboard_data() else { return };
        if page.model.adapter.with_untracked(Option::is_none) || is_text_field(&event) {
            return;
        }
        let files = data.files().map_or_else(Array::new, |list| Array::from(&list));
        let files: Vec<File> = files.iter().filter_map(|file| file.dyn_into().ok()).collect();
        if files.is_empty() {
            return;
        }
        event.prevent_default();
        let names: Vec<String> = files.iter().map(File::name).collect();
        let kept = without_icon(&names).into_iter().map(|i| {
            // What browsers call every picture that is no file.
            if names[i] != "image.png" {
                return files[i].clone();
            }
            pasted.update_value(|pasted| *pasted += 1);
            let name = format!("pasted-{}.png", pasted.get_value());
            named(&files[i], &name).unwrap_or_else(|_| files[i].clone())
        });
        let found = Found::picked(&kept.collect());
        spawn_local(async move { page.take_found(found).await });
    };
    let handle = window_event_listener(ev::paste, move |event| {
        if let Ok(event) = event.dyn_into::<ClipboardEvent>() {
            on_paste(event);
        }
    });
    on_cleanup(move || handle.remove());
}

fn is_text_field(event: &ClipboardEvent) -> bool {
    let at = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    at.is_some_and(|at| at.matches("textarea, input[type=text], input[type=url]").unwrap_or(false))
}
