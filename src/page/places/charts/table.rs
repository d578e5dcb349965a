//! Table of the numbers behind the curves: as a table, and as files. Invariant: the table is only built while it is
//! open, and at most once in two seconds.

use crate::client::download;
use crate::context::Page;
use crate::places::charts::lines::Chart;
use crate::places::charts::rounded;
use crate::ui::share_button::{Kind, ShareButton};
use dino_core::eval::history::History;
use dino_core::eval::metrics::{Column, Sample};
use leptos::html::Details;
use leptos::prelude::*;

/// Rows that are shown at once.
const ROWS: usize = 100;
/// Milliseconds from one building to the next while training.
const PACE: f64 = 2000.0;

#[component]
pub fn Table(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().charts;
    let details = NodeRef::<Details>::new();
    let open = RwSignal::new(false);
    let spread = RwSignal::new(false);
    // Rows, and how many steps are kept.
    let rows = RwSignal::new((Vec::<Sample>::new(), 0));
    let built_at = StoredValue::new(0.0);
    let build = move || {
        model.history.with_untracked(|history| {
            rows.set((chosen(history, spread.get_untracked()), history.samples().len()));
        });
        built_at.set_value(js_sys::Date::now());
    };
    let running = Memo::new(move |_| model.state() == dino_core::protocol::State::Running);
    Effect::new(move |_| {
        model.history.track();
        let due = !running.get() || js_sys::Date::now() - built_at.get_value() >= PACE;
        if open.get() && due {
            build();
        }
    });
    Effect::new(move |_| {
        spread.track();
        if open.get() {
            build();
        }
    });
    let heading = move |column: Column| {
        let name = Chart::Of(column).words(words.get()).0;
        match (text().unit)(column.row().unit) {
            "" => name.to_owned(),
            unit => format!("{name} ({unit})"),
        }
    };
    view! {
        <details
            class="table"
            node_ref=details
            on:toggle=move |_| open.set(details.get_untracked().is_some_and(|d| d.open()))
        >
            <summary>{move || text().table}</summary>
            <p class="choice">
                <label for="table-rows">{move || text().rows}</label>
                <select
                    id="table-rows"
                    on:change=move |event| spread.set(event_target_value(&event) == "spread")
                >
                    <option value="last">{move || (text().last_rows)(ROWS)}</option>
                    <option value="spread">{move || (text().spread_rows)(ROWS)}</option>
                </select>
            </p>
            {move || open.get().then(|| view! {
                <div class="scroll" tabindex="0" role="region" aria-label=move || text().table>
                    <table>
                        <caption>{move || rows.with(|(rows, all)| (text().caption)(rows.len(), *all))}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{move || text().step}</th>
                                {Column::ALL.iter().map(|&column| view! {
                                    <th scope="col">{move || heading(column)}</th>
                                }).collect_view()}
                            </tr>
                        </thead>
                        <tbody>
                            <For
                                each=move || rows.with(|(rows, _)| rows.clone())
                                key=|sample| sample.point.step
                                children=move |sample| view! {
                                    <tr>
                                        <th scope="row">{sample.point.step}</th>
                                        {Column::ALL.iter().map(|column| view! {
                                            <td>{rounded(f64::from(column.of(&sample)))}</td>
                                        }).collect_view()}
                                    </tr>
                                }
                            />
                        </tbody>
                    </table>
                </div>
            })}
        </details>
    }
}

/// The last rows, or as many evenly over the run, its first and last step among them.
fn chosen(history: &History, spread: bool) -> Vec<Sample> {
    let samples = history.samples();
    let last = samples.len().saturating_sub(1);
    if samples.len() <= ROWS {
        return samples.to_vec();
    }
    if spread {
        return (0..ROWS).filter_map(|i| samples.get(i * last / (ROWS - 1)).copied()).collect();
    }
    samples.iter().skip(samples.len() - ROWS).copied().collect()
}

#[component]
pub fn Downloads(page: Page) -> impl IntoView {
    let words = page.words;
    let save = move |kind: &str, extension: &str, contents: fn(&History) -> String| {
        let contents = page.model.history.with_untracked(contents);
        let run = page.model.run.with_untracked(|run| run.as_ref().map(|r| r.settings.clone()));
        let about = run.map_or(String::new(), |s| format!("-{}-seed{}", s.preset, s.seed));
        let step = page.model.step_untracked();
        if let Err(error) = download::bytes(
            contents.as_bytes(),
            kind,
            &format!("dino{about}-step{step}.{extension}"),
        ) {
            page.model.complain(crate::client::dom::describe(&error));
        }
    };
    view! {
        <p class="buttons">
            <button class="quiet" on:click=move |_| save("text/csv", "csv", History::to_csv)>
                {move || words.get().charts.csv}
            </button>
            <button class="quiet" on:click=move |_| save("application/json", "json", History::to_json)>
                {move || words.get().charts.json}
            </button>
            <ShareButton page kind=Kind::Charts />
        </p>
    }
}
