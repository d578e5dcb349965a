//! Check of the device as the page knows it: what has been checked so far. Invariant: a report is of the last check, whole
//! or stopped.

use dino_core::protocol::{CheckedKernel, DeviceFacts};
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct DeviceCheck {
    /// The dialog is open.
    pub open: RwSignal<bool>,
    /// Checks that have ended, and how many there are.
    pub checks: RwSignal<Vec<CheckedKernel>>,
    pub total: RwSignal<usize>,
    /// What is known of the device, once the check has ended.
    pub facts: RwSignal<Option<DeviceFacts>>,
    /// It is under way.
    pub runs: RwSignal<bool>,
}

impl DeviceCheck {
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            checks: RwSignal::new(Vec::new()),
            total: RwSignal::new(0),
            facts: RwSignal::new(None),
            runs: RwSignal::new(false),
        }
    }

    /// A check begins.
    pub fn begin(self) {
        self.checks.set(Vec::new());
        self.facts.set(None);
        self.runs.set(true);
    }

    /// A kernel was checked.
    pub fn checked(self, total: usize, check: CheckedKernel) {
        self.total.set(total);
        self.checks.update(|checks| checks.push(check));
    }

    /// The check has ended, by itself, by a person, or because the device is gone.
    pub fn end(self, facts: Option<DeviceFacts>) {
        self.runs.set(false);
        self.facts.set(facts);
    }

    /// Kernels that failed.
    pub fn failed(self) -> usize {
        self.checks.with(|checks| checks.iter().filter(|check| check.failed.is_some()).count())
    }
}
