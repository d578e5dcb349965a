//! Rows of a workgroup: how many of its invocations share one (`shaders/row_sum.wgsl`). Invariant: `LANES`
//! divides `GROUP`.

use crate::gpu::params::Constants;

/// Rows of a workgroup whose invocations take a row each: as many as two vectors of a processor hold, and few
/// enough that short matrices still fill its cores.
const SERIAL_ROWS: u32 = 8;

/// `lanes` of the `group` invocations of a workgroup share a row; one invocation a row in a serial
/// plan. Returns the constants and the number of workgroups for `rows` rows.
pub fn shared(serial: bool, lanes: u32, group: u32, rows: usize) -> (Constants, usize) {
    let (lanes, group) = if serial { (1, SERIAL_ROWS) } else { (lanes, group) };
    let constants = Constants(vec![("LANES", lanes), ("GROUP", group)]);
    (constants, rows.div_ceil((group / lanes) as usize))
}

/// All invocations of one workgroup share one row; a single invocation in a serial plan.
pub fn alone(serial: bool) -> Constants {
    let lanes = if serial { 1 } else { 64 };
    Constants(vec![("LANES", lanes), ("GROUP", lanes)])
}
