// The images' place as a person uses it: folders, paste, camera, removing, thousands of images.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "./fixtures.mjs";
import { drop, folderOf, png } from "./files.mjs";
import { SOFTWARE } from "./lib.mjs";
import { note, open, prepared, shot, status, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

/** Drops files and folders of this machine on the drop zone, as a file manager does. */
async function dropFromDisk(page, paths) {
  const zone = page.locator(".drop");
  await zone.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await zone.boundingBox();
  const at = { x: x + width / 2, y: y + height / 2 };
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const devtools = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await devtools.send("Input.dispatchDragEvent", { type, ...at, data });
  }
  await devtools.detach();
}

const count = (page) => page.locator("section.images .count").first();
const chosen = (page) => page.locator(".thumbnail[aria-selected='true']");
const removeAll = (page) => page.click(`.below button:has-text('${WORDS.removeAll}')`);
const holds = (page, n) => until(page, `${n} images`, (s) => s.images === n && !s.importing);

/** Removes all images, with the question that may stand before it. */
async function clear(page) {
  await removeAll(page);
  const question = page.locator("dialog.question[open] button.main");
  await expect(async () => {
    if (await question.isVisible()) await question.click();
    expect((await status(page)).images).toBe(0);
  }).toPass();
}

test.describe.serial("images of one's own", () => {
  let page;
  test.beforeAll(async ({ browser }) => {
    page = await open(browser);
    await prepared(page);
  });
  test.afterAll(() => page.context().close());

  test("a dropped folder: its images with their folders as labels, what is none with its reason", async ({}, info) => {
    // Samples alone are removed without a question.
    await removeAll(page);
    await until(page, "clearing", (s) => s.images === 0);
    const animals = folderOf(info.outputPath("animals"), {
      "cats/a.png": png(40, 30, [200, 40, 40]),
      "cats/b.png": png(30, 40, [40, 200, 40]),
      "cats/deep/er/c.png": png(30, 30, [90, 90, 40]),
      "dogs/d.png": png(30, 30, [40, 40, 200]),
      "dogs/notes.txt": "Dogs are nice.",
      "dogs/.DS_Store": "litter",
      "dogs/.thumbnails/d.png": png(9, 9, [40, 40, 200]),
      "@eaDir/d.png/SYNOPHOTO_THUMB_M.jpg": png(9, 9, [40, 40, 200]),
    });
    await dropFromDisk(page, [animals]);
    await holds(page, 4);
    await expect(page.locator(".summary .came-to")).toHaveText(
      "4 added, 1 skipped: 1 text; 3 hidden or system files were ignored",
    );
    await expect(page.locator(".skipped li")).toHaveText(["animals/dogs/notes.txt: this is text, not an image"]);
    await expect(page.locator(".labels summary")).toHaveText("2 labels");
    await page.click(".labels summary");
    await expect(page.locator(".chips li")).toHaveText(["cats 3", "dogs 1"]);
    await expect(count(page)).toHaveText("4 images");
    const names = await page.locator(".thumbnail").evaluateAll((all) => all.map((one) => one.title));
    expect(names).toEqual(["animals/cats/a.png", "animals/cats/b.png", "animals/cats/deep/er/c.png", "animals/dogs/d.png"]);
    await shot(page, "images-folder");
  });

  test("a folder that is picked, and one file more", async ({}, info) => {
    const [fileInput, folderInput] = await page.locator("input[type=file]").all();
    const birds = { "owl.png": png(30, 30, [9, 9, 9]), "duck.png": png(30, 30, [99, 9, 9]) };
    await folderInput.setInputFiles(folderOf(info.outputPath("birds"), birds));
    await holds(page, 6);
    await expect(page.locator(".chips li")).toHaveText(["animals 4", "birds 2"]);
    const level = page.locator(".label-level select");
    await expect(level.locator("option")).toHaveText(["animals, birds", "cats, dogs", "no labels"]);
    await level.selectOption("1");
    await expect(page.locator(".chips li")).toHaveText(["cats 3", "dogs 1"]);
    await shot(page, "images-labels", false);
    await expect(chosen(page)).toHaveAttribute("title", "birds/duck.png");
    await fileInput.setInputFiles({ name: "one.png", mimeType: "image/png", buffer: png(20, 20, [1, 2, 3]) });
    await holds(page, 7);
    await expect(chosen(page)).toHaveAttribute("title", "one.png");
  });

  test("an image is pasted anywhere on the page", async () => {
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
    await expect(page.locator(".thumbnail").last()).toHaveAttribute("title", "pasted-1.png");
  });

  test("beside a pasted file, the icon that the system adds is no image", async () => {
    await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(16, 16);
      canvas.getContext("2d").fillRect(0, 0, 8, 16);
      const blob = await canvas.convertToBlob();
      const clipboardData = new DataTransfer();
      for (const name of ["image.png", "IMG_1.png"]) clipboardData.items.add(new File([blob], name, { type: blob.type }));
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await holds(page, 9);
    await expect(page.locator(".thumbnail").last()).toHaveAttribute("title", "IMG_1.png");
    await page.locator(".thumbnail").last().click();
    await page.keyboard.press("Delete");
    await holds(page, 8);
  });

  test("an AVIF is decoded by the browser", async () => {
    const buffer = readFileSync(new URL("../images/tiny.avif", import.meta.url));
    await drop(page, [{ name: "tiny.avif", mimeType: "image/avif", buffer }]);
    await holds(page, 9);
    const thumbnail = page.locator(".thumbnail").last();
    await expect(thumbnail).toHaveAttribute("title", "tiny.avif");
    expect(await thumbnail.locator("img").evaluate((image) => image.decode().then(() => image.naturalWidth))).toBe(32);
    await thumbnail.click();
    await page.keyboard.press("Delete");
    await holds(page, 8);
  });

  test("an image is dropped beside its place; an address is answered with advice", async () => {
    await drop(page, [{ name: "beside.png", mimeType: "image/png", buffer: png(12, 12, [3, 99, 3]) }], "h1");
    await holds(page, 9);
    await page.locator(".thumbnail").last().click();
    await page.keyboard.press("Delete");
    await holds(page, 8);
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData("text/uri-list", "https://example.org/cat.jpg");
      document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    });
    const alert = page.locator(".alert", { hasText: "You dropped an address" });
    await alert.waitFor();
    await shot(page, "images-address", false);
    await alert.getByRole("button").click();
  });

  test("what cannot be read is listed with its path, and the rest is added", async ({}, info) => {
    // As a file manager's folder that a person may not open, and a file that goes away while it is read.
    await page.evaluate(() => {
      const real = DataTransferItem.prototype.webkitGetAsEntry;
      const spoil = (entry) => {
        if (entry.name.startsWith("gone")) {
          entry.file = (_, failed) => failed(new DOMException("it could not be found", "NotFoundError"));
        }
        if (!entry.isDirectory) return entry;
        const reader = entry.createReader();
        const read = reader.readEntries.bind(reader);
        reader.readEntries = (found, failed) => {
          if (entry.name !== "locked") return read((entries) => found(entries.map(spoil)), failed);
          failed(new DOMException("it could not be modified", "NoModificationAllowedError"));
        };
        entry.createReader = () => reader;
        return entry;
      };
      DataTransferItem.prototype.webkitGetAsEntry = function () {
        return spoil(real.call(this));
      };
      window.mend = () => (DataTransferItem.prototype.webkitGetAsEntry = real);
    });
    const some = folderOf(info.outputPath("some"), {
      "a.png": png(9, 9, [1, 1, 1]),
      "gone.png": png(9, 9, [2, 2, 2]),
      "locked/b.png": png(9, 9, [3, 3, 3]),
      "z.png": png(9, 9, [4, 4, 4]),
    });
    await dropFromDisk(page, [some]);
    await holds(page, 10);
    await expect(page.locator(".summary .came-to")).toHaveText(
      "2 added, 2 skipped: 1 not there any more, 1 not permitted",
    );
    await expect(page.locator(".skipped li")).toHaveText([/^some\/gone\.png: /, /^some\/locked: /]);
    await shot(page, "images-unread", false);
    await page.evaluate(() => window.mend());
    for (const left of [9, 8]) {
      await page.locator(".thumbnail").last().click();
      await page.keyboard.press("Delete");
      await holds(page, left);
    }
  });

  test("the arrow keys choose, Delete removes, and so do the button and the cross", async () => {
    const first = page.locator(".thumbnail").first();
    await first.click();
    await expect(chosen(page), "chosen by a click").toHaveAttribute("title", "animals/cats/a.png");
    await expect(page.locator("[role=listbox]:focus")).toHaveCount(1);
    await page.keyboard.press("ArrowRight");
    await expect(chosen(page), "after an arrow key").toHaveAttribute("title", "animals/cats/b.png");
    const active = await page.locator(".thumbnails").getAttribute("aria-activedescendant");
    await expect(page.locator(`#${active}`)).toHaveAttribute("title", "animals/cats/b.png");
    await page.keyboard.press("End");
    await expect(chosen(page), "after End").toHaveAttribute("title", "pasted-1.png");
    await page.keyboard.press("Home");
    await page.keyboard.press("Delete");
    await holds(page, 7);
    await expect(chosen(page), "the next one").toHaveAttribute("title", "animals/cats/b.png");
    await expect(first).toHaveAttribute("aria-posinset", "1");
    await page.click(".below button:has-text('Remove image')");
    await holds(page, 6);
    await page.locator(".thumbnail").nth(1).hover();
    await page.locator(".thumbnail").nth(1).locator(".take-out").click();
    await holds(page, 5);
    await expect(chosen(page), "the choice stays on its image").toHaveAttribute("title", "animals/cats/deep/er/c.png");
    await expect(page.locator(".chips li"), "labels of the images that are left").toHaveText(["cats 1"]);
  });

  test("more than twenty own images are removed only after a question", async ({}, info) => {
    const many = Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`${i}.png`, png(8, 8, [i * 9, 0, 0])]));
    await dropFromDisk(page, [folderOf(info.outputPath("eighteen"), many)]);
    await holds(page, 23);
    await removeAll(page);
    const question = page.locator("dialog.question[open]");
    await expect(question).toContainText("Remove all 23 images");
    await shot(page, "images-question", false);
    await question.getByRole("button", { name: "Keep them" }).click();
    await expect(question).toHaveCount(0);
    expect((await status(page)).images, "images after keeping").toBe(23);
    await clear(page);
    await expect(count(page)).toHaveText("no images yet");
    const samples = page.getByRole("button", { name: "Load samples" });
    await samples.click();
    await prepared(page);
    await expect(samples, "samples twice").toBeDisabled();
    await clear(page);
  });

  test("nothing was complained of", () => expect(page.complaints).toEqual([]));
});

test("the same files of a folder count as for dino and Python, in their order, under their labels", async ({ visit }, info) => {
  const traps = JSON.parse(readFileSync(new URL("../images/traps.json", import.meta.url)));
  const file = (kind) => Buffer.from(traps.contents[kind], "hex");
  const tree = Object.entries(traps.files).map(([path, kind]) => [path, file(kind)]);
  const root = folderOf(info.outputPath("traps"), Object.fromEntries(tree));
  const page = await visit();
  await prepared(page);
  const [, folderInput] = await page.locator("input[type=file]").all();
  // Browsers do not follow links, or do not tell of them.
  const chosen = traps.chosen.filter(({ folder }) => !folder.startsWith("links"));
  expect(chosen.length, "folders").toBeGreaterThan(8);
  for (const { folder, images } of chosen) {
    for (const [way, give] of [
      ["dropped", () => dropFromDisk(page, [join(root, folder)])],
      ["picked", () => folderInput.setInputFiles(join(root, folder))],
    ]) {
      await clear(page);
      await give();
      await holds(page, images.length);
      const titles = await page.locator(".thumbnail").evaluateAll((all) => all.map((one) => one.title));
      const start = `${folder.split("/").pop()}/`;
      expect(titles, `${folder}, ${way}`).toEqual(images.map(([name]) => start + name));
      const counts = {};
      for (const [, label] of images) if (label) counts[label] = (counts[label] ?? 0) + 1;
      const chips = await page.locator(".chips li").evaluateAll((all) => all.map((one) => one.textContent));
      expect(chips.sort(), `labels of ${folder}, ${way}`).toEqual(Object.entries(counts).map(([l, n]) => `${l} ${n}`).sort());
    }
  }
  expect(page.complaints).toEqual([]);
});

test("5,000 images: few on the page, wherever one scrolls", async ({ visit }, info) => {
  const page = await visit();
  await prepared(page);
  await clear(page);
  const many = {};
  for (let i = 0; i < 5000; i++) {
    many[`${i % 7}/${String(i).padStart(4, "0")}.png`] = png(24, 18, [i % 256, (i * 7) % 256, (i * 31) % 256]);
  }
  await page.evaluate(() => (window.longTasks.length = 0));
  await dropFromDisk(page, [folderOf(info.outputPath("many"), many)]);
  await until(page, "import begins", (s) => s.importing);
  await expect(page.locator(".summary .busy")).toContainText(/Reading \d+ of 5000/);
  await shot(page, "images-importing", false);
  await until(page, "5,000 images", (s) => s.images === 5000 && !s.importing, 600);
  note(`tasks over 50 ms while importing: ${JSON.stringify(await page.evaluate(() => window.longTasks.splice(0)))}`);
  await expect(count(page)).toHaveText("5000 images");
  await until(page, "preparing", (s) => s.state === "paused");
  const list = page.locator(".thumbnails");
  const { x, y, width, height } = await list.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  };
  const before = await spent();
  let most = 0;
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, i < 30 ? 180 : 2400);
    await page.waitForTimeout(30);
    if (i % 10 === 0) most = Math.max(most, await page.locator(".thumbnail").count());
  }
  note(`tasks over 50 ms while scrolling: ${JSON.stringify(await page.evaluate(() => window.longTasks))}`);
  note(`work of the main thread for a turn of the wheel: ${(((await spent()) - before) / 60).toFixed(1)} ms`);
  expect(most, "thumbnails on the page").toBeLessThan(250);
  await list.focus();
  await page.keyboard.press("End");
  await page.locator(".thumbnail[aria-posinset='5000']").waitFor();
  const last = page.locator(".thumbnail").last();
  await expect(last).toHaveAttribute("aria-posinset", "5000");
  await expect(last).toHaveAttribute("aria-setsize", "5000");
  await expect(chosen(page)).toHaveAttribute("aria-posinset", "5000");
  const painted = await chosen(page).locator("img").evaluate((image) => image.decode().then(() => image.naturalWidth));
  expect(painted, "the last thumbnail's width").toBe(24);
  await page.keyboard.press("PageUp");
  await page.locator(".thumbnail[aria-selected='true']:not([aria-posinset='5000'])").waitFor();
  await shot(page, "images-5000", false);
  await clear(page);
  expect(page.complaints).toEqual([]);
});

test("the camera: its picture joins the images; closed, it is off", async ({ launch }) => {
  const browser = await launch([...SOFTWARE, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]);
  const page = await open(browser);
  const { images } = await prepared(page);
  await page.getByRole("button", { name: "Use the camera", exact: true }).click();
  await page.locator("video.live").waitFor();
  await shot(page, "images-camera", false);
  const take = page.getByRole("button", { name: "Take a photo" });
  await take.click();
  await holds(page, images + 1);
  await expect(page.locator(".camera p[role=status]")).toHaveText("camera-1.jpg taken");
  await take.click();
  await holds(page, images + 2);
  const track = await page.evaluateHandle(() => document.querySelector("video").srcObject.getTracks()[0]);
  await page.getByRole("button", { name: "Close the camera" }).click();
  await expect(page.locator("video")).toHaveCount(0);
  expect(await track.evaluate((track) => track.readyState), "the camera's state").toBe("ended");
  await page.locator(".thumbnails").focus();
  await page.keyboard.press("End");
  await expect(chosen(page), "the last image").toHaveAttribute("title", "camera-2.jpg");
  expect(page.complaints).toEqual([]);
});

test("a camera that is not permitted is a sentence", async ({ launch }) => {
  const browser = await launch([...SOFTWARE, "--use-fake-device-for-media-stream", "--deny-permission-prompts"]);
  const page = await open(browser);
  await prepared(page);
  await page.getByRole("button", { name: "Use the camera", exact: true }).click();
  await expect(page.locator(".camera p").first()).toContainText("not permitted");
  await expect(page.getByRole("button", { name: "Take a photo" })).toBeDisabled();
  await shot(page, "images-camera-denied", false);
  expect(page.complaints).toEqual([]);
});
