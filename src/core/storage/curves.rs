//! Curves: the metrics of finished steps as bytes. Invariant: they are read back to the bit, NaN included, also by a
//! build that has other metrics.

use crate::eval::metrics::{Column, Metrics, Sample};

/// Columns of the curves whose manifest names none.
const FIRST: [&str; 9] = [
    "loss",
    "entropy",
    "kl",
    "featureStd",
    "centerNorm",
    "lr",
    "weightDecay",
    "momentum",
    "teacherTemp",
];

/// Points of one file: a file that is full never changes again, so it is written once.
pub const POINTS: usize = 8192;

/// Names of the columns of [`pack`], in its order.
pub fn columns() -> Vec<String> {
    Column::METRICS.iter().map(|column| column.name().to_owned()).collect()
}

/// Names of the columns of older files, which do not say.
pub fn first_columns() -> Vec<String> {
    FIRST.map(str::to_owned).to_vec()
}

/// Points as bytes: the step (`u64`), then each column (`f32`), little-endian.
pub fn pack(points: &[Metrics]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for &point in points {
        bytes.extend(point.step.to_le_bytes());
        let sample = Sample { point, images_per_second: 0.0 };
        for column in Column::METRICS {
            bytes.extend(column.of(&sample).to_le_bytes());
        }
    }
    bytes
}

/// The points of some bytes whose columns have these names; what is left behind the last whole one is ignored. A
/// column that this build does not know is passed over, one that is missing is NaN.
pub fn unpack(bytes: &[u8], columns: &[String]) -> Vec<Metrics> {
    let columns: Vec<Option<Column>> = columns.iter().map(|name| Column::named(name)).collect();
    let point = |bytes: &[u8]| {
        let (step, values) = bytes.split_first_chunk::<8>()?;
        let point = Metrics::at(u64::from_le_bytes(*step));
        let mut sample = Sample { point, images_per_second: 0.0 };
        let (values, _) = values.as_chunks::<4>();
        for (column, value) in columns.iter().zip(values) {
            if let Some(column) = column {
                *column.of_mut(&mut sample) = f32::from_le_bytes(*value);
            }
        }
        Some(sample.point)
    };
    bytes.chunks_exact(8 + 4 * columns.len()).filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn curves_of_a_build_with_other_metrics_are_read() {
        let columns = ["kl", "a metric of tomorrow", "loss"].map(str::to_owned);
        let mut bytes = 5_u64.to_le_bytes().to_vec();
        bytes.extend([1.5_f32, 2.5, 3.5].iter().flat_map(|value| value.to_le_bytes()));
        let points = unpack(&bytes, &columns);
        assert_eq!((points.len(), points[0].step, points[0].kl, points[0].loss), (1, 5, 1.5, 3.5));
        assert!(points[0].entropy.is_nan());
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_points_and_those_the_same_bytes(
            bytes in proptest::collection::vec(any::<u8>(), 0..500),
        ) {
            let size = 8 + 4 * Column::METRICS.len();
            let points = unpack(&bytes, &columns());
            prop_assert_eq!(points.len(), bytes.len() / size);
            prop_assert_eq!(&pack(&points)[..], &bytes[..points.len() * size]);
        }
    }
}
