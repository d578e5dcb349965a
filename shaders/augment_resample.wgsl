// Pillow's resampling of a crop's box in its two passes, each rounded to 8 bit: first every row to the
// crop's width, then every column to its height, mirrored when the crop is flipped. Each workgroup
// walks its share of a crop.

@group(0) @binding(0) var<storage, read>       crops:   array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read>       input:   array<u32>;       // pictures × (h, w); crops × (max_side, size)
@group(0) @binding(2) var<storage, read>       weights: array<i32>;       // crops × (2, size, 2 + taps)
@group(0) @binding(3) var<storage, read_write> output:  array<u32>;       // crops × (max_side, size); crops × (size, size)
@group(0) @binding(4) var<uniform>             params:  AugmentParams;

// Four weighted sums at once, of the pixels at `start`, `start + step` …, by the weights at `weight`.
fn resample(start: vec4<u32>, step: u32, weight: u32) -> vec4<u32> {
    var source = start + vec4<u32>(u32(weights[weight]) * step);
    let count = u32(weights[weight + 1u]);
    var red = vec4<i32>(1 << 21u);
    var green = vec4<i32>(1 << 21u);
    var blue = vec4<i32>(1 << 21u);
    for (var k = 0u; k < count; k++) {
        let words = vec4<u32>(input[source.x], input[source.y], input[source.z], input[source.w]);
        let factor = weights[weight + 2u + k];
        red += factor * vec4<i32>(words & vec4<u32>(255u));
        green += factor * vec4<i32>((words >> vec4<u32>(8u)) & vec4<u32>(255u));
        blue += factor * vec4<i32>((words >> vec4<u32>(16u)) & vec4<u32>(255u));
        source += vec4<u32>(step);
    }
    return byte(red) | (byte(green) << vec4<u32>(8u)) | (byte(blue) << vec4<u32>(16u))
         | vec4<u32>(255u << 24u);
}

fn byte(sum: vec4<i32>) -> vec4<u32> {
    return vec4<u32>(clamp(sum >> vec4<u32>(22u), vec4<i32>(0), vec4<i32>(255)));
}

// A thread takes four rows of a column, because they share their weights; 32 threads take a row. Rows
// past the end repeat the last one.
@compute @workgroup_size(64)
fn augment_across(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let tile = locate(group);
    if tile.crop >= params.globals + params.locals {
        return;
    }
    let crop = crops[tile.crop];
    let corner = crop.picture + crop.top * crop.picture_width + crop.left;
    for (var y = tile.index * 8u + lane / 32u * 4u; y < crop.height; y += tile.count * 8u) {
        let rows = min(vec4<u32>(y, y + 1u, y + 2u, y + 3u), vec4<u32>(crop.height - 1u));
        for (var x = lane % 32u; x < crop.size; x += 32u) {
            let weight = crop.weights + x * (crop.taps + 2u);
            let words = resample(corner + rows * crop.picture_width, 1u, weight);
            let targets = crop.rows + rows * crop.size + x;
            output[targets.x] = words.x;
            output[targets.y] = words.y;
            output[targets.z] = words.z;
            output[targets.w] = words.w;
        }
    }
}

// A thread takes four columns of a row, because they share their weights; 16 threads take a row.
// Columns past the end repeat the last one.
@compute @workgroup_size(64)
fn augment_down(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let tile = locate(group);
    if tile.crop >= params.globals + params.locals {
        return;
    }
    let crop = crops[tile.crop];
    let last = vec4<u32>(crop.size - 1u);
    for (var y = tile.index * 4u + lane / 16u; y < crop.size; y += tile.count * 4u) {
        let weight = crop.weights + (crop.size + y) * (crop.taps + 2u);
        for (var x = lane % 16u * 4u; x < crop.size; x += 64u) {
            let columns = min(vec4<u32>(x, x + 1u, x + 2u, x + 3u), last);
            let words = resample(crop.rows + columns, crop.size, weight);
            let targets = crop.pixels + y * crop.size
                        + select(columns, last - columns, vec4<bool>(crop.flip != 0u));
            output[targets.x] = words.x;
            output[targets.y] = words.y;
            output[targets.z] = words.z;
            output[targets.w] = words.w;
        }
    }
}
