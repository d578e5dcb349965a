// What the worker shows of images and networks, asked by its protocol, without the page.

import { expect, test } from "./fixtures.mjs";
import { base, listen, newContext, note } from "./visit.mjs";

test.describe.configure({ mode: "serial" });

let page;
let samples;
let near;
let first;

/** In the page: a worker, and ways to ask it. */
function startWorker() {
  const url = (file) => JSON.stringify(new URL(file, location.href).href);
  const source = `import init from ${url("worker.js")};
    await init({ module_or_path: ${url("worker_bg.wasm")} });`;
  const blob = new Blob([source], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(blob), { type: "module", name: "dino" });
  const [waiting, told] = [new Map(), []];
  let hello;
  const ready = new Promise((resolve) => (hello = resolve));
  worker.onmessage = ({ data: { reply, event } }) => {
    hello();
    const [kind, body] = typeof event === "string" ? [event, null] : Object.entries(event)[0];
    if (reply === undefined || reply === null) return told.push({ kind, body, at: performance.now() });
    waiting.get(reply)?.({ kind, body });
  };
  let next = 0;
  window.told = told;
  /** The answer to a command. */
  window.ask = async (command) => {
    await ready;
    const id = next++;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      worker.postMessage([{ id, command }]);
    });
  };
  /** What was said of a kind so far. */
  window.all = (kind) => told.filter((t) => t.kind === kind).map((t) => t.body);
  /** Waits until something of a kind was said that fits. */
  window.until = async (kind, fits = () => true) => {
    for (let i = 0; i < 6000; i++) {
      const found = all(kind).find(fits);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const kinds = [...new Set(told.map((t) => t.kind))];
    throw new Error(`no ${kind} came; there were ${kinds.join(", ")}`);
  };
  window.floats = (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  window.view = (image, layer, side, more = {}) => ({
    Watch: { view: { image, layer, side, network: "Teacher", ...more } },
  });
  /** Asks for a view; numbers as lists. */
  window.look = async (...args) => {
    const { kind, body } = await ask(view(...args));
    if (kind !== "AttentionView") throw new Error(`${kind}: ${JSON.stringify(body)}`);
    const { grid, heads, values } = body.maps;
    return { ...body, width: grid[0], height: grid[1], heads, attention: values };
  };
}

test.beforeAll(async ({ browser }) => {
  page = await (await newContext(browser, { allSamples: true })).newPage();
  listen(page);
  // An empty page at the page's address: the only program is the worker.
  await page.route(base, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
  await page.goto(base);
  await page.evaluate(startWorker);
});
test.afterAll(() => page.context().close());

test("a run is prepared: its first snapshot and the accuracy before any training", async () => {
  const found = await page.evaluate(async () => {
    await ask({ Open: { base: location.href, tuning: localStorage.getItem("dino.tuning"), reader: false } });
    await ask("AddSamples");
    await until("Run", (run) => run.state === "Paused");
    await until("Crops");
    return {
      accuracy: await until("Accuracy"),
      snapshots: await until("Snapshots"),
      images: all("Added").length,
      attention: all("Attention").length,
      near: (await ask({ Neighbors: { image: 5, count: 3 } })).body,
    };
  });
  near = found.near.nearest;
  samples = found.images;
  expect(found.snapshots.steps, "snapshots").toEqual([0]);
  expect(found.attention, "maps that nobody asked for").toBe(0);
  const { step, knn, chance, pixels, images, labels } = found.accuracy;
  note(`${images} images, ${labels} labels: k-NN ${knn}, pixels ${pixels}, chance ${chance}`);
  expect([step, images], "step and images of the accuracy").toEqual([0, samples]);
  expect(labels).toBeGreaterThanOrEqual(2);
  expect(chance > 0 && chance < 1, `chance ${chance}`).toBe(true);
  // The largest label alone would be right so often.
  expect(knn).toBeGreaterThan(chance);
  expect(pixels).toBeGreaterThan(chance);
});

test("maps of 224 and 480 px at patch 8", async () => {
  const found = await page.evaluate(async () => {
    const times = [];
    let last;
    for (const [image, layer] of [[0, 2], [0, 2], [1, 0], [2, 1]]) {
      const begin = performance.now();
      last = await look(image, layer, 224);
      times.push(performance.now() - begin);
    }
    const begin = performance.now();
    const large = await look(0, 2, 480);
    return { times, last: [last.width, last.height], large: [large.width, large.height], wait: performance.now() - begin };
  });
  note(`${found.times.map(Math.round)} ms; at 480 px ${Math.round(found.wait)} ms`);
  expect(Math.max(...found.last), "patches on the long side").toBe(28);
  expect(Math.max(...found.large), "patches on the long side at 480 px").toBe(60);
});

test("a look holds together: maps, queries, keys, features, picture", async () => {
  first = await page.evaluate(async () => {
    const looks = [];
    for (const layer of [0, 1, 2]) looks.push(await look(3, layer, 96));
    const problems = [];
    const maps = looks.map((l) => [...floats(l.attention)]);
    for (const [layer, l] of looks.entries()) {
      const [n, tokens, head] = [l.width * l.height, l.width * l.height + 1, l.dim / l.heads];
      const [q, k, map] = [floats(l.queries), floats(l.keys), maps[layer]];
      for (let h = 0; h < l.heads; h++) {
        const product = (t) => {
          let sum = 0;
          for (let i = 0; i < head; i++) sum += q[h * tokens * head + i] * k[(h * tokens + t) * head + i];
          return Math.exp(sum);
        };
        const weights = Array.from({ length: tokens }, (_, t) => product(t));
        const sum = weights.reduce((a, b) => a + b);
        const off = weights.slice(1).map((w, i) => Math.abs(w / sum - map[h * n + i]));
        if (Math.max(...off) > 1e-5) problems.push(`layer ${layer}, head ${h}: off by ${Math.max(...off)}`);
      }
      const f = floats(l.features);
      if (f.length !== n * l.dim) problems.push(`${f.length} features`);
      const length = Math.hypot(...f.slice(0, l.dim));
      if (Math.abs(length - 1) > 1e-4) problems.push(`a feature of length ${length}`);
      const { width, height, rgba } = l.picture;
      if (width !== l.width * l.patch || height !== l.height * l.patch || rgba.length !== 4 * width * height) {
        problems.push(`a picture of ${width} × ${height}`);
      }
    }
    const same = String(maps[0]) === String(maps[1]) || String(maps[1]) === String(maps[2]);
    if (same) problems.push("two layers look alike");
    const { layers, heads, step } = looks[2];
    return { problems, map: maps[2], layers, heads, step };
  });
  expect(first.problems).toEqual([]);
  expect([first.layers, first.heads, first.step], "layers, heads, step").toEqual([3, 2, 0]);
});

test("while training, what is watched is shown anew, and once more after a pause", async () => {
  const found = await page.evaluate(async () => {
    await look(3, 2, 96);
    // A short run, whose snapshots lie near each other.
    const { settings } = all("Run").at(-1);
    await ask({ Reset: { settings: { ...settings, steps: 300 } } });
    told.length = 0;
    await ask({ Pin: { images: [0, 2], every: 5, side: 64 } });
    await ask("Start");
    await until("AttentionView", (l) => l.step > 0);
    await until("Progress", (p) => p.points.at(-1)?.step >= 24);
    await ask("Pause");
    const { step } = all("Run").at(-1);
    await until("AttentionView", (l) => l.step === step);
    await until("Accuracy", (a) => a.step === step);
    return {
      step,
      looks: all("AttentionView").map((l) => [l.view.image, l.view.layer, l.step]),
      accuracy: all("Accuracy").map((a) => [a.step, a.knn]),
      snapshots: all("Snapshots").at(-1).steps,
      pinned: all("Pinned").map((p) => [p.step, p.maps.map((m) => [m.image, floats(m.maps.values).length / m.maps.grid[0] / m.maps.grid[1]])]),
      errors: all("Error"),
    };
  });
  note(`looks at ${found.looks.map((l) => l[2])} of ${found.step}; accuracy ${JSON.stringify(found.accuracy)}`);
  expect(found.errors).toEqual([]);
  expect(found.looks.filter(([image, layer]) => image !== 3 || layer !== 2), "other views that were shown").toEqual([]);
  expect(found.snapshots.length, "snapshots").toBeGreaterThanOrEqual(3);
  expect(found.snapshots[0], "the first of them").toBe(0);
  expect(found.pinned[0], "pinned at once, two heads each").toEqual([0, [[0, 2], [2, 2]]]);
  const steps = found.pinned.map(([step]) => step).slice(1);
  expect(steps.length, "times that the pinned ones were shown").toBeGreaterThanOrEqual(4);
  expect(steps, "pinned every five steps").toEqual(steps.map((_, i) => 5 * (i + 1)));
});

test("a snapshot shows the past, and the student is another network", async () => {
  const found = await page.evaluate(async (before) => {
    const map = async (...args) => [...floats((await look(...args)).attention)];
    const begin = await map(3, 2, 96, { network: { Snapshot: 0 } });
    const [now, student] = [await map(3, 2, 96), await map(3, 2, 96, { network: "Student" })];
    const begin2 = await map(3, 2, 96, { network: { Snapshot: 0 } });
    const differs = (a, b) => a.some((v, i) => v !== b[i]);
    return [differs(begin, before), differs(begin, begin2), differs(now, begin), differs(now, student)];
  }, first.map);
  expect(found, "then = begin, twice; now and student differ").toEqual([false, false, true, true]);
});

test("neighbours, colours, and other draws of the crops", async () => {
  const found = await page.evaluate(async () => {
    const { body: near } = await ask({ Neighbors: { image: 5, count: 8 } });
    const begin = performance.now();
    const { body: colors } = await ask({ Colors: { images: [0, 1, 5], network: "Teacher", side: 160 } });
    const wait = performance.now() - begin;
    const { body: again } = await ask({ Colors: { images: [0, 1, 5], network: "Teacher", side: 160 } });
    const bytes = (c) => c.pictures.map(([image, p]) => [image, p.width * p.height * 4 === p.rgba.length, String(p.rgba)]);
    const frames = [];
    for (const draw of [0, 1, 2, 1]) {
      const { body } = await ask({ Crops: { image: 5, draw } });
      frames.push(JSON.stringify([body.draw, body.crops.map((c) => c.frame)]));
    }
    const dark = colors.pictures.map(([, p]) => {
      const pixels = p.rgba.length / 4;
      let count = 0;
      for (let i = 0; i < pixels; i++) count += p.rgba[4 * i] === 12 && p.rgba[4 * i + 1] === 14;
      return count / pixels;
    });
    return { near, wait, same: String(bytes(colors)) === String(bytes(again)), order: bytes(colors).map((b) => b.slice(0, 2)), frames, dark };
  });
  note(`colours of three images in ${Math.round(found.wait)} ms, dark ${found.dark.map((d) => d.toFixed(2))}`);
  expect(found.near.nearest).toHaveLength(8);
  const similar = found.near.nearest.map(([, similarity]) => similarity);
  expect(similar, "similarities in their order").toEqual([...similar].sort((a, b) => b - a));
  expect(similar[0]).toBeLessThanOrEqual(1.0001);
  expect(found.near.nearest.map(([image]) => image), "neighbours of image 5").not.toContain(5);
  expect(found.near.nearest.slice(0, 3), "neighbours as they were at step 0").not.toEqual(near);
  expect(found.same, "whether the colours are the same the second time").toBe(true);
  expect(found.order, "coloured pictures").toEqual([[0, true], [1, true], [5, true]]);
  expect(Math.max(...found.dark), "the darkest").toBeGreaterThan(0);
  expect(Math.max(...found.dark), "the darkest").toBeLessThan(1);
  expect(found.frames[1], "the same draw").toBe(found.frames[3]);
  expect(new Set(found.frames).size, "different draws").toBe(3);
});

test("what cannot be shown is refused in a sentence and changes nothing", async () => {
  const found = await page.evaluate(async () => {
    const refused = async (command) => {
      const { kind, body } = await ask(command);
      return kind === "Error" ? Object.keys(body.error)[0] : kind;
    };
    return [
      await refused(view(9999, 0, 96)),
      await refused(view(0, 3, 96)),
      await refused(view(0, 0, 96, { network: { Snapshot: 12345 } })),
      await refused({ Pin: { images: [0, 1, 2, 3, 4, 5, 6, 7, 8], every: 1, side: 64 } }),
      await refused({ Colors: { images: Array(17).fill(0), network: "Teacher", side: 96 } }),
      await refused({ Neighbors: { image: 9999, count: 3 } }),
      (await look(0, 0, 1)).width,
    ];
  });
  expect(found, "refusals").toEqual([...Array(6).fill("State"), 1]);
});

test("a new run begins with its own snapshot and shows what is watched", async () => {
  const found = await page.evaluate(async () => {
    await look(3, 2, 96, { network: { Snapshot: 0 } });
    const { settings } = all("Run").at(-1);
    told.length = 0;
    await ask({ Reset: { settings: { ...settings, steps: 25, seed: 7 } } });
    const { view, step } = await until("AttentionView");
    await until("Accuracy");
    await ask({ Step: { steps: 25 } });
    await until("Pinned", (p) => p.step === 25);
    await until("Accuracy", (a) => a.step === 25);
    const snapshots = all("Snapshots").map((m) => m.steps);
    await ask("Clear");
    await ask("AddSamples");
    const after = await until("AttentionView", (l) => l.step === 25);
    const accuracy = all("Accuracy").map((a) => [a.step, a.knn]);
    return { view, step, snapshots, accuracy, after: after.view.image, errors: all("Error") };
  });
  note(`accuracy ${JSON.stringify(found.accuracy)}`);
  expect([found.view.network, found.view.image, found.step], "what is shown").toEqual(["Teacher", 3, 0]);
  expect(found.snapshots[0], "snapshots of the new run").toEqual([0]);
  expect(found.snapshots.at(-1).length, "snapshots at its end").toBeGreaterThan(8);
  expect(found.after, "the image after the set was cleared and filled again").toBe(3);
  expect(found.errors).toEqual([]);
});

test("no error is left in the console", () => expect(page.complaints).toEqual([]));
