//! Sparse product: a small constant sparse matrix times rows (`shaders/sparse.wgsl`). Invariant: forward and
//! backward use one matrix and its transpose, so the gradient flows through the interpolation.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Call, Kernel, grid};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Plan, Slice};
use crate::params;

params! {
    /// Uniform of the entry point. Fields as in `shaders/sparse.wgsl`.
    pub struct SparseParams {
        pub rows: u32,
        pub width: u32,
        pub accumulate: u32,
    }
}

pub static SPARSE: Kernel = Kernel {
    name: "sparse",
    file: "sparse.wgsl",
    source: include_str!("../../../shaders/sparse.wgsl"),
    bindings: &[Read, Read, Read, Read, Write],
    params: SparseParams::FIELDS,
    cpu: sparse_cpu,
};

/// A sparse matrix on the host: one list of (column, value) a row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    pub rows: Vec<Vec<(usize, f32)>>,
}

impl Matrix {
    /// The transposed matrix with `columns` rows.
    pub fn transposed(&self, columns: usize) -> Self {
        let mut rows = vec![Vec::new(); columns];
        for (r, row) in self.rows.iter().enumerate() {
            for &(c, v) in row {
                rows[c].push((r, v));
            }
        }
        Self { rows }
    }

    fn entries(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }
}

/// A matrix in a plan: its buffers and the words to write into them once.
#[derive(Debug, Clone)]
pub struct Planned {
    rows: usize,
    buffers: [Slice; 3],
    /// What to upload before the first run.
    pub uploads: Vec<(Slice, Vec<u32>)>,
}

impl Planned {
    /// Adds the matrix's buffers to a plan.
    pub fn new(plan: &mut Plan, name: &str, matrix: &Matrix) -> Self {
        let buffers = [
            plan.buffer(format!("{name}.starts"), matrix.rows.len() + 1),
            plan.buffer(format!("{name}.columns"), matrix.entries()),
            plan.buffer(format!("{name}.values"), matrix.entries()),
        ];
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for row in &matrix.rows {
            columns.extend(row.iter().map(|(c, _)| *c as u32));
            values.extend(row.iter().map(|(_, v)| v.to_bits()));
            starts.push(columns.len() as u32);
        }
        let uploads = buffers.into_iter().zip([starts, columns, values]).collect();
        Self { rows: matrix.rows.len(), buffers, uploads }
    }

    /// `out = matrix · x`, or `out += …`; x (columns, D), out (rows, D).
    pub fn apply(
        &self,
        plan: &mut Plan,
        name: &str,
        width: usize,
        x: Slice,
        out: Slice,
        accumulate: bool,
    ) {
        let params = SparseParams {
            rows: self.rows as u32,
            width: width as u32,
            accumulate: u32::from(accumulate),
        };
        let [starts, columns, values] = self.buffers;
        let groups = grid((self.rows * width / 4).div_ceil(64));
        let bindings = [starts, columns, values, x, out];
        plan.push(name, &SPARSE, Constants::default(), &bindings, &params, groups);
    }
}

fn sparse_cpu(call: &mut Call) {
    let p: SparseParams = call.params();
    let width = p.width as usize;
    let [starts, columns, values, x, out] = call.bindings else { return };
    let word = |v: f32| v.to_bits() as usize;
    for row in 0..p.rows as usize {
        for i in 0..width {
            let sum: f32 = (word(starts[row])..word(starts[row + 1]))
                .map(|e| values[e] * x[word(columns[e]) * width + i])
                .sum();
            let before = if p.accumulate == 1 { out[row * width + i] } else { 0.0 };
            out[row * width + i] = before + sum;
        }
    }
}
