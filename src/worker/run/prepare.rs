//! Preparation of a run on its device, and second attempts where the device refuses the first. Invariant: a device that has
//! less memory than it was taken to have ends in a run that takes less, or in a sentence, never in a worker that dies
//! again and again.

use crate::outbox::Outbox;
use dino_core::error::{DeviceProblem, Error, Result};
use dino_core::protocol::{Attempt, Event, Narrowed};
use dino_core::run::config::Config;
use dino_engine::train::trainer::{Options, Trainer};
use dino_engine::tune::{TunedGpu, tuner};
use std::rc::Rc;

/// A run may always take so many bytes.
const LEAST: u64 = 4 << 20;
/// Times that the memory is halved.
const HALVINGS: usize = 5;

/// Prepares a run of this configuration; one that goes on takes `micro` images at a time as before, if they fit.
///
/// # Errors
/// Those of [`Trainer::with`].
pub async fn prepare(
    gpu: &Rc<TunedGpu>,
    config: &Config,
    seed: u64,
    micro: Option<usize>,
    out: &Outbox,
) -> Result<Trainer> {
    let allowed = Attempt::Memory(gpu.bounds().total);
    listen(gpu, allowed.clone(), out);
    out.post(Event::Attempt { attempt: Some(allowed) });
    let prepared = attempts(gpu, config, seed, micro, out).await;
    gpu.tell_compiled(None);
    // What lost the device stays noted for the next worker.
    if !prepared.as_ref().is_err_and(Error::loses_device) {
        out.post(Event::Attempt { attempt: None });
    }
    let trainer = prepared?;
    let text = gpu.tuner.borrow().remember(gpu);
    let mut refused = std::mem::take(&mut gpu.tuner.borrow_mut().refused);
    refused.extend(gpu.take_replaced());
    out.post(Event::Tuned { text, refused });
    Ok(trainer)
}

/// Leaves out what an earlier visit tried and did not survive.
pub fn beware(gpu: &TunedGpu, attempt: Option<Attempt>) {
    match attempt {
        Some(Attempt::Variant(name)) => gpu.tuner.borrow_mut().suspect(&name),
        Some(Attempt::Memory(bytes)) => narrow(gpu, bytes),
        None => {}
    }
}

/// Allows half of so many bytes.
fn narrow(gpu: &TunedGpu, bytes: u64) {
    let now = (bytes / 2).max(LEAST).min(gpu.bounds().total);
    gpu.allow(now);
    gpu.tuner.borrow_mut().memory = Some(now);
}

/// Tells the page what is compiled and tried; between two variants that is the run, which takes so much memory.
fn listen(gpu: &Rc<TunedGpu>, run: Attempt, out: &Outbox) {
    let page = out.clone();
    gpu.tell_compiled(Some(Box::new(move |done, total| {
        page.post(Event::Compiling { done, total });
    })));
    let page = out.clone();
    gpu.tuner.borrow_mut().tell_trials(move |variant| {
        let variant = variant.map(|variant| Attempt::Variant(tuner::name(variant)));
        page.post(Event::Attempt { attempt: Some(variant.unwrap_or_else(|| run.clone())) });
    });
}

async fn attempts(
    gpu: &Rc<TunedGpu>,
    config: &Config,
    seed: u64,
    micro: Option<usize>,
    out: &Outbox,
) -> Result<Trainer> {
    let with = |micro_batch, recompute| {
        let options = Options { micro_batch, recompute, ..Options::default() };
        Trainer::with(gpu.clone(), config.clone(), seed, options)
    };
    let (mut micro, mut recompute, mut reason) = (micro, false, None);
    let mut halvings = 0;
    loop {
        let error = match with(micro, recompute).await {
            Ok(trainer) => {
                if let Some(reason) = reason {
                    let (memory, micro_batch) = (gpu.bounds().total, trainer.micro_batch());
                    let narrowed = Narrowed { reason, memory, micro_batch, recompute };
                    out.post(Event::Narrowed(narrowed));
                }
                return Ok(trainer);
            }
            Err(error) => error,
        };
        match error {
            Error::Device(DeviceProblem::OutOfMemory { bytes }) if halvings < HALVINGS => {
                halvings += 1;
                narrow(gpu, if bytes > 0 { bytes } else { gpu.bounds().total });
                (micro, reason) = (None, Some(error));
            }
            Error::TooLarge { .. } | Error::Setting(_) if micro.is_some() => micro = None,
            Error::TooLarge { .. } if !recompute => {
                recompute = true;
                reason.get_or_insert(error);
            }
            error => return Err(error),
        }
    }
}
