// Matrix product without workgroup memory: one invocation owns ROWS x 4 COLS4 results in registers
// and reads vec4s through the cache. Wins on software adapters, where a load costs about 60 cycles,
// workgroup memory and barriers more than they save, and on some GPUs.

const ROWS: u32 = 8u;   // results of an invocation down, a multiple of 4
const COLS4: u32 = 2u;  // vec4s across
const GX: u32 = 8u;     // workgroup
const GY: u32 = 8u;
const ROLLED: u32 = 0u; // 1: results are stored in a loop, so that their epilogue is compiled once

@compute @workgroup_size(GX, GY)
fn gemm_registers(@builtin(global_invocation_id) id: vec3u) {
    let column4 = id.x * COLS4;
    let row = id.y * ROWS;
    if (row >= params.m || column4 * 4u >= params.ldc) {
        return;
    }
    let lda4 = params.lda / 4u;
    let ldb4 = params.ldb / 4u;
    var sum: array<vec4f, ROWS * COLS4>; // (ROWS, COLS4)
    if (FORM == NT) { // when
        // Offsets of the rows that this invocation reads; rows beyond the edge repeat the last one.
        var a_at: array<u32, ROWS>;
        var b_at: array<u32, COLS4 * 4u>;
        for (var i = 0u; i < ROWS; i++) { // unroll
            a_at[i] = min(row + i, params.m - 1u) * lda4;
        }
        for (var j = 0u; j < COLS4 * 4u; j++) { // unroll
            b_at[j] = min(column4 * 4u + j, params.n - 1u) * ldb4;
        }
        let k4 = (params.k + 3u) / 4u;
        for (var k = 0u; k < k4; k++) {
            var a_row: array<vec4f, ROWS>;
            for (var i = 0u; i < ROWS; i++) { // unroll
                a_row[i] = a[a_at[i] + k];
            }
            for (var j = 0u; j < COLS4; j++) { // unroll
                let b0 = b[b_at[4u * j] + k];
                let b1 = b[b_at[4u * j + 1u] + k];
                let b2 = b[b_at[4u * j + 2u] + k];
                let b3 = b[b_at[4u * j + 3u] + k];
                for (var i = 0u; i < ROWS; i++) { // unroll
                    sum[i * COLS4 + j] += vec4f(dot(a_row[i], b0), dot(a_row[i], b1),
                        dot(a_row[i], b2), dot(a_row[i], b3));
                }
            }
        }
    }
    if (FORM == NN) { // when
        var a_at: array<u32, ROWS>;
        for (var i = 0u; i < ROWS; i++) { // unroll
            a_at[i] = min(row + i, params.m - 1u) * lda4;
        }
        let k4 = (params.k + 3u) / 4u;
        for (var k = 0u; k < k4; k++) {
            var a_row: array<vec4f, ROWS>;
            for (var i = 0u; i < ROWS; i++) { // unroll
                a_row[i] = a[a_at[i] + k];
            }
            // A is zero beyond k, so a repeated last row of B does not count.
            let b_at0 = 4u * k * ldb4;
            let b_at1 = min(4u * k + 1u, params.k - 1u) * ldb4;
            let b_at2 = min(4u * k + 2u, params.k - 1u) * ldb4;
            let b_at3 = min(4u * k + 3u, params.k - 1u) * ldb4;
            for (var j = 0u; j < COLS4; j++) { // unroll
                let at = min(column4 + j, ldb4 - 1u);
                let b0 = b[b_at0 + at];
                let b1 = b[b_at1 + at];
                let b2 = b[b_at2 + at];
                let b3 = b[b_at3 + at];
                for (var i = 0u; i < ROWS; i++) { // unroll
                    sum[i * COLS4 + j] += a_row[i].x * b0 + a_row[i].y * b1 + a_row[i].z * b2 + a_row[i].w * b3;
                }
            }
        }
    }
    if (FORM == TN) { // when
        var column_sum: array<vec4f, ROWS / 4u>;
        let last = min((id.z + 1u) * params.k_per_part, params.k);
        // Several rows of k a turn: sums that live across turns cost a software adapter moves (16 x 16
        // results, SwiftShader: 1.5 GFLOP per CPU second with one row, 2.4 with four).
        for (var k = id.z * params.k_per_part; k < last; k += ROWS / 4u) {
            for (var u = 0u; u < ROWS / 4u; u++) { // unroll
                let inside = k + u < last;
                let at = min(k + u, last - 1u);
                var b_row: array<vec4f, COLS4>;
                for (var j = 0u; j < COLS4; j++) { // unroll
                    b_row[j] = b[at * ldb4 + min(column4 + j, ldb4 - 1u)];
                }
                for (var i = 0u; i < ROWS / 4u; i++) { // unroll
                    let a4 = select(vec4f(0.0), a[at * lda4 + min(row / 4u + i, lda4 - 1u)], inside);
                    column_sum[i] += a4;
                    for (var j = 0u; j < COLS4; j++) { // unroll
                        sum[4u * i * COLS4 + j] += a4.x * b_row[j];
                        sum[(4u * i + 1u) * COLS4 + j] += a4.y * b_row[j];
                        sum[(4u * i + 2u) * COLS4 + j] += a4.z * b_row[j];
                        sum[(4u * i + 3u) * COLS4 + j] += a4.w * b_row[j];
                    }
                }
            }
        }
        if (column4 == 0u) {
            for (var i = 0u; i < ROWS / 4u; i++) { // unroll
                store_column_sum(row / 4u + i, id.z, column_sum[i]);
            }
        }
    }
    if (ROLLED == 0u) { // when
        for (var i = 0u; i < ROWS; i++) { // unroll
            for (var j = 0u; j < COLS4; j++) { // unroll
                store(row + i, column4 + j, id.z, sum[i * COLS4 + j]);
            }
        }
    }
    if (ROLLED == 1u) { // when
        // A copy, so that `sum` is indexed by literals only and stays in registers.
        var result = sum;
        for (var i = 0u; i < ROWS * COLS4; i++) {
            store(row + i / COLS4, column4 + i % COLS4, id.z, result[i]);
        }
    }
}
