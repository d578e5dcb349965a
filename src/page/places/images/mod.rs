//! Images place: drop, paste, pick, photograph; what an import came to; the thumbnails; taking out again.

mod camera;
mod files;
mod grid;
mod summary;

use crate::client::dom::describe;
use crate::context::Page;
use crate::state::weights::is_weights;
use crate::ui::dialog::Question;
use crate::ui::keep_images::KeepImages;
use camera::Photograph;
use dino_core::protocol::Command;
use files::{Dropped, Files, MOST};
use grid::Grid;
use js_sys::Array;
use leptos::ev;
use leptos::html::{Dialog, Input};
use leptos::prelude::*;
use summary::{Labels, Summary};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element};

/// More own images than this are not removed without a question.
const ASK: usize = 20;

#[component]
pub fn Images(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().images;
    let over = RwSignal::new(false);
    let searching = RwSignal::new(None);
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
        if let Some(found) = Files::picked(&list) {
            send(page, found);
        }
        // So that picking the same file again is noticed.
        input.set_value("");
    };
    paste_anywhere(page);
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
                        drop_in(page, &data, searching);
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
            <Summary page searching />
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

/// Reads what was dropped, folders too.
fn drop_in(page: Page, data: &DataTransfer, searching: RwSignal<Option<usize>>) {
    let dropped = Dropped::new(data);
    spawn_local(async move {
        searching.set(Some(0));
        let found = dropped.files(searching).await;
        searching.set(None);
        match found {
            Ok(found) => send(page, found),
            Err(error) => page.model.complain(describe(&error)),
        }
    });
}

/// Sends files to the worker.
fn send(page: Page, found: Files) {
    let text = &page.words.now().images;
    if found.cut {
        page.model.complain((text.too_many)(MOST));
    }
    if let [path] = found.paths.as_slice()
        && is_weights(path)
        && let Ok(file) = found.files.get(0).dyn_into()
    {
        return page.load_weights(file, None);
    }
    if found.paths.is_empty() {
        return page.model.complain(text.no_files.to_owned());
    }
    spawn_local(async move { page.add_paths(found.paths, &found.files).await });
}

/// Pictures from the clipboard, wherever on the page they are pasted.
fn paste_anywhere(page: Page) {
    let pasted = StoredValue::new(0_u32);
    let on_paste = move |event: ClipboardEvent| {
        let Some(data) = event.clipboard_data() else { return };
        if page.model.adapter.with_untracked(Option::is_none) || is_text_field(&event) {
            return;
        }
        let files = data.files().map_or_else(Array::new, |list| Array::from(&list));
        if files.length() == 0 {
            return;
        }
        event.prevent_default();
        let Some(mut found) = Files::picked(&files) else { return };
        for path in &mut found.paths {
            // What browsers call every picture that is no file.
            if path == "image.png" {
                pasted.update_value(|pasted| *pasted += 1);
                *path = format!("pasted-{}.png", pasted.get_value());
            }
        }
        send(page, found);
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
