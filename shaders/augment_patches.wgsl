// Solarize (kept in `pixels`, for showing), normalise, and write the rows that the first matrix
// product reads: CLS (zeros), then the patches row-major; a row is ordered (channel, y, x).

@group(0) @binding(0) var<storage, read>       crops:   array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read_write> pixels:  array<u32>;       // crops × (size, size)
@group(0) @binding(2) var<storage, read_write> patches: array<f32>;       // (tokens of all crops, 3·patch²)
@group(0) @binding(3) var<uniform>             params:  AugmentParams;

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

const MEAN      = vec3<f32>(0.485, 0.456, 0.406);
const DEVIATION = vec3<f32>(0.229, 0.224, 0.225);

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

@compute @workgroup_size(64)
fn augment_patches(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let tile = locate(group);
    if tile.crop >= params.globals + params.locals {
        return;
    }
    let crop = crops[tile.crop];
    let size = crop.size;
    let area = size * size;
    let side = params.patch_size;
    let plane = side * side;
    let grid = size / side;
    let cls = crop.token * 3u * plane;

    for (var i = tile.index * 64u + lane; i < area + plane; i += tile.count * 64u) {
        if i >= area {
            for (var channel = 0u; channel < 3u; channel++) {
                patches[cls + channel * plane + i - area] = 0.0;
            }
            continue;
        }
        var color = unpack(pixels[crop.pixels + i]);
        if crop.solarize != 0u {
            color = select(color, vec3<u32>(255u) - color, color >= vec3<u32>(128u));
            pixels[crop.pixels + i] = pack(color);
        }
        let value = (vec3<f32>(color) / 255.0 - MEAN) / DEVIATION;
        let y = divide(i, size);
        let x = i - y * size;
        let row = divide(y, side);
        let column = divide(x, side);
        let token = 1u + row * grid + column;
        let at = cls + token * 3u * plane + (y - row * side) * side + x - column * side;
        patches[at] = value.r;
        patches[at + plane] = value.g;
        patches[at + 2u * plane] = value.b;
    }
}
