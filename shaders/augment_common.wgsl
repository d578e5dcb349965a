// What the augmentation's shaders share, appended to each: the uniform, the words of a crop, how work is
// shared among workgroups, and how a pixel lies in its word.

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

// a / b for a < 2²⁰: the float quotient cannot reach the next whole number, and processors that play
// adapter divide whole numbers one lane at a time.
fn divide(a: u32, b: u32) -> u32 {
    return u32((f32(a) + 0.5) / f32(b));
}
