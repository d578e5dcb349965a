// Trains for STEPS steps (default 5000) of the smallest preset on the software adapter, and looks every
// tenth of them at what a person would notice: memory of the renderer's process, in which page and
// worker live, answers of the page, errors of the console. Fails when the memory of the second half of
// the run differs by more than 5 % from where it stood, when the page keeps a person waiting, or when
// anything complains. Environment: see visit.mjs.

import { readFileSync } from "node:fs";
import { start } from "./lib.mjs";
import { SOFTWARE, base, check, end, open, status, test, until } from "./visit.mjs";

const steps = Number(process.env.STEPS ?? 5000);
const ADDRESS = `${base}#v=1&preset=spark&steps=${steps}`;

/** MB that this browser's renderers have for themselves; Linux only. */
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

const browser = await start(SOFTWARE);
const session = await browser.newBrowserCDPSession();
await test(`${steps} steps`, async () => {
  const page = await open(browser, {}, ADDRESS);
  await until(page, "preparing", (s) => s.images > 200 && s.state === "paused");
  const skip = page.locator(".tour button.quiet");
  if (await skip.count()) await skip.click();
  await page.click("button:has-text('Start')");
  const rows = [];
  for (let due = steps / 10; due <= steps; due += steps / 10) {
    const before = await status(page);
    check(before.totalSteps >= steps, `a run of ${before.totalSteps} steps`);
    await until(page, `step ${due}`, (s) => s.step >= due, 3600);
    // A click on another image, as a person makes it, until the page says so.
    const begin = performance.now();
    await page.locator(".thumbnail").nth(1 + (rows.length % 4)).click();
    await page.locator(".thumbnail[aria-selected='true']").waitFor();
    const answer = performance.now() - begin;
    const { step, loss, imagesPerSecond } = await status(page);
    rows.push({ step, loss, imagesPerSecond, answer, memory: await memory(session) });
    console.log(`     step ${step}: loss ${loss.toFixed(3)}, ${imagesPerSecond.toFixed(1)} images/s, renderer ${rows.at(-1).memory.toFixed(1)} MB, a click took ${answer.toFixed(0)} ms`);
  }
  const half = rows.slice(rows.length / 2 - 1);
  const [least, most] = [Math.min, Math.max].map((of) => of(...half.map((row) => row.memory)));
  const long = await page.evaluate(() => window.longTasks);
  console.log(`     second half: ${least.toFixed(1)} to ${most.toFixed(1)} MB; tasks over 50 ms: ${long.length}, the longest ${Math.max(0, ...long).toFixed(0)} ms`);
  check(most - least <= 0.1 * least, `memory from ${least} to ${most} MB`);
  check(rows.every((row) => row.answer < 2000), "the page kept a person waiting");
  check(page.complaints.length === 0, page.complaints.join("; "));
});
await browser.close();
end();
