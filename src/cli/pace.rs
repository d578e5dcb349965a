//! Pace of a run for a log file: when a line is due and how much time is left. It reads no clock, but is told the
//! time. Invariant: however long the run, there are about a hundred lines, never two within [`APART`].

use std::time::Duration;

/// Steps until the first line: the first step waits for compilation, and a rate needs two ends.
const FIRST: u64 = 3;
/// Time between two lines …
const APART: Duration = Duration::from_secs(10);
/// … or this share of the run, if that takes longer.
const SHARE: f64 = 0.01;
/// Seconds after which a step weighs a third as much in the rate: a busy minute should show, a slow step should not.
const MEMORY: f64 = 60.0;

/// Rate of a run's steps, and when the next line is due.
pub struct Pace {
    /// Steps to do.
    steps: u64,
    /// The last finished step, with its time.
    last: Option<(u64, Duration)>,
    /// Sums of seconds and of steps, each fading with [`MEMORY`].
    faded: [f64; 2],
    /// Time of the last line.
    told: Option<Duration>,
}

impl Pace {
    /// A run of so many steps.
    pub fn new(steps: u64) -> Self {
        Self { steps, last: None, faded: [0.0; 2], told: None }
    }

    /// Notes that `done` steps are finished at `now`, counted from any fixed time. Gives the time left, if a line is
    /// due.
    pub fn tick(&mut self, done: u64, now: Duration) -> Option<Duration> {
        if let Some((before, at)) = self.last {
            let [seconds, steps] = [(now - at.min(now)).as_secs_f64(), (done - before) as f64];
            let keep = (-seconds / MEMORY).exp();
            self.faded = [self.faded[0] * keep + seconds, self.faded[1] * keep + steps];
        }
        self.last = Some((done, now));
        let left = self.left(done)?;
        let apart = match self.told {
            // The share is of the whole run's time, as far as it is known.
            Some(_) => APART.max(now.saturating_add(left).mul_f64(SHARE)),
            None => Duration::ZERO,
        };
        let due = done >= FIRST
            && done < self.steps
            && now >= self.told.unwrap_or_default().saturating_add(apart);
        due.then(|| {
            self.told = Some(now);
            left
        })
    }

    /// Time of the remaining steps; none before the second step.
    fn left(&self, done: u64) -> Option<Duration> {
        let [seconds, steps] = self.faded;
        let rest = self.steps.saturating_sub(done) as f64;
        // Without a rate, or with a time too long for a `Duration`, nothing is known.
        if steps > 0.0 { Duration::try_from_secs_f64(rest * seconds / steps).ok() } else { None }
    }
}

/// A time in words, to about a hundredth: 42 s, 12 min, 3 h 20 min.
pub fn words(time: Duration) -> String {
    match time.as_secs_f64().round() as u64 {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..600 => format!("{} min {} s", seconds / 60, seconds % 60 / 10 * 10),
        seconds @ 600..3600 => format!("{} min", seconds / 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times of the lines of a run whose steps take so long each, with the time left in each line.
    fn lines(steps: impl IntoIterator<Item = f64>) -> Vec<(f64, f64)> {
        let steps: Vec<f64> = steps.into_iter().collect();
        let mut pace = Pace::new(steps.len() as u64);
        let mut now = 0.0;
        let mut lines = Vec::new();
        for (i, seconds) in steps.iter().enumerate() {
            now += seconds;
            let left = pace.tick(i as u64 + 1, Duration::from_secs_f64(now));
            lines.extend(left.map(|left| (now, left.as_secs_f64())));
        }
        lines
    }

    #[test]
    fn lines_come_now_and_then() {
        let short = lines([0.1; 6]);
        assert_eq!(short.len(), 1, "{short:?}");
        assert!((short[0].0 - 0.3).abs() < 1e-9, "after the first steps: {short:?}");
        let minutes = lines([1.0; 300]);
        assert!((29..=31).contains(&minutes.len()), "{}", minutes.len());
        let hours = lines(std::iter::repeat_n(0.5, 100_000));
        assert!((90..=110).contains(&hours.len()), "{}", hours.len());
        let slow = lines([100.0; 12]);
        assert_eq!(slow.len(), 9, "every step but the first two and the last: {slow:?}");
        assert!(lines([1.0; 2]).is_empty() && lines([]).is_empty());
        for run in [minutes, hours, slow] {
            assert!(run.windows(2).all(|two| two[1].0 - two[0].0 >= 10.0), "{run:?}");
        }
    }

    #[test]
    fn the_time_left_is_smooth() {
        // A first step that compiles for 20 s, and steps of two lengths by turns.
        let steps = || std::iter::once(20.0).chain((0..2000).map(|i| [0.1, 0.3][i % 2]));
        let end: f64 = steps().sum();
        for (now, left) in lines(steps()).into_iter().skip(1) {
            let error = (now + left - end).abs() / end;
            assert!(error < 0.03, "at {now} s {left} s are left, but the end is at {end}");
        }
    }

    #[test]
    fn a_run_that_becomes_slower_is_seen() {
        let steps: Vec<f64> = [[0.1; 3000], [0.4; 3000]].concat();
        let (now, left) = *lines(steps.iter().copied()).last().unwrap();
        let end: f64 = steps.iter().sum();
        assert!((now + left - end).abs() / (end - now).max(1.0) < 0.1, "{now} {left} {end}");
    }

    #[test]
    fn times_are_words() {
        let of = |seconds| words(Duration::from_secs_f64(seconds));
        assert_eq!(
            [of(0.4), of(59.4), of(60.0), of(599.0)],
            ["0 s", "59 s", "1 min 0 s", "9 min 50 s"]
        );
        assert_eq!([of(600.0), of(3599.0), of(12_000.0)], ["10 min", "59 min", "3 h 20 min"]);
    }
}
