//! Names and shapes of all parameters, as in the official checkpoint and in its order. Invariant:
//! this is the only list of parameters; layout, initialisation and checkpoints all follow it.

use crate::run::config::{Config, MLP_RATIO, VitConfig};

/// Names and shapes of one network's parameters: `backbone.*`, then `head.*`.
pub fn shapes(config: &Config) -> Vec<(String, Vec<usize>)> {
    let (d, head) = (config.vit.embed_dim, &config.head);
    let mut list = Shapes(backbone(&config.vit));
    list.linear("head.mlp.0", head.hidden_dim, d);
    list.linear("head.mlp.2", head.hidden_dim, head.hidden_dim);
    list.linear("head.mlp.4", head.bottleneck_dim, head.hidden_dim);
    list.add("head.last_layer.weight_g", &[head.out_dim, 1]);
    list.add("head.last_layer.weight_v", &[head.out_dim, head.bottleneck_dim]);
    list.0
}

/// Names and shapes of a backbone's parameters.
pub fn backbone(vit: &VitConfig) -> Vec<(String, Vec<usize>)> {
    let (d, p) = (vit.embed_dim, vit.patch_size);
    let mut list = Shapes(Vec::new());
    list.add("backbone.cls_token", &[1, 1, d]);
    list.add("backbone.pos_embed", &[1, vit.tokens(vit.img_size), d]);
    list.add("backbone.patch_embed.proj.weight", &[d, 3, p, p]);
    list.add("backbone.patch_embed.proj.bias", &[d]);
    for block in 0..vit.depth {
        let name = |part: &str| format!("backbone.blocks.{block}.{part}");
        list.layer_norm(&name("norm1"), d);
        list.linear(&name("attn.qkv"), 3 * d, d);
        list.linear(&name("attn.proj"), d, d);
        list.layer_norm(&name("norm2"), d);
        list.linear(&name("mlp.fc1"), MLP_RATIO * d, d);
        list.linear(&name("mlp.fc2"), d, MLP_RATIO * d);
    }
    list.layer_norm("backbone.norm", d);
    list.0
}

struct Shapes(Vec<(String, Vec<usize>)>);

impl Shapes {
    fn add(&mut self, name: &str, shape: &[usize]) {
        self.0.push((name.to_owned(), shape.to_vec()));
    }

    /// Weight (out, in) and bias (out).
    fn linear(&mut self, name: &str, out: usize, input: usize) {
        self.add(&format!("{name}.weight"), &[out, input]);
        self.add(&format!("{name}.bias"), &[out]);
    }

    fn layer_norm(&mut self, name: &str, width: usize) {
        self.add(&format!("{name}.weight"), &[width]);
        self.add(&format!("{name}.bias"), &[width]);
    }
}
