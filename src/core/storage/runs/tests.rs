//! Tests of stored checkpoints against a folder in memory that is full, damaged, or whose program ends at any
//! operation.

use crate::eval::metrics::{Column, Sample};
use crate::storage::manifest::tests::about;
use crate::storage::memory::Memory;
use crate::storage::runs::*;
use pollster::block_on;
use proptest::prelude::*;

fn state(step: u64) -> Vec<u8> {
    (0..200).flat_map(|i| (i + step * 1000).to_le_bytes()).collect()
}

fn points(step: u64) -> Vec<Metrics> {
    let point = |step| {
        let mut sample = Sample { point: Metrics::at(step), images_per_second: 0.0 };
        for (i, column) in Column::METRICS.iter().enumerate() {
            *column.of_mut(&mut sample) = step as f32 + i as f32;
        }
        Metrics { kl: f32::NAN, ..sample.point }
    };
    (0..step).map(point).collect()
}

fn open(folder: &Memory) -> (Runs<Memory>, Vec<Damage>) {
    block_on(Runs::open(folder.clone(), 1, true)).unwrap()
}

fn save(runs: &mut Runs<Memory>, step: u64) -> Outcome<u64> {
    block_on(runs.save(about(step), &state(step), &points(step)))
}

fn step(folder: &Memory) -> Option<u64> {
    match block_on(open(folder).0.load()) {
        Found::Run(loaded) => {
            let step = loaded.manifest.about.step;
            assert_eq!(loaded.state, state(step));
            assert_eq!(curves::pack(&loaded.history), curves::pack(&points(step)));
            Some(step)
        }
        Found::Nothing => None,
        Found::Damaged(damage) => panic!("found damaged right after opening: {damage:?}"),
    }
}

#[test]
fn the_last_two_are_kept_with_all_they_need_and_nothing_else() {
    let folder = Memory::default();
    assert_eq!(step(&folder), None);
    let (mut runs, _) = open(&folder);
    block_on(runs.keep_blob("moment-0", b"teacher")).unwrap();
    for step in [10, 20, 30, 30] {
        save(&mut runs, step).unwrap();
    }
    assert_eq!(step(&folder), Some(30));
    // Two manifests of one state, one history and one blob.
    assert_eq!(folder.files.borrow().len(), 5);
    let (runs, damages) = open(&folder);
    assert_eq!(damages, []);
    assert_eq!(runs.kept.len(), 2);
    assert_eq!(block_on(runs.read_blob("moment-0")), Ok(None), "of another run");
}

#[test]
fn blobs_are_read_written_once_and_deleted_with_their_run() {
    let folder = Memory::default();
    let (mut runs, _) = open(&folder);
    block_on(runs.keep_blob("moment-0", &[7; 5000])).unwrap();
    save(&mut runs, 1).unwrap();
    let before = folder.written.get();
    save(&mut runs, 2).unwrap();
    assert!(folder.written.get() - before < 5000);
    let (mut runs, _) = open(&folder);
    let Found::Run(loaded) = block_on(runs.load()) else { panic!() };
    runs.go_on(&loaded.manifest);
    assert_eq!(runs.blobs().collect::<Vec<_>>(), ["moment-0"]);
    assert_eq!(block_on(runs.read_blob("moment-0")), Ok(Some(vec![7; 5000])));
    assert!(block_on(runs.keep_blob("../x", b"")).is_err());
    runs.begin(2);
    for step in [1, 2] {
        save(&mut runs, step).unwrap();
    }
    assert!(folder.files.borrow().keys().all(|name| !name.starts_with("moment")));
}

#[test]
fn a_damaged_newest_one_gives_way_to_the_older_and_is_set_aside() {
    type Harm = fn(&mut Vec<u8>);
    let harms: [(&str, Harm); 3] = [
        ("cut", |bytes| bytes.truncate(100)),
        ("changed", |bytes| bytes[99] ^= 1),
        ("empty", Vec::clear),
    ];
    for (what, harm) in harms {
        for file in ["state", "manifest"] {
            let folder = Memory::default();
            let (mut runs, _) = open(&folder);
            save(&mut runs, 10).unwrap();
            save(&mut runs, 20).unwrap();
            let name = match file {
                "state" => Part::of("state", &state(20)).file(),
                _ => runs.newest().unwrap().file(),
            };
            harm(folder.files.borrow_mut().get_mut(&name).unwrap());
            let (runs, damages) = open(&folder);
            assert_eq!(damages.len(), 1, "{what} {file}");
            let told = (file == "state").then_some(20);
            assert_eq!(damages[0].step, told, "{what} {file}: {}", damages[0].reason);
            assert_eq!(runs.newest().unwrap().about.step, 10);
            assert_eq!(step(&folder), Some(10));
            let aside = |name: &String| name.starts_with(ASIDE);
            assert_eq!(folder.files.borrow().keys().filter(|name| aside(name)).count(), 1);
            let (_, again) = open(&folder);
            assert_eq!(again, [], "told once");
            // Two good ones later it is gone.
            let (mut runs, _) = open(&folder);
            save(&mut runs, 30).unwrap();
            save(&mut runs, 40).unwrap();
            assert!(!folder.files.borrow().keys().any(aside));
        }
    }
}

#[test]
fn a_checkpoint_damaged_after_opening_or_rejected_is_replaced_by_the_older_one() {
    let folder = Memory::default();
    let (mut runs, _) = open(&folder);
    for step in [10, 20] {
        save(&mut runs, step).unwrap();
    }
    folder.files.borrow_mut().remove(&Part::of("state", &state(20)).file());
    let Found::Damaged(damage) = block_on(runs.load()) else { panic!() };
    assert_eq!(damage.step, Some(20));
    assert!(damage.reason.to_string().contains("missing"), "{}", damage.reason);
    assert_eq!(block_on(runs.reject(crate::error::Error::NoImages)).step, Some(10));
    assert_eq!(block_on(runs.load()), Found::Nothing);
    assert_eq!(step(&folder), None);
}

#[test]
fn a_reader_changes_nothing() {
    let folder = Memory::default();
    let (mut runs, _) = open(&folder);
    save(&mut runs, 10).unwrap();
    save(&mut runs, 20).unwrap();
    folder.files.borrow_mut().remove(&Part::of("state", &state(20)).file());
    let before = folder.files.borrow().clone();
    let (mut runs, damages) = block_on(Runs::open(folder.clone(), 2, false)).unwrap();
    assert_eq!(damages.len(), 1);
    assert!(matches!(block_on(runs.load()), Found::Run(loaded) if loaded.state == state(10)));
    block_on(runs.keep_blob("moment-0", b"x")).unwrap();
    block_on(runs.reject(crate::error::Error::NoImages));
    assert_eq!(*folder.files.borrow(), before);
}

#[test]
fn a_full_storage_deletes_the_oldest_checkpoint_but_never_the_only_one() {
    let folder = Memory::default();
    let (mut runs, _) = open(&folder);
    save(&mut runs, 1).unwrap();
    save(&mut runs, 2).unwrap();
    // Room for two and a manifest, not for three.
    folder.room.set(Some(folder.bytes() + 600));
    save(&mut runs, 3).unwrap();
    assert_eq!(step(&folder), Some(3));
    assert_eq!(runs.kept.len(), 2);
    // No room for another beside one.
    let (mut runs, _) = open(&folder);
    folder.room.set(Some(state(0).len() + 1200));
    assert_eq!(save(&mut runs, 4), Err(StorageError::Full));
    assert_eq!(step(&folder), Some(3));
    assert_eq!(save(&mut runs, 5), Err(StorageError::Full));
    assert_eq!(step(&folder), Some(3));
    assert_eq!(block_on(runs.keep_blob("moment-0", &[1; 2000])), Err(StorageError::Full));
    assert_eq!(runs.blobs().count(), 0);
    assert_eq!(step(&folder), Some(3));
    folder.room.set(None);
    save(&mut runs, 6).unwrap();
    assert_eq!(step(&folder), Some(6));
    folder.room.set(Some(folder.bytes() + 10));
    block_on(runs.keep_blob("moment-0", &[1; 1000])).unwrap();
    assert_eq!(runs.kept.len(), 1);
    assert_eq!(step(&folder), Some(6));
}

#[test]
fn forgetting_leaves_nothing() {
    let folder = Memory::default();
    let (mut runs, _) = open(&folder);
    save(&mut runs, 10).unwrap();
    folder.files.borrow_mut().insert("noise".into(), vec![1]);
    block_on(runs.forget()).unwrap();
    assert!(folder.files.borrow().is_empty());
    assert_eq!(runs.newest(), None);
    save(&mut runs, 20).unwrap();
    assert_eq!(step(&folder), Some(20));
}

#[test]
fn an_old_run_is_deleted_when_the_new_one_has_two_checkpoints() {
    let folder = Memory::default();
    let (mut runs, _) = open(&folder);
    save(&mut runs, 500).unwrap();
    save(&mut runs, 510).unwrap();
    let (mut runs, _) = block_on(Runs::open(folder.clone(), 2, true)).unwrap();
    save(&mut runs, 5).unwrap();
    assert_eq!(step(&folder), Some(5));
    folder.files.borrow_mut().remove(&Part::of("state", &state(5)).file());
    assert_eq!(step(&folder), Some(510));
}

proptest! {
    /// The program ends at any operation: what was kept before is there, or what was being kept.
    #[test]
    fn whenever_the_program_ends_the_last_whole_checkpoint_is_found(
        before in 0..4u64,
        life in 0..40usize,
    ) {
        let folder = Memory::default();
        let (mut runs, _) = open(&folder);
        for step in 1..=before {
            save(&mut runs, step).unwrap();
        }
        folder.life.set(Some(life));
        let mut done = before;
        for step in before + 1..before + 6 {
            if save(&mut runs, step).is_err() {
                break;
            }
            done = step;
        }
        folder.life.set(None);
        let found = step(&folder).unwrap_or(0);
        prop_assert!(found == done || found == done + 1, "{found} after {done}");
        // And the next run of the program goes on as if nothing had been.
        let (mut runs, _) = open(&folder);
        save(&mut runs, 100).unwrap();
        save(&mut runs, 101).unwrap();
        prop_assert_eq!(step(&folder), Some(101));
        prop_assert_eq!(folder.files.borrow().len(), 6);
    }

    /// Anything may be in the folder, and anything may have happened to its files.
    #[test]
    fn whatever_is_in_the_folder_the_newest_whole_checkpoint_is_found(
        noise in proptest::collection::btree_map(
            prop_oneof!["[a-z0-9.-]{0,12}", "[0-9]{1,20}\\.run", "state-[0-9a-f]{16}"],
            proptest::collection::vec(any::<u8>(), 0..100),
            0..8,
        ),
        harms in proptest::collection::vec(
            (any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), any::<Option<u8>>()),
            0..3,
        ),
    ) {
        let folder = Memory::default();
        let (mut runs, _) = open(&folder);
        let mut steps = vec![];
        for step in 1..=3 {
            save(&mut runs, step).unwrap();
            steps.push(step);
        }
        let good = folder.files.borrow().clone();
        for (which, at, change) in harms {
            let mut files = folder.files.borrow_mut();
            let name = which.get(&files.keys().cloned().collect::<Vec<_>>()).clone();
            let bytes = files.get_mut(&name).unwrap();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                match change {
                    Some(change) => bytes[at] = change,
                    None => bytes.truncate(at),
                }
            }
        }
        for (name, bytes) in noise {
            if !good.contains_key(&name) {
                folder.files.borrow_mut().insert(name, bytes);
            }
        }
        let whole = |step: u64, number: u64| {
            let files = folder.files.borrow();
            let parts = [
                Part::of("state", &state(step)).file(),
                Part::of("history-0", &curves::pack(&points(step))).file(),
                format!("{number:08}.run"),
            ];
            parts.iter().all(|name| files.get(name) == good.get(name))
        };
        let expected = [(3, 2), (2, 1)].into_iter().find(|(s, n)| whole(*s, *n)).map(|(s, _)| s);
        prop_assert_eq!(step(&folder), expected);
        let (mut runs, _) = open(&folder);
        save(&mut runs, 50).unwrap();
        save(&mut runs, 51).unwrap();
        prop_assert_eq!(step(&folder), Some(51));
        prop_assert_eq!(folder.files.borrow().len(), 6, "noise is swept out");
    }
}
