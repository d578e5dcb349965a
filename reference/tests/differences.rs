//! Gradients of the referee against central differences of its own loss, with drop path, an enlarged grid of
//! global crops, a centre and a teacher that differs from the student: what the golden cases do not have.
//! Invariant: every parameter takes part.

use reference::shapes::Shape;
use reference::{Array, Case, Referee, Tensors};

/// float64: rounding 1e-16 / H and truncation H² are both far below it.
const TOLERANCE: f64 = 1e-6;
const H: f64 = 1e-5;

/// Numbers between −1 and 1 that look random and depend on `seed` alone.
fn numbers(seed: f64) -> impl FnMut() -> f64 {
    let mut x = seed;
    move || {
        x += 1.0;
        (x * x * 12.9898).sin()
    }
}

#[test]
fn gradients_equal_central_differences() {
    let shapes: Vec<Shape> = serde_json::from_str(include_str!("../shapes.json")).unwrap();
    let mut shape = shapes.into_iter().find(|s| s.name == "head_dim_20_global_enlarged").unwrap();
    shape.settings.vit.depth = 2;
    shape.settings.head.out_dim = 48;
    shape.settings.crops.global_size = 24;
    shape.settings.crops.local_size = 8;
    shape.settings.steps = 1;
    let (settings, files) = (&shape.settings, shape.make().unwrap());

    let mut teacher = files.init.clone();
    for (i, array) in teacher.values_mut().enumerate() {
        let mut next = numbers(i as f64);
        let values = array.values().iter().map(|v| v + 0.2 * next()).collect();
        *array = Array::new("teacher", array.shape(), values).unwrap();
    }
    let mut next = numbers(0.5);
    let center: Vec<f64> = (0..settings.head.out_dim).map(|_| 0.1 * next()).collect();
    let count = settings.vit.depth * 2 * settings.views() * settings.batch;
    let drop_path: Vec<f64> = (0..count).map(|_| if next() < 0.0 { 0.0 } else { 1.6 }).collect();
    let referee = Referee::default();
    let run = |student: &Tensors, drop_path: Option<&[f64]>| {
        let case = Case {
            settings,
            student,
            teacher: &teacher,
            global: &files.crops["step0.global"],
            local: files.crops.get("step0.local"),
            center: &center,
            teacher_temp: 0.05,
            drop_path,
        };
        referee.run(&case).unwrap()
    };

    let outcome = run(&files.init, Some(&drop_path));
    assert!((outcome.loss - run(&files.init, None).loss).abs() > 1e-3, "drop path does nothing");
    assert!(outcome.gradients.keys().eq(files.init.keys()));
    let all = outcome.gradients.values().map(|g| g.norm().powi(2)).sum::<f64>().sqrt();
    for (i, (name, gradient)) in outcome.gradients.iter().enumerate() {
        let mut next = numbers(i as f64 + 0.25);
        let direction = Array::fill(gradient.shape(), &mut next);
        let moved = |h: f64| {
            let mut student = files.init.clone();
            let values = student[name].values().iter().zip(direction.values());
            let values = values.map(|(p, d)| p + h * d).collect();
            student.insert(name.clone(), Array::new(name, gradient.shape(), values).unwrap());
            run(&student, Some(&drop_path)).loss
        };
        let difference = (moved(H) - moved(-H)) / (2.0 * H);
        let product: f64 =
            gradient.values().iter().zip(direction.values()).map(|(g, d)| g * d).sum();
        let error = (difference - product).abs() / (gradient.norm() * direction.norm()).max(all);
        assert!(error <= TOLERANCE, "{name}: {difference} against {product}, off by {error:e}");
    }
}
