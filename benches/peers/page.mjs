// Runs one peer in a page: `begin(system, work)` loads it and does the first step, `steps(n, seconds)`
// does up to n more within a time. Each step is awaited until its loss, one number, is on the host.

import { WORKS } from './work.mjs';

const SYSTEMS = {
  'tfjs-webgpu': async (work) => (await import('./tfjs.mjs')).start('webgpu', work),
  'tfjs-cpu': async (work) => (await import('./tfjs.mjs')).start('cpu', work),
  'jax-js-webgpu': async (work) => (await import('./jaxjs.mjs')).start('webgpu', work),
  'jax-js-wasm': async (work) => (await import('./jaxjs.mjs')).start('wasm', work),
  'burn-wgpu': async (_, name) => {
    // Compiled from Rust, not bundled: it has the numbers of work.mjs itself.
    const url = '/burn/burn_peer.js';
    const burn = await import(url);
    await burn.default();
    await burn.begin(name);
    return () => burn.step();
  },
};

let step;

/** First step, compilation included, from the call to the loss: { first_ms, loss }. */
globalThis.begin = async (system, work) => {
  const begin = performance.now();
  step = await SYSTEMS[system](WORKS[work], work);
  const loss = await step();
  return { first_ms: performance.now() - begin, loss };
};

/** { ms, losses } of at least one and at most n steps, ended after so many seconds. */
globalThis.steps = async (n, seconds) => {
  const ms = [];
  const losses = [];
  const end = performance.now() + seconds * 1000;
  do {
    const begin = performance.now();
    losses.push(await step());
    ms.push(performance.now() - begin);
  } while (ms.length < n && performance.now() < end);
  return { ms, losses };
};
