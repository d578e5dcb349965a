//! Tests of a session's images: imported, removed, cleared, stored in the browser. Invariant: the page is told of
//! every change of the set.

use crate::support::{Chosen, Disk, Page, error, image, on_device, tiny, watch};
use dino_core::data::picture::{MAX_BYTES, Rejected, Room};
use dino_core::error::{Error, StateError, Unread};
use dino_core::protocol::{Command, Event, LabelBy, State};
use dino_core::run::network::Network;

fn names(page: &Page) -> Vec<String> {
    page.all(|event| match event {
        Event::Added { name, .. } => Some(name.clone()),
        _ => None,
    })
}

fn kept_bytes(page: &Page) -> Vec<(bool, bool)> {
    page.all(|event| match event {
        Event::ImagesKept { keep, bytes } => Some((*keep, *bytes > 0)),
        _ => None,
    })
}

/// How many images lie in the browser's storage.
fn stored(disk: &Disk) -> usize {
    let images = disk.folder("images");
    let files = images.files.borrow();
    files.keys().filter(|name| name.ends_with(".picture")).count()
}

#[test]
fn an_import_tells_what_it_skipped_and_takes_the_label_from_the_folder() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        page.reset(tiny()).await;
        let broken = |name: &str, size, bytes: Option<&[u8]>| Chosen {
            name: name.to_owned(),
            size,
            bytes: bytes.map(<[u8]>::to_vec),
        };
        let files = vec![
            image(0),
            broken("notes.txt", None, Some(b"these are words")),
            broken("gone.jpg", None, None),
            broken("heavy.jpg", Some(MAX_BYTES + 1), Some(b"")),
            image(1),
        ];
        let paths = files.iter().map(|file| file.name.clone()).collect();
        let answer = page
            .ask_with(Command::AddFiles { paths, unread: Vec::new(), passed_over: 0 }, files)
            .await;
        let Event::Imported { added: 2, skipped, .. } = answer else { panic!("{answer:?}") };
        let reasons: Vec<_> = skipped.iter().map(|(name, why)| (&name[..], why.short())).collect();
        let expected =
            [("notes.txt", "text"), ("gone.jpg", "not there any more"), ("heavy.jpg", "too large")];
        assert_eq!(reasons, expected);
        assert_eq!(skipped[1].1, Rejected::Unread { why: Unread::Gone });
        assert_eq!(skipped[2].1, Rejected::Heavy { bytes: MAX_BYTES + 1 });
        assert_eq!(labels(&page), ["even", "odd"]);
    });
}

/// The labels of all images, as they were told last; empty where there is none.
fn labels(page: &Page) -> Vec<String> {
    let told = page.all(|event| match event {
        Event::Labelled(labelling) => Some(labelling.labels.clone()),
        _ => None,
    });
    let last = told.last().expect("no labels were told of");
    last.iter().map(|label| label.clone().unwrap_or_default()).collect()
}

/// Adds images under these paths.
async fn add_as(page: &mut Page, paths: &[&str]) {
    let files: Vec<Chosen> = (0..paths.len()).map(image).collect();
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let command = Command::AddFiles { paths, unread: Vec::new(), passed_over: 0 };
    page.ask_with(command, files).await;
    page.settle().await;
}

#[test]
fn labels_come_from_the_folders_that_tell_images_apart_or_from_those_that_are_asked_for() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        page.reset(tiny()).await;
        add_as(&mut page, &["zoo/train/cat/photo/1.jpg", "zoo/train/cat/sketch/2.jpg"]).await;
        assert_eq!(labels(&page), ["photo", "sketch"], "nothing else tells them apart");
        add_as(&mut page, &["zoo/train/dog/photo/3.jpg", "zoo/val/dog/sketch/4.jpg"]).await;
        assert_eq!(labels(&page), ["cat", "cat", "dog", "dog"]);
        let by = page.ask(Command::LabelBy { by: LabelBy::Level(3) }).await;
        let Event::Labelled(labelling) = by else { panic!("{by:?}") };
        assert_eq!(labelling.depth, Some(3));
        let levels: Vec<_> = labelling.levels.iter().map(|l| (l.depth, l.count)).collect();
        assert_eq!(levels, [(2, 2), (3, 2)]);
        assert_eq!(labels(&page), ["photo", "sketch", "photo", "sketch"]);
        page.ask(Command::LabelBy { by: LabelBy::Nothing }).await;
        assert_eq!(labels(&page), [""; 4]);
        page.ask(Command::Clear).await;
        add_as(&mut page, &["cats/1.jpg", "cats/2.jpg"]).await;
        assert_eq!(labels(&page), [""; 2], "one folder tells nothing apart");
    });
}

#[test]
fn files_that_could_not_be_read_are_told_with_those_that_were() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        page.reset(tiny()).await;
        let unread = vec![("b".to_owned(), Unread::Denied)];
        let command = Command::AddFiles { paths: vec!["a.jpg".to_owned()], unread, passed_over: 3 };
        let answer = page.ask_with(command, vec![image(0)]).await;
        let skipped = vec![("b".to_owned(), Rejected::Unread { why: Unread::Denied })];
        assert_eq!(answer, Event::Imported { added: 1, skipped, passed_over: 3 });
    });
}

#[test]
fn a_format_that_only_the_browser_knows_is_asked_of_it() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        page.reset(tiny()).await;
        let file = |name: &str, bytes: &[u8]| Chosen {
            name: name.to_owned(),
            size: None,
            bytes: Some(bytes.to_vec()),
        };
        let files = vec![
            file("a.avif", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif"),
            file("b.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            file("c.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp42"),
        ];
        let paths = files.iter().map(|file| file.name.clone()).collect();
        let answer = page
            .ask_with(Command::AddFiles { paths, unread: Vec::new(), passed_over: 0 }, files)
            .await;
        let Event::Imported { added: 1, skipped, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(skipped[0], ("b.heic".to_owned(), Rejected::Heic));
        assert_eq!(skipped[1].1.short(), "MP4");
        assert_eq!(names(&page), ["a.avif"]);
    });
}

/// Losses of three steps on six images and the map of the last one, with that room in memory.
async fn trained(disk: &Disk) -> (Vec<u32>, Vec<u32>) {
    let mut page = Page::with(disk, 6).await;
    page.step(3).await;
    let map = page.map(5).await;
    (page.losses(), map)
}

#[test]
fn images_without_room_in_memory_train_to_the_same_bits() {
    on_device(async || {
        let expected = trained(&Disk::default()).await;
        let small = Disk::default();
        small.room.set(Room { pictures: 1, working: 1 });
        assert_eq!(trained(&small).await, expected, "from scratch files");
        assert_eq!(small.folder("scratch").files.borrow().len(), 6);
        // Another visit begins with an empty folder.
        let _ = trained(&small).await;
        assert_eq!(small.folder("scratch").files.borrow().len(), 6);
        small.no_scratch.set(true);
        assert_eq!(trained(&small).await, expected, "from the files themselves");
    });
}

#[test]
fn a_damaged_scratch_file_is_replaced_by_the_file_itself_and_stored_images_without_room_are_refused()
 {
    on_device(async || {
        let disk = Disk::default();
        disk.room.set(Room { pictures: 1, working: 1 });
        let mut page = Page::with(&disk, 2).await;
        let map = page.map(1).await;
        disk.folder("scratch").files.borrow_mut().insert("1".to_owned(), vec![0; 5]);
        assert_eq!(page.map(1).await, map);
        page.ask(Command::KeepImages { keep: true }).await;
        page.settle().await;
        // They have no file to be read from again.
        disk.no_scratch.set(true);
        let mut page = Page::open(&disk, false).await;
        page.settle().await;
        let skipped = page.all(|event| match event {
            Event::Imported { added, skipped, .. } => Some((*added, skipped.clone())),
            _ => None,
        });
        let [(0, skipped)] = &skipped[..] else { panic!("{skipped:?}") };
        assert!(skipped.len() == 2 && skipped.iter().all(|(_, why)| *why == Rejected::Full));
    });
}

#[test]
fn an_import_without_files_is_answered() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        let answer = page
            .ask(Command::AddFiles { paths: Vec::new(), unread: Vec::new(), passed_over: 0 })
            .await;
        assert_eq!(answer, Event::Imported { added: 0, skipped: Vec::new(), passed_over: 0 });
    });
}

#[test]
fn samples_come_from_the_pages_folder_and_a_missing_list_is_an_error() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::open(&disk, false).await;
        page.reset(tiny()).await;
        assert!(matches!(error(page.ask(Command::AddSamples).await), Error::File { .. }));
        let manifest = br#"{"images":[{"file":"a.jpg","label":"x"},{"file":"b.jpg","label":"y"}]}"#;
        disk.served.borrow_mut().extend([
            ("/samples/manifest.json".to_owned(), manifest.to_vec()),
            ("/samples/b.jpg".to_owned(), image(1).bytes.unwrap()),
        ]);
        let answer = page.ask(Command::AddSamples).await;
        let Event::Imported { added: 1, skipped, .. } = answer else { panic!("{answer:?}") };
        assert_eq!((&skipped[0].0[..], skipped[0].1.short()), ("a.jpg", "not read"));
        assert_eq!(names(&page), ["b.jpg"]);
    });
}

#[test]
fn when_the_watched_image_is_removed_the_next_one_is_shown() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.ask(watch(2, Network::Teacher, 1)).await;
        page.forget();
        page.ask(Command::Remove { image: 2 }).await;
        page.settle().await;
        assert_eq!(page.looks(), [(2, 1, 0)]);
        // The last image is removed: the one before it takes its place.
        page.ask(Command::Remove { image: 2 }).await;
        page.settle().await;
        assert_eq!(page.looks(), [(2, 1, 0), (1, 1, 0)]);
    });
}

#[test]
fn a_watched_image_is_followed_when_one_before_it_is_removed() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let Event::AttentionView(before) = page.ask(watch(3, Network::Teacher, 1)).await else {
            panic!("no view")
        };
        page.forget();
        page.ask(Command::Remove { image: 0 }).await;
        page.settle().await;
        let Some(Event::AttentionView(after)) =
            page.events().into_iter().find(|event| matches!(event, Event::AttentionView(_)))
        else {
            panic!("no view")
        };
        assert_eq!((after.view.image, after.picture), (2, before.picture));
    });
}

#[test]
fn pins_follow_their_images_and_leave_with_them() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.ask(Command::Pin { images: vec![0, 2, 3], every: 1, side: 16 }).await;
        page.ask(Command::Remove { image: 2 }).await;
        page.ask(Command::Remove { image: 0 }).await;
        page.settle().await;
        page.forget();
        page.step(1).await;
        let pinned = page.all(|event| match event {
            Event::Pinned { step, maps } => {
                Some((*step, maps.iter().map(|map| map.image).collect::<Vec<_>>()))
            }
            _ => None,
        });
        assert_eq!(pinned, [(1, vec![1])]);
    });
}

#[test]
fn removing_the_last_image_pauses_the_run_which_goes_on_with_others() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 1).await;
        page.ask(Command::Start).await;
        page.turn().await;
        page.ask(Command::Remove { image: 0 }).await;
        assert_eq!(page.run().state, State::Paused);
        let step = page.run().step;
        assert_eq!(error(page.ask(Command::Start).await), Error::NoImages);
        page.add(0..2).await;
        page.step(1).await;
        assert_eq!(page.run().step, step + 1);
    });
}

#[test]
fn clearing_pauses_the_run_and_unpins() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 3).await;
        page.ask(Command::Pin { images: vec![0], every: 1, side: 16 }).await;
        page.ask(Command::Start).await;
        page.turn().await;
        page.forget();
        assert_eq!(page.ask(Command::Clear).await, Event::Done);
        page.settle().await;
        assert_eq!(page.run().state, State::Paused);
        assert!(page.events().contains(&Event::Cleared));
        page.forget();
        page.add(0..3).await;
        page.step(1).await;
        assert!(!page.events().iter().any(|event| matches!(event, Event::Pinned { .. })));
        assert_eq!(page.errors(), []);
    });
}

#[test]
fn an_index_that_is_not_of_the_set_is_refused() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        for command in [
            Command::Remove { image: 2 },
            Command::Attention { image: 9999 },
            watch(2, Network::Teacher, 0),
            Command::Neighbors { image: 2, count: 1 },
        ] {
            let answer = page.ask(command).await;
            assert!(matches!(error(answer), Error::State(StateError::NoImage { last: 1, .. })));
        }
        page.ask(Command::Clear).await;
        assert_eq!(error(page.ask(Command::Attention { image: 0 }).await), Error::NoImages);
    });
}

#[test]
fn kept_images_come_back_in_order_and_go_when_they_are_not_wanted() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 3).await;
        assert_eq!(stored(&disk), 0, "images are kept without being asked for");
        page.ask(Command::KeepImages { keep: true }).await;
        page.settle().await;
        assert_eq!(stored(&disk), 3);
        page.ask(Command::Remove { image: 1 }).await;
        assert_eq!(stored(&disk), 2);

        let mut next = Page::open(&disk, false).await;
        next.reset(tiny()).await;
        next.settle().await;
        assert_eq!(names(&next), ["even/0.jpg", "even/2.jpg"]);
        next.ask(Command::KeepImages { keep: false }).await;
        assert_eq!(kept_bytes(&next).last(), Some(&(false, false)));
        assert_eq!(stored(&disk), 0);
        assert!(matches!(next.ask(Command::Attention { image: 1 }).await, Event::Attention(_)));
    });
}

#[test]
fn clearing_deletes_what_is_kept_and_ends_the_import_of_it() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 3).await;
        page.ask(Command::KeepImages { keep: true }).await;
        page.settle().await;

        let mut next = Page::open(&disk, false).await;
        next.reset(tiny()).await;
        next.turn().await;
        next.ask(Command::Clear).await;
        let ends = next.all(|event| match event {
            Event::Imported { added, .. } => Some(*added),
            _ => None,
        });
        assert_eq!((ends, stored(&disk)), (vec![1], 0));
    });
}

#[test]
fn an_image_for_which_there_is_no_room_is_told_once_and_the_session_works_on() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 3).await;
        disk.folder("images").room.set(Some(10));
        page.ask(Command::KeepImages { keep: true }).await;
        page.settle().await;
        assert!(matches!(page.errors()[..], [Error::Storage(_)]), "{:?}", page.errors());
        page.step(1).await;
        disk.folder("images").room.set(None);
        page.ask(Command::KeepImages { keep: true }).await;
        page.settle().await;
        assert_eq!(stored(&disk), 3);
    });
}
