// Colour jitter in the crop's own order, then greyscale, in place: one workgroup a crop, one walk over
// the pixels an operation, each thread over its own. The contrast needs the mean luma of the crop as it
// is when its turn comes.

@group(0) @binding(0) var<storage, read>       crops:  array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read_write> pixels: array<u32>;       // crops × (size, size)
@group(0) @binding(2) var<uniform>             params: AugmentParams;

// Operations; 2, contrast, is what remains.
const BRIGHTNESS: u32 = 1u;
const SATURATION: u32 = 3u;
const HUE:        u32 = 4u;

var<workgroup> sums: array<u32, 256>;

fn luma(color: vec3<u32>) -> u32 {
    return (19595u * color.r + 38470u * color.g + 7471u * color.b + 32768u) >> 16u;
}

// Pillow's blend base + factor·(v − base), clamped and truncated, for all pixels of a thread; the base
// is `base`, or the pixel's own luma.
fn blend(crop: CropWords, lane: u32, factor: f32, base: f32, own_luma: bool) {
    for (var i = lane; i < crop.size * crop.size; i += 256u) {
        let color = unpack(pixels[crop.pixels + i]);
        let from_base = vec3<f32>(select(base, f32(luma(color)), own_luma));
        let mixed = from_base + factor * (vec3<f32>(color) - from_base);
        let clamped = clamp(mixed, vec3<f32>(0.0), vec3<f32>(255.0));
        pixels[crop.pixels + i] = pack(vec3<u32>(clamped));
    }
}

// To 8-bit HSV, `shift` added to H modulo 256, and back, as Pillow rounds it, in whole numbers.
fn turn(color: vec3<u32>, shift: u32) -> vec3<u32> {
    let c = vec3<i32>(color);
    let value = max(c.r, max(c.g, c.b));
    let chroma = value - min(c.r, min(c.g, c.b));
    var hue = 0;
    if chroma > 0 {
        // Sixths of a turn times chroma.
        var sixths = c.g - c.b;
        if c.r != value {
            sixths = select(4 * chroma + c.r - c.g, 2 * chroma + c.b - c.r, c.g == value);
        }
        sixths += select(0, 6 * chroma, sixths < 0);
        hue = i32(divide(u32(sixths * 255), u32(6 * chroma)));
    }
    let saturation = i32(divide(u32(chroma * 255), u32(max(value, 1))));
    hue = (hue + i32(shift)) & 255;

    let sector = hue * 6 / 255;
    let part = hue * 6 - sector * 255;
    let p = u32((2 * value * (255 - saturation) + 255) / 510);
    let q = u32((2 * value * (65025 - saturation * part) + 65025) / 130050);
    let t = u32((2 * value * (65025 - saturation * (255 - part)) + 65025) / 130050);
    let v = u32(value);
    switch sector % 6 {
        case 0: { return vec3<u32>(v, t, p); }
        case 1: { return vec3<u32>(q, v, p); }
        case 2: { return vec3<u32>(p, v, t); }
        case 3: { return vec3<u32>(p, q, v); }
        case 4: { return vec3<u32>(t, p, v); }
        default: { return vec3<u32>(v, p, q); }
    }
}

@compute @workgroup_size(256)
fn augment_color(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let tile = locate(group);
    if tile.crop >= params.globals + params.locals {
        return;
    }
    let crop = crops[tile.crop];
    let area = crop.size * crop.size;
    for (var order = crop.order; order != 0u; order >>= 4u) {
        let op = order & 15u;
        if op == BRIGHTNESS {
            blend(crop, lane, crop.brightness, 0.0, false);
        } else if op == SATURATION {
            blend(crop, lane, crop.saturation, 0.0, true);
        } else if op == HUE {
            for (var i = lane; i < area; i += 256u) {
                pixels[crop.pixels + i] = pack(turn(unpack(pixels[crop.pixels + i]), crop.hue));
            }
        } else {
            var sum = 0u;
            for (var i = lane; i < area; i += 256u) {
                sum += luma(unpack(pixels[crop.pixels + i]));
            }
            sums[lane] = sum;
            for (var half = 128u; half > 0u; half /= 2u) {
                workgroupBarrier();
                if lane < half {
                    sums[lane] += sums[lane + half];
                }
            }
            workgroupBarrier();
            blend(crop, lane, crop.contrast, f32((2u * sums[0] + area) / (2u * area)), false);
        }
    }
    if crop.grayscale != 0u {
        blend(crop, lane, 0.0, 0.0, true);
    }
}
