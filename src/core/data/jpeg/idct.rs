//! Inverse cosine transform of a block, libjpeg's accurate one in whole numbers (`jidctint.c`). Invariant: the same
//! bits as libjpeg for every block of a real file; values that none has wrap, as they do in its vector code.

use std::num::Wrapping;

type Number = Wrapping<i32>;

/// Bits behind the point: of the constants, and more of the values between the passes.
const CONST_BITS: usize = 13;
const PASS_BITS: usize = 2;

const fn fixed(value: i32) -> Number {
    Wrapping(value)
}

/// One row or column of eight, with `shift` bits rounded away.
fn eight(v: [Number; 8], shift: usize) -> [Number; 8] {
    // Even part.
    let z1 = (v[2] + v[6]) * fixed(4433);
    let t2 = z1 - v[6] * fixed(15137);
    let t3 = z1 + v[2] * fixed(6270);
    let t0 = (v[0] + v[4]) << CONST_BITS;
    let t1 = (v[0] - v[4]) << CONST_BITS;
    let (e0, e3, e1, e2) = (t0 + t3, t0 - t3, t1 + t2, t1 - t2);
    // Odd part.
    let z5 = (v[7] + v[3] + v[5] + v[1]) * fixed(9633);
    let z3 = (v[7] + v[3]) * fixed(-16069) + z5;
    let z4 = (v[5] + v[1]) * fixed(-3196) + z5;
    let z1 = (v[7] + v[1]) * fixed(-7373);
    let z2 = (v[5] + v[3]) * fixed(-20995);
    let o0 = v[7] * fixed(2446) + z1 + z3;
    let o1 = v[5] * fixed(16819) + z2 + z4;
    let o2 = v[3] * fixed(25172) + z2 + z3;
    let o3 = v[1] * fixed(12299) + z1 + z4;
    let half = Wrapping(1 << (shift - 1));
    let out = |value: Number| (value + half) >> shift;
    [
        out(e0 + o3),
        out(e1 + o2),
        out(e2 + o1),
        out(e3 + o0),
        out(e3 - o0),
        out(e2 - o1),
        out(e1 - o2),
        out(e0 - o3),
    ]
}

fn sample(value: i32) -> u8 {
    (value.wrapping_add(128)).clamp(0, 255) as u8
}

/// The 8 × 8 samples of a block of coefficients in rows, each times its quantum.
fn block(coefficients: &[i16; 64], quanta: &[u16; 64]) -> [u8; 64] {
    let (dc, rest) = coefficients.split_at(1);
    let scaled =
        |at: usize| Wrapping(i32::from(coefficients[at])) * Wrapping(i32::from(quanta[at]));
    if dc[0] == 0 && rest.iter().all(|c| *c == 0) {
        return [128; 64];
    }
    if rest.iter().all(|c| *c == 0) {
        return [sample(mean(scaled(0)).0); 64];
    }
    let mut between = [Wrapping(0); 64];
    for column in 0..8 {
        let values = std::array::from_fn(|row| scaled(8 * row + column));
        for (row, value) in eight(values, CONST_BITS - PASS_BITS).into_iter().enumerate() {
            between[8 * row + column] = value;
        }
    }
    let mut samples = [0; 64];
    for (row, to) in between.chunks_exact(8).zip(samples.chunks_exact_mut(8)) {
        let values = std::array::from_fn(|column| row[column]);
        for (to, value) in to.iter_mut().zip(eight(values, CONST_BITS + PASS_BITS + 3)) {
            *to = sample(value.0);
        }
    }
    samples
}

/// What a block's first coefficient says of its mean.
fn mean(dc: Number) -> Number {
    (dc + Wrapping(4)) >> 3
}

/// Writes a block with these sides, each 8, 4, 2 or 1: of a smaller one each sample is the mean of those it stands for.
pub fn write(
    coefficients: &[i16; 64],
    quanta: &[u16; 64],
    sides: [usize; 2],
    to: &mut [u8],
    stride: usize,
) {
    if sides == [1, 1] {
        if let Some(to) = to.first_mut() {
            let dc = Wrapping(i32::from(coefficients[0])) * Wrapping(i32::from(quanta[0]));
            *to = sample(mean(dc).0);
        }
        return;
    }
    let samples = block(coefficients, quanta);
    let [wide, high] = sides;
    let (across, down) = (8 / wide, 8 / high);
    let count = (across * down) as u32;
    for (y, row) in to.chunks_mut(stride.max(1)).take(high).enumerate() {
        if count == 1 {
            if let (Some(row), Some(from)) = (row.get_mut(..8), samples.get(8 * y..8 * y + 8)) {
                row.copy_from_slice(from);
            }
            continue;
        }
        for (x, to) in row.iter_mut().take(wide).enumerate() {
            let those = (0..across * down).map(|i| {
                let (line, column) = (y * down + i / across, x * across + i % across);
                u32::from(samples[8 * line + column])
            });
            *to = ((those.sum::<u32>() + count / 2) / count) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_block_and_a_wave_are_themselves_at_every_size() {
        let mut coefficients = [0; 64];
        coefficients[0] = 40;
        for side in [8, 4, 2, 1] {
            let mut to = vec![0; side * side];
            write(&coefficients, &[4; 64], [side; 2], &mut to, side);
            assert_eq!(to, vec![148; side * side]);
        }
        // A wave across: the same in all rows, bright to dark.
        coefficients[1] = 100;
        let mut to = [0; 64];
        write(&coefficients, &[4; 64], [8; 2], &mut to, 8);
        let wave = |x: f64| {
            148.0
                + 400.0 / 8.0 * 2_f64.sqrt() * ((2.0 * x + 1.0) * std::f64::consts::PI / 16.0).cos()
        };
        for (at, value) in to.iter().enumerate() {
            assert!((f64::from(*value) - wave((at % 8) as f64)).abs() <= 1.0, "{at}: {value}");
        }
        // Values of no real file.
        write(&[i16::MIN; 64], &[u16::MAX; 64], [8, 2], &mut to, 8);
    }
}
