//! The model that comes with the page: fetched from the page's own folder, laid on the device without a run,
//! gone on with if a person wants to. Invariant: it is read and judged whole before anything is told of it.

use crate::observe::absent;
use crate::session::Session;
use crate::session::import::fetch;
use dino_core::error::{Error, Result};
use dino_core::protocol;
use dino_core::protocol::Event;
use dino_core::run::network::Network;
use dino_core::run::settings::{Setting, Settings};
use dino_core::weights;
use dino_core::weights::Weights;
use dino_engine::infer::frozen_backbone::FrozenBackbone;

/// Its file, beside the page.
pub(crate) const FILE: &str = "starter.safetensors";

/// The preset whose network, head and crops it has; a run that goes on with it has so many images a step.
pub(crate) const PRESET: &str = "spark";
pub(crate) const BATCH: f64 = 16.0;

/// The model, and its backbone on the device.
pub struct Starter {
    pub(crate) weights: Weights,
    pub backbone: FrozenBackbone,
}

impl Session {
    /// Fetches it, unless it is here.
    pub(crate) async fn fetch_starter(&mut self) -> Result<Event> {
        let gpu = self.gpu.clone().ok_or_else(|| Error::NoGpu("no device yet".to_owned()))?;
        let starter = match self.starter.take() {
            Some(starter) => starter,
            None => {
                let bytes = fetch(&format!("{}{FILE}", self.base)).await?;
                let weights = weights::read(FILE, &bytes, Network::Teacher, None)?;
                let backbone = FrozenBackbone::new(gpu, &weights).await?;
                Starter { weights, backbone }
            }
        };
        let vit = starter.backbone.vit();
        let parameters = starter.weights.backbone.values().map(|tensor| tensor.data.len()).sum();
        let told = protocol::Starter {
            parameters,
            layers: vit.depth,
            heads: vit.num_heads,
            dim: vit.embed_dim,
            side: vit.img_size,
        };
        self.starter = Some(starter);
        Ok(Event::Starter(told))
    }

    /// Goes on with it on the images that are here.
    pub(crate) async fn continue_starter(&mut self, settings: Settings) -> Result<Event> {
        self.only_reads()?;
        self.fetch_starter().await?;
        let weights = self.starter.as_ref().map(|starter| starter.weights.clone());
        let weights = weights.ok_or_else(absent)?;
        let mut settings = self.suited(settings, PRESET);
        settings.changed.entry(Setting::Batch).or_insert(BATCH);
        self.go_on_from_backbone(FILE, weights, &settings).await.map(Event::Loaded)
    }
}
