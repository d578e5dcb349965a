//! Share dialog, by which something leaves the page: what, its preview, and the ways out. Invariant: nothing
//! goes out that was not shown before, and what is shown does not change until it is taken again.

mod board;
mod film;
mod make;
mod map;
mod out;
mod pictures;
mod video;
pub mod viewer;

use crate::client::dom::describe;
use crate::client::download;
use crate::context::Page;
use crate::i18n::share::Kind;
use crate::ui::canvas::Raster;
use crate::ui::dialog::DialogHead;
use dino_core::data::picture::Picture;
use dino_core::view::overlay;
use dino_core::view::overlay::{Mode, Style};
use dino_core::view::resize;
use leptos::html::Dialog;
use leptos::prelude::*;
use make::{Made, Preview};
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, ShareData};

/// What was made, while the dialog shows it.
type MadeSignal = RwSignal<Option<Rc<Made>>, LocalStorage>;

/// Begins to make what is chosen.
fn begin(page: Page, made: MadeSignal) {
    let share = page.share;
    made.set(None);
    let turn = share.begin();
    let kind = share.kind.get_untracked();
    let told = move |done, all| share.advance(turn, done, all);
    spawn_local(async move {
        let result = make::make(page, kind, told).await;
        if !share.waits_for(turn) {
            return;
        }
        share.progress.set(None);
        match result {
            Ok(file) => made.set(Some(Rc::new(file))),
            Err(message) => share.problem.set(Some(message)),
        }
    });
}

#[component]
pub fn ShareDialog(page: Page) -> impl IntoView {
    let (share, words) = (page.share, page.words);
    let text = move || &words.get().share;
    let dialog = NodeRef::<Dialog>::new();
    let made: MadeSignal = RwSignal::new_local(None);
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if share.open.get() {
            // Fails if it is open, which it then is.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    Effect::new(move || {
        share.kind.track();
        words.0.track();
        if share.open.get() {
            begin(page, made);
        } else {
            share.stop();
            made.set(None);
        }
    });
    let video = video::supported().is_some();
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Video || video).map(|kind| {
        let hidden = move || kind == Kind::Video && share.no_video.get();
        view! {
            <label hidden=hidden>
                <input
                    type="radio"
                    name="share-kind"
                    value=kind.value()
                    prop:checked=move || share.kind.get() == kind
                    on:change=move |_| share.kind.set(kind)
                />
                <span>{move || (text().kind)(kind).0}<small>{move || (text().kind)(kind).1}</small></span>
            </label>
        }
    });
    view! {
        <dialog
            class="share-dialog"
            node_ref=dialog
            aria-labelledby="share"
            on:close=move |_| share.open.set(false)
        >
            <DialogHead page id="share" title=Signal::derive(move || text().title) open=share.open />
            <p class="hint">{move || text().about}</p>
            <div class="sharing">
                <fieldset class="kinds">
                    <legend class="visually-hidden">{move || text().what}</legend>
                    {kinds.collect_view()}
                </fieldset>
                <div class="goes-out">
                    <Shown page made />
                    <Ways page made />
                </div>
            </div>
        </dialog>
    }
}

/// The preview, or why there is none.
#[component]
fn Shown(page: Page, made: MadeSignal) -> impl IntoView {
    let (share, words) = (page.share, page.words);
    let text = move || &words.get().share;
    let progress = move || {
        let (done, all) = share.progress.get()?;
        let words = match all {
            0 => text().making.to_owned(),
            _ => (text().making_of)(done + 1, all),
        };
        let value = (all > 0).then(|| done.to_string());
        Some(view! {
            <p class="making" role="status">{words}</p>
            <progress aria-label=text().making max=all.max(1).to_string() value=value></progress>
        })
    };
    let preview = move || {
        let made = made.get()?;
        let label = format!("{}: {}", text().preview, (text().kind)(made.kind).0);
        let address = made.file.as_ref().map(|(_, address)| address.text()).unwrap_or_default();
        Some(match &made.preview {
            Preview::Picture => view! { <img src=address alt=label /> }.into_any(),
            Preview::Video => {
                view! { <video src=address aria-label=label controls autoplay loop playsinline prop:muted=true></video> }.into_any()
            }
            Preview::Map(shared) => maps(page, shared).into_any(),
        })
    };
    let facts = move || {
        let made = made.get()?;
        let (first, rest) = made.facts.split_first()?;
        let rest: Vec<_> = rest.iter().map(|fact| view! { <li>{fact.clone()}</li> }).collect();
        let list = (!rest.is_empty()).then(|| view! { <ul>{rest}</ul> });
        Some(view! {
            <div class="facts">
                <p class="size">{first.clone()}</p>
                {list}
                <p class="hint">{text().never}</p>
            </div>
        })
    };
    view! {
        <div class="preview" aria-busy=move || share.progress.with(Option::is_some).to_string()>
            {progress}
            {move || share.problem.get().map(|words| view! { <p class="empty" role="alert">{words}</p> })}
            {preview}
        </div>
        {facts}
    }
}

/// Photograph and maps, small.
fn maps(page: Page, shared: &dino_core::share::SharedMap) -> impl IntoView + use<> {
    let text = page.words.now();
    let photo = resize::resized(&shared.photo, 240);
    let mean = shared.maps.mean();
    let style = Style { mode: Mode::Heat, opacity: 0.6, mass: None };
    let mut pictures: Vec<(String, Picture)> =
        vec![(text.share.original.to_owned(), photo.clone())];
    for head in std::iter::once(None).chain((0..shared.maps.heads).map(Some)) {
        let name = head.map_or_else(|| text.attention.mean.to_owned(), text.attention.head);
        let picture = overlay::paint(
            &photo,
            shared.maps.grid,
            &shared.maps.select(head, style.mode, &mean),
            style,
        );
        pictures.push((name, picture));
    }
    let all = pictures.into_iter().map(|(name, picture)| {
        let label = Signal::stored(name.clone());
        let pixels = Signal::stored(Some(Arc::new(picture)));
        view! { <figure><Raster pixels label /><figcaption>{name}</figcaption></figure> }
    });
    view! { <div class="carried">{all.collect_view()}</div> }
}

/// The ways out.
#[component]
fn Ways(page: Page, made: MadeSignal) -> impl IntoView {
    let (share, words) = (page.share, page.words);
    let text = move || &words.get().share;
    let file = move || made.get().and_then(|made| made.file.as_ref().map(|(file, _)| file.clone()));
    let link = move || made.get().and_then(|made| made.link.clone());
    let picture = move || {
        made.get().is_some_and(|made| {
            let png = made.file.as_ref().is_some_and(|(file, _)| file.type_() == "image/png");
            png && out::can_copy()
        })
    };
    let parcel = move || parcel(file().as_ref(), link().as_deref());
    let fail = move |why: String| share.problem.set(Some((words.now().share.failed)(&why)));
    let save = move |_| {
        let Some(made) = made.get_untracked() else { return };
        if let Some((file, address)) = &made.file
            && let Err(error) = download::address(&address.text(), &file.name())
        {
            fail(describe(&error));
        }
    };
    let copy = move |_| {
        let Some(made) = made.get_untracked() else { return };
        spawn_local(async move {
            let done = match (&made.link, &made.file) {
                (Some(link), _) => out::copy_text(link).await,
                (None, Some((file, _))) => out::copy(file).await,
                (None, None) => return,
            };
            match done {
                Ok(()) => share.copied.set(true),
                Err(error) => fail(describe(&error)),
            }
        });
    };
    let send = move |_| {
        let Some(parcel) = untrack(parcel) else { return };
        spawn_local(async move {
            if let Err(why) = out::send(&parcel).await {
                fail(why);
            }
        });
    };
    view! {
        <p class="buttons">
            {move || file().map(|_| view! {
                <button class="main" data-way="save" on:click=save>{move || text().save}</button>
            })}
            {move || (picture() || link().is_some()).then(|| {
                let is_link = link().is_some();
                let word = move || match (share.copied.get(), is_link) {
                    (true, _) => text().copied,
                    (false, true) => text().copy_link,
                    (false, false) => text().copy,
                };
                view! { <button class:main=is_link data-way="copy" on:click=copy>{word}</button> }
            })}
            {move || parcel().map(|_| view! {
                <button data-way="send" on:click=send>{move || text().send}</button>
            })}
            {move || made.get().map(|_| view! {
                <button
                    class="quiet"
                    data-way="anew"
                    on:click=move |_| begin(page, made)
                >{move || text().anew}</button>
            })}
        </p>
        <p class="visually-hidden" aria-live="polite">{move || share.copied.get().then(|| text().copied)}</p>
    }
}

/// What another program would get, if this browser can hand it over.
fn parcel(file: Option<&File>, link: Option<&str>) -> Option<ShareData> {
    if file.is_none() && link.is_none() {
        return None;
    }
    let parcel = out::parcel(file, link);
    out::can_send(&parcel).then_some(parcel)
}
