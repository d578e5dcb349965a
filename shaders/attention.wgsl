// Multi-head self-attention without a T x T matrix: one invocation owns one row of one head, walks
// the other side once, and keeps everything in registers. The forward pass saves the logarithm of
// each row's softmax denominator, from which the backward passes recompute the probabilities.
// HEAD4 sizes private arrays, so it is a `const` rewritten before compilation.

struct AttentionParams {
    first_row: u32,  // first packed row of this resolution
    crops: u32,
    tokens: u32,     // T
    heads: u32,
    width: u32,      // D
    scale: f32,      // head_dim^-1/2
}

const HEAD4: u32 = 16u; // head_dim / 4

// (crop, head, token) of an invocation; tokens run fastest, so neighbours read the same keys.
struct Place {
    inside: bool,
    first: u32,  // packed row of the crop's first token
    row: u32,    // packed row of the token
    head: u32,
}

fn place(params: AttentionParams, index: u32) -> Place {
    let token = index % params.tokens;
    let head = (index / params.tokens) % params.heads;
    let crop = index / (params.tokens * params.heads);
    let first = params.first_row + crop * params.tokens;
    return Place(crop < params.crops, first, first + token, head);
}

// --- forward
@group(0) @binding(0) var<storage, read>       f_qkv: array<vec4f>;  // (rows, 3 D): q, k, v; each heads * head_dim
@group(0) @binding(1) var<storage, read_write> f_out: array<vec4f>;  // (rows, D)
@group(0) @binding(2) var<storage, read_write> f_lse: array<f32>;    // (rows, heads) log-sum-exp
@group(0) @binding(3) var<uniform>             f_params: AttentionParams;

@compute @workgroup_size(64)
fn attention(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = f_params;
    let at = place(params, (wg.x + wg.y * 32768u) * 64u + lane);
    if (!at.inside) {
        return;
    }
    let width4 = params.width / 4u;
    var q: array<vec4f, HEAD4>;
    var out: array<vec4f, HEAD4>;
    for (var i = 0u; i < HEAD4; i++) { // unroll
        q[i] = f_qkv[at.row * 3u * width4 + at.head * HEAD4 + i] * params.scale;
        out[i] = vec4f(0.0);
    }
    var highest = -1e30;
    var sum = 0.0;
    var key = at.first * 3u * width4 + width4 + at.head * HEAD4;
    for (var token = 0u; token < params.tokens; token++) {
        var s4 = vec4f(0.0);
        for (var i = 0u; i < HEAD4; i++) { // unroll
            s4 += q[i] * f_qkv[key + i];
        }
        let score = dot(s4, vec4f(1.0));
        if (score > highest) {
            let shrink = exp(highest - score);
            sum *= shrink;
            for (var i = 0u; i < HEAD4; i++) { // unroll
                out[i] *= shrink;
            }
            highest = score;
        }
        let p = exp(score - highest);
        sum += p;
        for (var i = 0u; i < HEAD4; i++) { // unroll
            out[i] += p * f_qkv[key + width4 + i];
        }
        key += 3u * width4;
    }
    for (var i = 0u; i < HEAD4; i++) { // unroll
        f_out[at.row * width4 + at.head * HEAD4 + i] = out[i] / sum;
    }
    f_lse[at.row * params.heads + at.head] = highest + log(sum);
}

// --- backward to the queries; also delta = sum(d_out * out) = sum(p * d_p), which the next entry point reads
@group(0) @binding(0) var<storage, read>       q_qkv: array<vec4f>;     // (rows, 3 D)
@group(0) @binding(1) var<storage, read>       q_out: array<vec4f>;     // (rows, D)
@group(0) @binding(2) var<storage, read>       q_lse: array<f32>;       // (rows, heads)
@group(0) @binding(3) var<storage, read>       q_d_out: array<vec4f>;   // (rows, D)
@group(0) @binding(4) var<storage, read_write> q_d_qkv: array<vec4f>;   // (rows, 3 D): the q part
@group(0) @binding(5) var<storage, read_write> q_delta: array<f32>;     // (rows, heads)
@group(0) @binding(6) var<uniform>             q_params: AttentionParams;

@compute @workgroup_size(64)
fn attention_backward_query(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = q_params;
    let at = place(params, (wg.x + wg.y * 32768u) * 64u + lane);
    if (!at.inside) {
        return;
    }
    let width4 = params.width / 4u;
    var q: array<vec4f, HEAD4>;
    var d_out: array<vec4f, HEAD4>;
    var d_q: array<vec4f, HEAD4>;
    var delta4 = vec4f(0.0);
    for (var i = 0u; i < HEAD4; i++) { // unroll
        q[i] = q_qkv[at.row * 3u * width4 + at.head * HEAD4 + i] * params.scale;
        d_out[i] = q_d_out[at.row * width4 + at.head * HEAD4 + i];
        d_q[i] = vec4f(0.0);
        delta4 += d_out[i] * q_out[at.row * width4 + at.head * HEAD4 + i];
    }
    let delta = dot(delta4, vec4f(1.0));
    let lse = q_lse[at.row * params.heads + at.head];
    // What the gradients of this row's scores add up to: zero but for rounding. Without it in delta the
    // gradient of the key bias, zero in theory, is up to five times noisier, and Adam makes steps of it.
    var rest = 0.0;
    var key = at.first * 3u * width4 + width4 + at.head * HEAD4;
    for (var token = 0u; token < params.tokens; token++) {
        var s4 = vec4f(0.0);
        var d_p4 = vec4f(0.0);
        for (var i = 0u; i < HEAD4; i++) { // unroll
            s4 += q[i] * q_qkv[key + i];
            d_p4 += d_out[i] * q_qkv[key + width4 + i];
        }
        let p = exp(dot(s4, vec4f(1.0)) - lse);
        let d_score = p * (dot(d_p4, vec4f(1.0)) - delta);
        rest += d_score;
        let d_s = d_score * params.scale;
        for (var i = 0u; i < HEAD4; i++) { // unroll
            d_q[i] += d_s * q_qkv[key + i];
        }
        key += 3u * width4;
    }
    q_delta[at.row * params.heads + at.head] = delta + rest;
    for (var i = 0u; i < HEAD4; i++) { // unroll
        q_d_qkv[at.row * 3u * width4 + at.head * HEAD4 + i] = d_q[i];
    }
}

// --- backward to keys and values
@group(0) @binding(0) var<storage, read>       k_qkv: array<vec4f>;    // (rows, 3 D)
@group(0) @binding(1) var<storage, read>       k_lse: array<f32>;      // (rows, heads)
@group(0) @binding(2) var<storage, read>       k_d_out: array<vec4f>;  // (rows, D)
@group(0) @binding(3) var<storage, read>       k_delta: array<f32>;    // (rows, heads)
@group(0) @binding(4) var<storage, read_write> k_d_qkv: array<vec4f>;  // (rows, 3 D): the k and v parts
@group(0) @binding(5) var<uniform>             k_params: AttentionParams;

@compute @workgroup_size(64)
fn attention_backward_key_value(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = k_params;
    let at = place(params, (wg.x + wg.y * 32768u) * 64u + lane);
    if (!at.inside) {
        return;
    }
    let width4 = params.width / 4u;
    let own = at.row * 3u * width4 + width4 + at.head * HEAD4;
    var k: array<vec4f, HEAD4>;
    var v: array<vec4f, HEAD4>;
    var d_k: array<vec4f, HEAD4>;
    var d_v: array<vec4f, HEAD4>;
    for (var i = 0u; i < HEAD4; i++) { // unroll
        k[i] = k_qkv[own + i] * params.scale;
        v[i] = k_qkv[own + width4 + i];
        d_k[i] = vec4f(0.0);
        d_v[i] = vec4f(0.0);
    }
    for (var token = 0u; token < params.tokens; token++) {
        let row = at.first + token;
        let q = row * 3u * width4 + at.head * HEAD4;
        let o = row * width4 + at.head * HEAD4;
        var s4 = vec4f(0.0);
        var d_p4 = vec4f(0.0);
        for (var i = 0u; i < HEAD4; i++) { // unroll
            s4 += k[i] * k_qkv[q + i];
            d_p4 += v[i] * k_d_out[o + i];
        }
        let p = exp(dot(s4, vec4f(1.0)) - k_lse[row * params.heads + at.head]);
        let d_s = p * (dot(d_p4, vec4f(1.0)) - k_delta[row * params.heads + at.head]) * params.scale;
        for (var i = 0u; i < HEAD4; i++) { // unroll
            d_k[i] += d_s * k_qkv[q + i];
            d_v[i] += p * k_d_out[o + i];
        }
    }
    for (var i = 0u; i < HEAD4; i++) { // unroll
        k_d_qkv[own + i] = d_k[i];
        k_d_qkv[own + width4 + i] = d_v[i];
    }
}
