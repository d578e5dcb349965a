//! Images: the drop zone, the file picker, what an import came to, and the thumbnails.

use super::Page;
use super::model::Image;
use super::paint::Raster;
use dino::protocol::{Command, State};
use js_sys::Array;
use leptos::html::Input;
use leptos::prelude::*;
use std::sync::Arc;
use web_sys::{DragEvent, FileList};

#[component]
pub fn Images(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().images;
    let over = RwSignal::new(false);
    let picker = NodeRef::<Input>::new();
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        add(page, event.data_transfer().and_then(|data| data.files()));
    };
    let on_pick = move |_| {
        if let Some(picker) = picker.get() {
            add(page, picker.files());
            // So that picking the same file again is noticed.
            picker.set_value("");
        }
    };
    let closed = move || model.adapter.with(Option::is_none);
    view! {
        <section aria-labelledby="images">
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
                on:drop=on_drop
            >
                <p>
                    {move || text().drop}" "
                    <label class="pick">
                        <input
                            node_ref=picker
                            type="file"
                            accept="image/*"
                            multiple
                            disabled=closed
                            on:change=on_pick
                        />
                        <span>{move || text().choose}</span>
                    </label>
                </p>
                <p class="hint">{move || text().stays}</p>
            </div>
            <Summary page />
            <ul class="thumbnails" aria-label=move || text().thumbnails>
                <For
                    each=move || model.images.get()
                    key=|image| image.id
                    children=move |image| view! { <li><Thumbnail page image /></li> }
                />
            </ul>
            <p class="buttons">
                <button
                    class="quiet"
                    disabled=move || model.images.with(Vec::is_empty)
                    on:click=move |_| page.send(Command::Clear)
                >{move || text().clear}</button>
                <button
                    class="quiet"
                    disabled=move || closed() || !model.images.with(Vec::is_empty)
                    on:click=move |_| page.send(Command::AddSamples)
                >{move || text().samples}</button>
            </p>
        </section>
    }
}

/// Sends dropped or picked files to the worker.
fn add(page: Page, files: Option<FileList>) {
    let files = files.map_or_else(Array::new, |list| Array::from(&list));
    if files.length() == 0 {
        return page.model.complain(page.words.now().images.no_files.to_owned());
    }
    wasm_bindgen_futures::spawn_local(async move {
        if let Err(message) = page.add(&files).await {
            page.model.complain(message);
        }
    });
}

#[component]
fn Summary(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let line = move || {
        let text = words.get();
        if let Some((done, total)) = model.importing.get() {
            return Some((text.images.importing)(done, total));
        }
        let summary = model.summary.get()?;
        let mut kinds: Vec<(String, usize)> = Vec::new();
        for (_, fault) in &summary.skipped {
            let kind = (text.errors.fault_kind)(fault);
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => kinds.push((kind, 1)),
            }
        }
        Some((text.images.summary)(summary.added, &kinds))
    };
    let skipped = move || model.summary.with(|s| s.as_ref().map(|s| s.skipped.clone()));
    view! {
        <div class="summary">
            <p aria-live="polite">{line}</p>
            <ul class="skipped" role="alert">
                {move || skipped().unwrap_or_default().into_iter().map(|(name, reason)| view! {
                    <li><strong>{name}</strong>": "{(words.get().errors.fault)(&reason)}</li>
                }).collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn Thumbnail(page: Page, image: Image) -> impl IntoView {
    let model = page.model;
    let Image { index, name, thumbnail, .. } = image;
    let pixels = Signal::stored(Some(Arc::clone(&thumbnail)));
    let label = name.clone();
    let choose = move |_| {
        model.chosen.set(index);
        // Before the run is prepared there is nothing to show yet: the worker keeps the choice.
        if model.state() != State::Stopped {
            page.send(Command::Choose { image: index });
        }
    };
    view! {
        <button
            class="thumbnail"
            title=name
            aria-pressed=move || if model.chosen.get() == index { "true" } else { "false" }
            on:click=choose
        >
            <Raster pixels label />
        </button>
    }
}
