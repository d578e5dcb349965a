// DINO's loss: teacher rows are centred and sharpened, every student view is compared with every
// teacher view but itself. The gradient replaces the logits. Rows are shared as in row_sum.wgsl.

struct LossParams {
    images: u32,        // images b of this micro-batch
    views: u32,         // student views of an image, 2 + L
    prototypes: u32,    // K
    stride: u32,        // words from row to row of logits and probabilities, a multiple of 4
    student_temp: f32,
    weight: f32,        // 1 / ((2 L + 2) B), B the images of the whole step
}

// --- q = softmax((t - c) / teacher_temp), and its entropy
@group(0) @binding(0) var<storage, read>       t_logits: array<f32>;   // (2 b, stride)
@group(0) @binding(1) var<storage, read>       t_center: array<f32>;   // (K)
@group(0) @binding(2) var<storage, read>       t_step: Step;
@group(0) @binding(3) var<storage, read_write> t_q: array<f32>;        // (2 b, stride)
@group(0) @binding(4) var<storage, read_write> t_entropy: array<f32>;  // (2 b) nats
@group(0) @binding(5) var<uniform>             t_params: LossParams;

@compute @workgroup_size(GROUP)
fn teacher_probability(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = wg.x * (GROUP / LANES) + lane / LANES;
    let inside = row < 2u * t_params.images;
    let base = select(0u, row, inside) * t_params.stride;
    let sharpen = 1.0 / t_step.teacher_temp;
    var highest = -1e30;
    for (var k = lane % LANES; k < t_params.prototypes; k += LANES) {
        highest = max(highest, (t_logits[base + k] - t_center[k]) * sharpen);
    }
    highest = row_max(lane, highest);
    var sums = vec2f(0.0); // of e and of e * z, with z = logit - highest
    for (var k = lane % LANES; k < t_params.prototypes; k += LANES) {
        let z = (t_logits[base + k] - t_center[k]) * sharpen - highest;
        sums += vec2f(exp(z), exp(z) * z);
    }
    sums = row_sum(lane, vec4f(sums, 0.0, 0.0)).xy;
    if (!inside) {
        return;
    }
    for (var k = lane % LANES; k < t_params.prototypes; k += LANES) {
        t_q[base + k] = exp((t_logits[base + k] - t_center[k]) * sharpen - highest) / sums.x;
    }
    if (lane % LANES == 0u) {
        t_entropy[row] = log(sums.x) - sums.y / sums.x;
    }
}

// --- cross-entropy of one student row with the teacher rows of the other views, and its gradient
@group(0) @binding(0) var<storage, read>       s_q: array<f32>;       // (2 b, stride)
@group(0) @binding(1) var<storage, read>       s_scale: array<f32>;   // (K) g / |v| of the last layer
@group(0) @binding(2) var<storage, read_write> s_logits: array<f32>;  // (views b, stride) in: s; out: scale * dL/ds
@group(0) @binding(3) var<storage, read_write> s_loss: array<f32>;    // (views b), weighted
@group(0) @binding(4) var<uniform>             s_params: LossParams;

@compute @workgroup_size(GROUP)
fn student_loss(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = wg.x * (GROUP / LANES) + lane / LANES;
    let inside = index < s_params.views * s_params.images;
    let row = select(0u, index, inside);
    let view = row / s_params.images;
    let image = row % s_params.images;
    let base = row * s_params.stride;
    let q0 = image * s_params.stride;
    let q1 = (s_params.images + image) * s_params.stride;
    // A global view is not compared with the teacher's output for itself.
    let use0 = select(1.0, 0.0, view == 0u);
    let use1 = select(1.0, 0.0, view == 1u);
    let sharpen = 1.0 / s_params.student_temp;
    var highest = -1e30;
    for (var k = lane % LANES; k < s_params.prototypes; k += LANES) {
        highest = max(highest, s_logits[base + k] * sharpen);
    }
    highest = row_max(lane, highest);
    var sums = vec3f(0.0); // of e, of the teachers' q, of q * z
    for (var k = lane % LANES; k < s_params.prototypes; k += LANES) {
        let z = s_logits[base + k] * sharpen - highest;
        let q = use0 * s_q[q0 + k] + use1 * s_q[q1 + k];
        sums += vec3f(exp(z), q, q * z);
    }
    sums = row_sum(lane, vec4f(sums, 0.0)).xyz;
    if (!inside) {
        return;
    }
    let factor = s_params.weight * sharpen;
    let share = sums.y / sums.x;
    for (var k = lane % LANES; k < s_params.stride; k += LANES) {
        var gradient = 0.0; // beyond K the next matrix product needs zeros
        if (k < s_params.prototypes) {
            let q = use0 * s_q[q0 + k] + use1 * s_q[q1 + k];
            let p = exp(s_logits[base + k] * sharpen - highest) * share;
            gradient = factor * (p - q) * s_scale[k];
        }
        s_logits[base + k] = gradient;
    }
    if (lane % LANES == 0u) {
        s_loss[row] = s_params.weight * (log(sums.x) * sums.y - sums.z);
    }
}

// --- sum of raw teacher logits over the rows of this micro-batch, added to the step's sum
@group(0) @binding(0) var<storage, read>       c_logits: array<f32>;  // (2 b, stride)
@group(0) @binding(1) var<storage, read_write> c_sum: array<f32>;     // (K)
@group(0) @binding(2) var<uniform>             c_params: LossParams;

@compute @workgroup_size(64)
fn center_sum(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let k = wg.x * 64u + lane;
    if (k >= c_params.prototypes) {
        return;
    }
    var sum = c_sum[k];
    for (var row = 0u; row < 2u * c_params.images; row++) {
        sum += c_logits[row * c_params.stride + k];
    }
    c_sum[k] = sum;
}
