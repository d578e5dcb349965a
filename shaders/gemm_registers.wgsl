// Matrix product without workgroup memory: one invocation owns ROWS x 4 COLS4 results in registers
// and reads vec4s through the cache. Wins on software adapters, where workgroup memory and barriers
// cost more than they save, and on some GPUs.

const ROWS: u32 = 8u;   // results of an invocation down; TN: a multiple of 4
const COLS4: u32 = 2u;  // vec4s across
const GX: u32 = 8u;     // workgroup
const GY: u32 = 8u;

alias Results = array<array<vec4f, COLS4>, ROWS>;

fn product_nt(row: u32, column4: u32) -> Results {
    var sum: Results;
    let k4 = (params.k + 3u) / 4u;
    for (var k = 0u; k < k4; k++) {
        var a_row: array<vec4f, ROWS>;
        for (var i = 0u; i < ROWS; i++) {
            a_row[i] = a[min(row + i, params.m - 1u) * (params.lda / 4u) + k];
        }
        for (var j = 0u; j < COLS4; j++) {
            var b_row: array<vec4f, 4>;
            for (var i = 0u; i < 4u; i++) {
                b_row[i] = b[min((column4 + j) * 4u + i, params.n - 1u) * (params.ldb / 4u) + k];
            }
            for (var i = 0u; i < ROWS; i++) {
                sum[i][j] += vec4f(dot(a_row[i], b_row[0]), dot(a_row[i], b_row[1]),
                    dot(a_row[i], b_row[2]), dot(a_row[i], b_row[3]));
            }
        }
    }
    return sum;
}

fn product_nn(row: u32, column4: u32) -> Results {
    var sum: Results;
    let k4 = (params.k + 3u) / 4u;
    let ldb4 = params.ldb / 4u;
    for (var k = 0u; k < k4; k++) {
        var a_row: array<vec4f, ROWS>;
        for (var i = 0u; i < ROWS; i++) {
            a_row[i] = a[min(row + i, params.m - 1u) * (params.lda / 4u) + k];
        }
        for (var j = 0u; j < COLS4; j++) {
            let at = min(column4 + j, ldb4 - 1u);
            // A is zero beyond k, so a repeated last row of B does not count.
            let b0 = b[4u * k * ldb4 + at];
            let b1 = b[min(4u * k + 1u, params.k - 1u) * ldb4 + at];
            let b2 = b[min(4u * k + 2u, params.k - 1u) * ldb4 + at];
            let b3 = b[min(4u * k + 3u, params.k - 1u) * ldb4 + at];
            for (var i = 0u; i < ROWS; i++) {
                sum[i][j] += a_row[i].x * b0 + a_row[i].y * b1 + a_row[i].z * b2 + a_row[i].w * b3;
            }
        }
    }
    return sum;
}

fn product_tn(row: u32, column4: u32, part: u32) -> Results {
    var sum: Results;
    var column_sum: array<vec4f, ROWS / 4u>;
    let lda4 = params.lda / 4u;
    let ldb4 = params.ldb / 4u;
    let last = min((part + 1u) * params.k_per_part, params.k);
    for (var k = part * params.k_per_part; k < last; k++) {
        var b_row: array<vec4f, COLS4>;
        for (var j = 0u; j < COLS4; j++) {
            b_row[j] = b[k * ldb4 + min(column4 + j, ldb4 - 1u)];
        }
        for (var i = 0u; i < ROWS / 4u; i++) {
            let a4 = a[k * lda4 + min(row / 4u + i, lda4 - 1u)];
            column_sum[i] += a4;
            for (var j = 0u; j < COLS4; j++) {
                sum[4u * i][j] += a4.x * b_row[j];
                sum[4u * i + 1u][j] += a4.y * b_row[j];
                sum[4u * i + 2u][j] += a4.z * b_row[j];
                sum[4u * i + 3u][j] += a4.w * b_row[j];
            }
        }
    }
    if (column4 == 0u) {
        for (var i = 0u; i < ROWS / 4u; i++) {
            if (row / 4u + i < lda4) {
                c[(part * params.part_stride + params.m * params.ldc + row) / 4u + i] = column_sum[i];
            }
        }
    }
    return sum;
}

@compute @workgroup_size(GX, GY)
fn gemm_registers(@builtin(global_invocation_id) id: vec3u) {
    let column4 = id.x * COLS4;
    let row = id.y * ROWS;
    if (row >= params.m || column4 * 4u >= params.ldc) {
        return;
    }
    var sum: Results;
    if (FORM == NT) {
        sum = product_nt(row, column4);
    } else if (FORM == NN) {
        sum = product_nn(row, column4);
    } else {
        sum = product_tn(row, column4, id.z);
    }
    for (var i = 0u; i < ROWS; i++) {
        for (var j = 0u; j < COLS4; j++) {
            store(row + i, column4 + j, id.z, sum[i][j]);
        }
    }
}
