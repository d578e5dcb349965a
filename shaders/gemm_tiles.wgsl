// Matrix product through workgroup memory: a workgroup of 16 x 16 owns a tile of 16 ROWS x 64 COLS4
// results; invocation (x, y) owns ROWS neighbouring rows and the vec4 columns x + 16 j.
// K_STEP values of k at a time are copied to workgroup memory, both operands k-major.

const ROWS: u32 = 4u;   // results of an invocation down, a multiple of 4
const COLS4: u32 = 1u;  // vec4s across
const K_STEP: u32 = 16u;
const SIDE: u32 = 16u;
const TILE_M: u32 = SIDE * ROWS;
const TILE_N4: u32 = SIDE * COLS4;

var<workgroup> a_tile: array<f32, K_STEP * TILE_M>;    // (K_STEP, TILE_M)
var<workgroup> b_tile: array<array<f32, 4>, K_STEP * TILE_N4>; // (K_STEP, TILE_N4)

// Copies four values of A, zero from k_end on: along k where its rows run along k, else down the tile.
fn load_a(index: u32, row: u32, k: u32, k_end: u32) {
    if (FORM == TN) {
        let at = index % (TILE_M / 4u);
        let kk = index / (TILE_M / 4u);
        let column4 = min(row / 4u + at, params.lda / 4u - 1u);
        let value = a[min(k + kk, params.k - 1u) * (params.lda / 4u) + column4];
        for (var i = 0u; i < 4u; i++) {
            a_tile[kk * TILE_M + at * 4u + i] = select(0.0, value[i], k + kk < k_end);
        }
    } else {
        let kk = (index % (K_STEP / 4u)) * 4u;
        let at = index / (K_STEP / 4u);
        let k4 = min((k + kk) / 4u, params.lda / 4u - 1u);
        let value = a[min(row + at, params.m - 1u) * (params.lda / 4u) + k4];
        for (var i = 0u; i < 4u; i++) {
            a_tile[(kk + i) * TILE_M + at] = select(0.0, value[i], k + kk + i < k_end);
        }
    }
}

// The same for B: along k in NT, else along the tile.
fn load_b(index: u32, column4: u32, k: u32, k_end: u32) {
    if (FORM == NT) {
        let kk = (index % (K_STEP / 4u)) * 4u;
        let at = index / (K_STEP / 4u);
        let k4 = min((k + kk) / 4u, params.ldb / 4u - 1u);
        let value = b[min(column4 * 4u + at, params.n - 1u) * (params.ldb / 4u) + k4];
        for (var i = 0u; i < 4u; i++) {
            b_tile[(kk + i) * TILE_N4 + at / 4u][at % 4u] = select(0.0, value[i], k + kk + i < k_end);
        }
    } else {
        let at = index % TILE_N4;
        let kk = index / TILE_N4;
        let value = b[min(k + kk, params.k - 1u) * (params.ldb / 4u) + min(column4 + at, params.ldb / 4u - 1u)];
        for (var i = 0u; i < 4u; i++) {
            b_tile[kk * TILE_N4 + at][i] = select(0.0, value[i], k + kk < k_end);
        }
    }
}

@compute @workgroup_size(SIDE, SIDE)
fn gemm_tiles(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let row = wg.y * TILE_M;
    let column4 = wg.x * TILE_N4;
    let lane = id.y * SIDE + id.x;
    var k_begin = 0u;
    var k_end = params.k;
    if (FORM == TN) {
        k_begin = wg.z * params.k_per_part;
        k_end = min(k_begin + params.k_per_part, params.k);
    }
    var sum: array<array<vec4f, COLS4>, ROWS>;
    var column_sum: array<f32, ROWS>;
    for (var k = k_begin; k < k_end; k += K_STEP) {
        for (var i = lane; i < K_STEP * TILE_M / 4u; i += SIDE * SIDE) {
            load_a(i, row, k, k_end);
        }
        for (var i = lane; i < K_STEP * TILE_N4; i += SIDE * SIDE) {
            load_b(i, column4, k, k_end);
        }
        workgroupBarrier();
        for (var kk = 0u; kk < K_STEP; kk++) {
            var b_row: array<vec4f, COLS4>;
            for (var j = 0u; j < COLS4; j++) {
                let value = b_tile[kk * TILE_N4 + id.x + SIDE * j];
                b_row[j] = vec4f(value[0], value[1], value[2], value[3]);
            }
            for (var i = 0u; i < ROWS; i++) {
                let a_value = a_tile[kk * TILE_M + id.y * ROWS + i];
                if (FORM == TN) {
                    column_sum[i] += a_value;
                }
                for (var j = 0u; j < COLS4; j++) {
                    sum[i][j] += a_value * b_row[j];
                }
            }
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < ROWS; i++) {
        for (var j = 0u; j < COLS4; j++) {
            store(row + id.y * ROWS + i, column4 + id.x + SIDE * j, wg.z, sum[i][j]);
        }
    }
    if (FORM == TN && column4 == 0u && id.x == 0u) {
        for (var i = 0u; i < ROWS; i += 4u) {
            store_column_sum((row + id.y * ROWS + i) / 4u, wg.z,
                vec4f(column_sum[i], column_sum[i + 1u], column_sum[i + 2u], column_sum[i + 3u]));
        }
    }
}
