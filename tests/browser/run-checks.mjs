// Runs every check of the library in Chromium, one after the other; an argument chooses those with it
// in their name. A check that kills the page (a panic) fails alone: the rest goes on in a new page.

import { launch, openHarness, Tally, within } from "./lib.mjs";

const url = process.env.BASE_URL;
const browser = await launch();
const tally = new Tally();
let page = await openHarness(browser, url);
console.log(`adapter: ${await within(60, page, page.evaluate(() => window.harness.adapter()))}`);
const filter = process.argv[2] ?? "";
const names = await within(60, page, page.evaluate(() => window.harness.names()));
for (const name of names.filter((name) => name.includes(filter))) {
  const begin = performance.now();
  try {
    const check = page.evaluate((name) => window.harness.check(name), name);
    // A page that died leaves its last question without an answer; nobody waits for it.
    check.catch(() => {});
    const error = await within(300, page, check);
    if (error) tally.fail(name, error);
    else tally.pass(name, performance.now() - begin);
  } catch (error) {
    tally.fail(name, error);
    await page.close();
    page = await openHarness(browser, url);
  }
}
await browser.close();
tally.end();
