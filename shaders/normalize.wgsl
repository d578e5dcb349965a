// L2 normalisation of rows and the weight-normed last layer: w_k = g_k * v_k / |v_k|. The normalised
// weights are never stored; the matrix product scales its columns by g_k / |v_k| instead.
// Rows are shared as in row_sum.wgsl.

struct NormalizeParams {
    rows: u32,
    width: u32,      // valid values of a row
    stride: u32,     // words from row to row, a multiple of 4; beyond `width` they are zero
    trainable: u32,  // weight_norm_backward: also the gradient of g
}

const EPSILON: f32 = 1e-12; // torch.nn.functional.normalize

// --- y = x / max(|x|, epsilon)
@group(0) @binding(0) var<storage, read>       f_x: array<vec4f>;     // (rows, stride)
@group(0) @binding(1) var<storage, read_write> f_y: array<vec4f>;     // (rows, stride)
@group(0) @binding(2) var<storage, read_write> f_inverse: array<f32>; // (rows) 1 / max(|x|, epsilon)
@group(0) @binding(3) var<uniform>             f_params: NormalizeParams;

@compute @workgroup_size(GROUP)
fn l2_normalize(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = f_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < f_params.rows;
    let base = select(0u, row, inside) * stride4;
    var squares = vec4f(0.0);
    for (var i = lane % LANES; i < stride4; i += LANES) {
        squares += f_x[base + i] * f_x[base + i];
    }
    let inverse = 1.0 / max(sqrt(dot(row_sum(lane, squares), vec4f(1.0))), EPSILON);
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

@compute @workgroup_size(GROUP)
fn l2_normalize_backward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = b_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < b_params.rows;
    let base = select(0u, row, inside) * stride4;
    var product = vec4f(0.0);
    for (var i = lane % LANES; i < stride4; i += LANES) {
        product += b_y[base + i] * b_d_y[base + i];
    }
    let along = dot(row_sum(lane, product), vec4f(1.0));
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

@compute @workgroup_size(GROUP)
fn weight_norm(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = w_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < w_params.rows;
    let base = select(0u, row, inside) * stride4;
    var squares = vec4f(0.0);
    for (var i = lane % LANES; i < stride4; i += LANES) {
        squares += w_v[base + i] * w_v[base + i];
    }
    let norm = sqrt(dot(row_sum(lane, squares), vec4f(1.0)));
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

@compute @workgroup_size(GROUP)
fn weight_norm_backward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let stride4 = n_params.stride / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < n_params.rows;
    let base = select(0u, row, inside) * stride4;
    var squares = vec4f(0.0);
    var product = vec4f(0.0);
    for (var i = lane % LANES; i < stride4; i += LANES) {
        squares += n_v[base + i] * n_v[base + i];
        product += n_v[base + i] * n_d_v[base + i];
    }
    let inverse = inverseSqrt(dot(row_sum(lane, squares), vec4f(1.0)));
    let along = dot(row_sum(lane, product), vec4f(1.0)) * inverse;
    if (inside) {
        for (var i = lane % LANES; i < stride4; i += LANES) {
            n_d_v[base + i] -= n_v[base + i] * (inverse * along);
        }
        if (n_params.trainable == 1u && lane % LANES == 0u) {
            n_d_g[row] = along / n_scale[row];
        }
    }
}
