//! Checks of the small kernels against their CPU twins, at odd shapes. Invariant: every entry point that no other
//! file of checks runs by itself is run here.

use crate::gpu::device::Gpu;
use crate::kernels::copy::copy;
use crate::kernels::layer_norm;
use crate::kernels::layer_norm::Affine;
use crate::kernels::metrics;
use crate::kernels::metrics::{MOMENTS, MetricsParams, RECORD};
use crate::kernels::normalize;
use crate::kernels::normalize::RowShape;
use crate::kernels::reduce::{ReduceParams, reduce};
use crate::kernels::sparse::Planned;
use crate::kernels::{Rows, tokens};
use crate::model::positions::interpolation;
use crate::verify::checks::twins::{TOLERANCE, Twins};
use crate::verify::checks::{Check, Outcome};

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "kernel: layer norm", run: |gpu| Box::pin(layer_norm_forward(gpu)) },
        Check {
            name: "kernel: layer norm backward",
            run: |gpu| Box::pin(layer_norm_backward(gpu)),
        },
        Check { name: "kernel: layer norm affine", run: |gpu| Box::pin(layer_norm_affine(gpu)) },
        Check { name: "kernel: l2 normalize", run: |gpu| Box::pin(l2_normalize(gpu)) },
        Check { name: "kernel: weight norm", run: |gpu| Box::pin(weight_norm(gpu)) },
        Check { name: "kernel: copy", run: |gpu| Box::pin(copies(gpu)) },
        Check { name: "kernel: reduce", run: |gpu| Box::pin(sums(gpu)) },
        Check { name: "kernel: sparse", run: |gpu| Box::pin(sparse(gpu)) },
        Check { name: "kernel: tokens", run: |gpu| Box::pin(moves(gpu)) },
        Check { name: "kernel: metrics", run: |gpu| Box::pin(numbers(gpu)) },
    ]
}

/// Two resolutions, one resolution, one crop of one row, and a long crop beside a short one.
const MAPS: [Rows; 4] = [
    Rows { global_crops: 2, global_tokens: 17, local_crops: 3, local_tokens: 5 },
    Rows { global_crops: 3, global_tokens: 65, local_crops: 0, local_tokens: 0 },
    Rows { global_crops: 1, global_tokens: 1, local_crops: 0, local_tokens: 0 },
    Rows { global_crops: 1, global_tokens: 257, local_crops: 1, local_tokens: 2 },
];

async fn layer_norm_forward(gpu: &Gpu) -> Outcome {
    Twins::both(gpu, 1, TOLERANCE, |t| {
        for (rows, width) in [(1, 4), (63, 12), (65, 64), (257, 260)] {
            t.case(format!("{rows} rows of {width}"));
            let x = t.input("x", rows * width);
            let affine = Affine { weight: t.input("weight", width), bias: t.input("bias", width) };
            let (y, stats) = (t.output("y", rows * width), t.output("stats", 2 * rows));
            layer_norm::forward(&mut t.plan, "layer_norm", (rows, width), x, affine, y, stats);
        }
    })
    .await
}

async fn layer_norm_backward(gpu: &Gpu) -> Outcome {
    Twins::both(gpu, 2, TOLERANCE, |t| {
        for (map, width) in MAPS.into_iter().zip([12, 64, 4, 260]) {
            for (accumulate, branch) in [(false, false), (true, false), (false, true), (true, true)]
            {
                let rows = map.rows();
                t.case(format!("{rows} rows of {width}, add {accumulate}, drop path {branch}"));
                let x = t.input("x", rows * width);
                let weight = t.input("weight", width);
                let d_y = t.input("d_y", rows * width);
                let stats = t.between("stats", 2 * rows, 0.2, 1.5);
                let d_x = if accumulate {
                    t.input("d_x", rows * width)
                } else {
                    t.output("d_x", rows * width)
                };
                let unused = t.unused();
                let branch = branch
                    .then(|| (t.input("scale", map.crops()), t.output("d_branch", rows * width)));
                let buffers =
                    layer_norm::Backward { x, stats, weight, d_y, branch, d_x, accumulate, unused };
                layer_norm::backward(&mut t.plan, "backward", width, map, &buffers);
            }
        }
    })
    .await
}

async fn layer_norm_affine(gpu: &Gpu) -> Outcome {
    let mut t = Twins::new(3);
    for (rows, width) in [(1, 4), (63, 12), (257, 64), (1100, 260)] {
        t.case(format!("{rows} rows of {width}"));
        let x = t.input("x", rows * width);
        let d_y = t.input("d_y", rows * width);
        let stats = t.between("stats", 2 * rows, 0.2, 1.5);
        let partial = t.output("partial", layer_norm::parts(rows) * 2 * width);
        let buffers = [x, stats, d_y, partial];
        layer_norm::backward_affine(&mut t.plan, "affine", (rows, width), buffers);
    }
    t.run(gpu, TOLERANCE).await
}

async fn l2_normalize(gpu: &Gpu) -> Outcome {
    Twins::both(gpu, 4, TOLERANCE, |t| {
        for (rows, width) in [(1, 1), (5, 10), (63, 37), (65, 64), (3, 257)] {
            t.case(format!("{rows} rows of {width}"));
            let (x, stride) = t.matrix("x", rows, width);
            let shape = RowShape { rows, width, stride };
            let (y, inverse) = (t.output("y", rows * stride), t.output("inverse", rows));
            normalize::l2_normalize(&mut t.plan, "forward", shape, [x, y, inverse]);
            let (d_y, _) = t.matrix("d_y", rows, width);
            // A single value is normalised to ±1 whatever it is, so its gradient is nothing but rounding.
            if width > 1 {
                let d_x = t.output("d_x", rows * stride);
                let buffers = [y, inverse, d_y, d_x];
                normalize::l2_normalize_backward(&mut t.plan, "backward", shape, buffers);
            }
        }
        t.case("a row of zeros".to_owned());
        let x = t.given("x", vec![0.0; 12]);
        let (y, inverse) = (t.output("y", 12), t.output("inverse", 1));
        let shape = RowShape { rows: 1, width: 10, stride: 12 };
        normalize::l2_normalize(&mut t.plan, "forward", shape, [x, y, inverse]);
    })
    .await
}

async fn weight_norm(gpu: &Gpu) -> Outcome {
    Twins::both(gpu, 5, TOLERANCE, |t| {
        for (rows, width) in [(1, 4), (16, 10), (65, 37), (257, 64)] {
            for trainable in [false, true] {
                t.case(format!("{rows} rows of {width}, g trained {trainable}"));
                let (v, stride) = t.matrix("v", rows, width);
                let g = t.between("g", rows, 0.5, 2.0);
                let scale = t.output("scale", rows);
                let shape = RowShape { rows, width, stride };
                normalize::weight_norm(&mut t.plan, "scale", shape, [v, g, scale]);
                let (d_v, _) = t.matrix("d_v", rows, width);
                let d_g =
                    if trainable { t.output("d_g", rows) } else { t.partly("d_g", rows, rows) };
                let buffers = [v, scale, d_v, d_g];
                normalize::weight_norm_backward(&mut t.plan, "backward", shape, buffers, trainable);
            }
        }
    })
    .await
}

async fn copies(gpu: &Gpu) -> Outcome {
    let mut t = Twins::new(19);
    for vectors in [1, 63, 65, 257] {
        t.case(format!("{vectors} vectors"));
        let from = t.input("from", 4 * vectors);
        // The four words behind are not written.
        let to = t.partly("to", 4 * vectors + 4, 4);
        copy(&mut t.plan, "copy", from, to);
    }
    t.run(gpu, TOLERANCE).await
}

async fn sums(gpu: &Gpu) -> Outcome {
    let mut t = Twins::new(6);
    for (parts, first, second) in [(1, 63, 0), (3, 4, 1), (7, 257, 65), (2, 1, 63)] {
        t.case(format!("{parts} parts of {first} and {second}"));
        // The second sums begin at the next multiple of four, as behind a padded matrix.
        let offset = (first as usize).next_multiple_of(4);
        let stride = offset + (second as usize).next_multiple_of(4);
        let partial = t.input("partial", parts * stride);
        let one = t.input("one", first as usize);
        let two = if second > 0 { t.input("two", second as usize) } else { t.unused().1 };
        let params = ReduceParams {
            parts: parts as u32,
            stride: stride as u32,
            first,
            second,
            offset: offset as u32,
        };
        reduce(&mut t.plan, "reduce", params, partial, one, two);
    }
    t.run(gpu, TOLERANCE).await
}

async fn sparse(gpu: &Gpu) -> Outcome {
    let mut t = Twins::new(7);
    for (side, down, across, width) in [(4, 3, 2, 4), (7, 3, 3, 12), (2, 8, 5, 64), (1, 1, 1, 4)] {
        let matrix = interpolation(side, down, across);
        let (rows, columns) = (matrix.rows.len(), side * side + 1);
        for (transposed, accumulate) in [(false, false), (false, true), (true, false), (true, true)]
        {
            let name = format!("{rows} of {columns} rows, transposed {transposed}, {accumulate}");
            t.case(format!("width {width}, {name}"));
            let (matrix, from, to) = if transposed {
                (matrix.transposed(columns), rows, columns)
            } else {
                (matrix.clone(), columns, rows)
            };
            let planned = Planned::new(&mut t.plan, &format!("width {width}, {name}"), &matrix);
            for (slice, words) in &planned.uploads {
                t.upload(*slice, words);
            }
            let x = t.input("x", from * width);
            let out =
                if accumulate { t.input("out", to * width) } else { t.output("out", to * width) };
            planned.apply(&mut t.plan, "sparse", width, x, out, accumulate);
        }
    }
    t.run(gpu, TOLERANCE).await
}

async fn moves(gpu: &Gpu) -> Outcome {
    let mut t = Twins::new(8);
    for (map, width) in MAPS.into_iter().zip([12, 64, 4, 8]) {
        let (rows, crops) = (map.rows(), map.crops());
        let table = map.global_tokens + map.local_tokens;
        t.case(format!("{rows} rows of {width}"));
        let (position, cls) = (t.input("position", table * width), t.input("cls_token", width));
        let x = t.input("x", rows * width);
        tokens::embed(&mut t.plan, map, width, [position, cls, x]);
        let gathered = t.output("cls", crops * width);
        tokens::gather_cls(&mut t.plan, map, width, [x, gathered]);
        let d_position = t.output("d_position", table * width);
        tokens::sum_over_crops(&mut t.plan, map, width, [x, d_position]);
        let d_cls = t.input("d_cls", crops * width);
        let (scale, unused) = (t.input("scale", crops), t.unused());
        let d_x = t.output("d_x", rows * width);
        tokens::scatter_cls(&mut t.plan, map, width, [d_cls, d_x], None, unused);
        let (d_x, d_branch) =
            (t.output("d_x, drop path", rows * width), t.output("d_branch", rows * width));
        let branch = Some((scale, d_branch));
        tokens::scatter_cls(&mut t.plan, map, width, [d_cls, d_x], branch, unused);
    }
    t.run(gpu, TOLERANCE).await
}

async fn numbers(gpu: &Gpu) -> Outcome {
    Twins::both(gpu, 9, TOLERANCE, |t| {
        for (loss_rows, teacher_rows, width, prototypes) in
            [(1, 2, 4, 16), (63, 6, 12, 37), (257, 65, 260, 257)]
        {
            t.case(format!("{loss_rows} losses, {teacher_rows} teachers, {width}, {prototypes}"));
            let params = MetricsParams {
                loss_rows,
                teacher_rows,
                width,
                samples: teacher_rows as f32,
                prototypes,
            };
            let (rows, width) = (teacher_rows as usize, width as usize);
            let losses = t.between("loss", loss_rows as usize, 0.0, 1.0);
            let entropy = t.between("entropy", rows, 0.0, 1.0);
            let features = t.input("features", rows * width);
            let before = t.input("sums before", MOMENTS + 2 * width);
            metrics::accumulate(&mut t.plan, params, [losses, entropy, features, before]);
            let mut zero = t.normal(MOMENTS + 2 * width);
            zero[..2].fill(0.0);
            zero[MOMENTS..].fill(0.0);
            let sums = t.given("sums", zero);
            metrics::accumulate(&mut t.plan, params, [losses, entropy, features, sums]);
            let (center, record) =
                (t.input("center", prototypes as usize), t.output("record", RECORD.len()));
            metrics::finish(&mut t.plan, params, [center, sums, record]);
        }
    })
    .await
}
