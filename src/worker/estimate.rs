//! Estimate of every preset on this adapter: time of a step and device memory. Invariant: a device is measured
//! once.

use dino_core::error::Result;
use dino_core::protocol::{Estimate, Event};
use dino_core::run::presets;
use dino_core::run::settings::Settings;
use dino_engine::train::estimate::predict;
use dino_engine::tune::TunedGpu;

/// Time of a step in the page over that of its lines alone: views are renewed in up to a tenth of the time, and the
/// browser checks every submit.
const PAGE: f64 = 1.15;
/// The same on a software adapter, whose processor also paints the page: a factor, and seconds in addition. Measured
/// in Chromium on 2 cores: "spark" 64 ms a step alone, 83 to 93 in the page; "small" 2.0 s in both.
const SOFTWARE_PAGE: (f64, f64) = (1.05, 0.018);

/// A row for each preset, the chosen one with its changes, on so many images. `correction` is what a run took over what was
/// predicted for it, once there was a run.
///
/// # Errors
/// [`Error::Device`](dino_core::error::Error::Device) when the measurement fails.
pub async fn estimate(
    gpu: &TunedGpu,
    correction: f64,
    chosen: &Settings,
    images: usize,
) -> Result<Event> {
    let calibration = gpu.calibration().await?;
    let (share, more) = if gpu.is_software() { SOFTWARE_PAGE } else { (PAGE, 0.0) };
    let row = |name: &str| {
        let mut settings = Settings::of(name, 0);
        if name == chosen.preset {
            settings.clone_from(chosen);
        }
        let config = settings.config(images);
        let batch = config.as_ref().map_or(0, |config| config.train.batch);
        let steps = config.as_ref().map_or(0, |config| config.total_steps() as u64);
        let prediction = config.and_then(|config| predict(gpu, &calibration, &config));
        let of = prediction.as_ref().ok();
        Estimate {
            preset: name.to_owned(),
            batch,
            steps,
            seconds: of.map_or(0.0, |p| correction * (share * p.seconds + more)),
            bytes: of.map_or(0, |p| p.bytes),
            refused: prediction.as_ref().err().cloned(),
        }
    };
    let rows = presets::all().iter().map(|preset| row(preset.name)).collect();
    Ok(Event::Estimates { rows })
}
