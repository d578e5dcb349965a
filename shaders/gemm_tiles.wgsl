// Matrix product through workgroup memory: a workgroup of GX x GY invocations owns a tile of ROWS GY x 4 COLS4 GX results;
// invocation (x, y) owns ROWS neighbouring rows and the vec4 columns x + GX j. K_STEP values of k at a time are copied to
// workgroup memory, both operands k-major, in blocks of 4 x 4: where an operand's rows run along k, a block is turned on its
// way. The blocks of the next K_STEP are loaded while those in workgroup memory are multiplied. For a GPU: every vec4 of A
// that is read serves 4 COLS4 multiplications, every vec4 of B ROWS.

const ROWS: u32 = 4u;     // results of an invocation down, a multiple of 4
const COLS4: u32 = 1u;    // vec4s across
const GX: u32 = 8u;       // workgroup
const GY: u32 = 8u;
const A_BLOCKS: u32 = 1u; // blocks that an invocation copies: of the operand's tile, divided by GX GY, rounded up
const B_BLOCKS: u32 = 1u;
const FITS: u32 = 0u;     // 1: m, n and k are multiples of the tile and of K_STEP, so no load is outside
const K_STEP: u32 = 16u;
const K4: u32 = 4u;       // vec4s of a K_STEP
const TILE_M4: u32 = ROWS * GY / 4u;
const TILE_N4: u32 = COLS4 * GX;
// One more than a row has: blocks that are turned would be stored to few banks.
const A_STRIDE: u32 = TILE_M4 + 1u;
const B_STRIDE: u32 = TILE_N4 + 1u;

var<workgroup> a_tile: array<vec4f, K_STEP * A_STRIDE>; // (K_STEP, TILE_M4)
var<workgroup> b_tile: array<vec4f, K_STEP * B_STRIDE>; // (K_STEP, TILE_N4)

// The limit of an index, unless every index is inside.
fn inside(index: u32, end: u32) -> u32 {
    var limited = index;
    if (FITS == 0u) { // when
        limited = min(index, end - 1u);
    }
    return limited;
}

// Block of A: four values of k, each for four rows of C; zero from k_end on.
fn load_a(index: u32, row4: u32, k: u32, k_end: u32) -> mat4x4f {
    var block: mat4x4f;
    if (FORM == TN) { // when
        let at = inside(row4 + index % TILE_M4, params.lda / 4u);
        let first = k + 4u * (index / TILE_M4);
        for (var i = 0u; i < 4u; i++) { // unroll
            let value = a[inside(first + i, params.k) * (params.lda / 4u) + at];
            if (FITS == 1u) { // when
                block[i] = value;
            }
            if (FITS == 0u) { // when
                block[i] = select(vec4f(0.0), value, first + i < k_end);
            }
        }
    }
    if (FORM != TN) { // when
        let k4 = k / 4u + index % K4;
        let at = inside(k4, params.lda / 4u);
        let first = 4u * (row4 + index / K4);
        var turned: mat4x4f;
        for (var i = 0u; i < 4u; i++) { // unroll
            turned[i] = a[inside(first + i, params.m) * (params.lda / 4u) + at];
        }
        block = transpose(turned);
        if (FITS == 0u) { // when
            // Rows are padded with zeros up to lda.
            if (k4 >= params.lda / 4u) {
                block = mat4x4f();
            }
        }
    }
    return block;
}

// Block of B: four values of k, each for four columns of C; beyond k whatever there is, since A is zero there.
fn load_b(index: u32, column4: u32, k: u32) -> mat4x4f {
    var block: mat4x4f;
    if (FORM == NT) { // when
        let at = inside(k / 4u + index % K4, params.ldb / 4u);
        let first = 4u * (column4 + index / K4);
        var turned: mat4x4f;
        for (var i = 0u; i < 4u; i++) { // unroll
            turned[i] = b[inside(first + i, params.n) * (params.ldb / 4u) + at];
        }
        block = transpose(turned);
    }
    if (FORM != NT) { // when
        let at = inside(column4 + index % TILE_N4, params.ldb / 4u);
        let first = k + 4u * (index / TILE_N4);
        for (var i = 0u; i < 4u; i++) { // unroll
            block[i] = b[inside(first + i, params.k) * (params.ldb / 4u) + at];
        }
    }
    return block;
}

fn store_a(index: u32, block: mat4x4f) {
    var first = index / TILE_M4 * 4u * A_STRIDE + index % TILE_M4;
    if (FORM != TN) { // when
        first = index % K4 * 4u * A_STRIDE + index / K4;
    }
    for (var i = 0u; i < 4u; i++) { // unroll
        a_tile[first + i * A_STRIDE] = block[i];
    }
}

fn store_b(index: u32, block: mat4x4f) {
    var first = index / TILE_N4 * 4u * B_STRIDE + index % TILE_N4;
    if (FORM == NT) { // when
        first = index % K4 * 4u * B_STRIDE + index / K4;
    }
    for (var i = 0u; i < 4u; i++) { // unroll
        b_tile[first + i * B_STRIDE] = block[i];
    }
}

@compute @workgroup_size(GX, GY)
fn gemm_tiles(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let row4 = wg.y * TILE_M4;
    let column4 = wg.x * TILE_N4;
    let lane = id.y * GX + id.x;
    var k_begin = 0u;
    var k_end = params.k;
    if (FORM == TN) { // when
        k_begin = wg.z * params.k_per_part;
        k_end = min(k_begin + params.k_per_part, params.k);
    }
    var sum: array<vec4f, ROWS * COLS4>; // (ROWS, COLS4)
    var column_sum: array<vec4f, ROWS / 4u>;
    var a_next: array<mat4x4f, A_BLOCKS>;
    var b_next: array<mat4x4f, B_BLOCKS>;
    for (var i = 0u; i < A_BLOCKS; i++) { // unroll
        a_next[i] = load_a(lane + i * GX * GY, row4, k_begin, k_end);
    }
    for (var i = 0u; i < B_BLOCKS; i++) { // unroll
        b_next[i] = load_b(lane + i * GX * GY, column4, k_begin);
    }
    for (var k = k_begin; k < k_end; k += K_STEP) {
        for (var i = 0u; i < A_BLOCKS; i++) { // unroll
            if (lane + i * GX * GY < TILE_M4 * K4) {
                store_a(lane + i * GX * GY, a_next[i]);
            }
        }
        for (var i = 0u; i < B_BLOCKS; i++) { // unroll
            if (lane + i * GX * GY < TILE_N4 * K4) {
                store_b(lane + i * GX * GY, b_next[i]);
            }
        }
        workgroupBarrier();
        // After the last turn the same once more, and unused.
        let next = select(k, k + K_STEP, k + K_STEP < k_end);
        for (var i = 0u; i < A_BLOCKS; i++) { // unroll
            a_next[i] = load_a(lane + i * GX * GY, row4, next, k_end);
        }
        for (var i = 0u; i < B_BLOCKS; i++) { // unroll
            b_next[i] = load_b(lane + i * GX * GY, column4, next);
        }
        for (var kk = 0u; kk < K_STEP; kk++) {
            var b_row: array<vec4f, COLS4>;
            for (var j = 0u; j < COLS4; j++) { // unroll
                b_row[j] = b_tile[kk * B_STRIDE + id.x + GX * j];
            }
            for (var i = 0u; i < ROWS / 4u; i++) { // unroll
                let a4 = a_tile[kk * A_STRIDE + id.y * (ROWS / 4u) + i];
                if (FORM == TN) { // when
                    column_sum[i] += a4;
                }
                for (var j = 0u; j < COLS4; j++) { // unroll
                    sum[4u * i * COLS4 + j] += a4.x * b_row[j];
                    sum[(4u * i + 1u) * COLS4 + j] += a4.y * b_row[j];
                    sum[(4u * i + 2u) * COLS4 + j] += a4.z * b_row[j];
                    sum[(4u * i + 3u) * COLS4 + j] += a4.w * b_row[j];
                }
            }
        }
        workgroupBarrier();
    }
    let row = 4u * row4 + id.y * ROWS;
    for (var i = 0u; i < ROWS; i++) { // unroll
        for (var j = 0u; j < COLS4; j++) { // unroll
            store(row + i, column4 + id.x + GX * j, wg.z, sum[i * COLS4 + j]);
        }
    }
    if (FORM == TN) { // when
        if (column4 == 0u && id.x == 0u) {
            for (var i = 0u; i < ROWS / 4u; i++) { // unroll
                store_column_sum(row / 4u + i, wg.z, column_sum[i]);
            }
        }
    }
}
