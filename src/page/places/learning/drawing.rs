//! Drawing of the two networks, as SVG in two shapes: lying for wide pages, standing for phones.
//! Invariant: both draw the same boxes and arrows; only places differ.

use crate::context::Page;
use crate::places::learning::Numbers;
use crate::ui::thumbnail::Address;
use dino_core::protocol::State;
use leptos::prelude::*;
use std::sync::Arc;

/// A box: left, top, width, height.
type Frame = [f64; 4];

/// Where everything lies.
pub struct Layout {
    class: &'static str,
    view_box: &'static str,
    image: Frame,
    all_crops: Frame,
    globals: Frame,
    student: Frame,
    teacher: Frame,
    centre: Frame,
    student_softmax: Frame,
    teacher_softmax: Frame,
    loss: Frame,
    /// What flows to the student and on, and to the teacher and on.
    to_student: &'static str,
    to_teacher: &'static str,
    gradient: &'static str,
    ema: &'static str,
    /// Where words stand, and where the flow back is stopped.
    gradient_at: Label,
    ema_at: Label,
    entropy_at: Label,
    stop_at: Label,
    stop_mark: &'static str,
}

/// Left, base line, and how the text is anchored there.
type Label = (f64, f64, &'static str);

pub const WIDE: Layout = Layout {
    class: "wide",
    view_box: "0 0 1000 350",
    image: [4., 137., 100., 76.],
    all_crops: [152., 52., 120., 76.],
    globals: [152., 222., 120., 76.],
    student: [322., 48., 130., 84.],
    teacher: [322., 218., 130., 84.],
    centre: [502., 222., 110., 76.],
    student_softmax: [652., 52., 116., 76.],
    teacher_softmax: [652., 222., 116., 76.],
    loss: [852., 126., 144., 98.],
    to_student: "M104 165 C132 165 124 90 150 90 M272 90 H320 M452 90 H650 M768 90 C820 90 806 155 850 155",
    to_teacher: "M104 185 C132 185 124 260 150 260 M272 260 H320 M452 260 H500 M612 260 H650 \
                 M768 260 C820 260 806 195 850 195",
    gradient: "M924 126 V44 Q924 18 898 18 H413 Q387 18 387 46",
    ema: "M387 132 V216",
    gradient_at: (655., 40., "middle"),
    ema_at: (401., 180., "start"),
    entropy_at: (710., 322., "middle"),
    stop_at: (826., 290., "middle"),
    stop_mark: "M796 246 L812 268 M806 240 L822 262",
};

pub const NARROW: Layout = Layout {
    class: "narrow",
    view_box: "0 0 340 640",
    image: [115., 4., 110., 50.],
    all_crops: [20., 92., 120., 50.],
    globals: [200., 92., 120., 50.],
    student: [20., 180., 120., 70.],
    teacher: [200., 180., 120., 70.],
    centre: [200., 288., 120., 58.],
    student_softmax: [20., 384., 120., 62.],
    teacher_softmax: [200., 384., 120., 62.],
    loss: [100., 530., 140., 80.],
    to_student: "M150 54 C150 76 80 68 80 90 M80 142 V178 M80 250 V382 M80 446 C80 500 142 484 142 528",
    to_teacher: "M190 54 C190 76 260 68 260 90 M260 142 V178 M260 250 V286 M260 346 V382 \
                 M260 446 C260 500 198 484 198 528",
    gradient: "M100 575 H26 Q6 575 6 555 V235 Q6 215 18 215",
    ema: "M140 215 H198",
    gradient_at: (14., 595., "start"),
    ema_at: (170., 170., "middle"),
    entropy_at: (337., 466., "end"),
    stop_at: (337., 516., "end"),
    stop_mark: "M228 492 L242 474 M234 499 L248 481",
};

#[component]
pub fn Drawing(page: Page, now: Memo<Numbers>, layout: &'static Layout) -> impl IntoView {
    let (words, model) = (page.words, page.model);
    let text = move || &words.get().learning;
    let running = Memo::new(move |_| model.state() == State::Running);
    let arrow = format!("arrow-{}", layout.class);
    let head = move || format!("url(#arrow-{})", layout.class);
    // A number after its sign, nothing while it is not known.
    let value = move |sign: &'static str, pick: fn(&Numbers) -> Option<String>| {
        move || now.with(pick).map(|number| format!("{sign}{number}")).unwrap_or_default()
    };
    let none = || String::new();
    view! {
        <svg
            class=layout.class
            class:running=running
            viewBox=layout.view_box
            role="img"
            aria-label=move || text().diagram
            aria-describedby="networks-told"
        >
            <defs>
                <marker
                    id=arrow
                    viewBox="0 0 8 8"
                    refX="7"
                    refY="4"
                    markerUnits="userSpaceOnUse"
                    markerWidth="12"
                    markerHeight="12"
                    orient="auto-start-reverse"
                >
                    <path class="tip" d="M0 0 L8 4 L0 8z" />
                </marker>
            </defs>
            {flow("flow student", layout.to_student, head())}
            {flow("flow teacher", layout.to_teacher, head())}
            {flow("flow back", layout.gradient, head())}
            {flow("flow ema", layout.ema, head())}
            <path class="stop" d=layout.stop_mark />
            {node("plain", layout.image, move || text().image, none)}
            {picture(page, layout.image)}
            {node("student", layout.all_crops, move || text().all_crops, none)}
            {node("teacher", layout.globals, move || text().globals, none)}
            {node("student strong", layout.student, move || text().student, none)}
            {node("teacher strong", layout.teacher, move || text().teacher, none)}
            {node("teacher", layout.centre, move || text().centre, value("‖c‖ ", |n| n.centre_norm.clone()))}
            {node("student", layout.student_softmax, move || text().softmax, value("τ ", |n| n.student_temp.clone()))}
            {node("teacher", layout.teacher_softmax, move || text().softmax, value("τ ", |n| n.teacher_temp.clone()))}
            {node("loss", layout.loss, move || text().loss, value("", |n| n.loss.clone()))}
            {note(layout.gradient_at, move || text().gradient.to_owned())}
            {note(layout.stop_at, move || text().stop.to_owned())}
            {note(layout.ema_at, move || {
                let momentum = now.with(|now| now.momentum.clone());
                format!("{} {}", text().ema, momentum.unwrap_or_default())
            })}
            {note(layout.entropy_at, move || match now.with(|now| now.entropy.clone()) {
                Some(entropy) => format!("{} {entropy}", text().entropy),
                None => String::new(),
            })}
        </svg>
    }
}

fn flow(class: &'static str, path: &'static str, head: String) -> impl IntoView {
    // One path a stroke, because a marker stands at the end of a path only.
    let strokes = path.split('M').filter(|stroke| !stroke.trim().is_empty());
    strokes
        .map(|stroke| view! { <path class=class d=format!("M{stroke}") marker-end=head.clone() /> })
        .collect_view()
}

/// A box with a word and, below it, a number.
fn node(
    class: &'static str,
    [x, y, width, height]: Frame,
    word: impl Fn() -> &'static str + Send + Sync + 'static,
    number: impl Fn() -> String + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let (center, middle) = (x + width / 2.0, y + height / 2.0);
    let is_known = Memo::new(move |_| !number().is_empty());
    let base = move || middle + if is_known.get() { -4.0 } else { 5.0 };
    view! {
        <g class=format!("node {class}")>
            <rect x=x y=y width=width height=height rx="10" />
            <text x=center y=base text-anchor="middle">{word}</text>
            <text class="number" x=center y=middle + 18.0 text-anchor="middle">{number}</text>
        </g>
    }
}

/// The chosen image, over the box that says so while there is none.
fn picture(page: Page, [x, y, width, height]: Frame) -> impl IntoView {
    let model = page.model;
    let chosen = Memo::new(move |_| {
        let chosen = model.chosen.get();
        model.images.with(|all| all.get(chosen).map(|image| (image.id, image.thumbnail.clone())))
    });
    let address = Memo::new_with_compare(
        move |_| chosen.get().and_then(|(_, small)| Address::of(&small)).map(Arc::new),
        |_, _| true,
    );
    view! {
        <image
            class="chosen"
            x=x + 1.0
            y=y + 1.0
            width=width - 2.0
            height=height - 2.0
            preserveAspectRatio="xMidYMid slice"
            href=move || address.with(|address| address.as_ref().map(|address| address.text()))
        />
    }
}

fn note(
    (x, y, anchor): Label,
    words: impl Fn() -> String + Send + Sync + 'static,
) -> impl IntoView {
    view! { <text class="saying" x=x y=y text-anchor=anchor>{words}</text> }
}
