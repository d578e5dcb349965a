// Weights in and out, in a real Chromium on the software adapter: checkpoints as files, backbones of others,
// what is refused, and official weights from a local stand-in for the hub.
// Environment: see visit.mjs; ONLY (a part of a test's name) runs those tests alone.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { start } from "./lib.mjs";
import { SOFTWARE, base, check, end, equal, shot as picture, status, test as counted, until } from "./visit.mjs";

const HUB = "https://huggingface.co";

const browser = await start(SOFTWARE);

/** A test with a context of its own. */
async function test(name, body) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) return;
  await counted(name, async () => {
    const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 } });
    try {
      await body(context);
    } catch (error) {
      const pages = context.pages().filter((page) => !page.isClosed());
      if (pages.length) await picture(pages.at(-1), "weights-failed").catch(() => {});
      throw error;
    } finally {
      await context.close();
    }
  });
}

async function open(context, prepare = () => {}) {
  const page = await context.newPage();
  await prepare(page);
  page.complaints = [];
  page.foreign = [];
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.complaints.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(blob|data):/.test(url)) page.foreign.push(url);
  });
  await page.goto(base);
  await page.waitForFunction(() => window.dino);
  await until(page, "preparing", (s) => s.images > 0 && !s.importing && s.state === "paused");
  return page;
}

const shot = (page, name) => picture(page, `weights-${name}`);
const step = (page, steps) => page.evaluate((steps) => window.dino.step(steps), steps);

/** Numbers and attention of a run, to the bit. */
const traits = (page) =>
  page.evaluate(async () => {
    const { step, loss } = await window.dino.status();
    const { maps } = await window.dino.attention(3);
    const bits = maps.flatMap((map) => [...new Uint32Array(map.buffer, map.byteOffset, map.length)]);
    return { step, loss, bits };
  });

const place = (page) => page.locator("section.weights");
const button = (page, name) => place(page).getByRole("button", { name, exact: true });
const said = (page, text) => place(page).locator("p[aria-live]", { hasText: text }).waitFor({ timeout: 120_000 });

/** Clicks and returns the file that the page gives. */
async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), button(page, name).click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

const give = (page, name, buffer) =>
  place(page).locator("input[type=file]").setInputFiles({ name, mimeType: "", buffer });

/** A file dropped on an element. */
const drop = (page, selector, name, bytes) =>
  page.evaluate(
    ([selector, name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
      const at = document.querySelector(selector);
      for (const kind of ["dragover", "drop"]) {
        at.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    },
    [selector, name, bytes.toString("base64")],
  );

/** Tensors by name as [shape, numbers] in a safetensors file. */
function safetensors(tensors) {
  const header = {};
  const parts = [];
  let offset = 0;
  for (const [name, [shape, data]] of Object.entries(tensors)) {
    const bytes = Buffer.from(Float32Array.from(data).buffer);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, (offset += bytes.length)] };
    parts.push(bytes);
  }
  let text = JSON.stringify(header);
  text += " ".repeat((8 - (text.length % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, Buffer.from(text), ...parts]);
}

/** A backbone in Hugging Face's names: width 64, one block, patches of 8 px, positions for 32 px. */
function backbone() {
  let state = 1;
  const random = () => ((state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32 - 0.5) * 0.3;
  const tensors = {};
  const add = (name, shape, value = random) => {
    tensors[name] = [shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value)];
  };
  const d = 64;
  add("embeddings.cls_token", [1, 1, d]);
  add("embeddings.position_embeddings", [1, 17, d]);
  add("embeddings.patch_embeddings.projection.weight", [d, 3, 8, 8]);
  add("embeddings.patch_embeddings.projection.bias", [d]);
  const linear = (name, out, input) => {
    add(`${name}.weight`, [out, input]);
    add(`${name}.bias`, [out]);
  };
  const norm = (name) => {
    add(`${name}.weight`, [d], () => 1);
    add(`${name}.bias`, [d], () => 0);
  };
  const block = "encoder.layer.0";
  norm(`${block}.layernorm_before`);
  for (const part of ["query", "key", "value"]) linear(`${block}.attention.attention.${part}`, d, d);
  linear(`${block}.attention.output.dense`, d, d);
  norm(`${block}.layernorm_after`);
  linear(`${block}.intermediate.dense`, 4 * d, d);
  linear(`${block}.output.dense`, d, 4 * d);
  norm("layernorm");
  add("pooler.dense.weight", [4, 4]);
  return tensors;
}

await test("a checkpoint goes out and comes back to the bit", async (context) => {
  const page = await open(context);
  await step(page, 3);
  const before = await traits(page);
  const file = await download(page, "Save checkpoint");
  equal(file.name, "dino-step-3.safetensors", "its name");
  const header = JSON.parse(file.bytes.subarray(8, 8 + Number(file.bytes.readBigUInt64LE())));
  check(header["student.backbone.blocks.0.attn.qkv.weight"], "official names");
  check(header["teacher.head.last_layer.weight_v"] && header.center, "both networks and the centre");
  await step(page, 2);
  equal((await status(page)).step, 5, "the step after more training");
  await give(page, file.name, file.bytes);
  await said(page, "the run goes on from step 3");
  const after = await traits(page);
  equal([after.step, after.bits.length], [3, before.bits.length], "step and maps");
  check(after.bits.every((bit, i) => bit === before.bits[i]), "the attention differs");
  const alone = await download(page, "Save backbone for timm");
  const names = Object.keys(JSON.parse(alone.bytes.subarray(8, 8 + Number(alone.bytes.readBigUInt64LE()))));
  check(names.includes("cls_token") && names.includes("blocks.0.norm1.weight"), "timm's names");
  check(!names.some((name) => /head|backbone|student/.test(name)), "nothing else");
  await place(page).scrollIntoViewIfNeeded();
  await shot(page, "place");
  equal(page.complaints, [], "complaints");
  equal(page.foreign, [], "foreign requests");
});

await test("somebody's backbone is dropped on the page, seen and trained on", async (context) => {
  const page = await open(context);
  await drop(page, "h1", "theirs.safetensors", safetensors(backbone()));
  await said(page, "its backbone is here under a fresh head");
  check((await place(page).innerText()).includes("Not used: pooler.dense.weight"), "what was left out is named");
  const begun = await until(page, "the run", (s) => s.state === "paused" && s.step === 0);
  check(begun.bytes > 0, "a run is there");
  const maps = await page.evaluate(() => window.dino.attention(0).then((a) => a.maps.length));
  equal(maps, 1, "heads of 64 in a width of 64");
  await step(page, 2);
  equal((await status(page)).step, 2, "it trains");
  await until(page, "keeping", (s) => s.saved === 2);
  await page.reload();
  await page.waitForFunction(() => window.dino);
  await page.getByRole("button", { name: "Go on" }).click();
  await until(page, "going on", (s) => s.state === "paused" && s.step === 2);
  equal(page.foreign, [], "foreign requests");
});

await test("what is no backbone is refused with a sentence and the run stays", async (context) => {
  const page = await open(context);
  await step(page, 2);
  const before = await traits(page);
  const whole = safetensors(backbone());
  const missing = backbone();
  delete missing["encoder.layer.0.attention.attention.key.weight"];
  const infinite = backbone();
  infinite["layernorm.bias"][1][3] = Infinity;
  const huge = Buffer.alloc(64);
  huge.writeBigUInt64LE(10n << 30n);
  const code = readFileSync(new URL("../weights/code.pth", import.meta.url));
  for (const [name, bytes, words] of [
    ["cut.safetensors", whole.subarray(0, whole.length - 9), "truncated"],
    ["huge.safetensors", huge, "expected a safetensors header of 10737418240 bytes"],
    ["missing.safetensors", safetensors(missing), "missing: backbone.blocks.0.attn.qkv.weight"],
    ["infinite.safetensors", safetensors(infinite), "`layernorm.bias` in `infinite.safetensors`: expected finite"],
    ["code.pth", code, "`posix.system`"],
    ["words.pt", Buffer.from("these are words, no weights"), "words.pt: expected a safetensors header"],
  ]) {
    await give(page, name, bytes);
    await page.locator(".alert", { hasText: words }).waitFor({ timeout: 30_000 }).catch(async () => {
      throw new Error(`${name}: ${await page.locator(".alert").allInnerTexts()}`);
    });
  }
  await shot(page, "refused");
  equal(await traits(page), before, "the run");
  await drop(page, "h1", "cat.png", Buffer.from("x"));
  await page.locator(".alert", { hasText: "images belong into the place for images" }).waitFor();
});

/** A stand-in for the hub; `answer` decides what becomes of the file. */
async function standIn(answer) {
  const bytes = safetensors(backbone());
  const sum = createHash("sha256").update(bytes).digest("hex");
  const asked = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url, referer: request.headers.referer, cookie: request.headers.cookie });
    const cors = { "access-control-allow-origin": "*" };
    if (request.url.startsWith("/api/")) {
      const list = [{ path: "config.json" }, { path: "model.safetensors", lfs: { oid: sum, size: bytes.length } }];
      response.writeHead(200, { ...cors, "content-type": "application/json" }).end(JSON.stringify(list));
    } else {
      answer({ response, bytes, cors });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  // Who runs a hub of their own names it in the page's head and in its policy.
  // A page that came by `fulfill` counts as one of the open internet, which may not ask this machine unasked.
  const prepare = async (page) => {
    await page.context().grantPermissions(["local-network-access"], { origin: new URL(base).origin });
    await page.route(base, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replaceAll(HUB, url) });
    });
  };
  return { prepare, asked, url, close: () => server.close() };
}

const whole = ({ response, bytes, cors }) => response.writeHead(200, cors).end(bytes);
const dialog = (page) => page.locator("dialog.official");

/** Asks for official weights. */
async function ask(page) {
  await button(page, "Official weights …").click();
  await dialog(page).getByRole("button", { name: /^Fetch ViT-S\/16/ }).click();
}

await test("official weights are asked for, fetched, checked and kept", async (context) => {
  const hub = await standIn(whole);
  const page = await open(context, hub.prepare);
  await button(page, "Official weights …").click();
  const words = await dialog(page).innerText();
  for (const part of [hub.url, "Apache-2.0", "Fetch ViT-S/16, 86.7 MB", "Fetch ViT-S/8, 86.7 MB"]) {
    check(words.includes(part), `“${part}” in: ${words}`);
  }
  await shot(page, "question");
  equal(hub.asked, [], "nothing is asked before the click");
  await dialog(page).getByRole("button", { name: /^Fetch ViT-S\/16/ }).click();
  await said(page, "dino-vits16.safetensors: its backbone is here");
  equal(
    hub.asked.map((a) => a.url),
    ["/api/models/facebook/dino-vits16/tree/main", "/facebook/dino-vits16/resolve/main/model.safetensors"],
    "requests",
  );
  check(hub.asked.every((a) => !a.referer && !a.cookie), "nothing is told but what is wanted");
  check(page.foreign.every((url) => url.startsWith(hub.url)), `foreign: ${page.foreign}`);
  await place(page).locator("li", { hasText: "dino-vits16.safetensors" }).waitFor();
  await shot(page, "kept");
  // The next time nobody is asked.
  await button(page, "Official weights …").click();
  await dialog(page).getByRole("button", { name: "Load ViT-S/16, kept here" }).click();
  await said(page, "dino-vits16.safetensors: its backbone is here");
  equal(hub.asked.length, 2, "requests");
  await place(page).getByRole("button", { name: "Delete dino-vits16.safetensors" }).click();
  await place(page).locator("li", { hasText: "dino-vits16.safetensors" }).waitFor({ state: "detached" });
  hub.close();
});

for (const [name, answer, words] of [
  ["is not there", ({ response, cors }) => response.writeHead(404, cors).end(), "answered 404"],
  [
    "is cut off",
    ({ response, bytes, cors }) => {
      response.writeHead(200, { ...cors, "content-length": bytes.length });
      response.write(bytes.subarray(0, 5000), () => setTimeout(() => response.destroy(), 200));
    },
    "cut off",
  ],
  [
    "has wrong bytes",
    ({ response, bytes, cors }) => {
      const other = Buffer.from(bytes);
      other[other.length - 1] ^= 1;
      response.writeHead(200, cors).end(other);
    },
    "SHA-256 differs",
  ],
  ["is longer", ({ response, bytes, cors }) => response.writeHead(200, cors).end(Buffer.concat([bytes, bytes])), "cut off or is another one"],
]) {
  await test(`an official file that ${name} is refused and the run stays`, async (context) => {
    const hub = await standIn(answer);
    const page = await open(context, hub.prepare);
    await step(page, 1);
    const before = await traits(page);
    await ask(page);
    await dialog(page).getByRole("alert").filter({ hasText: words }).waitFor({ timeout: 20_000 });
    await shot(page, `official-${name.replaceAll(" ", "-")}`);
    await dialog(page).getByRole("button", { name: "Close" }).click();
    equal(await traits(page), before, "the run");
    equal(await place(page).locator("li", { hasText: "dino-vits16" }).count(), 0, "kept files");
    hub.close();
  });
}

await test("a slow file shows its progress and can be stopped", async (context) => {
  const hub = await standIn(({ response, bytes, cors }) => {
    response.writeHead(200, { ...cors, "content-length": bytes.length });
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
  });
  const page = await open(context, hub.prepare);
  await ask(page);
  await page.waitForFunction(() => {
    const bar = document.querySelector("dialog.official progress");
    return bar && bar.value > 0.4 && bar.value < 0.6;
  });
  await shot(page, "progress");
  await dialog(page).getByRole("button", { name: "Stop" }).click();
  await dialog(page).getByRole("alert").filter({ hasText: "Stopped" }).waitFor();
  equal(await place(page).locator("li", { hasText: "dino-vits16" }).count(), 0, "kept files");
  hub.close();
});

await test("a hub that cannot be reached, and one that the policy forbids, are named", async (context) => {
  const hub = await standIn(whole);
  hub.close();
  const page = await open(context, hub.prepare);
  await ask(page);
  await dialog(page).getByRole("alert").filter({ hasText: `${hub.url} cannot be reached` }).waitFor({ timeout: 20_000 });
  const forbidden = await page.evaluate(() => fetch("https://example.org/").then(() => "allowed", () => "forbidden"));
  equal(forbidden, "forbidden", "another host");
});

await browser.close();
end();
