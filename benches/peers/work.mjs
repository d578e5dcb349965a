// The work that every system does: sizes, start values and pictures, the same numbers for all.
// Plain JavaScript, no framework. Invariant: everything follows from `seed`, so two systems that
// compute the same step print the same losses.

/** Sizes of the two works; `batch` images, 2 globals and `locals` locals each. */
export const WORKS = {
  small: {
    dim: 64, heads: 2, depth: 3, patch: 8, global: 32, local: 16, locals: 2, batch: 4,
    hidden: 512, bottleneck: 128, prototypes: 256,
  },
  large: {
    dim: 192, heads: 3, depth: 6, patch: 8, global: 64, local: 32, locals: 4, batch: 8,
    hidden: 512, bottleneck: 128, prototypes: 1024,
  },
};

export const STUDENT_TEMP = 0.1;
export const TEACHER_TEMP = 0.04;
export const CENTER_MOMENTUM = 0.9;
export const LAYER_NORM_EPS = 1e-6;
export const ADAM = { lr: 5e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, decay: 0.04 };

/** Uniform numbers in [0, 1): mulberry32. */
function uniform(seed) {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `n` normal numbers of standard deviation `std`. */
function normal(random, n, std) {
  return Float32Array.from({ length: n }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return std * radius * Math.cos(2 * Math.PI * random());
  });
}

/**
 * Parameters in order: name → { shape, values }. Linear weights are (in, out), ready for x·W. The
 * rows of the last layer have norm 1, as after weight norm with g = 1.
 */
export function parameters(work, seed = 1) {
  const random = uniform(seed);
  const all = {};
  const put = (name, shape, values) => (all[name] = { shape, values });
  const size = (shape) => shape.reduce((a, b) => a * b, 1);
  const gauss = (name, shape) => put(name, shape, normal(random, size(shape), 0.02));
  const zeros = (name, n) => put(name, [n], new Float32Array(n));
  const linear = (name, n, m) => {
    gauss(`${name}.weight`, [n, m]);
    zeros(`${name}.bias`, m);
  };
  const norm = (name, n) => {
    put(`${name}.weight`, [n], new Float32Array(n).fill(1));
    zeros(`${name}.bias`, n);
  };
  const { dim, patch, global, depth, hidden, bottleneck, prototypes } = work;
  const inputs = 3 * patch * patch;
  put('patch_embed.weight', [inputs, dim], normal(random, inputs * dim, 1 / Math.sqrt(3 * inputs)));
  zeros('patch_embed.bias', dim);
  gauss('cls_token', [1, 1, dim]);
  gauss('pos_embed.cls', [1, 1, dim]);
  gauss('pos_embed.patches', [(global / patch) ** 2, dim]);
  for (let i = 0; i < depth; i++) {
    norm(`blocks.${i}.norm1`, dim);
    linear(`blocks.${i}.attn.qkv`, dim, 3 * dim);
    linear(`blocks.${i}.attn.proj`, dim, dim);
    norm(`blocks.${i}.norm2`, dim);
    linear(`blocks.${i}.mlp.fc1`, dim, 4 * dim);
    linear(`blocks.${i}.mlp.fc2`, 4 * dim, dim);
  }
  norm('norm', dim);
  linear('head.mlp.0', dim, hidden);
  linear('head.mlp.2', hidden, hidden);
  linear('head.mlp.4', hidden, bottleneck);
  const last = normal(random, bottleneck * prototypes, 1);
  for (let k = 0; k < prototypes; k++) {
    let square = 0;
    for (let j = 0; j < bottleneck; j++) square += last[j * prototypes + k] ** 2;
    for (let j = 0; j < bottleneck; j++) last[j * prototypes + k] /= Math.sqrt(square);
  }
  put('head.last_layer.weight', [bottleneck, prototypes], last);
  return all;
}

/**
 * Random crops, already cut into patches and normalised: (views·batch, patches, 3·patch²) for the
 * globals and for the locals. Crops of one image share a smooth wave, as crops of a photograph share
 * what they show; the rest is noise.
 */
export function crops(work, seed = 2) {
  const random = uniform(seed);
  const values = 3 * work.patch * work.patch;
  const waves = Array.from({ length: work.batch }, () => normal(random, values, 1));
  const make = (views, size) => {
    const patches = (size / work.patch) ** 2;
    const out = new Float32Array(views * work.batch * patches * values);
    for (let v = 0, at = 0; v < views; v++) {
      for (const wave of waves) {
        const noise = normal(random, patches * values, 0.5);
        for (let i = 0; i < noise.length; i++) out[at++] = wave[i % values] + noise[i];
      }
    }
    return { shape: [views * work.batch, patches, values], values: out };
  };
  return { globals: make(2, work.global), locals: make(work.locals, work.local) };
}

/** Matrix (local patches, global patches) that interpolates positions: bicubic, a = −0.75. */
export function interpolation(work) {
  const from = work.global / work.patch;
  const to = work.local / work.patch;
  const a = -0.75;
  const cubic = (x) => {
    const d = Math.abs(x);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
  };
  const line = Array.from({ length: to }, (_, i) => {
    const row = new Array(from).fill(0);
    const at = ((i + 0.5) * from) / (to + 0.1) - 0.5;
    for (let j = Math.floor(at) - 1; j <= Math.floor(at) + 2; j++) {
      row[Math.min(from - 1, Math.max(0, j))] += cubic(at - j);
    }
    return row;
  });
  const values = new Float32Array(to ** 2 * from ** 2);
  for (let i = 0; i < to ** 2; i++) {
    for (let j = 0; j < from ** 2; j++) {
      const [y, x] = [Math.floor(i / to), i % to];
      values[i * from ** 2 + j] = line[y][Math.floor(j / from)] * line[x][j % from];
    }
  }
  return { shape: [to ** 2, from ** 2], values };
}

/** Decoupled weight decay of a tensor: none for biases and other vectors. */
export function decay(shape) {
  return shape.length > 1 ? ADAM.decay : 0;
}

/** Pairs of a teacher's and another student's view. */
export function pairs(work) {
  return 2 * (2 + work.locals - 1);
}
