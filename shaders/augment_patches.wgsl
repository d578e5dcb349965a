// Solarize (kept in `pixels`, for showing), normalise, and write the rows that the first matrix
// product reads: CLS (zeros), then the patches row-major; a row is ordered (channel, y, x).

@group(0) @binding(0) var<storage, read>       crops:   array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read_write> pixels:  array<u32>;       // crops × (size, size)
@group(0) @binding(2) var<storage, read_write> patches: array<f32>;       // (tokens of all crops, 3·patch²)
@group(0) @binding(3) var<uniform>             params:  AugmentParams;

const MEAN      = vec3<f32>(0.485, 0.456, 0.406);
const DEVIATION = vec3<f32>(0.229, 0.224, 0.225);

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
