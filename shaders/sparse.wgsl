// A small constant sparse matrix times rows: position interpolation and, with the transposed matrix,
// its gradient. Compressed rows; one invocation makes four neighbouring values of one output row.

struct SparseParams {
    rows: u32,
    width: u32,       // D, a multiple of 4
    accumulate: u32,  // 1: out += matrix * x
}

@group(0) @binding(0) var<storage, read>       starts: array<u32>;   // (rows + 1) first entry of a row
@group(0) @binding(1) var<storage, read>       columns: array<u32>;  // (entries)
@group(0) @binding(2) var<storage, read>       values: array<f32>;   // (entries)
@group(0) @binding(3) var<storage, read>       x: array<vec4f>;      // (columns, D)
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;    // (rows, D)
@group(0) @binding(5) var<uniform>             params: SparseParams;

@compute @workgroup_size(64)
fn sparse(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width4 = params.width / 4u;
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    let row = index / width4;
    if (row >= params.rows) {
        return;
    }
    var sum = vec4f(0.0);
    if (params.accumulate == 1u) {
        sum = out[index];
    }
    for (var entry = starts[row]; entry < starts[row + 1u]; entry++) {
        sum += values[entry] * x[columns[entry] * width4 + index % width4];
    }
    out[index] = sum;
}
