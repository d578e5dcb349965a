// What leaves the page: pictures, time-lapses, a link that carries the map, a page in one file; and the viewer
// of such a link where there is no WebGPU. Environment: see visit.mjs. Exits with 1 if a test failed.

import { copyFileSync, mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateSync, inflateSync } from "node:zlib";
import { start } from "./lib.mjs";
import { SOFTWARE, base, check, drawn, drop, end, equal, open, shot, status, test, until } from "./visit.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe complains of, a line each. */
async function complaints(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}

const browser = await start(SOFTWARE);
const page = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
// Another program that takes files, as phones have; what it got is kept.
await page.evaluate(() => {
  window.sent = [];
  navigator.canShare = (data) => Boolean(data.files?.length || data.url);
  navigator.share = async (data) => void window.sent.push(data);
});

const dialog = page.locator(".share-dialog");
const preview = dialog.locator(".preview");

/** Opens the dialog where a button of that kind is. */
const offer = async (kind) => {
  await page.locator(`button[data-share=${kind}]`).click();
  await dialog.waitFor();
};

/** Chooses what goes out and waits until it is there. */
async function choose(kind, seconds = 120) {
  await dialog.locator(`input[name=share-kind][value=${kind}]`).click();
  await preview.locator("progress").waitFor({ state: "detached", timeout: seconds * 1000 });
  const problem = await preview.locator("[role=alert]").allInnerTexts();
  check(!problem.length, `${kind}: ${problem}`);
  await dialog.locator(".facts").waitFor();
}

/** The file that a click on "Download" brings: its name and its bytes. */
async function save() {
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.locator("[data-way=save]").click()]);
  return { name: download.suggestedFilename(), path: await download.path(), bytes: readFileSync(await download.path()) };
}

/** What a decoder finds in a file: frames, size, how many colours there are in a few rows. */
const decode = (bytes, type) =>
  page.evaluate(
    async ([bytes, type]) => {
      const decoder = new ImageDecoder({ data: new Uint8Array(bytes), type });
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
    [[...bytes], type],
  );

/** The kinds of chunks of a PNG. */
function chunks(bytes) {
  const found = new Set();
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) found.add(bytes.toString("latin1", at + 4, at + 8));
  return [...found];
}

/** The pixels that the page says a file has. */
const said = async () => (await dialog.locator(".facts .size").innerText()).match(/(\d+) × (\d+)/).slice(1).map(Number);

/** A canvas's bytes in their order, summed. */
const sum = (locator) =>
  locator.evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (const byte of data) sum = (sum * 31 + byte) | 0;
    return sum;
  });

const slide = (within, name, at) =>
  within.locator(`input[type=range][name=${name}]`).evaluate((input, at) => {
    input.value = at;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, at);

async function train(steps) {
  const to = (await status(page)).step + steps;
  await page.evaluate((steps) => window.dino.step(steps), steps);
  await until(page, "training", (s) => s.step >= to && s.state === "paused", 300);
}

// ---------------------------------------------------------------------------------------------

let heads;

await test("a map as a PNG: the preview is the file, its size is said, nothing of a name is in it", async () => {
  await until(page, "samples", (s) => s.images > 0 && !s.importing && s.state === "paused");
  await page.locator(".tour button").last().click({ timeout: 2000 }).catch(() => {});
  await page.waitForSelector(".stage canvas");
  await train(24);
  heads = (await page.locator("section.attention .map").count()) - 1;
  await page.locator("input[name=outlined]").first().check();
  await offer("map");
  await choose("map");
  await shot(page, "share-map", false);
  const { name, bytes } = await save();
  check(/^dino-spark-seed0-step24-map\.png$/.test(name), name);
  const found = await decode(bytes, "image/png");
  equal([found.width, found.height], await said(), "size");
  check(Math.max(found.width, found.height) >= 1000, `${found.width} × ${found.height}`);
  check(found.frames[0].colours > 500, `${found.frames[0].colours} colours`);
  equal(chunks(bytes).filter((kind) => !["IHDR", "IDAT", "IEND", "sRGB", "sBIT", "pHYs"].includes(kind)), [], "chunks");
  // The preview, pixel by pixel.
  const seen = await preview.locator("img").evaluate((image) => {
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + ((data[i] << 16) | (data[i + 1] << 8) | data[i + 2])) | 0;
    return sum;
  });
  equal(found.frames[0].sum, seen, "pixels of the file and of its preview");
});

await test("all heads, crops and charts as PNGs", async () => {
  await choose("heads");
  await shot(page, "share-heads", false);
  for (const kind of ["heads", "crops", "charts"]) {
    await choose(kind);
    if (kind !== "heads") await shot(page, `share-${kind}`, false);
    const { name, bytes } = await save();
    check(name.endsWith(`-${kind}.png`), name);
    const found = await decode(bytes, "image/png");
    equal([found.width, found.height], await said(), `size of ${kind}`);
    check(found.frames[0].colours > (kind === "charts" ? 8 : 300), `${kind}: ${found.frames[0].colours} colours`);
  }
});

await test("a picture goes to the clipboard and to another program", async () => {
  await choose("heads");
  await dialog.locator("[data-way=copy]").click();
  await dialog.locator("[data-way=copy]:has-text('Copied')").waitFor();
  const size = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const bitmap = await createImageBitmap(await item.getType("image/png"));
    return [bitmap.width, bitmap.height];
  });
  equal(size, await said(), "size on the clipboard");
  await dialog.locator("[data-way=send]").click();
  const sent = await page.evaluate(() => window.sent.map((d) => [d.files[0].name, d.files[0].type, d.files[0].size > 0]));
  equal(sent, [["dino-spark-seed0-step24-heads.png", "image/png", true]], "sent");
});

let gif;
await test("a time-lapse of the kept moments as a GIF that loops", async () => {
  const before = await sum(page.locator(".stage canvas"));
  await choose("gif");
  await shot(page, "share-gif", false);
  const { name, bytes } = await save();
  check(/-timelapse\.gif$/.test(name), name);
  gif = await decode(bytes, "image/gif");
  console.log(`     ${gif.frames.length} frames, ${gif.width} × ${gif.height}, ${bytes.length} bytes`);
  check(gif.loops, "it does not loop");
  check(gif.frames.length >= 2, `${gif.frames.length} frames`);
  check(new Set(gif.frames.map((f) => f.sum)).size === gif.frames.length, "two frames are the same");
  check(gif.frames.at(-1).ms > gif.frames[0].ms, "the last frame does not stay");
  equal([gif.width, gif.height], await said(), "size");
  check(gif.frames.every((f) => f.colours > 60), `${gif.frames.map((f) => f.colours)} colours`);
  await page.waitForTimeout(500);
  equal(await sum(page.locator(".stage canvas")), before, "the stage shows something else now");
});

await test("a time-lapse of pinned images, as a GIF and as a video where the browser records one", async () => {
  await dialog.locator("header button").click();
  await page.locator("button.pin").click();
  await page.locator("input[name=every]").fill("5");
  await page.locator("input[name=every]").dispatchEvent("change");
  await train(30);
  await offer("gif");
  await choose("gif");
  const { bytes } = await save();
  const found = await decode(bytes, "image/gif");
  console.log(`     ${found.frames.length} frames, ${bytes.length} bytes`);
  check(found.frames.length >= 5 && found.loops, `${found.frames.length} frames`);
  const video = dialog.locator("input[name=share-kind][value=video]");
  if (!(await video.count())) return console.log("     no recording here: only the GIF is offered");
  await video.click();
  await preview.locator("progress").waitFor({ state: "detached", timeout: 120_000 });
  const problem = await preview.locator("[role=alert]").allInnerTexts();
  if (problem.length) {
    console.log(`     ${problem}`);
    check(!(await video.isVisible()), "a recording that is empty is still offered");
    return;
  }
  const seen = await preview.locator("video").evaluate(async (video) => {
    if (video.readyState < 2) await new Promise((resolve) => video.addEventListener("loadeddata", resolve));
    return [video.videoWidth, video.videoHeight];
  });
  equal(seen, await said(), "size of the video");
  const saved = await save();
  console.log(`     ${saved.name}: ${saved.bytes.length} bytes`);
  check(saved.bytes.length > 5000, `${saved.bytes.length} bytes`);
  await shot(page, "share-video", false);
});

let link;
await test("a link carries the map: under 8 kB, what is in it is said and shown", async () => {
  await choose("link");
  await shot(page, "share-link", false);
  const words = await dialog.locator(".facts").innerText();
  await dialog.locator("[data-way=copy]").click();
  await dialog.locator("[data-way=copy]:has-text('Copied')").waitFor();
  link = await page.evaluate(() => navigator.clipboard.readText());
  console.log(`     ${link.length} characters`);
  check(link.startsWith(`${base}#map=1.`) || link.includes("#map=1."), link.slice(0, 60));
  check(link.length < 8000, `${link.length} characters`);
  check(words.replace(/,/g, "").includes(String(link.length)), `the size is not said: ${words}`);
  check(words.includes(`${heads} heads`) && words.includes("photograph"), words);
  equal(await preview.locator("canvas").count(), heads + 2, "pictures of what is in it");
  check(await dialog.locator("[data-way=save]").count() === 0, "a link is no download");
});

await test("a page in one file opens from the disk, without a request, and its slider moves", async () => {
  await choose("page");
  await shot(page, "share-page", false);
  const { name, path, bytes } = await save();
  check(name.endsWith(".html"), name);
  const text = bytes.toString("utf8");
  check(!/animals_|\.jpg/.test(text), "the name of an image is in the file");
  const folder = mkdtempSync(join(tmpdir(), "dino-"));
  copyFileSync(path, join(folder, name));
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
  const opened = await context.newPage();
  const [errors, requests] = [[], []];
  opened.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  opened.on("pageerror", (e) => errors.push(e.message));
  context.on("request", (r) => !r.url().startsWith("data:") && requests.push(r.url()));
  await opened.goto(pathToFileURL(join(folder, name)).href);
  await opened.waitForSelector("#stage canvas");
  equal(await opened.locator("#heads button").count(), heads + 1, "heads and their mean");
  const stage = opened.locator("#stage canvas");
  const first = await sum(stage);
  await slide(opened, "mass", 90);
  const second = await sum(stage);
  check(first !== second, "the threshold changes nothing");
  await opened.locator("#heads button").nth(1).click();
  check((await sum(stage)) !== second, "a head changes nothing");
  check((await opened.locator("#charts svg polyline").count()) >= 5, "there are no curves");
  equal(requests.length, 1, `requests: ${requests}`);
  equal(errors, [], "errors");
  equal(await complaints(opened), [], "axe");
  await shot(opened, "share-file");
  await context.close();
});

await test("the dialog for a screen reader, in Chinese, on a phone, and closed by Escape", async () => {
  for (const kind of ["map", "link"]) {
    await choose(kind);
    equal(await complaints(page), [], `axe, ${kind}`);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  equal(await page.locator(".share-dialog img, .share-dialog canvas").count(), 0, "pictures that stay behind");
  await page.locator("button[lang=zh-Hant]").click();
  await page.setViewportSize({ width: 390, height: 844 });
  await offer("map");
  await choose("link");
  await shot(page, "share-zh-phone", false);
  const words = await dialog.innerText();
  const latin = [...new Set(words.match(/[A-Za-z]{2,}/g))].filter((w) => !["GIF", "Spark", "spark", "lr"].includes(w));
  equal(latin, [], "words in English");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  equal(wide, 0, "pixels wider than the phone");
  await page.keyboard.press("Escape");
  await page.locator("button[lang=en]").click();
  await page.setViewportSize({ width: 1400, height: 900 });
});

await test("a link in a tab that trains: the map is shown, and the run is still there behind it", async () => {
  const before = await status(page);
  await page.evaluate((link) => (location.hash = link.split("#")[1]), link);
  await page.locator("#viewer .stage canvas").waitFor();
  check(!(await page.locator("section.attention:not(.viewer)").isVisible()), "the page shows through");
  await page.goBack();
  await page.locator("section.attention:not(.viewer)").waitFor();
  equal((await status(page)).step, before.step, "step");
  equal(page.complaints, [], "complaints");
});

await test("a name and what a camera wrote are in nothing that goes out", async () => {
  // A JPEG with an EXIF block, as cameras write them.
  const { base64, ...file } = await drawn(page, "secret-holiday.jpg", "image/jpeg", 320, 200);
  const plain = Buffer.from(base64, "base64");
  const exif = Buffer.from("Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0secret-camera", "latin1");
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  const bytes = Buffer.concat([plain.subarray(0, 2), head, exif, plain.subarray(2)]);
  check(bytes.includes("secret-camera"), "there is nothing to hide");
  const images = (await status(page)).images;
  await page.locator("button.pin[aria-pressed=true]").click();
  await drop(page, [{ ...file, base64: bytes.toString("base64") }]);
  await until(page, "the import", (s) => s.images === images + 1);
  await page.waitForFunction(() => document.querySelector(".stage canvas")?.getAttribute("aria-label").includes("secret"));
  await page.waitForFunction(() => !document.querySelector(".stage.busy"));
  // A time-lapse of it, too.
  await page.locator("button.pin").click();
  await train(12);
  for (const kind of ["map", "page", "gif", "link"]) {
    await offer("map");
    await choose(kind);
    const found = kind === "link" ? "" : await save();
    if (kind === "link") {
      await dialog.locator("[data-way=copy]").click();
      await dialog.locator("[data-way=copy]:has-text('Copied')").waitFor();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      const bytes = inflateSync(Buffer.from(text.split("#map=1.")[1], "base64url"));
      check(!bytes.includes("secret") && !bytes.includes("Exif"), "in the link");
    } else {
      check(!found.name.includes("secret"), found.name);
      check(!found.bytes.includes("secret") && !found.bytes.includes("Exif"), `in the ${kind}`);
    }
    if (kind === "page") {
      const photo = found.bytes.toString().match(/image\/jpeg;base64,([^"]+)/)[1];
      check(!Buffer.from(photo, "base64").includes("secret"), "in the page's photograph");
    }
    check(!(await dialog.innerText()).includes("secret"), "in the dialog");
    await page.keyboard.press("Escape");
  }
});

// A browser as most phones have it: no WebGPU at all.
const plain = await start(["--disable-features=WebGPU"]);
const NO_GPU = () => delete Navigator.prototype.gpu;

async function visit(hash, options = {}) {
  const context = await plain.newContext({ viewport: { width: 390, height: 844 }, ...options });
  const visited = await context.newPage();
  visited.complaints = [];
  visited.on("console", (m) => m.type() === "error" && visited.complaints.push(m.text()));
  visited.on("pageerror", (e) => visited.complaints.push(e.message));
  visited.asked = [];
  context.on("request", (r) => visited.asked.push(r.url()));
  await visited.addInitScript(NO_GPU);
  await visited.goto(base + hash);
  await visited.locator("#viewer, section.attention").first().waitFor();
  return visited;
}

await test("whoever opens the link sees the map: no WebGPU, no worker, a phone", async () => {
  const visited = await visit(link.slice(link.indexOf("#")));
  equal(await visited.evaluate(() => "gpu" in navigator), false, "WebGPU");
  const stage = visited.locator("#viewer .stage canvas");
  await stage.waitFor();
  equal(await visited.locator("#viewer .map").count(), heads + 1, "heads and their mean");
  equal(await visited.locator(".alert").count(), 0, "alerts");
  await shot(visited, "share-viewer-phone");
  const sums = [await sum(stage)];
  await visited.locator("input[name=outlined]").check();
  sums.push(await sum(stage));
  await slide(visited, "mass", 95);
  sums.push(await sum(stage));
  await slide(visited, "opacity", 100);
  sums.push(await sum(stage));
  await visited.locator("#viewer .map button").nth(1).click();
  sums.push(await sum(stage));
  await visited.locator(".segments label:has-text('Mask')").click();
  sums.push(await sum(stage));
  equal(new Set(sums).size, sums.length, "pictures that differ");
  equal(await complaints(visited), [], "axe");
  const wide = await visited.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  equal(wide, 0, "pixels wider than the phone");
  await visited.locator("button[lang=zh-Hant]").click();
  const words = await visited.locator("body").innerText();
  const latin = [...new Set(words.replace(/（[^）]*）/g, "").match(/[A-Za-z]{2,}/g))].filter((w) => !["English", "Transformer", "Spark", "px"].includes(w));
  equal(latin, [], "words in English");
  await shot(visited, "share-viewer-zh");
  equal(visited.workers().length, 0, "workers");
  equal(visited.asked.filter((url) => /worker|samples/.test(url)), [], "requests of the worker or of images");
  equal(visited.complaints, [], "complaints");
  // To train needs what this browser has not; the page says so, and the address has the settings.
  await visited.locator("#viewer a.button.main").click();
  await visited.locator("section.attention:not(.viewer)").waitFor();
  check((await visited.evaluate(() => location.hash)).startsWith("#v=1&preset=spark&seed=0"), "the settings did not come along");
  check((await visited.locator(".alert.grave").innerText()).includes("WebGPU"), "nothing is said of WebGPU");
  await visited.context().close();
});

await test("the viewer on a large screen, dark", async () => {
  const visited = await visit(link.slice(link.indexOf("#")), { viewport: { width: 1280, height: 900 }, colorScheme: "dark" });
  await visited.locator("#viewer .stage canvas").waitFor();
  await shot(visited, "share-viewer-dark");
  equal(await complaints(visited), [], "axe");
  await visited.keyboard.press("1");
  equal(await visited.locator(".map[data-head='0'] button").getAttribute("aria-pressed"), "true", "head 1 by its key");
  // The page for later visits, megabytes of it, is not fetched by who only looks.
  await visited.waitForTimeout(11_000);
  equal(visited.asked.filter((url) => /worker|samples/.test(url)), [], "requests");
  await visited.context().close();
});

await test("hostile fragments are refused with a sentence, and the page is one click away", async () => {
  const packed = (bytes) => `#map=1.${deflateSync(Buffer.from(bytes)).toString("base64url")}`;
  const good = link.slice(link.indexOf("#"));
  for (const [name, hash, words] of [
    ["empty", "#map=", "version"],
    ["another version", "#map=9.AAAA", "version “9”"],
    ["markup", "#map=<img src=x onerror=alert(1)>", "version"],
    ["no base64", "#map=1.*", "cut off"],
    ["cut off", good.slice(0, good.length / 2), "cut off"],
    ["nothing", packed([]), "ends before"],
    ["no heads", packed([2, 2, 0, 0, 1, 0, ...new Array(10).fill(0)]), "heads are 0"],
    ["too many patches", packed([255, 2, 1, 0, 1, 0, ...new Array(10).fill(0)]), "patches across are 255"],
    ["no photograph", packed([1, 1, 1, 0, 1, 0, ...new Array(10).fill(0), ...new Array(8).fill(0), 7]), "photograph"],
    ["a flood", `#map=1.${"A".repeat(70_000)}`, "more than is read"],
    ["a bomb", packed(new Uint8Array(9_000_000)), "far larger"],
  ]) {
    const visited = await visit(hash);
    const alert = visited.locator("#viewer .alert.grave");
    await alert.waitFor();
    const sentence = await alert.innerText();
    check(sentence.includes(words), `${name}: ${sentence}`);
    equal(visited.complaints, [], name);
    equal(visited.workers().length, 0, `${name}: workers`);
    if (name === "cut off") {
      await shot(visited, "share-refused");
      equal(await complaints(visited), [], "axe");
    }
    await visited.locator("#viewer a.button").click();
    await visited.locator("section.attention").waitFor();
    await visited.context().close();
  }
});

await test("a link of settings is still one of settings", async () => {
  const visited = await open(browser);
  await visited.goto(`${base}#v=1&preset=spark&seed=5&steps=50`);
  await visited.reload();
  await visited.waitForFunction(() => window.dino);
  await until(visited, "the run of the link", (s) => s.state === "paused" && s.images > 0);
  equal(await visited.locator("#viewer").count(), 0, "viewers");
  await visited.context().close();
});

await plain.close();
await browser.close();
end();
