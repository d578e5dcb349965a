//! `dino attention`: weights and an image to the maps of the heads and their mean, each as it is, at the image's
//! size and over the image; or the frames of a video to a clip. Invariant: no run is prepared; any backbone is
//! enough, and the device holds only that.

mod video;

use crate::options::Attention;
use crate::{files, open};
use dino_core::data::picture::{DEFAULT_SIDE, Picture, decode};
use dino_core::error::Result;
use dino_core::view::attention::AttentionMaps;
use dino_core::view::colormap;
use dino_core::view::overlay;
use dino_core::weights;
use dino_core::weights::Origin;
use dino_engine::infer::frozen_backbone::FrozenBackbone;
use serde_json::json;
use std::path::Path;

/// Opacity of a map over its image.
const OPACITY: f32 = 0.7;

/// Draws the teacher's attention, as the paper's figures do.
///
/// # Errors
/// [`Error::File`](dino_core::error::Error::File) or [`Error::Tensor`](dino_core::error::Error::Tensor) for a file
/// that cannot be read or written, otherwise those of [`maps`].
pub async fn run(options: &Attention) -> Result<()> {
    let shown = options.checkpoint.display().to_string();
    let bytes = files::read(&options.checkpoint)?;
    let choice = files::choice(&options.checkpoint, options.network.into(), options.heads);
    let weights = weights::read_chosen(&shown, &bytes, &choice)?;
    if weights.origin != Origin::Ours {
        files::tell(&weights.account, weights.vit.num_heads);
    }
    drop(bytes);
    match (&options.image, &options.video) {
        (Some(image), _) => of_image(options, &weights, image).await,
        (None, Some(frames)) => video::run(options, &weights, frames).await,
        // Never reached: clap refuses a command line with neither.
        (None, None) => Ok(()),
    }
}

async fn of_image(options: &Attention, weights: &weights::Weights, image: &Path) -> Result<()> {
    let shown = image.display().to_string();
    let bytes = files::image(image, &shown)?;
    let picture = decode(&shown, &bytes, DEFAULT_SIDE)?;
    let photo = decode(&shown, &bytes, usize::MAX)?;
    drop(bytes);
    files::make_folder(&options.out)?;
    let mut looker = FrozenBackbone::new(open().await?, weights).await?;
    let maps = maps(&mut looker, &picture, options.side).await?;
    let write = |name: String, picture: Picture| -> Result<String> {
        let path = options.out.join(name);
        let shown = path.display().to_string();
        files::write(&path, &colormap::png(&shown, &picture)?)?;
        if !options.json {
            println!("{shown}");
        }
        Ok(shown)
    };
    let image = write("img.png".to_owned(), photo.clone())?;
    let heads = (0..maps.heads).map(|head| (format!("head{head}"), maps.head(head).to_vec()));
    for (name, map) in heads.chain([("mean".to_owned(), maps.mean())]) {
        let grid = maps.grid;
        let file =
            write(format!("{name}.png"), colormap::heat(&map, grid, weights.vit.patch_size)?)?;
        // The colours of the small image.
        let range = [
            map.iter().copied().fold(f32::MAX, f32::min),
            map.iter().copied().fold(f32::MIN, f32::max),
        ];
        let full = overlay::heat(&photo, grid, &map, range, 1.0);
        let full = write(format!("attn-{name}.png"), full)?;
        let over = overlay::heat(&photo, grid, &map, overlay::range(&map), OPACITY);
        let over = write(format!("overlay-{name}.png"), over)?;
        if options.json {
            let [across, down] = grid;
            println!(
                "{}",
                json!({
                    "file": file, "full": full, "overlay": over, "image": image,
                    "across": across, "down": down, "map": map,
                })
            );
        }
    }
    Ok(())
}

/// The last layer's maps of an image with `side` pixels on its long side, or with the size that the network was
/// trained for.
///
/// # Errors
/// [`Error::Image`](dino_core::error::Error::Image) for an empty image,
/// [`Error::Device`](dino_core::error::Error::Device).
pub async fn maps(
    looker: &mut FrozenBackbone,
    picture: &Picture,
    side: Option<u32>,
) -> Result<AttentionMaps> {
    let Some(side) = side else { return looker.attention(picture).await };
    let layer = looker.vit().depth - 1;
    looker.infer(picture, layer, side as usize).await.map(AttentionMaps::from)
}
