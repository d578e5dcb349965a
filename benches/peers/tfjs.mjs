// The DINO step in TensorFlow.js: eager operations, `tf.tidy` around the step, one readback: the
// loss. AdamW by hand: tf.train.adam knows no weight decay, and this form has no more operations.

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import * as shared from './work.mjs';

const { ADAM } = shared;

/** Chooses 'webgpu' or 'cpu'; returns a function that does one step and gives its loss. */
export async function start(backend, work) {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend}`);
  await tf.ready();
  const specs = shared.parameters(work);
  const names = Object.keys(specs);
  const tensor = ({ values, shape }) => tf.tensor(values, shape);
  const student = names.map((name) => tf.variable(tensor(specs[name]), true, name));
  const teacher = Object.fromEntries(names.map((name) => [name, tensor(specs[name])]));
  const m = names.map((name) => tf.variable(tf.zeros(specs[name].shape), false));
  const v = names.map((name) => tf.variable(tf.zeros(specs[name].shape), false));
  const center = tf.variable(tf.zeros([1, work.prototypes]), false);
  const given = shared.crops(work);
  const [globals, locals] = [tensor(given.globals), tensor(given.locals)];
  const resize = tensor(shared.interpolation(work));
  let t = 0;

  return async () => {
    t++;
    const loss = tf.tidy(() => {
      const targets = views(network(teacher, work, [[globals, null]]), 2);
      const q = tf.softmax(targets.sub(center).div(shared.TEACHER_TEMP));
      const [q1, q2] = tf.split(q, 2);
      // Each student view is compared with the teacher's other views.
      const both = tf.add(q1, q2);
      const wanted = tf.concat([q2, q1, ...new Array(work.locals).fill(both)]);
      const { value, grads } = tf.variableGrads(() => {
        const params = Object.fromEntries(student.map((p) => [p.name, p]));
        const out = views(network(params, work, [[globals, null], [locals, resize]]), 2 + work.locals);
        const log = tf.logSoftmax(out.div(shared.STUDENT_TEMP));
        return tf.sum(wanted.mul(log)).mul(-1 / (shared.pairs(work) * work.batch));
      }, student);
      center.assign(
        tf.add(
          center.mul(shared.CENTER_MOMENTUM),
          tf.mean(targets, [0, 1]).reshape([1, -1]).mul(1 - shared.CENTER_MOMENTUM),
        ),
      );
      student.forEach((p, i) => adam(p, grads[p.name], m[i], v[i], t));
      return value;
    });
    const [value] = await loss.data();
    loss.dispose();
    return value;
  };

  function views(logits, n) {
    return logits.reshape([n, work.batch, work.prototypes]);
  }
}

function adam(p, g, m, v, t) {
  m.assign(m.mul(ADAM.beta1).add(g.mul(1 - ADAM.beta1)));
  v.assign(v.mul(ADAM.beta2).add(g.square().mul(1 - ADAM.beta2)));
  const rate = ADAM.lr / (1 - ADAM.beta1 ** t);
  const root = v.div(1 - ADAM.beta2 ** t).sqrt().add(ADAM.eps);
  const kept = 1 - ADAM.lr * shared.decay(p.shape);
  p.assign((kept === 1 ? p : p.mul(kept)).sub(m.mul(rate).div(root)));
}

/** Logits (rows of all inputs, K) of [crops, position matrix or null] pairs: the head runs once. */
function network(p, work, inputs) {
  const cls = inputs.map(([x, resize]) => backbone(p, work, x, resize));
  let x = cls.length > 1 ? tf.concat(cls) : cls[0];
  x = gelu(linear(p, 'head.mlp.0', x));
  x = gelu(linear(p, 'head.mlp.2', x));
  x = linear(p, 'head.mlp.4', x);
  x = x.div(tf.sqrt(tf.sum(x.square(), -1, true)).add(1e-12));
  return tf.matMul(x, p['head.last_layer.weight']);
}

function linear(p, name, x) {
  const w = p[`${name}.weight`];
  const y = tf.matMul(x.reshape([-1, w.shape[0]]), w).add(p[`${name}.bias`]);
  return y.reshape([...x.shape.slice(0, -1), w.shape[1]]);
}

function gelu(x) {
  return x.mul(tf.erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);
}

function layerNorm(p, name, x) {
  const centred = x.sub(tf.mean(x, -1, true));
  const variance = tf.mean(centred.square(), -1, true);
  const scaled = centred.mul(tf.rsqrt(variance.add(shared.LAYER_NORM_EPS)));
  return scaled.mul(p[`${name}.weight`]).add(p[`${name}.bias`]);
}

/** CLS features (crops, D) of crops (crops, patches, 3·patch²). */
function backbone(p, work, crops, resize) {
  const [n, patches] = crops.shape;
  const d = work.dim;
  const pos = p['pos_embed.patches'];
  const positions = resize ? tf.matMul(resize, pos) : pos;
  const tokens = linear(p, 'patch_embed', crops).add(positions);
  const cls = p.cls_token.add(p['pos_embed.cls']);
  let x = tf.concat([tf.broadcastTo(cls, [n, 1, d]), tokens], 1);
  for (let i = 0; i < work.depth; i++) {
    x = x.add(attention(p, `blocks.${i}.attn`, work, layerNorm(p, `blocks.${i}.norm1`, x)));
    const hidden = gelu(linear(p, `blocks.${i}.mlp.fc1`, layerNorm(p, `blocks.${i}.norm2`, x)));
    x = x.add(linear(p, `blocks.${i}.mlp.fc2`, hidden));
  }
  const row = tf.slice(x, [0, 0, 0], [n, 1, d]).reshape([n, d]);
  return layerNorm(p, 'norm', row);
}

function attention(p, name, work, x) {
  const [n, tokens, d] = x.shape;
  const width = d / work.heads;
  const qkv = linear(p, `${name}.qkv`, x)
    .reshape([n, tokens, 3, work.heads, width])
    .transpose([2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(qkv);
  const weights = tf.softmax(tf.matMul(q, k, false, true).mul(width ** -0.5));
  const out = tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([n, tokens, d]);
  return linear(p, `${name}.proj`, out);
}
