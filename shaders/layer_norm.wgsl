// LayerNorm over the last axis, epsilon 1e-6 as in the official ViT; rows are shared as in row_sum.wgsl.
// Statistics are saved for the backward pass.

struct LayerNormParams {
    rows: u32,
    width: u32,          // D, a multiple of 4
    rows_per_part: u32,  // backward_affine: rows that one workgroup sums
    scaled: u32,         // backward: also write d_branch
    accumulate: u32,     // backward: add to d_x, else assign it
    global_rows: u32,    // rows of the global crops, which come first
    global_tokens: u32,
    local_tokens: u32,
    global_crops: u32,
}

const EPSILON: f32 = 1e-6;

// --- forward: y = (x - mean) / sigma * weight + bias
@group(0) @binding(0) var<storage, read>       f_x: array<vec4f>;       // (rows, D)
@group(0) @binding(1) var<storage, read>       f_weight: array<vec4f>;  // (D)
@group(0) @binding(2) var<storage, read>       f_bias: array<vec4f>;    // (D)
@group(0) @binding(3) var<storage, read_write> f_y: array<vec4f>;       // (rows, D)
@group(0) @binding(4) var<storage, read_write> f_stats: array<vec2f>;   // (rows) mean, 1/sigma
@group(0) @binding(5) var<uniform>             f_params: LayerNormParams;

@compute @workgroup_size(GROUP)
fn layer_norm(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width4 = f_params.width / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < f_params.rows;
    let base = select(0u, row, inside) * width4;
    var sum = vec4f(0.0);
    for (var i = lane % LANES; i < width4; i += LANES) {
        sum += f_x[base + i];
    }
    let mean = dot(row_sum(lane, sum), vec4f(1.0)) / f32(f_params.width);
    var squares = vec4f(0.0);
    for (var i = lane % LANES; i < width4; i += LANES) {
        let centred = f_x[base + i] - mean;
        squares += centred * centred;
    }
    let variance = dot(row_sum(lane, squares), vec4f(1.0)) / f32(f_params.width);
    let inverse = inverseSqrt(variance + EPSILON);
    if (inside) {
        for (var i = lane % LANES; i < width4; i += LANES) {
            f_y[base + i] = (f_x[base + i] - mean) * inverse * f_weight[i] + f_bias[i];
        }
        if (lane % LANES == 0u) {
            f_stats[row] = vec2f(mean, inverse);
        }
    }
}

// --- backward to the input, added to the residual stream's gradient, which is also written times
//     the drop-path scale of the branch below
@group(0) @binding(0) var<storage, read>       b_x: array<vec4f>;         // (rows, D)
@group(0) @binding(1) var<storage, read>       b_stats: array<vec2f>;     // (rows)
@group(0) @binding(2) var<storage, read>       b_weight: array<vec4f>;    // (D)
@group(0) @binding(3) var<storage, read>       b_d_y: array<vec4f>;       // (rows, D)
@group(0) @binding(4) var<storage, read>       b_scale: array<f32>;       // (crops) drop-path scale
@group(0) @binding(5) var<storage, read_write> b_d_x: array<vec4f>;       // (rows, D)
@group(0) @binding(6) var<storage, read_write> b_d_branch: array<vec4f>;  // (rows, D) scale * d_x
@group(0) @binding(7) var<uniform>             b_params: LayerNormParams;

fn crop_of(row: u32) -> u32 {
    if (row < b_params.global_rows) {
        return row / b_params.global_tokens;
    }
    return b_params.global_crops + (row - b_params.global_rows) / b_params.local_tokens;
}

@compute @workgroup_size(GROUP)
fn layer_norm_backward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width4 = b_params.width / 4u;
    let row = (wg.x + wg.y * 32768u) * (GROUP / LANES) + lane / LANES;
    let inside = row < b_params.rows;
    let base = select(0u, row, inside) * width4;
    let stats = b_stats[select(0u, row, inside)];
    var sums = vec2f(0.0); // of g and of g * x_hat, with g = d_y * weight
    for (var i = lane % LANES; i < width4; i += LANES) {
        let g = b_d_y[base + i] * b_weight[i];
        let x_hat = (b_x[base + i] - stats.x) * stats.y;
        sums += vec2f(dot(g, vec4f(1.0)), dot(g, x_hat));
    }
    let means = row_sum(lane, vec4f(sums, 0.0, 0.0)) / f32(b_params.width);
    if (inside) {
        var scale = 1.0;
        if (b_params.scaled == 1u) {
            scale = b_scale[crop_of(row)];
        }
        for (var i = lane % LANES; i < width4; i += LANES) {
            let g = b_d_y[base + i] * b_weight[i];
            let x_hat = (b_x[base + i] - stats.x) * stats.y;
            var d_x = (g - means.x - x_hat * means.y) * stats.y;
            if (b_params.accumulate == 1u) {
                d_x += b_d_x[base + i];
            }
            b_d_x[base + i] = d_x;
            if (b_params.scaled == 1u) {
                b_d_branch[base + i] = d_x * scale;
            }
        }
    }
}

// --- backward to weight and bias: partial sums over a part of the rows, one column a lane
@group(0) @binding(0) var<storage, read>       a_x: array<f32>;      // (rows, D)
@group(0) @binding(1) var<storage, read>       a_stats: array<vec2f>; // (rows)
@group(0) @binding(2) var<storage, read>       a_d_y: array<f32>;    // (rows, D)
@group(0) @binding(3) var<storage, read_write> a_parts: array<f32>;  // (parts, 2 D): d_weight, d_bias
@group(0) @binding(4) var<uniform>             a_params: LayerNormParams;

@compute @workgroup_size(64)
fn layer_norm_backward_affine(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width = a_params.width;
    let column = wg.y * 64u + lane;
    if (column >= width) {
        return;
    }
    let last = min((wg.x + 1u) * a_params.rows_per_part, a_params.rows);
    var d_weight = 0.0;
    var d_bias = 0.0;
    for (var row = wg.x * a_params.rows_per_part; row < last; row++) {
        let stats = a_stats[row];
        let d_y = a_d_y[row * width + column];
        d_weight += d_y * (a_x[row * width + column] - stats.x) * stats.y;
        d_bias += d_y;
    }
    a_parts[wg.x * 2u * width + column] = d_weight;
    a_parts[wg.x * 2u * width + width + column] = d_bias;
}
