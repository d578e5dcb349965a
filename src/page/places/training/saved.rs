//! What this browser keeps, as the page knows it, and how it says so: a line on the run that is kept, a
//! checkbox for the images.

use crate::app::Page;
use dino_core::Error;
use dino_core::protocol::{Command, Event, State};
use dino_core::storage::SavedRun;
use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// A checkpoint.
#[derive(Clone, Copy, PartialEq)]
pub struct Saved {
    pub step: u64,
    pub bytes: u64,
    /// Work that can be lost at most.
    pub seconds: f64,
}

#[derive(Clone, Copy)]
pub struct Keeping {
    /// Another tab owns the run: this one only reads.
    pub reader: RwSignal<bool>,
    /// A run of an earlier visit, while it waits for a decision.
    pub offer: RwSignal<Option<SavedRun>>,
    /// The last checkpoint of the run.
    pub saved: RwSignal<Option<Saved>>,
    /// Why the last one could not be written.
    pub not_saved: RwSignal<Option<Error>>,
    /// Step of a run that was damaged, if known, and what was wrong.
    pub damaged: RwSignal<Option<(Option<u64>, String)>>,
    /// Images that the run had and has now.
    pub other_images: RwSignal<Option<(usize, usize)>>,
    /// If the images are kept, and their bytes; `None` where the browser keeps nothing.
    pub images: RwSignal<Option<(bool, u64)>>,
}

impl Keeping {
    pub fn new() -> Self {
        Self {
            reader: RwSignal::new(false),
            offer: RwSignal::new(None),
            saved: RwSignal::new(None),
            not_saved: RwSignal::new(None),
            damaged: RwSignal::new(None),
            other_images: RwSignal::new(None),
            images: RwSignal::new(None),
        }
    }

    /// Takes in what the worker says of it.
    pub fn apply(self, event: &Event) {
        match event {
            Event::Saved { step, bytes, seconds } => {
                self.saved.set(Some(Saved { step: *step, bytes: *bytes, seconds: *seconds }));
                self.not_saved.set(None);
                self.offer.set(None);
            }
            Event::NotSaved { error } => self.not_saved.set(Some(error.clone())),
            Event::Damaged { step, reason } => self.damaged.set(Some((*step, reason.clone()))),
            Event::OtherImages { kept, found } => self.other_images.set(Some((*kept, *found))),
            Event::ImagesKept { keep, bytes } => self.images.set(Some((*keep, *bytes))),
            Event::Run(run) if matches!(run.state, State::Idle | State::Preparing) => {
                self.saved.set(None);
                self.not_saved.set(None);
                self.other_images.set(None);
            }
            _ => {}
        }
    }

    /// The step up to which the run is kept.
    pub fn saved_step(self) -> Option<u64> {
        self.saved.with(|saved| saved.as_ref().map(|saved| saved.step))
    }

    /// True if images were kept by an earlier visit.
    pub fn has_images(self) -> bool {
        self.images.with_untracked(|images| images.is_some_and(|(_, bytes)| bytes > 0))
    }
}

/// Up to which step the run is kept, and how much can be lost.
#[component]
pub fn SavedLine(page: Page) -> impl IntoView {
    let (keeping, words) = (page.model.keeping, page.words);
    let line = move || {
        let text = words.get();
        let saved = keeping.saved.get()?;
        Some((text.keeping.saved)(saved.step, saved.bytes, saved.seconds.round() as u64))
    };
    view! { <p class="hint saved">{line}</p> }
}

/// A checkbox by which a person agrees that the images are kept.
#[component]
pub fn KeepImages(page: Page) -> impl IntoView {
    let (keeping, words) = (page.model.keeping, page.words);
    let text = move || &words.get().keeping;
    let keep = move || keeping.images.get().is_some_and(|(keep, _)| keep);
    let bytes = move || {
        let (_, bytes) = keeping.images.get().filter(|(keep, _)| *keep)?;
        Some((text().images_take)(bytes))
    };
    let change = move |event| {
        let keep = event_target_checked(&event);
        if keep {
            persist();
        }
        page.send(Command::KeepImages { keep });
    };
    let closed = move || page.model.adapter.with(Option::is_none) || keeping.reader.get();
    move || {
        keeping.images.with(Option::is_some).then(|| {
            view! {
                <p class="keep-images">
                    <label>
                        <input
                            type="checkbox"
                            prop:checked=keep
                            disabled=closed
                            on:change=change
                        />
                        <span>{move || text().keep_images}</span>
                    </label>
                    " "
                    <span class="hint" aria-live="polite">{bytes}</span>
                </p>
            }
        })
    }
}

/// Asks the browser not to clear this page's storage when the disk gets full; it may refuse, or not know
/// the question.
fn persist() {
    let ask = || -> Result<JsValue, JsValue> {
        let storage = Reflect::get(&window().navigator(), &"storage".into())?;
        let persist: Function = Reflect::get(&storage, &"persist".into())?.dyn_into()?;
        persist.apply(&storage, &Array::new())
    };
    let _ = ask();
}
