// The few numbers of a step that people see, summed over its micro-batches.

struct MetricsParams {
    loss_rows: u32,     // student rows of this micro-batch
    teacher_rows: u32,  // teacher rows of this micro-batch
    width: u32,         // D
    samples: f32,       // teacher rows of the whole step
    prototypes: u32,    // K
}

// Offsets in `sums`: [0] loss, [1] entropy, [MOMENTS..] sum and sum of squares of each feature.
const MOMENTS: u32 = 64u;

// --- after each micro-batch
@group(0) @binding(0) var<storage, read>       a_loss: array<f32>;      // (loss_rows), already weighted
@group(0) @binding(1) var<storage, read>       a_entropy: array<f32>;   // (teacher_rows)
@group(0) @binding(2) var<storage, read>       a_features: array<f32>;  // (teacher_rows, D), L2-normalised CLS
@group(0) @binding(3) var<storage, read_write> a_sums: array<f32>;      // (MOMENTS + 2 D)
@group(0) @binding(4) var<uniform>             a_params: MetricsParams;

@compute @workgroup_size(64)
fn accumulate_metrics(@builtin(local_invocation_index) lane: u32) {
    // The lengths are no less; with bounds from the uniform alone lavapipe compiles anew in every step (5 ms).
    let width = min(a_params.width, arrayLength(&a_features));
    let teacher_rows = min(a_params.teacher_rows, arrayLength(&a_entropy));
    let loss_rows = min(a_params.loss_rows, arrayLength(&a_loss));
    for (var i = lane; i < width; i += 64u) {
        var sum = a_sums[MOMENTS + i];
        var squares = a_sums[MOMENTS + width + i];
        for (var row = 0u; row < teacher_rows; row++) {
            let f = a_features[row * width + i];
            sum += f;
            squares += f * f;
        }
        a_sums[MOMENTS + i] = sum;
        a_sums[MOMENTS + width + i] = squares;
    }
    if (lane == 0u) {
        var sum = a_sums[0];
        for (var row = 0u; row < loss_rows; row++) {
            sum += a_loss[row];
        }
        a_sums[0] = sum;
    }
    if (lane == 1u) {
        var sum = a_sums[1];
        for (var row = 0u; row < teacher_rows; row++) {
            sum += a_entropy[row];
        }
        a_sums[1] = sum;
    }
}

// --- at the end of the step: the record that is read back, and the sums back to zero
@group(0) @binding(0) var<storage, read>       f_center: array<f32>;  // (K)
@group(0) @binding(1) var<storage, read_write> f_sums: array<f32>;    // (MOMENTS + 2 D)
@group(0) @binding(2) var<storage, read_write> f_record: array<f32>;  // loss, entropy, KL, std, |centre|
@group(0) @binding(3) var<uniform>             f_params: MetricsParams;

@compute @workgroup_size(GROUP)
fn finish_metrics(@builtin(local_invocation_index) lane: u32) {
    let width = f_params.width;
    let samples = f_params.samples;
    var total = vec2f(0.0);
    for (var i = lane; i < width; i += LANES) {
        let mean = f_sums[MOMENTS + i] / samples;
        let variance = (f_sums[MOMENTS + width + i] - samples * mean * mean) / max(samples - 1.0, 1.0);
        total.x += sqrt(max(variance, 0.0));
        f_sums[MOMENTS + i] = 0.0;
        f_sums[MOMENTS + width + i] = 0.0;
    }
    for (var k = lane; k < f_params.prototypes; k += LANES) {
        total.y += f_center[k] * f_center[k];
    }
    let sums = row_sum(lane, vec4f(total, 0.0, 0.0));
    if (lane == 0u) {
        let loss = f_sums[0];
        let entropy = f_sums[1] / samples;
        f_record[0] = loss;
        f_record[1] = entropy;
        f_record[2] = loss - entropy;
        f_record[3] = sums.x / f32(width);
        f_record[4] = sqrt(sums.y);
        f_sums[0] = 0.0;
        f_sums[1] = 0.0;
    }
}
