// Attention, crops and neighbours as a person meets them, in a real Chromium on the software adapter.
// Environment as in page.spec.mjs. Prints a line for each test; exits with 1 if one failed.

import { mkdirSync } from "node:fs";
import { Tally, start } from "./lib.mjs";

const base = process.env.BASE_URL ?? "http://127.0.0.1:8080/";
const shots = process.env.SCREENSHOTS ?? "target/screenshots";
const SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
mkdirSync(shots, { recursive: true });

const tally = new Tally();

async function test(name, body) {
  const begin = performance.now();
  try {
    await body();
    tally.pass(name, performance.now() - begin);
  } catch (error) {
    tally.fail(name, { message: String(error.stack ?? error).replaceAll("\n", "\n        ") });
    await page.screenshot({ path: `${shots}/attention-failed.png`, fullPage: true }).catch(() => {});
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
const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 } });
const page = await context.newPage();
const complaints = [];
page.on("console", (m) => m.type() === "error" && complaints.push(`console: ${m.text()}`));
page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
await page.addInitScript(() => {
  window.longTasks = [];
  const keep = (list) => window.longTasks.push(...list.getEntries().map((task) => task.duration));
  new PerformanceObserver(keep).observe({ type: "longtask" });
});
await page.goto(base);

const place = page.locator("section.attention");
const status = () => page.evaluate(() => window.dino.status());
const shot = (name, locator = place) =>
  locator.screenshot({ path: `${shots}/attention-${name}.png`, animations: "disabled" });
const section = (id) => page.locator(`section:has(> header > #${id})`);

/** Waits until `holds(await look())`. */
async function until(what, look, holds, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    last = await look();
    if (holds(last)) return last;
    const grave = await page.locator(".alert.grave").allInnerTexts();
    if (grave.length) throw new Error(`${what} did not happen: ${grave.join(" ")}`);
    await page.waitForTimeout(50);
  }
  throw new Error(`${what} did not happen in ${seconds} s; ${String(JSON.stringify(last)).slice(0, 300)}`);
}

/** A canvas as { width, height, sum }, the sum of its bytes in their order. */
const canvas = (selector) =>
  page.locator(selector).first().evaluate((canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let sum = 0;
    for (const byte of data) sum = (sum * 31 + byte) | 0;
    return { width, height, sum };
  });

const STAGE = ".stage canvas";
const idle = () => until("the picture", () => page.locator(".stage.busy").count(), (n) => n === 0);

/** What was shown, and what is shown after `act`, which must differ. */
async function changes(what, act, selector = STAGE) {
  const before = await canvas(selector);
  await act();
  const after = await until(what, () => canvas(selector), (now) => now.sum !== before.sum);
  await idle();
  return [before, after, await canvas(selector)];
}

/** Moves a slider as a hand does, and waits. */
async function slide(name, at) {
  await page.locator(`input[type=range][name=${name}]`).evaluate((input, at) => {
    input.value = at === "last" ? input.max : at;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, at);
}

const reading = (name) => page.locator(`.slider:has(input[name=${name}]) output`).first().innerText();
const choose = (name, word) => page.locator(`.segments label:has(input[name=${name}]):has-text("${word}")`).click();

/** Patches across and down, as the page says. */
async function grid() {
  const words = await until("the grid", () => reading("side"), (words) => words.includes("×"));
  return words.match(/(\d+) × (\d+)/).slice(1).map(Number);
}

/** Chooses the thumbnail of an image and waits for its picture. */
async function pick(index) {
  const chosen = page.locator(`.thumbnail[aria-posinset="${index + 1}"]`);
  if ((await chosen.getAttribute("aria-selected")) === "true") return;
  await changes("another image", () => chosen.click());
}

async function train(steps) {
  const to = (await status()).step + steps;
  await page.evaluate((steps) => window.dino.step(steps), steps);
  await until("training", status, (s) => s.step >= to && s.state === "paused", 300);
}

// ---------------------------------------------------------------------------------------------

await test("the maps of the first image appear", async () => {
  await page.waitForFunction(() => window.dino);
  await until("preparing", status, (s) => s.state === "paused" && !s.importing, 240);
  await page.waitForSelector(STAGE);
  await idle();
  const { width, height } = await canvas(STAGE);
  check(width > 300 && height > 200, `${width} × ${height}`);
  check((await page.locator(".map").count()) >= 3, "too few maps");
  await shot("ready");
});

await test("the mean and every head are pictures of their own; a press or a digit enlarges one", async () => {
  const heads = (await page.locator(".map").count()) - 1;
  const sums = new Set();
  for (const which of ["mean", ...Array(heads).keys()]) {
    sums.add((await canvas(`.map[data-head='${which}'] canvas`)).sum);
  }
  equal(sums.size, heads + 1, "different maps");
  const [mean] = await changes("head 2", () => page.click(".map[data-head='1'] button"));
  equal(await page.locator(".map button[aria-pressed=true]").count(), 1, "pressed");
  await changes("the mean", () => page.click(".map[data-head='mean'] button"));
  equal((await canvas(STAGE)).sum, mean.sum, "the mean again");
});

await test("layers have different maps", async () => {
  const words = await reading("layer");
  const [, last, all] = words.match(/(\d+) of (\d+)/);
  equal(last, all, "the last layer at first");
  await changes("layer 1", () => slide("layer", 0));
  equal(await reading("layer"), `1 of ${all}`, "layer");
  await shot("layer-1");
  await changes("the last layer", () => slide("layer", "last"));
});

await test("the student differs from the teacher after some steps", async () => {
  await train(6);
  await idle();
  await changes("the student", () => choose("network", "Student"));
  await changes("the teacher", () => choose("network", "Teacher"));
});

await test("the mask shrinks and grows with the threshold", async () => {
  await changes("the mask", () => choose("mode", "Mask"));
  // Outside of the mask all is grey, and its outline white: count the pixels that have a colour.
  const kept = async () => {
    const masked = await page.locator(STAGE).evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let lit = 0;
      for (let i = 0; i < data.length; i += 4) {
        const colours = data.subarray(i, i + 3);
        if (Math.max(...colours) - Math.min(...colours) > 24) lit += 1;
      }
      return lit;
    });
    return masked;
  };
  await slide("opacity", 100);
  const areas = [];
  for (const percent of [10, 30, 60, 90, 100]) {
    await slide("mass", percent);
    await page.waitForTimeout(60);
    areas.push(await kept());
    if (percent === 60) await shot("mask");
  }
  for (let i = 1; i < areas.length; i++) check(areas[i] > areas[i - 1], `areas ${areas}`);
  check((await reading("mass")).startsWith("100 %"), await reading("mass"));
  await slide("mass", 60);
  await slide("opacity", 70);
  await changes("heads in colours", () => choose("mode", "Heads in colours"));
  await shot("heads");
  await changes("their outlines", () => page.locator("input[name=outlined]").check());
  await shot("heads-outlined");
  await changes("heat", () => choose("mode", "Heat"));
  await shot("heat-outlined");
  await changes("no outlines", () => page.locator("input[name=outlined]").uncheck());
});

await test("opacity goes from the photograph to the map", async () => {
  await changes("the map alone", () => slide("opacity", 100));
  await shot("opaque");
  await changes("the photograph alone", () => slide("opacity", 0));
  await shot("photograph");
  await changes("both", () => slide("opacity", 70));
});

await test("the picture is as wide to its height as the image, the grid too", async () => {
  const shapes = await page.evaluate(() =>
    [...document.querySelectorAll(".thumbnail img")].map((i) => i.naturalWidth / i.naturalHeight),
  );
  const wide = shapes.findIndex((ratio) => ratio > 1.25);
  const tall = shapes.findIndex((ratio) => ratio < 0.8);
  check(wide >= 0 || tall >= 0, "no rectangular sample in sight");
  for (const index of [tall, wide].filter((index) => index >= 0)) {
    await pick(index);
    const { width, height } = await canvas(STAGE);
    const ratio = width / height;
    check(Math.abs(ratio / shapes[index] - 1) < 0.05, `${ratio} instead of ${shapes[index]}`);
    const box = await page.locator(STAGE).boundingBox();
    check(Math.abs(box.width / box.height / ratio - 1) < 0.02, "stretched on the screen");
    const [across, down] = await grid();
    check(Math.abs(across / down / ratio - 1) < 0.2, `${across} × ${down} for ${ratio}`);
    await shot(index === wide ? "wide" : "tall");
  }
});

await test("480 px show a finer grid", async () => {
  const [across] = await grid();
  await changes("480 px", () => slide("side", "last"));
  const [fine] = await grid();
  check(fine > across * 1.5, `${fine} patches across after ${across}`);
  check((await reading("side")).startsWith("480 px"), await reading("side"));
  await shot("480");
});

await test("under the pointer: what is similar, the patch itself most; within 50 ms at 480 px", async () => {
  const [across, down] = await grid();
  await page.locator(STAGE).scrollIntoViewIfNeeded();
  let box = await page.locator(STAGE).boundingBox();
  const at = [0.312, 0.561];
  await page.mouse.move(box.x + box.width * at[0], box.y + box.height * at[1]);
  const patch = Math.floor(at[1] * down) * across + Math.floor(at[0] * across);
  await until("the patch", () => page.locator(".picture").getAttribute("data-patch"), (p) => p === `${patch}`);
  check((await page.locator(".reading").innerText()).includes("Similarity to patch"), "no words");
  await slide("opacity", 100);
  await page.waitForTimeout(80);
  // The map alone: the brightest place is the middle of the patch, inside its frame.
  const found = await page.locator(STAGE).evaluate((canvas, [across, down]) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const values = [];
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const i = (Math.floor(((y + 0.5) * height) / down) * width + Math.floor(((x + 0.5) * width) / across)) * 4;
        values.push(data[i] + data[i + 1] + data[i + 2]);
      }
    }
    return values;
  }, [across, down]);
  equal(found[patch], Math.max(...found), "the hovered patch is the most similar");
  await slide("opacity", 70);
  await shot("similarity");
  const times = await page.locator(STAGE).evaluate(async (canvas) => {
    const box = canvas.getBoundingClientRect();
    const times = [];
    for (let i = 0; i < 20; i++) {
      const [x, y] = [box.width * (0.1 + 0.04 * i), box.height * (0.9 - 0.04 * i)];
      const from = performance.now();
      const place = { clientX: box.x + x, clientY: box.y + y, bubbles: true };
      canvas.dispatchEvent(new PointerEvent("pointermove", place));
      // Effects run as microtasks; a message is the next task.
      await new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(0);
      });
      // Reading back waits for the painting.
      canvas.getContext("2d").getImageData(0, 0, 1, 1);
      times.push(performance.now() - from);
    }
    return times.map((t) => Math.round(t * 10) / 10).sort((a, b) => a - b);
  });
  console.log(`     similarity of ${across * down} patches painted in ${times[10]} ms (median), ${times[19]} at most`);
  // The slowest two may have met another program on the processor.
  check(times[17] < 50, `${times} ms`);
  await page.mouse.move(box.x + box.width * at[0], box.y + box.height * at[1]);
  await changes("where it looks", () => choose("pointing", "where it looks"), STAGE).catch(() => {});
  // The click may have scrolled the page.
  await page.locator(STAGE).scrollIntoViewIfNeeded();
  box = await page.locator(STAGE).boundingBox();
  await page.mouse.move(box.x + box.width * at[0], box.y + box.height * at[1]);
  await until("words", () => page.locator(".reading").innerText(), (w) => w.includes("Attention from patch"));
  await shot("from-patch");
  await page.mouse.click(box.x + box.width * at[0], box.y + box.height * at[1]);
  await page.mouse.move(5, 5);
  check((await page.locator(".reading").innerText()).includes("held"), "a clicked patch is not held");
  await page.keyboard.press("Escape");
  await page.locator(".picture").focus();
  await page.keyboard.press("Escape");
  await until("letting go", () => page.locator(".picture").getAttribute("data-patch"), (p) => p === null);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  const middle = Math.floor(down / 2) * across + Math.floor(across / 2);
  equal(await page.locator(".picture").getAttribute("data-patch"), `${middle + across}`, "by keyboard");
  await page.keyboard.press("Escape");
  await choose("pointing", "what is similar");
});

await test("a map of 224 px appears within 2 s", async () => {
  const stops = Number(await page.locator("input[name=side]").getAttribute("max"));
  for (let at = 0; at <= stops; at++) {
    await slide("side", at);
    if ((await reading("side")).startsWith("224 px")) break;
  }
  await idle();
  const times = [];
  for (const index of [4, 9, 1]) {
    const begin = Date.now();
    await changes("another image", () => page.locator(".thumbnail").nth(index).click());
    times.push(Date.now() - begin);
  }
  const [across, down] = await grid();
  console.log(`     maps of 224 px (${across} × ${down} patches) in ${times} ms`);
  check(Math.min(...times) < 2000, `${times} ms`);
});

await test("the patches of four images in the colours of their principal components", async () => {
  await page.selectOption("select[name=colours-from]", "first");
  await page.fill("input[name=colours-count]", "4");
  await page.locator("input[name=colours-count]").press("Tab");
  await page.click("button:has-text('Colour them')");
  await until("colours", () => page.locator(".pair").count(), (n) => n === 4);
  const colours = await page.locator(".pair canvas:last-child").evaluateAll((all) =>
    all.map((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return [canvas.width, canvas.height, new Set(new Uint32Array(data.buffer)).size];
    }),
  );
  for (const [width, height, different] of colours) {
    check(width > 4 && height > 4 && different > 8, `colours ${JSON.stringify(colours)}`);
  }
  await shot("colours", page.locator(".colours"));
});

await test("pinned images are renewed while training, and play", async () => {
  for (const index of [0, 3]) {
    await pick(index);
    await page.click("button.pin");
  }
  equal(await page.locator(".pinned .tile").count(), 2, "pinned tiles");
  await page.fill("input[name=every]", "2");
  await page.locator("input[name=every]").press("Tab");
  const tile = ".pinned .tile[data-image='0'] canvas";
  await until("the first maps", () => reading("frame"), (words) => words.includes("step"));
  const node = await page.locator(tile).elementHandle();
  const before = await canvas(tile);
  await page.evaluate(() => (window.longTasks.length = 0));
  await page.evaluate(() => window.dino.start());
  const begin = (await status()).step;
  await until("steps", status, (s) => s.step >= begin + 20, 300);
  const long = await page.evaluate(() => window.longTasks);
  await page.evaluate(() => window.dino.pause());
  await until("new maps", () => canvas(tile), (now) => now.sum !== before.sum);
  check(await node.evaluate((canvas) => canvas.isConnected), "the tile was built anew");
  console.log(`     tasks over 50 ms while training: ${JSON.stringify(long)}`);
  check(long.every((ms) => ms < 50 * 4), `long tasks ${long}`);
  const size = await canvas(tile);
  check(size.width >= 200, `a tile is ${size.width} pixels wide`);
  const frames = Number(await page.locator("input[name=frame]").getAttribute("max"));
  check(frames >= 2, `${frames + 1} frames`);
  await slide("frame", 0);
  const first = await canvas(tile);
  await slide("frame", "last");
  check((await canvas(tile)).sum !== first.sum, "the first frame is the last");
  await page.locator(".pinned .play").click();
  await until("the end of the play", () => page.locator(".pinned .play").getAttribute("data-playing"), (p) => p === "false");
  await shot("pinned", page.locator(".pinned"));
});

await test("the first moment looks unlike now", async () => {
  await idle();
  const [now] = await changes("step 0", () => slide("moment", 0));
  equal(await reading("moment"), "step 0", "moment");
  await until("the header", () => place.locator("> header").innerText(), (w) => w.includes("at step 0"));
  check(await page.locator("input[name=network][value='1']").isDisabled(), "the student of the past");
  await shot("step-0");
  await changes("now", () => slide("moment", "last"));
  equal(await reading("moment"), "now", "moment");
  equal((await canvas(STAGE)).sum, now.sum, "now again");
});

await test("crops: frames on the original, badges, other draws, and back", async () => {
  const crops = section("crops");
  await crops.scrollIntoViewIfNeeded();
  const count = await crops.locator(".crop").count();
  equal(await crops.locator("rect").count(), count, "frames");
  const frames = () =>
    crops.locator("rect").evaluateAll((all) => all.map((r) => ["x", "y", "width", "height"].map((a) => +r.getAttribute(a))));
  const badges = () => crops.locator(".crop").evaluateAll((all) => all.map((c) => c.querySelector(".badges").innerText));
  for (const [x, y, w, h] of await frames()) {
    check(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 1.0001 && y + h <= 1.0001, "a frame leaves the image");
  }
  const [first, words] = [JSON.stringify(await frames()), new Set(await badges())];
  await shot("crops", crops);
  let last = first;
  for (let draw = 1; draw <= 3; draw++) {
    await crops.locator(".again").click();
    last = await until("another draw", async () => JSON.stringify(await frames()), (f) => f !== last);
    (await badges()).forEach((b) => words.add(b));
    check((await crops.innerText()).includes(`number ${draw}`), "the draw is not named");
  }
  check(words.size > 2, `badges ${[...words]}`);
  await crops.locator(".crop button").nth(count - 1).hover();
  equal(await crops.locator("rect.lit").count(), 1, "frames lit");
  await shot("crops-lit", crops);
  await crops.locator("button.quiet:not(.share-this)").click();
  await until("the next step's", async () => JSON.stringify(await frames()), (f) => f === first);
});

await test("every slider has its name, and a click on the name goes to it", async () => {
  const sliders = page.locator("label.slider");
  const named = await sliders.evaluateAll((all) => all.map((label) => label.control?.type));
  check(named.length >= 4 && named.every((type) => type === "range"), `controls of the labels: ${named}`);
  await sliders.filter({ has: page.locator("[name=opacity]") }).locator("span").click();
  equal(await page.evaluate(() => document.activeElement.name), "opacity", "focus after a click on the name");
});

await test("neighbours are listed, the nearest first, and can be chosen", async () => {
  const neighbours = section("neighbours");
  await neighbours.scrollIntoViewIfNeeded();
  await until("neighbours", () => neighbours.locator(".nearest li").count(), (n) => n === 9);
  const cosines = (await neighbours.locator(".cosine").allInnerTexts()).map(Number);
  check(cosines.every((c, i) => c <= 1 && (i === 0 || c <= cosines[i - 1])), `similarities ${cosines}`);
  await shot("neighbours", neighbours);
  const next = await neighbours.locator(".nearest .tile").nth(1).getAttribute("data-image");
  await neighbours.locator(".nearest .tile button").nth(1).click();
  await until("its neighbours", () => neighbours.locator(".nearest .tile").first().getAttribute("data-image"), (i) => i === next);
});

await test("on a phone and in the dark", async () => {
  await page.emulateMedia({ colorScheme: "dark" });
  await shot("dark");
  await shot("dark-crops", section("crops"));
  await shot("dark-neighbours", section("neighbours"));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(200);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 360, `the page is ${wide} px wide`);
  await shot("phone");
  await shot("phone-crops", section("crops"));
  await shot("phone-neighbours", section("neighbours"));
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
});

await test("in Chinese", async () => {
  const zh = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 }, locale: "zh-TW" });
  const other = await zh.newPage();
  await other.goto(base);
  await other.waitForSelector(STAGE, { timeout: 240_000 });
  await other.locator("#neighbours").scrollIntoViewIfNeeded();
  await other.waitForSelector(".nearest li", { timeout: 60_000 });
  await other.waitForSelector(".labels", { timeout: 60_000 });
  for (const [id, word] of [["attention", "注意力"], ["crops", "裁切"], ["neighbours", "最近鄰"]]) {
    const section = other.locator(`section:has(> header > #${id})`);
    check((await section.locator("h2").innerText()).includes(word), id);
    const left = (await section.innerText()).replace(/（[^）]*）/g, "").match(/\b(the|of|patch|step|image|head|layer)\b/g);
    equal(left, null, "English words left");
    await section.screenshot({ path: `${shots}/attention-zh-${id}.png` });
  }
  await zh.close();
});

await test("nothing was complained of", async () => {
  equal(complaints, [], "complaints");
  equal(await page.locator(".alerts p").allInnerTexts(), [], "alerts");
});

tally.end();
