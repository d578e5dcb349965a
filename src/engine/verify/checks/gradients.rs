//! Finite differences: along random directions of every tensor the loss must change as the gradient says. Drop
//! path, position interpolation, padding and a trained `weight_g` take part. Invariant: an error is a share of
//! the tensor's gradient norm, or of a thousandth of the norm of all gradients where that is larger.

use crate::gpu::plan::Phase;
use crate::model::layout::Tensor as Place;
use crate::train::executor::Engine;
use crate::tune::TunedGpu;
use crate::verify::checks::tiny;
use crate::verify::checks::tiny::Found;
use crate::verify::checks::{Check, Outcome, text};
use dino_core::rng::Rng;
use dino_core::weights::tensors::Tensor;
use std::rc::Rc;

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check {
            name: "gradients: backbone",
            run: |gpu| Box::pin(differences(gpu, "backbone.", true)),
        },
        Check { name: "gradients: head", run: |gpu| Box::pin(differences(gpu, "head.", true)) },
        Check {
            name: "gradients: without drop path and local crops",
            run: |gpu| Box::pin(differences(gpu, "backbone.", false)),
        },
    ]
}

/// Largest error of a directional derivative, as a share of the tensor's gradient norm.
const TOLERANCE: f64 = 0.01;
/// Directions of each tensor: a single one may miss a part of the gradient that is missing.
const DIRECTIONS: u32 = 2;

async fn differences(gpu: &Rc<TunedGpu>, prefix: &str, everything: bool) -> Outcome {
    let mut config = tiny::config();
    if !everything {
        (config.vit.drop_path_rate, config.crops.n_local) = (0.0, 0);
    }
    let engine = tiny::engine(gpu, &config, 4, gpu.bounds()).await?;
    tiny::run(&engine);
    let gradients = tiny::gradients(&engine).await?;
    let norm = |t: &Tensor| t.data.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    let all = gradients.values().map(|t| norm(t).powi(2)).sum::<f64>().sqrt();
    let parameters = tiny::parameters(&config, 1);
    for place in engine.step.layout.tensors.iter().filter(|t| t.name.starts_with(prefix)) {
        let (parameter, gradient) = (&parameters[&place.name], &gradients[&place.name]);
        let size = norm(gradient).max(1e-3 * all);
        for direction in 0..DIRECTIONS {
            let mut rng = Rng::new(11, 0, direction, place.start as u32);
            let signs: Vec<f32> =
                parameter.data.iter().map(|_| if rng.chance(0.5) { 1.0 } else { -1.0 }).collect();
            let expected: f64 =
                gradient.data.iter().zip(&signs).map(|(g, s)| f64::from(g * s)).sum();
            let found = slope(&engine, place, parameter, &signs, size).await?;
            let error = (found - expected).abs() / size;
            if error.is_nan() || error > TOLERANCE {
                return Err(format!(
                    "`{}`, direction {direction}: the loss changes by {found:.6}, the gradient says \
                     {expected:.6}; off by {error:.2e} of its norm {size:.2e}",
                    place.name
                ));
            }
        }
    }
    gpu.check().map_err(text)
}

/// Derivative of the loss along `signs` by central differences at two distances, so that the third
/// order cancels.
async fn slope(
    engine: &Engine,
    place: &Place,
    parameter: &Tensor,
    signs: &[f32],
    size: f64,
) -> Found<f64> {
    // The loss has about seven digits: it must change in the third, and the step must stay small.
    let distance = (2e-3 / size).min(0.01) as f32;
    let slice = engine.step.arenas.student.slice(place);
    let mut slopes = [0.0; 2];
    for (slope, distance) in slopes.iter_mut().zip([distance, 2.0 * distance]) {
        for side in [1.0, -1.0] {
            let moved: Vec<f32> =
                parameter.data.iter().zip(signs).map(|(p, s)| p + side * distance * s).collect();
            engine.program.write_f32(&engine.gpu, slice, &place.pack(&moved));
            *slope += f64::from(side) * loss(engine).await? / f64::from(2.0 * distance);
        }
    }
    engine.program.write_f32(&engine.gpu, slice, &place.pack(&parameter.data));
    Ok((4.0 * slopes[0] - slopes[1]) / 3.0)
}

/// The loss of the whole batch, summed in double precision over its rows.
async fn loss(engine: &Engine) -> Found<f64> {
    let (program, lines) = (&engine.program, engine.step.forward_backward.clone());
    let backward = program.plan.dispatches.iter().position(|d| d.phase == Phase::Backward);
    program.run(&engine.gpu, lines.start..backward.unwrap_or(lines.end));
    let rows = program.plan.find("row_loss").ok_or("the plan has no `row_loss`")?;
    let crops = engine.step.student.rows.crops();
    let rows = program.read(&engine.gpu, rows).await.map_err(text)?;
    Ok(rows[..crops].iter().map(|v| f64::from(*v)).sum())
}
