// Copies, a vec4 an invocation: what a kernel that only moves values reaches, the benchmark's ceiling.

struct CopyParams {
    vectors: u32,
}

@group(0) @binding(0) var<storage, read>       source: array<vec4f>;  // (vectors)
@group(0) @binding(1) var<storage, read_write> copied: array<vec4f>;  // (vectors)
@group(0) @binding(2) var<uniform>             params: CopyParams;

@compute @workgroup_size(64)
fn copy(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    if (index < params.vectors) {
        copied[index] = source[index];
    }
}
