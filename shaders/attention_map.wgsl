// Softmaxed attention rows for pictures and checks: probabilities of some query rows of one crop,
// from saved q, k and log-sum-exp. One invocation a probability.

struct AttentionMapParams {
    first_row: u32,    // packed row of the crop's first token
    tokens: u32,       // T
    first_query: u32,  // token index of the first query
    queries: u32,
    heads: u32,
    width: u32,        // D
    scale: f32,        // head_dim^-1/2
}

@group(0) @binding(0) var<storage, read>       qkv: array<vec4f>;  // (rows, 3 D)
@group(0) @binding(1) var<storage, read>       lse: array<f32>;    // (rows, heads)
@group(0) @binding(2) var<storage, read_write> map: array<f32>;    // (heads, queries, T)
@group(0) @binding(3) var<uniform>             params: AttentionMapParams;

@compute @workgroup_size(64)
fn attention_map(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    let token = index % params.tokens;
    let query = (index / params.tokens) % params.queries;
    let head = index / (params.tokens * params.queries);
    if (head >= params.heads) {
        return;
    }
    let width4 = params.width / 4u;
    let head4 = width4 / params.heads;
    let row = params.first_row + params.first_query + query;
    let q = row * 3u * width4 + head * head4;
    let k = (params.first_row + token) * 3u * width4 + width4 + head * head4;
    var score = 0.0;
    for (var i = 0u; i < head4; i++) {
        score += dot(qkv[q + i], qkv[k + i]);
    }
    map[index] = exp(score * params.scale - lse[row * params.heads + head]);
}
