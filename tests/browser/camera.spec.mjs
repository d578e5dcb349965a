// The camera's picture through the network, frame after frame, in a real Chromium with a camera that plays a
// test picture. Environment: see visit.mjs. Prints a line for each test; exits with 1 if one failed.

import { start } from "./lib.mjs";
import { SOFTWARE, check, end, equal, open, shot, test, until } from "./visit.mjs";

const CAMERA = ["--use-fake-device-for-media-stream"];

/** The page with a run that is prepared and looks at its pictures as finely as it was trained. */
async function prepared(browser) {
  const page = await open(browser);
  await until(page, "preparing", (s) => s.images > 0 && !s.importing && s.state === "paused");
  await page.locator(".stage canvas").waitFor();
  return page;
}

const LIVE = ".live canvas";

/** The sum of a canvas's bytes in their order. */
const picture = (page) =>
  page.locator(LIVE).evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (const byte of data) sum = (sum * 31 + byte) | 0;
    return sum;
  });

/** Waits for another picture than this one. */
async function another(page, than) {
  const end = Date.now() + 20_000;
  for (;;) {
    const now = await picture(page);
    if (now !== than) return now;
    if (Date.now() > end) throw new Error("the picture stands still");
    await page.waitForTimeout(30);
  }
}

await test("the camera's attention is painted frame after frame, while training too; closed, it is off", async () => {
  const browser = await start([...SOFTWARE, ...CAMERA, "--use-fake-ui-for-media-stream"]);
  try {
    const page = await prepared(browser);
    await page.click("button:has-text('Look through the camera')");
    await page.locator("video.live").waitFor();
    await page.locator(".live [data-rate]").waitFor();
    let seen = await another(page, await picture(page));
    const shape = await page.locator(LIVE).evaluate((canvas) => canvas.width / canvas.height);
    const film = await page.locator(".live video").evaluate((video) => video.videoWidth / video.videoHeight);
    check(Math.abs(shape - film) < 0.02, `shape ${shape}, of the camera ${film}`);
    await page.waitForTimeout(3000);
    const rate = Number(await page.locator(".live .rate").getAttribute("data-rate"));
    console.log(`     ${rate} frames a second at rest`);
    check(rate > 0 && /^[\d.]+ frames a second$/.test(await page.locator(".live .rate").innerText()), `rate ${rate}`);

    await page.locator(".sight").getByRole("radio", { name: "Mask", exact: true }).check();
    seen = await another(page, await picture(page));
    await page.locator("div.live").scrollIntoViewIfNeeded();
    await shot(page, "attention-camera", false);

    const before = (await page.evaluate(() => window.dino.status())).step;
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await until(page, "training meanwhile", (s) => s.step >= before + 10);
    await another(page, seen);
    await page.waitForTimeout(3000);
    console.log(`     ${await page.locator(".live .rate").getAttribute("data-rate")} frames a second while training`);
    await page.getByRole("button", { name: "Pause", exact: true }).click();

    const track = await page.evaluateHandle(() => document.querySelector(".live video").srcObject.getTracks()[0]);
    await page.locator(".from-camera").getByRole("button", { name: "Close the camera" }).click();
    equal(await page.locator("div.live").count(), 0, "places of the camera");
    equal(await track.evaluate((track) => track.readyState), "ended", "the camera's state");
    equal(page.complaints, [], "complaints");
  } finally {
    await browser.close();
  }
});

await test("a camera that is not permitted is a sentence here too", async () => {
  const browser = await start([...SOFTWARE, ...CAMERA, "--deny-permission-prompts"]);
  try {
    const page = await prepared(browser);
    await page.click("button:has-text('Look through the camera')");
    await page.locator(".live p[role=status]", { hasText: "not permitted" }).waitFor();
    equal(page.complaints, [], "complaints");
  } finally {
    await browser.close();
  }
});

end();
