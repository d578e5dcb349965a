//! Learning place: the two networks as a picture through which the numbers of the last step flow, the same
//! numbers with their explanations, and all terms. Invariant: the picture says nothing that its text does
//! not say.

mod drawing;

use crate::context::Page;
use crate::ui::term::{Concepts, Term, TermKey};
use drawing::{Drawing, NARROW, WIDE};
use leptos::prelude::*;

/// What the picture is about besides its numbers.
const CONCEPTS: [TermKey; 6] = [
    TermKey::Student,
    TermKey::Teacher,
    TermKey::MultiCrop,
    TermKey::Prototypes,
    TermKey::StopGradient,
    TermKey::Collapse,
];

/// The numbers that flow, as they are written; before the first step those that the run begins with.
#[derive(Clone, PartialEq, Default)]
pub struct Numbers {
    pub step: Option<u64>,
    pub student_temp: Option<String>,
    pub teacher_temp: Option<String>,
    pub momentum: Option<String>,
    pub centre_norm: Option<String>,
    pub loss: Option<String>,
    pub entropy: Option<String>,
}

#[component]
pub fn Learning(page: Page) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().learning;
    let now = Memo::new(move |_| numbers(page));
    view! {
        <section class="learning" aria-labelledby="learning">
            <header>
                <h2 id="learning">{move || text().title}</h2>
                <span class="count">{move || now.with(|now| now.step).map(text().now)}</span>
            </header>
            <p>{move || text().about}</p>
            <figure class="networks">
                <Drawing page now layout=&WIDE />
                <Drawing page now layout=&NARROW />
                <figcaption id="networks-told" class="visually-hidden">
                    {move || text().description}
                </figcaption>
            </figure>
            <Concepts page which=&CONCEPTS />
            <Values page now />
            <details class="glossary">
                <summary>{move || text().terms}</summary>
                <dl>
                    {move || TermKey::ALL.map(|key| {
                        let (term, about) = (words.get().terms.of)(key);
                        view! { <div><dt>{term}</dt><dd>{about}</dd></div> }
                    }).collect_view()}
                </dl>
            </details>
        </section>
    }
}

/// The numbers of the picture, each with its explanation.
#[component]
fn Values(page: Page, now: Memo<Numbers>) -> impl IntoView {
    let words = page.words;
    let text = move || &words.get().learning;
    type Row = (TermKey, fn(&crate::i18n::Text) -> &'static str, fn(&Numbers) -> Option<String>);
    let rows: [Row; 6] = [
        (TermKey::Sharpening, |t| t.learning.student_temp, |n| n.student_temp.clone()),
        (TermKey::Sharpening, |t| t.learning.teacher_temp, |n| n.teacher_temp.clone()),
        (TermKey::Momentum, |t| t.learning.momentum, |n| n.momentum.clone()),
        (TermKey::Centring, |t| t.learning.centre_norm, |n| n.centre_norm.clone()),
        (TermKey::Loss, |t| t.training.loss, |n| n.loss.clone()),
        (TermKey::Entropy, |t| t.training.entropy, |n| n.entropy.clone()),
    ];
    let rows = rows.map(|(key, name, value)| {
        let shown = move || now.with(value).unwrap_or_else(|| words.get().common.none.to_owned());
        view! {
            <div>
                <dt>{move || name(words.get())}<Term page which=key /></dt>
                <dd>{shown}</dd>
            </div>
        }
    });
    view! {
        <dl class="numbers">{rows.collect_view()}</dl>
        <Show when=move || now.with(|now| now.step.is_none())>
            <p class="hint">{move || text().before}</p>
        </Show>
    }
}

fn numbers(page: Page) -> Numbers {
    let model = page.model;
    let images = model.images.with(Vec::len);
    let config =
        model.run.with(|run| run.as_ref().and_then(|run| run.settings.config(images).ok()));
    let train = config.map(|config| config.train);
    let last = model.last.get();
    let of = |value: Option<f64>, digits: usize| value.map(|v| format!("{v:.digits$}"));
    let now = |pick: fn(&dino_core::eval::metrics::Metrics) -> f32| {
        last.as_ref().map(|p| f64::from(pick(p)))
    };
    let first = |pick: fn(&dino_core::run::config::TrainConfig) -> f64| train.as_ref().map(pick);
    Numbers {
        step: last.map(|last| last.step + 1),
        student_temp: of(first(|train| train.student_temp), 2),
        teacher_temp: of(now(|p| p.teacher_temp).or(first(|t| t.warmup_teacher_temp)), 3),
        momentum: of(now(|p| p.momentum).or(first(|train| train.momentum_teacher)), 4),
        centre_norm: of(now(|p| p.center_norm), 3),
        loss: of(now(|p| p.loss), 3),
        entropy: of(now(|p| p.entropy), 3),
    }
}
