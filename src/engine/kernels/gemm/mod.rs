//! Matrix products NT, NN and TN with fused epilogues, in three families: registers only
//! (`shaders/gemm_registers.wgsl`), values handed round in a subgroup (`shaders/gemm_lanes.wgsl`) and
//! workgroup-memory tiles (`shaders/gemm_tiles.wgsl`), all with `shaders/gemm_epilogue.wgsl`.
//! Invariants: rows are padded with zeros to multiples of four words; every variant gives the same
//! result up to rounding.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Access, Kernel};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Alternative, Dispatch, Plan, Slice};
use crate::kernels::Rows;
use crate::params;
use serde::{Deserialize, Serialize};

params! {
    /// Uniform of all families. Fields as in `shaders/gemm_epilogue.wgsl`.
    pub struct GemmParams {
        pub m: u32,
        pub n: u32,
        pub k: u32,
        pub lda: u32,
        pub ldb: u32,
        pub ldc: u32,
        pub k_per_part: u32,
        pub part_stride: u32,
        pub scaled: u32,
        pub global_rows: u32,
        pub global_tokens: u32,
        pub local_tokens: u32,
        pub global_crops: u32,
    }
}

mod choice;
mod twin;
mod variant;

pub use choice::{Choice, Tuning, default_parts, default_variant};
use twin::gemm_cpu;
pub use variant::{K_STEP, VARIANTS, Variant, variants};

const BINDINGS: &[Access] = &[Read, Read, Read, Read, Read, Write, Write];

pub static GEMM_REGISTERS: Kernel = Kernel {
    name: "gemm_registers",
    file: "gemm_registers.wgsl",
    source: shader!("gemm_registers.wgsl", "gemm_epilogue.wgsl"),
    bindings: BINDINGS,
    params: GemmParams::FIELDS,
    cpu: gemm_cpu,
};

pub static GEMM_LANES: Kernel = Kernel {
    name: "gemm_lanes",
    file: "gemm_lanes.wgsl",
    source: shader!("gemm_lanes.wgsl", "gemm_epilogue.wgsl"),
    bindings: BINDINGS,
    params: GemmParams::FIELDS,
    cpu: gemm_cpu,
};

pub static GEMM_TILES: Kernel = Kernel {
    name: "gemm_tiles",
    file: "gemm_tiles.wgsl",
    source: shader!("gemm_tiles.wgsl", "gemm_epilogue.wgsl"),
    bindings: BINDINGS,
    params: GemmParams::FIELDS,
    cpu: gemm_cpu,
};

/// Which operands are transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Form {
    /// C = A Bᵀ: `y = x Wᵀ`.
    Nt,
    /// C = A B: `d_x = d_y W`.
    Nn,
    /// C = Aᵀ B: `d_W = d_yᵀ x`, in parts, with the column sums of A behind each part.
    Tn,
}

/// What happens to a result before it is stored; numbers as in the shader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epilogue {
    Store = 0,
    Bias = 1,
    BiasGelu = 2,
    BiasGeluDerivative = 3,
    BiasResidual = 4,
    TimesOther = 5,
    TimesColumn = 6,
    /// C += …: a gradient whose k is one part.
    Add = 7,
    /// The same, and the column sums of A are added to `derivative`: the bias's gradient.
    AddBias = 8,
}

/// Form and sizes of a product, on which its speed depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shape {
    pub form: Form,
    pub m: usize,
    pub n: usize,
    pub k: usize,
}

impl Shape {
    /// Rows of A and of B, and words from row to row of each.
    pub fn operands(self) -> ((usize, usize), (usize, usize)) {
        let Self { form, m, n, k } = self;
        let pad = |x: usize| x.next_multiple_of(4);
        match form {
            Form::Nt => ((m, pad(k)), (n, pad(k))),
            Form::Nn => ((m, pad(k)), (k, pad(n))),
            Form::Tn => ((k, pad(m)), (k, pad(n))),
        }
    }

    /// The shape of a planned product; `None` for other lines.
    pub fn of(dispatch: &Dispatch) -> Option<Self> {
        let families = [&GEMM_REGISTERS, &GEMM_LANES, &GEMM_TILES];
        if !families.iter().any(|k| k.name == dispatch.kernel.name) {
            return None;
        }
        let p = GemmParams::from_words(&dispatch.params);
        let form = match dispatch.constants.get("FORM") {
            Some(0) => Form::Nt,
            Some(1) => Form::Nn,
            _ => Form::Tn,
        };
        Some(Self { form, m: p.m as usize, n: p.n as usize, k: p.k as usize })
    }
}

/// Operands of a product. Unused ones are bound to the plan's small buffers.
pub struct Gemm {
    pub shape: Shape,
    pub epilogue: Epilogue,
    /// Slice and words from row to row.
    pub a: (Slice, usize),
    pub b: (Slice, usize),
    pub c: (Slice, usize),
    /// Bias or column scale.
    pub column: Option<Slice>,
    /// Residual or factor.
    pub other: Option<Slice>,
    /// Where GELU's derivative, or a bias's gradient, goes.
    pub derivative: Option<Slice>,
    /// Drop-path scale of each crop, and how rows divide into crops.
    pub scale: Option<(Slice, Rows)>,
    /// Small buffers to bind where nothing is: one read, one written.
    pub unused: (Slice, Slice),
}

/// Words of the partial results of a TN product.
pub fn partial_words(shape: Shape, lda: usize, ldc: usize, parts: usize) -> usize {
    parts * (shape.m * ldc + lda)
}

/// Adds a product to the plan.
pub fn gemm(plan: &mut Plan, name: &str, tuning: &Tuning, g: &Gemm) {
    let Shape { form, m, n, k } = g.shape;
    let choice = tuning.choice(g.shape);
    let rows = g.scale.map_or(Rows::single(m), |(_, rows)| rows);
    let params = GemmParams {
        m: m as u32,
        n: n as u32,
        k: k as u32,
        lda: g.a.1 as u32,
        ldb: g.b.1 as u32,
        ldc: g.c.1 as u32,
        k_per_part: k.div_ceil(choice.parts) as u32,
        part_stride: (m * g.c.1 + g.a.1) as u32,
        scaled: u32::from(g.scale.is_some()),
        global_rows: rows.global_rows() as u32,
        global_tokens: rows.global_tokens as u32,
        local_tokens: rows.local_tokens.max(1) as u32,
        global_crops: rows.global_crops as u32,
    };
    let (read, written) = g.unused;
    let bindings = [
        g.a.0,
        g.b.0,
        g.column.unwrap_or(read),
        g.other.unwrap_or(read),
        g.scale.map_or(read, |(scale, _)| scale),
        g.c.0,
        g.derivative.unwrap_or(written),
    ];
    let parts = if form == Form::Tn { choice.parts } else { 1 };
    let by = |variant: Variant| {
        let (kernel, mut constants) = variant.kernel();
        constants.extend([("FORM", form as u32), ("EPILOGUE", g.epilogue as u32)]);
        let (tile_m, tile_n) = variant.tile();
        match variant {
            Variant::Tiles { .. } => {
                let per_part = params.k_per_part as usize;
                let whole = [k, per_part].iter().all(|k| k.is_multiple_of(K_STEP as usize));
                let fits = whole && m.is_multiple_of(tile_m) && n.is_multiple_of(tile_n);
                constants.push(("FITS", u32::from(fits)));
            }
            _ => constants.push(("ROLLED", u32::from(tuning.rolled))),
        }
        let grid = [g.c.1.div_ceil(tile_n) as u32, m.div_ceil(tile_m) as u32, parts as u32];
        Alternative { kernel, constants: Constants(constants), grid }
    };
    let own = by(choice.variant);
    let line = plan.push(name, own.kernel, own.constants, &bindings, &params, own.grid);
    line.instead = (choice.variant != Variant::SMALLEST).then(|| by(Variant::SMALLEST));
    line.macs = (m * n * k) as u64;
}
