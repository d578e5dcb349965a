// Trains for STEPS steps (default 5000) of the smallest preset on the software adapter, and looks every
// tenth of them at what a person would notice: memory of the renderer's process, in which page and
// worker live, answers of the page, errors of the console. Fails when the memory of the second half of
// the run differs by more than 5 % from where it stood, when the page keeps a person waiting, or when
// anything complains. Linux only; not among the tests of a commit: `cargo xtask soak`.

import { readFileSync } from "node:fs";
import { expect, test } from "./fixtures.mjs";
import { note, prepared, status, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

const steps = Number(process.env.STEPS || 5000);

/** MB that this browser's renderers have for themselves. */
async function memory(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  let kilobytes = 0;
  for (const { id } of processInfo.filter(({ type }) => type === "renderer")) {
    try {
      kilobytes += Number(/^Private_Dirty: +(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))[1]);
    } catch {
      // It ended meanwhile.
    }
  }
  return kilobytes / 1000;
}

test(`${steps} steps`, async ({ browser, visit }) => {
  const session = await browser.newBrowserCDPSession();
  const page = await visit({}, `#v=1&preset=spark&steps=${steps}`);
  await prepared(page);
  await page.locator(".tour button.quiet").click();
  await page.getByRole("button", { name: WORDS.start, exact: true }).click();
  const rows = [];
  for (let due = steps / 10; due <= steps; due += steps / 10) {
    expect((await status(page)).totalSteps).toBeGreaterThanOrEqual(steps);
    await until(page, `step ${due}`, (s) => s.step >= due, 3600);
    // A click on another image, as a person makes it, until the page says so.
    const begin = performance.now();
    await page.locator(".thumbnail").nth(1 + (rows.length % 4)).click();
    await page.locator(".thumbnail[aria-selected='true']").waitFor();
    const answer = performance.now() - begin;
    const { step, loss, imagesPerSecond } = await status(page);
    rows.push({ step, loss, imagesPerSecond, answer, memory: await memory(session) });
    note(`step ${step}: loss ${loss.toFixed(3)}, ${imagesPerSecond.toFixed(1)} images/s, renderer ${rows.at(-1).memory.toFixed(1)} MB, a click took ${answer.toFixed(0)} ms`);
  }
  const half = rows.slice(rows.length / 2 - 1).map((row) => row.memory);
  const long = await page.evaluate(() => window.longTasks);
  note(`tasks over 50 ms: ${long.length}, the longest ${Math.max(0, ...long)} ms`);
  for (const memory of half) expect(Math.abs(memory / half[0] - 1), `memory ${half} MB`).toBeLessThanOrEqual(0.05);
  expect(Math.max(...rows.map((row) => row.answer)), "the longest wait for a click").toBeLessThan(2000);
  expect(page.complaints).toEqual([]);
});
