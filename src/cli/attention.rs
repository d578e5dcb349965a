//! `dino attention`: a checkpoint and an image to one picture per head and their mean, or the frames of a
//! video to a clip.

mod video;

use super::options::Attention;
use super::{files, open};
use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::images::{DEFAULT_SIDE, Picture};
use crate::pictures;
use crate::trainer::{AttentionMaps, Network, Trainer};
use serde_json::json;
use std::path::Path;

/// Draws the teacher's attention: the paper's pictures are the teacher's.
pub async fn run(options: &Attention) -> Result<()> {
    let shown = options.checkpoint.display().to_string();
    let mut checkpoint = Checkpoint::from_bytes(&shown, &files::read(&options.checkpoint)?)?;
    // Nothing is trained, so no memory is spent on a batch of crops.
    checkpoint.config.train.batch = 1;
    let crops = &mut checkpoint.config.crops;
    (crops.global_size, crops.n_local) = (4 * checkpoint.config.vit.patch_size, 0);
    match (&options.image, &options.video) {
        (Some(image), _) => of_image(options, &checkpoint, image).await,
        (None, Some(frames)) => video::run(options, &checkpoint, frames).await,
        // The command line was not understood then, and this is never reached.
        (None, None) => Ok(()),
    }
}

async fn of_image(options: &Attention, checkpoint: &Checkpoint, image: &Path) -> Result<()> {
    let picture = files::picture(image, DEFAULT_SIDE)?;
    files::make_folder(&options.out)?;
    let mut trainer = load(checkpoint).await?;
    let maps = maps(&mut trainer, &picture, options.side).await?;
    let heads = (0..maps.heads).map(|head| (format!("head{head}"), maps.head(head).to_vec()));
    for (name, map) in heads.chain([("mean".to_owned(), maps.mean())]) {
        let path = options.out.join(format!("{name}.png"));
        let drawn = pictures::heat(&map, maps.grid, checkpoint.config.vit.patch_size)?;
        files::write(&path, &pictures::png(&path.display().to_string(), &drawn)?)?;
        if options.json {
            let [across, down] = maps.grid;
            let file = path.display().to_string();
            println!("{}", json!({ "file": file, "across": across, "down": down, "map": map }));
        } else {
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// The teacher's last layer on a picture of `side` pixels on its long side, or of the size that the network was
/// trained for.
///
/// # Errors
/// [`Error::Image`](crate::error::Error::Image) for an empty picture, [`Error::Device`](crate::error::Error::Device).
pub async fn maps(
    trainer: &mut Trainer,
    picture: &Picture,
    side: Option<u32>,
) -> Result<AttentionMaps> {
    let Some(side) = side else { return trainer.attention(picture, Network::Teacher).await };
    let layer = trainer.config().vit.depth - 1;
    let sight = trainer.look(picture, Network::Teacher, layer, side as usize, None).await?;
    Ok(AttentionMaps { heads: sight.heads, grid: sight.grid, values: sight.result.attention })
}

/// The checkpoint's networks on this machine's device.
async fn load(checkpoint: &Checkpoint) -> Result<Trainer> {
    let gpu = open().await?;
    let mut trainer = Trainer::new(gpu, checkpoint.config.clone(), checkpoint.seed).await?;
    trainer.restore(checkpoint).await?;
    Ok(trainer)
}
