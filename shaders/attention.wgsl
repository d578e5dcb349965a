// Multi-head self-attention without a T x T matrix: one invocation owns OWN rows of one head, walks
// the other side once, and keeps everything in registers. The forward pass saves the logarithm of
// each row's softmax denominator, from which the backward passes recompute the probabilities.
// HEAD4 and OWN size private arrays, so they are `const`s rewritten before compilation. Sums inside a
// loop are set to zero in so many words: on SwiftShader an array declared there without a value keeps
// the one of the turn before.

struct AttentionParams {
    first_row: u32,  // first packed row of this resolution
    crops: u32,
    tokens: u32,     // T
    heads: u32,
    width: u32,      // D
    scale: f32,      // head_dim^-1/2
}

const HEAD4: u32 = 16u; // head_dim / 4
// More than one share what they read of the other side. Loads are dear on adapters that are programs;
// a GPU wants its registers for more invocations.
const OWN: u32 = 1u;
const GROUP: u32 = 64u;
// More than one: as many lanes of a workgroup that is one subgroup stay in one head and walk together. A
// lane loads every LANES-th vec4 of what is read of the other side and hands it to the others.
const LANES: u32 = 1u;
const HELD: u32 = 16u; // vec4s that a lane loads of HEAD4: HEAD4 / LANES rounded up

// (crop, head, first token) of an invocation; tokens run fastest, so neighbours read the same keys.
struct Place {
    first: u32,  // packed row of the crop's first token
    token: u32,  // the first that it owns
    head: u32,
}

// Blocks of tokens that invocations, or subgroups that walk together, own: (crops, heads, blocks).
fn blocks(params: AttentionParams) -> u32 {
    return (params.tokens + LANES * OWN - 1u) / (LANES * OWN);
}

fn place(params: AttentionParams, index: u32, lane: u32) -> Place {
    let block = index % blocks(params);
    let head = (index / blocks(params)) % params.heads;
    let crop = index / (blocks(params) * params.heads);
    let first = params.first_row + crop * params.tokens;
    return Place(first, (block * LANES + lane % LANES) * OWN, head);
}

// Packed row of the o-th token that an invocation owns; beyond the last token, the last again.
fn row_of(at: Place, params: AttentionParams, o: u32) -> u32 {
    return at.first + min(at.token + o, params.tokens - 1u);
}

// --- forward
@group(0) @binding(0) var<storage, read>       f_qkv: array<vec4f>;  // (rows, 3 D): q, k, v; each heads * head_dim
@group(0) @binding(1) var<storage, read_write> f_out: array<vec4f>;  // (rows, D)
@group(0) @binding(2) var<storage, read_write> f_lse: array<f32>;    // (rows, heads) log-sum-exp
@group(0) @binding(3) var<uniform>             f_params: AttentionParams;

@compute @workgroup_size(GROUP)
fn attention(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = f_params;
    var index = wg.x + wg.y * 32768u; // the same in all lanes, so that they leave together
    if (LANES == 1u) { // when
        index = index * GROUP + lane;
    }
    if (index >= params.crops * params.heads * blocks(params)) {
        return;
    }
    let at = place(params, index, lane);
    let width4 = params.width / 4u;
    var q: array<vec4f, OWN * HEAD4>;
    var out: array<vec4f, OWN * HEAD4>;
    var highest: array<f32, OWN>;
    var sum: array<f32, OWN>;
    for (var o = 0u; o < OWN; o++) { // unroll
        let own = row_of(at, params, o) * 3u * width4 + at.head * HEAD4;
        for (var i = 0u; i < HEAD4; i++) { // unroll
            q[o * HEAD4 + i] = f_qkv[own + i] * params.scale;
        }
        highest[o] = -1e30;
    }
    var key = at.first * 3u * width4 + width4 + at.head * HEAD4;
    for (var token = 0u; token < params.tokens; token++) {
        var s4: array<vec4f, OWN>;
        for (var o = 0u; o < OWN; o++) { // unroll
            s4[o] = vec4f(0.0);
        }
        var held: array<vec4f, HELD>;
        if (LANES != 1u) { // when
            for (var h = 0u; h < HELD; h++) { // unroll
                held[h] = f_qkv[key + min(h * LANES + lane, HEAD4 - 1u)];
            }
        }
        for (var i = 0u; i < HEAD4; i++) { // unroll
            var k: vec4f;
            if (LANES == 1u) { // when
                k = f_qkv[key + i];
            }
            if (LANES != 1u) { // when
                k = subgroupBroadcast(held[i / LANES], i % LANES);
            }
            for (var o = 0u; o < OWN; o++) { // unroll
                s4[o] += q[o * HEAD4 + i] * k;
            }
        }
        var p: array<f32, OWN>;
        for (var o = 0u; o < OWN; o++) { // unroll
            let score = dot(s4[o], vec4f(1.0));
            if (score > highest[o]) {
                let shrink = exp(highest[o] - score);
                sum[o] *= shrink;
                for (var i = 0u; i < HEAD4; i++) { // unroll
                    out[o * HEAD4 + i] *= shrink;
                }
                highest[o] = score;
            }
            p[o] = exp(score - highest[o]);
            sum[o] += p[o];
        }
        if (LANES != 1u) { // when
            for (var h = 0u; h < HELD; h++) { // unroll
                held[h] = f_qkv[key + width4 + min(h * LANES + lane, HEAD4 - 1u)];
            }
        }
        for (var i = 0u; i < HEAD4; i++) { // unroll
            var v: vec4f;
            if (LANES == 1u) { // when
                v = f_qkv[key + width4 + i];
            }
            if (LANES != 1u) { // when
                v = subgroupBroadcast(held[i / LANES], i % LANES);
            }
            for (var o = 0u; o < OWN; o++) { // unroll
                out[o * HEAD4 + i] += p[o] * v;
            }
        }
        key += 3u * width4;
    }
    for (var o = 0u; o < OWN; o++) { // unroll
        if (at.token + o < params.tokens) {
            let own = row_of(at, params, o);
            for (var i = 0u; i < HEAD4; i++) { // unroll
                f_out[own * width4 + at.head * HEAD4 + i] = out[o * HEAD4 + i] / sum[o];
            }
            f_lse[own * params.heads + at.head] = highest[o] + log(sum[o]);
        }
    }
}

// --- backward to the queries; also delta = sum(d_out * out) = sum(p * d_p), which the next entry point reads
@group(0) @binding(0) var<storage, read>       q_qkv: array<vec4f>;     // (rows, 3 D)
@group(0) @binding(1) var<storage, read>       q_out: array<vec4f>;     // (rows, D)
@group(0) @binding(2) var<storage, read>       q_lse: array<f32>;       // (rows, heads)
@group(0) @binding(3) var<storage, read>       q_d_out: array<vec4f>;   // (rows, D)
@group(0) @binding(4) var<storage, read_write> q_d_qkv: array<vec4f>;   // (rows, 3 D): the q part
@group(0) @binding(5) var<storage, read_write> q_delta: array<f32>;     // (rows, heads)
@group(0) @binding(6) var<uniform>             q_params: AttentionParams;

@compute @workgroup_size(GROUP)
fn attention_backward_query(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = q_params;
    var index = wg.x + wg.y * 32768u; // the same in all lanes, so that they leave together
    if (LANES == 1u) { // when
        index = index * GROUP + lane;
    }
    if (index >= params.crops * params.heads * blocks(params)) {
        return;
    }
    let at = place(params, index, lane);
    let width4 = params.width / 4u;
    var q: array<vec4f, OWN * HEAD4>;
    var d_out: array<vec4f, OWN * HEAD4>;
    var d_q: array<vec4f, OWN * HEAD4>;
    var delta: array<f32, OWN>;
    var lse: array<f32, OWN>;
    for (var o = 0u; o < OWN; o++) { // unroll
        let own = row_of(at, params, o);
        var delta4 = vec4f(0.0);
        for (var i = 0u; i < HEAD4; i++) { // unroll
            let d = q_d_out[own * width4 + at.head * HEAD4 + i];
            delta4 += d * q_out[own * width4 + at.head * HEAD4 + i];
            d_out[o * HEAD4 + i] = d;
            q[o * HEAD4 + i] = q_qkv[own * 3u * width4 + at.head * HEAD4 + i] * params.scale;
        }
        delta[o] = dot(delta4, vec4f(1.0));
        lse[o] = q_lse[own * params.heads + at.head];
    }
    // What the gradients of a row's scores add up to: zero but for rounding. Without it in delta the
    // gradient of the key bias, zero in theory, is up to five times noisier, and Adam makes steps of it.
    var rest: array<f32, OWN>;
    var key = at.first * 3u * width4 + width4 + at.head * HEAD4;
    for (var token = 0u; token < params.tokens; token++) {
        var s4: array<vec4f, OWN>;
        var d_p4: array<vec4f, OWN>;
        for (var o = 0u; o < OWN; o++) { // unroll
            s4[o] = vec4f(0.0);
            d_p4[o] = vec4f(0.0);
        }
        var held_k: array<vec4f, HELD>;
        var held_v: array<vec4f, HELD>;
        if (LANES != 1u) { // when
            for (var h = 0u; h < HELD; h++) { // unroll
                held_k[h] = q_qkv[key + min(h * LANES + lane, HEAD4 - 1u)];
                held_v[h] = q_qkv[key + width4 + min(h * LANES + lane, HEAD4 - 1u)];
            }
        }
        for (var i = 0u; i < HEAD4; i++) { // unroll
            var k: vec4f;
            var v: vec4f;
            if (LANES == 1u) { // when
                k = q_qkv[key + i];
                v = q_qkv[key + width4 + i];
            }
            if (LANES != 1u) { // when
                k = subgroupBroadcast(held_k[i / LANES], i % LANES);
                v = subgroupBroadcast(held_v[i / LANES], i % LANES);
            }
            for (var o = 0u; o < OWN; o++) { // unroll
                s4[o] += q[o * HEAD4 + i] * k;
                d_p4[o] += d_out[o * HEAD4 + i] * v;
            }
        }
        var d_s: array<f32, OWN>;
        for (var o = 0u; o < OWN; o++) { // unroll
            let p = exp(dot(s4[o], vec4f(1.0)) - lse[o]);
            let d_score = p * (dot(d_p4[o], vec4f(1.0)) - delta[o]);
            rest[o] += d_score;
            d_s[o] = d_score * params.scale;
        }
        for (var i = 0u; i < HEAD4; i++) { // unroll
            var k: vec4f;
            if (LANES == 1u) { // when
                k = q_qkv[key + i];
            }
            if (LANES != 1u) { // when
                k = subgroupBroadcast(held_k[i / LANES], i % LANES);
            }
            for (var o = 0u; o < OWN; o++) { // unroll
                d_q[o * HEAD4 + i] += d_s[o] * k;
            }
        }
        key += 3u * width4;
    }
    for (var o = 0u; o < OWN; o++) { // unroll
        if (at.token + o < params.tokens) {
            let own = row_of(at, params, o);
            q_delta[own * params.heads + at.head] = delta[o] + rest[o];
            for (var i = 0u; i < HEAD4; i++) { // unroll
                q_d_qkv[own * 3u * width4 + at.head * HEAD4 + i] = d_q[o * HEAD4 + i];
            }
        }
    }
}

// --- backward to keys and values
@group(0) @binding(0) var<storage, read>       k_qkv: array<vec4f>;    // (rows, 3 D)
@group(0) @binding(1) var<storage, read>       k_lse: array<f32>;      // (rows, heads)
@group(0) @binding(2) var<storage, read>       k_d_out: array<vec4f>;  // (rows, D)
@group(0) @binding(3) var<storage, read>       k_delta: array<f32>;    // (rows, heads)
@group(0) @binding(4) var<storage, read_write> k_d_qkv: array<vec4f>;  // (rows, 3 D): the k and v parts
@group(0) @binding(5) var<uniform>             k_params: AttentionParams;

@compute @workgroup_size(GROUP)
fn attention_backward_key_value(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = k_params;
    var index = wg.x + wg.y * 32768u; // the same in all lanes, so that they leave together
    if (LANES == 1u) { // when
        index = index * GROUP + lane;
    }
    if (index >= params.crops * params.heads * blocks(params)) {
        return;
    }
    let at = place(params, index, lane);
    let width4 = params.width / 4u;
    var k: array<vec4f, OWN * HEAD4>;
    var v: array<vec4f, OWN * HEAD4>;
    var d_k: array<vec4f, OWN * HEAD4>;
    var d_v: array<vec4f, OWN * HEAD4>;
    for (var o = 0u; o < OWN; o++) { // unroll
        let own = row_of(at, params, o) * 3u * width4 + width4 + at.head * HEAD4;
        for (var i = 0u; i < HEAD4; i++) { // unroll
            k[o * HEAD4 + i] = k_qkv[own + i] * params.scale;
            v[o * HEAD4 + i] = k_qkv[own + width4 + i];
        }
    }
    for (var token = 0u; token < params.tokens; token++) {
        let row = at.first + token;
        let query = row * 3u * width4 + at.head * HEAD4;
        let out = row * width4 + at.head * HEAD4;
        let lse = k_lse[row * params.heads + at.head];
        let delta = k_delta[row * params.heads + at.head];
        var s4: array<vec4f, OWN>;
        var d_p4: array<vec4f, OWN>;
        for (var o = 0u; o < OWN; o++) { // unroll
            s4[o] = vec4f(0.0);
            d_p4[o] = vec4f(0.0);
        }
        var held_q: array<vec4f, HELD>;
        var held_d: array<vec4f, HELD>;
        if (LANES != 1u) { // when
            for (var h = 0u; h < HELD; h++) { // unroll
                held_q[h] = k_qkv[query + min(h * LANES + lane, HEAD4 - 1u)];
                held_d[h] = k_d_out[out + min(h * LANES + lane, HEAD4 - 1u)];
            }
        }
        for (var i = 0u; i < HEAD4; i++) { // unroll
            var q: vec4f;
            var d_out: vec4f;
            if (LANES == 1u) { // when
                q = k_qkv[query + i];
                d_out = k_d_out[out + i];
            }
            if (LANES != 1u) { // when
                q = subgroupBroadcast(held_q[i / LANES], i % LANES);
                d_out = subgroupBroadcast(held_d[i / LANES], i % LANES);
            }
            for (var o = 0u; o < OWN; o++) { // unroll
                s4[o] += k[o * HEAD4 + i] * q;
                d_p4[o] += v[o * HEAD4 + i] * d_out;
            }
        }
        var p: array<f32, OWN>;
        var d_s: array<f32, OWN>;
        for (var o = 0u; o < OWN; o++) { // unroll
            p[o] = exp(dot(s4[o], vec4f(1.0)) - lse);
            d_s[o] = p[o] * (dot(d_p4[o], vec4f(1.0)) - delta) * params.scale;
        }
        for (var i = 0u; i < HEAD4; i++) { // unroll
            var q: vec4f;
            var d_out: vec4f;
            if (LANES == 1u) { // when
                q = k_qkv[query + i];
                d_out = k_d_out[out + i];
            }
            if (LANES != 1u) { // when
                q = subgroupBroadcast(held_q[i / LANES], i % LANES);
                d_out = subgroupBroadcast(held_d[i / LANES], i % LANES);
            }
            for (var o = 0u; o < OWN; o++) { // unroll
                d_k[o * HEAD4 + i] += d_s[o] * q;
                d_v[o * HEAD4 + i] += p[o] * d_out;
            }
        }
    }
    for (var o = 0u; o < OWN; o++) { // unroll
        if (at.token + o < params.tokens) {
            let own = row_of(at, params, o) * 3u * width4 + width4 + at.head * HEAD4;
            for (var i = 0u; i < HEAD4; i++) { // unroll
                k_d_qkv[own + i] = d_k[o * HEAD4 + i];
                k_d_qkv[own + width4 + i] = d_v[o * HEAD4 + i];
            }
        }
    }
}
