// Who can use the page: both languages, both themes, the keyboard alone, every width, axe.

import { complaints } from "./axe.mjs";
import { expect, test } from "./fixtures.mjs";
import { newContext, base, open, overflow, prepared, reload, saved, shot, shotOf, status, until } from "./visit.mjs";

/** Words that stay as they are in Chinese: names, units, the terms of the paper, the samples' labels. */
const ALLOWED =
  `DINO Transformer ViT Tiny WebGPU WebAssembly token CLS softmax EMA KL PCA K NN k ln std
   PNG JPEG WebP GIF BMP AVIF HEIC SVG MB GB ms s px Delete Ctrl V English Caron manifest json samples
   Emerging Properties in Self Supervised Vision Transformers SwiftShader google MLP CSV JSON Spark spark Small Enter Esc
   Linux Chrome chrome flags enable vulkan unsafe webgpu Firefox
   facebookresearch pth safetensors timm Hugging Face ImageNet Apache https huggingface co
   bird building dam fish geothermal household invertebrate mammal reptile solar tool windmill`.split(/\s+/);

/** Words of Latin letters that a reader of Chinese would meet, outside brackets and file names. */
const latin = (page) =>
  page.evaluate((allowed) => {
    const words = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element.closest("[lang=en], .chips, .skipped, [data-number=adapter], option, template, script")) continue;
      words.push(...(node.textContent.replace(/（[^）]*）/g, "").match(/[A-Za-z]{2,}/g) ?? []));
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
      if (element.closest(".thumbnail, [lang=en]")) continue;
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        const text = element.getAttribute(name)?.replace(/（[^）]*）/g, "").replace(/\S+\.(jpg|png)/g, "");
        words.push(...(text?.match(/[A-Za-z]{2,}/g) ?? []));
      }
    }
    return [...new Set(words)].filter((word) => !allowed.includes(word));
  }, ALLOWED);

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const language = (page) => page.evaluate(() => document.documentElement.lang);

/** A step, asked by its key. */
async function pressStep(page) {
  await page.keyboard.press(".");
  await until(page, "a step", (s) => s.step === 1 && s.state === "paused");
}

const giveText = (page, text) =>
  page.locator("input[type=file]").first().setInputFiles({ name: "a.txt", mimeType: "image/png", buffer: Buffer.from(text) });

/** Waits until what was laid out anew is painted, and no colour is on its way to another (a tenth of a second). */
const painted = (page) =>
  page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    // Those of what is not rendered never end.
    const ends = document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished);
    await Promise.race([Promise.allSettled(ends), new Promise((done) => setTimeout(done, 2000))]);
  });

test.describe.serial("one visit by keyboard", () => {
  let page;
  test.beforeAll(async ({ browser }) => void (page = await open(browser)));
  test.afterAll(() => page.context().close());

  test("the tour: four stops by keyboard, done it does not come again", async () => {
    const card = page.locator(".tour");
    await card.waitFor();
    await expect(card).toHaveAttribute("data-stop", "0");
    await prepared(page);
    await shot(page, "tour", false);
    await card.locator("button.main").focus();
    for (const stop of ["1", "2", "3"]) {
      await page.keyboard.press("Enter");
      await expect(card).toHaveAttribute("data-stop", stop);
      await expect(card.locator(":focus"), "the focus goes along").toHaveCount(1);
    }
    // What comes into the page above it does not push it out of sight.
    await page.locator(".neighbours .nearest li").first().waitFor();
    await expect(card.locator("button.main"), "the last stop's button").toBeInViewport({ ratio: 1 });
    await shot(page, "tour-last", false);
    await page.keyboard.press("Enter");
    await card.waitFor({ state: "detached" });
    await reload(page);
    await prepared(page);
    await expect(card).toHaveCount(0);
    // Once more, from the help; Escape ends it.
    await page.keyboard.press("?");
    await page.click("dialog.help button:has-text('tour')");
    await card.waitFor();
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
  });

  test("the keyboard alone: skip link, help, terms, run, pause, step", async () => {
    // From the top of the page, wherever earlier tests clicked.
    await page.evaluate(() => {
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute("tabindex");
    });
    await page.keyboard.press("Tab");
    await expect(page.locator(".skip:focus"), "the first stop of the Tab key").toBeInViewport();
    await page.keyboard.press("Enter");
    await expect(page.locator("#app"), "focus after the skip link").toBeFocused();
    await page.keyboard.press("?");
    const help = page.locator("dialog.help");
    await expect(help).toContainText("start or pause");
    await shot(page, "help", false);
    await page.keyboard.press("Escape");
    await expect(help).toBeHidden();
    await pressStep(page);
    await page.keyboard.press("Space");
    await until(page, "running", (s) => s.state === "running");
    await page.keyboard.press("Space");
    const { step } = await until(page, "pausing", (s) => s.state === "paused");
    const select = page.locator("select:visible").first();
    await select.focus();
    await page.keyboard.press(".");
    // A step would have been asked for by now.
    await page.evaluate(() => window.dino.attention(0));
    expect((await status(page)).step, "step after typing in a field").toBe(step);
    const term = page.locator(".learning .term button").first();
    await term.focus();
    const ring = await term.evaluate((button) => getComputedStyle(button).outlineWidth);
    expect(parseFloat(ring), "pixels of the focus ring").toBeGreaterThanOrEqual(2);
    await page.keyboard.press("Enter");
    const explanation = page.locator(".explanation:popover-open");
    await expect(explanation).toContainText(/[^]{60}/);
    await expect(explanation).toBeInViewport({ ratio: 1 });
    await shot(page, "term", false);
    await page.keyboard.press("Escape");
    await expect(explanation).toHaveCount(0);
    await expect(term, "the term has the focus again").toBeFocused();
  });

  test("the picture of the networks shows the numbers of the last step", async () => {
    const { loss, entropy } = await status(page);
    const words = await page.locator(".networks svg.wide").textContent();
    for (const number of [loss.toFixed(3), entropy.toFixed(3), "EMA 0.9"]) expect(words).toContain(number);
    await expect(page.locator(".learning .numbers")).toContainText(loss.toFixed(3));
    await shotOf(page.locator(".learning"), "learning");
  });

  test("the theme follows the system or the choice, and the choice is kept", async () => {
    const light = await background(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(() => background(page), { message: "the system's dark theme" }).not.toBe(light);
    await painted(page);
    const dark = await background(page);
    await page.click(".switch button[data-choice=light]");
    await expect.poll(() => background(page), { message: "light in a dark system" }).toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
    await page.click(".switch button[data-choice=dark]");
    await expect.poll(() => background(page), { message: "dark in a light system" }).toBe(dark);
    await page.reload({ waitUntil: "domcontentloaded" });
    expect(await page.evaluate(() => document.documentElement.dataset.theme), "theme after a reload").toBe("dark");
    await expect(page.locator(".switch button[data-choice=dark]")).toHaveAttribute("aria-pressed", "true");
    await page.click(".switch button[data-choice=auto]");
    await expect.poll(() => background(page), { message: "the system's theme" }).toBe(light);
  });

  test("nothing was complained of", () => expect(page.complaints).toEqual([]));
});

test("a tour that is skipped does not come again", async ({ visit }) => {
  const page = await visit();
  await page.click(".tour button:has-text('Skip the tour')");
  await reload(page);
  await page.waitForFunction(() => window.dino);
  await prepared(page);
  await expect(page.locator(".tour")).toHaveCount(0);
});

test("the shell is in Chinese for who prefers it", async ({ browser }) => {
  const context = await newContext(browser, { locale: "zh-TW" });
  const shell = await context.newPage();
  await shell.route("**/*.wasm*", () => {});
  await shell.goto(base, { waitUntil: "domcontentloaded" });
  await expect(shell.locator("html")).toHaveAttribute("lang", "zh-Hant");
  await expect(shell.locator("h2").first()).toHaveText("影像");
  await shot(shell, "shell-zh");
  await context.close();
});

test("Chinese for who prefers it, complete, switched and kept", async ({ visit }) => {
  const page = await visit({ locale: "zh-TW" });
  await prepared(page);
  expect(await language(page)).toBe("zh-Hant");
  await expect(page).toHaveTitle(/瀏覽器裡的 DINO/);
  await page.click(".tour button.quiet");
  expect(await latin(page), "words that are not Chinese, before training").toEqual([]);
  await pressStep(page);
  await saved(page, 1);
  await giveText(page, "Dear all, see you.");
  await expect(page.locator(".skipped li")).toHaveText("a.txt: 這是文字檔，不是影像");
  expect(await latin(page), "words that are not Chinese").toEqual([]);
  await page.evaluate(() => document.querySelector(".glossary").setAttribute("open", ""));
  await shot(page, "zh");
  await page.click(".switch button[lang=en]");
  expect(await language(page), "language after switching").toBe("en");
  await expect(page.locator("h1")).toHaveText("DINO in the browser");
  await reload(page);
  await prepared(page);
  await expect(page.locator("h1"), "title after a reload").toHaveText("DINO in the browser");
  expect(page.complaints).toEqual([]);
});

for (const locale of ["en-GB", "zh-TW"]) {
  test(`axe finds nothing: ${locale}, light and dark; ready, trained, help, empty`, async ({ visit }) => {
    const page = await visit({ locale });
    const look = async (state) => {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await painted(page);
        expect(await complaints(page), `${state}, ${colorScheme}`).toEqual([]);
        if (state !== "ready" && state !== "help") await shot(page, `${state}-${locale}-${colorScheme}`);
      }
    };
    await prepared(page);
    await look("ready");
    await pressStep(page);
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    await page.locator("[data-chart='loss'] canvas").waitFor();
    await look("page");
    await page.keyboard.press("?");
    await page.locator("dialog.help[open]").waitFor();
    await look("help");
    await page.keyboard.press("Escape");
    await page.evaluate(() => window.dino.clear());
    await giveText(page, "text, and more of it");
    await page.locator(".skipped li").waitFor();
    await look("empty");
  });
}

test("every width from 320 to 2560, and twice as large", async ({ visit }) => {
  const page = await visit();
  await prepared(page);
  await page.click(".tour button.quiet");
  await pressStep(page);
  for (const lang of ["en", "zh-Hant"]) {
    await page.click(`.switch button[lang=${lang}]`);
    for (const [width, height] of [[320, 640], [360, 740], [700, 450], [768, 1024], [1400, 900], [2560, 1440]]) {
      await page.setViewportSize({ width, height });
      await painted(page);
      await shot(page, `width-${width}-${lang}`, width < 1000);
      expect(await overflow(page), `pixels too wide at ${width} px (${lang})`).toBeLessThanOrEqual(0);
    }
  }
  expect(page.complaints).toEqual([]);
});

test("nothing moves for who wants no motion", async ({ visit }) => {
  const page = await visit({ reducedMotion: "reduce" });
  // What only fades in, the line over a picture that is on its way, does not move.
  const moves = (animation) => animation.playState === "running" && animation.animationName !== "appear";
  const moving = () => page.evaluate(`document.getAnimations().filter(${moves}).length`);
  await prepared(page);
  await page.keyboard.press("Space");
  await until(page, "running", (s) => s.state === "running");
  expect(await moving(), "running animations").toBe(0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(moving, { message: "animations for the others" }).toBeGreaterThan(0);
});
