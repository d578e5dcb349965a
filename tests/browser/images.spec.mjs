// The images' place as a person uses it: folders, paste, camera, removing, thousands of images.
// Environment: see visit.mjs. Prints a line for each test; exits with 1 if one failed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, crc32 } from "node:zlib";
import { start } from "./lib.mjs";
import { SOFTWARE, check, end, equal, open, shot, status, test, until } from "./visit.mjs";

const folder = mkdtempSync(join(tmpdir(), "dino-images-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** A PNG of one colour. */
function png(width, height, [red, green, blue]) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 2;
  const row = Buffer.alloc(1 + width * 3);
  for (let x = 0; x < width; x++) row.set([red, green, (blue + x) % 256], 1 + x * 3);
  const data = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const magic = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([magic, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/** Writes files into the test's folder; returns its path. */
function folderOf(name, files) {
  for (const [path, bytes] of Object.entries(files)) {
    const place = join(folder, name, path);
    mkdirSync(join(place, ".."), { recursive: true });
    writeFileSync(place, bytes);
  }
  return join(folder, name);
}

/** Drops files and folders of this machine on the drop zone, as a file manager does. */
async function dropFromDisk(page, paths) {
  const { x, y, width, height } = await page.locator(".drop").boundingBox();
  const at = { x: x + width / 2, y: y + height / 2 };
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const devtools = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await devtools.send("Input.dispatchDragEvent", { type, ...at, data });
  }
  await devtools.detach();
}

const summary = (page) => page.locator(".summary .came-to").innerText();
const title = (page) => page.locator("#images + .count, section.images .count").first().innerText();
const chosen = (page) => page.locator(".thumbnail[aria-selected='true']").getAttribute("title");
const ready = (page) => until(page, "samples", (s) => s.images > 0 && !s.importing && s.state === "paused");
const holds = (page, n) => until(page, `${n} images`, (s) => s.images === n && !s.importing);
const clear = async (page) => {
  await page.click(".below button:has-text('Remove all')");
  const question = page.locator("dialog.question[open] button.main");
  if (await question.isVisible()) await question.click();
  await until(page, "clearing", (s) => s.images === 0);
};

const browser = await start(SOFTWARE);
let page;

await test("a dropped folder: its images with their folders as labels, what is none with its reason", async () => {
  page = await open(browser);
  await ready(page);
  // Samples alone are removed without a question.
  await page.click(".below button:has-text('Remove all')");
  await until(page, "clearing", (s) => s.images === 0);
  const animals = folderOf("animals", {
    "cats/a.png": png(40, 30, [200, 40, 40]),
    "cats/b.png": png(30, 40, [40, 200, 40]),
    "cats/deep/er/c.png": png(30, 30, [90, 90, 40]),
    "dogs/d.png": png(30, 30, [40, 40, 200]),
    "dogs/notes.txt": "Dogs are nice.",
    "dogs/.DS_Store": "litter",
  });
  await dropFromDisk(page, [animals]);
  await holds(page, 4);
  equal(await summary(page), "4 added, 1 skipped: 1 text", "summary");
  equal(await page.locator(".skipped li").allInnerTexts(), ["animals/dogs/notes.txt: this is text, not an image"], "skipped");
  equal(await page.locator(".labels summary").innerText(), "3 labels", "labels");
  await page.click(".labels summary");
  equal(await page.locator(".chips li").allInnerTexts(), ["cats 2", "dogs 1", "er 1"], "labels");
  equal(await title(page), "4 images", "count");
  const names = await page.locator(".thumbnail").evaluateAll((all) => all.map((one) => one.title));
  equal(names, ["animals/cats/a.png", "animals/cats/b.png", "animals/cats/deep/er/c.png", "animals/dogs/d.png"], "names");
  await shot(page, "images-folder");
});

await test("a folder that is picked, and one file more", async () => {
  const [folderInput, fileInput] = [page.locator("input[type=file]").nth(1), page.locator("input[type=file]").first()];
  await folderInput.setInputFiles(folderOf("birds", { "owl.png": png(30, 30, [9, 9, 9]), "duck.png": png(30, 30, [99, 9, 9]) }));
  await holds(page, 6);
  check((await page.locator(".chips li").allInnerTexts()).includes("birds 2"), "no label of the picked folder");
  check((await chosen(page)).startsWith("birds/"), `chosen: ${await chosen(page)}`);
  await fileInput.setInputFiles({ name: "one.png", mimeType: "image/png", buffer: png(20, 20, [1, 2, 3]) });
  await holds(page, 7);
  await page.locator(".thumbnail[aria-selected='true'][title='one.png']").waitFor();
});

await test("an image is pasted anywhere on the page", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(50, 40);
    canvas.getContext("2d").fillRect(0, 0, 25, 40);
    const blob = await canvas.convertToBlob();
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
  });
  await page.locator("h1").click();
  await page.keyboard.press("Control+V");
  await holds(page, 8);
  equal(await page.locator(".thumbnail").last().getAttribute("title"), "pasted-1.png", "name");
});

await test("the arrow keys choose, Delete removes, and so do the button and the cross", async () => {
  await page.locator(".thumbnail").first().click();
  equal(await chosen(page), "animals/cats/a.png", "chosen by a click");
  check(await page.evaluate(() => document.activeElement.getAttribute("role") === "listbox"), "the list has no focus");
  await page.keyboard.press("ArrowRight");
  equal(await chosen(page), "animals/cats/b.png", "after an arrow key");
  const active = await page.locator(".thumbnails").getAttribute("aria-activedescendant");
  equal(await page.locator(`#${active}`).getAttribute("title"), "animals/cats/b.png", "active option");
  await page.keyboard.press("End");
  equal(await chosen(page), "pasted-1.png", "after End");
  await page.keyboard.press("Home");
  await page.keyboard.press("Delete");
  await holds(page, 7);
  equal(await chosen(page), "animals/cats/b.png", "the next one is chosen");
  equal(await page.locator(".thumbnail").first().getAttribute("aria-posinset"), "1", "position");
  await page.click(".below button:has-text('Remove image')");
  await holds(page, 6);
  await page.locator(".thumbnail").nth(1).hover();
  await page.locator(".thumbnail").nth(1).locator(".take-out").click();
  await holds(page, 5);
  equal(await chosen(page), "animals/cats/deep/er/c.png", "the choice stays on its image");
  check(!(await page.locator(".chips").innerText()).includes("cats"), "the label of removed images is still there");
});

await test("more than twenty own images are removed only after a question", async () => {
  const many = Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`${i}.png`, png(8, 8, [i * 9, 0, 0])]));
  await dropFromDisk(page, [folderOf("eighteen", many)]);
  await holds(page, 23);
  await page.click(".below button:has-text('Remove all')");
  const question = page.locator("dialog.question[open]");
  check((await question.innerText()).includes("Remove all 23 images"), await question.innerText());
  await shot(page, "images-question", false);
  await question.locator("button:has-text('Keep them')").click();
  equal((await status(page)).images, 23, "images after keeping");
  await clear(page);
  equal(await title(page), "no images yet", "count");
  await page.click("button:has-text('Load the samples')");
  await ready(page);
  check(await page.locator("button:has-text('Load the samples')").isDisabled(), "samples twice");
  await clear(page);
});

await test("5,000 images: few on the page, scrolling keeps the main thread free", async () => {
  const many = {};
  for (let i = 0; i < 5000; i++) {
    many[`${i % 7}/${String(i).padStart(4, "0")}.png`] = png(24, 18, [i % 256, (i * 7) % 256, (i * 31) % 256]);
  }
  await page.evaluate(() => (window.longTasks.length = 0));
  await dropFromDisk(page, [folderOf("many", many)]);
  await until(page, "import begins", (s) => s.importing);
  await page.waitForTimeout(500);
  check(/Reading \d+ of 5000/.test(await page.locator(".summary .busy").innerText()), "no progress");
  await shot(page, "images-importing", false);
  await until(page, "5,000 images", (s) => s.images === 5000 && !s.importing, 400);
  const importing = await page.evaluate(() => window.longTasks.splice(0).map(Math.round));
  console.log(`     tasks over 50 ms while importing: ${JSON.stringify(importing)}`);
  equal(await title(page), "5000 images", "count");
  await until(page, "preparing", (s) => s.state === "paused");
  await page.waitForTimeout(1000);
  const list = page.locator(".thumbnails");
  const { x, y, width, height } = await list.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  // What the page itself does comes back each time; what the machine does meanwhile does not.
  let most = 0;
  const passes = [];
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  };
  const before = await spent();
  while (passes.length < 4 && !passes.some((long) => long.length === 0)) {
    await page.keyboard.press("Home");
    await page.waitForTimeout(500);
    await page.evaluate(() => (window.longTasks.length = 0));
    for (let i = 0; i < 60; i++) {
      await page.mouse.wheel(0, i < 30 ? 180 : 2400);
      await page.waitForTimeout(30);
      if (i % 10 === 0) most = Math.max(most, await page.locator(".thumbnail").count());
    }
    passes.push(await page.evaluate(() => window.longTasks.map(Math.round)));
  }
  console.log(`     tasks over 50 ms while scrolling: ${JSON.stringify(passes)}`);
  // Where others want the processors too, tasks take longer than they work.
  const work = ((await spent()) - before) / (passes.length * 60);
  console.log(`     work of the main thread for a turn of the wheel: ${work.toFixed(1)} ms`);
  const free = passes.some((long) => long.length === 0) || work < 16;
  check(free, `tasks over 50 ms at each of ${passes.length} times, ${work} ms of work a turn`);
  check(most < 250, `${most} thumbnails on the page`);
  await list.focus();
  await page.keyboard.press("End");
  await page.locator(".thumbnail[aria-posinset='5000']").waitFor();
  equal(await page.locator(".thumbnail").last().getAttribute("aria-posinset"), "5000", "the last image");
  equal(await page.locator(".thumbnail").last().getAttribute("aria-setsize"), "5000", "their number");
  const painted = await page.locator(".thumbnail[aria-selected='true'] img").evaluate((image) => image.decode().then(() => image.naturalWidth));
  equal(painted, 24, "the last thumbnail's width");
  await page.keyboard.press("PageUp");
  await page.locator(".thumbnail[aria-selected='true']:not([aria-posinset='5000'])").waitFor();
  await shot(page, "images-5000", false);
  await clear(page);
});

await test("nothing was complained of", async () => {
  equal(page.complaints, [], "complaints");
});

await browser.close();

await test("the camera: its picture joins the images; closed, it is off", async () => {
  const browser = await start([
    ...SOFTWARE,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
  ]);
  try {
    const page = await open(browser);
    const { images } = await ready(page);
    await page.click("button:has-text('Camera')");
    await page.locator("video.live").waitFor();
    await shot(page, "images-camera", false);
    await page.click("button:has-text('Take a picture')");
    await holds(page, images + 1);
    equal(await page.locator(".camera p[role=status]").innerText(), "camera-1.jpg taken", "status");
    await page.click("button:has-text('Take a picture')");
    await holds(page, images + 2);
    const track = await page.evaluateHandle(() => document.querySelector("video").srcObject.getTracks()[0]);
    await page.click("button:has-text('Close the camera')");
    equal(await page.locator("video").count(), 0, "videos");
    equal(await track.evaluate((track) => track.readyState), "ended", "the camera's state");
    await page.locator(".thumbnails").focus();
    await page.keyboard.press("End");
    equal(await chosen(page), "camera-2.jpg", "the last image");
    equal(page.complaints, [], "complaints");
  } finally {
    await browser.close();
  }
});

await test("a camera that is not permitted is a sentence", async () => {
  const browser = await start([...SOFTWARE, "--use-fake-device-for-media-stream", "--deny-permission-prompts"]);
  try {
    const page = await open(browser);
    await ready(page);
    await page.click("button:has-text('Camera')");
    await page.waitForFunction(() => /not permitted/.test(document.querySelector(".camera p")?.innerText ?? ""));
    check(await page.locator("button:has-text('Take a picture')").isDisabled(), "a picture can be taken");
    await shot(page, "images-camera-denied", false);
    equal(page.complaints, [], "complaints");
  } finally {
    await browser.close();
  }
});

end();
