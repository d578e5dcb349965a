// Weights of Pillow's antialiased bicubic (a = -0.5), as 22-bit fixed point: one thread for one pixel
// of one axis of one crop. Distances are fractions of whole numbers, so f32 loses nothing but the
// last bit.

@group(0) @binding(0) var<storage, read>       crops:   array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read_write> weights: array<i32>;       // crops × (2, size, 2 + taps)
@group(0) @binding(2) var<uniform>             params:  AugmentParams;

fn bicubic(distance: f32) -> f32 {
    let x = abs(distance);
    if x < 1.0 {
        return (1.5 * x - 2.5) * x * x + 1.0;
    }
    if x < 2.0 {
        return (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5;
    }
    return 0.0;
}

@compute @workgroup_size(64)
fn augment_weights(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let tile = locate(group);
    let i = tile.index * 64u + lane; // across: 0..size, down: size..2·size
    if tile.crop >= params.globals + params.locals || i >= 2u * crops[tile.crop].size {
        return;
    }
    let crop = crops[tile.crop];
    let at = i32(i % crop.size);
    let input = i32(select(crop.width, crop.height, i >= crop.size));
    let output = i32(crop.size);

    // In units of 1 / (2·output) source pixels: the centre of the pixel and the support around it.
    let center = (2 * at + 1) * input;
    let reach = max(input, output);
    let first = max(center - 4 * reach + output, 0) / (2 * output);
    let last = min((center + 4 * reach + output) / (2 * output), input);
    let count = min(last - first, i32(crop.taps));

    var sum = 0.0;
    for (var k = 0; k < count; k++) {
        let distance = (2 * (first + k) + 1) * output - center;
        sum += bicubic(f32(distance) / f32(2 * reach));
    }
    let base = crop.weights + i * (crop.taps + 2u);
    weights[base] = first;
    weights[base + 1u] = count;
    for (var k = 0; k < count; k++) {
        let distance = (2 * (first + k) + 1) * output - center;
        let weight = bicubic(f32(distance) / f32(2 * reach)) / sum * 4194304.0;
        weights[base + 2u + u32(k)] = i32(weight + select(0.5, -0.5, weight < 0.0));
    }
}
