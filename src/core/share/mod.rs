//! Sharing: a map in a link, images on a sheet, clips, a page in one file. Pure, no browser types. Invariant:
//! only pixels and numbers go in; no file's name, path or metadata can.

pub mod fragment;
pub mod gif;
pub mod html;
pub mod map_link;
mod quantize;
pub mod sheet;

use crate::data::picture::Picture;
use crate::run::network::Network;
use crate::run::settings::Settings;
use crate::view::attention::AttentionMaps;

/// All maps of a layer over the photograph that they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedMap {
    pub photo: Picture,
    pub maps: AttentionMaps,
    pub network: Network,
    /// Block, from 0, of so many.
    pub layer: usize,
    pub layers: usize,
    /// Steps that the network was trained; 0 of the starter.
    pub step: u64,
    /// Of the run, if they are known.
    pub settings: Option<Settings>,
}
