// The library's checks and golden cases in Chromium or Firefox, each a test of its name; one page of the harness serves all that
// a worker of the runner runs. A check that kills the page (a panic) fails alone: the runner goes on in a new page.
// Environment: HARNESS_URL (serves harness.html, /pkg/ and the cases), HARNESS (the folder of /pkg/), CASES (JSON, a
// list of { kind, name, path }, where kind is `replay` or `augment`), CHECKS (a part of the checks' names).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test as plain } from "./fixtures.mjs";
import { startFirefox } from "./firefox.mjs";
import { launch, openHarness, within } from "./lib.mjs";
import { note } from "./visit.mjs";

const { HARNESS, HARNESS_URL, CASES = "[]", CHECKS } = process.env;

/** The checks' names, which the compiled harness itself knows. */
async function names() {
  if (CHECKS === undefined) return [];
  const harness = await import(pathToFileURL(join(HARNESS, "harness.js")).href);
  await harness.default({ module_or_path: readFileSync(join(HARNESS, "harness_bg.wasm")) });
  return JSON.parse(harness.names()).filter((name) => name.includes(CHECKS));
}

const test = plain.extend({
  harness: [
    async ({}, use, { project }) => {
      const browser = await (project.metadata.firefox ? startFirefox() : launch());
      const page = await openHarness(browser, HARNESS_URL);
      note(`adapter: ${await within(60, page, page.evaluate(() => window.harness.adapter()))}`);
      await use(page);
      await browser.close();
    },
    { scope: "worker", timeout: 300_000 },
  ],
});

const checks = await names();

test.describe("checks", () => {
  for (const name of checks) {
    test(name, async ({ harness }) => {
      const check = harness.evaluate((name) => window.harness.check(name), name);
      // A page that died leaves its last question without an answer; nobody waits for it.
      check.catch(() => {});
      expect((await within(300, harness, check)) ?? "").toBe("");
    });
  }
});

test.describe("golden cases", () => {
  for (const { kind, name, path } of JSON.parse(CASES)) {
    test(`${kind} ${name}`, async ({ harness }) => {
      test.setTimeout(30 * 60_000);
      const report = harness.evaluate(([kind, path]) => window.harness[kind](path), [kind, path]);
      report.catch(() => {});
      const { passed, table, error } = await within(1500, harness, report);
      expect(error).toBeUndefined();
      console.log(table.trimEnd());
      expect(passed, "whether every row is within its tolerance").toBe(true);
    });
  }
});
