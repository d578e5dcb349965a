// The camera's picture through the network, frame after frame, in a Chromium whose camera plays a test picture.

import { expect, test } from "./fixtures.mjs";
import { SOFTWARE } from "./lib.mjs";
import { canvas, changed, note, open, prepared, shot, status, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

const CAMERA = [...SOFTWARE, "--use-fake-device-for-media-stream"];

/** The page with a run that is prepared, and its camera asked for. */
async function looking(browser) {
  const page = await open(browser);
  await prepared(page);
  await page.locator(".stage canvas").waitFor();
  await page.getByRole("button", { name: "Look through the camera" }).click();
  return page;
}

test("the camera's attention is painted frame after frame, while training too; closed, it is off", async ({ launch }) => {
  const page = await looking(await launch([...CAMERA, "--use-fake-ui-for-media-stream"]));
  const live = page.locator(".live canvas");
  const rate = page.locator(".live .rate");
  await page.locator("video.live").waitFor();
  await rate.and(page.locator("[data-rate]")).waitFor();
  await changed(live, await canvas(live), "the camera's attention");
  const { width, height } = await canvas(live);
  const film = await page.locator(".live video").evaluate((video) => video.videoWidth / video.videoHeight);
  expect(Math.abs(width / height - film), "the shape beside the camera's").toBeLessThan(0.02);
  await expect(rate).toHaveText(/^[\d.]+ frames per second$/);
  await expect.poll(async () => Number(await rate.getAttribute("data-rate"))).toBeGreaterThan(0);
  note(`${await rate.innerText()} at rest`);

  await page.locator(".sight").getByRole("radio", { name: "Mask", exact: true }).check();
  const mask = await changed(live, await canvas(live), "the mask");
  await page.locator("div.live").scrollIntoViewIfNeeded();
  await shot(page, "attention-camera", false);

  const before = (await status(page)).step;
  await page.getByRole("button", { name: WORDS.start, exact: true }).click();
  await until(page, "training meanwhile", (s) => s.step >= before + 10);
  await changed(live, mask, "the mask while training");
  await changed(live, await canvas(live), "the mask while training, once more");
  note(`${await rate.innerText()} while training`);
  await page.getByRole("button", { name: WORDS.pause, exact: true }).click();

  const track = await page.evaluateHandle(() => document.querySelector(".live video").srcObject.getTracks()[0]);
  await page.locator(".from-camera").getByRole("button", { name: "Close the camera" }).click();
  await expect(page.locator("div.live"), "places of the camera").toHaveCount(0);
  expect(await track.evaluate((track) => track.readyState), "the camera's state").toBe("ended");
  expect(page.complaints).toEqual([]);
});

test("a camera that is not permitted is a sentence here too", async ({ launch }) => {
  const page = await looking(await launch([...CAMERA, "--deny-permission-prompts"]));
  await page.locator(".live p[role=status]", { hasText: "not permitted" }).waitFor();
  expect(page.complaints).toEqual([]);
});
