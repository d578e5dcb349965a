//! Layers as lines of a plan: linear layers and LayerNorms by their names in the checkpoint, forward
//! and backward. Invariant: `d_x` is dL/dx; parameter gradients are added to the gradient arena.

use crate::gpu::plan::{Plan, Slice};
use crate::kernels::Rows;
use crate::kernels::gemm::{Epilogue, Form, Gemm, Shape, Tuning, gemm, partial_words};
use crate::kernels::layer_norm;
use crate::kernels::layer_norm::Affine;
use crate::kernels::reduce::{ReduceParams, reduce};
use crate::kernels::update::BACKBONE;
use crate::model::layout::{Arena, Layout, Tensor};
use dino_core::weights::parameters::ParameterKind;

/// The plan under construction, with the layout, the tuning and the small buffers that all lists share.
pub struct Builder<'a> {
    pub plan: Plan,
    pub layout: &'a Layout,
    pub tuning: &'a Tuning,
    /// Small buffers to bind where a kernel needs nothing: one read, one written.
    pub unused: (Slice, Slice),
    /// Partial sums, as large as the largest of them.
    pub partial: Slice,
}

impl<'a> Builder<'a> {
    /// An empty plan with `partial` words of scratch for two-pass sums.
    pub fn new(layout: &'a Layout, tuning: &'a Tuning, partial: usize) -> Self {
        let mut plan = Plan::new(tuning.serial, tuning.lanes);
        let unused = (plan.buffer("unused.read", 64), plan.buffer("unused.written", 64));
        let partial = plan.scratch("partial", partial);
        Self { plan, layout, tuning, unused, partial }
    }

    /// A parameter by name. The names are this crate's own, all in [`dino_core::weights::parameters`].
    pub fn tensor(&self, name: &str) -> &'a Tensor {
        match self.layout.tensor(name) {
            Some(tensor) => tensor,
            None => unreachable!("`{name}` is not a parameter"),
        }
    }

    /// Weight of a linear layer, of the patch embedding, or the direction of the weight-normed last layer.
    pub fn weight(&self, layer: &str) -> &'a Tensor {
        self.part(
            layer,
            &[ParameterKind::Weight, ParameterKind::PatchWeight, ParameterKind::Direction],
        )
    }

    /// Weight and bias of a LayerNorm.
    pub fn affine(&self, arena: &Arena, layer: &str) -> Affine {
        Affine {
            weight: arena.slice(self.part(layer, &[ParameterKind::NormWeight])),
            bias: arena.slice(self.part(layer, &[ParameterKind::NormBias])),
        }
    }

    fn part(&self, layer: &str, kinds: &[ParameterKind]) -> &'a Tensor {
        match self.layout.part(layer, kinds) {
            Some(tensor) => tensor,
            None => unreachable!("`{layer}` has no {kinds:?}"),
        }
    }

    /// `y = epilogue(x Wᵀ)` of the layer `name`.
    pub fn linear(&mut self, arena: &Arena, name: &str, rows: usize, x: Slice, y: Linear) {
        let weight = self.weight(name);
        let bias = self.layout.part(name, &[ParameterKind::Bias, ParameterKind::PatchBias]);
        let g = Gemm {
            shape: Shape { form: Form::Nt, m: rows, n: weight.rows, k: weight.columns },
            epilogue: y.epilogue,
            a: (x, weight.stride),
            b: (arena.slice(weight), weight.stride),
            c: (y.out, weight.rows.next_multiple_of(4)),
            column: y.column.or(bias.map(|b| arena.slice(b))),
            other: y.other,
            derivative: y.derivative,
            scale: y.scale,
            unused: self.unused,
        };
        gemm(&mut self.plan, name, self.tuning, &g);
    }

    /// Gradient of a linear layer's weight and bias, added to the gradient arena.
    pub fn linear_gradient(
        &mut self,
        gradient: &Arena,
        name: &str,
        rows: usize,
        x: Slice,
        d_y: Slice,
    ) {
        let weight = self.weight(name);
        // The patch embedding's bias must not see the CLS rows, so the positions' gradient sums it.
        let bias = self.layout.part(name, &[ParameterKind::Bias]);
        let shape = Shape { form: Form::Tn, m: weight.rows, n: weight.columns, k: rows };
        let parts = self.tuning.choice(shape).parts;
        let lda = weight.rows.next_multiple_of(4);
        let bias = bias.map(|b| (b, gradient.slice(b)));
        let (epilogue, c) = match (parts, bias) {
            (1, None) => (Epilogue::Add, gradient.slice(weight)),
            (1, Some(_)) => (Epilogue::AddBias, gradient.slice(weight)),
            _ => (Epilogue::Store, self.partial),
        };
        let g = Gemm {
            shape,
            epilogue,
            a: (d_y, lda),
            b: (x, weight.stride),
            c: (c, weight.stride),
            column: None,
            other: None,
            derivative: bias.map(|(_, slice)| slice),
            scale: None,
            unused: self.unused,
        };
        gemm(&mut self.plan, &format!("{name}.weight"), self.tuning, &g);
        if parts == 1 {
            return;
        }
        let params = ReduceParams {
            parts: parts as u32,
            stride: (weight.words() + lda) as u32,
            first: weight.words() as u32,
            second: bias.map_or(0, |(b, _)| b.columns as u32),
            offset: weight.words() as u32,
        };
        let two = bias.map_or(self.unused.1, |(_, slice)| slice);
        let one = gradient.slice(weight);
        reduce(&mut self.plan, &format!("{name}.reduce"), params, self.partial, one, two);
    }

    /// `d_x = d_y W`, times `factor` where there is one (GELU's derivative).
    pub fn linear_backward(
        &mut self,
        arena: &Arena,
        name: &str,
        rows: usize,
        (d_y, d_x): (Slice, Slice),
        factor: Option<Slice>,
    ) {
        let weight = self.weight(name);
        let g = Gemm {
            shape: Shape { form: Form::Nn, m: rows, n: weight.columns, k: weight.rows },
            epilogue: if factor.is_some() { Epilogue::TimesOther } else { Epilogue::Store },
            a: (d_y, weight.rows.next_multiple_of(4)),
            b: (arena.slice(weight), weight.stride),
            c: (d_x, weight.stride),
            column: None,
            other: factor,
            derivative: None,
            scale: None,
            unused: self.unused,
        };
        gemm(&mut self.plan, &format!("{name}.input"), self.tuning, &g);
    }

    /// Gradient of a LayerNorm's weight and bias, added to the gradient arena.
    pub fn affine_gradient(
        &mut self,
        gradient: &Arena,
        name: &str,
        rows: usize,
        [x, stats, d_y]: [Slice; 3],
    ) {
        let to = self.affine(gradient, name);
        let width = self.part(name, &[ParameterKind::NormWeight]).columns;
        let parts = layer_norm::parts(rows);
        let partial = self.partial.part(0, parts * 2 * width);
        let affine = format!("{name}.affine");
        layer_norm::backward_affine(
            &mut self.plan,
            &affine,
            (rows, width),
            [x, stats, d_y, partial],
        );
        let width = width as u32;
        let params = ReduceParams {
            parts: parts as u32,
            stride: 2 * width,
            first: width,
            second: width,
            offset: width,
        };
        reduce(&mut self.plan, &format!("{name}.reduce"), params, partial, to.weight, to.bias);
    }
}

/// Epilogue of a linear layer, its operands and the place of the result.
#[derive(Clone, Copy)]
pub struct Linear {
    pub epilogue: Epilogue,
    pub out: Slice,
    /// Scale of each column, instead of the bias.
    pub column: Option<Slice>,
    pub other: Option<Slice>,
    pub derivative: Option<Slice>,
    pub scale: Option<(Slice, Rows)>,
}

impl Linear {
    /// A plain result.
    pub fn to(epilogue: Epilogue, out: Slice) -> Self {
        Self { epilogue, out, column: None, other: None, derivative: None, scale: None }
    }
}

/// Words of scratch for the two-pass sums of the backward pass.
pub fn partial_scratch(layout: &Layout, tuning: &Tuning, tokens: usize, crops: usize) -> usize {
    let products = layout.tensors.iter().filter(|t| t.rows > 1).map(|t| {
        let k = if t.flags & BACKBONE == 0 { crops } else { tokens };
        let shape = Shape { form: Form::Tn, m: t.rows, n: t.columns, k };
        match tuning.choice(shape).parts {
            1 => 0, // goes to the gradient arena at once
            parts => partial_words(shape, t.rows.next_multiple_of(4), t.stride, parts),
        }
    });
    let norms = layout
        .tensors
        .iter()
        .filter(|t| t.kind == ParameterKind::NormWeight)
        .map(|t| 2 * t.columns * layer_norm::parts(tokens).max(layer_norm::parts(crops)));
    products.chain(norms).max().unwrap_or(1)
}
