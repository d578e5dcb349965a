// The model that comes with the page, as the first visitor meets it, in a real Chromium on the software adapter.
// Environment: see visit.mjs; ONLY (a part of a test's name) runs those tests alone.

import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { start } from "./lib.mjs";
import { SOFTWARE, check, end, equal, open, shot as picture, status, test as counted, until } from "./visit.mjs";

const browser = await start(SOFTWARE);
const STAGE = ".stage canvas";

/** A test with a page of its own. */
async function test(name, prepare, body) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) return;
  await counted(name, async () => {
    const context = await prepare();
    const page = context.pages()[0];
    try {
      await body(page);
    } catch (error) {
      await picture(page, "starter-failed").catch(() => {});
      throw error;
    } finally {
      await context.close();
    }
  });
}

const visit = (options) => async () => (await open(browser, options)).context();
const shot = (page, name, full = false) => picture(page, `starter-${name}`, full);
const place = (page) => page.locator("section.attention");
const card = (page) => page.locator(".starter");
const count = (page) => place(page).locator("> header .count");
const step = (page, steps) => page.evaluate((steps) => window.dino.step(steps), steps);
const prepared = (page) => until(page, "preparing", (s) => s.images > 100 && !s.importing && s.state === "paused");
const network = (page, name) => page.locator("fieldset:has(input[name=network]) label", { hasText: name }).click();

/** The map that is shown as a sum of its bytes, once nothing is on its way: a finer photograph may come after it. */
async function map(page) {
  await page.locator(STAGE).waitFor();
  const look = () =>
    page.locator(STAGE).evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (const byte of data) sum = (sum * 31 + byte) | 0;
      return sum;
    });
  for (let last; ; ) {
    await page.locator(".stage.busy").waitFor({ state: "detached" });
    const now = await look();
    if (now === last) return now;
    last = now;
    await page.waitForTimeout(500);
  }
}

/** An answer takes its own button away; the focus goes to the next one to press. */
const focusedOnStart = (page) => page.locator("button:focus", { hasText: /^Start$/ }).waitFor();

async function shows(page, words) {
  await count(page).filter({ hasText: words }).waitFor();
  return map(page);
}

await test("attention is there before a run is prepared, and any image can be chosen", visit(), async (page) => {
  await page.locator(STAGE).waitFor();
  const seconds = await page.evaluate(() => performance.now() / 1000);
  const { state, step } = await status(page);
  check(state !== "paused" && step === 0, `the run was prepared first: ${state}`);
  console.log(`        attention after ${seconds.toFixed(2)} s`);
  const first = await shows(page, "Starter");
  check(/\d+ thousand parameters/.test(await card(page).innerText()), await card(page).innerText());
  await shot(page, "first");
  const other = page.locator(".thumbnail[aria-posinset='2']");
  await other.click();
  await page.locator(".stage canvas[aria-label*='" + (await other.getAttribute("title") ?? "") + "']").waitFor();
  check((await map(page)) !== first, "another image has the same map");
  await prepared(page);
  equal(await count(page).innerText(), "Starter", "whose attention once the run is prepared");
  equal(page.complaints, [], "complaints");
});

await test("from scratch: random weights, as in the paper", visit(), async (page) => {
  await prepared(page);
  const starter = await shows(page, "Starter");
  await card(page).getByRole("button", { name: "From scratch" }).click();
  const random = await shows(page, "at step 0");
  check(random !== starter, "the run looks like the starter");
  await focusedOnStart(page);
  equal(await card(page).count(), 0, "cards");
  await network(page, "Starter");
  equal(await shows(page, "Starter"), starter, "the starter's map");
  await network(page, "Teacher");
  equal(await shows(page, "at step 0"), random, "the run's map");
});

await test("continue: the run begins with the starter and trains on", visit(), async (page) => {
  await prepared(page);
  const starter = await shows(page, "Starter");
  await shot(page, "choice", true);
  await card(page).getByRole("button", { name: "Continue on these images" }).click();
  equal(await shows(page, "at step 0"), starter, "the map of the run's first step");
  equal(await card(page).count(), 0, "cards");
  await page.locator("section.weights", { hasText: "under a fresh head" }).waitFor();
  await focusedOnStart(page);
  const until = await page.locator(".begins").innerText();
  check(/Up to step [1-9]\d* only the new head learns/.test(until), until);
  await step(page, 3);
  const { loss } = await status(page);
  check(Number.isFinite(loss) && loss > 0, `loss ${loss}`);
  await shows(page, "at step 3");
  await shot(page, "continued", true);
  await network(page, "Starter");
  equal(await shows(page, "Starter"), starter, "training changed the starter");
  equal(page.complaints, [], "complaints");
});

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
await test("on a phone: attention right below the images, and an answer leads to Start", visit(phone), async (page) => {
  await prepared(page);
  await shows(page, "Starter");
  const tops = [];
  for (const name of ["images", "attention", "training", "crops", "neighbours"]) {
    tops.push(await page.locator(`section[aria-labelledby='${name}']`).evaluate((s) => s.getBoundingClientRect().top));
  }
  check(tops.every((top, i) => i === 0 || top > tops[i - 1]), `sections begin at ${tops}`);
  // The tour goes down with the eyes.
  const stop = page.locator(".tour");
  const stops = [];
  for (let i = 1; i <= 4; i++) {
    await stop.getByText(`${i} of 4`).waitFor();
    stops.push(await stop.evaluate((card) => card.getBoundingClientRect().top + scrollY));
    await stop.locator("button.main").click();
  }
  await stop.waitFor({ state: "detached" });
  check(stops.every((top, i) => i === 0 || top > stops[i - 1]), `the tour's cards stand at ${stops}`);
  // The Tab key leaves none of them out.
  const reached = new Set();
  await page.locator("section.images button").first().focus();
  for (let i = 0; i < 120 && !reached.has("neighbours"); i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.closest("section")?.getAttribute("aria-labelledby")));
  }
  const missed = ["images", "training", "weights", "attention", "crops", "neighbours"].filter((name) => !reached.has(name));
  equal(missed, [], "sections that the Tab key does not reach");
  await card(page).getByRole("button", { name: "From scratch" }).click();
  await focusedOnStart(page);
  const { y, height } = await page.getByRole("button", { name: "Start", exact: true }).boundingBox();
  check(y >= 0 && y + height <= phone.viewport.height, `Start is at ${y}`);
  await shot(page, "phone", true);
});

await test("a reload of a run that began with it: the run is what goes on, and is looked at", visit(), async (page) => {
  await prepared(page);
  await shows(page, "Starter");
  await page.getByRole("button", { name: "Pin this image" }).click();
  await card(page).getByRole("button", { name: "Continue on these images" }).click();
  const begun = await shows(page, "at step 0");
  await until(page, "keeping", (s) => s.saved === 0);
  await page.reload();
  await page.waitForFunction(() => window.dino);
  const offer = page.locator(".offer");
  await offer.waitFor();
  await shows(page, "Starter");
  equal(await card(page).getByRole("button").count(), 0, "questions beside that about the kept run");
  await offer.getByRole("button", { name: "Go on" }).click();
  await until(page, "going on", (s) => s.state === "paused" && !s.importing);
  equal(await shows(page, "at step 0"), begun, "the run's map");
  equal(await card(page).count(), 0, "cards");
  equal(await page.locator(".pinned .tiles > li").count(), 1, "pins");
  // A setting that is changed does not throw the weights away.
  await page.locator("details.advanced > summary").click();
  await page.locator("#set-steps").fill("400");
  await page.locator("#set-steps").press("Tab");
  equal(await page.getByRole("button", { name: "Go on as before" }).count(), 1, "Start would begin anew");
});

await test("pins come again without a run that goes on", visit(), async (page) => {
  await prepared(page);
  await shows(page, "Starter");
  await page.getByRole("button", { name: "Pin this image" }).click();
  await page.locator(".pinned .tiles > li").waitFor();
  await page.reload();
  await page.waitForFunction(() => window.dino);
  await shows(page, "Starter");
  await prepared(page);
  await page.locator(".pinned .tiles > li").waitFor();
});

await test("the starter chosen by itself gives way to the choice, and to a moment", visit(), async (page) => {
  await prepared(page);
  await shows(page, "Starter");
  const begins = page.locator(".begins");
  check((await begins.innerText()).includes("random weights"), "it is not said what Start begins with");
  const top = () =>
    page.locator("fieldset:has(input[name=network])").evaluate((choice) => choice.getBoundingClientRect().top + scrollY);
  const before = await top();
  await network(page, "Teacher");
  await shows(page, "at step 0");
  check((await card(page).innerText()).includes("has not begun"), await card(page).innerText());
  check(Math.abs((await top()) - before) < 60, `the choice moved from ${before} to ${await top()}`);
  await network(page, "Starter");
  await shows(page, "Starter");
  await card(page).getByRole("button", { name: "From scratch" }).click();
  await shows(page, "at step 0");
  equal(await begins.count(), 0, "sentences about what Start begins with");
  await network(page, "Starter");
  await step(page, 3);
  await until(page, "keeping", (s) => s.saved === 3);
  // Whoever compares is not led away by what is kept.
  await shows(page, "Starter");
  await page.locator("input[name=moment]").fill("0");
  await shows(page, "at step 0");
});

await test("an image that leaves the set leaves the others' map there", visit(), async (page) => {
  await prepared(page);
  await page.locator(".thumbnail[aria-posinset='2']").click();
  const second = await shows(page, "Starter");
  await page.locator(".thumbnail[aria-posinset='4'] .take-out").click({ force: true });
  await until(page, "removing", (s) => s.images === 203);
  equal(await shows(page, "Starter"), second, "the map after another image left");
});

await test("who presses Start sees the run", visit(), async (page) => {
  await prepared(page);
  await shows(page, "Starter");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await until(page, "training", (s) => s.step >= 3);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await count(page).filter({ hasText: "at step" }).waitFor();
  equal(await card(page).count(), 0, "cards");
});

await test("a link of its map says whose it is", visit({ permissions: ["clipboard-read", "clipboard-write"] }), async (page) => {
  await prepared(page);
  await shows(page, "Starter");
  await page.locator("button[data-share=map]").click();
  const dialog = page.locator(".share-dialog");
  await dialog.locator("input[name=share-kind][value=link]").click();
  await dialog.locator("[data-way=copy]").click();
  await dialog.locator("[data-way=copy]:has-text('Copied')").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate((link) => (location.hash = link.split("#")[1]), link);
  const viewer = page.locator("main", { hasText: "Starter · layer" });
  await viewer.waitFor();
  check(!/step \d/.test(await viewer.innerText()), "the starter has steps");
});

await test("a time-lapse is the run's, a page in one file the starter's, while the starter is looked through", visit(), async (page) => {
  await prepared(page);
  await shows(page, "Starter");
  await card(page).getByRole("button", { name: "From scratch" }).click();
  await shows(page, "at step 0");
  await step(page, 24);
  await until(page, "training", (s) => s.step === 24 && s.state === "paused");
  await network(page, "Starter");
  const starter = await shows(page, "Starter");
  await page.locator("button[data-share=map]").click();
  const dialog = page.locator(".share-dialog");
  const file = async (kind) => {
    await dialog.locator(`input[name=share-kind][value=${kind}]`).click();
    await dialog.locator(".preview progress").waitFor({ state: "detached", timeout: 120_000 });
    equal(await dialog.locator(".preview [role=alert]").allInnerTexts(), [], `problems of ${kind}`);
    await dialog.locator(".facts").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), dialog.locator("[data-way=save]").click()]);
    return { name: download.suggestedFilename(), path: await download.path() };
  };
  equal((await file("gif")).name, "dino-spark-seed0-step24-timelapse.gif", "the time-lapse's name");
  equal(await shows(page, "Starter"), starter, "the map after the time-lapse was made");
  const { name, path } = await file("page");
  check(/^dino-starter-.*\.html$/.test(name), name);
  const opened = await page.context().newPage();
  const where = join(mkdtempSync(join(tmpdir(), "dino-")), name);
  copyFileSync(path, where);
  await opened.goto(pathToFileURL(where).href);
  await opened.waitForSelector("#stage canvas");
  equal(await opened.locator("#charts svg polyline").count(), 0, "curves of a run beside the starter's map");
  check(!/step \d/.test(await opened.locator("body").innerText()), "the starter has steps");
});

await test("in Chinese, dark, on a phone", visit({ locale: "zh-TW", colorScheme: "dark", viewport: { width: 360, height: 780 } }), async (page) => {
  await card(page).waitFor();
  check((await card(page).innerText()).includes("入門模型"), await card(page).innerText());
  await page.locator(STAGE).waitFor();
  await card(page).scrollIntoViewIfNeeded();
  await shot(page, "phone");
});

/** A visit whose starter is answered so. */
const broken = (answer) => async () => {
  const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 } });
  await context.route("**/starter.safetensors", answer);
  const page = await context.newPage();
  await page.goto(process.env.BASE_URL ?? "http://127.0.0.1:8080/");
  await page.waitForFunction(() => window.dino);
  return context;
};

for (const [what, answer, words] of [
  ["missing", (route) => route.fulfill({ status: 404 }), "404"],
  ["damaged", (route) => route.fulfill({ status: 200, body: "not weights" }), "starter.safetensors"],
  ["held back by a silent server", () => {}, "within 30 seconds"],
]) {
  await test(`a starter that is ${what}: a sentence, and the page works without it`, broken(answer), async (page) => {
    await page.locator(".alert", { hasText: words }).waitFor({ timeout: 60_000 });
    await prepared(page);
    await shows(page, "at step 0");
    equal(await card(page).count(), 0, "cards");
    equal(await page.locator("input[name=network]").count(), 2, "networks to choose from");
    await step(page, 1);
  });
}

await browser.close();
end();
