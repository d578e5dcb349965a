//! What every preset would take on this adapter. Invariant: what is measured on a device is measured once.

use dino_core::error::Result;
use dino_core::protocol::{Estimate, Event};
use dino_core::run::presets;
use dino_core::run::settings::Settings;
use dino_engine::train::estimate::{Calibration, predict};
use dino_engine::tune::TunedGpu;

/// What a page's step takes beside its lines: views are renewed in up to a tenth of the time, the browser
/// checks every submit, …
const PAGE: f64 = 1.15;
/// … and where a processor plays the graphics card it paints the page as well: a share, and seconds a step.
/// Measured in Chromium on 2 cores: "spark" 64 ms a step alone, 83 to 93 in the page; "small" 2.0 s in both.
const SOFTWARE_PAGE: (f64, f64) = (1.05, 0.018);

/// A row a preset as it is, the chosen one with its changes, on so many images. `measured` is how fast the device is,
/// once that is known.
///
/// # Errors
/// [`Error::Device`](dino_core::error::Error::Device) when the measurement fails.
pub async fn estimate(
    gpu: &TunedGpu,
    measured: &mut Option<Calibration>,
    chosen: &Settings,
    images: usize,
) -> Result<Event> {
    let calibration = match *measured {
        Some(calibration) => calibration,
        None => {
            // What a run still has in flight would be measured along.
            gpu.finish().await?;
            *measured.insert(Calibration::measure(gpu).await?)
        }
    };
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
            seconds: of.map_or(0.0, |p| share * p.seconds + more),
            bytes: of.map_or(0, |p| p.bytes),
            refused: prediction.as_ref().err().cloned(),
        }
    };
    let rows = presets::all().iter().map(|preset| row(preset.name)).collect();
    Ok(Event::Estimates { rows })
}
