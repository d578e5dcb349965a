//! Tests of a session's run: prepared, started, stepped, paused, reset, stopped. Invariant: every request is
//! answered once.

use crate::support::{Chosen, Disk, Page, error, image, on_device, tiny};
use dino_core::error::{Error, StateError};
use dino_core::protocol::{Command, Content, Event, Failure, NoGpu, State};
use dino_core::run::settings::{Setting, Settings};
use dino_core::weights::Choice;
use dino_core::weights::checkpoint::Checkpoint;
use dino_engine::tune::TunedGpu;
use std::rc::Rc;

#[test]
fn without_a_device_the_page_is_told_why() {
    on_device(async || {
        let page = Page::open_on(&Disk::default(), false, Some(Err(NoGpu::Missing))).await;
        assert_eq!(page.opened, Event::NoGpu(NoGpu::Missing));
    });
}

#[test]
fn a_run_is_prepared_by_the_first_import_and_by_nothing_before() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        page.reset(tiny()).await;
        assert_eq!(page.states(), [State::Idle, State::Idle]);
        page.add(0..2).await;
        assert_eq!(page.states()[2..], [State::Preparing, State::Paused]);
    });
}

#[test]
fn start_and_step_are_refused_without_images() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        assert_eq!(error(page.ask(Command::Start).await), Error::NoImages);
        assert_eq!(error(page.ask(Command::Step { steps: 1 }).await), Error::NoImages);
        assert_eq!(page.run().state, State::Idle);
    });
}

#[test]
fn steps_are_answered_once_when_the_last_one_is_done() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let id = page.send(Command::Step { steps: 3 }, Vec::new()).await;
        assert_eq!(page.answer(id), None);
        assert_eq!(page.await_answer(id).await, Event::Done);
        page.settle().await;
        assert_eq!((page.run().state, page.run().step), (State::Paused, 3));
        assert_eq!(page.steps(), [0, 1, 2]);
        // Asks for a second answer to the same request, which fails the test.
        assert_eq!(page.answer(id), Some(Event::Done));
    });
}

#[test]
fn no_step_follows_a_pause() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.ask(Command::Start).await;
        page.turn().await;
        page.turn().await;
        assert_eq!(page.ask(Command::Pause).await, Event::Done);
        page.settle().await;
        page.turn().await;
        assert_eq!((page.run().state, page.run().step), (State::Paused, 2));
        assert_eq!(page.steps(), [0, 1], "every finished step is reported once");
    });
}

#[test]
fn requests_are_answered_in_order_under_their_ids() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 3).await;
        page.forget();
        let crops = page.send(Command::Crops { image: 1, draw: 5 }, Vec::new()).await;
        let maps = page.send(Command::Attention { image: 2 }, Vec::new()).await;
        assert_eq!(page.answered(), [crops, maps]);
        assert!(matches!(page.answer(crops), Some(Event::Crops { image: 1, draw: 5, .. })));
        assert!(matches!(page.answer(maps), Some(Event::Attention(a)) if a.image == 2));
    });
}

#[test]
fn a_new_request_for_steps_answers_the_one_under_way() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let first = page.send(Command::Step { steps: 20 }, Vec::new()).await;
        page.turn().await;
        let second = page.send(Command::Step { steps: 1 }, Vec::new()).await;
        assert_eq!(page.answer(first), Some(Event::Done));
        assert_eq!(page.await_answer(second).await, Event::Done);
        assert_eq!(page.run().step, 2);
    });
}

#[test]
fn a_run_ends_finished_and_trains_no_further() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        page.reset(Settings { steps: 3, ..tiny() }).await;
        page.add(0..2).await;
        let total = page.run().total_steps;
        page.step(1000).await;
        assert_eq!((page.run().state, page.run().step), (State::Finished, total));
        let complete = StateError::Complete { steps: total };
        assert_eq!(error(page.ask(Command::Start).await), complete.into());
        assert_eq!(page.run().step, total);
    });
}

#[test]
fn a_reset_prepares_a_run_of_the_other_settings() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(2).await;
        let mut settings = tiny();
        settings.seed = 11;
        settings.changed.insert(Setting::Batch, 4.0.into());
        page.reset(settings.clone()).await;
        let run = page.run();
        assert_eq!((run.state, run.step, run.batch), (State::Paused, 0, 4));
        assert_eq!(run.settings, settings);
    });
}

#[test]
fn settings_out_of_range_are_refused_and_the_run_stays() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(2).await;
        let mut settings = tiny();
        settings.changed.insert(Setting::Heads, 3.0.into());
        assert!(matches!(error(page.ask(Command::Reset { settings }).await), Error::Setting(_)));
        page.step(1).await;
        assert_eq!(page.run().step, 3);
    });
}

#[test]
fn the_page_is_told_once_that_images_are_repeated() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 1).await;
        page.step(1).await;
        page.step(1).await;
        let told = page.all(|event| match event {
            Event::Repeating { images, batch } => Some((*images, *batch)),
            _ => None,
        });
        assert_eq!(told, [(1, 2)]);
    });
}

#[test]
fn a_loss_that_is_no_number_stops_the_run_and_answers_who_waits() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(1).await;
        let Event::File { bytes, .. } = page.ask(Command::Save { content: Content::Run }).await
        else {
            panic!("no file")
        };
        let mut checkpoint = Checkpoint::from_bytes("run", &bytes).unwrap();
        for tensor in checkpoint.tensors.values_mut() {
            tensor.data.iter_mut().for_each(|value| *value *= 1e30);
        }
        let file =
            Chosen { name: "run".into(), size: None, bytes: Some(checkpoint.to_bytes().unwrap()) };
        page.ask_with(
            Command::Load { settings: tiny(), keep: None, choice: Choice::default() },
            vec![file],
        )
        .await;
        let answer = page.ask(Command::Step { steps: 20 }).await;
        assert!(matches!(error(answer), Error::NotFinite { .. }));
        assert_eq!(page.run().state, State::Stopped);
    });
}

#[test]
fn a_lost_device_is_fatal_and_the_next_session_resumes_what_was_kept() {
    on_device(async || {
        let disk = Disk::default();
        let gpu = Rc::new(TunedGpu::new().await.unwrap());
        let mut page = Page::open_on(&disk, false, Some(Ok(gpu))).await;
        page.reset(tiny()).await;
        page.add(0..4).await;
        page.step(2).await;
        page.kept(2).await;
        page.forget();
        page.ask(Command::Start).await;
        page.ask(Command::Fail { how: Failure::LoseDevice }).await;
        for _ in 0..10 {
            page.turn().await;
        }
        let fatal = page.all(|event| match event {
            Event::Fatal { error } => Some(error.clone()),
            _ => None,
        });
        assert!(matches!(fatal[..], [Error::Device(_)]), "{fatal:?}");
        assert_eq!(page.run().state, State::Running, "what the run did before");

        let mut next = Page::open(&disk, false).await;
        assert_eq!(next.offered().map(|kept| kept.step), Some(2));
        next.add(0..4).await;
        assert_eq!(next.ask(Command::Resume).await, Event::Done);
        next.step(1).await;
        assert_eq!(next.run().step, 3);
    });
}

#[test]
fn images_come_in_while_training_goes_on_and_every_step_sees_a_whole_set() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        page.ask(Command::Start).await;
        page.turn().await;
        let files: Vec<_> = (2..6).map(image).collect();
        let paths = files.iter().map(|file| file.name.clone()).collect();
        let id =
            page.send(Command::AddFiles { paths, unread: Vec::new(), passed_over: 0 }, files).await;
        // A removal between two files.
        page.turn().await;
        page.ask(Command::Remove { image: 0 }).await;
        let answer = page.await_answer(id).await;
        assert_eq!(answer, Event::Imported { added: 4, skipped: Vec::new(), passed_over: 0 });
        page.turn().await;
        page.turn().await;
        page.ask(Command::Pause).await;
        assert_eq!(page.errors(), []);
        assert!(page.run().step >= 3);
        assert!(matches!(
            page.ask(Command::Crops { image: 4, draw: 0 }).await,
            Event::Crops { .. }
        ));
        let refused = page.ask(Command::Crops { image: 5, draw: 0 }).await;
        assert_eq!(error(refused), StateError::NoImage { last: 4, found: 5 }.into());
    });
}

#[test]
fn every_preset_is_estimated_and_one_that_is_wrong_says_so() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        let mut settings = tiny();
        settings.changed.insert(Setting::Heads, 3.0.into());
        let Event::Estimates { rows } = page.ask(Command::Estimate { settings }).await else {
            panic!("no estimates")
        };
        assert_eq!(rows.len(), 4);
        for row in rows {
            assert_eq!(row.refused.is_some(), row.preset == "spark", "{}", row.preset);
            assert_eq!(row.seconds > 0.0 && row.bytes > 0, row.preset != "spark", "{}", row.preset);
        }
    });
}
