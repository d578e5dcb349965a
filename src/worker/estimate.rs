//! What every preset would take on this adapter.

use super::Session;
use crate::error::{Error, Result};
use crate::estimate::{Calibration, predict};
use crate::presets;
use crate::protocol::{Estimate, Event};
use crate::settings::Settings;

/// What a page's step takes beside its lines: views are renewed in up to a tenth of the time, and the
/// browser checks every submit. Ratios of predicted to taken were .66 to 1.11 without it.
const PAGE: f64 = 1.15;

impl Session {
    /// A row a preset as it is, the chosen one with its changes.
    pub(super) async fn estimate(&mut self, chosen: Settings) -> Result<Event> {
        let gpu = self.gpu.clone().ok_or_else(|| Error::NoGpu("no device yet".to_owned()))?;
        let calibration = match self.calibration {
            Some(calibration) => calibration,
            None => {
                // What a run still has in flight would be measured along.
                gpu.finish().await?;
                *self.calibration.insert(Calibration::measure(&gpu).await?)
            }
        };
        let row = |name: &str| {
            let mut settings = Settings::of(name, 0);
            if name == chosen.preset {
                settings.clone_from(&chosen);
            }
            let config = settings.config(self.images.len());
            let batch = config.as_ref().map_or(0, |config| config.train.batch);
            let prediction = config.and_then(|config| predict(&gpu, &calibration, &config));
            let of = prediction.as_ref().ok();
            Estimate {
                preset: name.to_owned(),
                batch,
                seconds: of.map_or(0.0, |p| PAGE * p.seconds),
                bytes: of.map_or(0, |p| p.bytes),
                refused: prediction.as_ref().err().cloned(),
            }
        };
        let rows = presets::all().iter().map(|preset| row(preset.name)).collect();
        Ok(Event::Estimates { rows })
    }
}
