//! Pictures, maps and crops on their way to the page. Invariant: what is large travels as bytes, not as lists
//! of numbers.

use crate::data::crops::{CropDraw, CropView, Jitter};
use crate::data::picture::Picture;
use crate::error::Error;
use crate::protocol::View;
use crate::view::attention::AttentionMaps;
use serde::{Deserialize, Serialize};

/// Numbers that travel as bytes: a list of a hundred thousand numbers would take the page's time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Floats(pub Vec<f32>);

impl Serialize for Floats {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytemuck::cast_slice(&self.0))
    }
}

impl<'de> Deserialize<'de> for Floats {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = serde_bytes::ByteBuf::deserialize(deserializer)?;
        let floats = bytes.chunks_exact(4).map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]));
        Ok(Self(floats.collect()))
    }
}

/// An image through a network, at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttentionView {
    pub view: View,
    pub step: u64,
    /// As the network saw it: whole patches, the image's own aspect ratio.
    pub picture: Pixels,
    pub patch: usize,
    /// Patches across and down.
    pub width: usize,
    pub height: usize,
    pub heads: usize,
    pub layers: usize,
    /// (heads, patches): attention of the CLS token, its attention to itself left out.
    pub attention: Floats,
    /// (patches, `dim`): the last layer's tokens, L2-normalised, so that products are cosines.
    pub features: Floats,
    pub dim: usize,
    /// (heads, tokens, dim / heads): queries and keys of the layer, CLS first, queries scaled, so that a
    /// softmax of their products is the attention from any token.
    pub queries: Floats,
    pub keys: Floats,
}

/// Attention of a picture that is not of the set, as those of a camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Patches across and down.
    pub width: usize,
    pub height: usize,
    pub heads: usize,
    /// (heads, patches): attention of the CLS token, its attention to itself left out.
    pub attention: Floats,
}

/// One map of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Map {
    pub image: usize,
    pub width: usize,
    pub height: usize,
    /// (heads, patches)
    pub attention: Floats,
}

/// A [`Picture`] on its way to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    /// Row-major RGBA.
    #[serde(with = "serde_bytes")]
    pub rgba: Vec<u8>,
}

impl From<Picture> for Pixels {
    fn from(p: Picture) -> Self {
        Self { width: p.width as u32, height: p.height as u32, rgba: p.rgba }
    }
}

impl TryFrom<Pixels> for Picture {
    type Error = Error;

    fn try_from(p: Pixels) -> Result<Self, Error> {
        let (width, height, found) = (p.width as usize, p.height as usize, p.rgba.len());
        let bytes = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(4));
        if found == 0 || bytes != Some(found) {
            return Err(Error::Image {
                name: "picture".to_owned(),
                reason: format!(
                    "expected {width} × {height} pixels of 4 bytes, found {found} bytes"
                ),
            });
        }
        Ok(Self { width, height, rgba: p.rgba })
    }
}

/// A small picture as a JPEG of a few kilobytes, which the browser decodes when it comes into sight: as
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
    pub fn pixels(&self) -> Option<Pixels> {
        Picture::of_jpeg(&self.jpeg).map(Pixels::from)
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
    pub pixels: Pixels,
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
    /// The view of a picture with that size.
    pub fn new(view: CropView, of: &Picture) -> Self {
        let (width, height) = (of.width.max(1) as f64, of.height.max(1) as f64);
        let [x, y, w, h] = view.frame.map(|v| v as f64);
        let frame = [x / width, y / height, w / width, h / height];
        Self { name: view.name, frame, pixels: view.picture.into(), drawn: view.draw.into() }
    }
}

/// Attention maps of one image at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    pub image: usize,
    pub step: u64,
    pub picture: Pixels,
    /// Patches across and down.
    pub width: usize,
    pub height: usize,
    /// One map a head, row-major, width × height values.
    pub heads: Vec<Vec<f32>>,
    /// Mean over the heads.
    pub mean: Vec<f32>,
}

impl Attention {
    /// Splits the trainer's maps into heads.
    pub fn new(image: usize, step: u64, picture: Pixels, maps: &AttentionMaps) -> Self {
        let [width, height] = maps.grid;
        let heads = (0..maps.heads).map(|head| maps.head(head).to_vec()).collect();
        let mean = maps.mean();
        Self { image, step, picture, width, height, heads, mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::crops::draw;

    #[test]
    fn mean_is_over_heads() {
        let maps = AttentionMaps { heads: 2, grid: [3, 1], values: vec![1., 2., 3., 3., 2., 5.] };
        let pixels = Pixels { width: 1, height: 1, rgba: vec![0; 4] };
        let attention = Attention::new(4, 7, pixels, &maps);
        assert_eq!(attention.heads, [[1., 2., 3.], [3., 2., 5.]]);
        assert_eq!(attention.mean, [2., 2., 4.]);
    }

    #[test]
    fn pixels_that_are_not_what_they_say_are_no_picture() {
        let pixels = |width, height, bytes| Pixels { width, height, rgba: vec![7; bytes] };
        assert!(Picture::try_from(pixels(2, 3, 24)).is_ok());
        for (width, height, bytes) in
            [(0, 0, 0), (2, 3, 23), (2, 3, 25), (0, 5, 4), (u32::MAX, u32::MAX, 4)]
        {
            assert!(Picture::try_from(pixels(width, height, bytes)).is_err(), "{width} {height}");
        }
    }

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
