//! Tests of files of weights: a run saved and loaded, backbones, refused files, stored files, the starter.
//! Invariant: a refused file leaves the run unchanged.

use crate::support::{Chosen, Disk, Page, error, on_device, tiny, watch};
use dino_core::error::{Error, StateError};
use dino_core::protocol::{Command, Content, Event, StoredFile};
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::weights::Choice;

async fn save(page: &mut Page, content: Content) -> Chosen {
    match page.ask(Command::Save { content }).await {
        Event::File { name, bytes } => Chosen { name, size: None, bytes: Some(bytes) },
        other => panic!("{other:?}"),
    }
}

async fn load(page: &mut Page, file: Chosen, keep: Option<&str>) -> Event {
    let mut settings = Settings::of("spark", 3);
    settings.changed.insert(Setting::Batch, 2.0.into());
    settings.changed.insert(Setting::Locals, 1.0.into());
    settings.changed.insert(Setting::HeadHidden, 16.0.into());
    let keep = keep.map(str::to_owned);
    page.ask_with(Command::Load { settings, keep, choice: Choice::default() }, vec![file]).await
}

async fn stored(page: &mut Page) -> Vec<StoredFile> {
    match page.ask(Command::StoredFiles).await {
        Event::StoredFiles { files } => files,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_that_is_saved_and_loaded_goes_on_at_its_step_to_the_bit() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(3).await;
        let before = page.map(0).await;
        let file = save(&mut page, Content::Run).await;
        assert_eq!(file.name, "dino-step-3.safetensors");
        page.step(2).await;
        let after = page.map(0).await;
        let Event::Loaded(loaded) = load(&mut page, file, None).await else { panic!("not loaded") };
        assert_eq!((loaded.step, loaded.run), (3, true));
        assert_eq!(page.map(0).await, before);
        page.step(2).await;
        assert_eq!(page.map(0).await, after);
    });
}

/// What came of a file with what is chosen of it and a configuration beside it: the network taken, those left, heads.
async fn chosen(
    page: &mut Page,
    file: &Chosen,
    choice: Choice,
    card: Option<&str>,
) -> Result<(String, Vec<String>, usize), String> {
    let card = card.map(|text| Chosen {
        name: "config.json".into(),
        size: None,
        bytes: Some(text.as_bytes().to_vec()),
    });
    let files = std::iter::once(file.clone()).chain(card).collect();
    let command = Command::Load { settings: Settings::of("spark", 3), keep: None, choice };
    match page.ask_with(command, files).await {
        Event::Loaded(loaded) => Ok((loaded.account.taken, loaded.account.left, loaded.heads)),
        other => Err(error(other).to_string()),
    }
}

#[test]
fn the_other_network_of_a_file_is_taken_if_it_is_chosen() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        let bytes = include_bytes!("../../../../tests/weights/torch/both.pth").to_vec();
        let file = Chosen { name: "both.pth".into(), size: None, bytes: Some(bytes) };
        // Heads of 64 do not fit into a width of 4.
        let refused = chosen(&mut page, &file, Choice::default(), None).await.unwrap_err();
        assert!(refused.contains("does not say how many heads"), "{refused}");
        let one = Choice { heads: Some(1), ..Choice::default() };
        let (taken, left, _) = chosen(&mut page, &file, one.clone(), None).await.unwrap();
        let [other] = &left[..] else { panic!("{left:?}") };
        let other_one = Choice { prefix: Some(other.clone()), ..one };
        let now = chosen(&mut page, &file, other_one, None).await.unwrap();
        assert_eq!(now, (other.clone(), vec![taken], 1));
    });
}

#[test]
fn heads_come_from_the_person_or_from_the_configuration_beside_the_file() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        let ours = save(&mut page, Content::Backbone).await;
        let bytes = include_bytes!("../../../../tests/weights/torch/plain.pth").to_vec();
        let theirs = Chosen { name: "plain.pth".into(), size: None, bytes: Some(bytes) };
        let card = |heads| format!("{{\"num_attention_heads\": {heads}}}");
        let mut heads = async |file: &Chosen, heads: Option<usize>, card: Option<String>| {
            let choice = Choice { heads, ..Choice::default() };
            chosen(&mut page, file, choice, card.as_deref()).await.map(|(.., heads)| heads)
        };
        assert_eq!(heads(&ours, None, None).await, Ok(2));
        assert_eq!(heads(&ours, None, Some(card(4))).await, Ok(2), "the file itself says it");
        assert_eq!(heads(&ours, Some(1), Some(card(4))).await, Ok(1));
        assert!(heads(&theirs, None, None).await.is_err());
        assert_eq!(heads(&theirs, None, Some(card(1))).await, Ok(1));
        let refused = heads(&theirs, None, Some("<html>".to_owned())).await.unwrap_err();
        assert!(refused.contains("config.json"), "{refused}");
    });
}

#[test]
fn a_backbone_is_loaded_under_a_fresh_head_and_kept_at_step_0() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        page.step(3).await;
        let before = page.map(0).await;
        let file = save(&mut page, Content::Backbone).await;
        let mut next = Page::with(&Disk::default(), 4).await;
        let Event::Loaded(loaded) = load(&mut next, file, None).await else { panic!("not loaded") };
        assert_eq!((loaded.step, loaded.run), (0, false));
        assert_eq!(next.map(0).await, before);
        assert_eq!(next.saved(), [0], "no seed could make it again");
        next.step(1).await;
        assert_eq!(next.run().step, 1);
    });
}

#[test]
fn an_invalid_weights_file_is_refused_and_the_run_stays() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(2).await;
        let before = page.map(0).await;
        let whole = save(&mut page, Content::Run).await;
        let bytes = whole.bytes.clone().unwrap_or_default();
        let file = |name: &str, bytes: Option<&[u8]>, size| Chosen {
            name: name.to_owned(),
            size,
            bytes: bytes.map(<[u8]>::to_vec),
        };
        for refused in [
            file("words.safetensors", Some(b"these are words"), None),
            file("cut.safetensors", Some(&bytes[..bytes.len() - 9]), None),
            file("huge.safetensors", Some(b""), Some((1 << 30) + 1)),
            file("gone.safetensors", None, None),
        ] {
            let name = refused.name.clone();
            let refused = error(load(&mut page, refused, Some("kept")).await);
            assert!(
                matches!(refused, Error::File { .. } | Error::Tensor { .. }),
                "{name}: {refused}"
            );
            assert!(refused.to_string().contains(&name), "{name}: {refused}");
        }
        let none = page
            .ask(Command::Load { settings: tiny(), keep: None, choice: Choice::default() })
            .await;
        assert_eq!(error(none), StateError::NoFile.into());
        assert_eq!(page.run().step, 2);
        assert_eq!(page.map(0).await, before);
        assert!(stored(&mut page).await.iter().all(|file| file.step.is_some()), "a file was kept");
    });
}

#[test]
fn a_file_is_kept_under_a_clean_name_loaded_again_and_deleted() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(3).await;
        let file = save(&mut page, Content::Run).await;
        load(&mut page, file, Some("../my run.safetensors")).await;
        let files = stored(&mut page).await;
        let named: Vec<_> = files.iter().map(|file| (&file.name[..], file.step)).collect();
        assert_eq!(named, [("spark", Some(3)), ("..myrun.safetensors", None)]);
        let name = "..myrun.safetensors".to_owned();
        page.reset(tiny()).await;
        let again =
            Command::LoadStored { name: name.clone(), settings: tiny(), choice: Choice::default() };
        let answer = page.ask(again.clone()).await;
        assert!(matches!(answer, Event::Loaded(loaded) if loaded.step == 3));
        let Event::StoredFiles { files } = page.ask(Command::DeleteKept { name }).await else {
            panic!("no list")
        };
        assert!(files.iter().all(|file| file.step.is_some()), "{files:?}");
        assert!(matches!(error(page.ask(again).await), Error::File { .. }));
    });
}

#[test]
fn a_tab_that_only_reads_loads_no_file() {
    on_device(async || {
        let disk = Disk::default();
        let mut page = Page::with(&disk, 2).await;
        page.step(1).await;
        let file = save(&mut page, Content::Run).await;
        let mut reader = Page::open(&disk, true).await;
        let refused = error(load(&mut reader, file, Some("kept")).await);
        assert_eq!(refused, StateError::OtherTab.into());
        assert!(stored(&mut reader).await.is_empty());
    });
}

#[test]
fn without_a_run_nothing_is_saved() {
    on_device(async || {
        let mut page = Page::open(&Disk::default(), false).await;
        let answer = page.ask(Command::Save { content: Content::Run }).await;
        assert_eq!(error(answer), StateError::NoRun.into());
    });
}

#[test]
fn the_starter_is_fetched_once_shown_without_a_run_and_gone_on_with() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 4).await;
        page.step(1).await;
        let backbone = save(&mut page, Content::Backbone).await;
        let maps = page.map(0).await;

        let disk = Disk::default();
        let mut page = Page::with(&disk, 4).await;
        assert!(matches!(error(page.ask(Command::Starter).await), Error::File { .. }));
        let address = "/starter.safetensors".to_owned();
        disk.served.borrow_mut().insert(address.clone(), backbone.bytes.unwrap_or_default());
        let Event::Starter(starter) = page.ask(Command::Starter).await else { panic!("none") };
        assert_eq!((starter.layers, starter.heads, starter.dim), (2, 2, 16));
        disk.served.borrow_mut().clear();
        assert_eq!(page.ask(Command::Starter).await, Event::Starter(starter));
        let shown = page.ask(watch(0, Network::Starter, 1)).await;
        assert!(matches!(&shown, Event::AttentionView(look) if look.layers == 2), "{shown:?}");
        let mut settings = tiny();
        settings.changed.retain(|setting, _| {
            matches!(setting, Setting::Batch | Setting::Locals | Setting::LocalSize)
        });
        let answer = page.ask(Command::Continue { settings }).await;
        assert!(matches!(answer, Event::Loaded(_)), "{answer:?}");
        assert_eq!(page.map(0).await, maps);
    });
}
