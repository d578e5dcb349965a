// Pillow's GaussianBlur along one axis: three extended box blurs, each rounded to 8 bit, borders
// replicated. A workgroup takes as many whole lines (rows, or columns of AXIS 1) as fit in 1024 words,
// in the order that lets neighbouring threads read neighbouring words.

const AXIS: u32 = 0u;
const LINE_WORDS: u32 = 1024u;

@group(0) @binding(0) var<storage, read>       crops:  array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read>       input:  array<u32>;       // crops × (size, size)
@group(0) @binding(2) var<storage, read_write> output: array<u32>;       // crops × (size, size)
@group(0) @binding(3) var<uniform>             params: AugmentParams;

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

var<workgroup> lines: array<u32, 2048>; // two halves of LINE_WORDS, read and written in turn

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

// a / b for a < 2²⁰: the float quotient cannot reach the next whole number, and processors that play
// adapter divide whole numbers one lane at a time.
fn divide(a: u32, b: u32) -> u32 {
    return u32((f32(a) + 0.5) / f32(b));
}

// The box around the element at `i` of `lines`, whose line runs from `begin` to `end` by `step`. Red
// and blue are summed in one word, which holds 255 · (2 · radius + 1) for a radius up to 127.
fn box_blur(i: i32, begin: i32, end: i32, step: i32, crop: CropWords) -> u32 {
    let radius = i32(crop.box_radius) * step;
    var red_blue = 0u;
    var green = 0u;
    for (var at = i - radius; at <= i + radius; at += step) {
        let word = lines[clamp(at, begin, end)];
        red_blue += word & 0xff00ffu;
        green += (word >> 8u) & 255u;
    }
    let sum = vec3<u32>(red_blue & 0xffffu, green, red_blue >> 16u);
    let edges = unpack(lines[max(i - radius - step, begin)])
              + unpack(lines[min(i + radius + step, end)]);
    let blurred = sum * crop.box_weight + edges * crop.box_edge + vec3<u32>(1u << 23u);
    return pack(blurred >> vec3<u32>(24u));
}

@compute @workgroup_size(256)
fn augment_blur(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let tile = locate(group);
    if tile.crop >= params.globals + params.locals {
        return;
    }
    let crop = crops[tile.crop];
    if crop.box_weight == 0u {
        return;
    }
    let size = crop.size;
    let first = tile.index * (LINE_WORDS / size);
    let count = min(LINE_WORDS / size, size - first);
    // Elements of a line follow each other by `step`; where i = quotient · unit + rest, AXIS 0 has the
    // line `quotient`, AXIS 1 the line `rest`.
    let down = AXIS == 1u;
    let step = select(1u, count, down);
    let unit = select(size, count, down);
    let base = crop.pixels + first * select(size, 1u, down);
    let gap = select(0u, size - count, down);

    for (var i = lane; i < count * size; i += 256u) {
        lines[i] = input[base + i + divide(i, unit) * gap];
    }
    for (var round = 0u; round < 3u; round++) {
        workgroupBarrier();
        let source = (round & 1u) * LINE_WORDS;
        for (var i = lane; i < count * size; i += 256u) {
            let quotient = divide(i, unit);
            let begin = source + select(quotient * size, i - quotient * unit, down);
            let end = begin + (size - 1u) * step;
            let blurred = box_blur(i32(source + i), i32(begin), i32(end), i32(step), crop);
            if round == 2u {
                output[base + i + quotient * gap] = blurred;
            } else {
                lines[LINE_WORDS - source + i] = blurred;
            }
        }
    }
}
