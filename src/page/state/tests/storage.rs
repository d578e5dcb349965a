//! Tests of saved runs and files, and of two tabs. Invariant: a person is asked once, in the tab that owns the run.

use super::{run, saved_run, with_model};
use crate::state::storage::Opening;
use dino_core::Error;
use dino_core::error::{FileProblem, StorageError};
use dino_core::protocol::{Event, State, StoredFile};
use leptos::prelude::*;

#[test]
fn a_saved_checkpoint_clears_offer_and_warning_and_sets_the_status_line() {
    with_model(|model| {
        let storage = model.storage;
        let line = || untrack(|| storage.line());
        storage.offer.set(Some(saved_run(10)));
        model.apply(Event::NotSaved { error: StorageError::Full.into() });
        assert_eq!((line(), storage.not_saved.get_untracked().is_some()), (None, true));
        model.apply(Event::Saved { step: 40, bytes: 1000, seconds: 29.6 });
        assert_eq!(line(), Some((40, 1000, 30)));
        assert!(storage.offer.get_untracked().is_none());
        assert!(storage.not_saved.get_untracked().is_none());
        assert!(model.attention.decided.get_untracked());
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert_eq!(line(), None, "another run");
    });
}

#[test]
fn preparing_a_run_clears_the_other_images_notice_but_not_the_damage() {
    with_model(|model| {
        let storage = model.storage;
        let reason = Error::file("state-1", FileProblem::Absent);
        model.apply(Event::Damaged { step: Some(7), reason: reason.clone() });
        model.apply(Event::OtherImages { kept: 4, found: 3 });
        assert_eq!(storage.damaged.get_untracked(), Some((Some(7), reason)));
        assert_eq!(storage.other_images.get_untracked(), Some((4, 3)));
        model.apply(Event::Run(run(State::Preparing, 0)));
        assert_eq!(storage.other_images.get_untracked(), None);
        assert!(storage.damaged.get_untracked().is_some(), "a person closes it");
    });
}

#[test]
fn a_second_tab_resumes_the_run_by_itself_and_the_first_is_asked() {
    with_model(|model| {
        let storage = model.storage;
        let saved = saved_run(10);
        let first = Opening { samples: true, resumes: false, offer: Some(saved.clone()) };
        assert_eq!(storage.opening(Some(saved.clone())), first);
        model.apply(Event::ImagesKept { keep: true, bytes: 5 });
        storage.reader.set(true);
        let second = Opening { samples: false, resumes: true, offer: None };
        assert_eq!(storage.opening(Some(saved)), second);
        assert!(!storage.opening(None).resumes);
    });
}

#[test]
fn only_the_newest_checkpoint_of_the_run_is_listed() {
    with_model(|model| {
        let file =
            |name: &str, step| StoredFile { name: name.to_owned(), step, bytes: 1, saved: 0.0 };
        let files = vec![file("run", Some(30)), file("run", Some(20)), file("dino.pth", None)];
        model.shelf.files.set(files);
        let listed: Vec<_> = untrack(|| model.shelf.listed()).into_iter().map(|f| f.step).collect();
        assert_eq!(listed, [Some(30), None]);
        assert!(untrack(|| model.shelf.has("dino.pth") && !model.shelf.has("x")));
    });
}
