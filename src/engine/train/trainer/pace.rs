//! Pace of a run: how a step is divided into submits, so that none keeps the device, and with it the browser's window,
//! longer than the goal. What a step takes is known after the first one and used from then on. Invariant: a cut lies
//! between two lines, so it changes no bit.

use std::collections::VecDeque;
use std::ops::Range;
use web_time::Duration;

/// A step is divided anew when the time of its submits is off by more than this.
const OFF: f64 = 1.4;
/// Steps whose times are remembered: between two steps a view may have used the device, so the shortest counts.
const REMEMBERED: usize = 5;

/// How the lines of one part of a batch are divided.
pub struct Pace {
    /// The first line.
    first: usize,
    /// Predicted seconds of each line.
    seconds: Vec<f64>,
    /// Predicted seconds of a whole step.
    step: f64,
    goal: f64,
    /// Seconds of the last steps over the predicted ones.
    factors: VecDeque<f64>,
    /// The factor by which the present submits were cut.
    cut_by: f64,
    submits: Vec<Range<usize>>,
    fixed: bool,
}

impl Pace {
    /// Submits that stay as they are.
    pub fn fixed(submits: Vec<Range<usize>>) -> Self {
        let mut pace = Self::new(0, Vec::new(), 0.0, Duration::ZERO);
        (pace.submits, pace.fixed) = (submits, true);
        pace
    }

    /// Lines from `first` on, of so many predicted seconds each, `step` in a whole step, in submits of `goal`.
    pub fn new(first: usize, seconds: Vec<f64>, step: f64, goal: Duration) -> Self {
        let mut pace = Self {
            first,
            seconds,
            step,
            goal: goal.as_secs_f64(),
            factors: VecDeque::new(),
            cut_by: 1.0,
            submits: Vec::new(),
            fixed: false,
        };
        pace.cut();
        pace
    }

    pub fn submits(&self) -> &[Range<usize>] {
        &self.submits
    }

    /// Sets how long a submit may take from the next step on.
    pub fn aim(&mut self, goal: Duration) {
        if !self.fixed && goal.as_secs_f64() != self.goal {
            self.goal = goal.as_secs_f64();
            self.cut();
        }
    }

    /// A step took so many seconds.
    pub fn took(&mut self, seconds: f64) {
        if self.fixed || self.step <= 0.0 || seconds <= 0.0 {
            return;
        }
        self.factors.truncate(REMEMBERED - 1);
        self.factors.push_front(seconds / self.step);
        let factor = self.factors.iter().copied().fold(f64::INFINITY, f64::min);
        if factor > OFF * self.cut_by || self.cut_by > OFF * factor {
            self.cut_by = factor;
            self.cut();
        }
    }

    /// Fills submits with lines up to the goal; a line that takes longer is a submit of its own.
    fn cut(&mut self) {
        let (mut start, mut sum) = (self.first, 0.0);
        self.submits.clear();
        for (line, seconds) in (self.first..).zip(&self.seconds) {
            let seconds = seconds * self.cut_by;
            if line > start && sum + seconds > self.goal {
                self.submits.push(start..line);
                (start, sum) = (line, 0.0);
            }
            sum += seconds;
        }
        self.submits.push(start..self.first + self.seconds.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(pace: &Pace) -> Vec<usize> {
        pace.submits().iter().map(ExactSizeIterator::len).collect()
    }

    #[test]
    fn submits_follow_what_steps_take() {
        let goal = Duration::from_millis(30);
        let mut pace = Pace::new(7, vec![0.0099; 12], 0.1188, goal);
        assert_eq!(pace.submits().first().map(|lines| lines.start), Some(7));
        assert_eq!(lengths(&pace), [3, 3, 3, 3]);
        // Three times as slow as predicted.
        pace.took(0.36);
        assert_eq!(lengths(&pace), [1; 12]);
        // One step beside a view says nothing.
        pace.took(2.0);
        assert_eq!(lengths(&pace), [1; 12]);
        for _ in 0..REMEMBERED {
            pace.took(0.059);
        }
        assert_eq!(lengths(&pace), [6, 6]);
        pace.aim(Duration::from_millis(300));
        assert_eq!(lengths(&pace), [12]);
        assert_eq!(pace.submits().last().map(|lines| lines.end), Some(19));
    }

    #[test]
    fn small_changes_change_no_submit() {
        let mut pace = Pace::new(0, vec![0.0099; 12], 0.1188, Duration::from_millis(30));
        for seconds in [0.13, 0.11, 0.15, 0.1] {
            pace.took(seconds);
            assert_eq!(lengths(&pace), [3, 3, 3, 3], "{seconds}");
        }
    }

    #[test]
    fn fixed_submits_stay() {
        let mut pace = Pace::fixed(vec![0..3, 3..9]);
        pace.took(5.0);
        pace.aim(Duration::from_millis(1));
        assert_eq!(lengths(&pace), [3, 6]);
    }
}
