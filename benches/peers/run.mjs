// Times one DINO step of TensorFlow.js, jax-js, burn-wgpu and ours in one Chromium, in interleaved rounds, and
// prints a table of medians and ratios. Environment: BASE_URL (serves harness.html and /pkg/;
// without it only the peers run), BURN (folder with burn_peer.js; without it no burn-wgpu), CHROMIUM,
// NODE_PATH (with playwright-core), OUT (folder of peers.json), WORK (small or large), ROUNDS, STEPS (a round and system), SECONDS (a round and peer
// at most), SYSTEMS (comma-separated names).

import { build } from 'esbuild';
import { createServer } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch } from '../../tests/browser/lib.mjs';
import { WORKS } from './work.mjs';

const env = process.env;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const workName = env.WORK ?? 'small';
const rounds = Number(env.ROUNDS ?? 3);
const steps = Number(env.STEPS ?? 8);
const seconds = Number(env.SECONDS ?? (workName === 'large' ? 40 : 15));
const out = env.OUT ?? here('../../target/bench');
const everything = ['ours', 'jax-js-webgpu', 'jax-js-wasm', 'tfjs-webgpu', 'tfjs-cpu', 'burn-wgpu'];
const chosen = env.SYSTEMS ? env.SYSTEMS.split(',') : everything;
for (const name of chosen) {
  if (!everything.includes(name)) throw new Error(`SYSTEMS: ${name} is none of ${everything}`);
}
// What a system needs that is built before this script runs.
const needs = { ours: env.BASE_URL, 'burn-wgpu': env.BURN };
const names = chosen.filter((name) => !(name in needs) || needs[name]);
for (const name of chosen.filter((name) => !names.includes(name))) {
  console.log(`${name}: skipped, for it was not built: cargo xtask bench peers builds it`);
}
if (!WORKS[workName]) throw new Error(`WORK: expected ${Object.keys(WORKS)}, found ${workName}`);

const server = await serve();
const url = `http://127.0.0.1:${server.address().port}/`;
const browser = await launch();
const systems = [];
for (const name of names) systems.push(await open(name));
for (let round = 0; round < rounds; round++) {
  for (const system of systems) await measure(system, round);
}
await browser.close();
server.close();
await report();

/** A server of the bundled peers. Its headers allow shared memory: jax-js' threads need it. */
async function serve() {
  const bundle = await build({
    entryPoints: [here('page.mjs')],
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    outdir: '/',
    write: false,
    logLevel: 'error',
  });
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';
  const files = new Map(bundle.outputFiles.map((f) => [f.path.replaceAll('\\', '/'), f.contents]));
  const burn = env.BURN ? ['burn_peer.js', 'burn_peer_bg.wasm'] : [];
  for (const name of burn) files.set(`/burn/${name}`, await readFile(`${env.BURN}/${name}`));
  const file = (path) => [...files].find(([name]) => name.endsWith(path))?.[1];
  const server = createServer((request, response) => {
    const page = request.url === '/';
    const found = page ? html : file(request.url);
    const script = request.url.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
    response.writeHead(found ? 200 : 404, {
      'content-type': page ? 'text/html; charset=utf-8' : script,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    response.end(found);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return server;
}

/** A system's page after its first step. */
async function open(name) {
  const page = await browser.newPage();
  page.setDefaultTimeout(300_000);
  page.on('pageerror', (error) => console.log(`${name}: ${error.message}`));
  const system = { name, page, ms: [], losses: [] };
  try {
    if (name === 'ours') {
      await page.goto(`${env.BASE_URL}/harness.html`);
      await page.waitForFunction(() => globalThis.harness);
    } else {
      await page.goto(url);
      await page.waitForFunction(() => globalThis.begin);
      const first = await page.evaluate(([n, w]) => begin(n, w), [name, workName]);
      system.first_ms = first.first_ms;
      system.losses.push(first.loss);
      console.log(`${name}: first step ${(first.first_ms / 1000).toFixed(1)} s`);
    }
  } catch (error) {
    fail(system, error);
  }
  return system;
}

/** Some steps of a system; in the first round the two that warm it up are not counted. */
async function measure(system, round) {
  if (system.error) return;
  try {
    await system.page.bringToFront();
    const warm = round === 0 ? 2 : 1;
    let found;
    if (system.name === 'ours') {
      found = await ours(system.page, warm + steps);
      // Only the first run finds nothing compiled.
      system.first_ms ??= found.first_ms;
      system.build_ms ??= found.build_ms;
    } else {
      found = await system.page.evaluate(([n, s]) => globalThis.steps(n, s), [warm + steps, seconds]);
    }
    system.losses.push(...found.losses);
    // A system too slow to do more than the warm-up within its time is measured by what it did.
    const counted = found.ms.length > warm ? found.ms.slice(warm) : found.ms.slice(-1);
    system.ms.push(...counted);
    console.log(`round ${round + 1}: ${system.name} ${median(counted).toFixed(1)} ms`);
  } catch (error) {
    fail(system, error);
  }
}

function ours(page, n) {
  return page.evaluate(
    async ([config, n]) => JSON.parse(await (await import('/pkg/harness.js')).bench(config, n)),
    [JSON.stringify(config(WORKS[workName])), n],
  );
}

/** The same sizes as our settings: a full step. */
function config(work) {
  return {
    vit: {
      img_size: work.global, patch_size: work.patch, embed_dim: work.dim,
      depth: work.depth, num_heads: work.heads, drop_path_rate: 0.1,
    },
    head: {
      hidden_dim: work.hidden, bottleneck_dim: work.bottleneck,
      out_dim: work.prototypes, norm_last_layer: true,
    },
    crops: { global_size: work.global, local_size: work.local, n_local: work.locals },
    batch: work.batch, epochs: 10, steps_per_epoch: 100, warmup_epochs: 0, lr: 5e-4, min_lr: 1e-6,
    weight_decay: 0.04, weight_decay_end: 0.4, momentum_teacher: 0.996, teacher_temp: 0.04,
    warmup_teacher_temp: 0.04, warmup_teacher_temp_epochs: 0, clip_grad: 3, freeze_last_layer: 0,
    student_temp: 0.1, center_momentum: 0.9,
  };
}

/** Prints the table, writes peers.json, fails when a loss is wrong or a system did not run. */
async function report() {
  const rows = systems.map((system) => {
    const { name, first_ms, build_ms, ms, losses, error } = system;
    const finite = losses.every(Number.isFinite) && new Set(losses).size > 1;
    const problem = error ?? (finite ? undefined : `losses ${losses.slice(0, 4)} are not those of training`);
    return {
      name, ms: median(ms), first_ms, build_ms, steps: ms.length, work: workName,
      losses, error: problem,
    };
  });
  const base = rows.find((row) => row.name === 'ours')?.ms;
  console.log(`\nOne DINO step, ${workName} work, ${browser.version()}, median of ${rounds} rounds`);
  print(['system', 'first step', 'ms a step', 'times ours', 'steps', 'loss first → last']);
  for (const row of rows) {
    const { name, error, ms, first_ms, steps, losses } = row;
    if (base && ms) row.ratio = ms / base;
    if (error) print([name, error]);
    else {
      const first = `${(first_ms / 1000).toFixed(1)} s`;
      const ratio = row.ratio?.toFixed(2) ?? '–';
      print([name, first, ms.toFixed(1), ratio, steps, `${losses[0].toFixed(3)} → ${losses.at(-1).toFixed(3)}`]);
    }
  }
  console.log('Ours is the whole step; the peers do no augmentation, weight norm, clipping or teacher update.');
  await mkdir(out, { recursive: true });
  const file = workName === 'small' ? 'peers.json' : `peers-${workName}.json`;
  await writeFile(`${out}/${file}`, `${JSON.stringify(rows, null, 1)}\n`);
  process.exitCode = rows.some((row) => row.error) ? 1 : 0;
}

function print(cells) {
  const widths = [14, 11, 10, 11, 6, 0];
  console.log(cells.map((cell, i) => String(cell).padEnd(widths[i])).join(' '));
}

function fail(system, error) {
  system.error = String(error?.message ?? error).split('\n')[0];
  console.log(`${system.name}: ${system.error}`);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
