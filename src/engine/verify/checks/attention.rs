//! Checks of attention: forward, backward and map against their CPU twins, with heads of 1, 2, 3, 8 and 16 `vec4`s.
//! Invariant: rows that belong to no sequence are not written.

use crate::gpu::device::Gpu;
use crate::kernels::attention;
use crate::kernels::attention::{Backward, Sequences};
use crate::kernels::attention_map::{Crop, attention_map};
use crate::verify::checks::twins::{TOLERANCE, Twins};
use crate::verify::checks::{Check, Outcome};

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "kernel: attention, heads of 4", run: |gpu| Box::pin(heads(gpu, 4)) },
        Check { name: "kernel: attention, heads of 8", run: |gpu| Box::pin(heads(gpu, 8)) },
        Check { name: "kernel: attention, heads of 12", run: |gpu| Box::pin(heads(gpu, 12)) },
        Check { name: "kernel: attention, heads of 32", run: |gpu| Box::pin(heads(gpu, 32)) },
        Check { name: "kernel: attention, heads of 64", run: |gpu| Box::pin(heads(gpu, 64)) },
    ]
}

/// Two resolutions in one buffer, each with its own line; then one in the middle of a buffer.
async fn heads(gpu: &Gpu, dim: usize) -> Outcome {
    Twins::both(gpu, 20 + dim as u64, TOLERANCE, |t| cases(t, dim)).await
}

fn cases(t: &mut Twins, dim: usize) {
    for (heads, [global, local]) in [(1, [2, 1]), (3, [17, 5]), (2, [65, 63])] {
        let width = heads * dim;
        let sequence =
            |first_row, crops, tokens| Sequences { first_row, crops, tokens, heads, width };
        let all = [sequence(0, 2, global), sequence(2 * global, 3, local)];
        attend(t, &all, 2 * global + 3 * local, 0);
    }
    let middle = Sequences { first_row: 4, crops: 2, tokens: 9, heads: 2, width: 2 * dim };
    attend(t, &[middle], 4 + 2 * 9 + 3, 7);
}

/// All entry points over `rows` rows, `kept` of which belong to no sequence.
fn attend(t: &mut Twins, sequences: &[Sequences], rows: usize, kept: usize) {
    let Sequences { first_row, tokens, heads, width, .. } = sequences[0];
    t.case(format!("{heads} heads, {tokens} tokens"));
    let qkv = t.input("qkv", rows * 3 * width);
    let out = t.partly("out", rows * width, kept * width);
    let lse = t.partly("lse", rows * heads, kept * heads);
    let d_out = t.input("d_out", rows * width);
    let d_qkv = t.partly("d_qkv", rows * 3 * width, kept * 3 * width);
    let delta = t.partly("delta", rows * heads, kept * heads);
    for s in sequences {
        attention::forward(&mut t.plan, "attention", *s, qkv, out, lse);
    }
    let buffers = Backward { qkv, out, lse, d_out, d_qkv, delta };
    for s in sequences {
        attention::backward(&mut t.plan, "attention", *s, &buffers);
    }
    let crop = Crop { first_row: first_row + tokens, tokens, heads, width };
    for queries in [0..1, 1..tokens] {
        let name = format!("map of {queries:?}");
        let map = t.output(&name, heads * queries.len() * tokens);
        attention_map(&mut t.plan, &name, crop, queries, [qkv, lse, map]);
    }
}
