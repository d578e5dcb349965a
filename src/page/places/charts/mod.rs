//! Charts place: the curves of a run, the same numbers as a table, and as files. Invariant: charts are for the eye; all
//! that they show is in the table too.

pub mod lines;
mod painter;
mod table;
mod uplot;

use crate::context::Page;
use crate::ui::number::shown;
use crate::ui::term::Term;
use dino_core::eval::metrics::Place;
use leptos::html::{Details, Div};
use leptos::prelude::*;
use lines::{Chart, charts};
use painter::Painter;
use table::{Downloads, Table};

#[component]
pub fn Charts(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().charts;
    let painter = StoredValue::new_local(Painter::new(page));
    let works = painter.with_value(Painter::works);
    let empty = Memo::new(move |_| model.history.with(|history| history.samples().is_empty()));
    let no_labels = Memo::new(move |_| model.accuracies.with(Vec::is_empty));
    let schedules = NodeRef::<Details>::new();
    let figure = move |chart: Chart| {
        let hidden = move || chart == Chart::Accuracy && no_labels.get();
        view! { <div hidden=hidden><Figure page painter chart /></div> }
    };
    view! {
        <section class="charts" aria-labelledby="charts">
            <header><h2 id="charts">{move || text().title}</h2></header>
            {move || empty.get().then(|| view! { <p class="empty">{text().waits}</p> })}
            {move || (!works.get()).then(|| view! { <p class="note">{text().no_script}</p> })}
            <div class="all" hidden=empty>
                <div class="figures" hidden=move || !works.get()>{charts(Place::Main).into_iter().map(figure).collect_view()}</div>
                <details node_ref=schedules hidden=move || !works.get()>
                    <summary>{move || text().schedules}</summary>
                    <div class="figures">{charts(Place::Schedule).into_iter().map(figure).collect_view()}</div>
                </details>
                <Table page />
                <Downloads page />
            </div>
        </section>
    }
}

#[component]
fn Figure(page: Page, painter: StoredValue<Painter, LocalStorage>, chart: Chart) -> impl IntoView {
    let words = page.words;
    let host = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(host) = host.get() {
            painter.with_value(|painter| painter.add(chart, host.into()));
        }
    });
    let last = Memo::new(move |_| chart.last(page).map(rounded));
    let title = move || chart.words(words.get()).0;
    let now = move || last.get().unwrap_or_else(|| words.get().common.none.to_owned());
    view! {
        <figure class="chart" data-chart=chart.name()>
            <figcaption>
                <span class="name">
                    {title}
                    {chart.term().map(|which| view! { <Term page which /> })}
                </span>
                <span class="now">{now}</span>
                <span class="hint">{move || chart.words(words.get()).1}</span>
            </figcaption>
            <div
                node_ref=host
                class="plot"
                role="img"
                aria-label=move || (words.get().charts.label)(title(), &now())
            ></div>
        </figure>
    }
}

/// Four digits, as beside a curve.
fn rounded(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return value.to_string();
    }
    let unit = 10f64.powf(value.abs().log10().floor() - 3.0);
    shown((value / unit).round() * unit)
}
