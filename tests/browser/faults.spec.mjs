// Decisions on devices that are not as one hopes: what the page makes of waits that are late, shaders that are refused,
// memory that is short, and hardware that it has never met. Each fault stands between the worker and WebGPU.

import { expect, test } from "./fixtures.mjs";
import { faults, strayError, told } from "./faults.mjs";
import { NOTHING, beforeWorker, newContext, note, openIn, prepared, reload, shot, status, step, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

/** The page on a device with these faults; `first` if nothing was ever measured. */
async function openWith(browser, options, first = true, fragment = "") {
  const context = await newContext(browser, first ? { storageState: NOTHING } : {});
  if (options) await beforeWorker(context, faults(options));
  return openIn(context, fragment);
}

/** What was measured, as the browser keeps it. */
const tuning = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("dino.tuning")));

/** Seconds of a step of a preset, as promised. */
async function promised(page, preset) {
  const takes = page.locator(`.preset:has(input[value="${preset}"]) .takes`);
  await expect(takes).toHaveAttribute("data-seconds", /^[0-9.e-]+$/);
  return Number(await takes.getAttribute("data-seconds"));
}

async function losses(page, steps = 3) {
  const found = [];
  for (let i = 0; i < steps; i++) found.push((await step(page, 1)).loss);
  return found;
}

const alike = (found, expected) =>
  found.forEach((loss, i) => expect(loss, `step ${i + 1}`).toBeCloseTo(expected[i], 3));

test("waits that are answered late are not taken for a slow device", async ({ browser }) => {
  const plain = await openWith(browser, null);
  await prepared(plain);
  const expected = { ...(await tuning(plain)), seconds: await promised(plain, "spark") };
  await plain.context().close();
  const page = await openWith(browser, { late: 100 });
  await prepared(page);
  const found = { ...(await tuning(page)), seconds: await promised(page, "spark") };
  note(`rate ${(found.rate / expected.rate).toFixed(2)}, estimate ${(found.seconds / expected.seconds).toFixed(2)} of the plain device's`);
  // Of a timer the rate was a hundredth, and the estimate forty times as long; a busy machine is not.
  expect(found.rate / expected.rate, "the rate over the plain device's").toBeGreaterThan(0.2);
  expect(found.rate / expected.rate, "the rate over the plain device's").toBeLessThan(5);
  expect(found.seconds / expected.seconds, "the estimate over the plain device's").toBeLessThan(5);
  await page.context().close();
});

test("shaders of a GPU that the driver refuses are replaced by slower ones, and the run is the same", async ({ browser }) => {
  const plain = await openWith(browser, { hardware: true }, true, "#v=1&preset=spark");
  await prepared(plain);
  const expected = await losses(plain);
  await expect(plain.locator(".alert")).toHaveCount(0);
  await plain.context().close();
  const refused = [
    { label: "attention", code: "GROUP: u32 = 64u" },
    { label: "layer_norm", code: "GROUP: u32 = 64u" },
    { label: "gemm_tiles" },
  ];
  const page = await openWith(browser, { hardware: true, refused }, true, "#v=1&preset=spark");
  await prepared(page);
  await expect(page.locator(".alert").filter({ hasText: "attention" })).toContainText("a slower shader", { ignoreCase: true });
  await shot(page, "faults-refused", false);
  alike(await losses(page), expected);
  expect(page.complaints).toEqual([]);
  await page.context().close();
});

test("a reset gives the memory of the run before it back", async ({ browser }) => {
  const page = await openWith(browser, {}, false);
  await prepared(page);
  const reset = async (seed) => {
    await page.evaluate((seed) => window.dino.reset("spark", seed), seed);
    await prepared(page);
    await page.locator(".stage.busy").waitFor({ state: "detached" });
    return (await told(page)).bytes;
  };
  const first = await reset(1);
  let last;
  for (let seed = 2; seed <= 5; seed++) last = await reset(seed);
  note(`${(first / 1e6).toFixed(1)} MB after the first reset, ${(last / 1e6).toFixed(1)} MB after the fifth`);
  expect(last / first).toBeLessThan(1.1);
  const { bytes } = await status(page);
  expect(bytes).toBeGreaterThan(0);
  await page.context().close();
});

test("a device with too little memory gets a smaller run, and the person is told", async ({ browser }) => {
  const page = await openWith(browser, { memory: 14e6 }, false);
  page.mayFail = true;
  await prepared(page);
  await expect(page.locator(".alert").filter({ hasText: "less memory than expected" })).toBeVisible();
  await shot(page, "faults-memory", false);
  expect((await step(page, 2)).step).toBe(2);
  expect((await tuning(page)).memory).toBeLessThan(14e6);
  await page.context().close();
});

test("WebGPU's default limits are enough", async ({ browser }) => {
  const page = await openWith(browser, { limits: true, hardware: true }, true, "#v=1&preset=spark");
  await prepared(page);
  expect((await step(page, 2)).step).toBe(2);
  await expect(page.locator(".alert")).toHaveCount(0);
  await page.context().close();
});

test("pipelines are made beside each other, and the person sees how far they are", async ({ browser }) => {
  const page = await openWith(browser, { slow: 300 }, false);
  await expect(page.locator(".compiling")).toHaveText(/Compiling shader \d+ of \d+/);
  await shot(page, "faults-compiling", false);
  await prepared(page);
  const { beside, pipelines } = await told(page);
  note(`${pipelines} pipelines, up to ${beside} at a time`);
  expect(beside).toBeGreaterThan(20);
  await page.context().close();
});

test("a device that is lost while it is measured comes back without what it was lost with", async ({ browser }) => {
  const context = await newContext(browser, { storageState: NOTHING });
  let times = 0;
  await context.route(/\/worker\.js/, async (route) => {
    const response = await route.fetch();
    const lost = times++ === 0 ? "gemm_tiles" : null;
    const script = `${faults({ hardware: true, lost })};\n`;
    await route.fulfill({ response, body: script + (await response.text()) });
  });
  const page = await openIn(context, "#v=1&preset=spark");
  page.mayFail = true;
  await until(page, "preparing", (s) => s.state === "paused");
  expect(times).toBeGreaterThan(1);
  expect((await step(page, 1)).step).toBe(1);
  const { dropped } = await tuning(page);
  expect(JSON.stringify(dropped)).toContain("while it was tried");
  expect(await page.evaluate(() => localStorage.getItem("dino.attempt")), "what is tried now").toBeNull();
  await page.context().close();
});

test("without an adapter after a loss, the person is told and decides", async ({ browser }) => {
  const context = await newContext(browser);
  let times = 0;
  await context.route(/\/worker\.js/, async (route) => {
    const response = await route.fetch();
    const script = times++ === 0 ? "" : "GPU.prototype.requestAdapter = async () => null;\n";
    await route.fulfill({ response, body: script + (await response.text()) });
  });
  const page = await openIn(context, "#debug=lose-device");
  page.mayFail = true;
  await prepared(page);
  await page.evaluate(() => window.dino.fail());
  const alert = page.locator(".alert.grave").first();
  await expect(alert).toContainText("no graphics adapter");
  await expect(alert).toContainText("chrome://flags/#enable-vulkan");
  await expect(alert.getByRole("button", { name: "Check this device" })).toBeVisible();
  await page.context().close();
});

test("a GPU that sleeps at first is not taken for a slow one", async ({ browser }) => {
  const page = await openWith(browser, { hardware: true, sleeps: 200 }, true, "#v=1&preset=spark");
  await prepared(page);
  expect((await tuning(page)).rate).toBeGreaterThan(0);
  expect((await step(page, 1)).step).toBe(1);
  await page.context().close();
});

test("another adapter is measured anew", async ({ browser }) => {
  const context = await newContext(browser, { storageState: NOTHING });
  let architecture = "first";
  await context.route(/\/worker\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${faults({ words: { architecture } })};\n${await response.text()}` });
  });
  const page = await openIn(context);
  await prepared(page);
  const first = await tuning(page);
  architecture = "second";
  await reload(page);
  await prepared(page);
  const second = await tuning(page);
  expect(first.adapter).toContain("first");
  expect(second.adapter).toContain("second");
  expect((await status(page)).adapter).toContain("second");
  await page.context().close();
});

test("one stray error ends no run", async ({ browser }) => {
  const page = await openWith(browser, {}, false);
  await prepared(page);
  await page.getByRole("button", { name: WORDS.start, exact: true }).click();
  await until(page, "training", (s) => s.step > 1);
  await strayError(page);
  await expect(page.locator(".alert").filter({ hasText: "reported an error" })).toBeVisible();
  const { step: now } = await status(page);
  await until(page, "going on", (s) => s.state === "running" && s.step > now + 2);
  await page.context().close();
});

const PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36";

/** Says that the page is hidden, or shown, as a browser does. */
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (hidden ? "hidden" : "visible") });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, hidden);

/** Counts the locks that keep the screen on. */
const countLocks = (page) =>
  page.addInitScript(() => {
    window.locks = 0;
    const request = async () => {
      window.locks++;
      return { release: async () => void window.locks-- };
    };
    Object.defineProperty(navigator, "wakeLock", { configurable: true, get: () => ({ request }) });
  });

test("on a phone a hidden page pauses and goes on when it is shown, and the screen stays on meanwhile", async ({ browser }) => {
  const context = await newContext(browser, { userAgent: PHONE, hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
  const page = await openIn(context, "", countLocks);
  await prepared(page);
  expect(await page.evaluate(() => window.locks), "before training").toBe(0);
  await page.evaluate(() => window.dino.start());
  await until(page, "training", (s) => s.state === "running" && s.step > 0);
  await expect.poll(() => page.evaluate(() => window.locks), { message: "while training" }).toBe(1);
  await hide(page, true);
  await until(page, "the pause", (s) => s.state === "paused", 60);
  const { step: then } = await status(page);
  await hide(page, false);
  await until(page, "going on", (s) => s.state === "running" && s.step > then);
  await page.evaluate(() => window.dino.pause());
  await expect.poll(() => page.evaluate(() => window.locks), { message: "after training" }).toBe(0);
  // What a person paused stays paused.
  await hide(page, true);
  await hide(page, false);
  await page.waitForTimeout(300);
  expect((await status(page)).state).toBe("paused");
  expect(page.complaints).toEqual([]);
  await context.close();
});

test("on a desktop a hidden page trains on", async ({ browser }) => {
  const page = await openWith(browser, null, false);
  await prepared(page);
  await page.evaluate(() => window.dino.start());
  await until(page, "training", (s) => s.step > 0);
  await hide(page, true);
  const { step: then } = await status(page);
  await until(page, "going on", (s) => s.state === "running" && s.step > then + 1);
  await page.context().close();
});
