//! Crops: the augmented views of the chosen image, as the next step would draw them.

use super::Page;
use super::attention::name_of;
use super::paint::Raster;
use dino::protocol::Command;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn CropsPlace(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().crops;
    let again = move |_| page.send(Command::Choose { image: model.chosen.get_untracked() });
    let views = move || {
        let Some(crops) = model.crops.get() else {
            return view! { <p class="empty">{text().wait}</p> }.into_any();
        };
        let name = name_of(page, Some(crops.image));
        let figures = crops.crops.iter().map(|crop| {
            let pixels = Signal::stored(Some(Arc::new(crop.pixels.clone())));
            let label = (text().crop_of)(&(text().name)(&crop.name), &name);
            let global = crop.name.starts_with("global");
            view! {
                <figure class="crop" class:global=global>
                    <Raster pixels label />
                    <figcaption>{(text().name)(&crop.name)}</figcaption>
                </figure>
            }
        });
        view! { <div class="crops">{figures.collect_view()}</div> }.into_any()
    };
    view! {
        <section aria-labelledby="crops">
            <header>
                <h2 id="crops">{move || text().title}</h2>
                <button
                    class="quiet"
                    disabled=move || model.crops.with(Option::is_none)
                    on:click=again
                >{move || text().again}</button>
            </header>
            <p class="hint">{move || text().about}</p>
            {views}
        </section>
    }
}
