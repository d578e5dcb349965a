// Bindings of every matrix product and what happens to its result before it is stored. Appended to
// gemm_registers.wgsl and gemm_tiles.wgsl, which differ only in how they come to the result.
//
//   NT  C[m,n] = sum_k A[m,k] B[n,k]   y = x W^T
//   NN  C[m,n] = sum_k A[m,k] B[k,n]   d_x = d_y W
//   TN  C[m,n] = sum_k A[k,m] B[k,n]   d_W = d_y^T x, in parts of k, with the column sums of A = d_bias
//
// Rows are padded to multiples of four words with zeros, so every load is a vec4.

struct GemmParams {
    m: u32,
    n: u32,
    k: u32,
    lda: u32,  // words from row to row of A, B, C: multiples of 4
    ldb: u32,
    ldc: u32,
    k_per_part: u32,     // TN: rows of k that one part sums
    part_stride: u32,    // TN: words from part to part of C: m * ldc + lda
    scaled: u32,         // BIAS_RESIDUAL: multiply by the row's crop's drop-path scale
    global_rows: u32,    // rows of the global crops, which come first
    global_tokens: u32,
    local_tokens: u32,
    global_crops: u32,
}

const FORM: u32 = 0u;
const NT: u32 = 0u;
const NN: u32 = 1u;
const TN: u32 = 2u;

const EPILOGUE: u32 = 0u;
const STORE: u32 = 0u;
const BIAS: u32 = 1u;
const BIAS_GELU: u32 = 2u;             // the teacher, which has no backward pass
const BIAS_GELU_DERIVATIVE: u32 = 3u;  // also stores gelu'(x): the backward pass is one product
const BIAS_RESIDUAL: u32 = 4u;
const TIMES_OTHER: u32 = 5u;
const TIMES_COLUMN: u32 = 6u;
const ADD: u32 = 7u;                   // C += : a gradient that is not summed in parts
const ADD_BIAS: u32 = 8u;              // the same, and the column sums of A are added to `derivative`

@group(0) @binding(0) var<storage, read>       a: array<vec4f>;           // NT, NN (m, lda); TN (k, lda)
@group(0) @binding(1) var<storage, read>       b: array<vec4f>;           // NT (n, ldb); NN, TN (k, ldb)
@group(0) @binding(2) var<storage, read>       column: array<vec4f>;      // (n) bias, or scale of each column
@group(0) @binding(3) var<storage, read>       other: array<vec4f>;       // (m, ldc) residual, or factor
@group(0) @binding(4) var<storage, read>       crop_scale: array<f32>;    // (crops) drop-path scale
@group(0) @binding(5) var<storage, read_write> c: array<vec4f>;           // (m, ldc); TN (parts, part_stride)
@group(0) @binding(6) var<storage, read_write> derivative: array<vec4f>;  // (m, ldc) gelu'; ADD_BIAS (lda) d_bias
@group(0) @binding(7) var<uniform>             params: GemmParams;

struct Gelu {
    value: vec4f,
    derivative: vec4f,
}

// x * Phi(x) and its derivative Phi(x) + x * phi(x). Phi by the rational approximation 7.1.26 of
// Abramowitz and Stegun (absolute error of erf below 1.5e-7), which shares its exponential with phi.
fn gelu(x: vec4f) -> Gelu {
    let density = exp(-0.5 * x * x);
    let t = 1.0 / (1.0 + 0.23164189 * abs(x)); // 0.3275911 / sqrt(2)
    let tail = 0.5 * density * t * (0.254829592 + t * (-0.284496736
        + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    let cumulative = select(tail, 1.0 - tail, x >= vec4f(0.0));
    return Gelu(x * cumulative, cumulative + x * density * 0.3989422804);
}

fn crop_of(row: u32) -> u32 {
    if (row < params.global_rows) {
        return row / params.global_tokens;
    }
    return params.global_crops + (row - params.global_rows) / params.local_tokens;
}

// Stores four neighbouring results of a row; columns from n on become zero.
fn store(row: u32, column4: u32, part: u32, result: vec4f) {
    if (row >= params.m || column4 * 4u >= params.ldc) {
        return;
    }
    let at = part * (params.part_stride / 4u) + row * (params.ldc / 4u) + column4;
    var value = result;
    if (EPILOGUE == BIAS || EPILOGUE == BIAS_RESIDUAL) {
        value += column[column4];
    }
    if (EPILOGUE == BIAS_RESIDUAL) {
        if (params.scaled == 1u) {
            value *= crop_scale[crop_of(row)];
        }
        value += other[at];
    }
    if (EPILOGUE == TIMES_OTHER) {
        value *= other[at];
    }
    if (EPILOGUE == TIMES_COLUMN) {
        value *= column[column4];
    }
    if (EPILOGUE == ADD || EPILOGUE == ADD_BIAS) {
        value += c[at];
    }
    let inside = vec4u(column4 * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.n);
    if (EPILOGUE == BIAS_GELU || EPILOGUE == BIAS_GELU_DERIVATIVE) {
        let g = gelu(value + column[column4]);
        value = g.value;
        if (EPILOGUE == BIAS_GELU_DERIVATIVE) {
            derivative[at] = select(vec4f(0.0), g.derivative, inside);
        }
    }
    c[at] = select(vec4f(0.0), value, inside);
}

// Keeps four neighbouring column sums of A (TN): behind the part's product, or in the bias's gradient.
fn store_column_sum(column4: u32, part: u32, sum: vec4f) {
    if (column4 * 4u >= params.lda) {
        return;
    }
    if (EPILOGUE == ADD_BIAS) {
        derivative[column4] += sum;
    }
    if (EPILOGUE == STORE) {
        c[(part * params.part_stride + params.m * params.ldc) / 4u + column4] = sum;
    }
}
