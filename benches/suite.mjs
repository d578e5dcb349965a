// Runs a benchmark suite of the library in Chromium and prints its table. Arguments: the suite, then
// presets (all when there are none). Environment: BASE_URL (serves harness.html and /pkg/), OUT (folder
// of SUITE.json), CHROMIUM, NODE_PATH.

import { mkdir, writeFile } from "node:fs/promises";
import { launch, openHarness, within } from "../tests/browser/lib.mjs";

const [suite, ...presets] = process.argv.slice(2);
const browser = await launch();
const page = await openHarness(browser, process.env.BASE_URL);
const work = page.evaluate(
  async ([suite, presets]) => {
    const { suite: run } = await import("/pkg/harness.js");
    return JSON.parse(await run(suite, presets));
  },
  [suite, presets],
);
work.catch(() => {});
const { table, rows } = await within(3600, page, work);
console.log(`Chromium ${browser.version()}`);
console.log(table);
await browser.close();
await mkdir(process.env.OUT, { recursive: true });
const found = rows.map((row) => ({ ...row, browser: `Chromium ${browser.version()}` }));
await writeFile(`${process.env.OUT}/${suite}.json`, `${JSON.stringify(found, null, 1)}\n`);
