//! Training in plain Rust around the referee's gradients: clip, freeze, AdamW, teacher average,
//! centre. Invariant: the order is the official one; a step that fails changes nothing.

use crate::array::{Array, Tensors};
use crate::error::Result;
use crate::referee::{Case, Outcome, Referee};
use crate::settings::{Schedule, Settings};
use std::collections::BTreeMap;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const ADAM_EPSILON: f64 = 1e-8;

/// Both of Adam's moments of one parameter, and how often it was updated: a tensor that was frozen has had fewer steps
/// than the others, and its bias correction counts its own.
#[derive(Debug, Clone)]
struct Moments {
    steps: i32,
    first: Vec<f64>,
    second: Vec<f64>,
}

/// A run in progress.
pub struct Training {
    referee: Referee,
    settings: Settings,
    /// The student's parameters now.
    pub student: Tensors,
    /// The teacher's parameters now.
    pub teacher: Tensors,
    /// The centre now, K values.
    pub center: Vec<f64>,
    moments: BTreeMap<String, Moments>,
    step: usize,
}

/// Numbers of one training step.
#[derive(Debug, Clone)]
pub struct Step {
    pub schedule: Schedule,
    pub outcome: Outcome,
}

impl Training {
    /// Starts with a teacher equal to the student and the centre at 0.
    pub fn new(settings: Settings, student: Tensors) -> Self {
        Self {
            referee: Referee::default(),
            teacher: student.clone(),
            center: vec![0.0; settings.head.out_dim],
            moments: BTreeMap::new(),
            step: 0,
            settings,
            student,
        }
    }

    /// One step on global crops (2B, 3, G, G) and local crops (L·B, 3, l, l).
    ///
    /// # Errors
    /// As [`Referee::run`].
    pub fn step(&mut self, global: &Array, local: Option<&Array>) -> Result<Step> {
        let schedule = self.settings.schedule(self.step);
        let outcome = self.referee.run(&Case {
            settings: &self.settings,
            student: &self.student,
            teacher: &self.teacher,
            global,
            local,
            center: &self.center,
            teacher_temp: schedule.teacher_temp,
            drop_path: None,
        })?;
        self.move_center(&outcome.teacher_logits);
        let frozen = self.step / self.settings.steps_per_epoch < self.settings.freeze_last_layer;
        for (name, gradient) in &outcome.gradients {
            if !(frozen && name.contains("last_layer")) {
                self.update(name, gradient, &schedule);
            }
        }
        self.average(schedule.momentum);
        self.step += 1;
        Ok(Step { schedule, outcome })
    }

    /// `c ← m c + (1−m) · mean of the raw teacher rows`.
    fn move_center(&mut self, teacher_logits: &Array) {
        let m = self.settings.center_momentum;
        let rows = 2.0 * self.settings.batch as f64;
        for c in &mut self.center {
            *c *= m;
        }
        for row in teacher_logits.values().chunks(self.center.len()) {
            for (c, t) in self.center.iter_mut().zip(row) {
                *c += (1.0 - m) * t / rows;
            }
        }
    }

    /// Clips the gradient of one tensor, decays it and takes its Adam step.
    fn update(&mut self, name: &str, gradient: &Array, schedule: &Schedule) {
        let Some(parameter) = self.student.get_mut(name) else { return };
        let clip = self.settings.clip_grad;
        let clip = if clip > 0.0 { (clip / (gradient.norm() + 1e-6)).min(1.0) } else { 1.0 };
        let decayed = parameter.shape().len() > 1 && !name.ends_with(".bias");
        let decay = if decayed { 1.0 - schedule.lr * schedule.weight_decay } else { 1.0 };
        let count = gradient.values().len();
        let zero = || Moments { steps: 0, first: vec![0.0; count], second: vec![0.0; count] };
        let moments = self.moments.entry(name.to_owned()).or_insert_with(zero);
        moments.steps += 1;
        let correction1 = 1.0 - BETA1.powi(moments.steps);
        let correction2 = 1.0 - BETA2.powi(moments.steps);
        let both = moments.first.iter_mut().zip(&mut moments.second);
        for ((p, g), (m, v)) in parameter.values_mut().iter_mut().zip(gradient.values()).zip(both) {
            let g = g * clip;
            *m = BETA1 * *m + (1.0 - BETA1) * g;
            *v = BETA2 * *v + (1.0 - BETA2) * g * g;
            let denominator = (*v / correction2).sqrt() + ADAM_EPSILON;
            *p = *p * decay - schedule.lr * (*m / correction1) / denominator;
        }
    }

    /// `teacher ← m teacher + (1−m) student`, every tensor.
    fn average(&mut self, m: f64) {
        for (name, teacher) in &mut self.teacher {
            let Some(student) = self.student.get(name) else { continue };
            for (t, s) in teacher.values_mut().iter_mut().zip(student.values()) {
                *t = m * *t + (1.0 - m) * s;
            }
        }
    }
}
