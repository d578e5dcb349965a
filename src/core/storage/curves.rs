//! Curves: the metrics of finished steps as bytes. Invariant: they are read back to the bit, NaN included.

use crate::eval::metrics::Metrics;

/// Bytes of a point: the step and nine numbers.
const POINT: usize = 8 + 9 * 4;

/// Points of one file: a file that is full never changes again, so it is written once.
pub const POINTS: usize = 8192;

/// Points as bytes, little-endian.
pub fn pack(points: &[Metrics]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(points.len() * POINT);
    for p in points {
        bytes.extend(p.step.to_le_bytes());
        for value in [
            p.loss,
            p.entropy,
            p.kl,
            p.feature_std,
            p.center_norm,
            p.lr,
            p.weight_decay,
            p.momentum,
            p.teacher_temp,
        ] {
            bytes.extend(value.to_le_bytes());
        }
    }
    bytes
}

/// The points of some bytes; what is left behind the last whole one is ignored.
pub fn unpack(bytes: &[u8]) -> Vec<Metrics> {
    let (points, _) = bytes.as_chunks::<POINT>();
    let point = |bytes: &[u8; POINT]| {
        let (step, values) = bytes.split_first_chunk::<8>()?;
        let (values, _) = values.as_chunks::<4>();
        let [loss, entropy, kl, feature_std, center_norm, lr, weight_decay, momentum, teacher_temp] =
            *values
        else {
            return None;
        };
        let float = f32::from_le_bytes;
        Some(Metrics {
            step: u64::from_le_bytes(*step),
            loss: float(loss),
            entropy: float(entropy),
            kl: float(kl),
            feature_std: float(feature_std),
            center_norm: float(center_norm),
            lr: float(lr),
            weight_decay: float(weight_decay),
            momentum: float(momentum),
            teacher_temp: float(teacher_temp),
        })
    };
    points.iter().filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_some_points_and_those_the_same_bytes(
            bytes in proptest::collection::vec(any::<u8>(), 0..500),
        ) {
            let points = unpack(&bytes);
            prop_assert_eq!(points.len(), bytes.len() / POINT);
            prop_assert_eq!(&pack(&points)[..], &bytes[..points.len() * POINT]);
        }
    }
}
