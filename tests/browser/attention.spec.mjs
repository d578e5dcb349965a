// Attention, crops and neighbours as a person meets them.

import { expect, test } from "./fixtures.mjs";
import { canvas, changed, note, open, overflow, prepared, shotOf, slide, status, step, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

let page;
const place = () => page.locator("section.attention");
const stage = () => page.locator(".stage canvas");
const section = (id, of = page) => of.locator(`section:has(> header > #${id})`);
const shot = (name, locator = place()) => shotOf(locator, `attention-${name}`);
const idle = () => expect(page.locator(".stage.busy")).toHaveCount(0);
const reading = (name) => page.locator(`.slider:has(input[name=${name}]) output`).first();
const choose = (name, word) => page.locator(`.segments label:has(input[name=${name}]):has-text("${word}")`).click();

/** What was shown, and what is shown after `act`, which must differ. */
async function changes(what, act, locator = stage()) {
  const before = await canvas(locator);
  await act();
  await changed(locator, before, what);
  await idle();
  return [before, await canvas(locator)];
}

/** Patches across and down, as the page says. */
async function grid() {
  await expect(reading("side")).toContainText("×");
  return (await reading("side").innerText()).match(/(\d+) × (\d+)/).slice(1).map(Number);
}

/** Chooses the thumbnail of an image and waits for its picture. */
async function pick(index) {
  const thumbnail = page.locator(`.thumbnail[aria-posinset="${index + 1}"]`);
  if ((await thumbnail.getAttribute("aria-selected")) === "true") return;
  await changes("another image", () => thumbnail.click());
}

/** A page with the attention of the first image. */
async function begin(browser) {
  page = await open(browser);
  await prepared(page);
  await stage().waitFor();
  await idle();
}

async function complained() {
  expect(page.complaints).toEqual([]);
  expect(await page.locator(".alerts p").allInnerTexts(), "alerts").toEqual([]);
}

test.describe.serial("the attention of one image", () => {
  test.beforeAll(({ browser }) => begin(browser));
  test.afterAll(() => page.context().close());

  test("the maps of the first image appear", async () => {
    const { width, height } = await canvas(stage());
    expect(width).toBeGreaterThan(300);
    expect(height).toBeGreaterThan(200);
    expect(await page.locator(".map").count(), "maps").toBeGreaterThanOrEqual(3);
    await shot("ready");
  });

  test("the mean and every head are pictures of their own; a press or a digit enlarges one", async () => {
    const heads = (await page.locator(".map").count()) - 1;
    const sums = new Set();
    for (const which of ["mean", ...Array(heads).keys()]) {
      sums.add((await canvas(page.locator(`.map[data-head='${which}'] canvas`))).sum);
    }
    expect(sums.size, "different maps").toBe(heads + 1);
    const [mean] = await changes("head 2", () => page.click(".map[data-head='1'] button"));
    await expect(page.locator(".map button[aria-pressed=true]")).toHaveCount(1);
    await changes("the mean", () => page.click(".map[data-head='mean'] button"));
    expect((await canvas(stage())).sum, "the mean again").toBe(mean.sum);
    await changes("head 2 by its digit", () => page.keyboard.press("2"));
    await changes("the mean", () => page.click(".map[data-head='mean'] button"));
  });

  test("layers have different maps", async () => {
    const [, last, all] = (await reading("layer").innerText()).match(/(\d+) of (\d+)/);
    expect(last, "the last layer at first").toBe(all);
    await changes("layer 1", () => slide(page, "layer", 0));
    await expect(reading("layer")).toHaveText(`1 of ${all}`);
    await shot("layer-1");
    await changes("the last layer", () => slide(page, "layer", "last"));
  });

  test("the student differs from the teacher after some steps", async () => {
    await step(page, 6);
    await until(page, "training", (s) => s.step === 6 && s.state === "paused");
    await idle();
    await changes("the student", () => choose("network", WORDS.student));
    await changes("the teacher", () => choose("network", WORDS.teacher));
  });

  test("the mask shrinks and grows with the threshold", async () => {
    await changes("the mask", () => choose("mode", "Mask"));
    // Outside of the mask all is grey, and its outline white: count the pixels that have a colour.
    const kept = () =>
      stage().evaluate((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let lit = 0;
        for (let i = 0; i < data.length; i += 4) {
          const [r, g, b] = data.subarray(i, i + 3);
          if (Math.max(r, g, b) - Math.min(r, g, b) > 24) lit += 1;
        }
        return lit;
      });
    await slide(page, "opacity", 100);
    let area = 0;
    for (const percent of [10, 30, 60, 90, 100]) {
      await slide(page, "mass", percent);
      await expect.poll(kept, { message: `area of ${percent} %` }).toBeGreaterThan(area);
      area = await kept();
      if (percent === 60) await shot("mask");
    }
    await expect(reading("mass")).toHaveText(/^100 %/);
    await slide(page, "mass", 60);
    await expect.poll(kept, { message: "area of 60 % again" }).toBeLessThan(area);
    await slide(page, "opacity", 70);
    await changes("heads in colours", () => choose("mode", "Heads in colours"));
    await shot("heads");
    await changes("their outlines", () => page.locator("input[name=outlined]").check());
    await shot("heads-outlined");
    await changes("heat", () => choose("mode", "Heatmap"));
    await shot("heat-outlined");
    await changes("no outlines", () => page.locator("input[name=outlined]").uncheck());
  });

  test("opacity goes from the photograph to the map", async () => {
    await changes("the map alone", () => slide(page, "opacity", 100));
    await shot("opaque");
    await changes("the photograph alone", () => slide(page, "opacity", 0));
    await shot("photograph");
    await changes("both", () => slide(page, "opacity", 70));
  });

  test("the picture is as wide to its height as the image, the grid too", async () => {
    const shapes = await page.evaluate(() =>
      [...document.querySelectorAll(".thumbnail img")].map((i) => i.naturalWidth / i.naturalHeight),
    );
    const wide = shapes.findIndex((ratio) => ratio > 1.25);
    const tall = shapes.findIndex((ratio) => ratio < 0.8);
    const found = [tall, wide].filter((index) => index >= 0);
    expect(found.length, "rectangular samples in sight").toBeGreaterThan(0);
    for (const index of found) {
      await pick(index);
      const { width, height } = await canvas(stage());
      const ratio = width / height;
      expect(Math.abs(ratio / shapes[index] - 1), "distance from the image's shape").toBeLessThan(0.05);
      const box = await stage().boundingBox();
      expect(Math.abs(box.width / box.height / ratio - 1), "stretched on the screen").toBeLessThan(0.02);
      const [across, down] = await grid();
      expect(Math.abs(across / down / ratio - 1), `${across} × ${down} for ${ratio}`).toBeLessThan(0.2);
      await shot(index === wide ? "wide" : "tall");
    }
  });

  test("480 px show a finer grid", async () => {
    const [across] = await grid();
    await changes("480 px", () => slide(page, "side", "last"));
    const [fine] = await grid();
    expect(fine, "patches across").toBeGreaterThan(across * 1.5);
    await expect(reading("side")).toHaveText(/^480 px/);
    await shot("480");
  });

  test("under the pointer: what is similar, the patch itself most, without a question to the worker", async () => {
    const [across, down] = await grid();
    const at = [0.312, 0.561];
    const patch = page.locator(".picture");
    const words = page.locator(".reading");
    /** The pointer over the picture, wherever the page has been scrolled to. */
    const point = async () => {
      await stage().scrollIntoViewIfNeeded();
      const box = await stage().boundingBox();
      const [x, y] = [box.x + box.width * at[0], box.y + box.height * at[1]];
      await page.mouse.move(x, y);
      return [x, y];
    };
    await point();
    const here = Math.floor(at[1] * down) * across + Math.floor(at[0] * across);
    await expect(patch).toHaveAttribute("data-patch", `${here}`);
    await expect(words).toContainText("Similarity to patch");
    await slide(page, "opacity", 100);
    // The map alone: the brightest place is the middle of the patch, inside its frame.
    const brightest = () =>
      stage().evaluate((canvas, [across, down]) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        const values = [];
        for (let y = 0; y < down; y++) {
          for (let x = 0; x < across; x++) {
            const i = (Math.floor(((y + 0.5) * height) / down) * width + Math.floor(((x + 0.5) * width) / across)) * 4;
            values.push(data[i] + data[i + 1] + data[i + 2]);
          }
        }
        return values.flatMap((value, i) => (value === Math.max(...values) ? [i] : []));
      }, [across, down]);
    await expect.poll(brightest, { message: "the most similar patches" }).toContain(here);
    await slide(page, "opacity", 70);
    await shot("similarity");
    const { times, asked } = await stage().evaluate(async (canvas) => {
      const box = canvas.getBoundingClientRect();
      const [times, post] = [[], Worker.prototype.postMessage];
      let asked = 0;
      Worker.prototype.postMessage = function (...message) {
        asked += 1;
        return post.apply(this, message);
      };
      for (let i = 0; i < 20; i++) {
        const [x, y] = [box.width * (0.1 + 0.04 * i), box.height * (0.9 - 0.04 * i)];
        const from = performance.now();
        const place = { clientX: box.x + x, clientY: box.y + y, bubbles: true };
        canvas.dispatchEvent(new PointerEvent("pointermove", place));
        // Effects run as microtasks; a message is the next task.
        await new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = resolve;
          port2.postMessage(0);
        });
        // Reading back waits for the painting.
        canvas.getContext("2d").getImageData(0, 0, 1, 1);
        times.push(performance.now() - from);
      }
      Worker.prototype.postMessage = post;
      return { times: times.map((t) => Math.round(t * 10) / 10).sort((a, b) => a - b), asked };
    });
    note(`similarity of ${across * down} patches painted in ${times[10]} ms (median), ${times[19]} at most`);
    expect(asked, "questions to the worker").toBe(0);
    await choose("pointing", "attention of the patch");
    const [x, y] = await point();
    await expect(words).toContainText("Attention from patch");
    await shot("from-patch");
    await page.mouse.click(x, y);
    await page.mouse.move(5, 5);
    await expect(words, "a clicked patch").toContainText("held");
    await page.keyboard.press("Escape");
    await patch.focus();
    await page.keyboard.press("Escape");
    await expect(patch).not.toHaveAttribute("data-patch");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const middle = Math.floor(down / 2) * across + Math.floor(across / 2);
    await expect(patch, "by keyboard").toHaveAttribute("data-patch", `${middle + across}`);
    await page.keyboard.press("Escape");
    await choose("pointing", "similar patches");
  });

  test("maps of 224 px", async () => {
    const stops = Number(await page.locator("input[name=side]").getAttribute("max"));
    for (let at = 0; at <= stops; at++) {
      await slide(page, "side", at);
      if ((await reading("side").innerText()).startsWith("224 px")) break;
    }
    await expect(reading("side")).toHaveText(/^224 px/);
    await idle();
    const times = [];
    for (const index of [4, 9, 1]) {
      const begin = Date.now();
      await changes("another image", () => page.locator(".thumbnail").nth(index).click());
      times.push(Date.now() - begin);
    }
    const [across, down] = await grid();
    expect(Math.max(across, down), "patches of the longer side").toBe(28);
    note(`maps of 224 px (${across} × ${down} patches) in ${times} ms`);
  });

  test("the patches of four images in the colours of their principal components", async () => {
    await page.selectOption("select[name=colours-from]", "first");
    await page.fill("input[name=colours-count]", "4");
    await page.locator("input[name=colours-count]").press("Tab");
    await page.getByRole("button", { name: "Show the colours" }).click();
    await expect(page.locator(".pair")).toHaveCount(4);
    for (const pair of await page.locator(".pair").all()) {
      const { width, height, colours } = await canvas(pair.locator("canvas:last-child"));
      expect(Math.min(width, height)).toBeGreaterThan(4);
      expect(colours, "colours").toBeGreaterThan(8);
    }
    await shot("colours", page.locator(".colours"));
  });

  test("nothing was complained of", complained);
});

test.describe.serial("attention while training, crops and neighbours", () => {
  test.beforeAll(({ browser }) => begin(browser));
  test.afterAll(() => page.context().close());

  test("pinned images are renewed while training, and play", async () => {
    for (const index of [0, 3]) {
      await pick(index);
      await page.click("button.pin");
    }
    await expect(page.locator(".pinned .tile")).toHaveCount(2);
    await page.fill("input[name=every]", "2");
    await page.locator("input[name=every]").press("Tab");
    const tile = page.locator(".pinned .tile[data-image='0'] canvas");
    await expect(reading("frame")).toContainText("step");
    const node = await tile.elementHandle();
    const before = await canvas(tile);
    await page.evaluate(() => (window.longTasks.length = 0));
    await page.evaluate(() => window.dino.start());
    await until(page, "steps", (s) => s.step >= 16);
    note(`tasks over 50 ms while training: ${JSON.stringify(await page.evaluate(() => window.longTasks))}`);
    await page.evaluate(() => window.dino.pause());
    await changed(tile, before, "a new map");
    expect(await node.evaluate((canvas) => canvas.isConnected), "the tile is the same element").toBe(true);
    expect((await canvas(tile)).width, "pixels across a tile").toBeGreaterThanOrEqual(200);
    const frames = Number(await page.locator("input[name=frame]").getAttribute("max"));
    expect(frames, "frames").toBeGreaterThanOrEqual(2);
    await slide(page, "frame", 0);
    const first = await canvas(tile);
    await slide(page, "frame", "last");
    await changed(tile, first, "the last frame");
    const play = page.locator(".pinned .play");
    await play.click();
    await expect(play).toHaveAttribute("data-playing", "false");
    await shot("pinned", page.locator(".pinned"));
  });

  test("the first snapshot looks unlike now", async () => {
    await idle();
    const [now] = await changes("step 0", () => slide(page, "snapshot", 0));
    await expect(reading("snapshot")).toHaveText("step 0");
    await expect(place().locator("> header")).toContainText(WORDS.atStep(0));
    await expect(page.locator("input[name=network][value='1']"), "the student of the past").toBeDisabled();
    await shot("step-0");
    await changes("now", () => slide(page, "snapshot", "last"));
    await expect(reading("snapshot")).toHaveText("now");
    expect((await canvas(stage())).sum, "now again").toBe(now.sum);
  });

  test("crops: frames on the original, badges, other draws, and back", async () => {
    const crops = section("crops");
    await crops.scrollIntoViewIfNeeded();
    const count = await crops.locator(".crop").count();
    await expect(crops.locator("rect")).toHaveCount(count);
    const frames = () =>
      crops.locator("rect").evaluateAll((all) => all.map((r) => ["x", "y", "width", "height"].map((a) => +r.getAttribute(a))));
    const badges = () => crops.locator(".crop .badges").allInnerTexts();
    const first = await frames();
    for (const [x, y, w, h] of first) {
      expect(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 1.0001 && y + h <= 1.0001, `frame ${[x, y, w, h]}`).toBe(true);
    }
    const words = new Set(await badges());
    await shot("crops", crops);
    let last = first;
    for (let draw = 1; draw <= 3; draw++) {
      await crops.locator(".again").click();
      await expect.poll(frames, { message: "another draw" }).not.toEqual(last);
      last = await frames();
      (await badges()).forEach((badge) => words.add(badge));
      await expect(crops).toContainText(`number ${draw}`);
    }
    expect(words.size, "different badges").toBeGreaterThan(2);
    await crops.locator(".crop button").nth(count - 1).hover();
    await expect(crops.locator("rect.lit")).toHaveCount(1);
    await shot("crops-lit", crops);
    await crops.locator("button.quiet:not(.share-this)").click();
    await expect.poll(frames, { message: "the next step's crops" }).toEqual(first);
  });

  test("every slider has its name, and a click on the name goes to it", async () => {
    const sliders = page.locator("label.slider");
    const named = await sliders.evaluateAll((all) => all.map((label) => label.control?.type));
    expect(named.length).toBeGreaterThanOrEqual(4);
    expect(new Set(named), "controls of the labels").toEqual(new Set(["range"]));
    await sliders.filter({ has: page.locator("[name=opacity]") }).locator("span").click();
    await expect(page.locator("[name=opacity]"), "after a click on its name").toBeFocused();
  });

  test("neighbours are listed, the nearest first, and can be chosen", async () => {
    const neighbours = section("neighbours");
    await neighbours.scrollIntoViewIfNeeded();
    await expect(neighbours.locator(".nearest li")).toHaveCount(9);
    const cosines = (await neighbours.locator(".cosine").allInnerTexts()).map(Number);
    expect(cosines, "similarities in their order").toEqual([...cosines].sort((a, b) => b - a));
    expect(cosines[0]).toBeLessThanOrEqual(1);
    await shot("neighbours", neighbours);
    const tiles = neighbours.locator(".nearest .tile");
    const next = await tiles.nth(1).getAttribute("data-image");
    await tiles.nth(1).locator("button").click();
    await expect(tiles.first(), "its neighbours").toHaveAttribute("data-image", next);
  });

  test("on a phone and in the dark", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await shot("dark");
    await shot("dark-crops", section("crops"));
    await shot("dark-neighbours", section("neighbours"));
    await page.setViewportSize({ width: 360, height: 740 });
    await shot("phone");
    await shot("phone-crops", section("crops"));
    await shot("phone-neighbours", section("neighbours"));
    expect(await overflow(page), "pixels too wide").toBeLessThanOrEqual(0);
  });

  test("nothing was complained of", complained);
});

test("in Chinese", async ({ visit }) => {
  const page = await visit({ locale: "zh-TW" });
  await page.locator(".stage canvas").waitFor({ timeout: 300_000 });
  await page.locator("#neighbours").scrollIntoViewIfNeeded();
  await page.locator(".nearest li").first().waitFor();
  await page.locator(".labels").first().waitFor();
  for (const [id, word] of [["attention", "注意力"], ["crops", "裁切"], ["neighbours", "最近鄰"]]) {
    await expect(section(id, page).locator("h2")).toContainText(word);
    const words = (await section(id, page).innerText()).replace(/（[^）]*）/g, "");
    expect(words, "English words left").not.toMatch(/\b(the|of|patch|step|image|head|layer)\b/);
    await shotOf(section(id, page), `attention-zh-${id}`);
  }
});
