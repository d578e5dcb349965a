//! Plan of a single product, for trials, comparisons and the calibration. Invariant: rows are padded as in a model's plan.

use crate::gpu::plan::{Plan, Slice};
use crate::kernels::gemm::{Epilogue, Gemm, Shape, Tuning, gemm, partial_words};

/// Adds a product with its buffers to the plan; A, B and C.
pub fn single_product(plan: &mut Plan, name: &str, tuning: &Tuning, shape: Shape) -> [Slice; 3] {
    let ((a_rows, lda), (b_rows, ldb)) = shape.operands();
    let ldc = shape.n.next_multiple_of(4);
    let parts = tuning.choice(shape).parts;
    let a = plan.buffer("a", a_rows * lda);
    let b = plan.buffer("b", b_rows * ldb);
    let c = plan.buffer("c", partial_words(shape, lda, ldc, parts));
    let unused = (plan.buffer("unused.read", 64), plan.buffer("unused.written", 64));
    let product = Gemm {
        shape,
        epilogue: Epilogue::Store,
        a: (a, lda),
        b: (b, ldb),
        c: (c, ldc),
        column: None,
        other: None,
        derivative: None,
        scale: None,
        unused,
    };
    gemm(plan, name, tuning, &product);
    [a, b, c]
}
