//! Patch colours: the patches of several images at once, by their common principal components.

use crate::context::Page;
use crate::state::request;
use crate::ui::canvas::Raster;
use crate::ui::term::{Term, TermKey};
use dino_core::data::picture::Picture;
use dino_core::protocol::{Command, Event};
use dino_core::run::network::Network;
use js_sys::Array;
use leptos::prelude::*;
use std::sync::Arc;

/// Images that are coloured at once at most.
const MOST: usize = 12;

/// Which images.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Nearest,
    Pinned,
    First,
}

impl From {
    const ALL: [Self; 3] = [Self::Nearest, Self::Pinned, Self::First];

    fn value(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Pinned => "pinned",
            Self::First => "first",
        }
    }
}

#[component]
pub fn Colors(page: Page) -> impl IntoView {
    let (attention, words) = (page.model.attention, page.words);
    let text = move || &words.get().attention;
    let from = RwSignal::new(From::Nearest);
    let count = RwSignal::new(4usize);
    let busy = RwSignal::new(false);
    let run = move |_| {
        busy.set(true);
        wasm_bindgen_futures::spawn_local(async move {
            let (from, count) = (from.get_untracked(), count.get_untracked());
            if let Err(message) = color(page, from, count).await {
                page.model.complain(message);
            }
            busy.set(false);
        });
    };
    let colored = Memo::new(move |_| attention.colors.with(Option::is_some));
    let none_pinned = move || from.get() == From::Pinned && attention.pinned.with(Vec::is_empty);
    // Neighbours are the run's.
    let no_run = move || from.get() == From::Nearest && request::layers_of_run(page.model) == 0;
    let pictures = Memo::new(move |_| {
        attention.colors.with(|c| c.as_ref().map_or(0, |colored| colored.pictures.len()))
    });
    view! {
        <div class="colours">
            <header>
                <h3>{move || text().colours}</h3>
                <Term page which=TermKey::PcaColors />
                <span class="count">{move || attention.colors.with(|colored| {
                    colored.as_ref().map(|colored| match colored.starter {
                        true => text().starter.to_owned(),
                        false => (words.get().common.at_step)(colored.step),
                    })
                })}</span>
            </header>
            <p class="hint">{move || text().colours_about}</p>
            <p class="row">
                <label>
                    {move || text().colours_from}
                    <select
                        name="colours-from"
                        on:change=move |event| {
                            let value = event_target_value(&event);
                            let found = From::ALL.into_iter().find(|from| from.value() == value);
                            from.set(found.unwrap_or(From::Nearest));
                        }
                    >
                        {From::ALL.map(|which| view! {
                            <option value=which.value() selected=which == From::Nearest>
                                {move || match which {
                                    From::Nearest => text().of_nearest,
                                    From::Pinned => text().of_pinned,
                                    From::First => text().of_first,
                                }}
                            </option>
                        })}
                    </select>
                </label>
                <label hidden=move || from.get() == From::Pinned>
                    {move || text().count}
                    <input
                        type="number"
                        name="colours-count"
                        min="1"
                        max=MOST.to_string()
                        prop:value=move || count.get().to_string()
                        on:change=move |event| {
                            if let Ok(n) = event_target_value(&event).parse::<usize>() {
                                count.set(n.clamp(1, MOST));
                            }
                        }
                    />
                </label>
                <button on:click=run disabled=move || busy.get() || none_pinned() || no_run()>
                    {move || match (busy.get(), colored.get()) {
                        (true, _) => text().colouring,
                        (false, true) => text().colour_again,
                        (false, false) => text().colour_them,
                    }}
                </button>
                {move || none_pinned().then(|| view! { <span class="hint">{text().none_pinned}</span> })}
            </p>
            <ul class="tiles">
                {move || (0..pictures.get()).map(|at| view! {
                    <li><Picture page at /></li>
                }).collect_view()}
            </ul>
        </div>
    }
}

async fn color(page: Page, from: From, count: usize) -> Result<(), String> {
    let (model, attention) = (page.model, page.model.attention);
    let images = match from {
        From::Pinned => attention.pinned.get_untracked(),
        From::First => (0..model.images.with_untracked(Vec::len).min(count)).collect(),
        From::Nearest => {
            let image = model.chosen.get_untracked();
            let ask = Command::Neighbors { image, count: count.saturating_sub(1) };
            let mut images = vec![image];
            if count > 1
                && let Event::Neighbors { nearest, .. } = page.call(ask, &Array::new()).await?
            {
                images.extend(nearest.into_iter().map(|(image, _)| image));
            }
            images
        }
    };
    let (network, side) = untrack(|| (request::network(page.model), request::side(page.model)));
    attention.coloring.set_value(network == Network::Starter);
    page.call(Command::Colors { images, network, side }, &Array::new()).await.map(drop)
}

/// An image and its colours.
#[component]
fn Picture(page: Page, at: usize) -> impl IntoView {
    let (model, attention) = (page.model, page.model.attention);
    let text = move || &page.words.get().attention;
    let found = move || attention.colors.with(|c| c.as_ref()?.pictures.get(at).cloned());
    let image = Memo::new(move |_| found().map(|(image, _)| image));
    let name = Signal::derive(move || page.model.name_of(image.get()));
    let photo = Memo::new(move |_| -> Option<Arc<Picture>> {
        let small =
            model.images.with(|all| all.get(image.get()?).map(|image| image.thumbnail.clone()))?;
        small.pixels().map(Arc::new)
    });
    let colours = Signal::derive(move || found().map(|(_, pixels)| pixels));
    let label = Signal::derive(move || (text().colours_of)(&name.get()));
    view! {
        <figure class="tile pair">
            <Raster pixels=photo label=name />
            <Raster pixels=colours label />
        </figure>
    }
}
