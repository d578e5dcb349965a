// L2 normalisation of rows and the weight-normed last layer: w_k = g_k * v_k / |v_k|. The normalised
// weights are never stored; the matrix product scales its columns by g_k / |v_k| instead.
// LANES invocations share a row, so a workgroup of 64 holds 64 / LANES rows.

struct NormalizeParams {
    rows: u32,
    width: u32,      // valid values of a row
    stride: u32,     // words from row to row, a multiple of 4; beyond `width` they are zero
    trainable: u32,  // weight_norm_backward: also the gradient of g
}

const LANES: u32 = 16u;
const GROUP: u32 = 64u;
const EPSILON: f32 = 1e-12; // torch.nn.functional.normalize

var<workgroup> shared_sum: array<f32, GROUP>;

// Sum over the LANES invocations of a row, in a fixed order; every lane gets it.
fn row_sum(lane: u32, value: f32) -> f32 {
    shared_sum[lane] = value;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane % LANES < half) {
            shared_sum[lane] += shared_sum[lane + half];
        }
    }
    workgroupBarrier();
    let sum = shared_sum[lane - lane % LANES];
    workgroupBarrier();
    return sum;
}

// --- y = x / max(|x|, epsilon)
@group(0) @binding(0) var<storage, read>       f_x: array<vec4f>;     // (rows, stride)
@group(0) @binding(1) var<storage, read_write> f_y: array<vec4f>;     // (rows, stride)
@group(0) @binding(2) var<storage, read_write> f_inverse: array<f32>; // (rows) 1 / max(|x|, epsilon)
@group(0) @binding(3) var<uniform>             f_params: NormalizeParams;

@compute @workgroup_size(64)
fn l2_normalize(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = f_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < f_params.rows;
    let base = select(0u, row, inside) * stride4;
    var squares = 0.0;
    for (var i = lane % LANES; i < stride4; i += LANES) {
        squares += dot(f_x[base + i], f_x[base + i]);
    }
    let inverse = 1.0 / max(sqrt(row_sum(lane, squares)), EPSILON);
    if (inside) {
        for (var i = lane % LANES; i < stride4; i += LANES) {
            f_y[base + i] = f_x[base + i] * inverse;
        }
        if (lane % LANES == 0u) {
            f_inverse[row] = inverse;
        }
    }
}

// --- d_x = (d_y - y (y . d_y)) / |x|
@group(0) @binding(0) var<storage, read>       b_y: array<vec4f>;     // (rows, stride)
@group(0) @binding(1) var<storage, read>       b_inverse: array<f32>; // (rows)
@group(0) @binding(2) var<storage, read>       b_d_y: array<vec4f>;   // (rows, stride)
@group(0) @binding(3) var<storage, read_write> b_d_x: array<vec4f>;   // (rows, stride)
@group(0) @binding(4) var<uniform>             b_params: NormalizeParams;

@compute @workgroup_size(64)
fn l2_normalize_backward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = b_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < b_params.rows;
    let base = select(0u, row, inside) * stride4;
    var product = 0.0;
    for (var i = lane % LANES; i < stride4; i += LANES) {
        product += dot(b_y[base + i], b_d_y[base + i]);
    }
    let along = row_sum(lane, product);
    if (inside) {
        for (var i = lane % LANES; i < stride4; i += LANES) {
            b_d_x[base + i] = (b_d_y[base + i] - b_y[base + i] * along) * b_inverse[row];
        }
    }
}

// --- scale_k = g_k / |v_k|
@group(0) @binding(0) var<storage, read>       w_v: array<vec4f>;    // (K, stride)
@group(0) @binding(1) var<storage, read>       w_g: array<f32>;      // (K)
@group(0) @binding(2) var<storage, read_write> w_scale: array<f32>;  // (K)
@group(0) @binding(3) var<uniform>             w_params: NormalizeParams;

@compute @workgroup_size(64)
fn weight_norm(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = w_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < w_params.rows;
    let base = select(0u, row, inside) * stride4;
    var squares = 0.0;
    for (var i = lane % LANES; i < stride4; i += LANES) {
        squares += dot(w_v[base + i], w_v[base + i]);
    }
    let norm = sqrt(row_sum(lane, squares));
    if (inside && lane % LANES == 0u) {
        w_scale[row] = w_g[row] / norm;
    }
}

// --- in: d = scale_k * dL/dw_k; out: d_v = d - v_hat (v_hat . d), d_g += (v_hat . d) / scale_k
@group(0) @binding(0) var<storage, read>       n_v: array<vec4f>;      // (K, stride)
@group(0) @binding(1) var<storage, read>       n_scale: array<f32>;    // (K)
@group(0) @binding(2) var<storage, read_write> n_d_v: array<vec4f>;    // (K, stride) in place
@group(0) @binding(3) var<storage, read_write> n_d_g: array<f32>;      // (K)
@group(0) @binding(4) var<uniform>             n_params: NormalizeParams;

@compute @workgroup_size(64)
fn weight_norm_backward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = n_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < n_params.rows;
    let base = select(0u, row, inside) * stride4;
    var squares = 0.0;
    var product = 0.0;
    for (var i = lane % LANES; i < stride4; i += LANES) {
        squares += dot(n_v[base + i], n_v[base + i]);
        product += dot(n_v[base + i], n_d_v[base + i]);
    }
    let inverse = inverseSqrt(row_sum(lane, squares));
    let along = row_sum(lane, product) * inverse;
    if (inside) {
        for (var i = lane % LANES; i < stride4; i += LANES) {
            n_d_v[base + i] -= n_v[base + i] * (inverse * along);
        }
        if (n_params.trainable == 1u && lane % LANES == 0u) {
            n_d_g[row] = along / n_scale[row];
        }
    }
}
