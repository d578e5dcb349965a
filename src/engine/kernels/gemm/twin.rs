//! Twin of every matrix product on the CPU: sums one after the other. Invariant: all families share it.

use crate::gpu::kernel::Call;
use crate::kernels::gemm::{Epilogue, Form, GemmParams};
use dino_core::eval::gelu::gelu;

/// The product of a line.
pub(super) fn gemm_cpu(call: &mut Call) {
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
