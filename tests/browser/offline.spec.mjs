// The second visit without a network, and what a browser wants of a page before it offers to install it.

import { expect, test } from "./fixtures.mjs";
import { reload, step, until } from "./visit.mjs";

test("without a network the page opens, and trains on the samples", async ({ visit }) => {
  const page = await visit({ serviceWorkers: "allow", allSamples: true });
  // As text: the page's policy forbids it to make functions of words.
  await page.waitForFunction("navigator.serviceWorker.getRegistration()", null, { polling: 500 });
  const kept = "navigator.serviceWorker.ready.then(() => caches.open('dino-page')).then((c) => c.keys()).then((k) => k.length)";
  expect(await page.evaluate(kept), "files that are kept").toBeGreaterThan(200);
  await page.context().setOffline(true);
  await reload(page);
  await until(page, "preparing", (s) => s.images > 200 && s.state === "paused");
  const after = await step(page, 1);
  expect(after.step, "a step without a network").toBe(1);
  expect(after.images).toBeGreaterThan(200);
  const sheets = await page.evaluate(() => [...document.styleSheets].map((sheet) => sheet.cssRules.length));
  expect(sheets.length, "style sheets").toBeGreaterThanOrEqual(9);
  expect(Math.min(...sheets), "rules of the shortest").toBeGreaterThan(0);
  expect(page.complaints.filter((words) => !/^failed: /.test(words))).toEqual([]);
});

test("the page can be installed", async ({ visit }) => {
  const page = await visit();
  const session = await page.context().newCDPSession(page);
  const { errors, url } = await session.send("Page.getAppManifest");
  expect(url).toMatch(/manifest\.webmanifest$/);
  expect(errors, "errors of the manifest").toEqual([]);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // Tests run in a private context, where nothing is installed.
  expect(installabilityErrors.map((e) => e.errorId).filter((id) => id !== "in-incognito")).toEqual([]);
});
