//! Matrix products NT, NN and TN with fused epilogues, in three families: registers only
//! (`shaders/gemm_registers.wgsl`), values handed round in a subgroup (`shaders/gemm_lanes.wgsl`) and
//! workgroup-memory tiles (`shaders/gemm_tiles.wgsl`), all with `shaders/gemm_epilogue.wgsl`.
//! Invariants: rows are padded with zeros to multiples of four words; every variant gives the same
//! result up to rounding.

use crate::gpu::kernel::Access::*;
use crate::gpu::kernel::{Access, Call, Kernel};
use crate::gpu::params::{Constants, Params};
use crate::gpu::plan::{Dispatch, Plan, Slice};
use crate::kernels::Rows;
use crate::params;
use dino_core::eval::gelu::gelu;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

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

/// A family with its tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Variant {
    /// Results of one invocation (rows, vec4 columns) and the workgroup (x, y).
    Registers { rows: u32, cols4: u32, gx: u32, gy: u32 },
    /// Results of a subgroup (rows) and of one of its lanes (vec4 columns).
    Lanes { lanes: u32, rows: u32, cols4: u32 },
    /// Results of one of 16 × 16 invocations.
    Tiles { rows: u32, cols4: u32 },
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registers { rows, cols4, gx, gy } => {
                write!(f, "product {rows} × {} in registers, {gx} × {gy} a workgroup", 4 * cols4)
            }
            Self::Lanes { lanes, rows, cols4 } => {
                write!(f, "product {rows} × {} by subgroups of {lanes}", 4 * cols4 * lanes)
            }
            Self::Tiles { rows, cols4 } => {
                write!(f, "product {rows} × {} by shared tiles", 4 * cols4)
            }
        }
    }
}

/// All variants; [`variants`] are those that an adapter can run.
pub const VARIANTS: [Variant; 12] = [
    Variant::Registers { rows: 8, cols4: 2, gx: 4, gy: 4 },
    Variant::Registers { rows: 16, cols4: 4, gx: 4, gy: 4 },
    Variant::Registers { rows: 4, cols4: 1, gx: 8, gy: 8 },
    Variant::Registers { rows: 8, cols4: 2, gx: 8, gy: 8 },
    Variant::Lanes { lanes: 8, rows: 32, cols4: 1 },
    Variant::Lanes { lanes: 8, rows: 64, cols4: 1 },
    Variant::Lanes { lanes: 8, rows: 16, cols4: 1 },
    Variant::Lanes { lanes: 4, rows: 8, cols4: 2 },
    Variant::Lanes { lanes: 4, rows: 32, cols4: 2 },
    Variant::Lanes { lanes: 4, rows: 32, cols4: 4 },
    Variant::Tiles { rows: 4, cols4: 1 },
    Variant::Tiles { rows: 8, cols4: 2 },
];

/// The variants of a form for an adapter whose subgroups have so many lanes, where that is known and
/// fixed.
pub fn variants(form: Form, lanes: Option<u32>) -> impl Iterator<Item = Variant> {
    VARIANTS.into_iter().filter(move |v| match v {
        Variant::Lanes { lanes: wanted, .. } => lanes == Some(*wanted) && v.makes(form),
        _ => true,
    })
}

impl Variant {
    /// Whether a form has this variant. TN loads A by vec4s of rows, at least one a lane.
    pub fn makes(self, form: Form) -> bool {
        !matches!(self, Self::Lanes { lanes, rows, .. } if form == Form::Tn && rows < 4 * lanes)
    }

    /// Rows and columns of C that one workgroup computes.
    pub fn tile(self) -> (usize, usize) {
        let (m, n) = match self {
            Self::Registers { rows, cols4, gx, gy } => (rows * gy, 4 * cols4 * gx),
            Self::Lanes { lanes, rows, cols4 } => (rows, 4 * cols4 * lanes),
            Self::Tiles { rows, cols4 } => (16 * rows, 64 * cols4),
        };
        (m as usize, n as usize)
    }

    /// Its kernel and the constants that specialise it.
    pub fn kernel(self) -> (&'static Kernel, Vec<(&'static str, u32)>) {
        match self {
            Self::Registers { rows, cols4, gx, gy } => {
                (&GEMM_REGISTERS, vec![("ROWS", rows), ("COLS4", cols4), ("GX", gx), ("GY", gy)])
            }
            Self::Lanes { lanes, rows, cols4 } => {
                (&GEMM_LANES, vec![("LANES", lanes), ("ROWS", rows), ("COLS4", cols4)])
            }
            Self::Tiles { rows, cols4 } => (&GEMM_TILES, vec![("ROWS", rows), ("COLS4", cols4)]),
        }
    }
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

/// The chosen variant and number of parts of each shape; shapes not in it get a default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tuning {
    pub choices: BTreeMap<Shape, Choice>,
    /// For [`Plan::serial`]: true on a software adapter.
    pub serial: bool,
    /// For [`Plan::lanes`].
    pub lanes: Option<u32>,
    /// Products store their results in a loop.
    pub rolled: bool,
    /// The backward pass computes each block's activations again instead of keeping them.
    pub recompute: bool,
    /// The choice for all shapes, instead of `choices`.
    pub forced: Option<Choice>,
}

/// A variant and, for TN, the number of parts of k.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Choice {
    pub variant: Variant,
    pub parts: usize,
}

impl Tuning {
    /// The choice for a shape.
    pub fn choice(&self, shape: Shape) -> Choice {
        let choice = self.forced.or_else(|| self.choices.get(&shape).copied());
        let choice = choice.unwrap_or_else(|| {
            let variant = VARIANTS[if shape.m < 16 { 2 } else { 0 }];
            Choice { variant, parts: default_parts(shape, variant, self.serial) }
        });
        // No part is empty: 4 rows in 7 parts are 4 parts of one row.
        let per_part = shape.k.div_ceil(choice.parts.max(1)).max(1);
        Choice { parts: shape.k.div_ceil(per_part), ..choice }
    }
}

/// Parts of k that give the adapter enough workgroups, each part at least 256 rows long.
pub fn default_parts(shape: Shape, variant: Variant, serial: bool) -> usize {
    if shape.form != Form::Tn {
        return 1;
    }
    let (m, n) = variant.tile();
    let groups = shape.m.div_ceil(m) * shape.n.div_ceil(n);
    let wanted = if serial { 4 } else { 64 };
    (wanted / groups).min(shape.k / 256).max(1)
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
    let (kernel, mut constants) = choice.variant.kernel();
    constants.extend([("FORM", form as u32), ("EPILOGUE", g.epilogue as u32)]);
    if !matches!(choice.variant, Variant::Tiles { .. }) {
        constants.push(("ROLLED", u32::from(tuning.rolled)));
    }
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
    let (tile_m, tile_n) = choice.variant.tile();
    let parts = if form == Form::Tn { choice.parts } else { 1 };
    let grid = [g.c.1.div_ceil(tile_n) as u32, m.div_ceil(tile_m) as u32, parts as u32];
    plan.push(name, kernel, Constants(constants), &bindings, &params, grid).macs =
        (m * n * k) as u64;
}

fn gemm_cpu(call: &mut Call) {
    let p: GemmParams = call.params();
    let form = call.constants.get("FORM").unwrap_or(0);
    let epilogue = call.constants.get("EPILOGUE").unwrap_or(0);
    let [a, b, column, other, crop_scale, c, derivative] = call.bindings else { return };
    let (m, n, k) = (p.m as usize, p.n as usize, p.k as usize);
    let (lda, ldb, ldc) = (p.lda as usize, p.ldb as usize, p.ldc as usize);
    let parts = if form == Form::Tn as u32 { k.div_ceil(p.k_per_part as usize) } else { 1 };
    for part in 0..parts {
        let range = if form == Form::Tn as u32 {
            part * p.k_per_part as usize..((part + 1) * p.k_per_part as usize).min(k)
        } else {
            0..k
        };
        let base = part * p.part_stride as usize;
        for row in 0..m {
            for col in 0..ldc {
                let at = base + row * ldc + col;
                if col >= n {
                    c[at] = 0.0;
                    if epilogue == Epilogue::BiasGeluDerivative as u32 {
                        derivative[at] = 0.0;
                    }
                    continue;
                }
                let sum: f32 = range
                    .clone()
                    .map(|i| match form {
                        0 => a[row * lda + i] * b[col * ldb + i],
                        1 => a[row * lda + i] * b[i * ldb + col],
                        _ => a[i * lda + row] * b[i * ldb + col],
                    })
                    .sum();
                let before = c[at];
                c[at] = match epilogue {
                    1 => sum + column[col],
                    2 => gelu(sum + column[col]).0,
                    3 => {
                        let (value, slope) = gelu(sum + column[col]);
                        derivative[at] = slope;
                        value
                    }
                    4 => {
                        let scale = if p.scaled == 1 { crop_scale[crop_of(&p, row)] } else { 1.0 };
                        scale * (sum + column[col]) + other[at]
                    }
                    5 => sum * other[at],
                    6 => sum * column[col],
                    7 | 8 => before + sum,
                    _ => sum,
                };
            }
        }
        if form == Form::Tn as u32 {
            for col in 0..lda {
                let sum: f32 = range.clone().map(|i| a[i * lda + col]).sum();
                match epilogue {
                    0 => c[base + m * ldc + col] = sum,
                    8 => derivative[col] += sum,
                    _ => {}
                }
            }
        }
    }
}

fn crop_of(p: &GemmParams, row: usize) -> usize {
    let global_rows = p.global_rows as usize;
    if row < global_rows {
        row / p.global_tokens as usize
    } else {
        p.global_crops as usize + (row - global_rows) / p.local_tokens as usize
    }
}
