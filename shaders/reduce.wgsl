// Sums partial results over their parts in a fixed order and adds them to two places: the first
// `first` columns (a weight's gradient), the rest (its bias's). Both live in one arena, apart.

struct ReduceParams {
    parts: u32,
    stride: u32,  // words from part to part
    first: u32,   // columns that go to `one`
    second: u32,  // columns that go to `two`; they begin at `offset` in a part
    offset: u32,
}

@group(0) @binding(0) var<storage, read>       partial: array<f32>;  // (parts, stride)
@group(0) @binding(1) var<storage, read_write> one: array<f32>;      // (first) accumulated
@group(0) @binding(2) var<storage, read_write> two: array<f32>;      // (second) accumulated
@group(0) @binding(3) var<uniform>             params: ReduceParams;

@compute @workgroup_size(64)
fn reduce(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    if (index >= params.first + params.second) {
        return;
    }
    var at = index;
    if (index >= params.first) {
        at = params.offset + index - params.first;
    }
    var sum = 0.0;
    for (var part = 0u; part < params.parts; part++) {
        sum += partial[part * params.stride + at];
    }
    if (index < params.first) {
        one[index] += sum;
    } else {
        two[index - params.first] += sum;
    }
}
