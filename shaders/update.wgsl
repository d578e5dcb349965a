// The end of a step: norm of every tensor's gradient, clipping, AdamW, and the teacher's moving
// average, over whole arenas. Tensors begin at multiples of 64 words, so a block of 64 words belongs
// to one tensor. A step whose loss is not finite changes nothing.

struct UpdateParams {
    words: u32,         // adamw: words of this window, a multiple of 64
    first_chunk: u32,   // squared_norm: first chunk of this window
    chunks: u32,        // squared_norm: chunks of this window
    tensors: u32,
    clip: f32,          // largest norm of a tensor's gradient; 0 = no clipping
    center_momentum: f32,
    center_rows: f32,   // 2 B, B the images of the whole step
    prototypes: u32,
}

struct Chunk {
    start: u32,  // word in the window
    words: u32,  // multiple of 4
}

struct Tensor {
    first_chunk: u32,
    chunks: u32,
    flags: u32,
    unused: u32,
}

const DECAYED: u32 = 1u;     // weight decay applies
const LAST_LAYER: u32 = 2u;  // frozen at the start of a run
const FIXED: u32 = 4u;       // never trained
const BACKBONE: u32 = 8u;    // frozen while a fresh head warms up
const BETA1: f32 = 0.9;
const REST1: f32 = 0.1;    // 1 - beta1, rounded once
const BETA2: f32 = 0.999;
const REST2: f32 = 0.001;  // 1 - beta2
const EPSILON: f32 = 1e-8;
const STILL: f32 = -1.0;    // factor of a tensor that is not trained in this step
const REFUSED: f32 = -2.0;  // factor of all tensors when the loss is not finite: nor averaged

fn is_finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// --- squared norm of a chunk of one tensor, one workgroup each
@group(0) @binding(0) var<storage, read>       n_gradient: array<vec4f>;  // (words / 4) of the window
@group(0) @binding(1) var<storage, read>       n_chunks: array<Chunk>;    // (chunks of all windows)
@group(0) @binding(2) var<storage, read_write> n_squares: array<f32>;     // (chunks of all windows)
@group(0) @binding(3) var<uniform>             n_params: UpdateParams;

@compute @workgroup_size(GROUP)
fn squared_norm(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = n_params.first_chunk + wg.x;
    let chunk = n_chunks[index];
    var squares = vec4f(0.0);
    for (var i = lane; i < chunk.words / 4u; i += LANES) {
        let g = n_gradient[chunk.start / 4u + i];
        squares += g * g;
    }
    let sum = row_sum(lane, squares);
    if (lane == 0u) {
        n_squares[index] = dot(sum, vec4f(1.0));
    }
}

// --- what the update needs of every tensor: factor of its gradient, min(1, clip / (norm + 1e-6)), STILL or
//     REFUSED; weight decay; the two bias corrections
@group(0) @binding(0) var<storage, read>       l_squares: array<f32>;     // (chunks)
@group(0) @binding(1) var<storage, read>       l_tensors: array<Tensor>;  // (tensors)
@group(0) @binding(2) var<storage, read>       l_step: Step;
@group(0) @binding(3) var<storage, read>       l_sums: array<f32>;        // [0] the step's loss
@group(0) @binding(4) var<storage, read_write> l_updates: array<vec4f>;   // (tensors)
@group(0) @binding(5) var<uniform>             l_params: UpdateParams;

@compute @workgroup_size(64)
fn clip(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = wg.x * 64u + lane;
    if (index >= l_params.tensors) {
        return;
    }
    let tensor = l_tensors[index];
    var squares = 0.0;
    for (var i = 0u; i < tensor.chunks; i++) {
        squares += l_squares[tensor.first_chunk + i];
    }
    let last = (tensor.flags & LAST_LAYER) != 0u;
    let backbone = (tensor.flags & BACKBONE) != 0u;
    let frozen = (last && l_step.freeze_last_layer > 0.0) || (backbone && l_step.freeze_backbone > 0.0);
    var factor = 1.0;
    if (l_params.clip > 0.0) {
        factor = min(1.0, l_params.clip / (sqrt(squares) + 1e-6));
    }
    if ((tensor.flags & FIXED) != 0u || frozen || !is_finite(squares)) {
        factor = STILL;
    }
    if (!is_finite(l_sums[0])) {
        factor = REFUSED;
    }
    var corrections = vec2f(l_step.first_correction, l_step.second_correction);
    if (last) {
        corrections = vec2f(l_step.last_first_correction, l_step.last_second_correction);
    } else if (backbone) {
        corrections = vec2f(l_step.backbone_first_correction, l_step.backbone_second_correction);
    }
    let decay = select(0.0, l_step.weight_decay, (tensor.flags & DECAYED) != 0u);
    l_updates[index] = vec4f(factor, decay, corrections);
}

// --- AdamW on the student, moving average in the teacher, gradient back to zero
@group(0) @binding(0) var<storage, read>       u_blocks: array<u32>;      // (words / 64) tensor of a block
@group(0) @binding(1) var<storage, read>       u_updates: array<vec4f>;   // (tensors) factor, decay, corrections
@group(0) @binding(2) var<storage, read>       u_step: Step;
@group(0) @binding(3) var<storage, read_write> u_student: array<vec4f>;   // (words / 4) of the window
@group(0) @binding(4) var<storage, read_write> u_gradient: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> u_first: array<vec4f>;     // first moment
@group(0) @binding(6) var<storage, read_write> u_second: array<vec4f>;    // second moment
@group(0) @binding(7) var<storage, read_write> u_teacher: array<vec4f>;
@group(0) @binding(8) var<uniform>             u_params: UpdateParams;

@compute @workgroup_size(64)
fn adamw(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    if (index >= u_params.words / 4u) {
        return;
    }
    let tensor = u_updates[u_blocks[index / 16u]];
    var student = u_student[index];
    if (tensor.x >= 0.0) {
        let gradient = u_gradient[index] * tensor.x;
        student *= 1.0 - u_step.lr * tensor.y;
        let first = BETA1 * u_first[index] + REST1 * gradient;
        let second = BETA2 * u_second[index] + REST2 * gradient * gradient;
        student -= (u_step.lr / tensor.z) * first / (sqrt(second) / sqrt(tensor.w) + EPSILON);
        u_first[index] = first;
        u_second[index] = second;
        u_student[index] = student;
    }
    u_gradient[index] = vec4f(0.0);
    if (tensor.x != REFUSED) {
        u_teacher[index] = u_step.momentum * u_teacher[index] + (1.0 - u_step.momentum) * student;
    }
}

// --- centre: c = m c + (1 - m) mean of the step's raw teacher rows; the sum back to zero
@group(0) @binding(0) var<storage, read>       c_sums: array<f32>;    // [0] the step's loss
@group(0) @binding(1) var<storage, read_write> c_center: array<f32>;  // (K)
@group(0) @binding(2) var<storage, read_write> c_sum: array<f32>;     // (K)
@group(0) @binding(3) var<uniform>             c_params: UpdateParams;

@compute @workgroup_size(64)
fn center_update(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let k = wg.x * 64u + lane;
    if (k >= c_params.prototypes) {
        return;
    }
    let m = c_params.center_momentum;
    if (is_finite(c_sums[0])) {
        c_center[k] = m * c_center[k] + (1.0 - m) * c_sum[k] / c_params.center_rows;
    }
    c_sum[k] = 0.0;
}
