//! Neighbours: the images that the teacher finds most like the chosen one, whether their labels agree,
//! and how often they do over the whole set. Invariant: nothing is compared before a person has scrolled
//! here, because comparing takes the time of training.

use crate::context::Page;
use crate::ui::canvas::Raster;
use crate::ui::term::{Term, TermKey};
use dino_core::data::picture::Picture;
use dino_core::protocol::{Accuracy, Command, Event, State};
use js_sys::Array;
use leptos::html::Section;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use web_sys::{IntersectionObserver, IntersectionObserverEntry};

/// Neighbours that are shown.
const COUNT: usize = 8;

/// While training they are sought again every so many milliseconds.
const EVERY: f64 = 15_000.;

/// What was found.
#[derive(Clone, PartialEq)]
struct Found {
    image: usize,
    step: u64,
    nearest: Vec<(usize, f32)>,
}

#[component]
pub fn NeighboursPlace(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().neighbours;
    let place = NodeRef::<Section>::new();
    let visible = visibility(place);
    let found = RwSignal::new(None::<Found>);
    let busy = RwSignal::new(false);
    let enough = Memo::new(move |_| {
        let ready = model.run.with(|run| run.as_ref().is_some_and(|run| run.layers > 0));
        ready && model.images.with(Vec::len) > 1
    });
    follow(page, visible, enough, found, busy);
    let shown = Memo::new(move |_| found.with(|f| f.as_ref().map_or(0, |f| f.nearest.len())));
    let step = move || found.with(|f| f.as_ref().map(|f| (words.get().common.at_step)(f.step)));
    let agreeing = move || {
        found.with(|found| {
            let found = found.as_ref()?;
            let label = label_of(page, found.image)?;
            let same = |(image, _): &&(usize, f32)| label_of(page, *image).as_ref() == Some(&label);
            let same = found.nearest.iter().filter(same).count();
            Some((text().agreeing)(same, found.nearest.len()))
        })
    };
    view! {
        <section class="neighbours" aria-labelledby="neighbours" node_ref=place>
            <header>
                <h2 id="neighbours">{move || text().title}</h2>
                <span class="count">{step}</span>
            </header>
            <p class="hint">{move || text().about}</p>
            {move || if shown.get() == 0 {
                let one = model.images.with(Vec::len) == 1;
                let words = match (one, busy.get()) {
                    (true, _) => text().alone,
                    (false, true) => text().working,
                    (false, false) => text().waits,
                };
                view! { <Waiting page>{words}</Waiting> }.into_any()
            } else {
                view! {
                    <ol class="nearest" aria-label=move || text().nearest>
                        <li class="query"><Tile page found at=None /></li>
                        {move || (0..shown.get()).map(|at| view! {
                            <li><Tile page found at=Some(at) /></li>
                        }).collect_view()}
                    </ol>
                }.into_any()
            }}
            <p class="row">
                <button
                    class="quiet"
                    disabled=move || busy.get() || !enough.get()
                    on:click=move |_| ask(page, found, busy)
                >{move || if busy.get() { text().working } else { text().refresh }}</button>
                <span>{agreeing}</span>
            </p>
            <Labels page />
        </section>
    }
}

/// As large as what will stand there, so that nothing moves when it comes.
#[component]
fn Waiting(page: Page, children: Children) -> impl IntoView {
    let model = page.model;
    let count = Memo::new(move |_| match model.images.with(Vec::len) {
        0 | 1 => 0,
        all => all.min(COUNT + 1),
    });
    let labelled = Memo::new(move |_| !model.labels.with(BTreeMap::is_empty));
    view! {
        <div class="waits">
            <div class="nearest" aria-hidden="true">
                {move || (0..count.get()).map(|at| view! {
                    <div class:query=at == 0>
                        <figure class="tile">
                            <span class="show"><canvas></canvas></span>
                            <figcaption>
                                <span>"\u{a0}"</span>
                                {labelled.get().then(|| view! { <span>"\u{a0}"</span> })}
                            </figcaption>
                        </figure>
                    </div>
                }).collect_view()}
            </div>
            <p class="empty">{children()}</p>
        </div>
    }
}

fn label_of(page: Page, image: usize) -> Option<String> {
    page.model.images.with(|all| all.get(image)?.label.clone())
}

/// Seeks neighbours when the image or the run is another, and now and then while training.
fn follow(
    page: Page,
    visible: RwSignal<bool>,
    enough: Memo<bool>,
    found: RwSignal<Option<Found>>,
    busy: RwSignal<bool>,
) {
    let (model, asked) = (page.model, StoredValue::new(f64::MIN));
    let image = Memo::new(move |_| model.chosen.get());
    Effect::new(move || {
        if !enough.get() {
            return found.set(None);
        }
        if visible.get() && found.with(|f| f.as_ref().map(|f| f.image)) != Some(image.get()) {
            asked.set_value(js_sys::Date::now());
            ask(page, found, busy);
        }
    });
    Effect::new(move || {
        let (step, state) = (model.step(), model.state());
        let old = found.with_untracked(|f| f.as_ref().is_some_and(|f| f.step < step));
        let due = js_sys::Date::now() - asked.get_value() > EVERY || state != State::Running;
        if old && due && visible.get_untracked() && enough.get_untracked() {
            asked.set_value(js_sys::Date::now());
            ask(page, found, busy);
        }
    });
}

fn ask(page: Page, found: RwSignal<Option<Found>>, busy: RwSignal<bool>) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    wasm_bindgen_futures::spawn_local(async move {
        let image = page.model.chosen.get_untracked();
        let command = Command::Neighbors { image, count: COUNT };
        match page.call(command, &Array::new()).await {
            Ok(Event::Neighbors { image, step, nearest }) => {
                busy.set(false);
                found.set(Some(Found { image, step, nearest }));
            }
            Ok(_) => {}
            Err(message) => page.model.complain(message),
        }
        busy.set(false);
    });
}

/// An image that was found, or the one that was asked about.
#[component]
fn Tile(page: Page, found: RwSignal<Option<Found>>, at: Option<usize>) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().neighbours;
    let hit = Memo::new(move |_| {
        found.with(|found| {
            let found = found.as_ref()?;
            at.map_or(Some((found.image, 1.0)), |at| found.nearest.get(at).copied())
        })
    });
    let image = move || hit.get().map(|(image, _)| image);
    let pixels = Memo::new(move |_| -> Option<Arc<Picture>> {
        let small = model.images.with(|all| Some(all.get(image()?)?.thumbnail.clone()))?;
        small.pixels().map(Arc::new)
    });
    let name = Signal::derive(move || page.model.name_of(image()));
    let label = Memo::new(move |_| image().and_then(|image| label_of(page, image)));
    let own = Memo::new(move |_| {
        found.with(|f| f.as_ref().map(|f| f.image)).and_then(|image| label_of(page, image))
    });
    let verdict = move || {
        let label = label.get().filter(|_| at.is_some())?;
        let same = own.get()? == label;
        let words = if same { (text().agrees)(&label) } else { (text().differs)(&label) };
        Some(view! {
            <span class="label" class:same=same>
                <span class="visually-hidden">{words}</span>
                <span aria-hidden="true">{label}</span>
            </span>
        })
    };
    let caption = move || match at {
        None => view! { <span>{text().query}</span> }.into_any(),
        Some(_) => {
            let cosine = hit.get().map_or(0., |(_, cosine)| cosine);
            view! {
                <span class="cosine" title=text().similarity_about>{(text().similarity)(cosine)}</span>
            }
            .into_any()
        }
    };
    view! {
        <figure class="tile" data-image=move || image().map(|image| image.to_string())>
            <button
                class="show"
                title=move || (text().choose)(&name.get())
                disabled=at.is_none()
                on:click=move |_| {
                    if let Some(image) = untrack(image) {
                        page.choose(image);
                    }
                }
            >
                <Raster pixels label=name />
            </button>
            <figcaption>{caption}{verdict}</figcaption>
        </figure>
    }
}

/// How often neighbours have the right label.
#[component]
fn Labels(page: Page) -> impl IntoView {
    let (accuracy, words) = (page.model.attention.accuracy, page.words);
    let text = move || &words.get().neighbours;
    let some = Memo::new(move |_| accuracy.with(Option::is_some));
    let of = move |f: fn(&Accuracy) -> f32| accuracy.with(|a| a.as_ref().map_or(0., f));
    let bar = move |word: fn(&crate::i18n::Text) -> &'static str, f: fn(&Accuracy) -> f32| {
        view! {
            <div>
                <dt>{move || word(words.get())}</dt>
                <dd>
                    <span class="bar" aria-hidden="true">
                        <span style:width=move || format!("{:.1}%", of(f).clamp(0., 1.) * 100.)></span>
                    </span>
                    <span class="share">{move || (text().percent)(of(f))}</span>
                </dd>
            </div>
        }
    };
    let sentences = move || {
        accuracy.with(|accuracy| {
            let a = accuracy.as_ref()?;
            let how = (text().accuracy_of)(a.knn * 100., a.images, a.labels);
            Some(format!(
                "{how} {}",
                (text().verdict)(dino_core::eval::knn::verdict(
                    a.knn, a.chance, a.pixels, a.images
                ))
            ))
        })
    };
    let shown = move || {
        view! {
            <div class="labels">
                <header>
                    <h3>{move || text().accuracy}</h3>
                    <Term page which=TermKey::Knn />
                </header>
                <p>{sentences}</p>
                <dl class="bars">
                    {bar(|text| text.neighbours.knn, |a| a.knn)}
                    {bar(|text| text.neighbours.pixels, |a| a.pixels)}
                    {bar(|text| text.neighbours.chance, |a| a.chance)}
                </dl>
            </div>
        }
    };
    move || match some.get() {
        true => shown().into_any(),
        false => view! { <p class="hint">{text().no_labels}</p> }.into_any(),
    }
}

/// True while a place is scrolled to.
fn visibility(place: NodeRef<Section>) -> RwSignal<bool> {
    let visible = RwSignal::new(false);
    Effect::new(move || {
        let Some(place) = place.get() else { return };
        let observe = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let shows = entries.iter().any(|entry| {
                entry.dyn_into::<IntersectionObserverEntry>().is_ok_and(|e| e.is_intersecting())
            });
            if visible.get_untracked() != shows {
                visible.set(shows);
            }
        });
        match IntersectionObserver::new(observe.as_ref().unchecked_ref()) {
            Ok(observer) => observer.observe(&place),
            Err(_) => visible.set(true),
        }
        // It lives as long as the page.
        observe.forget();
    });
    visible
}
