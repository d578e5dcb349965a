//! Native comparison of the systems: interleaved rounds, a table of medians and ratios, `peers-native.json`.
//! Settings and rows are those of `benches/peers/run.mjs`. Invariant: a system that is not installed is a row
//! that says so; one that runs wrongly fails the comparison.

use crate::systems::{NAMES, Result, Steps, System};
use serde::Serialize;
use std::env;
use std::path::PathBuf;
use std::time::Duration;

/// A system with its measurements, as written to the file.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    work: String,
    ms: Option<f64>,
    first_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_ms: Option<f64>,
    ratio: Option<f64>,
    steps: usize,
    losses: Vec<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    counted: Vec<f64>,
    #[serde(skip)]
    system: Option<System>,
}

/// Runs the comparison; true if every installed system trains.
///
/// # Errors
/// For settings that make no sense and when the file cannot be written.
pub fn compare() -> Result<bool> {
    let work = env::var("WORK").unwrap_or("small".to_owned());
    let large = work == "large";
    if !reference::work::NAMES.contains(&work.as_str()) {
        return Err(format!("WORK: expected {:?}, found `{work}`", reference::work::NAMES).into());
    }
    let rounds = number("ROUNDS", 3)?;
    let steps = number("STEPS", 8)?;
    let limit = Duration::from_secs(number("SECONDS", if large { 40 } else { 15 })? as u64);
    let mut rows: Vec<_> = chosen()?.into_iter().map(|name| Row::start(name, &work)).collect();
    for round in 0..rounds {
        for row in &mut rows {
            row.measure(round, steps, limit);
        }
    }
    for row in &mut rows {
        row.finish();
    }
    let ours = rows.iter().find(|row| row.name == "ours").and_then(|row| row.ms);
    for row in &mut rows {
        row.ratio = row.ms.zip(ours).map(|(ms, ours)| ms / ours);
    }
    println!("\nOne DINO step, {work} work, native, median of {rounds} rounds");
    print(["system", "first step", "ms a step", "times ours", "steps", "loss first → last"]);
    rows.iter().for_each(Row::print);
    println!(
        "Ours is the whole step; the peers do no augmentation, weight norm, clipping or teacher update."
    );
    let out = env::var_os("OUT").map_or(PathBuf::from("target/bench"), PathBuf::from);
    std::fs::create_dir_all(&out)?;
    let file = if large { "peers-native-large.json" } else { "peers-native.json" };
    std::fs::write(out.join(file), serde_json::to_string_pretty(&rows)? + "\n")?;
    Ok(rows.iter().all(|row| row.error.is_none()))
}

fn number(name: &str, default: usize) -> Result<usize> {
    match env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => text.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
            format!("{name}: expected a whole number from 1, found `{text}`").into()
        }),
    }
}

/// The systems that SYSTEMS names, all by default.
fn chosen() -> Result<Vec<&'static str>> {
    let list = env::var("SYSTEMS").unwrap_or_default();
    if list.is_empty() {
        return Ok(NAMES.to_vec());
    }
    let known = |name: &str| NAMES.into_iter().find(|known| *known == name);
    list.split(',')
        .map(|name| known(name).ok_or(format!("SYSTEMS: `{name}` is none of {NAMES:?}").into()))
        .collect()
}

impl Row {
    /// A system after its first step.
    fn start(name: &'static str, work: &str) -> Self {
        let mut row = Self {
            name,
            work: work.to_owned(),
            ms: None,
            first_ms: None,
            build_ms: None,
            ratio: None,
            steps: 0,
            losses: Vec::new(),
            skipped: None,
            error: None,
            counted: Vec::new(),
            system: None,
        };
        match System::start(name, work) {
            Ok((system, steps)) => {
                row.system = Some(system);
                row.keep(&steps);
            }
            // PyTorch is not installed everywhere, and is only for information.
            Err(error) if name == "pytorch-cpu" => row.skipped = Some(error.to_string()),
            Err(error) => row.error = Some(error.to_string()),
        }
        row
    }

    /// Measures some steps; in the first round the two that warm the system up are not counted.
    fn measure(&mut self, round: usize, steps: usize, limit: Duration) {
        let Some(system) = &mut self.system else { return };
        let warm = if round == 0 { 2 } else { 1 };
        match system.steps(warm + steps, limit) {
            Ok(found) => {
                // A system too slow for more than the warm-up is measured by its last step.
                let first = warm.min(found.ms.len().saturating_sub(1));
                let counted = found.ms.get(first..).unwrap_or_default();
                if let Some(ms) = median(counted) {
                    println!("round {}: {} {ms:.1} ms", round + 1, self.name);
                }
                self.counted.extend(counted);
                self.keep(&found);
            }
            Err(error) => {
                self.error = Some(error.to_string());
                self.system = None;
            }
        }
    }

    fn keep(&mut self, found: &Steps) {
        // Only the first run finds nothing compiled.
        self.first_ms = self.first_ms.or(found.first_ms);
        self.build_ms = self.build_ms.or(found.build_ms);
        self.losses.extend(&found.losses);
    }

    /// Computes the medians, and checks that the losses are those of training.
    fn finish(&mut self) {
        self.ms = median(&self.counted);
        self.steps = self.counted.len();
        let finite = self.losses.iter().all(|loss| loss.is_finite());
        let changing = self.losses.iter().any(|loss| Some(loss) != self.losses.first());
        if self.error.is_none() && self.skipped.is_none() && !(finite && changing) {
            let first: Vec<_> = self.losses.iter().take(4).collect();
            self.error = Some(format!("losses {first:?} are not those of training"));
        }
    }

    fn print(&self) {
        if let Some(skipped) = &self.skipped {
            return println!("{}: skipped: {skipped}", self.name);
        }
        if let Some(error) = &self.error {
            return println!("{}: {error}", self.name);
        }
        let shown = |value: Option<f64>, digits: usize| {
            value.map_or("–".to_owned(), |value| format!("{value:.digits$}"))
        };
        let loss = |loss: Option<&f32>| loss.map_or("–".to_owned(), |loss| format!("{loss:.3}"));
        print([
            self.name,
            &format!("{} s", shown(self.first_ms.map(|ms| ms / 1e3), 1)),
            &shown(self.ms, 1),
            &shown(self.ratio, 2),
            &self.steps.to_string(),
            &format!("{} → {}", loss(self.losses.first()), loss(self.losses.last())),
        ]);
    }
}

fn print(cells: [&str; 6]) {
    let [name, first, ms, ratio, steps, losses] = cells;
    println!("{name:14} {first:11} {ms:10} {ratio:11} {steps:6} {losses}");
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    let odd = sorted.len() % 2 == 1;
    Some(if odd { upper } else { (sorted.get(middle - 1)? + upper) / 2.0 })
}
