// Sums along rows. A workgroup of GROUP invocations holds GROUP / LANES rows, LANES invocations share
// one. On an adapter that is a program LANES is 1 and nobody waits: there barriers cost more than the
// row, and up to a second to compile. Appended to the shaders that need it.

const LANES: u32 = 16u;
const GROUP: u32 = 64u;

var<workgroup> shared_row: array<vec4f, GROUP>;

// Sum over the invocations of a row, in a fixed order; every one of them gets it.
fn row_sum(lane: u32, value: vec4f) -> vec4f {
    var sum = value;
    if (LANES != 1u) { // when
        shared_row[lane] = value;
        for (var half = LANES / 2u; half > 0u; half /= 2u) {
            workgroupBarrier();
            if (lane % LANES < half) {
                shared_row[lane] += shared_row[lane + half];
            }
        }
        workgroupBarrier();
        sum = shared_row[lane - lane % LANES];
        workgroupBarrier();
    }
    return sum;
}

// The largest of the values of a row's invocations.
fn row_max(lane: u32, value: f32) -> f32 {
    var highest = value;
    if (LANES != 1u) { // when
        shared_row[lane].x = value;
        for (var half = LANES / 2u; half > 0u; half /= 2u) {
            workgroupBarrier();
            if (lane % LANES < half) {
                shared_row[lane].x = max(shared_row[lane].x, shared_row[lane + half].x);
            }
        }
        workgroupBarrier();
        highest = shared_row[lane - lane % LANES].x;
        workgroupBarrier();
    }
    return highest;
}
