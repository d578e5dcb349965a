// The page as a person meets it, in a real Chromium on the software adapter.
// Environment: BASE_URL (where the page is served), CHROMIUM (the program), NODE_PATH, SCREENSHOTS (a
// folder, default target/screenshots). Prints a line for each test; exits with 1 if one failed.

import { deflateSync } from "node:zlib";
import { start } from "./lib.mjs";
import { SOFTWARE, base, check, drawn, drop, end, equal, open, shot, status, test, until } from "./visit.mjs";

const number = (page, name) => page.locator(`[data-number="${name}"]`).innerText();

/** A JPEG with an EXIF segment that says: turn me clockwise. */
function turned(file) {
  const jpeg = Buffer.from(file.base64, "base64");
  const exif = Buffer.from(
    "ffe10022457869660000" + "4d4d002a00000008" + "0001" + "011200030000000100060000" + "00000000",
    "hex",
  );
  const bytes = Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
  return { ...file, base64: bytes.toString("base64") };
}

/** A PNG of one bit a pixel, all black: 16000 × 16000 of them weigh 31 kB. */
function bomb(side) {
  const table = Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
  });
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    let crc = 0xffffffff;
    for (const byte of body) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((side / 8 + 1) * side), { level: 9 });
  const magic = Buffer.from("89504e470d0a1a0a", "hex");
  const parts = [magic, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat(parts).toString("base64");
}

/** A canvas as [width, height, pixels], read back from the screen's own surface. */
const canvas = (page, selector) =>
  page.locator(selector).first().evaluate((canvas) => {
    const { width, height } = canvas;
    return [width, height, [...canvas.getContext("2d").getImageData(0, 0, width, height).data]];
  });

/** The pixels of an <img>, as of a canvas. */
const picture = (page, selector) =>
  page.locator(selector).first().evaluate(async (image) => {
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(image, 0, 0);
    return [width, height, [...context.getImageData(0, 0, width, height).data]];
  });

/** How many images the list says it has. */
const listed = async (page) =>
  Number(await page.locator(".thumbnail").first().getAttribute("aria-setsize"));

const cameTo = (page) => page.locator(".summary .came-to").innerText();

function pixel([width, , data], x, y) {
  return data.slice((y * width + x) * 4, (y * width + x) * 4 + 3);
}

const plain = (text) => Buffer.from(text).toString("base64");

// ---------------------------------------------------------------------------------------------

const browser = await start(SOFTWARE);

let page;
let samples;

await test("the shell reads well before the program is there", async () => {
  const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 } });
  const shell = await context.newPage();
  await shell.route("**/*.wasm*", () => {});
  await shell.goto(base, { waitUntil: "domcontentloaded" });
  await shell.waitForSelector("h1");
  equal(await shell.locator("h2").allInnerTexts(), ["Images", "Training", "Attention"], "h2");
  await shot(shell, "shell");
  await context.close();
});

await test("the samples load by themselves and a run is prepared", async () => {
  page = await open(browser);
  const manifest = await page.evaluate(async () => (await fetch("samples/manifest.json")).json());
  samples = manifest.images.length;
  const s = await until(page, "preparing", (s) => s.images === samples && s.state === "paused");
  check(s.adapter.length > 0, "the adapter has no name");
  equal(s.step, 0, "step");
  equal(s.loss, null, "loss before the first step");
  equal(await listed(page), samples, "thumbnails");
  equal(await cameTo(page), `${samples} added`, "summary");
  check(
    (await page.locator("section[aria-labelledby=training]").innerText()).includes("smallest preset"),
    "the page does not say why it chose the smallest preset",
  );
  await page.waitForSelector(".map canvas");
  await page.waitForSelector(".crop canvas");
  await shot(page, "ready");
});

let first;
await test("20 steps on the samples: the loss changes and is finite", async () => {
  await page.click("button:has-text('Step'):not(:has-text('Steps'))");
  const one = await until(page, "the first step", (s) => s.step === 1 && s.state === "paused");
  check(Number.isFinite(one.loss) && one.loss > 0, `loss ${one.loss}`);
  await page.waitForFunction(() => document.querySelector("#attention").parentElement.innerText.includes("at step 1"));
  first = await canvas(page, ".map[data-head='0'] canvas");
  const crop = await canvas(page, ".crop canvas");
  await page.click("button:has-text('Start')");
  await until(page, "running", (s) => s.state === "running");
  await shot(page, "running");
  await page.evaluate(() => (window.longTasks.length = 0));
  await until(page, "step 20", (s) => s.step >= 20);
  const long = await page.evaluate(() => window.longTasks);
  console.log(`     tasks over 50 ms on the main thread while training: ${JSON.stringify(long)}`);
  await page.click("button:has-text('Pause')");
  const s = await until(page, "pause", (s) => s.state === "paused");
  check(s.step >= 20, `step ${s.step}`);
  check(Number.isFinite(s.loss) && s.loss !== one.loss, `loss ${one.loss} then ${s.loss}`);
  check(s.entropy > 0 && s.entropy <= s.lnK + 1e-3, `entropy ${s.entropy} of ${s.lnK}`);
  await page.waitForFunction(
    (step) => document.querySelector("#attention").parentElement.innerText.includes(`at step ${step}`),
    s.step,
  );
  const later = await canvas(page, ".crop canvas");
  check(JSON.stringify(crop) !== JSON.stringify(later), "the crops are still those of step 1");
  check(s.imagesPerSecond > 0, `images a second ${s.imagesPerSecond}`);
  equal(await number(page, "loss"), s.loss.toFixed(3), "loss on the page");
  check(/ln\sK/.test(await number(page, "entropy")), "ln K is not beside the entropy");
  await page.waitForTimeout(300);
  equal((await status(page)).step, s.step, "step after pausing");
});

await test("attention is drawn, for every head, and changes with training", async () => {
  const maps = await page.evaluate(() => window.dino.attention(0));
  check(maps.heads >= 2, `heads ${maps.heads}`);
  equal(await page.locator(".map").count(), maps.heads + 1, "maps on the page");
  const arrays = await page.evaluate(async () => {
    const a = await window.dino.attention(0);
    return [a.maps.map((m) => [m instanceof Float32Array, ...m]), [...a.mean]];
  });
  for (const [typed, ...values] of arrays[0]) {
    check(typed, "not a Float32Array");
    equal(values.length, maps.width * maps.height, "values in a map");
    const sum = values.reduce((a, b) => a + b, 0);
    check(values.every((v) => v >= 0) && sum > 0 && sum <= 1.0001, `sum of a head ${sum}`);
  }
  const mean = arrays[0].reduce((sum, [, value]) => sum + value, 0) / arrays[0].length;
  check(Math.abs(mean - arrays[1][0]) < 1e-6, `mean ${arrays[1][0]} instead of ${mean}`);
  const heads = await Promise.all(
    ["0", "1", "mean"].map((head) => canvas(page, `.map[data-head='${head}'] canvas`)),
  );
  for (const [, , data] of heads) {
    check(new Set(data).size > 8, "a map is blank");
  }
  check(JSON.stringify(heads[0]) !== JSON.stringify(heads[1]), "two heads look the same");
  check(JSON.stringify(heads[0]) !== JSON.stringify(first), "20 steps changed nothing");
  await shot(page, "trained");
});

await test("another image can be chosen", async () => {
  const before = await canvas(page, ".maps figure canvas");
  await page.locator(".thumbnail").nth(5).click();
  await page.waitForFunction(
    (before) => {
      const canvas = document.querySelector(".maps figure canvas");
      const { width, height } = canvas;
      const data = [...canvas.getContext("2d").getImageData(0, 0, width, height).data];
      return JSON.stringify([width, height, data]) !== before;
    },
    JSON.stringify(before),
  );
  equal(await page.locator(".thumbnail[aria-selected='true']").count(), 1, "chosen thumbnails");
  const crops = await page.evaluate(async () =>
    (await window.dino.crops(5)).map(({ name, frame, image }) => [name, frame, image.width]),
  );
  equal(await page.locator(".crop").count(), crops.length, "crops on the page");
  for (const [name, [x, y, w, h], width] of crops) {
    check(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 1.0001 && y + h <= 1.0001, `frame of ${name}`);
    check(width > 0, `${name} is empty`);
  }
});

await test("three dropped files alone: repeated in a batch, trained on", async () => {
  await page.click("button:has-text('Remove all')");
  await until(page, "removal", (s) => s.images === 0);
  await shot(page, "empty");
  await drop(page, [
    await drawn(page, "wide.png", "image/png", 300, 120),
    await drawn(page, "photo.jpg", "image/jpeg", 200, 200),
    await drawn(page, "small.webp", "image/webp", 40, 64),
  ]);
  await until(page, "import", (s) => s.images === 3 && !s.importing);
  equal(await cameTo(page), "3 added", "summary");
  const before = await status(page);
  await page.click("button:has-text('Start')");
  await until(page, "steps on own images", (s) => s.step >= before.step + 5);
  await page.click("button:has-text('Pause')");
  const s = await until(page, "pause", (s) => s.state === "paused");
  check(Number.isFinite(s.loss) && s.loss !== before.loss, `loss ${before.loss} then ${s.loss}`);
  const notice = await page.locator(".notice").innerText();
  check(/only 3 images for a batch of \d+/.test(notice), notice);
  await shot(page, "own-images");
});

await test("bad files get a sentence each, the good one among them is added", async () => {
  await drop(page, [
    { name: "empty.png", type: "image/png", base64: "" },
    { name: "bomb.png", type: "image/png", base64: bomb(16000) },
    { name: "letter.jpg", type: "image/jpeg", base64: plain("Dear all, see you on Monday.") },
    { name: "logo.svg", type: "image/svg+xml", base64: plain("<svg xmlns='http://www.w3.org/2000/svg'/>") },
    {
      name: "cut.jpg",
      type: "image/jpeg",
      base64: Buffer.from((await drawn(page, "", "image/jpeg", 400, 300)).base64, "base64")
        .subarray(0, 900)
        .toString("base64"),
    },
    await drawn(page, "good.png", "image/png", 64, 64),
  ]);
  const s = await until(page, "import", (s) => s.images === 4 && !s.importing);
  equal(s.state, "paused", "state");
  const lines = await page.locator(".skipped li").allInnerTexts();
  equal(
    lines,
    [
      "empty.png: the file is empty (0 bytes)",
      "bomb.png: 16000×16000 pixels are 256 MP; at most 50 MP",
      "letter.jpg: this is text, not an image",
      "logo.svg: SVG is a drawing, not a photograph: export it as PNG or JPEG first",
      "cut.jpg: the file is cut off before the end of the picture",
    ],
    "sentences",
  );
  const line = await cameTo(page);
  equal(line, "1 added, 5 skipped: 1 empty, 1 too large, 1 text, 1 SVG, 1 truncated", "summary");
  await shot(page, "bad-files");
});

await test("a photograph that its camera turned stands upright", async () => {
  await drop(page, [turned(await drawn(page, "turned.jpg", "image/jpeg", 120, 60))]);
  await until(page, "import", (s) => s.images === 5 && !s.importing);
  const thumbnail = await picture(page, ".thumbnail[title='turned.jpg'] img");
  equal(thumbnail.slice(0, 2), [60, 120], "size");
  const [top, bottom] = [pixel(thumbnail, 30, 20), pixel(thumbnail, 30, 100)];
  check(top[0] > 200 && top[2] < 60, `top is ${top}`);
  check(bottom[2] > 200 && bottom[0] < 60, `bottom is ${bottom}`);
});

await test("the file picker adds files", async () => {
  await page.locator("input[type=file]").first().setInputFiles({
    name: "picked.png",
    mimeType: "image/png",
    buffer: Buffer.from((await drawn(page, "", "image/png", 50, 50)).base64, "base64"),
  });
  await until(page, "import", (s) => s.images === 6 && !s.importing);
});

await test("window.dino: reset with a seed repeats a run, mistakes reject with a sentence", async () => {
  const run = () =>
    page.evaluate(async () => {
      await window.dino.reset(undefined, 7);
      return (await window.dino.step(3)).loss;
    });
  const [one, two] = [await run(), await run()];
  check(Number.isFinite(one) && one === two, `losses ${one} and ${two}`);
  equal((await status(page)).step, 3, "step");
  const added = await page.evaluate(async () => {
    const bytes = await (await fetch("samples/manifest.json")).arrayBuffer();
    return window.dino.addImages([new File([bytes], "manifest.png")]);
  });
  equal(added.skipped, [{ name: "manifest.png", reason: "this is text, not an image" }], "skipped");
  const mistakes = await page.evaluate(() =>
    Promise.all(
      [
        window.dino.attention(9999),
        window.dino.attention(-1),
        window.dino.reset("nonsense"),
        window.dino.addImages(["not a file"]),
        window.dino.step(1.5),
      ].map((promise) => promise.then(() => "nothing", (error) => error.message)),
    ),
  );
  for (const [i, word] of ["9999", "-1", "nonsense", "files", "1.5"].entries()) {
    check(mistakes[i].includes(word), `mistake ${i}: ${mistakes[i]}`);
  }
});

await test("one image alone trains", async () => {
  await page.evaluate(() => window.dino.clear());
  await drop(page, [await drawn(page, "only.png", "image/png", 80, 80)]);
  await until(page, "import", (s) => s.images === 1 && !s.importing);
  const { loss } = await page.evaluate(() => window.dino.step(2));
  check(Number.isFinite(loss), `loss ${loss}`);
  check((await page.locator(".notice").innerText()).includes("only 1 image"), "no notice");
});

await test("measurements of the adapter outlive a visit; retune forgets them", async () => {
  const kept = () => page.evaluate(() => localStorage.getItem("dino.tuning"));
  const first = await kept();
  check(JSON.parse(first).choices.length > 0, `no choice in ${first}`);
  const again = async () => {
    await page.reload();
    await page.waitForFunction(() => window.dino);
    await until(page, "preparing", (s) => s.images === samples && s.state === "paused");
    return kept();
  };
  equal(await again(), first, "measurements after a visit that finds them");
  // Of another adapter: refused and replaced, and the page works on.
  await page.evaluate((text) => localStorage.setItem("dino.tuning", text), first.replace('"adapter":"', '$&no '));
  equal(JSON.parse(await again()).adapter, JSON.parse(first).adapter, "adapter");
  await page.evaluate(() => window.dino.retune());
  equal(await kept(), null, "after retune");
});

await test("nothing was complained of, and no other origin was asked", async () => {
  equal(page.complaints, [], "complaints");
});

await test("a phone, in the dark", async () => {
  const phone = await open(browser, {
    viewport: { width: 360, height: 740 },
    colorScheme: "dark",
    deviceScaleFactor: 2,
  });
  await until(phone, "preparing", (s) => s.images === samples && s.state === "paused");
  await phone.evaluate(() => window.dino.step(2));
  await phone.waitForSelector(".map canvas");
  const overflow = await phone.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  check(overflow <= 0, `the page is ${overflow} px too wide`);
  await shot(phone, "phone-dark");
  equal(phone.complaints, [], "complaints");
  await phone.context().close();
});

await browser.close();

await test("without a WebGPU adapter the page says so and what to do", async () => {
  const plainBrowser = await start([]);
  try {
    const poor = await open(plainBrowser);
    const alert = poor.locator(".alert.grave");
    await alert.waitFor();
    const words = await alert.innerText();
    check(/has WebGPU but gives no graphics adapter|has no WebGPU/.test(words), words);
    await shot(poor, "no-adapter");
    const start = poor.locator("section[aria-labelledby=training] > .buttons button.main");
    check(await start.isDisabled(), "Start can be pressed");
    equal(poor.complaints, [], "complaints");

    const context = await plainBrowser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 } });
    await context.addInitScript(() => delete Navigator.prototype.gpu);
    const old = await context.newPage();
    await old.goto(base);
    await old.locator(".alert.grave").waitFor();
    const missing = await old.locator(".alert.grave").innerText();
    check(missing.includes("This browser has no WebGPU"), missing);
    await shot(old, "no-webgpu");

    const insecure = await plainBrowser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 } });
    await insecure.addInitScript(() =>
      Object.defineProperty(window, "isSecureContext", { get: () => false }),
    );
    const http = await insecure.newPage();
    await http.goto(base);
    await http.locator(".alert.grave").waitFor();
    const words2 = await http.locator(".alert.grave").innerText();
    check(words2.includes("secure connection"), words2);
  } finally {
    await plainBrowser.close();
  }
});

end();
