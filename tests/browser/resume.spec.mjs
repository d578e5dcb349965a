// What survives a reload, a crash and a second tab. Every test begins with an empty storage.

import { expect, test as plain } from "./fixtures.mjs";
import { base, newContext, openIn, prepared, reload, saved, shot as picture, status, step, traits, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

const test = plain.extend({
  context: async ({ browser }, use) => {
    const context = await newContext(browser);
    await use(context);
    await context.close();
  },
  /** Opens the page in one more tab of the test's context. */
  tab: async ({ context }, use) => {
    await use(async (address = "", prepare) => {
      const page = await openIn(context, address, async (page) => {
        await prepare?.(page);
        await page.addInitScript(listenToWorkers);
      });
      // Workers end and devices are lost here, and the page says so.
      page.mayFail = true;
      return page;
    });
  },
});

/** In the page: every message of its workers can be looked at, or be kept from it. */
function listenToWorkers() {
  window.points = [];
  const { set } = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
  Object.defineProperty(Worker.prototype, "onmessage", {
    set(listener) {
      window.worker = this;
      set.call(this, (event) => {
        if (this === window.deaf) return;
        const report = event.data?.event;
        if (report?.Progress) window.points.push(...report.Progress.points.map((p) => p.step));
        listener(event);
      });
    },
  });
}

const shot = (page, name) => picture(page, `resume-${name}`);
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const offer = (page) => page.locator(".offer");
const paused = (page, step) => until(page, `step ${step}`, (s) => s.state === "paused" && s.step === step);
const images = (page, n) => until(page, `${n} images`, (s) => s.images === n && !s.importing && s.state === "paused");

/** Answers the question about a run that is kept. */
async function goOn(page, step) {
  await offer(page).getByRole("button", { name: WORDS.goOn }).click();
  await paused(page, step);
  await offer(page).waitFor({ state: "detached" });
}

/** Ends the worker or loses the device, as the address says; who asked is told. */
const fail = (page) =>
  page.evaluate(() => window.dino.fail().then(() => "done", (error) => error.message));

/** Trains, ends the worker or loses the device, and waits until the run goes on from where it was saved. */
async function endedAndRestored(page, word) {
  await prepared(page);
  await page.evaluate(() => window.dino.remove(1));
  await step(page, 5);
  const before = await saved(page, 5);
  await page.locator(".thumbnail").nth(2).click();
  await press(page, WORDS.start);
  await until(page, "training", (s) => s.step >= 7);
  await fail(page);
  const alert = page.locator(".accident");
  await expect(alert).toContainText(word);
  await until(page, "training again", (s) => s.state === "running" && s.step >= 7);
  await expect(alert).toContainText(/restored at step 5; \d+ steps? w/);
  await expect(alert.locator(".main"), "buttons to restore").toHaveCount(0);
  const after = await status(page);
  expect([after.images, after.seed], "images and seed").toEqual([before.images, before.seed]);
  await expect(page.locator(".thumbnail[aria-selected='true']")).toHaveCount(1);
}

/** Waits until so many images lie in the browser's storage. */
const kept = (page, count) =>
  expect
    .poll(
      () =>
        page.evaluate(async () => {
          const root = await navigator.storage.getDirectory();
          const folder = await (await root.getDirectoryHandle("dino")).getDirectoryHandle("images");
          let files = 0;
          for await (const name of folder.keys()) files += name.endsWith(".picture");
          return files;
        }),
      { message: "images in the storage" },
    )
    .toBe(count);

/** An image that the browser itself draws and encodes. */
const drawn = (page, name, width, height, hue) =>
  page.evaluate(
    async ([width, height, hue]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      for (let x = 0; x < width; x += 4) {
        context.fillStyle = `hsl(${hue + x} 80% ${20 + (x % 60)}%)`;
        context.fillRect(x, 0, 4, height);
      }
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
    },
    [width, height, hue],
  ).then((base64) => ({ name, mimeType: "image/jpeg", buffer: Buffer.from(base64, "base64") }));

const pick = (page, files) => page.setInputFiles("input[type=file]", files);

test("12 steps, a reload and 12 more are 24 in one go, to the bit", async ({ tab }) => {
  const page = await tab("#v=1&preset=spark&seed=7&steps=90");
  await prepared(page);
  await step(page, 24);
  const once = await traits(page);
  await press(page, WORDS.reset);
  await paused(page, 0);
  await step(page, 12);
  const half = await traits(page);
  expect(half.loss, "the loss after half of the steps").not.toBe(once.loss);
  const { images } = await saved(page, 12);
  const snapshots = page.locator("input[name=snapshot]");
  const before = await snapshots.getAttribute("max");
  expect(Number(before), "snapshots to go back to").toBeGreaterThanOrEqual(2);
  await page.click("button.pin");
  const pins = page.locator(".pinned .tile[data-image='0']");
  await pins.waitFor();
  await reload(page);
  await expect(offer(page)).toContainText(/step 12 of 9\d/);
  await expect(offer(page)).toContainText("Spark");
  await prepared(page);
  await shot(page, "offer");
  await page.evaluate(() => (window.points.length = 0));
  await goOn(page, 12);
  expect(await page.evaluate(() => window.points), "steps of the history").toEqual([...Array(12).keys()]);
  expect((await status(page)).images).toBe(images);
  expect(await traits(page), "the run after the reload").toEqual(half);
  await expect(page.locator(".other-images")).toHaveCount(0);
  await expect(snapshots, "snapshots after the reload").toHaveAttribute("max", before);
  await expect(pins, "pins after the reload").toHaveCount(1);
  await expect(page.locator("[data-number='elapsed']"), "the time before the reload").toContainText(/\d/);
  await snapshots.fill("0");
  await page.locator(".attention > header", { hasText: WORDS.atStep(0) }).waitFor();
  await step(page, 12);
  expect(await traits(page), "12 and 12 steps").toEqual(once);
  await expect(page.locator(".saved")).toContainText("at most 20 s");
  expect(page.complaints).toEqual([]);
});

test("who begins anew is not asked again", async ({ tab }) => {
  const page = await tab();
  await prepared(page);
  await step(page, 2);
  await saved(page, 2);
  await reload(page);
  await offer(page).getByRole("button", { name: WORDS.beginAnew }).click();
  await offer(page).waitFor({ state: "detached" });
  await prepared(page);
  await reload(page);
  await prepared(page);
  await expect(offer(page), "offers after beginning anew").toHaveCount(0);
});

test("a lost device while training: it goes on by itself", async ({ tab }) => {
  const page = await tab("?debug=lose-device");
  await endedAndRestored(page, "graphics device");
  await shot(page, "lose-device-recovered");
  await press(page, WORDS.pause);
  await until(page, "pause", (s) => s.state === "paused");
});

test("a dead worker while training: it goes on by itself, the second time it asks", async ({ tab }) => {
  const page = await tab("?debug=kill-worker");
  const alert = page.locator(".accident");
  await endedAndRestored(page, "worker");
  await shot(page, "kill-worker-recovered");

  await fail(page);
  await page.locator(".accident.grave").waitFor();
  await expect(alert).toContainText("within two minutes");
  await until(page, "the end of the run", (s) => s.state === "stopped");
  await alert.locator("summary").click();
  await expect(alert.locator("pre")).toContainText(/build [0-9a-f]{16}[^]*error: [^]*step: \d+[^]*adapter: \S/);
  await shot(page, "kill-worker-asks");
  const refused = await page.evaluate(() =>
    Promise.race([
      window.dino.step(1).then(() => "done", (error) => error.message),
      new Promise((resolve) => setTimeout(resolve, 20_000, "silence")),
    ]),
  );
  expect(["done", "silence"], "a request to a dead worker").not.toContain(refused);
  expect((await status(page)).state).toBe("stopped");
  await alert.getByRole("button", { name: "Restore the run" }).click();
  await until(page, "training once more", (s) => s.state === "running" && s.step >= 7);
  await press(page, WORDS.pause);
  await until(page, "pause", (s) => s.state === "paused");
  expect(page.complaints.filter((text) => !/panicked|unreachable|RuntimeError|[Dd]evice/.test(text))).toEqual([]);
});

test("a worker that says nothing while it trains is dead", async ({ tab }) => {
  const page = await tab("", (page) => page.clock.install());
  await prepared(page);
  await step(page, 2);
  await saved(page, 2);
  await press(page, WORDS.start);
  await until(page, "training", (s) => s.step >= 4);
  // This worker alone: the first word of the next one, which may come at once, must be heard.
  await page.evaluate(() => void (window.deaf = window.worker));
  await page.clock.runFor(115_000);
  const alert = page.locator(".accident");
  await expect(alert, "alerts after 115 s").toHaveCount(0);
  await page.clock.runFor(15_000);
  await expect(alert.locator("pre")).toContainText("said nothing for 125 s");
  await until(page, "training again", (s) => s.state === "running" && s.step >= 4);
});

test("of two tabs one trains; the other shows, and takes over when that one is closed", async ({ tab }) => {
  const first = await tab();
  await prepared(first);
  await step(first, 3);
  await saved(first, 3);
  const second = await tab();
  const shown = await until(second, "showing", (s) => s.state === "paused" && s.step === 3 && !s.importing);
  expect(shown.reader, "whether the second tab knows that it only reads").toBe(true);
  const notice = second.locator(".notice.reader");
  await expect(notice).toContainText("Another tab");
  for (const name of [WORDS.start, WORDS.step, WORDS.reset]) {
    await expect(second.getByRole("button", { name, exact: true })).toBeDisabled();
  }
  expect(await second.evaluate(() => window.points), "history").toEqual([0, 1, 2]);
  await second.waitForSelector(".map canvas");
  await shot(second, "reader");
  const refused = await second.evaluate(() => window.dino.start().then(() => "", (e) => e.message));
  expect(refused).toContain("another tab");
  // The first one has gone on in the meantime.
  await step(first, 2);
  await saved(first, 5);
  await first.close();
  const own = await until(
    second,
    "taking over",
    (s) => !s.reader && s.state === "paused" && s.step === 5 && s.images === shown.images && !s.importing,
  );
  expect(own.saved).toBe(5);
  await expect(notice).toHaveCount(0);
  expect((await step(second, 1)).step).toBe(6);
  await saved(second, 6);
  expect(second.complaints).toEqual([]);
});

test("storage is full: a banner, training goes on, and it is saved when there is room", async ({ context, tab }) => {
  const page = await tab();
  await prepared(page);
  await step(page, 2);
  await saved(page, 2);
  const protocol = await context.newCDPSession(page);
  const quota = (quotaSize) =>
    protocol.send("Storage.overrideQuotaForOrigin", { origin: new URL(base).origin, quotaSize });
  await quota(1000);
  await step(page, 2);
  const banner = page.locator(".not-saved");
  await expect(banner).toContainText("storage is full");
  await press(page, WORDS.start);
  await until(page, "training", (s) => s.step >= 8 && s.state === "running");
  await shot(page, "full");
  expect((await status(page)).saved).toBe(2);
  await press(page, WORDS.pause);
  await until(page, "pause", (s) => s.state === "paused");
  await quota(undefined);
  const { step: last } = await step(page, 1);
  await saved(page, last);
  await expect(banner).toHaveCount(0);
});

test("images are kept if the person agrees, also across a crash, and deleted when not", async ({ tab }) => {
  const page = await tab("?debug=kill-worker");
  const { images: samples } = await prepared(page);
  await press(page, WORDS.removeAll);
  await until(page, "removal", (s) => s.images === 0);
  await pick(page, [await drawn(page, "a.jpg", 300, 200, 0), await drawn(page, "b.jpg", 1400, 900, 90)]);
  await images(page, 2);
  const box = page.getByRole("checkbox", { name: /Keep the images/ });
  await expect(box, "kept without being asked").not.toBeChecked();
  await step(page, 2);
  const once = await traits(page, 1);
  await box.check();
  await until(page, "keeping", (s) => s.keepsImages && s.keptBytes > 0);
  await kept(page, 2);
  await expect(page.locator(".keep-images")).toContainText("kB kept");
  await shot(page, "kept-images");
  await saved(page, 2);

  await reload(page);
  expect((await images(page, 2)).keepsImages).toBe(true);
  await expect(box).toBeChecked();
  await goOn(page, 2);
  expect(await traits(page, 1), "the run on kept images").toEqual(once);
  await expect(page.locator(".other-images")).toHaveCount(0);

  await pick(page, [await drawn(page, "c.jpg", 64, 64, 180)]);
  await images(page, 3);
  await kept(page, 3);
  await fail(page);
  await until(page, "recovery", (s) => s.state === "paused" && s.images === 3 && s.step === 2 && !s.importing);
  await page.evaluate(() => window.dino.remove(0));
  await reload(page);
  await images(page, 2);
  await offer(page).getByRole("button", { name: WORDS.goOn }).click();
  await expect(page.locator(".other-images"), "it had another one").toContainText("2 other images");
  const names = await page.locator(".thumbnail").evaluateAll((all) => all.map((b) => b.title));
  expect(names).toEqual(["b.jpg", "c.jpg"]);

  await box.uncheck();
  await until(page, "deleting", (s) => !s.keepsImages && s.keptBytes === 0);
  expect((await status(page)).images, "images that stay").toBe(2);
  await reload(page);
  await until(page, "the samples", (s) => s.images === samples && !s.importing);
});

test("the samples are kept by their names; removing all leaves nothing", async ({ tab }) => {
  const page = await tab();
  const { images } = await prepared(page);
  await page.getByRole("checkbox", { name: /Keep the images/ }).check();
  await kept(page, images);
  await reload(page);
  const again = await until(page, "reading", (s) => !s.importing && s.images === images);
  expect(again.keepsImages).toBe(true);
  expect(again.keptBytes, "bytes of names").toBeGreaterThan(1000);
  await press(page, WORDS.removeAll);
  // What is kept is not thrown away without a question.
  await page.locator("dialog.question[open] button.main").click();
  await until(page, "removal", (s) => s.images === 0 && s.keptBytes === 0);
  await reload(page);
  await until(page, "the samples", (s) => s.images === images && s.keepsImages);
});

test("a hidden tab saves, and trains on without a frame", async ({ context, tab }) => {
  const page = await tab();
  await prepared(page);
  await press(page, WORDS.start);
  const { step: last } = await until(page, "training", (s) => s.step >= 3);
  await page.evaluate(() => {
    window.requestAnimationFrame = () => 0;
    Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  const s = await until(page, "saving", (s) => s.saved >= 3);
  // By itself it would be saved after twenty seconds, many steps later.
  expect(s.saved - last, "steps until it was saved").toBeLessThan(8);
  await until(page, "training on", (t) => t.step >= s.step + 5);
  // Closed without a pause: what was saved when it was hidden, or later, is offered.
  await page.close();
  await offer(await tab()).waitFor();
});
