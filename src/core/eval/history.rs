//! History of a run's metrics, step by step: kept within bounds by thinning, smoothed, as CSV and JSON.
//! Invariants: the steps rise; the first and the last point are never lost; there are at most [`History::most`]
//! points.

use crate::error::{Error, FileProblem, LineProblem, Result};
use crate::eval::metrics::{Column, Metrics, Sample};

/// Points of a run that a page keeps: more than a chart has pixels, half a megabyte.
pub const MOST: usize = 2048;

/// The points of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    samples: Vec<Sample>,
    /// Between the first and the last point only steps that are multiples of this are kept.
    stride: u64,
    most: usize,
}

impl Default for History {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl History {
    /// An empty history of at most so many points, at least four.
    pub fn new(most: usize) -> Self {
        Self { samples: Vec::new(), stride: 1, most: most.max(4) }
    }

    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    pub fn most(&self) -> usize {
        self.most
    }

    pub fn clear(&mut self) {
        self.samples.clear();
        self.stride = 1;
    }

    /// Adds a step. A step that is there already begins a second telling of what follows it: a run
    /// that went on from what was kept.
    pub fn push(&mut self, sample: Sample) {
        let step = sample.point.step;
        while self.samples.last().is_some_and(|s| s.point.step >= step) {
            self.samples.pop();
        }
        let passing = |s: &Sample, stride| !s.point.step.is_multiple_of(stride);
        if self.samples.len() > 1 && self.samples.last().is_some_and(|s| passing(s, self.stride)) {
            // It was only kept as the last one.
            self.samples.pop();
        }
        self.samples.push(sample);
        while self.samples.len() > self.most {
            self.stride *= 2;
            let (first, stride) = (self.samples[0].point.step, self.stride);
            self.samples
                .retain(|s| !passing(s, stride) || s.point.step == first || s.point.step == step);
        }
    }

    /// A column, averaged over about so many steps: recent ones count most, the beginning is not
    /// drawn towards zero.
    pub fn smoothed(&self, column: Column, steps: f64) -> Vec<f32> {
        let keep = 1.0 - 1.0 / steps.max(1.0);
        let (mut sum, mut weight, mut before) = (0.0, 0.0, None);
        let smooth = |s: &Sample| {
            let gone = before.map_or(1, |b| s.point.step - b).min(i32::MAX as u64) as i32;
            before = Some(s.point.step);
            let value = f64::from(column.of(s));
            if value.is_finite() {
                let keep = keep.powi(gone);
                sum = keep * sum + (1.0 - keep) * value;
                weight = keep * weight + (1.0 - keep);
            }
            if weight > 0.0 { (sum / weight) as f32 } else { f32::NAN }
        };
        self.samples.iter().map(smooth).collect()
    }

    /// All points as a table with a line of names.
    pub fn to_csv(&self) -> String {
        let names: Vec<&str> = Column::ALL.iter().map(|c| c.name()).collect();
        let mut text = format!("step,{}\n", names.join(","));
        for sample in &self.samples {
            text.push_str(&sample.point.step.to_string());
            for column in Column::ALL {
                text.push(',');
                text.push_str(&column.of(sample).to_string());
            }
            text.push('\n');
        }
        text
    }

    /// Reads what [`History::to_csv`] wrote; lines that begin with `#` are remarks. A metric without a column is NaN, a
    /// speed without one 0.
    ///
    /// # Errors
    /// [`Error::File`] with the line.
    pub fn from_csv(file: &str, text: &str) -> Result<Self> {
        let mut history = Self::new(usize::MAX);
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        let wrong = |i: usize, problem: LineProblem| {
            Error::file(file, FileProblem::Line { line: i + 1, problem })
        };
        let (_, names) = lines.next().ok_or_else(|| wrong(0, LineProblem::NoNames))?;
        let names: Vec<&str> = names.split(',').collect();
        for (i, line) in lines {
            let mut sample = Sample { point: Metrics::at(0), images_per_second: 0.0 };
            let values: Vec<&str> = line.split(',').collect();
            if values.len() != names.len() {
                let (expected, found) = (names.len(), values.len());
                return Err(wrong(i, LineProblem::Values { expected, found }));
            }
            for (name, value) in names.iter().zip(values) {
                let number = || wrong(i, LineProblem::NotANumber(value.to_owned()));
                if *name == "step" {
                    sample.point.step = value.parse().map_err(|_| number())?;
                } else if let Some(column) = Column::named(name) {
                    *column.of_mut(&mut sample) = value.parse().map_err(|_| number())?;
                }
            }
            history.push(sample);
        }
        Ok(history)
    }

    /// All points as a JSON array of objects with the same names. Numbers that are not finite are
    /// null.
    pub fn to_json(&self) -> String {
        let rows = self.samples.iter().map(|sample| sample.to_json().into());
        serde_json::Value::Array(rows.collect()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(step: u64) -> Sample {
        let mut sample = Sample { point: Metrics::at(step), images_per_second: 0.0 };
        for (i, column) in Column::ALL.iter().enumerate() {
            *column.of_mut(&mut sample) = (step as f32 + i as f32) / 3.0;
        }
        sample.images_per_second = 7.5;
        sample
    }

    fn steps(history: &History) -> Vec<u64> {
        history.samples.iter().map(|s| s.point.step).collect()
    }

    #[test]
    fn thinning_keeps_the_ends() {
        let mut history = History::new(8);
        for step in 3..1000 {
            history.push(sample(step));
            let steps = steps(&history);
            assert_eq!((steps[0], steps[steps.len() - 1]), (3, step));
            assert!(steps.len() <= 8 && steps.is_sorted(), "{steps:?}");
        }
        assert_eq!(steps(&history), [3, 256, 512, 768, 999]);
    }

    #[test]
    fn a_run_that_went_back_is_told_anew() {
        let mut history = History::new(100);
        (0..10).for_each(|step| history.push(sample(step)));
        history.push(sample(6));
        assert_eq!(steps(&history), [0, 1, 2, 3, 4, 5, 6]);
        history.clear();
        assert!(history.samples.is_empty());
    }

    #[test]
    fn smoothing_follows_and_starts_where_the_numbers_are() {
        let mut history = History::new(1000);
        (0..200).for_each(|step| {
            let mut s = sample(step);
            s.point.loss = if step < 100 { 5.0 } else { 1.0 };
            if step == 50 {
                s.point.loss = f32::NAN;
            }
            history.push(s);
        });
        let smooth = history.smoothed(Column::Loss, 20.0);
        assert!((smooth[0] - 5.0).abs() < 1e-6 && (smooth[99] - 5.0).abs() < 1e-6);
        assert!(smooth[105] > 3.0 && smooth[199] < 1.1, "{} {}", smooth[105], smooth[199]);
        assert_eq!(history.smoothed(Column::Loss, 1.0)[150], 1.0);
    }

    #[test]
    fn csv_and_json_hold_everything() {
        let mut history = History::new(usize::MAX);
        (0..5).for_each(|step| history.push(sample(step)));
        let text = history.to_csv();
        assert_eq!(text.lines().count(), 6);
        assert_eq!(History::from_csv("t", &format!("# made up\n{text}")).unwrap(), history);
        let rows: serde_json::Value = serde_json::from_str(&history.to_json()).unwrap();
        assert_eq!(rows[4]["step"], 4);
        assert_eq!(rows[4]["imagesPerSecond"], 7.5);
        assert!(rows[3]["loss"].as_f64().unwrap() == 1.0);
    }

    #[test]
    fn a_damaged_table_is_refused_with_its_line() {
        for (text, word) in
            [("", "line 1"), ("step,loss\n1,x\n", "line 2: `x`"), ("step\n1,2\n", "expected 1")]
        {
            let error = History::from_csv("t.csv", text).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_order_of_steps_keeps_the_invariants(
            steps in proptest::collection::vec(0_u64..500, 1..300), most in 0_usize..40
        ) {
            let mut history = History::new(most);
            for step in &steps {
                history.push(sample(*step));
                let kept = super::tests::steps(&history);
                prop_assert!(kept.windows(2).all(|w| w[0] < w[1]));
                prop_assert!(kept.len() <= most.max(4));
                prop_assert_eq!(kept.last(), Some(step));
            }
        }
    }
}
