//! Tests of the run in the browser's storage: stored, resumed, damaged, deleted; two tabs. Invariant: a run is
//! resumed to the bit.

use crate::support::{Chosen, Disk, Page, error, image, on_device, tiny, watch};
use dino_core::error::StateError;
use dino_core::protocol::{Command, Content, Event, State};
use dino_core::run::network::Network;
use dino_core::run::settings::Settings;
use dino_core::weights::Choice;

#[test]
fn twelve_steps_a_reload_and_twelve_more_are_twenty_four_to_the_bit() {
    on_device(async || {
        let mut once = Page::with(&Disk::default(), 4).await;
        once.step(24).await;

        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(12).await;
        page.kept(12).await;
        let mut next = Page::open(&disk, false).await;
        let offered = next.offered().expect("no run is offered");
        assert_eq!((offered.step, offered.images, offered.settings), (12, 4, tiny()));
        next.add(0..4).await;
        next.forget();
        assert_eq!(next.ask(Command::Resume).await, Event::Done);
        assert_eq!(next.steps(), (0..12).collect::<Vec<_>>(), "the history");
        assert_eq!(next.map(1).await, page.map(1).await);
        next.step(12).await;
        assert_eq!(next.losses(), once.losses());
        assert_eq!(next.map(1).await, once.map(1).await);
        let other = next.all(|event| matches!(event, Event::OtherImages { .. }).then_some(()));
        assert!(other.is_empty(), "the images are the same");
    });
}

#[test]
fn snapshots_come_back_with_the_run() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(8).await;
        page.kept(8).await;
        let begin = page.ask(watch(0, Network::Snapshot(0), 1)).await;
        let mut next = Page::open(&disk, false).await;
        next.add(0..4).await;
        next.ask(Command::Resume).await;
        assert_eq!(next.ask(watch(0, Network::Snapshot(0), 1)).await, begin);
    });
}

#[test]
fn a_resume_waits_for_images_on_their_way() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 3).await;
        page.ask(Command::KeepImages { keep: true }).await;
        page.step(2).await;
        page.kept(2).await;
        page.settle().await;

        let mut next = Page::open(&disk, false).await;
        let id = next.send(Command::Resume, Vec::new()).await;
        assert_eq!(next.answer(id), None);
        assert_eq!(next.await_answer(id).await, Event::Done);
        next.settle().await;
        assert_eq!(next.states(), [State::Idle, State::Preparing, State::Paused]);
        let other = next.all(|event| matches!(event, Event::OtherImages { .. }).then_some(()));
        assert!(other.is_empty(), "the images are the same");
    });
}

#[test]
fn a_run_that_goes_on_with_other_images_says_so_once() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(2).await;
        page.kept(2).await;
        let mut next = Page::open(&disk, false).await;
        next.add(0..3).await;
        next.ask(Command::Resume).await;
        next.step(1).await;
        next.step(1).await;
        let other = next.all(|event| match event {
            Event::OtherImages { kept, found } => Some((*kept, *found)),
            _ => None,
        });
        assert_eq!(other, [(4, 3)]);
        assert_eq!(next.run().step, 4);
    });
}

#[test]
fn as_many_other_images_are_noticed_by_their_files_and_names_do_not_matter() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(2).await;
        page.kept(2).await;
        let told = async |numbers: std::ops::Range<usize>, folder: &str| {
            let mut next = Page::open(&disk, false).await;
            let files: Vec<Chosen> = numbers.map(image).collect();
            let paths = files.iter().map(|file| format!("{folder}{}", file.name)).collect();
            let command = Command::AddFiles { paths, unread: Vec::new(), passed_over: 0 };
            next.ask_with(command, files).await;
            next.settle().await;
            next.ask(Command::Resume).await;
            next.all(|event| matches!(event, Event::OtherImages { .. }).then_some(())).len()
        };
        assert_eq!(told(0..4, "").await, 0);
        assert_eq!(told(0..4, "elsewhere/").await, 0, "the folder has another name");
        assert_eq!(told(1..5, "").await, 1, "as many, and one is another");
    });
}

#[test]
fn a_file_of_a_run_says_that_its_images_were_others() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(2).await;
        let Event::File { name, bytes } = page.ask(Command::Save { content: Content::Run }).await
        else {
            panic!("not saved")
        };
        let told = async |images: usize| {
            let mut next = Page::with(&Disk::default(), images).await;
            let file = Chosen { name: name.clone(), size: None, bytes: Some(bytes.clone()) };
            let (settings, choice) = (tiny(), Choice::default());
            next.ask_with(Command::Load { settings, keep: None, choice }, vec![file]).await;
            next.all(|event| match event {
                Event::OtherImages { kept, found } => Some((*kept, *found)),
                _ => None,
            })
        };
        assert_eq!(told(4).await, []);
        assert_eq!(told(3).await, [(4, 3)]);
    });
}

#[test]
fn without_a_run_that_is_kept_a_resume_is_refused() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        assert_eq!(page.offered(), None);
        assert_eq!(error(page.ask(Command::Resume).await), StateError::NoSavedRun.into());
        page.step(1).await;
        assert_eq!(page.run().step, 1);
    });
}

#[test]
fn a_damaged_checkpoint_gives_way_to_the_older_one() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(2).await;
        page.kept(2).await;
        let older = page.map(0).await;
        page.step(2).await;
        page.kept(4).await;
        disk.damage_newest();
        let mut next = Page::open(&disk, false).await;
        let damaged = next.all(|event| match event {
            Event::Damaged { step, .. } => Some(*step),
            _ => None,
        });
        assert_eq!(damaged, [Some(4)]);
        assert_eq!(next.offered().map(|kept| kept.step), Some(2));
        next.add(0..4).await;
        next.ask(Command::Resume).await;
        assert_eq!(next.map(0).await, older);
    });
}

#[test]
fn a_checkpoint_that_is_damaged_after_it_was_offered_gives_way_too() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(2).await;
        page.kept(2).await;
        page.step(2).await;
        page.kept(4).await;
        let mut next = Page::open(&disk, false).await;
        assert_eq!(next.offered().map(|kept| kept.step), Some(4));
        disk.damage_newest();
        next.add(0..4).await;
        assert_eq!(next.ask(Command::Resume).await, Event::Done);
        assert_eq!(next.run().step, 2);
    });
}

#[test]
fn a_full_storage_is_told_and_training_goes_on_until_there_is_room() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        disk.folder("runs").room.set(Some(1000));
        page.step(2).await;
        page.settle().await;
        page.ask(Command::Hidden).await;
        let refused = page.all(|event| match event {
            Event::NotSaved { error } => Some(error.to_string()),
            _ => None,
        });
        assert_eq!(refused.len(), 1);
        assert!(refused[0].contains("no room"), "{refused:?}");
        page.step(2).await;
        assert_eq!(page.run().step, 4);
        disk.folder("runs").room.set(None);
        page.kept(4).await;
    });
}

#[test]
fn a_hidden_page_keeps_a_run_that_trains_once_a_step() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.ask(Command::Hidden).await;
        assert!(page.saved().is_empty(), "a run without steps");
        page.ask(Command::Start).await;
        page.turn().await;
        page.ask(Command::Hidden).await;
        page.ask(Command::Hidden).await;
        assert_eq!(page.saved(), [1]);
        assert_eq!(page.run().state, State::Running);
    });
}

#[test]
fn a_paused_run_is_stored_without_a_request() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.ask(Command::Start).await;
        page.turn().await;
        page.ask(Command::Pause).await;
        page.settle().await;
        page.turn().await;
        assert_eq!(page.saved(), [1]);
    });
}

#[test]
fn a_deleted_run_is_not_offered() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(2).await;
        page.kept(2).await;
        assert_eq!(page.ask(Command::Forget).await, Event::Done);
        assert_eq!(Page::open(&disk, false).await.offered(), None);
    });
}

#[test]
fn a_new_run_replaces_the_stored_one_after_its_first_steps() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(2).await;
        page.kept(2).await;
        page.reset(Settings { seed: 8, ..tiny() }).await;
        page.settle().await;
        page.turn().await;
        let mut next = Page::open(&disk, false).await;
        assert_eq!(next.offered().map(|kept| kept.settings.seed), Some(7));
        next.reset(Settings { seed: 9, ..tiny() }).await;
        next.add(0..4).await;
        next.step(1).await;
        next.kept(1).await;
        let last = Page::open(&disk, false).await;
        assert_eq!(last.offered().map(|kept| kept.settings.seed), Some(9));
    });
}

#[test]
fn a_tab_that_only_reads_shows_the_run_and_changes_nothing() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(3).await;
        page.kept(3).await;
        let mut reader = Page::open(&disk, true).await;
        reader.add(0..4).await;
        let files = disk.folder("runs").files.borrow().clone();
        assert_eq!(reader.ask(Command::Resume).await, Event::Done);
        assert_eq!((reader.run().step, reader.steps()), (3, vec![0, 1, 2]));
        assert_eq!(reader.map(0).await, page.map(0).await);
        for command in [
            Command::Start,
            Command::Step { steps: 1 },
            Command::Reset { settings: tiny() },
            Command::Continue { settings: tiny() },
            Command::Forget,
            Command::KeepImages { keep: true },
            Command::DeleteKept { name: "x".into() },
        ] {
            let answer = reader.ask(command.clone()).await;
            let refused = error(answer);
            assert!(refused.to_string().contains("another tab"), "{command:?}: {refused}");
        }
        reader.ask(Command::Hidden).await;
        reader.settle().await;
        assert_eq!(reader.run().state, State::Paused);
        assert_eq!(*disk.folder("runs").files.borrow(), files);

        // The other tab trains on.
        page.step(2).await;
        page.kept(5).await;
        reader.ask(Command::Resume).await;
        assert_eq!(reader.run().step, 5);
    });
}
