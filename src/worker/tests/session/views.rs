//! Tests of the views: watched and pinned images, colours, neighbours, crops, frames of a camera, snapshots.
//! Invariant: the same request at the same step gives the same answer.

use crate::support::{Disk, Page, error, on_device, tiny, watch};
use dino_core::data::picture::Picture;
use dino_core::error::{Error, StateError};
use dino_core::protocol::{Accuracy, AttentionView, Command, Event, View};
use dino_core::run::network::Network;
use dino_core::run::settings::Settings;
use std::time::{Duration, Instant};

async fn look(page: &mut Page, image: usize, network: Network, layer: usize) -> AttentionView {
    match page.ask(watch(image, network, layer)).await {
        Event::AttentionView(look) => look,
        other => panic!("{other:?}"),
    }
}

fn accuracy(page: &Page) -> Vec<Accuracy> {
    page.all(|event| match event {
        Event::Accuracy(accuracy) => Some(*accuracy),
        _ => None,
    })
}

fn snapshots(page: &Page) -> Vec<u64> {
    let told = page.all(|event| match event {
        Event::Snapshots { steps } => Some(steps.clone()),
        _ => None,
    });
    told.last().cloned().unwrap_or_default()
}

#[test]
fn a_prepared_run_shows_its_crops_its_first_snapshot_and_an_accuracy() {
    on_device(async || {
        let page = Page::with(&Disk::default(), 6).await;
        assert_eq!(snapshots(&page), [0]);
        let [accuracy] = accuracy(&page)[..] else { panic!("one accuracy") };
        assert_eq!((accuracy.step, accuracy.images, accuracy.labels), (0, 6, 2));
        assert_eq!(accuracy.chance, 0.5);
        assert!(page.events().iter().any(|event| matches!(event, Event::Crops { .. })));
        assert_eq!(page.looks(), [], "maps that nobody asked for");
    });
}

#[test]
fn images_of_one_label_have_no_accuracy_but_neighbors() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 1).await;
        page.add(2..3).await;
        page.add(4..5).await;
        assert_eq!(accuracy(&page), []);
        let answer = page.ask(Command::Neighbors { image: 1, count: 8 }).await;
        let Event::Neighbors { image: 1, step: 0, nearest } = answer else { panic!("{answer:?}") };
        let mut found: Vec<usize> = nearest.iter().map(|(image, _)| *image).collect();
        assert!(nearest[0].1 >= nearest[1].1 && nearest[0].1 < 1.0001, "{nearest:?}");
        found.sort_unstable();
        assert_eq!(found, [0, 2]);
    });
}

#[test]
fn the_maps_of_a_view_are_the_softmax_of_its_queries_and_keys() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        let [first, last] = [
            look(&mut page, 1, Network::Teacher, 0).await,
            look(&mut page, 1, Network::Teacher, 1).await,
        ];
        assert_ne!(first.maps, last.maps, "two layers look alike");
        assert_eq!((last.layers, last.maps.heads, last.patch), (2, 2, 8));
        let [width, height] = last.maps.grid;
        assert_eq!((last.picture.width, last.picture.height), (8 * width, 8 * height));
        let (patches, head) = (width * height, last.dim / 2);
        for h in 0..2 {
            let row = |values: &[f32], token: usize| -> Vec<f32> {
                let start = (h * (patches + 1) + token) * head;
                values[start..start + head].to_vec()
            };
            let query = row(&last.queries.0, 0);
            let products = (0..=patches).map(|token| {
                row(&last.keys.0, token).iter().zip(&query).map(|(k, q)| k * q).sum::<f32>().exp()
            });
            let products: Vec<f32> = products.collect();
            let sum: f32 = products.iter().sum();
            for (patch, product) in products[1..].iter().enumerate() {
                let map = last.maps.values[h * patches + patch];
                assert!((product / sum - map).abs() < 1e-5, "head {h}, patch {patch}");
            }
        }
        let length: f32 = last.features.0[..last.dim].iter().map(|value| value * value).sum();
        assert!((length - 1.0).abs() < 1e-4, "a feature of length {length}");
    });
}

#[test]
fn a_watched_view_is_shown_again_after_a_pause_and_not_every_step() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        look(&mut page, 3, Network::Teacher, 1).await;
        page.forget();
        let begin = Instant::now();
        page.ask(Command::Start).await;
        for _ in 0..6 {
            page.turn().await;
        }
        let most = begin.elapsed().as_secs() / 2;
        let while_training = page.looks().len() as u64;
        assert!(while_training <= most, "{while_training} views in {:?}", begin.elapsed());
        page.ask(Command::Pause).await;
        page.settle().await;
        let step = page.run().step;
        assert_eq!(page.looks().last(), Some(&(3, 1, step)));
        assert_eq!(page.looks().len() as u64, while_training + 1);
    });
}

#[test]
fn a_watched_view_is_shown_again_while_training() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        page.reset(Settings { steps: 100_000, ..tiny() }).await;
        page.add(0..4).await;
        look(&mut page, 1, Network::Teacher, 0).await;
        page.forget();
        page.ask(Command::Start).await;
        let begin = Instant::now();
        while page.looks().is_empty() {
            assert!(begin.elapsed() < Duration::from_secs(60), "no view was shown again");
            page.turn().await;
        }
        let [(1, 0, step)] = page.looks()[..] else { panic!("{:?}", page.looks()) };
        assert!(step > 0);
    });
}

#[test]
fn only_the_view_that_was_asked_for_last_is_shown_again() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let first = page.send(watch(0, Network::Teacher, 0), Vec::new()).await;
        let second = page.send(watch(2, Network::Student, 1), Vec::new()).await;
        // Both are answered, so a page can drop the one that it replaced.
        for (id, image) in [(first, 0), (second, 2)] {
            let answer = page.answer(id);
            assert!(matches!(answer, Some(Event::AttentionView(look)) if look.view.image == image));
        }
        page.forget();
        page.step(1).await;
        page.settle().await;
        assert_eq!(page.looks(), [(2, 1, 1)]);
    });
}

#[test]
fn a_view_that_cannot_be_shown_leaves_the_one_before_it() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        look(&mut page, 1, Network::Teacher, 1).await;
        for (refused, reason) in [
            (watch(9999, Network::Teacher, 0), StateError::NoImage { last: 3, found: 9999 }),
            (watch(0, Network::Teacher, 2), StateError::NoLayer { last: 1, found: 2 }),
            (
                watch(0, Network::Snapshot(12345), 0),
                StateError::NoSnapshot { steps: vec![0], found: 12345 },
            ),
            (watch(0, Network::Starter, 0), StateError::NoStarter),
        ] {
            assert_eq!(error(page.ask(refused).await), reason.into());
        }
        page.forget();
        page.step(1).await;
        page.settle().await;
        assert_eq!(page.looks(), [(1, 1, 1)]);
    });
}

#[test]
fn a_snapshots_and_the_students_maps_differ_from_the_teachers() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let before = look(&mut page, 1, Network::Teacher, 1).await;
        page.step(6).await;
        let then = look(&mut page, 1, Network::Snapshot(0), 1).await;
        let now = look(&mut page, 1, Network::Teacher, 1).await;
        let student = look(&mut page, 1, Network::Student, 1).await;
        assert_eq!((then.step, now.step), (0, 6));
        assert_eq!(then.maps, before.maps);
        assert_ne!(now.maps, before.maps);
        assert_ne!(now.maps, student.maps);
    });
}

#[test]
fn a_new_run_shows_what_is_watched_with_its_teacher_and_has_its_own_snapshots() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(6).await;
        assert!(snapshots(&page).len() > 1);
        look(&mut page, 3, Network::Snapshot(0), 1).await;
        page.forget();
        page.reset(Settings { seed: 8, ..tiny() }).await;
        page.settle().await;
        assert_eq!(snapshots(&page), [0]);
        let views = page.all(|event| match event {
            Event::AttentionView(look) => Some(look.view.clone()),
            _ => None,
        });
        assert_eq!(views, [View { image: 3, network: Network::Teacher, layer: 1, side: 32 }]);
    });
}

#[test]
fn a_watched_layer_that_a_new_run_does_not_have_becomes_its_last() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        look(&mut page, 0, Network::Teacher, 1).await;
        page.forget();
        let mut settings = tiny();
        settings.changed.insert(dino_core::run::settings::Setting::Depth, 1.0.into());
        page.reset(settings).await;
        page.settle().await;
        assert_eq!(page.looks(), [(0, 0, 0)]);
    });
}

#[test]
fn pinned_images_are_shown_at_once_and_every_so_many_steps() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.ask(Command::Pin { images: vec![0, 2], every: 3, side: 16 }).await;
        page.step(7).await;
        let pinned = page.all(|event| match event {
            Event::Pinned { step, maps } => {
                Some((*step, maps.iter().map(|map| map.image).collect::<Vec<_>>()))
            }
            _ => None,
        });
        assert_eq!(pinned, [0, 3, 6].map(|step| (step, vec![0, 2])));
    });
}

#[test]
fn too_many_images_are_neither_pinned_nor_coloured() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let pin = |images| Command::Pin { images, every: 1, side: 16 };
        let colors = |images| Command::Colors { images, network: Network::Teacher, side: 16 };
        let absent = StateError::NoImage { last: 3, found: 4 };
        for (refused, reason) in [
            (pin(vec![0; 9]), StateError::TooManyImages { most: 8, found: 9 }),
            (pin(vec![4]), absent.clone()),
            (colors(vec![0; 17]), StateError::TooManyImages { most: 16, found: 17 }),
            (colors(vec![4]), absent),
        ] {
            assert_eq!(error(page.ask(refused).await), reason.into());
        }
        assert_eq!(page.ask(pin(vec![0; 8])).await, Event::Done);
        assert!(matches!(page.ask(colors(vec![0; 16])).await, Event::Colors { .. }));
    });
}

#[test]
fn colours_come_in_the_order_asked_for_and_are_the_same_twice() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let command =
            Command::Colors { images: vec![2, 0, 3], network: Network::Teacher, side: 32 };
        let first = page.ask(command.clone()).await;
        let Event::Colors { step: 0, pictures } = &first else { panic!("{first:?}") };
        assert_eq!(pictures.iter().map(|(image, _)| *image).collect::<Vec<_>>(), [2, 0, 3]);
        assert!(pictures.iter().all(|(_, p)| p.rgba.len() == 4 * p.width * p.height));
        assert_eq!(page.ask(command).await, first);
    });
}

#[test]
fn other_draws_of_the_crops_differ_and_each_is_the_same_again() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        let mut draws = Vec::new();
        for draw in [0, 1, 2, 1] {
            let Event::Crops { crops, .. } = page.ask(Command::Crops { image: 3, draw }).await
            else {
                panic!("no crops")
            };
            assert_eq!(crops.len(), 3);
            draws.push(crops);
        }
        assert_eq!(draws[1], draws[3]);
        assert!(draws[0] != draws[1] && draws[1] != draws[2] && draws[0] != draws[2]);
    });
}

#[test]
fn a_frame_goes_through_its_last_layer_at_most_and_one_that_is_not_whole_is_refused() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        let frame = |bytes, layer| Command::Frame {
            picture: Picture { width: 16, height: 8, rgba: vec![90; bytes] },
            network: Network::Teacher,
            layer,
            side: 16,
        };
        let last = page.ask(frame(16 * 8 * 4, 1)).await;
        assert!(matches!(&last, Event::Frame(maps) if maps.grid == [2, 1]), "{last:?}");
        assert_eq!(page.ask(frame(16 * 8 * 4, 99)).await, last);
        assert!(matches!(error(page.ask(frame(7, 0)).await), Error::Image { .. }));
    });
}
