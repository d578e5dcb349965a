// Pillow's GaussianBlur along one axis: three extended box blurs, each rounded to 8 bit, borders
// replicated. A workgroup takes as many whole lines (rows, or columns of AXIS 1) as fit in 1024 words:
// all its threads share them, in the order that lets neighbours read neighbouring words, or, SERIAL,
// each takes lines of its own and slides the box along, which needs no barriers.

const AXIS: u32 = 0u;
const SERIAL: u32 = 0u;
const GROUP: u32 = 256u;
const LINE_WORDS: u32 = 1024u;

@group(0) @binding(0) var<storage, read>       crops:  array<CropWords>; // (crops)
@group(0) @binding(1) var<storage, read>       input:  array<u32>;       // crops × (size, size)
@group(0) @binding(2) var<storage, read_write> output: array<u32>;       // crops × (size, size)
@group(0) @binding(3) var<uniform>             params: AugmentParams;

var<workgroup> lines: array<u32, 2048>; // two halves of LINE_WORDS, read and written in turn

// Red and blue in one word, which holds the sums of 2 · radius + 1 pixels for a radius up to 127; green.
fn split(word: u32) -> vec2<u32> {
    return vec2<u32>(word & 0xff00ffu, (word >> 8u) & 255u);
}

// The pixel whose box sums to `sum` and whose pixels just outside the box are `before` and `after`.
fn weigh(sum: vec2<u32>, before: u32, after: u32, crop: CropWords) -> u32 {
    let inner = vec3<u32>(sum.x & 0xffffu, sum.y, sum.x >> 16u);
    let edges = unpack(before) + unpack(after);
    let blurred = inner * crop.box_weight + edges * crop.box_edge + vec3<u32>(1u << 23u);
    return pack(blurred >> vec3<u32>(24u));
}

// The box around the element at `i` of `lines`, whose line runs from `begin` to `end` by `step`.
fn box_blur(i: i32, begin: i32, end: i32, step: i32, crop: CropWords) -> u32 {
    let radius = i32(crop.box_radius) * step;
    var sum = vec2<u32>(0u);
    for (var at = i - radius; at <= i + radius; at += step) {
        sum += split(lines[clamp(at, begin, end)]);
    }
    return weigh(sum, lines[max(i - radius - step, begin)], lines[min(i + radius + step, end)], crop);
}

// Blurs one line by itself: `size` words from `base` by `step`, through `lines` from `own`.
fn blur_line(own: u32, base: u32, step: u32, crop: CropWords) {
    let last = i32(crop.size) - 1;
    let radius = i32(crop.box_radius);
    for (var i = 0; i <= last; i++) {
        lines[own + u32(i)] = input[base + u32(i) * step];
    }
    for (var round = 0u; round < 3u; round++) {
        let source = own + (round & 1u) * LINE_WORDS;
        var before = lines[source];
        var sum = split(before) * (crop.box_radius + 1u);
        for (var i = 1; i <= radius; i++) {
            sum += split(lines[source + u32(min(i, last))]);
        }
        for (var i = 0; i <= last; i++) {
            let first = lines[source + u32(max(i - radius, 0))];
            let after = lines[source + u32(min(i + radius + 1, last))];
            let blurred = weigh(sum, before, after, crop);
            if round == 2u {
                output[base + u32(i) * step] = blurred;
            } else {
                lines[own + LINE_WORDS - (round & 1u) * LINE_WORDS + u32(i)] = blurred;
            }
            sum += split(after) - split(first);
            before = first;
        }
    }
}

@compute @workgroup_size(GROUP)
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
    if (SERIAL == 1u) { // when
        let step = select(1u, size, AXIS == 1u);
        for (var line = lane; line < count; line += GROUP) {
            blur_line(line * size, crop.pixels + (first + line) * select(size, 1u, AXIS == 1u), step, crop);
        }
    }
    if (SERIAL == 0u) { // when
        // Elements of a line follow each other by `step`; where i = quotient · unit + rest, AXIS 0 has the
        // line `quotient`, AXIS 1 the line `rest`.
        let down = AXIS == 1u;
        let step = select(1u, count, down);
        let unit = select(size, count, down);
        let base = crop.pixels + first * select(size, 1u, down);
        let gap = select(0u, size - count, down);

        for (var i = lane; i < count * size; i += GROUP) {
            lines[i] = input[base + i + divide(i, unit) * gap];
        }
        for (var round = 0u; round < 3u; round++) {
            workgroupBarrier();
            let source = (round & 1u) * LINE_WORDS;
            for (var i = lane; i < count * size; i += GROUP) {
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
}
