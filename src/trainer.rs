//! Owns the device, the plan and the run; no browser types.

use crate::config::Config;
use crate::error::{Error, Result};
use crate::gpu::Gpu;
use crate::images::Picture;
use std::rc::Rc;

/// Numbers of one finished step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    pub step: u64,
    pub loss: f32,
    /// Mean entropy of the teacher's distributions, nats.
    pub entropy: f32,
    /// KL(teacher‖student), nats.
    pub kl: f32,
    /// Mean over dimensions of the standard deviation of the L2-normalised teacher CLS features.
    pub feature_std: f32,
    pub lr: f32,
    pub weight_decay: f32,
    pub momentum: f32,
    pub teacher_temp: f32,
}

/// Which of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Student,
    Teacher,
}

/// Attention of the last layer: CLS row, CLS column dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionMaps {
    pub heads: usize,
    /// Patches across and down.
    pub grid: [usize; 2],
    /// (heads, grid[1], grid[0]); each head sums to at most 1.
    pub values: Vec<f32>,
}

/// One augmented view of a picture, for showing.
#[derive(Debug, Clone, PartialEq)]
pub struct CropView {
    /// "global 1", "global 2", "local 1" …
    pub name: String,
    pub picture: Picture,
    /// Crop box in the original: left, top, width, height.
    pub frame: [usize; 4],
}

/// A training run.
pub struct Trainer {
    config: Config,
}

impl Trainer {
    /// Plans, allocates, compiles and initialises a run.
    pub async fn new(_gpu: Rc<Gpu>, config: Config, _seed: u64) -> Result<Self> {
        config.validate()?;
        Ok(Self { config })
    }
    /// The run's settings.
    pub fn config(&self) -> &Config {
        &self.config
    }
    /// Bytes of device memory that the run holds.
    pub fn bytes(&self) -> u64 {
        0
    }
    /// Steps submitted so far.
    pub fn step_index(&self) -> u64 {
        0
    }
    /// Submits one step; waits only while two are in flight.
    pub async fn step(&mut self, _images: &[Picture]) -> Result<()> {
        Err(Error::Device("not built".into()))
    }
    /// Metrics of the steps that finished since the last call.
    pub fn drain(&mut self) -> Vec<Metrics> {
        Vec::new()
    }
    /// Waits for all steps in flight.
    pub async fn finish(&mut self) -> Result<()> {
        Ok(())
    }
    /// The crops that this step would draw from a picture.
    pub async fn crops(&mut self, _images: &[Picture], _image: usize) -> Result<Vec<CropView>> {
        Err(Error::Device("not built".into()))
    }
    /// Attention maps of a picture, shrunk so that its short side is `short_side` and cut to whole patches.
    pub async fn attention(
        &mut self,
        _picture: &Picture,
        _network: Network,
    ) -> Result<AttentionMaps> {
        Err(Error::Device("not built".into()))
    }
    /// The whole state as the bytes of a safetensors file.
    pub async fn save(&mut self) -> Result<Vec<u8>> {
        Err(Error::Device("not built".into()))
    }
    /// Restores a state written by [`Trainer::save`] with the same configuration.
    pub async fn load(&mut self, _bytes: &[u8]) -> Result<()> {
        Err(Error::Device("not built".into()))
    }
}
