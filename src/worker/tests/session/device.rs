//! Device of a session: what an earlier visit did not survive, how much memory a run may take, what a check tells.

use crate::support::{Disk, Page, on_device, tiny};
use dino_core::protocol::{Attempt, Command, DeviceFacts, Event, Narrowed};
use dino_engine::kernels::gemm::Variant;
use dino_engine::tune::{TunedGpu, tuner};
use std::rc::Rc;

/// A device of its own, since what is allowed on it stays.
async fn own() -> Rc<TunedGpu> {
    Rc::new(TunedGpu::new().await.unwrap())
}

#[test]
fn a_variant_that_an_earlier_visit_did_not_survive_is_left_out() {
    on_device(async || {
        let (gpu, name) = (own().await, tuner::name(Variant::SMALLEST));
        let mut page = Page::open_after(Attempt::Variant(name), gpu.clone()).await;
        assert!(gpu.tuner.borrow().dropped.contains_key(&Variant::SMALLEST));
        page.reset(tiny()).await;
        page.add(0..2).await;
        let told = page.all(|event| match event {
            Event::Tuned { refused, .. } => Some(refused.join(" ")),
            _ => None,
        });
        assert!(told[0].contains("failed while it was tried"), "{told:?}");
        let used =
            gpu.tuner.borrow().tuning.choices.values().any(|c| c.variant == Variant::SMALLEST);
        assert!(!used);
    });
}

#[test]
fn memory_that_an_earlier_visit_did_not_survive_is_halved_and_the_run_fits() {
    on_device(async || {
        let gpu = own().await;
        let mut page = Page::open_after(Attempt::Memory(9 << 20), gpu.clone()).await;
        assert_eq!(gpu.bounds().total, (9 << 20) / 2);
        page.reset(tiny()).await;
        page.add(0..2).await;
        let bytes = page.run().bytes;
        assert!(bytes > 0 && bytes <= (9 << 20) / 2, "{bytes}");
        assert_eq!(page.errors(), []);
        // What is tried is noted before, and the note is taken away.
        let attempts = page.all(|event| match event {
            Event::Attempt { attempt } => Some(attempt.clone()),
            _ => None,
        });
        assert_eq!(attempts.first(), Some(&Some(Attempt::Memory((9 << 20) / 2))));
        assert_eq!(attempts.last(), Some(&None));
    });
}

#[test]
fn a_run_that_fits_only_without_its_activations_computes_them_twice_and_says_so() {
    on_device(async || {
        let gpu = own().await;
        let mut page = Page::open_on(&Disk::default(), false, Some(Ok(gpu))).await;
        page.reset(tiny()).await;
        page.add(0..2).await;
        // A little less than one image at a time takes.
        let mut settings = tiny();
        settings.changed.insert(dino_core::run::settings::Setting::Batch, 1.0.into());
        page.reset(settings.clone()).await;
        let most = page.run().bytes - 1024;
        page.ask(Command::Memory { bytes: Some(most) }).await;
        page.forget();
        page.reset(settings).await;
        let narrowed = page.all(|event| match event {
            Event::Narrowed(narrowed) => Some(narrowed.clone()),
            _ => None,
        });
        assert!(matches!(narrowed[..], [Narrowed { recompute: true, .. }]), "{narrowed:?}");
        assert!(page.run().bytes <= most);
        page.step(1).await;
        assert_eq!(page.errors(), []);
    });
}

#[test]
fn a_check_tells_every_kernel_and_can_be_stopped() {
    on_device(async || {
        let mut page = Page::with(&Disk::default(), 2).await;
        let id = page.send(Command::CheckDevice, Vec::new()).await;
        page.turn().await;
        page.turn().await;
        let checked = page.all(|event| match event {
            Event::Checked { done, total, check } => Some((*done, *total, check.failed.clone())),
            _ => None,
        });
        assert_eq!(checked.len(), 2);
        assert!(checked.iter().all(|(_, total, failed)| *total > 40 && failed.is_none()));
        assert_eq!(page.ask(Command::StopChecks).await, Event::Done);
        let Some(Event::DeviceFacts(DeviceFacts { rows })) = page.answer(id) else {
            panic!("no answer")
        };
        assert!(rows.iter().any(|(name, value)| name == "adapter" && !value.is_empty()));
        // The run is as it was.
        page.step(1).await;
        assert_eq!(page.run().step, 1);
    });
}
