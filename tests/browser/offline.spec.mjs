// The second visit without a network, and what a browser wants of a page before it offers to install it.
// Environment: see visit.mjs.

import { start } from "./lib.mjs";
import { SOFTWARE, check, end, equal, open, test, until } from "./visit.mjs";

const browser = await start(SOFTWARE);

await test("without a network the page opens, and trains on the samples", async () => {
  const page = await open(browser, { serviceWorkers: "allow" });
  // As text: the page's policy forbids it to make functions of words.
  const active = "navigator.serviceWorker.ready.then(() => caches.open('dino-page')).then((c) => c.keys()).then((k) => k.length)";
  await page.waitForFunction("navigator.serviceWorker.getRegistration()", null, { timeout: 60_000, polling: 500 });
  const files = await Promise.race([page.evaluate(active), new Promise((done) => setTimeout(done, 90_000, 0))]);
  check(files > 200, `only ${files} files are kept`);
  await page.context().setOffline(true);
  await page.reload();
  await page.waitForFunction(() => window.dino);
  await until(page, "preparing", (s) => s.images > 200 && s.state === "paused");
  const { step, images } = await page.evaluate(() => window.dino.step(1));
  equal([step, images > 200], [1, true], "a step without a network");
  const sheets = await page.evaluate(() => [...document.styleSheets].map((sheet) => sheet.cssRules.length));
  check(sheets.length >= 9 && sheets.every((rules) => rules > 0), `style sheets of ${sheets} rules`);
  const complaints = page.complaints.filter((words) => !/^failed: /.test(words));
  equal(complaints, [], "complaints");
  await page.context().close();
});

await test("the page can be installed", async () => {
  const page = await open(browser);
  const session = await page.context().newCDPSession(page);
  const { errors, url } = await session.send("Page.getAppManifest");
  check(url.endsWith("manifest.webmanifest"), `the manifest is ${url}`);
  equal(errors, [], "errors of the manifest");
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // Tests run in a private context, where nothing is installed.
  equal(installabilityErrors.map((e) => e.errorId).filter((id) => id !== "in-incognito"), [], "errors");
  await page.context().close();
});

await browser.close();
end();
