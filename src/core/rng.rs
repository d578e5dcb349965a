//! Random numbers by a counter: Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"
//! (2011). Invariant: a number depends on its key alone, never on what was drawn before it, so results do not
//! change with the order of work or with how a batch is split.

/// Domains of the `stream` key, so that two uses never share numbers. A use adds its own index, below
/// 65 536.
pub mod stream {
    /// Crop c of an image: `CROP + c`.
    pub const CROP: u32 = 0;
    /// Drop path of block n: `DROP_PATH + n`.
    pub const DROP_PATH: u32 = 0x1_0000;
    /// Initial weights of tensor n: `WEIGHTS + n`.
    pub const WEIGHTS: u32 = 0x2_0000;
    /// Which images a step takes.
    pub const SAMPLE: u32 = 0x3_0000;
    /// Other draws of crops, to be looked at.
    pub const AGAIN: u32 = 0x4_0000;
}

/// The numbers of one key, in order.
#[derive(Debug, Clone)]
pub struct Rng {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Rng {
    /// The generator of (seed, step, image within the batch, stream).
    pub fn new(seed: u64, step: u64, image: u32, stream: u32) -> Self {
        // The four keys fill Philox's key and counter, so that one block of them becomes the key
        // and the upper counter of a sequence of 2⁶⁴ blocks.
        let [a, b, c, d] = philox(words(seed), {
            let [low, high] = words(step);
            [low, high, image, stream]
        });
        Self { key: [a, b], counter: [0, 0, c, d], block: [0; 4], used: 4 }
    }

    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox(self.key, self.counter);
            self.used = 0;
            let [low, high, ..] = &mut self.counter;
            *low = low.wrapping_add(1);
            *high = high.wrapping_add(u32::from(*low == 0));
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) | u64::from(self.next_u32()) << 32
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform in 0..n; 0 when n is 0. The bias is n/2⁶⁴.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// True with probability p.
    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Standard normal, by Box and Muller; two uniform numbers each.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn words(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// One block: ten rounds over `counter` under `key`.
fn philox(mut key: [u32; 2], mut counter: [u32; 4]) -> [u32; 4] {
    for _ in 0..10 {
        let [a, b, c, d] = counter;
        let [low0, high0] = words(u64::from(a) * 0xD251_1F53);
        let [low1, high1] = words(u64::from(c) * 0xCD9E_8D57);
        counter = [high1 ^ b ^ key[0], low1, high0 ^ d ^ key[1], low0];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::{Rng, philox};

    /// The three known answers published with Random123.
    #[test]
    fn philox_known_answers() {
        assert_eq!(philox([0; 2], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 2], [u32::MAX; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0xa409_3822, 0x299f_31d0],
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn every_part_of_the_key_matters() {
        let first = |seed, step, image, stream| Rng::new(seed, step, image, stream).next_u64();
        let base = first(1, 2, 3, 4);
        assert_eq!(base, first(1, 2, 3, 4));
        for other in [
            first(2, 2, 3, 4),
            first(1 + (1 << 32), 2, 3, 4),
            first(1, 3, 3, 4),
            first(1, 2 + (1 << 32), 3, 4),
            first(1, 2, 4, 4),
            first(1, 2, 3, 5),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn moments() {
        let mut rng = Rng::new(7, 0, 0, 0);
        let n = 100_000;
        let moments = |values: Vec<f64>| {
            let mean = values.iter().sum::<f64>() / n as f64;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64;
            (mean, variance)
        };
        let (mean, variance) = moments((0..n).map(|_| rng.uniform()).collect());
        assert!((mean - 0.5).abs() < 0.005 && (variance - 1.0 / 12.0).abs() < 0.002);
        let (mean, variance) = moments((0..n).map(|_| rng.normal()).collect());
        assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let mut seen = [0; 7];
        (0..n).for_each(|_| seen[rng.below(7)] += 1);
        assert!(seen.iter().all(|s| (s - n / 7_i32).abs() < 600), "{seen:?}");
        assert_eq!(rng.below(0), 0);
    }
}
