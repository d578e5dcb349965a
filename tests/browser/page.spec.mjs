// The page as a person meets it: its samples, training, attention, files good and bad, window.dino, no adapter.

import { CLOCKWISE, bomb, drawn, drop, text, withExif } from "./files.mjs";
import { expect, test } from "./fixtures.mjs";
import {
  base, canvas, changed, newContext, note, open, overflow, prepared, reload, shot, status, step, until,
} from "./visit.mjs";
import { WORDS } from "./words.mjs";

const number = (page, name) => page.locator(`[data-number="${name}"]`);
const cameTo = (page) => page.locator(".summary .came-to");
const attention = (page) => page.locator("section.attention");
const map = (page, head) => page.locator(`.map[data-head='${head}'] canvas`);
const crop = (page) => page.locator(".crop canvas");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const imported = (page, n) => until(page, `${n} images`, (s) => s.images === n && !s.importing);

/** Trains by the buttons until so many steps more are done. */
async function train(page, steps) {
  const before = await status(page);
  await press(page, WORDS.start);
  await until(page, `${steps} steps`, (s) => s.step >= before.step + steps);
  await press(page, WORDS.pause);
  return until(page, "the pause", (s) => s.state === "paused");
}

/** The images that come with the page. */
const samples = (page) => page.evaluate(async () => (await (await fetch("samples/manifest.json")).json()).images.length);

test("the shell reads well before the program is there", async ({ browser }) => {
  const context = await newContext(browser);
  const shell = await context.newPage();
  await shell.route("**/*.wasm*", () => {});
  await shell.goto(base, { waitUntil: "domcontentloaded" });
  await shell.waitForSelector("h1");
  await expect(shell.locator("h2")).toHaveText(["Images", "Training", "Attention"]);
  await shot(shell, "shell");
  await context.close();
});

test.describe.serial("a visit with all that a person does", () => {
  let page;
  let first;
  test.beforeAll(async ({ browser }) => void (page = await open(browser, { allSamples: true })));
  test.afterAll(() => page.context().close());

  test("the samples load by themselves and a run is prepared", async () => {
    const all = await samples(page);
    const s = await until(page, "preparing", (s) => s.images === all && s.state === "paused");
    expect(s.adapter).toBeTruthy();
    expect([s.step, s.loss], "step, and loss before it").toEqual([0, null]);
    await expect(page.locator(".thumbnail").first()).toHaveAttribute("aria-setsize", `${all}`);
    await expect(cameTo(page)).toHaveText(`${all} added`);
    // Why it chose what it chose.
    await expect(page.locator("section[aria-labelledby=training]")).toContainText("smallest preset");
    await page.waitForSelector(".map canvas");
    await page.waitForSelector(".crop canvas");
    await shot(page, "ready");
  });

  test("20 steps on the samples: the loss changes and is finite", async () => {
    await press(page, WORDS.step);
    const one = await until(page, "the first step", (s) => s.step === 1 && s.state === "paused");
    expect(one.loss).toBeGreaterThan(0);
    await expect(attention(page)).toContainText(WORDS.atStep(1));
    first = await canvas(map(page, 0));
    const before = await canvas(crop(page));
    await press(page, WORDS.start);
    await until(page, "running", (s) => s.state === "running");
    await shot(page, "running");
    await page.evaluate(() => (window.longTasks.length = 0));
    await until(page, "step 20", (s) => s.step >= 20);
    note(`tasks over 50 ms while training: ${await page.evaluate(() => window.longTasks)}`);
    await press(page, WORDS.pause);
    const s = await until(page, "the pause", (s) => s.state === "paused");
    expect(s.loss).toBeGreaterThan(0);
    expect(s.loss).not.toBe(one.loss);
    expect(s.entropy).toBeGreaterThan(0);
    expect(s.entropy, "entropy, at most ln K").toBeLessThanOrEqual(s.lnK + 1e-3);
    await expect(attention(page)).toContainText(WORDS.atStep(s.step));
    await changed(crop(page), before, "the crops of a later step");
    expect(s.imagesPerSecond).toBeGreaterThan(0);
    await expect(number(page, "loss")).toHaveText(s.loss.toFixed(3));
    await expect(number(page, "entropy")).toContainText(/ln\sK/);
    expect((await status(page)).step, "step after pausing").toBe(s.step);
  });

  test("attention is drawn, for every head, and changes with training", async () => {
    const { heads, size, maps, mean } = await page.evaluate(async () => {
      const { heads, width, height, maps, mean } = await window.dino.attention(0);
      const typed = maps.every((map) => map instanceof Float32Array);
      return { heads, size: width * height, maps: typed && maps.map((map) => [...map]), mean: [...mean] };
    });
    expect(heads).toBeGreaterThanOrEqual(2);
    await expect(page.locator(".map")).toHaveCount(heads + 1);
    for (const values of maps) {
      expect(values).toHaveLength(size);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      const sum = values.reduce((a, b) => a + b, 0);
      expect(sum, "sum of a head").toBeGreaterThan(0);
      expect(sum, "sum of a head").toBeLessThanOrEqual(1.0001);
    }
    const expected = maps.reduce((sum, [value]) => sum + value, 0) / heads;
    expect(Math.abs(expected - mean[0]), "distance from the mean of the heads").toBeLessThan(1e-6);
    const seen = await Promise.all([0, 1, "mean"].map((head) => canvas(map(page, head))));
    for (const { colours } of seen) expect(colours, "colours of a map").toBeGreaterThan(8);
    expect(seen[0].sum, "two heads").not.toBe(seen[1].sum);
    expect(seen[0].sum, "a head after 20 steps").not.toBe(first.sum);
    await shot(page, "trained");
  });

  test("another image can be chosen", async () => {
    const maps = page.locator(".maps figure canvas");
    const before = await canvas(maps);
    await page.locator(".thumbnail").nth(5).click();
    await changed(maps, before, "the maps of another image");
    await expect(page.locator(".thumbnail[aria-selected='true']")).toHaveCount(1);
    const crops = await page.evaluate(async () =>
      (await window.dino.crops(5)).map(({ name, frame, image }) => [name, frame, image.width]),
    );
    await expect(page.locator(".crop")).toHaveCount(crops.length);
    for (const [name, [x, y, w, h], width] of crops) {
      expect(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 1.0001 && y + h <= 1.0001, `frame of ${name}`).toBe(true);
      expect(width, name).toBeGreaterThan(0);
    }
  });

  test("three dropped files alone: repeated in a batch, trained on", async () => {
    await press(page, WORDS.removeAll);
    await until(page, "removal", (s) => s.images === 0);
    await shot(page, "empty");
    await drop(page, [
      await drawn(page, "wide.png", "image/png", 300, 120),
      await drawn(page, "photo.jpg", "image/jpeg", 200, 200),
      await drawn(page, "small.webp", "image/webp", 40, 64),
    ]);
    await imported(page, 3);
    await expect(cameTo(page)).toHaveText("3 added");
    const before = await status(page);
    const after = await train(page, 5);
    expect(after.loss).toBeGreaterThan(0);
    expect(after.loss).not.toBe(before.loss);
    await expect(page.locator(".notice")).toContainText(/only 3 images for a batch of \d+/);
    await shot(page, "own-images");
  });

  test("bad files get a sentence each, the good one among them is added", async () => {
    const whole = await drawn(page, "cut.jpg", "image/jpeg", 400, 300);
    await drop(page, [
      text("empty.png", "image/png", ""),
      { name: "bomb.png", mimeType: "image/png", buffer: bomb(16000) },
      text("letter.jpg", "image/jpeg", "Dear all, see you on Monday."),
      text("logo.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
      { ...whole, buffer: whole.buffer.subarray(0, 900) },
      await drawn(page, "good.png", "image/png", 64, 64),
    ]);
    expect((await imported(page, 4)).state).toBe("paused");
    await expect(page.locator(".skipped li")).toHaveText([
      "bomb.png: 16000×16000 pixels (256 MP) are too many; the limit is 100 MP",
      "cut.jpg: the file is cut off before the end of the image",
      "empty.png: the file is empty (0 bytes)",
      "letter.jpg: this is text, not an image",
      "logo.svg: SVG is a vector drawing: export it as PNG or JPEG first",
    ]);
    await expect(cameTo(page)).toHaveText("1 added, 5 skipped: 1 too large, 1 truncated, 1 empty, 1 text, 1 SVG");
    await shot(page, "bad-files");
  });

  test("a photograph that its camera turned stands upright", async () => {
    await drop(page, [withExif(await drawn(page, "turned.jpg", "image/jpeg", 120, 60), CLOCKWISE)]);
    await imported(page, 5);
    const { size, top, bottom } = await page.locator(".thumbnail[title='turned.jpg'] img").evaluate(async (image) => {
      await image.decode();
      const { naturalWidth: width, naturalHeight: height } = image;
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(image, 0, 0);
      const pixel = (x, y) => [...context.getImageData(x, y, 1, 1).data];
      return { size: [width, height], top: pixel(30, 20), bottom: pixel(30, 100) };
    });
    expect(size).toEqual([60, 120]);
    expect(top[0] > 200 && top[2] < 60, `top is ${top}`).toBe(true);
    expect(bottom[2] > 200 && bottom[0] < 60, `bottom is ${bottom}`).toBe(true);
  });

  test("the file picker adds files", async () => {
    await page.locator("input[type=file]").first().setInputFiles(await drawn(page, "picked.png", "image/png", 50, 50));
    await imported(page, 6);
  });

  test("window.dino: reset with a seed repeats a run, mistakes reject with a sentence", async () => {
    const run = () =>
      page.evaluate(async () => {
        await window.dino.reset(undefined, 7);
        return (await window.dino.step(3)).loss;
      });
    const [one, two] = [await run(), await run()];
    expect(one).toBeGreaterThan(0);
    expect(two, "the loss of the second run").toBe(one);
    expect((await status(page)).step).toBe(3);
    const added = await page.evaluate(async () => {
      const bytes = await (await fetch("samples/manifest.json")).arrayBuffer();
      return window.dino.addImages([new File([bytes], "manifest.png")]);
    });
    expect(added.skipped).toEqual([{ name: "manifest.png", reason: "this is text, not an image" }]);
    const mistakes = await page.evaluate(() =>
      Promise.all(
        [
          window.dino.attention(9999),
          window.dino.attention(-1),
          window.dino.reset("nonsense"),
          window.dino.addImages(["not a file"]),
          window.dino.step(1.5),
        ].map((promise) => promise.then(() => "nothing", (error) => error.message)),
      ),
    );
    for (const [i, word] of ["9999", "-1", "nonsense", "files", "1.5"].entries()) expect(mistakes[i]).toContain(word);
  });

  test("one image alone trains", async () => {
    await page.evaluate(() => window.dino.clear());
    await drop(page, [await drawn(page, "only.png", "image/png", 80, 80)]);
    await imported(page, 1);
    expect((await step(page, 2)).loss).toBeGreaterThan(0);
    await expect(page.locator(".notice")).toContainText("only 1 image");
  });

  test("measurements of the adapter outlive a visit; retune forgets them", async () => {
    const kept = () => page.evaluate(() => localStorage.getItem("dino.tuning"));
    const before = await kept();
    expect(JSON.parse(before).choices.length).toBeGreaterThan(0);
    const again = async () => {
      await reload(page);
      await prepared(page);
      return kept();
    };
    expect(await again(), "measurements after a visit that finds them").toBe(before);
    // Of another adapter: refused and replaced, and the page works on.
    await page.evaluate((text) => localStorage.setItem("dino.tuning", text), before.replace('"adapter":"', "$&no "));
    expect(JSON.parse(await again()).adapter).toEqual(JSON.parse(before).adapter);
    await page.evaluate(() => window.dino.retune());
    expect(await kept(), "measurements after retune").toBeNull();
  });

  test("nothing was complained of, and no other origin was asked", () => expect(page.complaints).toEqual([]));
});

test("a phone, in the dark", async ({ visit }) => {
  const page = await visit({ viewport: { width: 360, height: 740 }, colorScheme: "dark", deviceScaleFactor: 2 });
  await prepared(page);
  await step(page, 2);
  await page.waitForSelector(".map canvas");
  expect(await overflow(page), "pixels too wide").toBeLessThanOrEqual(0);
  await shot(page, "phone-dark");
  expect(page.complaints).toEqual([]);
});

test("without a WebGPU adapter the page says so and what to do", async ({ launch }) => {
  const plain = await launch([]);
  const grave = (page) => page.locator(".alert.grave");
  const poor = await open(plain);
  await expect(grave(poor)).toContainText(/has WebGPU but found no graphics adapter|has no WebGPU/);
  await shot(poor, "no-adapter");
  await expect(poor.locator("section[aria-labelledby=training] > .buttons button.main"), "Start").toBeDisabled();
  expect(poor.complaints).toEqual([]);

  for (const [name, prepare, words] of [
    ["no-webgpu", () => delete Navigator.prototype.gpu, "This browser has no WebGPU"],
    ["insecure", () => Object.defineProperty(window, "isSecureContext", { get: () => false }), "secure connection"],
  ]) {
    const context = await newContext(plain);
    await context.addInitScript(prepare);
    const page = await context.newPage();
    await page.goto(base);
    await expect(grave(page)).toContainText(words);
    await shot(page, name);
  }
});
