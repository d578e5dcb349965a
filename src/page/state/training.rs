//! Training as the form and its buttons see it: what is missing, what is wrong, what differs from the run, what Start begins
//! with. Invariant: a run is only begun with settings that have no fault.

use crate::state::draft::Draft;
use crate::state::model::Model;
use crate::state::request;
use dino_core::Error;
use dino_core::eval::health::{Diagnosis, judge};
use dino_core::protocol::{Estimate, State};
use dino_core::run::schedule::frozen_steps;
use dino_core::run::settings::{Notice, SettingError, Settings};
use leptos::prelude::*;

/// What is missing before anything can start.
pub fn unready(model: Model) -> bool {
    model.adapter.with(Option::is_none)
        || model.fatal.with(Option::is_some)
        || model.images.with(Vec::is_empty)
        || model.storage.reader.get()
        || model.state() == State::Preparing
}

/// The settings of the run.
pub fn applied(model: Model) -> Option<Settings> {
    model.run.with(|run| run.as_ref().map(|run| run.settings.clone()))
}

/// What is wrong with the form, for a memo.
pub fn faults(model: Model, draft: Draft) -> Vec<SettingError> {
    let images = model.images.with(Vec::len);
    draft.settings.with(|settings| settings.check(images))
}

/// The form cannot be applied.
pub fn is_faulty(faults: &[SettingError], draft: Draft) -> bool {
    !faults.is_empty() || draft.typed.with(|typed| !typed.is_empty())
}

/// The form says other things than the run, so that it has to be applied.
pub fn differs(applied: Option<&Settings>, draft: Draft, faulty: bool) -> bool {
    applied.is_some_and(|applied| faulty || draft.settings.with(|settings| settings != applied))
}

/// There is nothing to lose: no step, and no weights with which the run began.
pub fn is_fresh(model: Model) -> bool {
    model.step() == 0 && !model.shelf.is_begun_with(model.storage.saved_step())
}

/// Takes a link's settings into the form. True if a run is to be begun with them at once: where there is a step to lose the
/// form only says that they came from a link, and a reader's run is another tab's.
pub fn take_link(model: Model, draft: Draft, settings: &Settings, notices: Vec<Notice>) -> bool {
    draft.notices.set(notices);
    if untrack(|| applied(model)).as_ref() == Some(settings) {
        return false;
    }
    draft.begin(settings.clone());
    if model.storage.reader.get_untracked() {
        return false;
    }
    let loses = model.step_untracked() > 0;
    if loses {
        draft.linked.set(true);
    }
    !loses
}

/// What a preset takes on this adapter, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Takes {
    /// No number will come, because there is no device.
    Nothing,
    Measuring,
    /// Why it does not run; `seconds` as the estimate has them.
    Refused {
        error: Error,
        seconds: f64,
    },
    Known(Estimate),
}

/// What this preset takes.
pub fn takes(model: Model, preset: &str) -> Takes {
    let estimate = model.estimates.with(|all| all.iter().find(|e| e.preset == preset).cloned());
    match estimate {
        Some(Estimate { refused: Some(error), seconds, .. }) => Takes::Refused { error, seconds },
        Some(estimate) => Takes::Known(estimate),
        None if model.no_gpu.with(Option::is_some) => Takes::Nothing,
        None => Takes::Measuring,
    }
}

/// Steps for which the run's backbone is frozen.
pub fn frozen(model: Model) -> u64 {
    let images = model.images.with(Vec::len);
    let config = model.run.with(|run| run.as_ref()?.settings.config(images).ok());
    config.map_or(0, |config| frozen_steps(&config.train) as u64)
}

/// What Start begins with, where it may surprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Random weights, although the starter's attention is shown.
    AtRandom,
    /// The head alone, until this step.
    HeadFirst(u64),
}

/// What Start begins with; `frozen` is of [`frozen`].
pub fn begins(model: Model, frozen: u64) -> Option<Begins> {
    let starter = model.attention.starter.with(Option::is_some);
    let asked = model.storage.offer.with(Option::is_some);
    let paused = model.state() == State::Paused;
    if starter && paused && !asked && request::undecided(model) {
        return Some(Begins::AtRandom);
    }
    (frozen > model.step()).then_some(Begins::HeadFirst(frozen))
}

/// Prototypes, width, and frozen steps of the run, which the health is judged by.
pub fn sizes(model: Model) -> (usize, usize, u64) {
    let [prototypes, dim] =
        model.run.with(|run| run.as_ref().map_or([0, 0], |run| [run.prototypes, run.dim]));
    (prototypes, dim, frozen(model))
}

/// The health of the run; `None` before there is anything to judge.
pub fn diagnosis(
    model: Model,
    (prototypes, dim, frozen): (usize, usize, u64),
) -> Option<Diagnosis> {
    model.history.with(|history| judge(history, prototypes, dim, frozen))
}
