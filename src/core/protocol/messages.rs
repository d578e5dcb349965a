//! Messages with images, maps and crops on their way to the page. Invariant: what is large travels as bytes,
//! not as lists of numbers.

use crate::data::crops::{CropDraw, CropView, Jitter};
use crate::data::picture::Picture;
use crate::floats::Floats;
use crate::protocol::View;
use crate::view::attention::AttentionMaps;
use serde::{Deserialize, Serialize};

/// An image through a network, at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttentionView {
    pub view: View,
    pub step: u64,
    /// As the network saw it: whole patches, the image's own aspect ratio.
    pub picture: Picture,
    pub patch: usize,
    pub layers: usize,
    pub maps: AttentionMaps,
    /// (patches, `dim`): the last layer's tokens, L2-normalised, so that products are cosines.
    pub features: Floats,
    pub dim: usize,
    /// (heads, tokens, dim / heads): queries and keys of the layer, CLS first, queries scaled, so that a
    /// softmax of their products is the attention from any token.
    pub queries: Floats,
    pub keys: Floats,
}

/// A small image as a JPEG of a few kilobytes, which the browser decodes when it comes into sight: as
/// pixels, those of 5,000 images would take 400 MB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    pub width: u32,
    pub height: u32,
    #[serde(with = "serde_bytes")]
    pub jpeg: Vec<u8>,
}

impl Thumbnail {
    /// Its pixels, for who paints over them; a millisecond's work.
    pub fn pixels(&self) -> Option<Picture> {
        Picture::of_jpeg(&self.jpeg)
    }
}

impl From<Picture> for Thumbnail {
    fn from(p: Picture) -> Self {
        Self { width: p.width as u32, height: p.height as u32, jpeg: p.jpeg() }
    }
}

/// One augmented view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crop {
    pub name: String,
    /// Box in the original, 0 to 1: left, top, width, height.
    pub frame: [f64; 4],
    pub pixels: Picture,
    pub drawn: Drawn,
}

/// What was drawn for a crop besides its box.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Drawn {
    pub flip: bool,
    /// Brightness, contrast and saturation factors and the hue's shift, where the colours were changed.
    pub jitter: Option<[f64; 4]>,
    pub grayscale: bool,
    /// Standard deviation in pixels of the crop.
    pub blur: Option<f64>,
    pub solarize: bool,
}

impl From<CropDraw> for Drawn {
    fn from(draw: CropDraw) -> Self {
        let factors = |j: Jitter| [j.brightness, j.contrast, j.saturation, j.hue];
        Self {
            flip: draw.flip,
            jitter: draw.jitter.map(factors),
            grayscale: draw.grayscale,
            blur: draw.blur_sigma,
            solarize: draw.solarize,
        }
    }
}

impl Crop {
    /// The view of an image with that size.
    pub fn new(view: CropView, of: &Picture) -> Self {
        let (width, height) = (of.width.max(1) as f64, of.height.max(1) as f64);
        let [x, y, w, h] = view.frame.map(|v| v as f64);
        let frame = [x / width, y / height, w / width, h / height];
        Self { name: view.name, frame, pixels: view.picture, drawn: view.draw.into() }
    }
}

/// Attention maps of one image at one step, for the console.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    pub image: usize,
    pub step: u64,
    pub picture: Picture,
    pub maps: AttentionMaps,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::crops::draw;

    #[test]
    fn frames_are_fractions_of_the_original() {
        let of = Picture { width: 200, height: 100, rgba: vec![255; 80_000] };
        let picture = Picture { width: 1, height: 1, rgba: vec![255; 4] };
        let crops = crate::run::presets::all()[0].config(1, 1, None).crops;
        let draw = draw(&crops, 0, 0, 0, (200, 100), 2);
        let view = CropView { name: "local 1".into(), picture, frame: [50, 25, 100, 50], draw };
        assert_eq!(Crop::new(view, &of).frame, [0.25, 0.25, 0.5, 0.5]);
    }
}
