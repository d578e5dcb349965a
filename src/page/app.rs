//! App: the root of the page, its places in their order, and what went wrong. Invariant: it holds no state.

use crate::client::{device, preferences};
use crate::console;
use crate::context::Page;
use crate::i18n::Words;
use crate::places::share::viewer::Viewer;
use crate::places::tour;
use crate::places::tour::Stop;
use crate::ui::check_button::CheckButton;
use crate::ui::keys;
use dino_core::protocol::{NoGpu, Run, State};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The page's main function.
pub fn start() {
    console_error_panic_hook::set_once();
    let owner = Owner::new();
    let page = owner.with(|| {
        let words = Words(RwSignal::new(preferences::language()));
        Page::new(words, preferences::theme(), tour::is_first_visit())
    });
    page.follow_links();
    console::install(page);
    keys::listen(page);
    let Some(place) = document().get_element_by_id("page") else { return };
    // The shell's text has done its work.
    place.set_inner_html("");
    let view = owner.with(|| mount_to(place.unchecked_into(), move || view! { <Root page /> }));
    view.forget();
    // The page lives as long as the tab.
    std::mem::forget(owner);
}

/// A map from a link, or the page. Behind a map the page stays as it is.
#[component]
fn Root(page: Page) -> impl IntoView {
    Effect::new(move || preferences::show_theme(page.theme.get()));
    Effect::new(move || preferences::show_language(page.words.0.get()));
    page.keep_screen_on();
    let arrived = Memo::new(move |_| page.arrived.with(Option::is_some));
    view! {
        {move || arrived.get().then(|| view! { <Viewer page /> })}
        <div class="whole" hidden=arrived>
            {move || page.began.get().then(|| view! { <Main page /> })}
        </div>
    }
}

#[component]
fn Main(page: Page) -> impl IntoView {
    view! {
        <crate::places::header::Header page />
        <main id="app" tabindex="-1">
            <Alerts page />
            <crate::places::notices::Notices page />
            <p class="visually-hidden" aria-live="polite">{move || announcement(page)}</p>
            <div class="places">
                <div class="column images-column">
                    <Stop page stop=0 />
                    <crate::places::images::Images page />
                </div>
                <div class="column training-column">
                    <Stop page stop=1 />
                    <crate::places::training::Training page />
                    <crate::places::training::storage::SavedLine page />
                    <crate::places::charts::Charts page />
                    <crate::places::weights::WeightsPlace page />
                </div>
                <div class="column wide">
                    <Stop page stop=2 />
                    <crate::places::attention::AttentionPlace page />
                    <crate::places::crops::CropsPlace page />
                    <crate::places::neighbours::NeighboursPlace page />
                </div>
            </div>
            <Stop page stop=3 />
            <crate::places::learning::Learning page />
        </main>
        <crate::places::header::Footer page />
        <crate::places::help::Help page />
        <crate::places::device_check::DeviceCheckDialog page />
        <crate::places::share::ShareDialog page />
    }
}

/// What went wrong, the gravest first.
#[component]
fn Alerts(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    view! {
        <div class="alerts" role="alert">
            {move || model.no_gpu.get().map(|reason| {
                let text = words.get();
                let common = &text.common;
                let (what, remedy) = (common.no_gpu)(&reason);
                let words = match &reason {
                    NoGpu::NoAdapter { message } => {
                        Some(view! { <small>{(common.driver)(message)}</small> })
                    }
                    _ => None,
                };
                let linux = matches!(reason, NoGpu::NoAdapter { .. }) && device::is_linux_chrome();
                let linux = linux.then_some(text.device.linux);
                view! { <p class="alert grave"><strong>{what}</strong>" "{remedy}" "{linux}{words}<CheckButton page /></p> }
            })}
            {move || model.fatal.get().map(|message| {
                view! { <p class="alert grave"><strong>{message}</strong>" "{words.get().common.reload}</p> }
            })}
            <For
                each=move || model.problems.get()
                key=|problem| problem.id
                children=move |problem| view! {
                    <p class="alert">
                        <span>{problem.text}</span>
                        {problem.device.then(|| view! { <CheckButton page /> })}
                        <button
                            class="quiet"
                            aria-label=move || words.get().common.dismiss
                            on:click=move |_| model.dismiss(problem.id)
                        >"×"</button>
                    </p>
                }
            />
        </div>
    }
}

/// What a screen reader hears: the state, and every hundredth step.
fn announcement(page: Page) -> Option<String> {
    let (model, text) = (page.model, page.words.get());
    let Run { state, .. } = model.run.get()?;
    let hundreds = Memo::new(move |_| model.step() / 100 * 100);
    let step = match state {
        State::Running => hundreds.get(),
        _ => model.step_untracked(),
    };
    Some((text.training.announce)((text.common.state)(state), step))
}
