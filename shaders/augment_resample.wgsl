// Pillow's resampling of a crop's box in its two passes, each rounded to 8 bit: first every row to the
// crop's width, then every column to its height, mirrored when the crop is flipped. Each workgroup
// walks its share of a crop.

@group(0) @binding(0) var<storage, read>       crops:   array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read>       input:   array<u32>;       // across: pictures × (height, width)
                                                                          // down: crops × (max_side, size)
@group(0) @binding(2) var<storage, read>       weights: array<i32>;       // crops × (2, size, 2 + taps)
@group(0) @binding(3) var<storage, read_write> output:  array<u32>;       // across: crops × (max_side, size)
                                                                          // down: crops × (size, size)
@group(0) @binding(4) var<uniform>             params:  AugmentParams;

struct AugmentParams {
    globals:      u32,
    global_tiles: u32,
    locals:       u32,
    local_tiles:  u32,
    patch_size:   u32,
}

struct CropWords {
    size:          u32,
    taps:          u32,
    weights:       u32,
    rows:          u32,
    pixels:        u32,
    token:         u32,
    picture:       u32,
    picture_width: u32,
    top:           u32,
    left:          u32,
    height:        u32,
    width:         u32,
    flip:          u32,
    order:         u32,
    brightness:    f32,
    contrast:      f32,
    saturation:    f32,
    hue:           u32,
    grayscale:     u32,
    box_radius:    u32,
    box_weight:    u32,
    box_edge:      u32,
    solarize:      u32,
}

// A workgroup's share of the work: tile `index` of the `count` tiles of a crop. `crop` is past the
// last one in workgroups that only fill the grid.
struct Tile {
    crop:  u32,
    index: u32,
    count: u32,
}

fn locate(group: vec3<u32>) -> Tile {
    let tile = group.x + group.y * 32768u;
    let split = params.globals * params.global_tiles;
    if tile < split {
        return Tile(tile / params.global_tiles, tile % params.global_tiles, params.global_tiles);
    }
    let rest = tile - split;
    let crop = params.globals + rest / params.local_tiles;
    return Tile(crop, rest % params.local_tiles, params.local_tiles);
}

fn unpack(word: u32) -> vec3<u32> {
    return (vec3<u32>(word) >> vec3<u32>(0u, 8u, 16u)) & vec3<u32>(255u);
}

fn pack(color: vec3<u32>) -> u32 {
    return (255u << 24u) | (color.b << 16u) | (color.g << 8u) | color.r;
}

// The weighted sum of the pixels at `start`, `start + step` …, by the weights at `weight`.
fn resample(start: u32, step: u32, weight: u32) -> u32 {
    let first = start + u32(weights[weight]) * step;
    var sum = vec3<i32>(1 << 21u);
    for (var k = 0u; k < u32(weights[weight + 1u]); k++) {
        sum += weights[weight + 2u + k] * vec3<i32>(unpack(input[first + k * step]));
    }
    return pack(vec3<u32>(clamp(sum >> vec3<u32>(22u), vec3<i32>(0), vec3<i32>(255))));
}

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
    for (var i = tile.index * 64u + lane; i < crop.height * crop.size; i += tile.count * 64u) {
        let weight = crop.weights + (i % crop.size) * (crop.taps + 2u);
        output[crop.rows + i] = resample(corner + (i / crop.size) * crop.picture_width, 1u, weight);
    }
}

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
    for (var i = tile.index * 64u + lane; i < crop.size * crop.size; i += tile.count * 64u) {
        let x = i % crop.size;
        let weight = crop.weights + (crop.size + i / crop.size) * (crop.taps + 2u);
        let mirrored = i - x + select(x, crop.size - 1u - x, crop.flip != 0u);
        output[crop.pixels + mirrored] = resample(crop.rows + x, crop.size, weight);
    }
}
