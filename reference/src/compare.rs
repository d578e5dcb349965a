//! Comparison of two sets of a case's quantities by the golden format's measures. Invariant: every expected
//! tensor is compared; one that is missing counts as infinitely far.

use crate::array::{Array, Tensors};

/// One kind of quantity, its worst tensor and that tensor's error.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub quantity: &'static str,
    pub worst: String,
    pub error: f64,
}

/// The worst tensor of each kind in `expected`. All measures are ‖a−b‖/‖b‖, for gradients with
/// ‖b‖ at least a thousandth of the norm of all gradients.
pub fn compare(found: &Tensors, expected: &Tensors) -> Vec<Row> {
    let gradients = expected.iter().filter(|(name, _)| quantity(name) == "gradients");
    let floor = 1e-3 * gradients.map(|(_, g)| g.norm().powi(2)).sum::<f64>().sqrt();
    let mut rows: Vec<Row> = Vec::new();
    for (name, expected) in expected {
        let quantity = quantity(name);
        let floor = if quantity == "gradients" { floor } else { f64::MIN_POSITIVE };
        let error = match found.get(name) {
            Some(found) if found.shape() == expected.shape() => distance(found, expected, floor),
            _ => f64::INFINITY,
        };
        let row = Row { quantity, worst: name.clone(), error };
        match rows.iter_mut().find(|row| row.quantity == quantity) {
            Some(worst) if worst.error >= error => (),
            Some(worst) => *worst = row,
            None => rows.push(row),
        }
    }
    rows
}

/// A NaN is infinitely far.
fn distance(found: &Array, expected: &Array, floor: f64) -> f64 {
    let error = found.distance(expected) / expected.norm().max(floor);
    if error.is_nan() { f64::INFINITY } else { error }
}

fn quantity(name: &str) -> &'static str {
    let (step, rest) = name.split_once('.').unwrap_or(("", name));
    let kind = rest.split('.').next().unwrap_or_default();
    match (step, kind) {
        ("final", "student") => "final student",
        ("final", "teacher") => "final teacher",
        ("final", _) => "final centre",
        (_, "loss") => "loss",
        (_, "schedule") => "schedule",
        (_, "grad") => "gradients",
        (_, "teacher_logits") => "teacher logits",
        (_, "student_logits") => "student logits",
        (_, "features") => "features",
        (_, "attention") => "attention",
        (_, "pos_embed_local") => "local positions",
        _ => "other",
    }
}
