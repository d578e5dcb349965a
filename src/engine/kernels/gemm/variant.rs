//! Variants of a matrix product: a family with the size of its tile. Invariant: all give the same result up to rounding.

use crate::gpu::kernel::Kernel;
use crate::kernels::gemm::{Form, GEMM_LANES, GEMM_REGISTERS, GEMM_TILES};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A family with its tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Variant {
    /// Results of one invocation (rows, vec4 columns) and the workgroup (x, y).
    Registers { rows: u32, cols4: u32, gx: u32, gy: u32 },
    /// Results of a subgroup (rows) and of one of its lanes (vec4 columns).
    Lanes { lanes: u32, rows: u32, cols4: u32 },
    /// Results of one invocation (rows, vec4 columns) and the workgroup (x, y).
    Tiles { rows: u32, cols4: u32, gx: u32, gy: u32 },
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
            Self::Tiles { rows, cols4, gx, gy } => {
                write!(f, "product by shared tiles of {} × {}", rows * gy, 4 * cols4 * gx)
            }
        }
    }
}

/// All variants; [`variants`] are those that an adapter can run.
pub const VARIANTS: [Variant; 14] = [
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
    Variant::Tiles { rows: 4, cols4: 1, gx: 8, gy: 8 },
    Variant::Tiles { rows: 8, cols4: 1, gx: 8, gy: 8 },
    Variant::Tiles { rows: 8, cols4: 2, gx: 8, gy: 8 },
    Variant::Tiles { rows: 8, cols4: 2, gx: 8, gy: 16 },
];

/// The variants of a form that an adapter can run, whose subgroups have so many lanes, where that is known and fixed:
/// on a software adapter all, on hardware those that can be fast there.
pub fn variants(form: Form, lanes: Option<u32>, software: bool) -> impl Iterator<Item = Variant> {
    VARIANTS.into_iter().filter(move |v| match v {
        Variant::Lanes { lanes: wanted, .. } => lanes == Some(*wanted) && v.makes(form),
        _ => software || v.suits_hardware(),
    })
}

/// Invocations that NVIDIA's processors, and Apple's, run in one instruction. A workgroup of fewer wastes the others.
const WARP: u32 = 32;
/// vec4s of results that an invocation of a GPU holds at most: with 16 × 16 results the sums alone are all the 255
/// registers that NVIDIA's and AMD's have, and twice what Apple's, Intel's and Adreno's have, so they go to memory.
const MOST_SUMS: u32 = 16;

/// Values of k that a tile holds, as in `shaders/gemm_tiles.wgsl`.
pub const K_STEP: u32 = 16;

impl Variant {
    /// The least demanding: what is left when a driver refuses all others.
    pub const SMALLEST: Self = Self::Registers { rows: 4, cols4: 1, gx: 8, gy: 8 };

    /// Whether it can be fast on hardware.
    pub fn suits_hardware(self) -> bool {
        match self {
            Self::Registers { rows, cols4, gx, gy } => gx * gy >= WARP && rows * cols4 <= MOST_SUMS,
            Self::Lanes { .. } | Self::Tiles { .. } => true,
        }
    }

    /// Invocations of a workgroup.
    pub fn invocations(self) -> usize {
        match self {
            Self::Registers { gx, gy, .. } | Self::Tiles { gx, gy, .. } => (gx * gy) as usize,
            Self::Lanes { lanes, .. } => lanes as usize,
        }
    }

    /// Whether a form has this variant. TN loads A by vec4s of rows, at least one a lane.
    pub fn makes(self, form: Form) -> bool {
        !matches!(self, Self::Lanes { lanes, rows, .. } if form == Form::Tn && rows < 4 * lanes)
    }

    /// Rows and columns of C that one workgroup computes.
    pub fn tile(self) -> (usize, usize) {
        let (m, n) = match self {
            Self::Registers { rows, cols4, gx, gy } | Self::Tiles { rows, cols4, gx, gy } => {
                (rows * gy, 4 * cols4 * gx)
            }
            Self::Lanes { lanes, rows, cols4 } => (rows, 4 * cols4 * lanes),
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
            Self::Tiles { rows, cols4, gx, gy } => {
                // Blocks of 4 × 4 of each operand's tile, for each invocation.
                let blocks = |vec4s: u32| (vec4s * K_STEP / 4).div_ceil(gx * gy);
                let constants = vec![
                    ("ROWS", rows),
                    ("COLS4", cols4),
                    ("GX", gx),
                    ("GY", gy),
                    ("A_BLOCKS", blocks(rows * gy / 4)),
                    ("B_BLOCKS", blocks(cols4 * gx)),
                ];
                (&GEMM_TILES, constants)
            }
        }
    }
}
