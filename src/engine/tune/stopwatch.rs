//! Stopwatch: seconds of one run of a line on a device. What the wait for the queue takes is known and not counted, and a
//! round is long enough that neither it nor the clock's step matters. Invariant: a time that hardly grows with the number
//! of runs is the wait's, not the line's, and is never taken for it.

use crate::gpu::device::Gpu;
use crate::gpu::program::Program;
use dino_core::error::{Error, Result, ShaderProblem};
use web_time::Instant;

/// A round is so many times longer than the wait and than the clock's step.
const LONGER: f64 = 10.0;
/// Runs of a round at most.
const MOST: usize = 4096;
/// A round is enlarged at most so many times at once: the first tells little of how long the next will be.
const GROWTH: f64 = 8.0;
/// Share of a round's time that its runs must explain.
const EXPLAINED: f64 = 0.5;

/// Seconds of a line, in rounds of at least `least` seconds: of two rounds the better.
///
/// # Errors
/// [`Error::Shader`] where the device gives no times, [`Error::Device`] when it fails.
pub async fn seconds(gpu: &Gpu, program: &Program, line: usize, least: f64) -> Result<f64> {
    let waits = gpu.waits();
    let overhead = waits.overhead.as_secs_f64();
    let enough = least.max(LONGER * overhead).max(LONGER * waits.clock.as_secs_f64());
    // The first run may wait for the driver.
    round(gpu, program, line, 1).await?;
    let (mut times, mut before) = (1, (0, overhead));
    loop {
        let took = round(gpu, program, line, times).await?;
        let last = took >= enough || times == MOST;
        if last && is_time(before, (times, took), overhead) {
            let again = round(gpu, program, line, times).await?;
            return Ok((took.min(again) - overhead).max(0.0) / times as f64);
        }
        if times == MOST {
            let kernel = program.plan.dispatches[line].kernel.name.to_owned();
            return Err(Error::Shader { kernel, problem: ShaderProblem::NotTimed });
        }
        let growth = enough / (took - overhead).max(took / GROWTH).max(1e-9);
        let next = ((times as f64 * growth.clamp(2.0, GROWTH)).ceil() as usize).min(MOST);
        // Rounds of about the same length say nothing of each other.
        if next >= 2 * times {
            before = (times, took);
        }
        times = next;
    }
}

/// True if the time of the second round is its runs': it grew by what they account for. Each round is a number of runs and
/// its seconds.
fn is_time(first: (usize, f64), second: (usize, f64), overhead: f64) -> bool {
    let slope = (second.1 - first.1) / (second.0 - first.0) as f64;
    slope * second.0 as f64 >= EXPLAINED * (second.1 - overhead)
}

async fn round(gpu: &Gpu, program: &Program, line: usize, times: usize) -> Result<f64> {
    let start = Instant::now();
    program.repeat(gpu, line, times);
    gpu.finish_exactly().await?;
    Ok(start.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_does_not_grow_with_the_runs_is_none() {
        // 2 ms a run, 1 ms for the wait.
        assert!(is_time((0, 0.001), (1, 0.003), 0.001));
        assert!(is_time((1, 0.003), (8, 0.017), 0.001));
        // Firefox, where everything takes 100 ms, and an empty queue was once seen to take none.
        assert!(!is_time((1, 0.1), (8, 0.1), 0.0));
        assert!(!is_time((8, 0.1), (64, 0.12), 0.0));
        assert!(is_time((64, 0.2), (512, 1.6), 0.0));
    }
}
