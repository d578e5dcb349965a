// Probe of subgroups: what a workgroup of LANES invocations sees of them. Products and attention by subgroups rely on
// such a workgroup being one subgroup, numbered like its invocations.

struct SubgroupParams {
    workgroups: u32,
}

const LANES: u32 = 8u;

@group(0) @binding(0) var<storage, read_write> g_seen: array<u32>; // (workgroups, LANES, 2 + LANES): size, own number, a value of each lane
@group(0) @binding(1) var<uniform>             g_params: SubgroupParams;

@compute @workgroup_size(LANES)
fn subgroup_probe(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_index) index: u32,
    @builtin(subgroup_size) size: u32,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    let value = group.x * LANES + index;
    var seen: array<u32, LANES>;
    for (var i = 0u; i < LANES; i++) { // unroll
        seen[i] = subgroupBroadcast(value, i);
    }
    if (group.x >= g_params.workgroups) {
        return;
    }
    let first = value * (2u + LANES);
    g_seen[first] = size;
    g_seen[first + 1u] = lane;
    for (var i = 0u; i < LANES; i++) { // unroll
        g_seen[first + 2u + i] = seen[i];
    }
}
