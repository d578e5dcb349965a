// The runner's `test` and `expect`, and what a test may ask for: `visit` opens the page in a context of its own,
// `launch` starts a browser with other flags. Invariant: what a test opened is closed when it ends.

import { createRequire } from "node:module";
import { start } from "./lib.mjs";
import { open } from "./visit.mjs";

// `require` looks into NODE_PATH, `import` does not.
const { test: base, expect } = createRequire(import.meta.url)("@playwright/test");

export { expect };

export const test = base.extend({
  /** visit(options of the context, fragment): the page. */
  visit: async ({ browser }, use) => {
    const pages = [];
    await use(async (...how) => {
      const page = await open(browser, ...how);
      pages.push(page);
      return page;
    });
    for (const page of pages) await page.context().close();
  },

  /** launch(flags): a browser. */
  launch: async ({}, use) => {
    const browsers = [];
    await use(async (flags) => {
      const browser = await start(flags);
      browsers.push(browser);
      return browser;
    });
    for (const browser of browsers) await browser.close();
  },
});
