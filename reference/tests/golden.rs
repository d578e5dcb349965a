//! Golden cases against the referee: the numbers of the official implementation, over all steps of each case.
//! Invariant: both are float64 and the files float32, so the tolerance is far below that of the engine.

use reference::compare::compare;
use reference::files::Files;
use std::path::Path;

/// Rounding to float32 is 6e-8 a value; no other difference is allowed.
const TOLERANCE: f64 = 5e-7;

fn check(case: &str) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden").join(case);
    let files = Files::read(&golden).unwrap();
    assert!(files.settings.steps > 1 && !files.expect.is_empty());
    let again = Files::run(files.settings, files.init, files.crops).unwrap();
    let missing: Vec<_> =
        again.expect.keys().filter(|name| !files.expect.contains_key(*name)).collect();
    assert!(missing.is_empty(), "the golden case has no {missing:?}");
    for row in compare(&again.expect, &files.expect) {
        println!("{:16} {:9.1e}  {}", row.quantity, row.error, row.worst);
        assert!(row.error <= TOLERANCE, "{row:?} exceeds {TOLERANCE:e}");
    }
}

#[test]
fn basic() {
    check("basic");
}

#[test]
fn no_local() {
    check("no_local");
}

#[test]
fn schedules() {
    check("schedules");
}
