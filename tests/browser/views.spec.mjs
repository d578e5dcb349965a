// What the worker shows of images and networks, asked by its protocol, in a real Chromium on the software
// adapter. Environment: BASE_URL (where the page is served), CHROMIUM (the program), NODE_PATH.

import { Tally, start } from "./lib.mjs";

const base = process.env.BASE_URL ?? "http://127.0.0.1:8080/";
const SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const tally = new Tally();

async function test(name, body) {
  const begin = performance.now();
  try {
    await body();
    tally.pass(name, performance.now() - begin);
  } catch (error) {
    tally.fail(name, { message: String(error.stack ?? error).replaceAll("\n", "\n        ") });
  }
}

function check(holds, message) {
  if (!holds) throw new Error(message);
}

function equal(found, expected, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  check(a === b, `${what}: expected ${b}, found ${a}`);
}

const browser = await start(SOFTWARE);
const page = await (await browser.newContext({ serviceWorkers: "block" })).newPage();
const complaints = [];
page.on("console", (message) => {
  if (message.type() === "error") complaints.push(message.text());
});
page.on("pageerror", (error) => complaints.push(error.message));

// An empty page at the page's address: the only program is the worker.
await page.route(base, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
await page.goto(base);
await page.evaluate(() => {
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
    for (let i = 0; i < 1200; i++) {
      const found = all(kind).find(fits);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const kinds = [...new Set(told.map((t) => t.kind))];
    throw new Error(`no ${kind} came; there were ${kinds.join(", ")}`);
  };
  window.floats = (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  window.view = (image, layer, side, more = {}) => ({
    Watch: { view: { image, layer, side, seer: "Teacher", moment: null, ...more } },
  });
  /** Asks for a view; numbers as lists. */
  window.look = async (...args) => {
    const { kind, body } = await ask(view(...args));
    if (kind !== "Look") throw new Error(`${kind}: ${JSON.stringify(body)}`);
    return body;
  };
});

let samples;
let near;

await test("a run is prepared: its first snapshot and the accuracy before any training", async () => {
  const found = await page.evaluate(async () => {
    await ask({ Open: { base: location.href, tuning: null, reader: false } });
    await ask("AddSamples");
    await until("Run", (run) => run.state === "Paused");
    await until("Crops");
    return {
      accuracy: await until("Accuracy"),
      moments: await until("Moments"),
      images: all("Added").length,
      attention: all("Attention").length,
      near: (await ask({ Neighbors: { image: 5, count: 3 } })).body,
    };
  });
  near = found.near.nearest;
  samples = found.images;
  equal(found.moments.steps, [0], "snapshots");
  equal(found.attention, 0, "maps that nobody asked for");
  const { step, knn, chance, pixels, images, labels } = found.accuracy;
  console.log(`     ${images} images, ${labels} labels: k-NN ${knn}, pixels ${pixels}, chance ${chance}`);
  equal([step, images], [0, samples], "step and images of the accuracy");
  check(labels >= 2 && chance > 0 && chance < 1, `${labels} labels, chance ${chance}`);
  check(knn > chance && pixels > chance, "no better than the largest label");
});

let first;
await test("a map of 224 px at patch 8 appears within two seconds", async () => {
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
  console.log(`     ${found.times.map(Math.round)} ms; at 480 px ${Math.round(found.wait)} ms`);
  check(found.times.every((ms) => ms < 2000), `${found.times} ms`);
  equal(Math.max(...found.last), 28, "patches on the long side");
  equal(Math.max(...found.large), 60, "patches on the long side at 480 px");
});

await test("a look holds together: maps, queries, keys, features, picture", async () => {
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
  equal(first.problems, [], "problems");
  equal([first.layers, first.heads, first.step], [3, 2, 0], "layers, heads, step");
});

await test("while training, what is watched is shown anew, and once more after a pause", async () => {
  const found = await page.evaluate(async () => {
    await look(3, 2, 96);
    told.length = 0;
    await ask({ Pin: { images: [0, 2], every: 10, side: 64 } });
    await ask("Start");
    await until("Look", (l) => l.step > 0);
    await until("Progress", (p) => p.points.at(-1)?.step >= 60);
    await ask("Pause");
    const { step } = all("Run").at(-1);
    await until("Look", (l) => l.step === step);
    await until("Accuracy", (a) => a.step === step);
    return {
      step,
      looks: all("Look").map((l) => [l.view.image, l.view.layer, l.step]),
      accuracy: all("Accuracy").map((a) => [a.step, a.knn]),
      moments: all("Moments").at(-1).steps,
      pinned: all("Pinned").map((p) => [p.step, p.maps.map((m) => [m.image, floats(m.attention).length / m.width / m.height])]),
      errors: all("Error"),
    };
  });
  console.log(`     looks at ${found.looks.map((l) => l[2])} of ${found.step}; accuracy ${JSON.stringify(found.accuracy)}`);
  equal(found.errors, [], "errors");
  check(found.looks.every(([image, layer]) => image === 3 && layer === 2), "another view was shown");
  check(found.moments.length >= 3 && found.moments[0] === 0, `snapshots ${found.moments}`);
  equal(found.pinned[0], [0, [[0, 2], [2, 2]]], "pinned at once, two heads each");
  const steps = found.pinned.map(([step]) => step).slice(1);
  equal(steps, steps.map((_, i) => 10 * (i + 1)), "pinned every ten steps");
});

await test("a moment shows the past, and the student is another network", async () => {
  const found = await page.evaluate(async (before) => {
    const map = async (...args) => [...floats((await look(...args)).attention)];
    const begin = await map(3, 2, 96, { moment: 0 });
    const [now, student] = [await map(3, 2, 96), await map(3, 2, 96, { seer: "Student" })];
    const begin2 = await map(3, 2, 96, { moment: 0 });
    const differs = (a, b) => a.some((v, i) => v !== b[i]);
    return [differs(begin, before), differs(begin, begin2), differs(now, begin), differs(now, student)];
  }, first.map);
  equal(found, [false, false, true, true], "then = begin, twice; now and student differ");
});

await test("neighbours, colours, and other draws of the crops", async () => {
  const found = await page.evaluate(async () => {
    const { body: near } = await ask({ Neighbors: { image: 5, count: 8 } });
    const begin = performance.now();
    const { body: colors } = await ask({ Colors: { images: [0, 1, 5], seer: "Teacher", side: 160 } });
    const wait = performance.now() - begin;
    const { body: again } = await ask({ Colors: { images: [0, 1, 5], seer: "Teacher", side: 160 } });
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
  console.log(`     colours of three images in ${Math.round(found.wait)} ms, dark ${found.dark.map((d) => d.toFixed(2))}`);
  equal(found.near.nearest.length, 8, "neighbours");
  const similar = found.near.nearest.map(([, similarity]) => similarity);
  check(similar.every((s, i) => s <= 1.0001 && (i === 0 || s <= similar[i - 1])), `similarities ${similar}`);
  check(found.near.nearest.every(([image]) => image !== 5), "an image is its own neighbour");
  check(String(found.near.nearest.slice(0, 3)) !== String(near), "the features are those of step 0");
  check(found.same, "the colours differ the second time");
  equal(found.order, [[0, true], [1, true], [5, true]], "coloured pictures");
  check(found.dark.some((d) => d > 0) && found.dark.every((d) => d < 1), `dark ${found.dark}`);
  equal(found.frames[1], found.frames[3], "the same draw");
  equal(new Set(found.frames).size, 3, "different draws");
});

await test("what cannot be shown is refused in a sentence and changes nothing", async () => {
  const found = await page.evaluate(async () => {
    const refused = async (command) => {
      const { kind, body } = await ask(command);
      return kind === "Error" ? Object.keys(body.error)[0] : kind;
    };
    return [
      await refused(view(9999, 0, 96)),
      await refused(view(0, 3, 96)),
      await refused(view(0, 0, 96, { moment: 12345 })),
      await refused({ Pin: { images: [0, 1, 2, 3, 4, 5, 6, 7, 8], every: 1, side: 64 } }),
      await refused({ Colors: { images: Array(17).fill(0), seer: "Teacher", side: 96 } }),
      await refused({ Neighbors: { image: 9999, count: 3 } }),
      (await look(0, 0, 1)).width,
    ];
  });
  equal(found, [...Array(6).fill("Config"), 1], "refusals");
});

await test("a new run begins with its own snapshot and shows what is watched", async () => {
  const found = await page.evaluate(async () => {
    await look(3, 2, 96, { moment: 0 });
    const { settings } = all("Run").at(-1);
    told.length = 0;
    await ask({ Reset: { settings: { ...settings, steps: 40, seed: 7 } } });
    const { view, step } = await until("Look");
    await until("Accuracy");
    await ask({ Step: { steps: 40 } });
    await until("Pinned", (p) => p.step === 40);
    await until("Accuracy", (a) => a.step === 40);
    const moments = all("Moments").map((m) => m.steps);
    await ask("Clear");
    await ask("AddSamples");
    const after = await until("Look", (l) => l.step === 40);
    const accuracy = all("Accuracy").map((a) => [a.step, a.knn]);
    return { view, step, moments, accuracy, after: after.view.image, errors: all("Error") };
  });
  console.log(`     accuracy ${JSON.stringify(found.accuracy)}`);
  equal([found.view.moment ?? null, found.view.image, found.step], [null, 3, 0], "what is shown");
  equal(found.moments[0], [0], "snapshots of the new run");
  check(found.moments.at(-1).length > 8, `snapshots ${found.moments.at(-1)}`);
  equal(found.after, 3, "the image after the set was cleared and filled again");
  equal(found.errors, [], "errors");
});

await test("no error is left in the console", async () => equal(complaints, [], "complaints"));

await browser.close();
tally.end();
