// The training place as a person uses it: presets with estimates, settings, links, curves, health.

import { readFileSync } from "node:fs";
import { expect, test } from "./fixtures.mjs";
import { note, open, overflow, prepared, reload, shot, status, step, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

const place = (page) => page.locator("section[aria-labelledby='training']");
const button = (page, name) => place(page).getByRole("button", { name, exact: true });
const press = (page, name) => button(page, name).click();
const field = (page, label) => place(page).getByLabel(label, { exact: true });
const paused = (page) => until(page, "the pause", (s) => s.state === "paused");
const fragment = (page) => new URL(page.url()).hash;

/** Opens the advanced settings and all that is folded in them. */
async function unfold(page) {
  await page.locator(".advanced > summary").click();
  for (const group of await page.locator(".advanced .group > summary").all()) await group.click();
}

/** Types into a field of the settings and leaves it. */
async function type(page, label, text) {
  await field(page, label).fill(text);
  await field(page, label).press("Tab");
}

test.describe.serial("a run, watched", () => {
  let page;
  test.beforeAll(async ({ browser }) => void (page = await open(browser)));
  test.afterAll(() => page.context().close());

  test("every preset says what it is for, and soon what it takes here", async () => {
    await page.waitForSelector(".presets .takes[data-seconds]");
    await prepared(page);
    const presets = page.locator(".presets .preset");
    await expect(presets).toHaveCount(4);
    for (const preset of await presets.all()) {
      await expect(preset).toContainText(/about [\d.]+\s(s|min|h|days) for 100 steps of \d+ images, [\d.]+\s(MB|GB)/);
    }
    await expect(page.getByRole("radio", { name: /A first look/ }), "the smallest").toBeChecked();
    expect(fragment(page), "fragment of an untouched page").toBe("");
  });

  test("while training: title, bar, what is left, curves; the prediction beside what it took", async () => {
    const predicted = Number(await page.locator(".presets .chosen .takes").getAttribute("data-seconds"));
    expect(predicted, "predicted seconds a step").toBeGreaterThan(0);
    await press(page, WORDS.start);
    const first = await until(page, "warming up", (s) => s.step >= 5);
    const begin = Date.now();
    await page.evaluate(() => (window.longTasks.length = 0));
    const last = await until(page, "twenty steps", (s) => s.step >= first.step + 20);
    const took = (Date.now() - begin) / 1000 / (last.step - first.step);
    const long = await page.evaluate(() => window.longTasks.splice(0));
    note(`a step: predicted ${(1e3 * predicted).toFixed(0)} ms, took ${(1e3 * took).toFixed(0)} ms`);
    note(`tasks over 50 ms while training: ${JSON.stringify(long)}`);
    await expect(page).toHaveTitle(/^▶ \d+\/3000 · \d+\.\d\d · DINO$/);
    const bar = place(page).getByRole("progressbar");
    expect(Number(await bar.getAttribute("value")), "the bar").toBeGreaterThan(0);
    await expect(page.locator("[data-number='left']")).toContainText(/\d/);
    await expect(page.locator("[data-number='elapsed']")).toContainText(/\d/);
    await page.locator(".charts").scrollIntoViewIfNeeded();
    await shot(page, "training-running");
    await until(page, "a curve of forty steps", (s) => s.step >= 40);
    await press(page, WORDS.pause);
    await paused(page);
    await expect(page).toHaveTitle(/^⏸ /);
  });

  test("the curves are painted, in the colours of the theme", async () => {
    for (const name of ["loss", "entropy", "kl", "featureStd", "imagesPerSecond"]) {
      const curve = page.locator(`[data-chart='${name}'] canvas`);
      const pixels = () =>
        curve.evaluate((canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const count = { strong: 0, faint: 0 };
          for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] < 200) continue;
            const color = data.slice(i, i + 3).join();
            if (color === "91,42,134") count.strong += 1;
            if (color === "195,171,216") count.faint += 1;
          }
          return count;
        });
      await expect.poll(async () => (await pixels()).strong, { message: `${name}: the strong curve` }).toBeGreaterThan(50);
      expect((await pixels()).faint, `${name}: the faint curve`).toBeGreaterThan(20);
    }
    // The samples have labels: the chart begins before the first step.
    await page.locator("[data-chart='accuracy']").waitFor();
    await expect(page.locator("[data-chart='loss'] .u-legend")).toContainText("ln K");
    // Hovering one chart shows values in all of them.
    await page.locator("[data-chart='loss'] .u-over").hover({ position: { x: 60, y: 40 } });
    await expect(page.locator("[data-chart='kl'] .u-series .u-value").nth(1)).toHaveText(/\d/);
  });

  test("the table has a row for every step", async () => {
    const { step, loss } = await status(page);
    await page.locator(".charts summary", { hasText: "As a table" }).click();
    const rows = page.locator(".charts .table tbody tr");
    await expect(rows).toHaveCount(Math.min(step, 100));
    const cells = (await rows.last().innerText()).split("\t").map(Number);
    expect(cells[0], "last step").toBe(step - 1);
    expect(cells[1], "its loss").toBeCloseTo(loss, 2);
    await shot(page, "training-table");
  });

  test("CSV and JSON hold all steps", async () => {
    const save = async (name) => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
      expect(download.suggestedFilename()).toMatch(/^dino-spark-seed0-step\d+\.(csv|json)$/);
      return readFileSync(await download.path(), "utf8");
    };
    const { step, loss } = await status(page);
    const [head, ...lines] = (await save("Save as CSV")).trimEnd().split("\n");
    expect(head.split(",").slice(0, 5)).toEqual(["step", "loss", "entropy", "kl", "featureStd"]);
    expect(lines).toHaveLength(step);
    for (const [i, line] of lines.entries()) {
      const values = line.split(",").map(Number);
      expect(values.length === 11 && values.every(Number.isFinite) && values[0] === i, line).toBe(true);
    }
    expect(Math.abs(Number(lines.at(-1).split(",")[1]) - loss), "loss in the CSV").toBeLessThan(1e-5);
    const rows = JSON.parse(await save("Save as JSON"));
    expect([rows.length, rows.at(-1).step], "JSON").toEqual([step, step - 1]);
  });

  test("the health line speaks of the numbers", async () => {
    const health = page.locator(".health");
    await expect(health, "in the first tenth").toHaveAttribute("data-health", "warming-up");
    await expect(health).toContainText(/Teacher entropy \d+ % of ln K/);
  });

  test("a wrong value is refused beside its field, and the run goes on", async () => {
    const { step } = await status(page);
    await unfold(page);
    await type(page, "Heads", "3");
    await expect(page.locator("#wrong-heads")).toHaveText(
      "A width of 64 does not divide into 3 heads: width over heads must be 4, 8, 12 … up to 64.",
    );
    await expect(field(page, "Heads")).toHaveAttribute("aria-invalid", "true");
    for (const name of [WORDS.reset, "Apply and start over"]) await expect(button(page, name)).toBeDisabled();
    await type(page, "Peak learning rate", "much");
    await expect(page.locator("#wrong-lr")).toHaveText("Expected a number from 0 to 10.");
    await type(page, "Steps", "1.5");
    await expect(page.locator("#wrong-steps")).toHaveText("Expected a whole number from 1 to 1000000.");
    await page.locator("#set-lr").scrollIntoViewIfNeeded();
    await shot(page, "training-wrong");
    await place(page).getByRole("button", { name: "Heads: reset to the preset" }).click();
    await place(page).getByRole("button", { name: "Peak learning rate: reset to the preset" }).click();
    await expect(field(page, "Heads"), "heads of the preset").toHaveValue("2");
    await type(page, "Steps", "30");
    await expect(page.locator(".wrong:not(:empty)"), "sentences left").toHaveCount(0);
    expect((await status(page)).step, "the run").toBe(step);
  });

  test("applying begins anew and is in the address; a reload keeps it", async () => {
    await type(page, "Batch size", "2");
    await type(page, "Seed", "7");
    await expect(page.locator(".presets .chosen .takes")).toContainText("steps of 2 images");
    const entries = await page.evaluate(() => history.length);
    await press(page, "Apply and start over");
    await until(page, "a new run", (s) => s.step === 0 && s.seed === 7 && s.state === "paused");
    await expect.poll(() => fragment(page)).toBe("#v=1&preset=spark&seed=7&steps=30&batch=2");
    expect(await page.evaluate(() => history.length), "entries in the history").toBe(entries);
    await expect(page.locator("p.note, div.note")).toHaveCount(0);
    await expect(page.locator(".charts .all"), "curves of the run that is gone").toBeHidden();
    await reload(page);
    const again = await prepared(page);
    expect([again.seed, again.totalSteps], "seed and steps after a reload").toEqual([7, 30]);
    await press(page, WORDS.start);
    const done = await until(page, "the short run", (s) => s.state === "finished");
    expect(done.step).toBe(30);
    await expect(page).toHaveTitle(/^✓ 30\/30/);
    expect(fragment(page)).toBe("#v=1&preset=spark&seed=7&steps=30&batch=2");
  });

  test("a link to the settings can be copied", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await unfold(page);
    await press(page, "Copy a link to these settings");
    await page.locator(".copy [role=status]", { hasText: "Copied." }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  });

  test("a link that arrives while there is a run fills the form and throws nothing away", async () => {
    const notes = page.locator("p.note, div.note");
    await page.evaluate(() => (location.hash = "#v=1&preset=spark&seed=9&steps=20&lr=0.5"));
    await notes.filter({ hasText: "The link's settings are filled in" }).waitFor();
    expect((await status(page)).step, "the run").toBe(30);
    await expect(field(page, "Peak learning rate")).toHaveValue("0.5");
    await press(page, "Undo changes");
    await expect(notes).toHaveCount(0);
    await page.evaluate(() => (location.hash = "#map=abc"));
    await page.locator("#viewer").waitFor();
    await expect(notes, "notes on a fragment of another kind").toHaveCount(0);
    expect(page.complaints).toEqual([]);
  });
});

test("what is chosen starts where nothing is lost; later Start says that it goes on as before", async ({ visit }) => {
  const page = await visit();
  await prepared(page);
  await unfold(page);
  await type(page, "Seed", "11");
  await press(page, WORDS.start);
  await until(page, "the chosen run", (s) => s.seed === 11 && s.step >= 2);
  await press(page, WORDS.pause);
  const before = await paused(page);
  await type(page, "Seed", "12");
  await expect(button(page, WORDS.start)).toHaveCount(0);
  await press(page, "Continue unchanged");
  const after = await until(page, "going on", (s) => s.step > before.step);
  expect(after.seed, "the run's seed").toBe(11);
  await press(page, WORDS.pause);
});

test("a hundred steps are not thrown away without a question", async ({ visit }) => {
  const page = await visit({}, "#v=1&preset=spark&steps=120&batch=1");
  await prepared(page);
  await step(page, 100);
  const question = page.locator("dialog.question[open]");
  await press(page, WORDS.reset);
  await expect(question).toContainText("discard 100 steps");
  await question.getByRole("button", { name: "Keep the run" }).click();
  await expect(question).toHaveCount(0);
  expect((await status(page)).step).toBe(100);
  await press(page, WORDS.reset);
  await question.getByRole("button", { name: WORDS.reset }).click();
  await until(page, "a new run", (s) => s.step === 0 && s.state === "paused");
  await press(page, WORDS.step);
  await until(page, "a step", (s) => s.step === 1 && s.state === "paused");
  await press(page, WORDS.reset);
  await until(page, "a new run at once", (s) => s.step === 0 && s.state === "paused");
});

test("a hostile link is clamped or refused with a notice", async ({ visit }) => {
  const page = await visit({}, "#v=1&preset=<img src=x onerror=alert(1)>&batch=-4&depth=2.4&x=1&lr=NaN&seed=5&heads=5");
  await page.locator(".from-link").waitFor();
  const lines = await page.locator(".from-link li").allInnerTexts();
  expect(lines).toHaveLength(6);
  expect(lines).toContain("Batch size: -4 became 1.");
  const { seed, preset } = await prepared(page);
  expect([seed, preset]).toEqual([5, "spark"]);
  await shot(page, "training-hostile", false);
  expect(page.complaints).toEqual([]);
});

test("uniform collapse is said in words, with what to change", async ({ visit }) => {
  // The rate is named: at the recipe's for two images (6e-5) sixty steps are too few to fall ill.
  const page = await visit({}, "#v=1&preset=spark&seed=0&steps=60&teacher_temp=0.2&batch=2&lr=2.5e-4");
  await prepared(page);
  const health = page.locator(".health");
  await expect(health, "a judgement before the first step").toBeHidden();
  // Every word that the line says is kept, however short it stands there.
  await health.evaluate((line) => {
    window.judgements = new Set();
    const keep = () => line.dataset.health && window.judgements.add(line.dataset.health);
    new MutationObserver(keep).observe(line, { attributes: true });
  });
  await press(page, WORDS.start);
  await expect(health).toHaveAttribute("data-health", "uniform", { timeout: 300_000 });
  await expect(health).toContainText("every output is uniform");
  await expect(health).toContainText("Lower the teacher's temperature");
  const words = await page.evaluate(() => [...window.judgements]);
  note(`health: ${words.join(", ")}`);
  expect(words).toContain("too-early");
  await shot(page, "training-uniform");
  expect(page.complaints).toEqual([]);
});

test("a phone in the dark, in Chinese", async ({ visit }) => {
  const page = await visit(
    { viewport: { width: 320, height: 740 }, colorScheme: "dark", locale: "zh-TW", deviceScaleFactor: 2 },
    "#v=1&preset=spark&seed=1&steps=100",
  );
  await prepared(page);
  await step(page, 12);
  await unfold(page);
  await page.locator("[data-chart='loss'] canvas").waitFor();
  await shot(page, "training-phone");
  expect(await overflow(page), "pixels too wide").toBeLessThanOrEqual(0);
  expect(page.complaints).toEqual([]);
});
