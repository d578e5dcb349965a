// Multi-head self-attention without a T x T matrix, for GPUs: SPLIT lanes share a row of one head, 16 of its dimensions each
// where a head has a multiple of 16, and a workgroup owns GROUP / SPLIT rows of one head of one crop. The other side passes
// through workgroup memory, KEYS tokens at a time, so that it is read once for all rows of the workgroup, and no invocation
// keeps more than four times 16 floats: what it owns stays in registers. The lanes' parts of a score meet in workgroup
// memory. Same results as attention.wgsl up to rounding.

struct AttentionParams {
    first_row: u32,  // first packed row of this resolution
    crops: u32,
    tokens: u32,     // T
    heads: u32,
    width: u32,      // D
    scale: f32,      // head_dim^-1/2
}

const HEAD4: u32 = 16u; // head_dim / 4
const SPLIT: u32 = 4u;  // lanes of a row
const HELD: u32 = 4u;   // vec4s of a row that a lane owns: HEAD4 / SPLIT
const GROUP: u32 = 64u;
const KEYS: u32 = 8u;   // tokens of the other side at a time
const ROWS: u32 = GROUP / SPLIT;

var<workgroup> left: array<vec4f, KEYS * HEAD4>;       // (KEYS, HEAD4) keys, or queries
var<workgroup> right: array<vec4f, KEYS * HEAD4>;      // (KEYS, HEAD4) values, or gradients of the output
var<workgroup> parts: array<vec2f, KEYS * GROUP>;      // (KEYS, GROUP) a lane's part of a score, and of its gradient
var<workgroup> scores: array<vec2f, KEYS * ROWS>;      // (KEYS, ROWS) the sums of the lanes
var<workgroup> row_parts: array<f32, GROUP>;           // a lane's part of a row's delta

// What an invocation owns: a row of a head of a crop, and a share of its dimensions.
struct Place {
    first: u32, // packed row of the crop's first token
    token: u32,
    head: u32,
    row: u32,   // of the workgroup
    part: u32,
    more: bool, // there is such a workgroup
}

fn place(params: AttentionParams, group: u32, lane: u32) -> Place {
    let blocks = (params.tokens + ROWS - 1u) / ROWS;
    let block = group % blocks;
    let head = (group / blocks) % params.heads;
    let crop = group / (blocks * params.heads);
    let row = lane / SPLIT;
    return Place(params.first_row + crop * params.tokens, block * ROWS + row, head, row, lane % SPLIT, crop < params.crops);
}

// Sums the lanes' parts for the keys of this turn; between barriers.
fn meet(at: Place) {
    for (var key = at.part; key < KEYS; key += SPLIT) {
        var sum = vec2f(0.0);
        for (var s = 0u; s < SPLIT; s++) { // unroll
            sum += parts[key * GROUP + at.row * SPLIT + s];
        }
        scores[key * ROWS + at.row] = sum;
    }
}

// --- forward
@group(0) @binding(0) var<storage, read>       f_qkv: array<vec4f>;  // (rows, 3 D): q, k, v; each heads * head_dim
@group(0) @binding(1) var<storage, read_write> f_out: array<vec4f>;  // (rows, D)
@group(0) @binding(2) var<storage, read_write> f_lse: array<f32>;    // (rows, heads) log-sum-exp
@group(0) @binding(3) var<uniform>             f_params: AttentionParams;

@compute @workgroup_size(GROUP)
fn attention_shared(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = f_params;
    let at = place(params, wg.x + wg.y * 32768u, lane);
    // The same in the whole workgroup.
    if (!place(params, wg.x + wg.y * 32768u, 0u).more) {
        return;
    }
    let width4 = params.width / 4u;
    let own = at.first + min(at.token, params.tokens - 1u);
    let share = at.head * HEAD4 + at.part * HELD;
    var q: array<vec4f, HELD>;
    var out: array<vec4f, HELD>;
    for (var i = 0u; i < HELD; i++) { // unroll
        q[i] = f_qkv[own * 3u * width4 + share + i] * params.scale;
    }
    var highest = -1e30;
    var sum = 0.0;
    for (var first = 0u; first < params.tokens; first += KEYS) {
        for (var i = lane; i < KEYS * HEAD4; i += GROUP) {
            let token = at.first + min(first + i / HEAD4, params.tokens - 1u);
            let key = token * 3u * width4 + width4 + at.head * HEAD4 + i % HEAD4;
            left[i] = f_qkv[key];
            right[i] = f_qkv[key + width4];
        }
        workgroupBarrier();
        for (var key = 0u; key < KEYS; key++) {
            var part = vec4f(0.0);
            for (var i = 0u; i < HELD; i++) { // unroll
                part += q[i] * left[key * HEAD4 + at.part * HELD + i];
            }
            parts[key * GROUP + lane] = vec2f(dot(part, vec4f(1.0)), 0.0);
        }
        workgroupBarrier();
        meet(at);
        workgroupBarrier();
        let count = min(KEYS, params.tokens - first);
        var now = highest;
        for (var key = 0u; key < count; key++) {
            now = max(now, scores[key * ROWS + at.row].x);
        }
        let shrink = exp(highest - now);
        sum *= shrink;
        for (var i = 0u; i < HELD; i++) { // unroll
            out[i] *= shrink;
        }
        highest = now;
        for (var key = 0u; key < count; key++) {
            let p = exp(scores[key * ROWS + at.row].x - highest);
            sum += p;
            for (var i = 0u; i < HELD; i++) { // unroll
                out[i] += p * right[key * HEAD4 + at.part * HELD + i];
            }
        }
        workgroupBarrier();
    }
    if (at.token < params.tokens) {
        for (var i = 0u; i < HELD; i++) { // unroll
            f_out[own * width4 + share + i] = out[i] / sum;
        }
        if (at.part == 0u) {
            f_lse[own * params.heads + at.head] = highest + log(sum);
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
fn attention_shared_query(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = q_params;
    let at = place(params, wg.x + wg.y * 32768u, lane);
    if (!place(params, wg.x + wg.y * 32768u, 0u).more) {
        return;
    }
    let width4 = params.width / 4u;
    let own = at.first + min(at.token, params.tokens - 1u);
    let share = at.head * HEAD4 + at.part * HELD;
    var q: array<vec4f, HELD>;
    var d_out: array<vec4f, HELD>;
    var d_q: array<vec4f, HELD>;
    var delta4 = vec4f(0.0);
    for (var i = 0u; i < HELD; i++) { // unroll
        q[i] = q_qkv[own * 3u * width4 + share + i] * params.scale;
        d_out[i] = q_d_out[own * width4 + share + i];
        delta4 += d_out[i] * q_out[own * width4 + share + i];
    }
    row_parts[lane] = dot(delta4, vec4f(1.0));
    let lse = q_lse[own * params.heads + at.head];
    workgroupBarrier();
    var delta = 0.0;
    for (var s = 0u; s < SPLIT; s++) { // unroll
        delta += row_parts[at.row * SPLIT + s];
    }
    // What the gradients of a row's scores add up to, see attention.wgsl.
    var rest = 0.0;
    for (var first = 0u; first < params.tokens; first += KEYS) {
        for (var i = lane; i < KEYS * HEAD4; i += GROUP) {
            let token = at.first + min(first + i / HEAD4, params.tokens - 1u);
            let key = token * 3u * width4 + width4 + at.head * HEAD4 + i % HEAD4;
            left[i] = q_qkv[key];
            right[i] = q_qkv[key + width4];
        }
        workgroupBarrier();
        for (var key = 0u; key < KEYS; key++) {
            var s4 = vec4f(0.0);
            var d_p4 = vec4f(0.0);
            for (var i = 0u; i < HELD; i++) { // unroll
                s4 += q[i] * left[key * HEAD4 + at.part * HELD + i];
                d_p4 += d_out[i] * right[key * HEAD4 + at.part * HELD + i];
            }
            parts[key * GROUP + lane] = vec2f(dot(s4, vec4f(1.0)), dot(d_p4, vec4f(1.0)));
        }
        workgroupBarrier();
        meet(at);
        workgroupBarrier();
        let count = min(KEYS, params.tokens - first);
        for (var key = 0u; key < count; key++) {
            let score = scores[key * ROWS + at.row];
            let d_score = exp(score.x - lse) * (score.y - delta);
            rest += d_score;
            for (var i = 0u; i < HELD; i++) { // unroll
                d_q[i] += d_score * params.scale * left[key * HEAD4 + at.part * HELD + i];
            }
        }
        workgroupBarrier();
    }
    if (at.token < params.tokens) {
        for (var i = 0u; i < HELD; i++) { // unroll
            q_d_qkv[own * 3u * width4 + share + i] = d_q[i];
        }
        if (at.part == 0u) {
            q_delta[own * params.heads + at.head] = delta + rest;
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
fn attention_shared_key_value(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let params = k_params;
    let at = place(params, wg.x + wg.y * 32768u, lane);
    if (!place(params, wg.x + wg.y * 32768u, 0u).more) {
        return;
    }
    let width4 = params.width / 4u;
    let own = (at.first + min(at.token, params.tokens - 1u)) * 3u * width4 + width4 + at.head * HEAD4 + at.part * HELD;
    var k: array<vec4f, HELD>;
    var v: array<vec4f, HELD>;
    var d_k: array<vec4f, HELD>;
    var d_v: array<vec4f, HELD>;
    for (var i = 0u; i < HELD; i++) { // unroll
        k[i] = k_qkv[own + i] * params.scale;
        v[i] = k_qkv[own + width4 + i];
    }
    for (var first = 0u; first < params.tokens; first += KEYS) {
        for (var i = lane; i < KEYS * HEAD4; i += GROUP) {
            let token = at.first + min(first + i / HEAD4, params.tokens - 1u);
            left[i] = k_qkv[token * 3u * width4 + at.head * HEAD4 + i % HEAD4];
            right[i] = k_d_out[token * width4 + at.head * HEAD4 + i % HEAD4];
        }
        workgroupBarrier();
        for (var key = 0u; key < KEYS; key++) {
            var s4 = vec4f(0.0);
            var d_p4 = vec4f(0.0);
            for (var i = 0u; i < HELD; i++) { // unroll
                s4 += k[i] * left[key * HEAD4 + at.part * HELD + i];
                d_p4 += v[i] * right[key * HEAD4 + at.part * HELD + i];
            }
            parts[key * GROUP + lane] = vec2f(dot(s4, vec4f(1.0)), dot(d_p4, vec4f(1.0)));
        }
        workgroupBarrier();
        meet(at);
        workgroupBarrier();
        let count = min(KEYS, params.tokens - first);
        for (var key = 0u; key < count; key++) {
            let row = (at.first + first + key) * params.heads + at.head;
            let score = scores[key * ROWS + at.row];
            let p = exp(score.x - k_lse[row]);
            let d_s = p * (score.y - k_delta[row]) * params.scale;
            for (var i = 0u; i < HELD; i++) { // unroll
                d_k[i] += d_s * left[key * HEAD4 + at.part * HELD + i];
                d_v[i] += p * right[key * HEAD4 + at.part * HELD + i];
            }
        }
        workgroupBarrier();
    }
    if (at.token < params.tokens) {
        for (var i = 0u; i < HELD; i++) { // unroll
            k_d_qkv[own + i] = d_k[i];
            k_d_qkv[own + width4 + i] = d_v[i];
        }
    }
}
