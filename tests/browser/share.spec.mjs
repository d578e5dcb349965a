// What leaves the page: pictures, time-lapses, a link that carries the map, a page in one file; and the viewer of
// such a link where there is no WebGPU.

import { copyFileSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { deflateSync, inflateSync } from "node:zlib";
import { complaints } from "./axe.mjs";
import { drawn, drop, withExif } from "./files.mjs";
import { expect, test as plain } from "./fixtures.mjs";
import { base, canvas, changed, listen, note, open, overflow, prepared, shot, slide, status, step, until } from "./visit.mjs";

/** The fragment of a link as the page made it once: the map of a run of spark after 24 steps, with its photograph. */
const LINK = readFileSync(new URL("data/map-link.txt", import.meta.url), "utf8").trim();

const test = plain.extend({
  /** A browser as most phones have it: no WebGPU at all. Opens the page with a fragment. */
  phone: async ({ launch }, use) => {
    const browser = await launch(["--disable-features=WebGPU"]);
    await use(async (hash, options = {}, prepare = () => {}) => {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...options });
      const page = await context.newPage();
      listen(page);
      page.asked = [];
      context.on("request", (request) => page.asked.push(request.url()));
      await page.addInitScript(() => delete Navigator.prototype.gpu);
      await prepare(page);
      await page.goto(base + hash);
      await page.locator("#viewer, section.attention").first().waitFor();
      return page;
    });
  },
});

const colours = { gif: 60, crops: 300, heads: 300, charts: 8, map: 500 };

/** What a decoder in the page finds in a file: frames, size, how many colours there are in a few rows. */
const decode = (page, bytes, type) =>
  page.evaluate(
    async ([base64, type]) => {
      const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const decoder = new ImageDecoder({ data, type });
      await decoder.tracks.ready;
      await decoder.completed;
      const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
      const frames = [];
      for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
        const { image } = await decoder.decode({ frameIndex });
        const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set();
        let sum = 0;
        for (let i = 0; i < data.length; i += 4) {
          const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
          if (i % 28 === 0) colours.add(colour);
          sum = (sum * 31 + colour) | 0;
        }
        frames.push({ ms: (image.duration ?? 0) / 1000, colours: colours.size, sum });
        var [width, height] = [image.displayWidth, image.displayHeight];
        image.close();
      }
      return { width, height, frames, loops: repetitionCount === Infinity };
    },
    [bytes.toString("base64"), type],
  );

/** The kinds of chunks of a PNG. */
function chunks(bytes) {
  const found = new Set();
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) found.add(bytes.toString("latin1", at + 4, at + 8));
  return [...found];
}

const stage = (page) => page.locator(".stage canvas");
const dialog = (page) => page.locator(".share-dialog");
const preview = (page) => dialog(page).locator(".preview");
const way = (page, name) => dialog(page).locator(`[data-way=${name}]`);
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** Opens the dialog where a button of that kind is. */
async function offer(page, kind) {
  await page.locator(`button[data-share=${kind}]`).click();
  await dialog(page).waitFor();
}

/** Chooses what goes out and waits until it is there. */
async function choose(page, kind) {
  await dialog(page).locator(`input[name=share-kind][value=${kind}]`).click();
  await preview(page).locator("progress").waitFor({ state: "detached", timeout: 300_000 });
  expect(await preview(page).locator("[role=alert]").allInnerTexts(), `problems of ${kind}`).toEqual([]);
  await dialog(page).locator(".facts").waitFor();
}

/** The file that a click on "Download" brings: its name and its bytes. */
async function save(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), way(page, "save").click()]);
  const path = await download.path();
  return { name: download.suggestedFilename(), path, bytes: readFileSync(path) };
}

async function copy(page) {
  await way(page, "copy").click();
  await way(page, "copy").filter({ hasText: "Copied" }).waitFor();
}

/** The pixels that the page says a file has. */
const said = async (page) =>
  (await dialog(page).locator(".facts .size").innerText()).match(/(\d+) × (\d+)/).slice(1).map(Number);

/** Opens the page with a prepared run, able to copy, beside another program that takes files, as phones have. */
async function begin(browser) {
  const page = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] }, "#v=1&preset=spark&steps=300");
  // What the other program got is kept.
  await page.evaluate(() => {
    window.sent = [];
    navigator.canShare = (data) => Boolean(data.files?.length || data.url);
    navigator.share = async (data) => void window.sent.push(data);
  });
  await prepared(page);
  await page.locator(".tour button.quiet").click();
  await stage(page).waitFor();
  return page;
}

test.describe.serial("what a run gives away", () => {
  let page;
  let heads;
  let link;
  test.beforeAll(async ({ browser }) => {
    page = await begin(browser);
    await step(page, 8);
    await until(page, "training", (s) => s.step === 8 && s.state === "paused");
    heads = (await page.locator("section.attention .map").count()) - 1;
  });
  test.afterAll(() => page.context().close());

  test("a map as a PNG: the preview is the file, its size is said, nothing of a name is in it", async () => {
    await page.locator("input[name=outlined]").first().check();
    await offer(page, "map");
    await choose(page, "map");
    await shot(page, "share-map", false);
    const { name, bytes } = await save(page);
    expect(name).toBe("dino-spark-seed0-step8-map.png");
    const found = await decode(page, bytes, "image/png");
    expect([found.width, found.height], "size").toEqual(await said(page));
    expect(Math.max(found.width, found.height), "pixels of the longer side").toBeGreaterThanOrEqual(1000);
    expect(found.frames[0].colours).toBeGreaterThan(colours.map);
    expect(chunks(bytes).filter((kind) => !["IHDR", "IDAT", "IEND", "sRGB", "sBIT", "pHYs"].includes(kind))).toEqual([]);
    // The preview, pixel by pixel.
    const seen = await preview(page).locator("img").evaluate((image) => {
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + ((data[i] << 16) | (data[i + 1] << 8) | data[i + 2])) | 0;
      return sum;
    });
    expect(found.frames[0].sum, "pixels of the file and of its preview").toBe(seen);
  });

  test("all heads, crops and charts as PNGs", async () => {
    for (const kind of ["heads", "crops", "charts"]) {
      await choose(page, kind);
      await shot(page, `share-${kind}`, false);
      const { name, bytes } = await save(page);
      expect(name).toMatch(new RegExp(`-${kind}\\.png$`));
      const found = await decode(page, bytes, "image/png");
      expect([found.width, found.height], `size of ${kind}`).toEqual(await said(page));
      expect(found.frames[0].colours, `colours of ${kind}`).toBeGreaterThan(colours[kind]);
    }
  });

  test("a picture goes to the clipboard and to another program", async () => {
    await choose(page, "heads");
    await copy(page);
    const size = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const bitmap = await createImageBitmap(await item.getType("image/png"));
      return [bitmap.width, bitmap.height];
    });
    expect(size, "size on the clipboard").toEqual(await said(page));
    await way(page, "send").click();
    const sent = () => page.evaluate(() => window.sent.map((d) => [d.files[0].name, d.files[0].type, d.files[0].size > 0]));
    await expect.poll(sent).toEqual([["dino-spark-seed0-step8-heads.png", "image/png", true]]);
  });

  test("a time-lapse of the snapshots as a GIF that loops", async () => {
    const before = await canvas(stage(page));
    await choose(page, "gif");
    await shot(page, "share-gif", false);
    const { name, bytes } = await save(page);
    expect(name).toMatch(/-timelapse\.gif$/);
    const gif = await decode(page, bytes, "image/gif");
    note(`${gif.frames.length} frames, ${gif.width} × ${gif.height}, ${bytes.length} bytes`);
    expect(gif.loops, "whether it loops").toBe(true);
    expect(gif.frames.length, "frames").toBeGreaterThanOrEqual(2);
    expect(new Set(gif.frames.map((f) => f.sum)).size, "frames that differ").toBe(gif.frames.length);
    expect(gif.frames.at(-1).ms, "the last frame stays").toBeGreaterThan(gif.frames[0].ms);
    expect([gif.width, gif.height], "size").toEqual(await said(page));
    for (const frame of gif.frames) expect(frame.colours).toBeGreaterThan(colours.gif);
    await page.locator(".stage.busy").waitFor({ state: "detached" });
    expect((await canvas(stage(page))).sum, "what the stage shows").toBe(before.sum);
  });

  test("a link carries the map: under 8 kB, what is in it is said and shown", async () => {
    await choose(page, "link");
    await shot(page, "share-link", false);
    const words = await dialog(page).locator(".facts").innerText();
    await copy(page);
    link = await clipboard(page);
    note(`${link.length} characters`);
    expect(link).toContain("#map=1.");
    expect(link.length).toBeLessThan(8000);
    expect(words.replace(/,/g, ""), "the size").toContain(String(link.length));
    expect(words).toContain(`${heads} heads`);
    expect(words).toContain("photograph");
    await expect(preview(page).locator("canvas"), "pictures of what is in it").toHaveCount(heads + 2);
    await expect(way(page, "save"), "a link is no download").toHaveCount(0);
  });

  test("a page in one file opens from the disk, without a request, and its slider moves", async ({ browser }, info) => {
    await choose(page, "page");
    await shot(page, "share-page", false);
    const { name, path, bytes } = await save(page);
    expect(name).toMatch(/\.html$/);
    expect(bytes.toString("utf8"), "the name of an image").not.toMatch(/animals_|\.jpg/);
    copyFileSync(path, info.outputPath(name));
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
    const opened = await context.newPage();
    const [errors, requests] = [[], []];
    opened.on("console", (m) => m.type() === "error" && errors.push(m.text()));
    opened.on("pageerror", (e) => errors.push(e.message));
    context.on("request", (r) => !r.url().startsWith("data:") && requests.push(r.url()));
    await opened.goto(pathToFileURL(info.outputPath(name)).href);
    const shown = opened.locator("#stage canvas");
    await shown.waitFor();
    await expect(opened.locator("#heads button"), "heads and their mean").toHaveCount(heads + 1);
    const first = await canvas(shown);
    await slide(opened, "mass", 90);
    const second = await changed(shown, first, "the threshold");
    await opened.locator("#heads button").nth(1).click();
    await changed(shown, second, "a head");
    expect(await opened.locator("#charts svg polyline").count(), "curves").toBeGreaterThanOrEqual(5);
    expect(requests).toHaveLength(1);
    expect(errors).toEqual([]);
    expect(await complaints(opened), "axe").toEqual([]);
    await shot(opened, "share-file");
    await context.close();
  });

  test("the dialog for a screen reader, in Chinese, on a phone, and closed by Escape", async () => {
    for (const kind of ["map", "link"]) {
      await choose(page, kind);
      expect(await complaints(page), `axe, ${kind}`).toEqual([]);
    }
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });
    await expect(dialog(page).locator("img, canvas"), "pictures that stay behind").toHaveCount(0);
    await page.locator("button[lang=zh-Hant]").click();
    await page.setViewportSize({ width: 390, height: 844 });
    await offer(page, "map");
    await choose(page, "link");
    await shot(page, "share-zh-phone", false);
    const words = await dialog(page).innerText();
    const latin = [...new Set(words.match(/[A-Za-z]{2,}/g))].filter((w) => !["GIF", "Spark", "spark", "lr"].includes(w));
    expect(latin, "words in English").toEqual([]);
    expect(await overflow(page), "pixels wider than the phone").toBe(0);
    await page.keyboard.press("Escape");
    await page.locator("button[lang=en]").click();
    await page.setViewportSize({ width: 1400, height: 900 });
  });

  test("a link in a tab that trains: the map is shown, and the run is still there behind it", async () => {
    const before = await status(page);
    await page.evaluate((link) => (location.hash = link.split("#")[1]), link);
    await page.locator("#viewer .stage canvas").waitFor();
    const behind = page.locator("section.attention:not(.viewer)");
    await expect(behind).toBeHidden();
    await page.goBack();
    await behind.waitFor();
    expect((await status(page)).step).toBe(before.step);
    expect(page.complaints).toEqual([]);
  });

  test("a time-lapse of pinned images, as a GIF and as a video where the browser records one", async () => {
    await page.locator("button.pin").click();
    await page.locator("input[name=every]").fill("2");
    await page.locator("input[name=every]").dispatchEvent("change");
    await step(page, 10);
    await offer(page, "gif");
    await choose(page, "gif");
    const { bytes } = await save(page);
    const found = await decode(page, bytes, "image/gif");
    note(`${found.frames.length} frames, ${bytes.length} bytes`);
    expect(found.frames.length).toBeGreaterThanOrEqual(5);
    expect(found.loops).toBe(true);
    const video = dialog(page).locator("input[name=share-kind][value=video]");
    if (!(await video.count())) return note("no recording here: only the GIF is offered");
    await video.click();
    await preview(page).locator("progress").waitFor({ state: "detached", timeout: 300_000 });
    const problem = await preview(page).locator("[role=alert]").allInnerTexts();
    if (problem.length) {
      note(problem);
      // A recording that is empty is offered no more.
      return expect(video).toBeHidden();
    }
    const seen = await preview(page).locator("video").evaluate(async (video) => {
      if (video.readyState < 2) await new Promise((resolve) => video.addEventListener("loadeddata", resolve));
      return [video.videoWidth, video.videoHeight];
    });
    expect(seen, "size of the video").toEqual(await said(page));
    const saved = await save(page);
    note(`${saved.name}: ${saved.bytes.length} bytes`);
    expect(saved.bytes.length).toBeGreaterThan(5000);
    await shot(page, "share-video", false);
    expect(page.complaints).toEqual([]);
  });
});

test("a name and what a camera wrote are in nothing that goes out", async ({ browser }) => {
  const page = await begin(browser);
  // A JPEG with an Exif block, as cameras write them.
  const camera = Buffer.from("II*\0\x08\0\0\0\0\0\0\0\0\0secret-camera", "latin1");
  const photograph = withExif(await drawn(page, "secret-holiday.jpg", "image/jpeg", 320, 200), camera);
  expect(photograph.buffer.includes("secret-camera"), "whether there is something to hide").toBe(true);
  const { images } = await status(page);
  await drop(page, [photograph]);
  await until(page, "the import", (s) => s.images === images + 1 && !s.importing && s.state === "paused");
  await expect(stage(page)).toHaveAttribute("aria-label", /secret/);
  await expect(page.locator(".stage.busy")).toHaveCount(0);
  // A time-lapse of it, too.
  await page.locator("button.pin").click();
  await page.locator("input[name=every]").fill("2");
  await page.locator("input[name=every]").dispatchEvent("change");
  await step(page, 4);
  for (const kind of ["map", "page", "gif", "link"]) {
    await offer(page, "map");
    await choose(page, kind);
    if (kind === "link") {
      await copy(page);
      const bytes = inflateSync(Buffer.from((await clipboard(page)).split("#map=1.")[1], "base64url"));
      expect(bytes.includes("secret") || bytes.includes("Exif"), "in the link").toBe(false);
    } else {
      const { name, bytes } = await save(page);
      expect(name).not.toContain("secret");
      expect(bytes.includes("secret") || bytes.includes("Exif"), `in the ${kind}`).toBe(false);
      if (kind === "page") {
        const photo = bytes.toString().match(/image\/jpeg;base64,([^"]+)/)[1];
        expect(Buffer.from(photo, "base64").includes("secret"), "in the page's photograph").toBe(false);
      }
    }
    await expect(dialog(page)).not.toContainText("secret");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });
  }
  await page.context().close();
});

test("whoever opens the link sees the map: no WebGPU, no worker, a phone", async ({ phone }) => {
  const page = await phone(LINK);
  expect(await page.evaluate(() => "gpu" in navigator), "WebGPU").toBe(false);
  const shown = page.locator("#viewer .stage canvas");
  await shown.waitFor();
  await expect(page.locator("#viewer .map"), "heads and their mean").toHaveCount(3);
  await expect(page.locator(".alert")).toHaveCount(0);
  await shot(page, "share-viewer-phone");
  let before = await canvas(shown);
  for (const [what, act] of [
    ["outlines", () => page.locator("input[name=outlined]").check()],
    ["the threshold", () => slide(page, "mass", 95)],
    ["the opacity", () => slide(page, "opacity", 100)],
    ["a head", () => page.locator("#viewer .map button").nth(1).click()],
    ["the mask", () => page.locator(".segments label:has-text('Mask')").click()],
  ]) {
    await act();
    before = await changed(shown, before, what);
  }
  expect(await complaints(page), "axe").toEqual([]);
  expect(await overflow(page), "pixels wider than the phone").toBe(0);
  await page.locator("button[lang=zh-Hant]").click();
  const words = await page.locator("body").innerText();
  const latin = [...new Set(words.replace(/（[^）]*）/g, "").match(/[A-Za-z]{2,}/g))].filter((w) => !["English", "Transformer", "Spark", "px"].includes(w));
  expect(latin, "words in English").toEqual([]);
  await shot(page, "share-viewer-zh");
  expect(page.workers(), "workers").toHaveLength(0);
  expect(page.asked.filter((url) => /worker|samples/.test(url)), "requests of the worker or of images").toEqual([]);
  expect(page.complaints).toEqual([]);
  // To train needs what this browser has not; the page says so, and the address has the settings.
  await page.locator("#viewer a.button.main").click();
  await page.locator("section.attention:not(.viewer)").waitFor();
  expect(await page.evaluate(() => location.hash)).toMatch(/^#v=1&preset=spark&seed=0/);
  await expect(page.locator(".alert.grave")).toContainText("WebGPU");
});

test("the viewer on a large screen, dark; who only looks fetches no page for later", async ({ phone }) => {
  const page = await phone(LINK, { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }, (page) => page.clock.install());
  await page.locator("#viewer .stage canvas").waitFor();
  await shot(page, "share-viewer-dark");
  expect(await complaints(page), "axe").toEqual([]);
  await page.keyboard.press("1");
  await expect(page.locator(".map[data-head='0'] button"), "head 1 by its key").toHaveAttribute("aria-pressed", "true");
  // The page for later visits is megabytes; a visit of the page itself fetches it after ten seconds.
  await page.clock.runFor(11_000);
  expect(await page.evaluate("navigator.serviceWorker.getRegistration().then(Boolean)"), "a service worker").toBe(false);
  expect(page.asked.filter((url) => /worker|samples/.test(url)), "requests").toEqual([]);
});

test("hostile fragments are refused with a sentence, and the page is one click away", async ({ phone }) => {
  const packed = (bytes) => `#map=1.${deflateSync(Buffer.from(bytes)).toString("base64url")}`;
  for (const [name, hash, words] of [
    ["empty", "#map=", "version"],
    ["another version", "#map=9.AAAA", "version “9”"],
    ["markup", "#map=<img src=x onerror=alert(1)>", "version"],
    ["no base64", "#map=1.*", "cut off"],
    ["cut off", LINK.slice(0, LINK.length / 2), "cut off"],
    ["nothing", packed([]), "ends before"],
    ["no heads", packed([2, 2, 0, 0, 1, 0, ...new Array(10).fill(0)]), "heads from 1"],
    ["too many patches", packed([255, 2, 1, 0, 1, 0, ...new Array(10).fill(0)]), "patches across from 1"],
    ["no photograph", packed([1, 1, 1, 0, 1, 0, ...new Array(10).fill(0), ...new Array(8).fill(0), 7]), "photograph"],
    ["a flood", `#map=1.${"A".repeat(70_000)}`, "too many"],
    ["a bomb", packed(new Uint8Array(9_000_000)), "far larger"],
  ]) {
    const page = await phone(hash);
    await expect(page.locator("#viewer .alert.grave"), name).toContainText(words);
    expect(page.complaints, name).toEqual([]);
    expect(page.workers(), `${name}: workers`).toHaveLength(0);
    if (name === "cut off") {
      await shot(page, "share-refused");
      expect(await complaints(page), "axe").toEqual([]);
    }
    await page.locator("#viewer a.button").click();
    await page.locator("section.attention").waitFor();
    await page.context().close();
  }
});

test("a link of settings is still one of settings", async ({ visit }) => {
  // As a program writes it that encodes signs and takes the end of a sentence along.
  const page = await visit({}, "#v%3D1&preset=spark&seed=5&steps=50).");
  const { seed, totalSteps } = await prepared(page);
  expect(seed).toBe(5);
  // Whole epochs are counted.
  expect(Math.abs(totalSteps - 50), "steps more or less than asked for").toBeLessThan(5);
  await expect(page.locator("#viewer")).toHaveCount(0);
});
