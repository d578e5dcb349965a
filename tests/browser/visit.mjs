// The page as the specs meet it: opening it, waiting for what its status says, training, screenshots.
// Environment: BASE_URL (where the page is served), TARGET (the folder for what tests write).
// Invariant: nothing here waits for a time; it waits for a fact, and says which fact did not come.

import { existsSync } from "node:fs";
import { join } from "node:path";

export const base = new URL(process.env.BASE_URL || "http://127.0.0.1:8080").href;
export const TARGET = process.env.TARGET || "target";
/** The kernel choices that the first visit of this run measured, as a browser's storage. */
export const TUNING = join(TARGET, "browser-tests", "tuning", "tuning.json");
/** A storage without anything, for a visit that is really the first one. */
export const NOTHING = { cookies: [], origins: [] };

/**
 * A context of a browser as the specs want it: known kernel choices, no service worker, and the page comes with
 * every eighth of its samples, of all labels; with all of them where a test says `allSamples`.
 */
export async function newContext(browser, { allSamples = false, ...options } = {}) {
  const storageState = existsSync(TUNING) ? TUNING : NOTHING;
  const viewport = { width: 1400, height: 900 };
  const context = await browser.newContext({ storageState, serviceWorkers: "block", viewport, ...options });
  if (!allSamples) {
    await context.route("**/samples/manifest.json", async (route) => {
      const manifest = await (await route.fetch()).json();
      await route.fulfill({ json: { ...manifest, images: manifest.images.filter((_, i) => i % 8 === 0) } });
    });
  }
  return context;
}

/** Keeps what a page logs as an error and which other origins it asks. */
export function listen(page) {
  page.complaints = [];
  page.foreign = [];
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.complaints.push(`exception: ${error.message}`));
  page.context().on("requestfailed", (request) => {
    // Chromium gives up its own request for the icon when the address changes.
    const icon = /\/icon-\w+\.svg$/.test(request.url()) && request.failure()?.errorText === "net::ERR_ABORTED";
    if (!icon) page.complaints.push(`failed: ${request.url()}`);
  });
  page.context().on("request", (request) => {
    const url = request.url();
    if (/^(blob|data):/.test(url) || url.startsWith(base)) return;
    page.foreign.push(url);
    page.complaints.push(`foreign request: ${url}`);
  });
}

/** Opens the page in a context of its own. */
export async function open(browser, options = {}, fragment = "") {
  return openIn(await newContext(browser, options), fragment);
}

/** Opens the page in a context; `prepare` may do something to it before. */
export async function openIn(context, fragment = "", prepare = () => {}) {
  const page = await context.newPage();
  listen(page);
  await prepare(page);
  await page.addInitScript(() => {
    window.longTasks = [];
    const keep = (list) => window.longTasks.push(...list.getEntries().map((task) => Math.round(task.duration)));
    new PerformanceObserver(keep).observe({ type: "longtask" });
  });
  await page.goto(base + fragment);
  await started(page);
  return page;
}

/** Runs a script in the worker before its own. */
export const beforeWorker = (context, script) =>
  context.route(/\/worker\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script};\n${await response.text()}` });
  });

/** Waits until the program runs, or until the page says why it does not. */
export const started = (page) => page.waitForFunction(() => window.dino || document.querySelector("#loading.alert"));

export async function reload(page) {
  await page.reload();
  await started(page);
}

export const status = (page) => page.evaluate(() => window.dino.status());

/** In the page: the status as soon as it differs from `last`, at most two seconds later; with grave alerts. */
const next = async (last) => {
  const end = performance.now() + 2000;
  for (;;) {
    const status = await window.dino.status();
    const grave = [...document.querySelectorAll(".alert.grave")].map((alert) => alert.innerText);
    const differs = JSON.stringify(status) !== JSON.stringify(last);
    if (differs || grave.length || performance.now() > end) return { status, grave };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

/** Waits until the status says so. A grave alert ends the wait unless the page is one that `mayFail`. */
export async function until(page, what, holds, seconds = 300) {
  const end = Date.now() + seconds * 1000;
  let last = null;
  while (Date.now() < end) {
    const { status, grave } = await page.evaluate(next, last);
    if (holds(status)) return status;
    if (grave.length && !page.mayFail) throw new Error(`${what} did not happen: ${grave.join(" ")}`);
    if (grave.length) await page.waitForTimeout(100);
    last = status;
  }
  const alerts = await page.locator(".alert").allInnerTexts();
  throw new Error(`${what} did not happen in ${seconds} s; ${JSON.stringify(last)} ${alerts.join(" | ")}`);
}

/** Waits until images are there and a run is prepared. */
export const prepared = (page) => until(page, "preparing", (s) => s.images > 0 && !s.importing && s.state === "paused");

/** So many steps, asked by `window.dino`; the status after them. */
export const step = (page, steps) => page.evaluate((steps) => window.dino.step(steps), steps);

/** Waits until a step is kept in the browser's storage. */
export const saved = (page, step) => until(page, `saving step ${step}`, (s) => s.saved === step);

/** Loss, step and the attention of an image, to the bit. */
export const traits = (page, image = 3) =>
  page.evaluate(async (image) => {
    const { step, loss, entropy, kl, featureStd } = await window.dino.status();
    const { maps } = await window.dino.attention(image);
    const bits = maps.flatMap((map) => [...new Uint32Array(map.buffer, map.byteOffset, map.length)]);
    return { step, loss, entropy, kl, featureStd, bits };
  }, image);

/** A screenshot into target/screenshots: of the page as far as it reaches, or of what is seen of it. */
export const shot = (page, name, fullPage = true) =>
  page.screenshot({ path: join(TARGET, "screenshots", `${name}.png`), fullPage });

/** A screenshot of one element. */
export const shotOf = (locator, name) =>
  locator.screenshot({ path: join(TARGET, "screenshots", `${name}.png`), animations: "disabled" });

/** A figure for the reader of the output; no test depends on it. */
export const note = (text) => console.log(`     ${text}`);

/** Pixels that the page is wider than its window. */
export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Moves a slider as a hand does. */
export const slide = (within, name, at) =>
  within.locator(`input[type=range][name=${name}]`).evaluate((input, at) => {
    input.value = at === "last" ? input.max : at;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, at);

/** A canvas as { width, height, sum, colours }: the sum of its bytes in their order, and how many colours it has. */
export const canvas = (locator) =>
  locator.first().evaluate((canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let sum = 0;
    for (const byte of data) sum = (sum * 31 + byte) | 0;
    return { width, height, sum, colours: new Set(new Uint32Array(data.buffer)).size };
  });

/** The canvas once it differs from `before`. */
export async function changed(locator, before, what, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const now = await canvas(locator);
    if (now.sum !== before.sum) return now;
    await locator.page().waitForTimeout(50);
  }
  throw new Error(`${what}: the canvas did not change in ${seconds} s`);
}
