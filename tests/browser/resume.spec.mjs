// What survives a reload, a crash and a second tab, in a real Chromium on the software adapter.
// Environment: see page.spec.mjs; ONLY (a part of a test's name) runs those tests alone.

import { mkdirSync } from "node:fs";
import { Tally, start } from "./lib.mjs";

const base = process.env.BASE_URL ?? "http://127.0.0.1:8080/";
const shots = process.env.SCREENSHOTS ?? "target/screenshots";
const SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
mkdirSync(shots, { recursive: true });

const tally = new Tally();
const browser = await start(SOFTWARE);

/** Runs a test in a context of its own: storage begins empty. */
async function test(name, body) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) return;
  const begin = performance.now();
  const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 } });
  try {
    await body(context);
    tally.pass(name, performance.now() - begin);
  } catch (error) {
    const pages = context.pages().filter((page) => !page.isClosed());
    await pages.at(-1)?.screenshot({ path: `${shots}/resume-failed.png`, fullPage: true }).catch(() => {});
    tally.fail(name, { message: String(error.stack ?? error).replaceAll("\n", "\n        ") });
  }
  await context.close();
}

function check(holds, message) {
  if (!holds) throw new Error(message);
}

function equal(found, expected, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  check(a === b, `${what}: expected ${b}, found ${a}`);
}

/** Opens the page; every message of its workers can be looked at, or be kept from it. */
async function open(context, query = "", prepare = () => {}) {
  const page = await context.newPage();
  await prepare(page);
  page.complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.complaints.push(`exception: ${error.message}`));
  await page.addInitScript(() => {
    window.points = [];
    const { set } = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
    Object.defineProperty(Worker.prototype, "onmessage", {
      set(listener) {
        window.worker = this;
        set.call(this, (event) => {
          if (this === window.deaf) return;
          const report = event.data?.event;
          if (report?.Progress) window.points.push(...report.Progress.points.map((p) => p.step));
          listener(event);
        });
      },
    });
  });
  await page.goto(base + query);
  await page.waitForFunction(() => window.dino);
  return page;
}

const shot = (page, name) => page.screenshot({ path: `${shots}/resume-${name}.png`, fullPage: true });
const status = (page) => page.evaluate(() => window.dino.status());

/** Waits until the status says so; the last status is in the error. */
async function until(page, what, holds, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    last = await status(page);
    if (holds(last)) return last;
    await page.waitForTimeout(100);
  }
  const alerts = await page.locator(".alert").allInnerTexts();
  throw new Error(`${what} did not happen in ${seconds} s; ${JSON.stringify(last)} ${alerts.join(" | ")}`);
}

const ready = (page) =>
  until(page, "preparing", (s) => s.images > 0 && !s.importing && s.state === "paused");
const saved = (page, step) => until(page, `saving step ${step}`, (s) => s.saved === step, 30);
const step = (page, steps) => page.evaluate((steps) => window.dino.step(steps), steps);
const reset = (page, seed) => page.evaluate((seed) => window.dino.reset(undefined, seed), seed);

async function reload(page) {
  await page.reload();
  await page.waitForFunction(() => window.dino);
}

/** Numbers and attention of a run, to the bit. */
const traits = (page) =>
  page.evaluate(async () => {
    const { step, loss, entropy, kl, featureStd } = await window.dino.status();
    const { maps } = await window.dino.attention(3);
    const bits = maps.flatMap((map) => [...new Uint32Array(map.buffer, map.byteOffset, map.length)]);
    return { step, loss, entropy, kl, featureStd, bits };
  });

/** Ends the worker or loses the device, as the address says; who asked is told. */
const fail = (page) =>
  page.evaluate(() => window.dino.fail().then(() => "done", (error) => error.message));

/** Calls `change` with all files of the kept run by name; writes the ones it returns. */
const tamper = (page, change) =>
  // As text: the page's policy forbids it to make functions of words.
  page.evaluate(`(${async (change) => {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle("dino")).getDirectoryHandle("runs");
    const files = new Map();
    for await (const [name, handle] of folder.entries()) {
      files.set(name, new Uint8Array(await (await handle.getFile()).arrayBuffer()));
    }
    for (const [name, bytes] of change(files)) {
      const writable = await (await folder.getFileHandle(name)).createWritable();
      await writable.write(bytes);
      await writable.close();
    }
    return [...files.keys()];
  }})(${change})`);

/** An image that the browser itself draws and encodes. */
const drawn = (page, name, width, height, hue) =>
  page.evaluate(
    async ([width, height, hue]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      for (let x = 0; x < width; x += 4) {
        context.fillStyle = `hsl(${hue + x} 80% ${20 + (x % 60)}%)`;
        context.fillRect(x, 0, 4, height);
      }
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
    },
    [width, height, hue],
  ).then((base64) => ({ name, mimeType: "image/jpeg", buffer: Buffer.from(base64, "base64") }));

const pick = (page, files) => page.setInputFiles("input[type=file]", files);

// ---------------------------------------------------------------------------------------------

await test("24 steps, a reload and 24 more are 48 in one go, to the bit", async (context) => {
  const page = await open(context);
  await ready(page);
  await reset(page, 7);
  await step(page, 48);
  const once = await traits(page);
  await reset(page, 7);
  await step(page, 24);
  const half = await traits(page);
  check(half.loss !== once.loss, "the loss never changes");
  const { images } = await saved(page, 24);
  const moments = () => page.locator("input[name=moment]").getAttribute("max");
  equal(await moments(), "2", "the slider before: steps 0 and 23, and now");
  await page.click("button.pin");
  const pins = page.locator(".pinned .tile[data-image='0']");
  await pins.waitFor();
  await reload(page);
  const offer = page.locator(".offer");
  await offer.waitFor();
  const words = await offer.innerText();
  check(/step 24 of 30\d\d/.test(words) && words.includes("Spark"), words);
  await ready(page);
  await shot(page, "offer");
  await page.evaluate(() => (window.points.length = 0));
  await offer.getByRole("button", { name: "Go on" }).click();
  await until(page, "going on", (s) => s.state === "paused" && s.step === 24);
  await offer.waitFor({ state: "detached" });
  equal(await page.evaluate(() => window.points), [...Array(24).keys()], "steps of the history");
  equal((await status(page)).images, images, "images");
  equal(await traits(page), half, "the run after the reload");
  equal(await page.locator(".other-images").count(), 0, "notices of other images");
  equal(await moments(), "2", "the slider after the reload");
  equal(await pins.count(), 1, "pins after the reload");
  check(/\d/.test(await page.locator("[data-number='elapsed']").innerText()), "the time before the reload is gone");
  await page.locator("input[name=moment]").fill("0");
  await page.locator(".attention > header", { hasText: "at step 0" }).waitFor();
  await step(page, 24);
  equal(await traits(page), once, "24 and 24 steps");
  check((await page.locator(".saved").innerText()).includes("at most 20 s"), "N is not shown");
  equal(page.complaints, [], "complaints");

  // Begin anew: nothing is offered again.
  await saved(page, 48);
  await reload(page);
  await offer.getByRole("button", { name: "Begin anew" }).click();
  await offer.waitFor({ state: "detached" });
  await ready(page);
  await reload(page);
  await ready(page);
  equal(await offer.count(), 0, "offers after beginning anew");

  // On other images it goes on, and says so.
  await step(page, 2);
  await saved(page, 2);
  await reload(page);
  await ready(page);
  await page.evaluate(() => window.dino.remove(0));
  await offer.getByRole("button", { name: "Go on" }).click();
  const other = page.locator(".other-images");
  await other.waitFor();
  check((await other.innerText()).includes(`${images} images`), await other.innerText());
  equal((await step(page, 1)).step, 3, "step on other images");
});

for (const [how, word] of [["kill-worker", "worker"], ["lose-device", "graphics device"]]) {
  await test(`${how} while training: it goes on by itself, the second time it asks`, async (context) => {
    const page = await open(context, `?debug=${how}`);
    await ready(page);
    await page.evaluate(() => window.dino.remove(1));
    await step(page, 5);
    const before = await saved(page, 5);
    await page.locator(".thumbnail").nth(2).click();
    await page.click("button:has-text('Start')");
    await until(page, "training", (s) => s.step >= 7);
    await fail(page);
    const alert = page.locator(".accident");
    await alert.waitFor();
    check((await alert.innerText()).includes(word), await alert.innerText());
    await until(page, "training again", (s) => s.state === "running" && s.step >= 7);
    const sentence = await alert.innerText();
    check(/restored at step 5; \d+ steps? w/.test(sentence), sentence);
    equal(await alert.locator(".main").count(), 0, "buttons to restore");
    const after = await status(page);
    equal([after.images, after.seed], [before.images, before.seed], "images and seed");
    equal(await page.locator(".thumbnail[aria-selected='true']").count(), 1, "chosen images");
    await shot(page, `${how}-recovered`);

    await fail(page);
    await page.locator(".accident.grave").waitFor();
    check((await alert.innerText()).includes("within two minutes"), await alert.innerText());
    await page.waitForTimeout(1000);
    equal((await status(page)).state, "stopped", "state");
    await alert.locator("summary").click();
    const report = await alert.locator("pre").innerText();
    check(/build [0-9a-f]{16}[^]*error: [^]*step: \d+[^]*adapter: \S/.test(report), report);
    await shot(page, `${how}-asks`);
    const refused = await page.evaluate(() =>
      Promise.race([
        window.dino.step(1).then(() => "done", (error) => error.message),
        new Promise((resolve) => setTimeout(resolve, 3000, "silence")),
      ]),
    );
    check(!["done", "silence"].includes(refused), `a request to a dead worker: ${refused}`);
    await alert.getByRole("button", { name: "Restore the run" }).click();
    await until(page, "training once more", (s) => s.state === "running" && s.step >= 7);
    await page.click("button:has-text('Pause')");
    await until(page, "pause", (s) => s.state === "paused");
    const odd = page.complaints.filter((text) => !/panicked|unreachable|RuntimeError|[Dd]evice/.test(text));
    equal(odd, [], "complaints");
  });
}

await test("a run that was never saved begins anew with its settings", async (context) => {
  const page = await open(context, "?debug=kill-worker");
  await ready(page);
  await reset(page, 11);
  await fail(page);
  await page.locator(".accident").waitFor();
  const s = await until(page, "preparing", (s) => s.state === "paused" && s.images > 100 && !s.importing);
  equal([s.step, s.seed], [0, 11], "step and seed");
});

await test("a worker that says nothing while it trains is dead", async (context) => {
  const deaf = await open(context, "", (page) => page.clock.install());
  await ready(deaf);
  await step(deaf, 2);
  await saved(deaf, 2);
  await deaf.click("button:has-text('Start')");
  await until(deaf, "training", (s) => s.step >= 4);
  // This worker alone: the first word of the next one, which may come at once, must be heard.
  await deaf.evaluate(() => void (window.deaf = window.worker));
  await deaf.clock.runFor(115_000);
  equal(await deaf.locator(".accident").count(), 0, "alerts after 115 s");
  await deaf.clock.runFor(15_000);
  const alert = deaf.locator(".accident");
  await alert.waitFor();
  check((await alert.locator("pre").textContent()).includes("said nothing for 125 s"), "no reason");
  await until(deaf, "training again", (s) => s.state === "running" && s.step >= 4);
});

await test("of two tabs one trains; the other shows, and takes over when that one is closed", async (context) => {
  const first = await open(context);
  await ready(first);
  await step(first, 3);
  await saved(first, 3);
  const second = await open(context);
  const shown = await until(second, "showing", (s) => s.state === "paused" && s.step === 3 && !s.importing);
  check(shown.reader, "the second tab does not know that it only reads");
  const notice = second.locator(".notice.reader");
  check((await notice.innerText()).includes("Another tab"), await notice.innerText());
  for (const name of ["Start", "Step", "Reset"]) {
    const button = second.getByRole("button", { name, exact: true });
    check(await button.isDisabled(), `${name} can be pressed`);
  }
  equal(await second.evaluate(() => window.points), [0, 1, 2], "history");
  await second.waitForSelector(".map canvas");
  await shot(second, "reader");
  const refused = await second.evaluate(() => window.dino.start().then(() => "", (e) => e.message));
  check(refused.includes("another tab"), refused);
  // The first one has gone on in the meantime.
  await step(first, 2);
  await saved(first, 5);
  await first.close();
  const own = await until(second, "taking over", (s) => !s.reader && s.state === "paused" && s.step === 5 && s.images === shown.images && !s.importing);
  equal(own.saved, 5, "saved");
  equal(await notice.count(), 0, "notices");
  equal((await step(second, 1)).step, 6, "step");
  await saved(second, 6);
  equal(second.complaints, [], "complaints");
});

await test("storage is full: a banner, training goes on, and it is saved when there is room", async (context) => {
  const page = await open(context);
  await ready(page);
  await step(page, 2);
  await saved(page, 2);
  const protocol = await context.newCDPSession(page);
  const quota = (quotaSize) =>
    protocol.send("Storage.overrideQuotaForOrigin", { origin: new URL(base).origin, quotaSize });
  await quota(1000);
  await step(page, 2);
  const banner = page.locator(".not-saved");
  await banner.waitFor();
  check((await banner.innerText()).includes("storage is full"), await banner.innerText());
  await page.click("button:has-text('Start')");
  await until(page, "training", (s) => s.step >= 8 && s.state === "running");
  await shot(page, "full");
  equal((await status(page)).saved, 2, "saved");
  await page.click("button:has-text('Pause')");
  await until(page, "pause", (s) => s.state === "paused");
  await quota(undefined);
  const { step: last } = await step(page, 1);
  await saved(page, last);
  equal(await banner.count(), 0, "banners");
});

await test("a damaged checkpoint gives way to the older one, and without one to a sentence", async (context) => {
  const page = await open(context);
  await ready(page);
  await reset(page, 5);
  await step(page, 2);
  const older = await traits(page);
  await saved(page, 2);
  await step(page, 2);
  await saved(page, 4);
  // One bit of the newest checkpoint's state; its manifest has the hash that is in the file's name.
  await tamper(page, (files) => {
    const newest = [...files.keys()].filter((name) => name.endsWith(".run")).sort().at(-1);
    const manifest = new TextDecoder().decode(files.get(newest));
    const hash = (name) => String(BigInt(`0x${name.slice("state-".length)}`));
    const isIts = (name) => name.startsWith("state-") && manifest.includes(hash(name));
    const state = [...files.keys()].find(isIts);
    files.get(state)[1000] ^= 1;
    return [[state, files.get(state)]];
  });
  await reload(page);
  const damaged = page.locator(".damaged");
  await damaged.waitFor();
  check((await damaged.innerText()).includes("step 4"), await damaged.innerText());
  const offer = page.locator(".offer");
  await offer.waitFor();
  check((await offer.innerText()).includes("step 2 of"), await offer.innerText());
  await shot(page, "damaged");
  await offer.getByRole("button", { name: "Go on" }).click();
  await until(page, "going on", (s) => s.state === "paused" && s.step === 2);
  equal(await traits(page), older, "the older checkpoint");

  const names = await tamper(page, (files) =>
    [...files].filter(([name]) => name.endsWith(".run")).map(([name]) => [name, new Uint8Array(9)]),
  );
  check(names.some((name) => name.startsWith("damaged-")), `not set aside: ${names}`);
  await reload(page);
  await damaged.waitFor();
  await ready(page);
  equal(await offer.count(), 0, "offers");
  equal((await step(page, 1)).step, 1, "step of a new run");
  equal(page.complaints, [], "complaints");
});

await test("images are kept if the person agrees, also across a crash, and deleted when not", async (context) => {
  const page = await open(context, "?debug=kill-worker");
  await ready(page);
  await page.click("button:has-text('Remove all')");
  await until(page, "removal", (s) => s.images === 0);
  await pick(page, [await drawn(page, "a.jpg", 300, 200, 0), await drawn(page, "b.jpg", 1400, 900, 90)]);
  await until(page, "import", (s) => s.images === 2 && !s.importing);
  const box = page.getByRole("checkbox", { name: /Keep the images/ });
  check(!(await box.isChecked()), "kept without being asked");
  await ready(page);
  await step(page, 2);
  const once = await traits2(page);
  await box.check();
  await until(page, "keeping", (s) => s.keepsImages && s.keptBytes > 0);
  await page.waitForTimeout(300);
  check((await page.locator(".keep-images").innerText()).includes("kB kept"), "no size");
  await shot(page, "kept-images");
  await saved(page, 2);

  await reload(page);
  let s = await until(page, "reading", (s) => s.images === 2 && !s.importing && s.state === "paused");
  check(s.keepsImages && (await box.isChecked()), "the checkbox is off");
  await page.locator(".offer").getByRole("button", { name: "Go on" }).click();
  await until(page, "going on", (s) => s.state === "paused" && s.step === 2);
  equal(await traits2(page), once, "the run on kept images");
  equal(await page.locator(".other-images").count(), 0, "notices of other images");

  await pick(page, [await drawn(page, "c.jpg", 64, 64, 180)]);
  const three = await until(page, "import", (s) => s.images === 3 && !s.importing);
  await until(page, "keeping one more", (s) => s.keptBytes > three.keptBytes || s.keptBytes > 0);
  await page.waitForTimeout(500);
  await fail(page);
  await until(page, "recovery", (s) => s.state === "paused" && s.images === 3 && s.step === 2);
  await page.evaluate(() => window.dino.remove(0));
  await reload(page);
  s = await until(page, "reading", (s) => s.images === 2 && !s.importing && s.state === "paused");
  const names = await page.locator(".thumbnail").evaluateAll((all) => all.map((b) => b.title));
  equal(names, ["b.jpg", "c.jpg"], "names");

  await box.uncheck();
  await until(page, "deleting", (s) => !s.keepsImages && s.keptBytes === 0);
  equal((await status(page)).images, 2, "images that stay");
  await reload(page);
  s = await until(page, "the samples", (s) => s.images > 100 && !s.importing);

  // The samples are kept by their names; removing all leaves nothing.
  await box.check();
  await until(page, "keeping", (s) => s.keptBytes > 1000);
  await page.waitForTimeout(2000);
  await reload(page);
  equal((await until(page, "reading", (s) => !s.importing && s.images === 204)).keepsImages, true, "kept");
  await page.click(".below button:has-text('Remove all')");
  // What is kept is not thrown away without a question.
  await page.locator("dialog.question[open] button.main").click();
  await until(page, "removal", (s) => s.images === 0 && s.keptBytes === 0);
  await reload(page);
  await until(page, "the samples", (s) => s.images === 204 && s.keepsImages);
});

/** [`traits`] of a set of two images. */
async function traits2(page) {
  return page.evaluate(async () => {
    const { step, loss } = await window.dino.status();
    const { maps } = await window.dino.attention(1);
    return { step, loss, bits: maps.flatMap((m) => [...new Uint32Array(m.buffer, m.byteOffset, m.length)]) };
  });
}

await test("a hidden tab saves, and trains on without a frame", async (context) => {
  const page = await open(context);
  await ready(page);
  await page.click("button:has-text('Start')");
  await until(page, "training", (s) => s.step >= 3);
  await page.evaluate(() => {
    window.requestAnimationFrame = () => 0;
    Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  const s = await until(page, "saving", (s) => s.saved >= 3, 10);
  await until(page, "training on", (t) => t.step >= s.step + 5);
  // Closed without a pause: what was saved when it was hidden, or later, is offered.
  await page.close();
  const again = await open(context);
  await again.locator(".offer").waitFor();
});

await browser.close();
tally.end();
