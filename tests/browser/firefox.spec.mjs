// The page in Firefox, whose WebGPU is another one: another compiler, other limits, and a queue that answers late. What a
// person does there: a first visit, the starter's map, training, another visit, a link, images of their own.

import { expect, test as plain } from "./fixtures.mjs";
import { faults } from "./faults.mjs";
import { png } from "./files.mjs";
import { startFirefox } from "./firefox.mjs";
import { base, note, prepared, started, status, step, TARGET, until } from "./visit.mjs";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const test = plain.extend({
  firefox: [
    async ({}, use) => {
      const browser = await startFirefox();
      await use(browser);
      await browser.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

/** A page of a profile without anything; a script may run in its worker first. */
async function visit(firefox, fragment = "", before = "") {
  const context = await firefox.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  page.complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(error.message));
  if (before) {
    // The worker's script is a blob that imports the real one.
    await page.evaluateOnNewDocument((before) => {
      const Own = Blob;
      window.Blob = class extends Own {
        constructor(parts, options) {
          super(options?.type === "text/javascript" ? [`${before};\n`, ...parts] : parts, options);
        }
      };
    }, before);
  }
  await page.goto(base + fragment);
  await started(page);
  return page;
}

const shot = (page, name) => {
  mkdirSync(join(TARGET, "screenshots"), { recursive: true });
  return page.screenshot({ path: join(TARGET, "screenshots", `firefox-${name}.png`) });
};

/** The text of what a selector finds first. */
const textOf = (page, selector) => page.$eval(selector, (element) => element.innerText);

/** Waits until a text is found in what a selector finds. */
const says = (page, selector, words) =>
  page.waitForFunction(
    (selector, words) => [...document.querySelectorAll(selector)].some((e) => e.innerText.includes(words)),
    { timeout: 60_000 },
    selector,
    words,
  );

const press = (page, words) =>
  page.evaluate((words) => {
    const button = [...document.querySelectorAll("button")].find((b) => b.innerText.trim() === words && !b.disabled);
    if (!button) throw new Error(`there is no button "${words}" to press`);
    button.click();
  }, words);

/** Seconds of a step of a preset, as promised. */
async function promised(page, preset) {
  const selector = `.preset:has(input[value="${preset}"]) .takes[data-seconds]`;
  await page.waitForSelector(selector, { timeout: 60_000 });
  return Number(await page.$eval(selector, (takes) => takes.dataset.seconds));
}

test("a visit: the starter's map, twenty steps, another visit that goes on", async ({ firefox }) => {
  const page = await visit(firefox);
  await page.waitForSelector(".stage canvas", { timeout: 60_000 });
  await says(page, "section.attention > header .count", "Starter");
  await shot(page, "first");
  const { images } = await prepared(page);
  expect(images).toBeGreaterThan(100);
  const before = await promised(page, "spark");
  const begin = await page.evaluate(() => performance.now());
  expect((await step(page, 20)).step).toBe(20);
  const took = ((await page.evaluate(() => performance.now())) - begin) / 20e3;
  note(`a step was promised ${(1e3 * before).toFixed(0)} ms and took ${(1e3 * took).toFixed(0)} ms`);
  await shot(page, "trained");
  await until(page, "saving", (s) => s.saved === 20, 60);
  await page.reload();
  await started(page);
  await page.waitForSelector(".offer button.main:not([disabled])", { timeout: 60_000 });
  await page.click(".offer button.main");
  await until(page, "going on", (s) => s.step === 20 && s.state === "paused");
  expect((await step(page, 1)).step).toBe(21);
  expect(page.complaints).toEqual([]);
  await page.browserContext().close();
});

test("what a step takes is not what the queue's answers take", async ({ firefox }) => {
  const page = await visit(firefox);
  await prepared(page);
  const { choices, rate } = await page.evaluate(() => JSON.parse(localStorage.getItem("dino.tuning")));
  // 6 million multiply-adds in 100 ms are 6·10⁷ a second; any adapter does more than ten times as many.
  expect(rate, "multiply-adds a second").toBeGreaterThan(6e8);
  expect(choices.length).toBeGreaterThan(5);
  expect(await textOf(page, '[data-number="memory"]'), "a batch that is not split takes its memory").toMatch(/^1\d\.\d.MB$/);
  await page.browserContext().close();
});

test("a link carries the map to whoever opens it", async ({ firefox }) => {
  const page = await visit(firefox);
  await page.waitForSelector(".stage canvas", { timeout: 60_000 });
  await prepared(page);
  await page.evaluate(() => {
    navigator.clipboard.writeText = async (text) => void (window.copied = text);
  });
  await page.click("button[data-share=map]");
  await page.waitForSelector(".share-dialog input[name=share-kind][value=link]");
  await page.click(".share-dialog input[name=share-kind][value=link]");
  await page.waitForSelector(".share-dialog .facts", { timeout: 60_000 });
  await page.waitForSelector(".share-dialog [data-way=copy]:not([disabled])");
  await page.click(".share-dialog [data-way=copy]");
  await page.waitForFunction(() => window.copied, { timeout: 30_000 });
  const link = await page.evaluate(() => window.copied);
  expect(link).toContain("#map=1.");
  await page.browserContext().close();
  const other = await visit(firefox, link.slice(link.indexOf("#")));
  await other.waitForSelector("#viewer .stage canvas", { timeout: 30_000 });
  await shot(other, "link");
  expect(other.complaints).toEqual([]);
  await other.browserContext().close();
});

test("images of one's own", async ({ firefox }) => {
  const page = await visit(firefox);
  await prepared(page);
  const { images } = await status(page);
  const folder = mkdtempSync(join(tmpdir(), "dino-firefox-"));
  const file = join(folder, "own.png");
  writeFileSync(file, png(90, 60, [200, 40, 10]));
  const input = await page.$('label.pick input[accept="image/*"]');
  await input.uploadFile(file);
  await until(page, "the image", (s) => s.images === images + 1 && !s.importing);
  await page.browserContext().close();
});

test("a GPU that is pretended: its plans are tuned and train", async ({ firefox }) => {
  const page = await visit(firefox, "#v=1&preset=spark", faults({ hardware: true }));
  await prepared(page);
  const { loss } = await step(page, 3);
  expect(loss).toBeGreaterThan(3);
  expect(loss).toBeLessThan(6);
  await shot(page, "hardware");
  expect(page.complaints).toEqual([]);
  await page.browserContext().close();
});
