//! Recorded training cases: reading them and comparing with them. The format and the tolerances are those of
//! `tests/golden/README.md`. Invariant: a case that was read is complete, so no comparison passes because
//! something is missing.

use crate::verify::report::{Report, ReportRow};
use dino_core::error::{Error, FileProblem, Result, TensorProblem};
use dino_core::run::config::Config;
use dino_core::run::schedule::StepValues;
use dino_core::weights::parameters;
use dino_core::weights::tensors;
use dino_core::weights::tensors::{Tensor, Tensors};
use serde::Deserialize;
use std::collections::BTreeMap;

const CASE: &str = "case.json";
const INIT: &str = "init.safetensors";
const CROPS: &str = "crops.safetensors";
const EXPECT: &str = "expect.safetensors";

/// The views of one step, normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Crops {
    /// (2B, 3, G, G), rows `[g1; g2]`.
    pub global: Tensor,
    /// (L·B, 3, l, l), rows `[l1; …; lL]`; none without local crops.
    pub local: Option<Tensor>,
}

/// One recorded case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub config: Config,
    /// Number of recorded steps, at most the run's.
    pub steps: usize,
    /// The student's parameters before step 0; the teacher is a copy.
    pub init: Tensors,
    /// The views of every step.
    pub crops: Vec<Crops>,
    /// The recorded numbers, by their names in the file: `step3.loss`, `step0.grad.…`, `final.center` …
    pub expect: Tensors,
}

impl Case {
    /// Reads a case from its four files, by file name; others are ignored.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Tensor`] or [`Error::Setting`] that names the file or tensor, what
    /// was expected and what came.
    pub fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let get = |name: &str| {
            files.get(name).map(Vec::as_slice).ok_or_else(|| {
                let found = files.keys().cloned().collect();
                Error::file(name, FileProblem::Missing { found })
            })
        };
        let (config, steps) = settings(get(CASE)?)?;
        let init = tensors::read(INIT, get(INIT)?)?.0;
        check_parameters(INIT, "", &config, &init)?;
        let crops = read_crops(&config, steps, tensors::read(CROPS, get(CROPS)?)?.0)?;
        let expect = tensors::read(EXPECT, get(EXPECT)?)?.0;
        check_expectation(&config, steps, &expect)?;
        Ok(Self { config, steps, init, crops, expect })
    }
}

/// The configuration and the number of recorded steps of `case.json`.
fn settings(bytes: &[u8]) -> Result<(Config, usize)> {
    #[derive(Deserialize)]
    struct Steps {
        steps: usize,
    }
    let invalid = |e: serde_json::Error| Error::file(CASE, FileProblem::Content(e.to_string()));
    let config: Config = serde_json::from_slice(bytes).map_err(invalid)?;
    let Steps { steps } = serde_json::from_slice(bytes).map_err(invalid)?;
    config.validate()?;
    if steps == 0 {
        let words = "`steps`: expected at least 1, found 0".to_owned();
        return Err(Error::file(CASE, FileProblem::Content(words)));
    }
    Ok((config, steps))
}

/// All parameters must be there under `prefix`, and no others.
fn check_parameters(file: &str, prefix: &str, config: &Config, found: &Tensors) -> Result<()> {
    let shapes = parameters::shapes(config);
    for (name, shape) in &shapes {
        tensors::find(file, found, &format!("{prefix}{name}"), shape)?;
    }
    for name in found.keys().filter_map(|name| name.strip_prefix(prefix)) {
        known(file, prefix, name, &shapes)?;
    }
    Ok(())
}

/// Refuses a parameter that the configuration does not have.
fn known(file: &str, prefix: &str, name: &str, shapes: &[(String, Vec<usize>)]) -> Result<()> {
    if shapes.iter().any(|(known, _)| known == name) {
        return Ok(());
    }
    Err(Error::tensor_in(file, &format!("{prefix}{name}"), TensorProblem::Unknown))
}

fn read_crops(config: &Config, steps: usize, mut found: Tensors) -> Result<Vec<Crops>> {
    let mut take = |name: String, rows: usize, size: usize| {
        tensors::find(CROPS, &found, &name, &[rows, 3, size, size])?;
        let tensor = found.remove(&name);
        let missing = || TensorProblem::Missing { shape: vec![rows, 3, size, size] };
        tensor.ok_or_else(|| Error::tensor_in(CROPS, &name, missing()))
    };
    let (crops, batch) = (&config.crops, config.train.batch);
    (0..steps)
        .map(|i| {
            let global = take(format!("step{i}.global"), 2 * batch, crops.global_size)?;
            let rows = crops.n_local * batch;
            let local = (rows > 0)
                .then(|| take(format!("step{i}.local"), rows, crops.local_size))
                .transpose()?;
            Ok(Crops { global, local })
        })
        .collect()
}

/// Everything recorded must be there with its shape, except what a case may lack: `pos_embed_local`
/// without interpolation and the gradient of a fixed `weight_g`.
fn check_expectation(config: &Config, steps: usize, expect: &Tensors) -> Result<()> {
    let need = |name: &str, shape: &[usize]| tensors::find(EXPECT, expect, name, shape).map(|_| ());
    for i in 0..steps {
        need(&format!("step{i}.loss"), &[1])?;
        need(&format!("step{i}.schedule"), &[4])?;
    }
    let (vit, batch, k) = (&config.vit, config.train.batch, config.head.out_dim);
    let tokens = vit.tokens(config.crops.global_size);
    need("step0.teacher_logits", &[2 * batch, k])?;
    need("step0.student_logits", &[config.views() * batch, k])?;
    need("step0.features", &[batch, vit.embed_dim])?;
    need("step0.attention", &[batch, vit.num_heads, tokens, tokens])?;
    if expect.contains_key(POS_EMBED_LOCAL) {
        need(POS_EMBED_LOCAL, &[1, vit.tokens(config.crops.local_size), vit.embed_dim])?;
    }
    need("final.center", &[1, k])?;
    check_parameters(EXPECT, "final.student.", config, expect)?;
    check_parameters(EXPECT, "final.teacher.", config, expect)?;
    let shapes = parameters::shapes(config);
    for (name, shape) in &shapes {
        let full = format!("{GRADIENT}{name}");
        let fixed = config.head.norm_last_layer && name == "head.last_layer.weight_g";
        if !fixed || expect.contains_key(&full) {
            need(&full, shape)?;
        }
    }
    for name in expect.keys().filter_map(|name| name.strip_prefix(GRADIENT)) {
        known(EXPECT, GRADIENT, name, &shapes)?;
    }
    Ok(())
}

const POS_EMBED_LOCAL: &str = "step0.pos_embed_local";
const GRADIENT: &str = "step0.grad.";

/// The settings of a step as recorded: lr, weight decay, momentum, teacher temperature.
pub fn schedule(values: &StepValues) -> Tensor {
    let data = [values.lr, values.weight_decay, values.momentum, values.teacher_temp];
    Tensor { shape: vec![4], data: data.map(|v| v as f32).to_vec() }
}

/// Measure of a tensor's error.
#[derive(Debug, Clone, Copy)]
enum Measure {
    /// ‖a−b‖ / ‖b‖
    Norm,
    /// Largest |a−b| / |b| of any value.
    EachValue,
    /// ‖a−b‖ / max(‖b‖, 1e-3·‖all gradients‖): tiny gradients are mostly rounding.
    Gradient,
}

/// Tensors that share a row of the report: those whose names begin and end like this.
struct Quantity {
    name: &'static str,
    begin: &'static str,
    end: &'static str,
    measure: Measure,
    tolerance: f64,
}

const fn quantity(
    name: &'static str,
    begin: &'static str,
    end: &'static str,
    measure: Measure,
    tolerance: f64,
) -> Quantity {
    Quantity { name, begin, end, measure, tolerance }
}

const QUANTITIES: [Quantity; 11] = [
    quantity("loss", "step", ".loss", Measure::EachValue, 1e-4),
    quantity("schedule", "step", ".schedule", Measure::EachValue, 1e-6),
    quantity("teacher_logits", "step0.teacher_logits", "", Measure::Norm, 2e-5),
    quantity("student_logits", "step0.student_logits", "", Measure::Norm, 2e-5),
    quantity("features", "step0.features", "", Measure::Norm, 2e-5),
    quantity("attention", "step0.attention", "", Measure::Norm, 2e-5),
    quantity("pos_embed_local", POS_EMBED_LOCAL, "", Measure::Norm, 2e-5),
    quantity("gradients", GRADIENT, "", Measure::Gradient, 1e-4),
    quantity("final.center", "final.center", "", Measure::Norm, 1e-4),
    quantity("final.teacher", "final.teacher.", "", Measure::Norm, 5e-3),
    quantity("final.student", "final.student.", "", Measure::Norm, 5e-2),
];

/// Compares measured numbers with the recorded ones of the same names: one row per quantity. A quantity that was not
/// recorded gets no row; one that was not measured fails.
pub fn compare(case: &Case, measured: &Tensors) -> Report {
    let gradients = case.expect.iter().filter(|(name, _)| name.starts_with(GRADIENT));
    let all_gradients = norm(gradients.flat_map(|(_, t)| t.data.iter().map(|v| f64::from(*v))));
    let rows = QUANTITIES.iter().filter_map(|quantity| {
        let mut worst: Option<ReportRow> = None;
        for (name, expected) in &case.expect {
            if !(name.starts_with(quantity.begin) && name.ends_with(quantity.end)) {
                continue;
            }
            let found = measured.get(name).filter(|t| t.data.len() == expected.data.len());
            let (worst_name, error) = match found {
                Some(found) => {
                    (name.clone(), error(quantity.measure, found, expected, all_gradients))
                }
                None => (format!("{name} (not measured)"), f64::NAN),
            };
            if worst.as_ref().is_none_or(|w| error.is_nan() || error > w.error) {
                worst = Some(ReportRow {
                    quantity: quantity.name.to_owned(),
                    worst: worst_name,
                    error,
                    tolerance: quantity.tolerance,
                });
            }
            if error.is_nan() {
                break;
            }
        }
        worst
    });
    Report { rows: rows.collect() }
}

fn error(measure: Measure, found: &Tensor, expected: &Tensor, all_gradients: f64) -> f64 {
    let pairs =
        || found.data.iter().zip(&expected.data).map(|(a, b)| (f64::from(*a), f64::from(*b)));
    let distance = norm(pairs().map(|(a, b)| a - b));
    let size = norm(pairs().map(|(_, b)| b));
    match measure {
        Measure::Norm => ratio(distance, size),
        Measure::Gradient => ratio(distance, size.max(1e-3 * all_gradients)),
        Measure::EachValue => pairs().fold(0.0, |worst: f64, (a, b)| {
            let error = ratio((a - b).abs(), b.abs());
            if error.is_nan() || error > worst { error } else { worst }
        }),
    }
}

/// `distance / size`, but 0 / 0 is 0: an expected zero was met.
fn ratio(distance: f64, size: f64) -> f64 {
    if distance == 0.0 { 0.0 } else { distance / size }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}
