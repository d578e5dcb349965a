// Moves between crops and packed token rows: all global crops first, then all local ones, each crop
// CLS first. One invocation handles four neighbouring values of one row.

struct TokenParams {
    global_crops: u32,
    global_tokens: u32,  // Tg
    local_crops: u32,
    local_tokens: u32,   // Tl, at least 1
    width: u32,          // D, a multiple of 4
    scaled: u32,         // scatter_cls: also write d_branch
}

struct Token {
    crop: u32,
    token: u32,
    position: u32,  // row of the position table: 0..Tg for globals, then Tl for locals
}

fn rows_of(p: TokenParams) -> u32 {
    return p.global_crops * p.global_tokens + p.local_crops * p.local_tokens;
}

fn token_of(p: TokenParams, row: u32) -> Token {
    let global_rows = p.global_crops * p.global_tokens;
    if (row < global_rows) {
        let token = row % p.global_tokens;
        return Token(row / p.global_tokens, token, token);
    }
    let local_row = row - global_rows;
    let token = local_row % p.local_tokens;
    return Token(p.global_crops + local_row / p.local_tokens, token, p.global_tokens + token);
}

// --- x = (patch embedding, or cls_token in row 0) + position
@group(0) @binding(0) var<storage, read>       e_position: array<vec4f>;  // (Tg + Tl, D)
@group(0) @binding(1) var<storage, read>       e_cls: array<vec4f>;       // (D)
@group(0) @binding(2) var<storage, read_write> e_x: array<vec4f>;         // (rows, D) patch embeddings in
@group(0) @binding(3) var<uniform>             e_params: TokenParams;

@compute @workgroup_size(64)
fn embed(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width4 = e_params.width / 4u;
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    let row = index / width4;
    let column = index % width4;
    if (row >= rows_of(e_params)) {
        return;
    }
    let at = token_of(e_params, row);
    var value = e_x[index];
    if (at.token == 0u) {
        value = e_cls[column];
    }
    e_x[index] = value + e_position[at.position * width4 + column];
}

// --- gradient of the position table: the sum over the crops of each resolution
@group(0) @binding(0) var<storage, read>       p_d_x: array<vec4f>;         // (rows, D)
@group(0) @binding(1) var<storage, read_write> p_d_position: array<vec4f>;  // (Tg + Tl, D)
@group(0) @binding(2) var<uniform>             p_params: TokenParams;

@compute @workgroup_size(64)
fn sum_over_crops(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width4 = p_params.width / 4u;
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    var token = index / width4;
    let column = index % width4;
    var crops = p_params.global_crops;
    var tokens = p_params.global_tokens;
    var first = 0u;
    if (token >= tokens) {
        token -= tokens;
        first = crops * tokens;
        crops = p_params.local_crops;
        tokens = p_params.local_tokens;
        if (crops == 0u || token >= tokens) {
            return;
        }
    }
    var sum = vec4f(0.0);
    for (var crop = 0u; crop < crops; crop++) {
        sum += p_d_x[(first + crop * tokens + token) * width4 + column];
    }
    p_d_position[index] = sum;
}

// --- CLS rows of all crops, gathered
@group(0) @binding(0) var<storage, read>       g_x: array<vec4f>;    // (rows, D)
@group(0) @binding(1) var<storage, read_write> g_cls: array<vec4f>;  // (crops, D)
@group(0) @binding(2) var<uniform>             g_params: TokenParams;

@compute @workgroup_size(64)
fn gather_cls(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width4 = g_params.width / 4u;
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    let crop = index / width4;
    if (crop >= g_params.global_crops + g_params.local_crops) {
        return;
    }
    var row = crop * g_params.global_tokens;
    if (crop >= g_params.global_crops) {
        row = g_params.global_crops * g_params.global_tokens
            + (crop - g_params.global_crops) * g_params.local_tokens;
    }
    g_cls[index] = g_x[row * width4 + index % width4];
}

// --- the reverse: zero but for the CLS rows, and the same times the last branch's drop-path scale
@group(0) @binding(0) var<storage, read>       s_d_cls: array<vec4f>;     // (crops, D)
@group(0) @binding(1) var<storage, read>       s_scale: array<f32>;       // (crops)
@group(0) @binding(2) var<storage, read_write> s_d_x: array<vec4f>;       // (rows, D)
@group(0) @binding(3) var<storage, read_write> s_d_branch: array<vec4f>;  // (rows, D)
@group(0) @binding(4) var<uniform>             s_params: TokenParams;

@compute @workgroup_size(64)
fn scatter_cls(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let width4 = s_params.width / 4u;
    let index = (wg.x + wg.y * 32768u) * 64u + lane;
    let row = index / width4;
    if (row >= rows_of(s_params)) {
        return;
    }
    let at = token_of(s_params, row);
    var value = vec4f(0.0);
    if (at.token == 0u) {
        value = s_d_cls[at.crop * width4 + index % width4];
    }
    s_d_x[index] = value;
    if (s_params.scaled == 1u) {
        s_d_branch[index] = value * s_scale[at.crop];
    }
}
