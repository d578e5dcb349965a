// The DINO step in jax-js: the whole step (both forwards, backward, AdamW, centre) in one `jit`.
// jax-js counts references: a function consumes its arguments, so every array that is used again is
// passed as `.ref`, and the last use passes the array itself.

import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import * as shared from './work.mjs';

const { ADAM } = shared;

/** Chooses 'webgpu' or 'wasm'; returns a function that does one step and gives its loss. */
export async function start(device, work) {
  const found = await init(device);
  if (!found.includes(device)) throw new Error(`jax-js has no device ${device}`);
  defaultDevice(device);
  const array = ({ values, shape }) => np.array(values, { shape });
  const specs = shared.parameters(work);
  const load = (make) =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, make(spec)]));
  const zeros = ({ shape, values }) => array({ shape, values: new Float32Array(values.length) });
  let student = load(array);
  const teacher = load(array);
  let m = load(zeros);
  let v = load(zeros);
  let center = array({ shape: [1, 1, work.prototypes], values: new Float32Array(work.prototypes) });
  const given = shared.crops(work);
  const [globals, locals] = [array(given.globals), array(given.locals)];
  const resize = array(shared.interpolation(work));
  const step = jit((...args) => dinoStep(work, specs, ...args));
  let t = 0;

  return async () => {
    t++;
    const corrections = np.array(
      new Float32Array([1 / (1 - ADAM.beta1 ** t), 1 / (1 - ADAM.beta2 ** t)]),
    );
    const out = step(
      student, m, v, center, tree.ref(teacher), globals.ref, locals.ref, resize.ref, corrections,
    );
    ({ student, m, v, center } = out);
    const [value] = await out.loss.data();
    return value;
  };
}

function dinoStep(work, specs, student, m, v, center, teacher, globals, locals, resize, corrections) {
  const views = (logits, n) => logits.reshape([n, work.batch, work.prototypes]);
  const targets = views(network(teacher, work, [[globals.ref, null]]), 2);
  const q = nn.softmax(targets.ref.sub(center.ref).mul(1 / shared.TEACHER_TEMP), -1);
  const [q1, q2] = np.split(q, 2, 0);
  const both = q1.ref.add(q2.ref);
  // Each student view is compared with the teacher's other views.
  const wanted = np.concatenate(
    [q2, q1, ...Array.from({ length: work.locals }, () => both.ref)], 0,
  );
  both.dispose();
  const lossOf = (params, globals, locals, resize, wanted) => {
    const inputs = [[globals, null], [locals, resize]];
    const out = views(network(params, work, inputs), 2 + work.locals);
    const log = nn.logSoftmax(out.mul(1 / shared.STUDENT_TEMP), -1);
    return np.sum(wanted.mul(log)).mul(-1 / (shared.pairs(work) * work.batch));
  };
  const [loss, grads] = valueAndGrad(lossOf)(student_ref(student), globals, locals, resize, wanted);
  const updated = { student: {}, m: {}, v: {}, loss };
  const [rate, scale] = np.split(corrections, 2, 0);
  for (const name of Object.keys(specs)) {
    const { shape } = specs[name];
    const g = grads[name];
    const m1 = m[name].mul(ADAM.beta1).add(g.ref.mul(1 - ADAM.beta1));
    const v1 = v[name].mul(ADAM.beta2).add(np.square(g).mul(1 - ADAM.beta2));
    const root = np.sqrt(v1.ref.mul(scale.ref)).add(ADAM.eps);
    const move = m1.ref.mul(rate.ref).mul(ADAM.lr).div(root);
    updated.student[name] = student[name].mul(1 - ADAM.lr * shared.decay(shape)).sub(move);
    updated.m[name] = m1;
    updated.v[name] = v1;
  }
  rate.dispose();
  scale.dispose();
  updated.center = center
    .mul(shared.CENTER_MOMENTUM)
    .add(np.mean(targets, [0, 1], { keepdims: true }).mul(1 - shared.CENTER_MOMENTUM));
  return updated;
}

const student_ref = (params) => tree.ref(params);

/** Logits (rows of all inputs, K) of [crops, position matrix or null] pairs; consumes both. */
function network(p, work, inputs) {
  const cls = inputs.map(([x, resize]) => backbone(p, work, x, resize));
  let x = cls.length > 1 ? np.concatenate(cls, 0) : cls[0];
  x = gelu(linear(p, 'head.mlp.0', x));
  x = gelu(linear(p, 'head.mlp.2', x));
  x = linear(p, 'head.mlp.4', x);
  const norm = np.sqrt(np.sum(np.square(x.ref), -1, { keepdims: true }));
  x = np.matmul(x.div(norm.add(1e-12)), p['head.last_layer.weight'].ref);
  tree.dispose(p);
  return x;
}

function gelu(x) {
  return nn.gelu(x, { approximate: false });
}

function linear(p, name, x) {
  return np.matmul(x, p[`${name}.weight`].ref).add(p[`${name}.bias`].ref);
}

function layerNorm(p, name, x) {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  const scaled = centred.div(np.sqrt(variance.add(shared.LAYER_NORM_EPS)));
  return scaled.mul(p[`${name}.weight`].ref).add(p[`${name}.bias`].ref);
}

/** CLS features (crops, D) of crops (crops, patches, 3·patch²). */
function backbone(p, work, crops, resize) {
  const n = crops.shape[0];
  const d = work.dim;
  const pos = p['pos_embed.patches'].ref;
  const positions = resize ? np.matmul(resize, pos) : pos;
  const tokens = linear(p, 'patch_embed', crops).add(positions);
  const cls = p.cls_token.ref.add(p['pos_embed.cls'].ref);
  let x = np.concatenate([np.broadcastTo(cls, [n, 1, d]), tokens], 1);
  for (let i = 0; i < work.depth; i++) {
    const mixed = attention(p, `blocks.${i}.attn`, work, layerNorm(p, `blocks.${i}.norm1`, x.ref));
    x = x.add(mixed);
    const normed = layerNorm(p, `blocks.${i}.norm2`, x.ref);
    const hidden = gelu(linear(p, `blocks.${i}.mlp.fc1`, normed));
    x = x.add(linear(p, `blocks.${i}.mlp.fc2`, hidden));
  }
  return layerNorm(p, 'norm', x.slice([], 0));
}

function attention(p, name, work, x) {
  const [n, tokens, d] = x.shape;
  const width = d / work.heads;
  const qkv = linear(p, `${name}.qkv`, x).reshape([n, tokens, 3, work.heads, width]);
  const part = (i) => (i < 2 ? qkv.ref : qkv).slice([], [], i);
  const out = nn.dotProductAttention(part(0), part(1), part(2));
  return linear(p, `${name}.proj`, out.reshape([n, tokens, d]));
}
