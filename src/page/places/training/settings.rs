//! Advanced settings: a field for every number and every choice, each with its meaning, the paper's value, what is wrong
//! with it, and a way back to the preset's. Invariant: the form only edits the draft.

use crate::client::url;
use crate::context::Page;
use crate::i18n::settings::{Named, SettingsText};
use crate::places::training::memory::MemoryChoice;
use crate::state::draft::Draft;
use crate::ui::number::shown;
use dino_core::run::settings::{
    Group, Kind, MOST_SEED, MOST_STEPS, Row, SettingError, SettingProblem, Settings, Value, by_key,
    rows,
};
use leptos::html::Details;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[component]
pub fn AdvancedSettings(page: Page, faults: Memo<Vec<SettingError>>) -> impl IntoView {
    let text = move || &page.words.get().settings;
    view! {
        <details class="advanced">
            <summary>{move || text().title}</summary>
            <p class="hint">{move || text().about}</p>
            <div class="fields">
                <WholeField
                    page
                    faults
                    key="steps"
                    named=|text| &text.steps
                    get=|settings| settings.steps
                    set=|settings, value| settings.steps = value
                />
                <SeedField page faults />
            </div>
            {Group::ALL.map(|group| view! { <Fields page faults group /> })}
            <MemoryChoice page />
            <CopyLink page />
        </details>
    }
}

/// The fields of a group, folded away until something in it is wrong.
#[component]
fn Fields(page: Page, faults: Memo<Vec<SettingError>>, group: Group) -> impl IntoView {
    let (draft, text) = (page.draft, move || &page.words.get().settings);
    let details = NodeRef::<Details>::new();
    let mine = move || rows().iter().filter(move |row| row.group == group);
    let changed = Memo::new(move |_| {
        draft.settings.with(|s| mine().filter(|row| s.changed.contains_key(&row.setting)).count())
    });
    let wrong = Memo::new(move |_| {
        let faulty = |key| faults.with(|all| all.iter().any(|fault| fault.key == key));
        mine().any(|row| faulty(row.key))
    });
    Effect::new(move |_| {
        if let (true, Some(details)) = (wrong.get(), details.get()) {
            details.set_open(true);
        }
    });
    view! {
        <details class="group" node_ref=details>
            <summary>
                {move || (text().group)(group)}
                {move || (changed.get() > 0).then(|| view! {
                    " " <span class="count">{(text().changed)(changed.get())}</span>
                })}
            </summary>
            <div class="fields">
                {mine().map(|row| view! { <Field page faults row /> }).collect_view()}
            </div>
        </details>
    }
}

/// What stands under a field: its meaning, the paper's value, and what is wrong.
#[component]
fn Under(
    page: Page,
    faults: Memo<Vec<SettingError>>,
    key: &'static str,
    named: Signal<&'static str>,
    #[prop(optional)] paper: Option<Signal<String>>,
) -> impl IntoView {
    let text = move || &page.words.get().settings;
    let wrong = problem(page, faults, key);
    view! {
        <p class="hint" id=format!("about-{key}")>
            {named}
            {move || paper.map(|value| view! { " " <span class="paper">{(text().paper)(&value.get())}</span> })}
        </p>
        <p class="wrong" id=format!("wrong-{key}") role="alert">{wrong}</p>
    }
}

/// The sentence beside a field, if something is wrong with it.
fn problem(
    page: Page,
    faults: Memo<Vec<SettingError>>,
    key: &'static str,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        let text = &page.words.get().settings;
        let typed = page.draft.typed.with(|typed| typed.contains_key(key));
        let fault =
            |all: &Vec<SettingError>| all.iter().find(|f| f.key == key).map(|f| f.problem.clone());
        let problem = if typed { Some(expected(key)) } else { faults.with(fault) };
        problem.map(|problem| (text.problem)(&problem))
    })
}

/// What a field that holds no number should hold.
fn expected(key: &str) -> SettingProblem {
    let kind = match (key, by_key(key)) {
        (_, Some(row)) => row.kind,
        ("steps", _) => Kind::Whole([1.0, MOST_STEPS as f64]),
        _ => Kind::Whole([0.0, MOST_SEED as f64]),
    };
    match kind {
        Kind::Number(range) => SettingProblem::Range { range, whole: false, found: f64::NAN },
        Kind::Whole(range) => SettingProblem::Range { range, whole: true, found: f64::NAN },
        Kind::Choice(choices) => SettingProblem::choice(choices, ""),
    }
}

/// A value in the words of the page.
fn worded(text: &SettingsText, row: &Row, value: Value) -> String {
    match (value, row.kind) {
        (Value::Choice(word), Kind::Choice(words)) => {
            let at = words.iter().position(|known| *known == word);
            let label = at.and_then(|at| (text.of)(row.setting).choices.get(at).copied());
            label.unwrap_or(word).to_owned()
        }
        (value, _) => shown(value.number()),
    }
}

/// A setting's field: its name, its input, what is to be said of it, and the way back.
#[component]
fn Field(page: Page, faults: Memo<Vec<SettingError>>, row: &'static Row) -> impl IntoView {
    let (draft, key, setting) = (page.draft, row.key, row.setting);
    let named = move || (page.words.get().settings.of)(setting);
    let text = move || &page.words.get().settings;
    let images = move || page.model.images.with(Vec::len);
    let changed = move || {
        draft.settings.with(|s| s.changed.contains_key(&setting))
            || draft.typed.with(|typed| typed.contains_key(key))
    };
    let otherwise =
        move || worded(text(), row, draft.settings.with(|s| s.otherwise(setting, images())));
    let paper = Signal::derive(move || worded(text(), row, row.paper));
    let input = match row.kind {
        Kind::Number(_) | Kind::Whole(_) => view! { <NumberInput page faults row /> }.into_any(),
        Kind::Choice(words) => view! { <ChoiceInput page faults row words /> }.into_any(),
    };
    view! {
        <div class="field" class:changed=changed>
            <label for=format!("set-{key}")>{move || named().label}</label>
            <span class="input">{input} <span class="unit">{move || named().unit}</span></span>
            <Under page faults key named=Signal::derive(move || named().about) paper />
            {move || changed().then(|| view! {
                <button
                    class="quiet"
                    aria-label=move || (text().as_preset_label)(named().label)
                    on:click=move |_| draft.leave(setting)
                >{(text().as_preset)(&otherwise())}</button>
            })}
        </div>
    }
}

#[component]
fn NumberInput(page: Page, faults: Memo<Vec<SettingError>>, row: &'static Row) -> impl IntoView {
    let (draft, key, setting) = (page.draft, row.key, row.setting);
    let images = move || page.model.images.with(Vec::len);
    let value = Memo::new(move |_| {
        let typed = draft.typed.with(|typed| typed.get(key).cloned());
        let number = move || draft.settings.with(|s| s.value(setting, images()).number());
        typed.unwrap_or_else(|| shown(number()))
    });
    let wrong = problem(page, faults, key);
    view! {
        <input
            id=format!("set-{key}")
            type="text"
            inputmode="decimal"
            autocomplete="off"
            spellcheck="false"
            aria-describedby=format!("about-{key} wrong-{key}")
            aria-invalid=move || if wrong.with(Option::is_some) { "true" } else { "false" }
            prop:value=move || value.get()
            on:change=move |event| draft.type_in(setting, &event_target_value(&event))
        />
    }
}

#[component]
fn ChoiceInput(
    page: Page,
    faults: Memo<Vec<SettingError>>,
    row: &'static Row,
    words: &'static [&'static str],
) -> impl IntoView {
    let (draft, key, setting) = (page.draft, row.key, row.setting);
    let text = move || &page.words.get().settings;
    let images = move || page.model.images.with(Vec::len);
    let value = Memo::new(move |_| draft.settings.with(|s| s.value(setting, images())));
    let wrong = problem(page, faults, key);
    let option = move |word: &'static str| {
        view! {
            <option value=word prop:selected=move || value.get() == Value::Choice(word)>
                {move || worded(text(), row, Value::Choice(word))}
            </option>
        }
    };
    view! {
        <select
            id=format!("set-{key}")
            aria-describedby=format!("about-{key} wrong-{key}")
            aria-invalid=move || if wrong.with(Option::is_some) { "true" } else { "false" }
            on:change=move |event| draft.choose(row, &event_target_value(&event))
        >
            {words.iter().copied().map(option).collect_view()}
        </select>
    }
}

/// Steps and seed stand in the settings themselves.
#[component]
fn WholeField(
    page: Page,
    faults: Memo<Vec<SettingError>>,
    key: &'static str,
    named: fn(&'static SettingsText) -> &'static Named,
    get: fn(&Settings) -> u64,
    set: fn(&mut Settings, u64),
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let draft = page.draft;
    let named = move || named(&page.words.get().settings);
    let value = Memo::new(move |_| {
        let typed = draft.typed.with(|typed| typed.get(key).cloned());
        typed.unwrap_or_else(|| draft.settings.with(get).to_string())
    });
    let wrong = problem(page, faults, key);
    view! {
        <div class="field">
            <label for=format!("set-{key}")>{move || named().label}</label>
            <span class="input">
                <input
                    id=format!("set-{key}")
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    aria-describedby=format!("about-{key} wrong-{key}")
                    aria-invalid=move || if wrong.with(Option::is_some) { "true" } else { "false" }
                    prop:value=move || value.get()
                    on:change=move |event| draft.type_whole(key, &event_target_value(&event), set)
                />
                {children.map(|children| children())}
            </span>
            <Under page faults key named=Signal::derive(move || named().about) />
        </div>
    }
}

#[component]
fn SeedField(page: Page, faults: Memo<Vec<SettingError>>) -> impl IntoView {
    // Short enough to be read to somebody.
    const DRAWN_BELOW: f64 = 1_000_000.0;
    let draw = move |_| {
        let seed = (js_sys::Math::random() * DRAWN_BELOW) as u64;
        page.draft.type_whole("seed", &seed.to_string(), |settings, seed| settings.seed = seed);
    };
    view! {
        <WholeField
            page
            faults
            key="seed"
            named=|text| &text.seed
            get=|settings| settings.seed
            set=|settings, value| settings.seed = value
        >
            <button class="quiet" on:click=draw>{move || page.words.get().settings.new_seed}</button>
        </WholeField>
    }
}

#[component]
fn CopyLink(page: Page) -> impl IntoView {
    let text = move || &page.words.get().settings;
    // Whether the last copy worked, and the address.
    let copied = RwSignal::new(None::<(bool, String)>);
    let draft: Draft = page.draft;
    // A link to other settings has not been copied.
    Effect::new(move |_| {
        draft.settings.track();
        copied.set(None);
    });
    let copy = move |_| {
        let address = url::address(&draft.settings.get_untracked());
        spawn_local(async move {
            let clipboard = window().navigator().clipboard();
            let done = JsFuture::from(clipboard.write_text(&address)).await.is_ok();
            copied.set(Some((done, address)));
        });
    };
    view! {
        <p class="buttons copy">
            <button class="quiet" on:click=copy>{move || text().copy_link}</button>
            <span role="status">{move || match copied.get() {
                Some((true, _)) => text().copied,
                Some((false, _)) => text().copy_yourself,
                None => "",
            }}</span>
        </p>
        {move || match copied.get() {
            Some((false, address)) => Some(view! { <p class="address">{address}</p> }),
            _ => None,
        }}
    }
}
