// Adapters that say wrong things of themselves, or nothing: a script before the worker's own changes what they say.

import { faults } from "./faults.mjs";
import { expect, test } from "./fixtures.mjs";
import { beforeWorker, newContext, openIn, prepared, shot, step, until } from "./visit.mjs";

/** Opens the page in a browser whose worker runs this script first. */
async function openWith(browser, script) {
  const context = await newContext(browser);
  await beforeWorker(context, script);
  return openIn(context);
}

/** Losses of the first steps. */
async function losses(page) {
  await prepared(page);
  const found = [];
  for (let i = 0; i < 3; i++) found.push((await step(page, 1)).loss);
  return found;
}

/** An adapter whose subgroups are said to have another width than they have. */
const announced = (width) => `{
  const info = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "info");
  const other = (own) => new Proxy(own, {
    get: (of, name) => (name === "subgroupMinSize" || name === "subgroupMaxSize" ? ${width} : of[name]),
  });
  Object.defineProperty(GPUAdapter.prototype, "info", { get() { return other(info.get.call(this)); } });
}`;

const informed = (value) =>
  `Object.defineProperty(GPUAdapter.prototype, "info", { get() { return ${value}; } })`;

test("subgroups of another width than the announced one are not used, and the person is told", async ({ browser }) => {
  const plain = await openWith(browser, "");
  const expected = await losses(plain);
  await expect(plain.locator(".alert")).toHaveCount(0);
  await plain.context().close();
  // Other widths are checked natively. Of this one nothing but attention would have noticed.
  const page = await openWith(browser, announced(32));
  await prepared(page);
  await expect(page.locator(".alert")).toContainText("Subgroups of 32 are not used");
  await shot(page, "device-subgroups", false);
  // Other variants of the products may be chosen without subgroups, so the last bits may differ.
  const found = await losses(page);
  found.forEach((loss, i) => expect(loss, `step ${i + 1}`).toBeCloseTo(expected[i], 3));
  await page.context().close();
});

test("an adapter without information is used", async ({ browser }) => {
  for (const value of ["undefined", "{}"]) {
    const page = await openWith(browser, informed(value));
    await until(page, "the device", (s) => s.adapter);
    await expect(page.locator(".accident, .alert"), value).toHaveCount(0);
    await page.context().close();
  }
});

test("a check of the device names the kernel that computes something else", async ({ browser }) => {
  const page = await openWith(browser, faults({ wrong: { label: "layer_norm.wgsl", from: "inverseSqrt", to: "0.9 * inverseSqrt" } }));
  await prepared(page);
  await page.locator("footer .check-device").click();
  const dialog = page.locator(".device-check");
  await dialog.getByRole("button", { name: "Start the check" }).click();
  await expect(dialog.locator(".result")).toContainText("FAILED");
  await dialog.getByRole("button", { name: "Stop" }).click();
  await expect(dialog.getByRole("button", { name: "Start the check" })).toBeEnabled();
  const report = await dialog.locator("pre").innerText();
  expect(report).toMatch(/^\d+ checks, [1-9]\d* failed/);
  expect(report).toMatch(/FAILED .*layer/i);
  expect(report).toMatch(/\nok /);
  expect(report).toMatch(/billion/);
  await page.evaluate(() => (navigator.clipboard.writeText = async (text) => void (window.copied = text)));
  await dialog.getByRole("button", { name: "Copy" }).click();
  expect(await page.evaluate(() => window.copied)).toContain("DINO in the browser");
  await shot(page, "device-check", false);
  // The run is as it was.
  await page.keyboard.press("Escape");
  expect((await step(page, 1)).step).toBe(1);
  await page.context().close();
});
