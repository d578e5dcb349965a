//! Choice of a variant for each product. Invariant: a shape that was not measured gets a default that suits the adapter.

use crate::kernels::gemm::{Form, Shape, VARIANTS, Variant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
            let variant = default_variant(shape, self.serial);
            Choice { variant, parts: default_parts(shape, variant, self.serial) }
        });
        // No part is empty: 4 rows in 7 parts are 4 parts of one row.
        let per_part = shape.k.div_ceil(choice.parts.max(1)).max(1);
        Choice { parts: shape.k.div_ceil(per_part), ..choice }
    }
}

/// Invocations that a GPU wants for one line: an RTX 4070 holds 70,000, an M1 24,000. More only wait.
const INVOCATIONS: usize = 65_536;
/// Workgroups that a software adapter wants, one or two for each core.
const SOFTWARE_GROUPS: usize = 4;
/// Bytes that the parts of one product take at most.
const PART_BYTES: usize = 32 << 20;
/// Rows of a part at least: its sums are read once more.
const PART_ROWS: usize = 256;

/// The variant of a shape that was not measured.
pub fn default_variant(shape: Shape, serial: bool) -> Variant {
    match (shape.m < 16, serial) {
        (true, _) => Variant::SMALLEST,
        (false, true) => VARIANTS[0],
        (false, false) => Variant::Registers { rows: 8, cols4: 2, gx: 8, gy: 8 },
    }
}

/// Parts of k that give the adapter enough to do at a time.
pub fn default_parts(shape: Shape, variant: Variant, serial: bool) -> usize {
    if shape.form != Form::Tn {
        return 1;
    }
    let (m, n) = variant.tile();
    let groups = shape.m.div_ceil(m) * shape.n.div_ceil(n);
    let wanted = if serial { SOFTWARE_GROUPS } else { INVOCATIONS / variant.invocations() };
    let most = if serial { usize::MAX } else { PART_BYTES / (4 * shape.m * shape.n).max(1) };
    (wanted / groups).min(shape.k / PART_ROWS).min(most).max(1)
}
