//! Checks of the matrix products against their CPU twins, at odd shapes and with k in parts. Invariant: every
//! variant that the adapter can run takes part, and each family with every epilogue.

use crate::gpu::device::Gpu;
use crate::kernels::Rows;
use crate::kernels::gemm::{
    Choice, Epilogue, Form, Gemm, K_STEP, Shape, Tuning, Variant, gemm, partial_words, variants,
};
use crate::tune::{TunedGpu, lanes};
use crate::verify::checks::twins::{TOLERANCE, Twins};
use crate::verify::checks::{Check, Outcome, text};

/// All checks of this file.
pub fn checks() -> Vec<Check> {
    vec![
        Check { name: "device: subgroups are used", run: |gpu| Box::pin(subgroups(gpu)) },
        Check {
            name: "device: subgroups of another width are not used",
            run: |gpu| Box::pin(wrong_subgroups(gpu)),
        },
        Check { name: "kernel: product NT", run: |gpu| Box::pin(nt(gpu)) },
        Check { name: "kernel: product NN", run: |gpu| Box::pin(nn(gpu)) },
        Check { name: "kernel: product TN", run: |gpu| Box::pin(tn(gpu)) },
        Check { name: "kernel: product, rolled", run: |gpu| Box::pin(rolled(gpu)) },
    ]
}

/// (m, n, k): below, at and beyond tiles and steps of k; k and n leave every remainder by four.
const SHAPES: [(usize, usize, usize); 6] =
    [(1, 63, 37), (63, 65, 4), (130, 257, 39), (257, 1, 66), (17, 12, 257), (5, 6, 1)];

/// Fails if a device believes that its subgroups have another number of lanes than they have.
async fn wrong_subgroups(gpu: &Gpu) -> Outcome {
    let Some(lanes) = gpu.lanes else { return Ok(()) };
    let mut other = Gpu::new().await.map_err(text)?;
    for announced in [lanes, lanes / 2, 2 * lanes, 32, 64] {
        other.lanes = Some(announced);
        let believed = lanes::verify(&other).await;
        let sentence = believed.as_ref().map_or_else(ToString::to_string, |()| String::new());
        if believed.is_ok() != (announced == lanes) {
            return Err(format!("{announced} lanes announced, {lanes} are there: `{sentence}`"));
        }
    }
    other.lanes = Some(2 * lanes);
    let tuned = TunedGpu::verified(other).await.map_err(text)?;
    let told = tuned.tuner.borrow().refused.len();
    if tuned.lanes.is_some() || told != 1 {
        return Err(format!("expected no lanes and a sentence, found {:?}, {told}", tuned.lanes));
    }
    Ok(())
}

/// Fails where the adapter has subgroups of a fixed size that the device does not use: their variants would go
/// untested in silence.
async fn subgroups(gpu: &Gpu) -> Outcome {
    let (least, most) = (gpu.info.subgroup_min_size, gpu.info.subgroup_max_size);
    let known = (gpu.is_software() && least == most && least > 0).then_some(least);
    if known.is_some() && gpu.lanes != known {
        return Err(format!("expected subgroups of {least} lanes, found {:?}", gpu.lanes));
    }
    Ok(())
}

/// The shapes, and for tiles one of whole tiles, whose loads are not limited.
fn shapes(variant: Variant) -> Vec<(usize, usize, usize)> {
    let (m, n) = variant.tile();
    let whole = matches!(variant, Variant::Tiles { .. }).then_some((m, 2 * n, 3 * K_STEP as usize));
    SHAPES.into_iter().chain(whole).collect()
}

async fn nt(gpu: &Gpu) -> Outcome {
    use Epilogue::*;
    let family = |variant: &Variant| std::mem::discriminant(variant);
    let all: Vec<Variant> = variants(Form::Nt, gpu.lanes, true).collect();
    for (i, variant) in all.iter().copied().enumerate() {
        // The epilogue is the same text in all variants, and a pipeline costs up to a second to
        // compile: the first of each family runs with all of them.
        let first = all.iter().position(|v| family(v) == family(&variant)) == Some(i);
        let epilogues: &[Epilogue] = if first {
            &[Store, Bias, BiasGelu, BiasGeluDerivative, BiasResidual, TimesOther, TimesColumn]
        } else {
            &[BiasGeluDerivative]
        };
        let mut t = Twins::new(40);
        for epilogue in epilogues {
            for (m, n, k) in shapes(variant) {
                product(
                    &mut t,
                    &forced(variant, 1),
                    Shape { form: Form::Nt, m, n, k },
                    *epilogue,
                    false,
                );
            }
        }
        if first {
            let shape = Shape { form: Form::Nt, m: 49, n: 10, k: 5 };
            product(&mut t, &forced(variant, 1), shape, BiasResidual, true);
        }
        t.run(gpu, TOLERANCE).await?;
    }
    Ok(())
}

async fn nn(gpu: &Gpu) -> Outcome {
    for variant in variants(Form::Nn, gpu.lanes, true) {
        let mut t = Twins::new(41);
        for epilogue in [Epilogue::Store, Epilogue::TimesOther] {
            for (m, n, k) in shapes(variant) {
                let shape = Shape { form: Form::Nn, m, n, k };
                product(&mut t, &forced(variant, 1), shape, epilogue, false);
            }
        }
        t.run(gpu, TOLERANCE).await?;
    }
    Ok(())
}

async fn tn(gpu: &Gpu) -> Outcome {
    for variant in variants(Form::Tn, gpu.lanes, true) {
        let mut t = Twins::new(42);
        for (m, n, k) in shapes(variant) {
            let shape = Shape { form: Form::Tn, m, n, k };
            for parts in [1, 2, 3, 7] {
                product(&mut t, &forced(variant, parts), shape, Epilogue::Store, false);
            }
            product(&mut t, &forced(variant, 1), shape, Epilogue::Add, false);
            product(&mut t, &forced(variant, 1), shape, Epilogue::AddBias, false);
        }
        t.run(gpu, TOLERANCE).await?;
    }
    Ok(())
}

/// Results stored in a loop. The smallest tile is enough where larger ones take seconds to compile (lavapipe).
async fn rolled(gpu: &Gpu) -> Outcome {
    let registers =
        variants(Form::Tn, gpu.lanes, true).filter(|v| !matches!(v, Variant::Tiles { .. }));
    for variant in registers.filter(|v| gpu.prefers_loops() || v.tile().0 <= 32) {
        let mut t = Twins::new(43);
        for (m, n, k) in SHAPES {
            for (form, epilogue) in [
                (Form::Nt, Epilogue::BiasGeluDerivative),
                (Form::Nn, Epilogue::TimesOther),
                (Form::Tn, Epilogue::AddBias),
            ] {
                let tuning = Tuning { rolled: true, ..forced(variant, 1) };
                product(&mut t, &tuning, Shape { form, m, n, k }, epilogue, false);
            }
        }
        t.run(gpu, TOLERANCE).await?;
    }
    Ok(())
}

fn forced(variant: Variant, parts: usize) -> Tuning {
    Tuning { forced: Some(Choice { variant, parts }), ..Tuning::default() }
}

/// Adds one product; `scaled` multiplies rows by the drop-path scale of their crops.
fn product(t: &mut Twins, tuning: &Tuning, shape: Shape, epilogue: Epilogue, scaled: bool) {
    let Shape { form, m, n, k } = shape;
    t.case(format!("{form:?} {epilogue:?} {m} x {n} x {k} , {scaled}, {tuning:?}"));
    let (a, b) = match form {
        Form::Nt => (t.matrix("a", m, k), t.matrix("b", n, k)),
        Form::Nn => (t.matrix("a", m, k), t.matrix("b", k, n)),
        Form::Tn => (t.matrix("a", k, m), t.matrix("b", k, n)),
    };
    let parts = tuning.choice(shape).parts;
    let ldc = n.next_multiple_of(4);
    use Epilogue::*;
    let in_parts = form == Form::Tn && epilogue == Store;
    let words = if in_parts { partial_words(shape, a.1, ldc, parts) } else { m * ldc };
    let column =
        matches!(epilogue, Bias | BiasGelu | BiasGeluDerivative | BiasResidual | TimesColumn)
            .then(|| t.input("column", ldc));
    let other = matches!(epilogue, BiasResidual | TimesOther).then(|| t.input("other", m * ldc));
    let derivative = match epilogue {
        BiasGeluDerivative => Some(t.output("derivative", m * ldc)),
        AddBias => Some(t.input("bias", a.1)),
        _ => None,
    };
    let c = match epilogue {
        Add | AddBias => t.input("c", words),
        _ => t.output("c", words),
    };
    let scale = scaled.then(|| {
        let rows = Rows { global_crops: 2, global_tokens: 17, local_crops: 3, local_tokens: 5 };
        (t.input("scale", rows.crops()), rows)
    });
    let g = Gemm {
        shape,
        epilogue,
        a,
        b,
        c: (c, ldc),
        column,
        other,
        derivative,
        scale,
        unused: t.unused(),
    };
    gemm(&mut t.plan, "product", tuning, &g);
}
