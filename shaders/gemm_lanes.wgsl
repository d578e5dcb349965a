// Matrix product for adapters with small subgroups (4 or 8 lanes: programs on the CPU), where a load
// is what costs. A subgroup owns ROWS x (LANES * 4 COLS4) results, a lane 4 COLS4 of their columns. A
// value of A is loaded by one lane and handed to the others, so a turn of LANES * 4 rows of A costs a
// lane four loads instead of LANES * 4. Control flow is the same in all lanes: whoever is beyond an
// edge repeats the last row or column and stores nothing.

const LANES: u32 = 8u;  // of a subgroup and of a workgroup
const ROWS: u32 = 32u;  // results down, a multiple of LANES, in TN of 4 LANES
const COLS4: u32 = 1u;  // vec4s across, of one lane
const ROLLED: u32 = 0u; // 1: results are stored in a loop, so that their epilogue is compiled once

@compute @workgroup_size(LANES)
fn gemm_lanes(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let column4 = (group.x * LANES + lane) * COLS4;
    let row = group.y * ROWS;
    let lda4 = params.lda / 4u;
    let ldb4 = params.ldb / 4u;
    var sum: array<vec4f, ROWS * COLS4>; // (ROWS, COLS4)
    if (FORM != TN) { // when
        var a_at: array<u32, ROWS / LANES>;
        for (var h = 0u; h < ROWS / LANES; h++) { // unroll
            a_at[h] = min(row + h * LANES + lane, params.m - 1u) * lda4;
        }
        var b_at: array<u32, COLS4 * 4u>;
        if (FORM == NT) { // when
            for (var j = 0u; j < COLS4 * 4u; j++) { // unroll
                b_at[j] = min(column4 * 4u + j, params.n - 1u) * ldb4;
            }
        }
        let k4 = (params.k + 3u) / 4u;
        for (var k = 0u; k < k4; k++) {
            // A is zero beyond k, so a repeated last row of B does not count.
            if (FORM == NN) { // when
                for (var j = 0u; j < 4u; j++) { // unroll
                    b_at[j] = min(4u * k + j, params.k - 1u) * ldb4;
                }
            }
            var held: array<vec4f, ROWS / LANES>; // row h * LANES + lane
            for (var h = 0u; h < ROWS / LANES; h++) { // unroll
                held[h] = a[a_at[h] + k];
            }
            for (var j = 0u; j < COLS4; j++) { // unroll
                var b_row: array<vec4f, 4>;
                for (var u = 0u; u < 4u; u++) { // unroll
                    if (FORM == NT) { // when
                        b_row[u] = b[b_at[4u * j + u] + k];
                    }
                    if (FORM == NN) { // when
                        b_row[u] = b[b_at[u] + min(column4 + j, ldb4 - 1u)];
                    }
                }
                for (var h = 0u; h < ROWS / LANES; h++) { // unroll
                    for (var i = 0u; i < LANES; i++) { // unroll
                        let a_row = subgroupBroadcast(held[h], i);
                        if (FORM == NT) { // when
                            sum[(h * LANES + i) * COLS4 + j] += vec4f(dot(a_row, b_row[0]), dot(a_row, b_row[1]),
                                dot(a_row, b_row[2]), dot(a_row, b_row[3]));
                        }
                        if (FORM == NN) { // when
                            sum[(h * LANES + i) * COLS4 + j] += a_row.x * b_row[0] + a_row.y * b_row[1]
                                + a_row.z * b_row[2] + a_row.w * b_row[3];
                        }
                    }
                }
            }
        }
    }
    if (FORM == TN) { // when
        var column_sum: array<vec4f, ROWS / 4u / LANES>;
        let last = min((group.z + 1u) * params.k_per_part, params.k);
        // Four rows of k a turn, as in the other forms: a result that was put away for want of registers
        // is fetched once for four multiply-adds.
        for (var k = group.z * params.k_per_part; k < last; k += 4u) {
            var held: array<vec4f, ROWS / LANES>; // [u * ROWS / 4 LANES + h]: vec4 h * LANES + lane of row k + u
            for (var u = 0u; u < 4u; u++) { // unroll
                let at = min(k + u, last - 1u) * lda4;
                for (var h = 0u; h < ROWS / 4u / LANES; h++) { // unroll
                    let a4 = a[at + min(row / 4u + h * LANES + lane, lda4 - 1u)];
                    held[u * (ROWS / 4u / LANES) + h] = select(vec4f(0.0), a4, k + u < last);
                    column_sum[h] += held[u * (ROWS / 4u / LANES) + h];
                }
            }
            for (var j = 0u; j < COLS4; j++) { // unroll
                var b_row: array<vec4f, 4>;
                for (var u = 0u; u < 4u; u++) { // unroll
                    b_row[u] = b[min(k + u, last - 1u) * ldb4 + min(column4 + j, ldb4 - 1u)];
                }
                for (var h = 0u; h < ROWS / 4u / LANES; h++) { // unroll
                    for (var i = 0u; i < LANES; i++) { // unroll
                        var a_row: array<vec4f, 4>;
                        for (var u = 0u; u < 4u; u++) { // unroll
                            a_row[u] = subgroupBroadcast(held[u * (ROWS / 4u / LANES) + h], i);
                        }
                        sum[(4u * (h * LANES + i)) * COLS4 + j] +=
                            a_row[0].x * b_row[0] + a_row[1].x * b_row[1] + a_row[2].x * b_row[2] + a_row[3].x * b_row[3];
                        sum[(4u * (h * LANES + i) + 1u) * COLS4 + j] +=
                            a_row[0].y * b_row[0] + a_row[1].y * b_row[1] + a_row[2].y * b_row[2] + a_row[3].y * b_row[3];
                        sum[(4u * (h * LANES + i) + 2u) * COLS4 + j] +=
                            a_row[0].z * b_row[0] + a_row[1].z * b_row[1] + a_row[2].z * b_row[2] + a_row[3].z * b_row[3];
                        sum[(4u * (h * LANES + i) + 3u) * COLS4 + j] +=
                            a_row[0].w * b_row[0] + a_row[1].w * b_row[1] + a_row[2].w * b_row[2] + a_row[3].w * b_row[3];
                    }
                }
            }
        }
        if (group.x == 0u) {
            for (var h = 0u; h < ROWS / 4u / LANES; h++) { // unroll
                store_column_sum(row / 4u + h * LANES + lane, group.z, column_sum[h]);
            }
        }
    }
    if (ROLLED == 0u) { // when
        for (var i = 0u; i < ROWS; i++) { // unroll
            for (var j = 0u; j < COLS4; j++) { // unroll
                store(row + i, column4 + j, group.z, sum[i * COLS4 + j]);
            }
        }
    }
    if (ROLLED == 1u) { // when
        // A copy, so that `sum` is indexed by literals only and stays in registers.
        var result = sum;
        for (var i = 0u; i < ROWS * COLS4; i++) {
            store(row + i / COLS4, column4 + i % COLS4, group.z, result[i]);
        }
    }
}
