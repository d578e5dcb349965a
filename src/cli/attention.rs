//! `dino attention`: a checkpoint and an image to one picture per head and their mean.

use super::{Attention, files, open};
use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::images::DEFAULT_SIDE;
use crate::pictures;
use crate::trainer::{AttentionMaps, Network, Trainer};

/// Draws the teacher's attention: the paper's pictures are the teacher's.
pub async fn run(options: &Attention) -> Result<()> {
    let shown = options.checkpoint.display().to_string();
    let mut checkpoint = Checkpoint::from_bytes(&shown, &files::read(&options.checkpoint)?)?;
    let picture = files::picture(&options.image, DEFAULT_SIDE)?;
    files::make_folder(&options.out)?;
    // Nothing is trained, so no memory is spent on a batch of crops.
    checkpoint.config.train.batch = 1;
    let crops = &mut checkpoint.config.crops;
    (crops.global_size, crops.n_local) = (4 * checkpoint.config.vit.patch_size, 0);
    let (patch, seed) = (checkpoint.config.vit.patch_size, checkpoint.seed);
    let gpu = open().await?;
    let mut trainer = Trainer::new(gpu, checkpoint.config.clone(), seed).await?;
    trainer.load(&checkpoint.to_bytes()?).await?;
    let last = checkpoint.config.vit.depth - 1;
    let maps = match options.side {
        None => trainer.attention(&picture, Network::Teacher).await?,
        Some(side) => {
            let side = side as usize;
            let seen = trainer.look(&picture, Network::Teacher, last, side, None).await?;
            AttentionMaps { heads: seen.heads, grid: seen.grid, values: seen.result.attention }
        }
    };
    let heads = (0..maps.heads).map(|head| (format!("head{head}.png"), maps.head(head).to_vec()));
    for (name, map) in heads.chain([("mean.png".to_owned(), maps.mean())]) {
        let path = options.out.join(name);
        let drawn = pictures::heat(&map, maps.grid, patch)?;
        files::write(&path, &pictures::png(&path.display().to_string(), &drawn)?)?;
        println!("{}", path.display());
    }
    Ok(())
}
