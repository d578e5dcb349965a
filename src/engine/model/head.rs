//! DINO's projection head: three linear layers, L2-normalised bottleneck, weight-normed last layer. One pass over
//! the CLS features of all crops. Invariant: the backward list mirrors the forward list, as in the backbone.

use crate::gpu::plan::{Plan, Slice};
use crate::kernels::gemm::Epilogue;
use crate::kernels::normalize;
use crate::kernels::normalize::RowShape;
use crate::model::layers::{Builder, Linear};
use crate::model::layout::Arena;
use dino_core::run::config::HeadConfig;

/// Words from row to row of a matrix with `columns` columns.
pub fn stride(columns: usize) -> usize {
    columns.next_multiple_of(4)
}

/// A head's forward pass in a plan.
pub struct Head {
    config: HeadConfig,
    crops: usize,
    hidden: [Slice; 2], // (crops, hidden) after GELU
    slope: [Slice; 2],  // (crops, hidden) GELU's derivative
    bottleneck: Slice,  // (crops, bottleneck)
    normalized: Slice,  // (crops, bottleneck)
    inverse: Slice,     // (crops) 1 / norm of the bottleneck
    /// (K) g / ‖v‖.
    pub scale: Slice,
    /// (crops, K); the loss replaces the student's by scale · gradient.
    pub logits: Slice,
    kept: bool,
}

impl Head {
    /// Adds buffers named `prefix.head.*`.
    pub fn new(
        plan: &mut Plan,
        prefix: &str,
        config: &HeadConfig,
        crops: usize,
        kept: bool,
    ) -> Self {
        let mut add = |name: &str, words| {
            let name = format!("{prefix}.head.{name}");
            if kept { plan.buffer(name, words) } else { plan.scratch(name, words) }
        };
        let hidden_words = crops * stride(config.hidden_dim);
        let bottleneck_words = crops * stride(config.bottleneck_dim);
        let hidden = [add("hidden.0", hidden_words), add("hidden.2", hidden_words)];
        let slope = if kept {
            [add("slope.0", hidden_words), add("slope.2", hidden_words)]
        } else {
            hidden
        };
        Self {
            config: config.clone(),
            crops,
            hidden,
            slope,
            bottleneck: add("bottleneck", bottleneck_words),
            normalized: add("normalized", bottleneck_words),
            inverse: add("inverse", crops),
            scale: add("scale", config.out_dim),
            logits: plan.buffer(format!("{prefix}.head.logits"), crops * stride(config.out_dim)),
            kept,
        }
    }

    fn bottleneck_shape(&self) -> RowShape {
        let width = self.config.bottleneck_dim;
        RowShape { rows: self.crops, width, stride: stride(width) }
    }

    fn last_layer_shape(&self) -> RowShape {
        RowShape { rows: self.config.out_dim, ..self.bottleneck_shape() }
    }

    /// features (crops, D) → logits (crops, K).
    pub fn forward(&self, b: &mut Builder, arena: &Arena, features: Slice) {
        let gelu = if self.kept { Epilogue::BiasGeluDerivative } else { Epilogue::BiasGelu };
        let mut x = features;
        for (i, name) in ["head.mlp.0", "head.mlp.2"].into_iter().enumerate() {
            let derivative = self.kept.then_some(self.slope[i]);
            let to = Linear { derivative, ..Linear::to(gelu, self.hidden[i]) };
            b.linear(arena, name, self.crops, x, to);
            x = self.hidden[i];
        }
        b.linear(arena, "head.mlp.4", self.crops, x, Linear::to(Epilogue::Bias, self.bottleneck));
        let saved = [self.bottleneck, self.normalized, self.inverse];
        normalize::l2_normalize(&mut b.plan, "head.normalize", self.bottleneck_shape(), saved);
        let v = arena.slice(b.tensor("head.last_layer.weight_v"));
        let g = arena.slice(b.tensor("head.last_layer.weight_g"));
        let shape = self.last_layer_shape();
        normalize::weight_norm(&mut b.plan, "head.last_layer.scale", shape, [v, g, self.scale]);
        let to =
            Linear { column: Some(self.scale), ..Linear::to(Epilogue::TimesColumn, self.logits) };
        b.linear(arena, "head.last_layer", self.crops, self.normalized, to);
    }

    /// scale · d_logits (in `logits`) → d_features, and the gradients of the head's parameters. The last layer's is
    /// `scale · dL/dw`, which [`Head::finish`] turns into dL/dv and dL/dg once a step.
    pub fn backward(
        &self,
        b: &mut Builder,
        student: &Arena,
        gradient: &Arena,
        features: Slice,
        d: &Gradients,
    ) {
        let crops = self.crops;
        b.linear_gradient(gradient, "head.last_layer", crops, self.normalized, self.logits);
        b.linear_backward(student, "head.last_layer", crops, (self.logits, d.normalized), None);
        let saved = [self.normalized, self.inverse, d.normalized, d.bottleneck];
        normalize::l2_normalize_backward(
            &mut b.plan,
            "head.normalize",
            self.bottleneck_shape(),
            saved,
        );
        b.linear_gradient(gradient, "head.mlp.4", crops, self.hidden[1], d.bottleneck);
        b.linear_backward(
            student,
            "head.mlp.4",
            crops,
            (d.bottleneck, d.hidden[1]),
            Some(self.slope[1]),
        );
        b.linear_gradient(gradient, "head.mlp.2", crops, self.hidden[0], d.hidden[1]);
        b.linear_backward(
            student,
            "head.mlp.2",
            crops,
            (d.hidden[1], d.hidden[0]),
            Some(self.slope[0]),
        );
        b.linear_gradient(gradient, "head.mlp.0", crops, features, d.hidden[0]);
        b.linear_backward(student, "head.mlp.0", crops, (d.hidden[0], d.features), None);
    }

    /// Turns the sum over all micro-batches into the last layer's gradients; once a step.
    pub fn finish(&self, b: &mut Builder, student: &Arena, gradient: &Arena) {
        let (v, g) = (b.tensor("head.last_layer.weight_v"), b.tensor("head.last_layer.weight_g"));
        let trainable = !self.config.norm_last_layer;
        let d_g = if trainable { gradient.slice(g) } else { b.unused.1 };
        let slices = [student.slice(v), self.scale, gradient.slice(v), d_g];
        let shape = self.last_layer_shape();
        normalize::weight_norm_backward(&mut b.plan, "head.last_layer", shape, slices, trainable);
    }
}

/// Scratch of the backward pass.
pub struct Gradients {
    pub normalized: Slice,  // (crops, bottleneck)
    pub bottleneck: Slice,  // (crops, bottleneck)
    pub hidden: [Slice; 2], // (crops, hidden)
    pub features: Slice,    // (crops, D)
}

impl Gradients {
    /// Adds the scratch; `features` is shared with the backbone.
    pub fn new(plan: &mut Plan, config: &HeadConfig, crops: usize, features: Slice) -> Self {
        let bottleneck = crops * stride(config.bottleneck_dim);
        let hidden = crops * stride(config.hidden_dim);
        Self {
            normalized: plan.scratch("d_normalized", bottleneck),
            bottleneck: plan.scratch("d_bottleneck", bottleneck),
            hidden: [plan.scratch("d_hidden.0", hidden), plan.scratch("d_hidden.2", hidden)],
            features,
        }
    }
}
