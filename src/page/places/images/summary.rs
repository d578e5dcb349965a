//! Import summary: how far one is, what was added, what was skipped and why, and the labels.

use crate::context::Page;
use dino_core::data::picture::Rejected;
use dino_core::protocol::{LabelBy, LabelLevel};
use leptos::prelude::*;

/// Skipped files that are listed; the rest is counted.
const LISTED: usize = 100;

/// Labels that are listed.
const LABELS: usize = 40;

#[component]
pub fn Summary(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let searching = model.searching;
    let skipped = Memo::new(move |_| {
        model.summary.with(|s| s.as_ref().map(|s| s.skipped.clone()).unwrap_or_default())
    });
    // While files are read the line changes many times a second: that is for the eyes only.
    let busy = move || {
        let text = &words.get().images;
        match (searching.get(), model.importing.get()) {
            (Some(found), _) => Some((text.searching)(found)),
            (None, Some((done, total))) => Some((text.importing)(done, total)),
            (None, None) => None,
        }
    };
    let line = move || {
        let text = words.get();
        let summary = model.summary.get()?;
        let kinds = kinds(&summary.skipped, text.errors.fault_kind);
        Some((text.images.summary)(summary.added, &kinds, summary.passed_over))
    };
    let done = Memo::new(move |_| {
        model.importing.get().map(|(done, total)| done as f64 / total.max(1) as f64)
    });
    let idle = move || searching.get().is_none() && model.importing.with(Option::is_none);
    view! {
        <div class="summary">
            {move || busy().map(|busy| view! { <p class="busy">{busy}</p> })}
            <Show when=move || done.get().is_some()>
                <progress
                    max="1"
                    value=move || done.get().map(|done| format!("{done:.3}"))
                    aria-label=move || words.get().images.progress
                ></progress>
            </Show>
            <p class="came-to" aria-live="polite">{move || line().filter(|_| idle())}</p>
            <Show when=move || idle() && !skipped.with(Vec::is_empty)>
                <ul class="skipped" tabindex="0" aria-label=move || words.get().images.skipped>
                    {move || skipped.with(|all| {
                        all.iter().take(LISTED).map(|(name, reason)| view! {
                            <li>
                                <strong>{name.clone()}</strong>
                                ": "
                                {(words.get().errors.fault)(reason)}
                            </li>
                        }).collect_view()
                    })}
                    {move || skipped.with(Vec::len).checked_sub(LISTED).filter(|n| *n > 0).map(|n| {
                        view! { <li>{(words.get().images.more)(n)}</li> }
                    })}
                </ul>
            </Show>
        </div>
    }
}

/// How many were skipped of each kind, in the order in which the kinds came.
fn kinds(skipped: &[(String, Rejected)], name: fn(&Rejected) -> String) -> Vec<(String, usize)> {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for (_, fault) in skipped {
        let kind = name(fault);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    kinds
}

/// The labels, the largest first.
#[component]
pub fn Labels(page: Page) -> impl IntoView {
    let (model, words) = (page.model, page.words);
    let text = move || &words.get().images;
    let count = Memo::new(move |_| model.labels.with(|labels| labels.len()));
    let levels = move || model.label_levels.with(|(_, levels)| levels.len());
    let largest = move || {
        let mut all: Vec<(String, usize)> =
            model.labels.with(|labels| labels.iter().map(|(l, n)| (l.clone(), *n)).collect());
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all.truncate(LABELS);
        all
    };
    // Sorted when an import is over, not at each of its images.
    let shown = Memo::new(move |before: Option<&Vec<(String, usize)>>| {
        match before.filter(|_| model.importing.with(Option::is_some)) {
            Some(before) => before.clone(),
            None => largest(),
        }
    });
    view! {
        <Show when=move || { count.get() > 0 || levels() > 0 }>
            <details class="labels">
                <summary>{move || (text().labels)(count.get())}</summary>
                <p class="hint">{move || text().labels_how}</p>
                <LabelChoice page />
                <ul class="chips">
                    <For
                        each=move || shown.get()
                        key=Clone::clone
                        children=|(label, count)| view! {
                            <li>{label}" "<b>{count}</b></li>
                        }
                    />
                    {move || count.get().checked_sub(LABELS).filter(|n| *n > 0).map(|n| view! {
                        <li>{(text().more)(n)}</li>
                    })}
                </ul>
            </details>
        </Show>
    }
}

/// Which folders the labels come from, where there are several to choose from.
#[component]
fn LabelChoice(page: Page) -> impl IntoView {
    let (levels, words) = (page.model.label_levels, page.words);
    let text = move || &words.get().images;
    let choose = move |event| {
        let by = match event_target_value(&event).parse() {
            Ok(level) => LabelBy::Level(level),
            Err(_) => LabelBy::Nothing,
        };
        page.ask_labels(by);
    };
    let option = move |level: LabelLevel| {
        let LabelLevel { depth, count, examples } = level;
        view! {
            <option value=depth selected=move || levels.with(|(now, _)| *now == Some(depth))>
                {move || (text().label_level)(&examples, count)}
            </option>
        }
    };
    view! {
        <Show when=move || levels.with(|(_, levels)| !levels.is_empty())>
            <label class="label-level">
                <span>{move || text().labels_from}</span>
                <select on:change=choose>
                    {move || levels.with(|(_, all)| all.clone()).into_iter().map(option).collect_view()}
                    <option value="" selected=move || levels.with(|(now, _)| now.is_none())>
                        {move || text().no_labels}
                    </option>
                </select>
            </label>
        </Show>
    }
}
