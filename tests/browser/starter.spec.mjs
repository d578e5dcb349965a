// The model that comes with the page, as the first visitor meets it.

import { copyFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "./fixtures.mjs";
import { beforeWorker, canvas, newContext, note, open, openIn, prepared, reload, saved, shot as picture, status, step, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

const shot = (page, name, full = false) => picture(page, `starter-${name}`, full);
const stage = (page) => page.locator(".stage canvas");
const card = (page) => page.locator(".starter");
const count = (page) => page.locator("section.attention > header .count");
const begins = (page) => page.locator(".begins");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const answer = (page, name) => card(page).getByRole("button", { name }).click();
const network = (page, name) => page.locator("fieldset:has(input[name=network]) label", { hasText: name }).click();

/** Waits until these words say whose attention is shown; the map as a sum of its bytes. */
async function shows(page, words) {
  await count(page).filter({ hasText: words }).waitFor();
  await stage(page).waitFor();
  // A finer photograph comes with the crops.
  await page.locator(".crop canvas").first().waitFor();
  for (let last; ; ) {
    await page.locator(".stage.busy").waitFor({ state: "detached" });
    const { sum } = await canvas(stage(page));
    if (sum === last) return sum;
    last = sum;
    await page.waitForTimeout(250);
  }
}

/** Waits until the map is this one again. */
async function showsAgain(page, words, sum, what) {
  await count(page).filter({ hasText: words }).waitFor();
  await expect.poll(async () => (await canvas(stage(page))).sum, { message: what }).toBe(sum);
}

/** An answer takes its own button away; the focus goes to the next one to press. */
const focusedOnStart = (page) => expect(page.getByRole("button", { name: WORDS.start, exact: true })).toBeFocused();

/** A prepared page that shows the starter, and the starter's map. */
async function begin(browser, options, fragment) {
  const page = await open(browser, options, fragment);
  await prepared(page);
  return [page, await shows(page, WORDS.starter)];
}

test("attention is there before a run is prepared, and any image can be chosen", async ({ visit }) => {
  const page = await visit({ allSamples: true });
  await stage(page).waitFor();
  const seconds = await page.evaluate(() => performance.now() / 1000);
  const { state, step } = await status(page);
  expect(state, "the run, when attention is there").not.toBe("paused");
  expect(step).toBe(0);
  note(`attention after ${seconds.toFixed(2)} s`);
  await count(page).filter({ hasText: WORDS.starter }).waitFor();
  await expect(card(page)).toContainText(/\d+ thousand parameters/);
  await shot(page, "first");
  await prepared(page);
  const first = await shows(page, WORDS.starter);
  const other = page.locator(".thumbnail[aria-posinset='2']");
  await other.click();
  await expect(stage(page)).toHaveAttribute("aria-label", new RegExp(await other.getAttribute("title")));
  expect(await shows(page, WORDS.starter), "the map of another image").not.toBe(first);
  await expect(count(page), "whose attention once the run is prepared").toHaveText(WORDS.starter);
  expect(page.complaints).toEqual([]);
});

test.describe.serial("from scratch", () => {
  let page;
  let starter;
  test.beforeAll(async ({ browser }) => void ([page, starter] = await begin(browser, {}, "#v=1&preset=spark&steps=300")));
  test.afterAll(() => page.context().close());

  test("from scratch: random weights, as in the paper", async () => {
    await answer(page, WORDS.fromScratch);
    const random = await shows(page, WORDS.atStep(0));
    expect(random, "the run's map").not.toBe(starter);
    await focusedOnStart(page);
    await expect(card(page)).toHaveCount(0);
    await network(page, WORDS.starter);
    await showsAgain(page, WORDS.starter, starter, "the starter's map");
    await network(page, WORDS.teacher);
    await showsAgain(page, WORDS.atStep(0), random, "the run's map");
  });

  test("a time-lapse is the run's, a page in one file the starter's, while the starter is looked through", async ({}, info) => {
    await step(page, 8);
    await until(page, "training", (s) => s.step === 8 && s.state === "paused");
    await network(page, WORDS.starter);
    await showsAgain(page, WORDS.starter, starter, "the starter's map");
    await page.locator("button[data-share=map]").click();
    const dialog = page.locator(".share-dialog");
    const file = async (kind) => {
      await dialog.locator(`input[name=share-kind][value=${kind}]`).click();
      await dialog.locator(".preview progress").waitFor({ state: "detached", timeout: 300_000 });
      expect(await dialog.locator(".preview [role=alert]").allInnerTexts(), `problems of ${kind}`).toEqual([]);
      await dialog.locator(".facts").waitFor();
      const [download] = await Promise.all([page.waitForEvent("download"), dialog.locator("[data-way=save]").click()]);
      return { name: download.suggestedFilename(), path: await download.path() };
    };
    expect((await file("gif")).name).toBe("dino-spark-seed0-step8-timelapse.gif");
    await showsAgain(page, WORDS.starter, starter, "the map after the time-lapse was made");
    const { name, path } = await file("page");
    expect(name).toMatch(/^dino-starter-.*\.html$/);
    copyFileSync(path, info.outputPath(name));
    const opened = await page.context().newPage();
    await opened.goto(pathToFileURL(info.outputPath(name)).href);
    await opened.waitForSelector("#stage canvas");
    await expect(opened.locator("#charts svg polyline"), "curves of a run beside the starter's map").toHaveCount(0);
    await expect(opened.locator("body"), "steps of the starter").not.toContainText(/step \d/);
  });
});

test.describe.serial("continue", () => {
  let page;
  let starter;
  test.beforeAll(async ({ browser }) => void ([page, starter] = await begin(browser)));
  test.afterAll(() => page.context().close());

  test("continue: the run begins with the starter", async () => {
    await shot(page, "choice", true);
    await press(page, "Pin this image");
    await answer(page, WORDS.continueHere);
    await showsAgain(page, WORDS.atStep(0), starter, "the map of the run's first step");
    await expect(card(page)).toHaveCount(0);
    await page.locator("section.weights", { hasText: "with a new head" }).waitFor();
    await focusedOnStart(page);
    await expect(begins(page)).toContainText(/Up to step [1-9]\d*, only the new head is trained/);
    expect(page.complaints).toEqual([]);
  });

  test("a reload of a run that began with it: the run is what goes on, and is looked at", async () => {
    await saved(page, 0);
    await reload(page);
    const offer = page.locator(".offer");
    await offer.waitFor();
    await showsAgain(page, WORDS.starter, starter, "the starter's map");
    await expect(card(page).getByRole("button"), "questions beside that about the kept run").toHaveCount(0);
    await offer.getByRole("button", { name: WORDS.goOn }).click();
    await until(page, "going on", (s) => s.state === "paused" && !s.importing);
    await showsAgain(page, WORDS.atStep(0), starter, "the run's map");
    await expect(card(page)).toHaveCount(0);
    await expect(page.locator(".pinned .tiles > li"), "pins").toHaveCount(1);
  });

  test("it trains on, and the starter stays as it was", async () => {
    expect((await step(page, 3)).loss).toBeGreaterThan(0);
    await shows(page, WORDS.atStep(3));
    await shot(page, "continued", true);
    await network(page, WORDS.starter);
    await showsAgain(page, WORDS.starter, starter, "the starter after training");
    // A setting that is changed does not throw the weights away.
    await page.locator("details.advanced > summary").click();
    await page.locator("#set-steps").fill("400");
    await page.locator("#set-steps").press("Tab");
    await expect(page.getByRole("button", { name: "Continue unchanged" }), "Start would begin anew").toHaveCount(1);
  });
});

test("on a phone: attention right below the images, and an answer leads to Start", async ({ browser }) => {
  const [page] = await begin(browser, { viewport: { width: 390, height: 844 }, hasTouch: true });
  const tops = [];
  for (const name of ["images", "attention", "training", "crops", "neighbours"]) {
    tops.push(await page.locator(`section[aria-labelledby='${name}']`).evaluate((s) => s.getBoundingClientRect().top));
  }
  expect(tops, "tops of the sections in their order").toEqual([...tops].sort((a, b) => a - b));
  // The tour goes down with the eyes.
  const stop = page.locator(".tour");
  const stops = [];
  for (let i = 1; i <= 4; i++) {
    await stop.getByText(`${i} of 4`).waitFor();
    stops.push(await stop.evaluate((card) => card.getBoundingClientRect().top + scrollY));
    await stop.locator("button.main").click();
  }
  await stop.waitFor({ state: "detached" });
  expect(stops, "tops of the tour's cards in their order").toEqual([...stops].sort((a, b) => a - b));
  // The Tab key leaves none of them out.
  const reached = new Set();
  await page.locator("section.images button").first().focus();
  for (let i = 0; i < 120 && !reached.has("neighbours"); i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.closest("section")?.getAttribute("aria-labelledby")));
  }
  for (const name of ["images", "training", "weights", "attention", "crops", "neighbours"]) expect([...reached]).toContain(name);
  await answer(page, WORDS.fromScratch);
  await focusedOnStart(page);
  await expect(page.getByRole("button", { name: WORDS.start, exact: true })).toBeInViewport({ ratio: 1 });
  await shot(page, "phone", true);
  await page.context().close();
});

test.describe.serial("a visitor who has not answered", () => {
  let page;
  let starter;
  test.beforeAll(async ({ browser }) => {
    [page, starter] = await begin(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  });
  test.afterAll(() => page.context().close());

  test("a link of its map says whose it is", async () => {
    await page.locator("button[data-share=map]").click();
    const dialog = page.locator(".share-dialog");
    await dialog.locator("input[name=share-kind][value=link]").click();
    await dialog.locator("[data-way=copy]").click();
    await dialog.locator("[data-way=copy]:has-text('Copied')").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.keyboard.press("Escape");
    await page.evaluate((link) => (location.hash = link.split("#")[1]), link);
    const viewer = page.locator("main", { hasText: "Starter · layer" });
    await viewer.waitFor();
    await expect(viewer, "steps of the starter").not.toContainText(/step \d/);
    await page.goBack();
    await showsAgain(page, WORDS.starter, starter, "the page behind it");
  });

  test("pins come again without a run that goes on", async () => {
    await press(page, "Pin this image");
    const pin = page.locator(".pinned .tiles > li");
    await pin.waitFor();
    await reload(page);
    await showsAgain(page, WORDS.starter, starter, "the starter's map");
    await prepared(page);
    await pin.waitFor();
  });

  test("an image that leaves the set leaves the others' map there", async () => {
    const { images } = await status(page);
    await page.locator(".thumbnail[aria-posinset='2']").click();
    await expect.poll(async () => (await canvas(stage(page))).sum).not.toBe(starter);
    const second = await shows(page, WORDS.starter);
    await page.locator(".thumbnail[aria-posinset='4'] .take-out").click({ force: true });
    await until(page, "removing", (s) => s.images === images - 1);
    expect(await shows(page, WORDS.starter), "the map after another image left").toBe(second);
  });

  test("who presses Start sees the run", async () => {
    await press(page, WORDS.start);
    await until(page, "training", (s) => s.step >= 3);
    await press(page, WORDS.pause);
    await count(page).filter({ hasText: "at step" }).waitFor();
    await expect(card(page)).toHaveCount(0);
  });
});

test("the starter chosen by itself gives way to the choice, and to a snapshot", async ({ browser }) => {
  const [page] = await begin(browser);
  await expect(begins(page), "what Start begins with").toContainText("random weights");
  const top = () =>
    page.locator("fieldset:has(input[name=network])").evaluate((choice) => choice.getBoundingClientRect().top + scrollY);
  const before = await top();
  await network(page, WORDS.teacher);
  await shows(page, WORDS.atStep(0));
  await expect(card(page)).toContainText("has not started");
  expect(Math.abs((await top()) - before), "pixels that the choice moved").toBeLessThan(60);
  await network(page, WORDS.starter);
  await shows(page, WORDS.starter);
  await answer(page, WORDS.fromScratch);
  await shows(page, WORDS.atStep(0));
  await expect(begins(page)).toHaveCount(0);
  await network(page, WORDS.starter);
  await step(page, 3);
  await saved(page, 3);
  // Whoever compares is not led away by what is kept.
  await shows(page, WORDS.starter);
  await page.locator("input[name=snapshot]").fill("0");
  await shows(page, WORDS.atStep(0));
  await page.context().close();
});

test("in Chinese, dark, on a phone", async ({ visit }) => {
  const page = await visit({ locale: "zh-TW", colorScheme: "dark", viewport: { width: 360, height: 780 } });
  await expect(card(page)).toContainText("入門模型");
  await stage(page).waitFor();
  await card(page).scrollIntoViewIfNeeded();
  await shot(page, "phone-zh");
});

for (const [what, respond, words] of [
  ["missing", (route) => route.fulfill({ status: 404 }), "404"],
  ["damaged", (route) => route.fulfill({ status: 200, body: "not weights" }), "starter.safetensors"],
  ["held back by a silent server", () => {}, "within 30 seconds"],
]) {
  test(`a starter that is ${what}: a sentence, and the page works without it`, async ({ browser }) => {
    const context = await newContext(browser);
    await context.route("**/starter.safetensors", respond);
    // Thirty seconds are three.
    await beforeWorker(context, "const { timeout } = AbortSignal; AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms / 10)");
    const page = await openIn(context);
    await page.locator(".alert", { hasText: words }).waitFor({ timeout: 120_000 });
    await prepared(page);
    await shows(page, WORDS.atStep(0));
    await expect(card(page)).toHaveCount(0);
    await expect(page.locator("input[name=network]"), "networks to choose from").toHaveCount(2);
    expect((await step(page, 1)).step).toBe(1);
    await context.close();
  });
}
