//! GELU and its derivative by the error function, for CPU twins and for heads that are evaluated on the host. Invariant:
//! the formula of `shaders/gemm_store.wgsl`.

/// GELU and its derivative.
pub fn gelu(x: f32) -> (f32, f32) {
    let x = f64::from(x);
    let cumulative = 0.5 * (1.0 + erf(x / std::f64::consts::SQRT_2));
    let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    ((x * cumulative) as f32, (cumulative + x * density) as f32)
}

/// The error function to double precision: Taylor's series near zero, Laplace's continued fraction
/// beyond.
fn erf(x: f64) -> f64 {
    if x.abs() < 3.0 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        return sum * std::f64::consts::FRAC_2_SQRT_PI;
    }
    let y = x.abs();
    let fraction = (1..60).rev().fold(0.0, |f, n| f64::from(n) / 2.0 / (y + f));
    x.signum() * (1.0 - (-y * y).exp() / (y + fraction) / std::f64::consts::PI.sqrt())
}
