// Who can use the page: both languages, both themes, the keyboard alone, every width, axe.
// Environment: see visit.mjs. Prints a line for each test; exits with 1 if one failed.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { start } from "./lib.mjs";
import { SOFTWARE, base, check, end, equal, open, shot, status, test, until } from "./visit.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Words that stay as they are in Chinese: names, units, the terms of the paper, the samples' labels. */
const ALLOWED = new Set(
  `DINO Transformer ViT Tiny WebGPU WebAssembly token CLS softmax EMA KL PCA K NN k ln std
   PNG JPEG WebP GIF BMP AVIF HEIC SVG MB GB ms s px Delete Ctrl V English Caron manifest json samples
   Emerging Properties in Self Supervised Vision Transformers SwiftShader google MLP CSV JSON Spark Small Enter Esc
   facebookresearch pth safetensors timm Hugging Face ImageNet Apache https huggingface co
   bird building dam fish geothermal household invertebrate mammal reptile solar tool windmill`.split(/\s+/),
);

const ready = async (page) => {
  await page.waitForFunction(() => window.dino);
  return until(page, "samples", (s) => s.images > 0 && !s.importing && s.state === "paused");
};

/** Words of Latin letters that a reader of Chinese would meet, outside brackets and file names. */
const latin = (page, allowed) =>
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
  }, [...ALLOWED]);

/** What axe complains of, a line each. */
async function complaints(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.any.concat(node.all, node.none).map((c) => c.message).join("; ")}`),
  );
}

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

const browser = await start(SOFTWARE);
let page;

await test("the tour: four stops by keyboard, skipped or done it does not come again", async () => {
  page = await open(browser);
  const card = page.locator(".tour");
  await card.waitFor();
  equal(await card.getAttribute("data-stop"), "0", "first stop");
  await ready(page);
  await shot(page, "tour", false);
  await card.locator("button.main").focus();
  for (const stop of ["1", "2", "3"]) {
    await page.keyboard.press("Enter");
    await page.waitForFunction((stop) => document.querySelector(".tour")?.dataset.stop === stop, stop);
    check(await page.evaluate(() => document.activeElement.closest(".tour")), "the focus did not go along");
  }
  // What comes into the page above it does not push it out of sight.
  await page.locator(".neighbours .nearest li").first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(500);
  await shot(page, "tour-last", false);
  const done = await card.locator("button.main").boundingBox();
  check(done.y >= 0 && done.y + done.height <= page.viewportSize().height, `the last stop's button is at ${done.y}`);
  await page.keyboard.press("Enter");
  await card.waitFor({ state: "detached" });
  await page.reload();
  await ready(page);
  equal(await card.count(), 0, "cards after a reload");
  // Once more, from the help; Escape ends it.
  await page.keyboard.press("?");
  await page.click("dialog.help button:has-text('tour')");
  await card.waitFor();
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "detached" });
  const other = await open(browser);
  await other.click(".tour button:has-text('Skip the tour')");
  await other.reload();
  await other.waitForFunction(() => window.dino);
  await ready(other);
  equal(await other.locator(".tour").count(), 0, "cards after skipping");
  await other.context().close();
});

await test("the keyboard alone: skip link, help, terms, run, pause, step", async () => {
  // From the top of the page, wherever earlier tests clicked.
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  await page.keyboard.press("Tab");
  await page.waitForFunction(
    () => document.activeElement.matches(".skip") && document.activeElement.getBoundingClientRect().top >= 0,
    null,
    { timeout: 5000 },
  );
  await page.keyboard.press("Enter");
  equal(await page.evaluate(() => document.activeElement.id), "app", "focus after the skip link");
  await page.keyboard.press("?");
  const help = page.locator("dialog.help");
  check((await help.innerText()).includes("run or pause"), "no help");
  await shot(page, "help", false);
  await page.keyboard.press("Escape");
  check(!(await help.isVisible()), "the help does not close");
  await page.keyboard.press(".");
  await until(page, "a step", (s) => s.step === 1 && s.state === "paused");
  await page.keyboard.press("Space");
  await until(page, "running", (s) => s.state === "running");
  await page.keyboard.press("Space");
  await until(page, "pausing", (s) => s.state === "paused");
  const { step } = await status(page);
  const select = page.locator("select:visible").first();
  if (await select.count()) {
    await select.focus();
    await page.keyboard.press(".");
    await page.waitForTimeout(500);
    equal((await status(page)).step, step, "step after typing in a field");
  }
  const term = page.locator(".learning .term button").first();
  await term.focus();
  const ring = await term.evaluate((button) => getComputedStyle(button).outlineWidth);
  check(parseFloat(ring) >= 2, `the focus is not visible: ${ring}`);
  await page.keyboard.press("Enter");
  const note = page.locator(".explanation:popover-open");
  check((await note.innerText()).length > 60, "no explanation");
  const box = await note.boundingBox();
  check(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1400 && box.y + box.height <= 900, `it lies at ${JSON.stringify(box)}`);
  await shot(page, "term", false);
  await page.keyboard.press("Escape");
  equal(await note.count(), 0, "explanations after Escape");
  check(await term.evaluate((button) => button === document.activeElement), "the focus is lost");
});

await test("the picture of the networks shows the numbers of the last step", async () => {
  const { loss, entropy } = await status(page);
  const words = await page.locator(".networks svg.wide").textContent();
  for (const number of [loss.toFixed(3), entropy.toFixed(3), "EMA 0.9"]) {
    check(words.includes(number), `no ${number} in ${words}`);
  }
  const values = await page.locator(".learning .numbers").innerText();
  check(values.includes(loss.toFixed(3)), `no loss in ${values}`);
  await page.locator(".learning").scrollIntoViewIfNeeded();
  await page.locator(".learning").screenshot({ path: `${process.env.SCREENSHOTS ?? "target/screenshots"}/learning.png` });
});

await test("the theme follows the system or the choice, and the choice is kept", async () => {
  const light = await background(page);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background(page);
  check(light !== dark, "the system's dark theme changes nothing");
  await page.click(".switch button[data-choice=light]");
  equal(await background(page), light, "light in a dark system");
  await page.emulateMedia({ colorScheme: "light" });
  await page.click(".switch button[data-choice=dark]");
  equal(await background(page), dark, "dark in a light system");
  await page.reload({ waitUntil: "domcontentloaded" });
  equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark", "theme after a reload");
  await ready(page);
  equal(await page.locator(".switch button[data-choice=dark]").getAttribute("aria-pressed"), "true", "pressed");
  await page.click(".switch button[data-choice=auto]");
  equal(await background(page), light, "the system's theme");
});

await test("Chinese for who prefers it, complete, switched and kept", async () => {
  const context = await browser.newContext({ serviceWorkers: "block", locale: "zh-TW", viewport: { width: 1400, height: 900 } });
  const shell = await context.newPage();
  await shell.route("**/*.wasm*", () => {});
  await shell.goto(base, { waitUntil: "domcontentloaded" });
  await shell.waitForFunction(() => document.documentElement.lang === "zh-Hant");
  equal(await shell.locator("h2").first().innerText(), "影像", "the shell's first place");
  await shot(shell, "shell-zh");
  await context.close();
  const zh = await open(browser, { locale: "zh-TW" });
  await ready(zh);
  equal(await zh.evaluate(() => [document.documentElement.lang, document.title.includes("瀏覽器裡的 DINO")]), ["zh-Hant", true], "language and title");
  await zh.click(".tour button.quiet");
  equal(await latin(zh, ALLOWED), [], "words that are not Chinese, before training");
  await zh.keyboard.press(".");
  await until(zh, "a step", (s) => s.step === 1 && s.state === "paused");
  await zh.locator("input[type=file]").first().setInputFiles({ name: "a.txt", mimeType: "image/png", buffer: Buffer.from("Dear all, see you.") });
  await zh.locator(".skipped li").waitFor();
  equal(await zh.locator(".skipped li").innerText(), "a.txt: 這是文字檔，不是影像", "a reason");
  equal(await latin(zh, ALLOWED), [], "words that are not Chinese");
  await zh.evaluate(() => document.querySelector(".glossary").setAttribute("open", ""));
  await shot(zh, "zh");
  await zh.click(".switch button[lang=en]");
  equal(await zh.evaluate(() => document.documentElement.lang), "en", "language after switching");
  equal(await zh.locator("h1").innerText(), "DINO in the browser", "title");
  await zh.reload();
  await ready(zh);
  equal(await zh.locator("h1").innerText(), "DINO in the browser", "title after a reload");
  equal(zh.complaints, [], "complaints");
  await zh.context().close();
});

for (const locale of ["en-GB", "zh-TW"]) {
  for (const colorScheme of ["light", "dark"]) {
    await test(`axe finds nothing: ${locale}, ${colorScheme}; empty, ready, trained`, async () => {
      const page = await open(browser, { locale, colorScheme });
      await ready(page);
      equal(await complaints(page), [], "ready");
      await page.keyboard.press(".");
      await until(page, "a step", (s) => s.step === 1 && s.state === "paused");
      await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
      await page.waitForTimeout(500);
      equal(await complaints(page), [], "trained");
      await shot(page, `page-${locale}-${colorScheme}`);
      await page.keyboard.press("?");
      equal(await complaints(page), [], "help");
      await page.keyboard.press("Escape");
      await page.evaluate(() => window.dino.clear());
      await page.locator("input[type=file]").first().setInputFiles({ name: "a.txt", mimeType: "image/png", buffer: Buffer.from("text, and more of it") });
      await page.locator(".skipped li").waitFor();
      equal(await complaints(page), [], "empty");
      await shot(page, `empty-${locale}-${colorScheme}`);
      await page.context().close();
    });
  }
}

await test("every width from 320 to 2560, and twice as large", async () => {
  const page = await open(browser, { viewport: { width: 1400, height: 900 } });
  await ready(page);
  await page.click(".tour button.quiet");
  await page.keyboard.press(".");
  await until(page, "a step", (s) => s.step === 1 && s.state === "paused");
  for (const lang of ["en", "zh-Hant"]) {
    await page.click(`.switch button[lang=${lang}]`);
    for (const [width, height] of [[320, 640], [360, 740], [700, 450], [768, 1024], [1400, 900], [2560, 1440]]) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(200);
      check((await overflow(page)) <= 0, `at ${width} px the page is ${await overflow(page)} px too wide (${lang})`);
      await shot(page, `width-${width}-${lang}`, width < 1000);
    }
  }
  equal(page.complaints, [], "complaints");
  await page.context().close();
});

await test("nothing moves for who wants no motion", async () => {
  const running = async (reducedMotion) => {
    const page = await open(browser, { reducedMotion });
    await ready(page);
    await page.keyboard.press("Space");
    await until(page, "running", (s) => s.state === "running");
    // What only fades in, the line over a picture that is on its way, does not move.
    const moves = (animation) => animation.playState === "running" && animation.animationName !== "appear";
    const moving = await page.evaluate(`document.getAnimations().filter(${moves}).length`);
    await page.context().close();
    return moving;
  };
  check((await running("no-preference")) > 0, "nothing moves at all");
  equal(await running("reduce"), 0, "running animations");
});

await test("nothing was complained of", async () => {
  equal(page.complaints, [], "complaints");
});

await browser.close();
end();
