//! Requests about files of weights: taking one in, saving one, listing those in the browser's storage. Invariant: one
//! file at a time is read or written, and a second one waits its turn; what is refused changes nothing of the run that is here.

use crate::client::dom::describe;
use crate::client::download;
use crate::context::Page;
use dino_core::Error;
use dino_core::error::SettingProblem;
use dino_core::protocol::{Command, Content, Event};
use dino_core::weights::Choice;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// What a browser calls a file that it knows nothing of.
const KIND: &str = "application/octet-stream";

/// A file of weights, and the configuration that came with it.
#[derive(Clone)]
pub struct WeightsFile {
    pub file: File,
    pub card: Option<File>,
}

/// Weights to be taken in.
#[derive(Clone)]
pub struct Job {
    command: Command,
    files: Array,
}

impl Page {
    /// Takes a file of weights in, as soon as no other is read; if that fails, the page says why.
    pub fn load_weights(self, weights: WeightsFile, keep: Option<String>) {
        let settings = self.draft.settings.get_untracked();
        let files = std::iter::once(weights.file).chain(weights.card).collect();
        self.take_weights(Command::Load { settings, keep, choice: Choice::default() }, files);
    }

    /// The same for any command that takes weights in.
    pub fn take_weights(self, command: Command, files: Array) {
        let job = Job { command, files };
        let shelf = self.model.shelf;
        if shelf.busy.get_untracked() {
            self.jobs.update_value(|jobs| jobs.push_back(job));
            shelf.waiting.update(|waiting| *waiting += 1);
            return;
        }
        self.begin_job(job);
    }

    /// Takes the last file in again, with another choice of what is in it.
    pub fn choose_weights(self, chosen: Choice) {
        let Some(Job { mut command, files }) = self.last_job.get_value() else { return };
        if let Command::Load { choice, .. } | Command::LoadStored { choice, .. } = &mut command {
            *choice = chosen;
            self.take_weights(command, files);
        }
    }

    fn begin_job(self, job: Job) {
        let shelf = self.model.shelf;
        shelf.busy.set(true);
        shelf.loaded.set(None);
        if let Some((_, question)) = shelf.width_of_heads.try_update(Option::take).flatten() {
            // It is answered, or another file was given.
            self.model.problems.update(|problems| problems.retain(|p| p.text != question));
        }
        let choice = match &job.command {
            Command::Load { choice, .. } | Command::LoadStored { choice, .. } => choice.clone(),
            _ => Choice::default(),
        };
        shelf.choice.set(choice);
        self.last_job.set_value(Some(job.clone()));
        spawn_local(async move {
            match self.request(job.command, &job.files).await {
                Ok(Event::Loaded(loaded)) => {
                    self.model.storage.offer.set(None);
                    self.model.attention.decide();
                    shelf.loaded.set(Some(loaded));
                }
                Ok(_) => {}
                Err(refused) => {
                    if let Some(Error::Setting(setting)) = &refused.error
                        && let SettingProblem::HeadsUnknown { width } = setting.problem
                    {
                        shelf.width_of_heads.set(Some((width, refused.sentence.clone())));
                    }
                    self.model.complain(refused.sentence);
                }
            }
            self.end_job();
            self.list_weights();
        });
    }

    /// The file is read or written: the next one may be.
    fn end_job(self) {
        let shelf = self.model.shelf;
        shelf.busy.set(false);
        if let Some(next) = self.jobs.try_update_value(|jobs| jobs.pop_front()).flatten() {
            shelf.waiting.update(|waiting| *waiting = waiting.saturating_sub(1));
            self.begin_job(next);
        }
    }

    /// Asks what is kept.
    pub fn list_weights(self) {
        self.ask_weights(Command::StoredFiles);
    }

    /// Sends a command whose answer is the list of saved files.
    pub fn ask_weights(self, command: Command) {
        spawn_local(async move {
            match self.call(command, &Array::new()).await {
                Ok(Event::StoredFiles { files }) => self.model.shelf.files.set(files),
                Ok(_) => {}
                // A browser that keeps nothing has said so elsewhere.
                Err(_) => self.model.shelf.files.set(Vec::new()),
            }
        });
    }

    /// Lets the browser save the run, or its backbone alone, as a file.
    pub fn save_weights(self, content: Content) {
        self.model.shelf.busy.set(true);
        spawn_local(async move {
            let saved = match self.call(Command::Save { content }, &Array::new()).await {
                Ok(Event::File { name, bytes }) => {
                    download::bytes(&bytes, KIND, &name).map_err(|e| describe(&e))
                }
                Ok(_) => Ok(()),
                Err(message) => Err(message),
            };
            if let Err(message) = saved {
                self.model.complain(message);
            }
            self.end_job();
        });
    }
}
