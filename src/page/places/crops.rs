//! Crops: the original with the frame of every crop on it, the crops beside it with what was drawn for
//! them, and which network sees which. Invariant: a crop and its frame light up together.

use crate::context::Page;
use crate::i18n::Text;
use crate::state::model::Crops;
use crate::ui::canvas::Raster;
use crate::ui::share_button::{Kind, ShareButton};
use crate::ui::term::{Concepts, Term, TermKey};
use dino_core::data::picture::Picture;
use dino_core::protocol::{Command, Crop, Event};
use js_sys::Array;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn CropsPlace(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().crops;
    let some = Memo::new(move |_| model.crops.with(Option::is_some));
    let draw = Memo::new(move |_| model.crops.with(|c| c.as_ref().map_or(0, |c| c.draw)));
    view! {
        <section class="cropping" aria-labelledby="crops">
            <header>
                <h2 id="crops">{move || text().title}</h2>
                <Term page which=TermKey::MultiCrop />
                <span class="count">{move || some.get().then(|| match draw.get() {
                    0 => text().is_next.to_owned(),
                    draw => (text().is_other)(draw),
                })}</span>
            </header>
            <p class="hint">{move || text().about}</p>
            <Concepts page which=&[TermKey::GlobalLocal, TermKey::Teacher, TermKey::Student] />
            {move || if some.get() {
                view! { <Shown page /> }.into_any()
            } else {
                view! { <p class="empty">{text().wait}</p> }.into_any()
            }}
        </section>
    }
}

/// Asks for other draws, and back.
#[component]
fn Draws(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().crops;
    let draw = move || model.crops.with(|crops| crops.as_ref().map_or(0, |crops| crops.draw));
    let busy = RwSignal::new(false);
    let ask = move |draw: u32| {
        busy.set(true);
        wasm_bindgen_futures::spawn_local(async move {
            let image = model.chosen.get_untracked();
            match page.call(Command::Crops { image, draw }, &Array::new()).await {
                // The answer is for who asked; another image may be chosen by now.
                Ok(event @ Event::Crops { .. }) if model.chosen.get_untracked() == image => {
                    model.apply(event);
                }
                Ok(_) => {}
                Err(message) => model.complain(message),
            }
            busy.set(false);
        });
    };
    view! {
        <p class="buttons">
            <button
                class="again"
                title=move || text().again_about
                disabled=busy
                on:click=move |_| ask(untrack(draw).saturating_add(1))
            >{move || text().again}</button>
            <button
                class="quiet"
                disabled=move || busy.get() || draw() == 0
                on:click=move |_| ask(0)
            >{move || text().next}</button>
            <ShareButton page kind=Kind::Crops />
        </p>
    }
}

/// The crop of an index, while there is one.
type At = Signal<Option<Crop>>;

#[component]
fn Shown(page: Page) -> impl IntoView {
    let (crops, words) = (page.model.crops, page.words);
    let text = move || &words.get().crops;
    let of = move |f: fn(&Crops) -> usize| crops.with(|c| c.as_ref().map_or(0, |c| f(c)));
    let count = Memo::new(move |_| of(|c| c.crops.len()));
    let globals = Memo::new(move |_| of(|c| c.crops.iter().filter(|c| is_global(c)).count()));
    let at = move |i: usize| -> At {
        Signal::derive(move || crops.with(|c| c.as_ref()?.crops.get(i).cloned()))
    };
    let no_locals = move || globals.get() >= count.get();
    // The crop under the pointer or in focus, and the one that was pressed.
    let (lit, pressed) = (RwSignal::new(None::<usize>), RwSignal::new(None::<usize>));
    let bright = Memo::new(move |_| lit.get().or(pressed.get()));
    let name =
        Signal::derive(move || page.model.name_of(crops.with(|c| c.as_ref().map(|c| c.image))));
    let original = Signal::derive(move || -> Option<Arc<Picture>> {
        crops.with(|c| c.as_ref().map(|c| Arc::new(c.original.clone())))
    });
    let label = Signal::derive(move || (text().original)(&name.get()));
    let frames = move || {
        // Globals first, so that a local's frame is above what it lies in.
        let frame = |i: usize| view! { <Frame crop=at(i) index=i lit pressed bright /> };
        (0..count.get()).map(frame).collect_view()
    };
    let views = move |from: usize, to: usize| {
        let view = |i: usize| view! { <View page crop=at(i) index=i name lit pressed bright /> };
        (from..to).map(view).collect_view()
    };
    view! {
        <div class="cut" class:some=move || bright.get().is_some()>
            <div>
                <div class="original">
                    <Raster pixels=original label />
                    <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">{frames}</svg>
                </div>
                <Draws page />
            </div>
            <div class="views">
                <div class="seen-by global" role="group" aria-labelledby="crops-global">
                    <h3 id="crops-global">{move || text().teacher_title}</h3>
                    <p class="hint">{move || text().teacher_about}</p>
                    <div class="crops">{move || views(0, globals.get())}</div>
                </div>
                <div
                    class="seen-by local"
                    role="group"
                    aria-labelledby="crops-local"
                    hidden=no_locals
                >
                    <h3 id="crops-local">{move || text().student_title}</h3>
                    <p class="hint">{move || text().student_about}</p>
                    <div class="crops">{move || views(globals.get(), count.get())}</div>
                </div>
            </div>
        </div>
    }
}

fn is_global(crop: &Crop) -> bool {
    crop.name.starts_with("global")
}

/// The box of a crop on the original.
#[component]
fn Frame(
    crop: At,
    index: usize,
    lit: RwSignal<Option<usize>>,
    pressed: RwSignal<Option<usize>>,
    bright: Memo<Option<usize>>,
) -> impl IntoView {
    let side = move |i: usize| crop.with(|c| c.as_ref().map_or(0., |c| c.frame[i])).to_string();
    view! {
        <rect
            class:global=move || crop.with(|c| c.as_ref().is_some_and(is_global))
            class:lit=move || bright.get() == Some(index)
            x=move || side(0)
            y=move || side(1)
            width=move || side(2)
            height=move || side(3)
            on:pointerenter=move |_| lit.set(Some(index))
            on:pointerleave=move |_| lit.set(None)
            on:click=move |_| toggle(pressed, index)
        ></rect>
    }
}

fn toggle(pressed: RwSignal<Option<usize>>, index: usize) {
    pressed.update(|pressed| *pressed = (*pressed != Some(index)).then_some(index));
}

/// What the networks get of it.
#[component]
fn View(
    page: Page,
    crop: At,
    index: usize,
    name: Signal<String>,
    lit: RwSignal<Option<usize>>,
    pressed: RwSignal<Option<usize>>,
    bright: Memo<Option<usize>>,
) -> impl IntoView {
    let words = page.words;
    let title = move || {
        crop.with(|c| c.as_ref().map(|c| (words.get().crops.name)(&c.name))).unwrap_or_default()
    };
    let area = move || {
        let part = crop.with(|c| c.as_ref().map_or(0., |c| c.frame[2] * c.frame[3]));
        (words.get().crops.area)(part * 100.)
    };
    let pixels =
        Signal::derive(move || crop.with(|c| c.as_ref().map(|c| Arc::new(c.pixels.clone()))));
    let label = Signal::derive(move || (words.get().crops.crop_of)(&title(), &name.get()));
    let badges = move || {
        let badges = crop.with(|c| c.as_ref().map(|c| badges(c, words.get())));
        badges
            .unwrap_or_default()
            .into_iter()
            .map(|(kind, word, about)| {
                view! {
                    <li class="badge" data-kind=kind title=about>{word}</li>
                }
            })
            .collect_view()
    };
    view! {
        <figure
            class="crop"
            class:global=move || crop.with(|c| c.as_ref().is_some_and(is_global))
            class:lit=move || bright.get() == Some(index)
        >
            <button
                aria-pressed=move || (pressed.get() == Some(index)).to_string()
                on:pointerenter=move |_| lit.set(Some(index))
                on:pointerleave=move |_| lit.set(None)
                on:focus=move |_| lit.set(Some(index))
                on:blur=move |_| lit.set(None)
                on:click=move |_| toggle(pressed, index)
            >
                <Raster pixels label />
            </button>
            <figcaption>
                <span title=area>{title}</span>
                <ul class="badges">{badges}</ul>
            </figcaption>
        </figure>
    }
}

/// What was drawn for a crop: kind, word, explanation.
fn badges(crop: &Crop, text: &'static Text) -> Vec<(&'static str, String, String)> {
    let (text, drawn) = (&text.crops, &crop.drawn);
    let plain = |is: bool, kind, word: &str, about: &str| {
        is.then(|| (kind, word.to_owned(), about.to_owned()))
    };
    [
        plain(drawn.flip, "flip", text.flip, text.flip_about),
        drawn.jitter.map(|j| ("jitter", text.jitter.to_owned(), (text.jitter_about)(j))),
        plain(drawn.grayscale, "grey", text.grey, text.grey_about),
        drawn.blur.map(|sigma| ("blur", (text.blur)(sigma), text.blur_about.to_owned())),
        plain(drawn.solarize, "solarized", text.solarized, text.solarized_about),
    ]
    .into_iter()
    .flatten()
    .collect()
}
