//! Images of waves and noise, for benchmarks and checks that need photographs of any content. Invariant: the same
//! on every machine.

use dino_core::data::picture::Picture;
use dino_core::rng::Rng;
use dino_core::run::config::Config;

/// Images that the steps sample from, and their size in pixels.
pub const PICTURES: u32 = 16;
const WIDTH: usize = 320;
const HEIGHT: usize = 240;
pub const SEED: u64 = 1;

/// The images, as large as a run with these settings takes them.
pub fn pictures(config: &Config) -> Vec<Picture> {
    let side = config.crops.picture_side();
    (0..PICTURES).map(|index| picture(index).shrunk(side)).collect()
}

/// An image with a colour and waves of its own, and noise over them.
fn picture(index: u32) -> Picture {
    let mut rng = Rng::new(SEED, 0, index, 0);
    let base: [f64; 3] = std::array::from_fn(|_| 255.0 * rng.uniform());
    let wave: [f64; 2] = std::array::from_fn(|_| 0.2 * rng.uniform());
    let mut rgba = Vec::with_capacity(WIDTH * HEIGHT * 4);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let shade = 80.0 * (wave[0] * x as f64 + wave[1] * y as f64).sin();
            rgba.extend(base.map(|b| (b + shade + 40.0 * rng.uniform()) as u8));
            rgba.push(255);
        }
    }
    Picture { width: WIDTH, height: HEIGHT, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_differ() {
        assert_ne!(picture(0), picture(1));
        assert_eq!(picture(1), picture(1));
    }
}
