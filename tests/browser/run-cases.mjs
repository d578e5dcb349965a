// Runs cases in Chromium and prints each one's table. Arguments: kind, name, address of the server
// that holds it, again and again; the kinds are `replay` and `augment`.

import { launch, openHarness, Tally, within } from "./lib.mjs";

const browser = await launch();
const tally = new Tally();
const rest = process.argv.slice(2);
while (rest.length >= 3) {
  const [kind, name, url] = rest.splice(0, 3);
  const begin = performance.now();
  const page = await openHarness(browser, url);
  try {
    const report = page.evaluate((kind) => window.harness[kind](), kind);
    report.catch(() => {});
    const { passed, table, error } = await within(1500, page, report);
    if (error) throw new Error(error);
    console.log(`${kind} ${name}\n${table.trimEnd()}`);
    if (passed) tally.pass(`${kind} ${name}`, performance.now() - begin);
    else tally.fail(`${kind} ${name}`, "a row is over its tolerance");
  } catch (error) {
    tally.fail(`${kind} ${name}`, error);
  }
  await page.close();
}
await browser.close();
tally.end();
