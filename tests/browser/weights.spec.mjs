// Weights in and out: checkpoints as files, backbones of others, what is refused, and official weights from a local
// stand-in for the hub.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { drop, text } from "./files.mjs";
import { expect, test } from "./fixtures.mjs";
import { base, newContext, open, openIn, prepared, reload, saved, shot as picture, status, step, traits, until } from "./visit.mjs";
import { WORDS } from "./words.mjs";

const HUB = "https://huggingface.co";

const shot = (page, name) => picture(page, `weights-${name}`);
const place = (page) => page.locator("section.weights");
const button = (page, name) => place(page).getByRole("button", { name, exact: true });
const said = (page, text) => place(page).locator("p[aria-live]", { hasText: text }).waitFor();
const files = (page) => place(page).locator("li", { hasText: "dino-vits16" });

/** Clicks and returns the file that the page gives. */
async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), button(page, name).click()]);
  return { name: file.suggestedFilename(), buffer: readFileSync(await file.path()) };
}

const give = (page, name, buffer) =>
  place(page).locator("input[type=file]").setInputFiles({ name, mimeType: "", buffer });

/** The header of a safetensors file. */
const header = (bytes) => JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())));

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

test.describe.serial("files", () => {
  let page;
  test.beforeAll(async ({ browser }) => {
    page = await open(browser);
    await prepared(page);
  });
  test.afterAll(() => page.context().close());

  test("a checkpoint goes out and comes back to the bit", async () => {
    await step(page, 3);
    const before = await traits(page);
    const file = await download(page, "Save checkpoint");
    expect(file.name).toBe("dino-step-3.safetensors");
    const names = header(file.buffer);
    for (const name of ["student.backbone.blocks.0.attn.qkv.weight", "teacher.head.last_layer.weight_v", "center"]) {
      expect(Object.keys(names)).toContain(name);
    }
    await step(page, 2);
    expect((await status(page)).step, "the step after more training").toBe(5);
    await give(page, file.name, file.buffer);
    await said(page, "the run continues from step 3");
    const after = await traits(page);
    expect(after.step).toBe(3);
    expect(after.bits, "the attention").toEqual(before.bits);
    const alone = Object.keys(header((await download(page, "Save backbone for timm")).buffer));
    expect(alone, "timm's names").toEqual(expect.arrayContaining(["cls_token", "blocks.0.norm1.weight"]));
    expect(alone.filter((name) => /head|backbone|student/.test(name)), "anything else").toEqual([]);
    await place(page).scrollIntoViewIfNeeded();
    await shot(page, "place");
    expect(page.complaints).toEqual([]);
  });

  test("what is no backbone is refused with a sentence and the run stays", async () => {
    const before = await traits(page);
    const whole = safetensors(backbone());
    const missing = backbone();
    delete missing["encoder.layer.0.attention.attention.key.weight"];
    const infinite = backbone();
    infinite["layernorm.bias"][1][3] = Infinity;
    const huge = Buffer.alloc(64);
    huge.writeBigUInt64LE(10n << 30n);
    const code = readFileSync(new URL("../weights/torch/module.pth", import.meta.url));
    const alert = page.locator(".alert");
    for (const [name, bytes, words] of [
      ["cut.safetensors", whole.subarray(0, whole.length - 9), "truncated"],
      ["huge.safetensors", huge, "neither a file of torch.save nor safetensors"],
      ["missing.safetensors", safetensors(missing), "missing: backbone.blocks.0.attn.qkv.weight"],
      ["infinite.safetensors", safetensors(infinite), "`layernorm.bias` in `infinite.safetensors`: expected finite"],
      ["module.pth", code, "`torch.nn.modules.linear.Linear`"],
      ["words.pt", Buffer.from("these are words, no weights"), "words.pt: it is text, without weights"],
    ]) {
      await give(page, name, bytes);
      await expect(alert.filter({ hasText: words }), name).not.toHaveCount(0);
    }
    await shot(page, "refused");
    expect(await traits(page), "the run").toEqual(before);
  });

  test("a repository of weights: endings do not matter, its configuration is read, the next file waits", async () => {
    const buffer = safetensors(backbone());
    const card = text("config.json", "", '{"num_attention_heads": 2}');
    await drop(page, [card, { name: "vit.pth.tar", mimeType: "", buffer }, text("README.md", "", "# ViT")], "h1");
    await drop(page, [{ name: "last.ckpt", mimeType: "", buffer }]);
    await expect(place(page), "while the first is read").toContainText("1 more waits");
    await said(page, "last.ckpt: its backbone is loaded");
    const heads = place(page).locator(".heads select");
    await expect(heads, "heads of 64 in a width of 64").toHaveValue("1");
    await heads.selectOption("4");
    await expect(heads, "chosen heads").toHaveValue("4");
    await shot(page, "heads");
    const { images } = await status(page);
    await drop(page, [{ name: "pytorch_model.bin", mimeType: "", buffer }, card], "h1");
    await said(page, "pytorch_model.bin: its backbone is loaded");
    await expect(heads, "the configuration tells the heads").toHaveCount(0);
    const maps = await page.evaluate(() => window.dino.attention(0).then((a) => a.maps.length));
    expect(maps, "heads of the configuration").toBe(2);
    expect((await status(page)).images, "images").toBe(images);
  });

  test("the other network of a file is taken on request", async () => {
    const both = readFileSync(new URL("../weights/torch/both.pth", import.meta.url));
    await drop(page, [{ name: "both.pth", mimeType: "", buffer: both }], "h1");
    await page.locator(".alert", { hasText: "does not say how many heads" }).first().waitFor();
    await place(page).locator(".heads select").selectOption("1");
    await said(page, "`model.teacher.backbone.…` was taken, `model.student.backbone.…` left");
    await expect(page.locator(".alert", { hasText: "does not say how many heads" }), "the question").toHaveCount(0);
    await shot(page, "networks");
    await button(page, "Take `model.student.backbone.…` instead").click();
    await said(page, "`model.student.backbone.…` was taken, `model.teacher.backbone.…` left");
  });

  test("somebody's backbone is dropped on the page, seen and trained on", async () => {
    await drop(page, [{ name: "theirs.safetensors", mimeType: "", buffer: safetensors(backbone()) }], "h1");
    await said(page, "its backbone is loaded, with a new head");
    await expect(place(page), "what was left out").toContainText("Not used: pooler.dense.weight");
    const begun = await until(page, "the run", (s) => s.state === "paused" && s.step === 0);
    expect(begun.bytes, "bytes of the run").toBeGreaterThan(0);
    const maps = await page.evaluate(() => window.dino.attention(0).then((a) => a.maps.length));
    expect(maps, "heads of 64 in a width of 64").toBe(1);
    expect((await step(page, 2)).step).toBe(2);
    await saved(page, 2);
    await reload(page);
    await page.getByRole("button", { name: WORDS.goOn, exact: true }).click();
    await until(page, "going on", (s) => s.state === "paused" && s.step === 2);
    expect(page.foreign, "foreign requests").toEqual([]);
  });
});

/** A stand-in for the hub; `hub.answer` decides what becomes of the file. */
async function standIn() {
  const bytes = safetensors(backbone());
  const sum = createHash("sha256").update(bytes).digest("hex");
  const hub = { asked: [], answer: () => {} };
  const server = createServer((request, response) => {
    hub.asked.push({ url: request.url, referer: request.headers.referer, cookie: request.headers.cookie });
    const cors = { "access-control-allow-origin": "*" };
    if (request.url.startsWith("/api/")) {
      const list = [{ path: "config.json" }, { path: "model.safetensors", lfs: { oid: sum, size: bytes.length } }];
      response.writeHead(200, { ...cors, "content-type": "application/json" }).end(JSON.stringify(list));
    } else {
      hub.answer({ response, bytes, cors });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  hub.url = `http://127.0.0.1:${server.address().port}`;
  hub.close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return hub;
}

test.describe.serial("official weights", () => {
  let hub;
  let page;
  const dialog = () => page.locator("dialog.official");
  const alert = (words) => dialog().getByRole("alert").filter({ hasText: words });
  const close = () => dialog().getByRole("button", { name: "Close" }).click();

  async function ask() {
    await button(page, "Official weights …").click();
    await dialog().getByRole("button", { name: /^Download ViT-S\/16/ }).click();
  }

  test.beforeAll(async ({ browser }) => {
    hub = await standIn();
    const context = await newContext(browser);
    // Who runs a hub of their own names it in the page's head and in its policy.
    // A page that came by `fulfill` counts as one of the open internet, which may not ask this machine unasked.
    await context.grantPermissions(["local-network-access"], { origin: new URL(base).origin });
    page = await openIn(context, "", (page) =>
      page.route(base, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replaceAll(HUB, hub.url) });
      }),
    );
    await prepared(page);
    await step(page, 1);
  });
  test.afterAll(() => page.context().close());

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
    [
      "is longer",
      ({ response, bytes, cors }) => response.writeHead(200, cors).end(Buffer.concat([bytes, bytes])),
      "cut off or is a different one",
    ],
  ]) {
    test(`an official file that ${name} is refused and the run stays`, async () => {
      hub.answer = answer;
      const before = await traits(page);
      await ask();
      await alert(words).waitFor();
      await shot(page, `official-${name.replaceAll(" ", "-")}`);
      await close();
      expect(await traits(page), "the run").toEqual(before);
      await expect(files(page), "kept files").toHaveCount(0);
    });
  }

  test("a slow file shows its progress and can be stopped", async () => {
    hub.answer = ({ response, bytes, cors }) => {
      response.writeHead(200, { ...cors, "content-length": bytes.length });
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
    };
    await ask();
    await page.waitForFunction(() => {
      const bar = document.querySelector("dialog.official progress");
      return bar && bar.value > 0.4 && bar.value < 0.6;
    });
    await shot(page, "progress");
    await dialog().getByRole("button", { name: "Stop" }).click();
    await alert("Stopped").waitFor();
    await close();
    await expect(files(page), "kept files").toHaveCount(0);
  });

  test("official weights are asked for, fetched, checked and kept", async () => {
    hub.answer = ({ response, bytes, cors }) => response.writeHead(200, cors).end(bytes);
    hub.asked.length = 0;
    await button(page, "Official weights …").click();
    for (const part of [hub.url, "Apache-2.0", "Download ViT-S/16, 86.7 MB", "Download ViT-S/8, 86.7 MB"]) {
      await expect(dialog()).toContainText(part);
    }
    await shot(page, "question");
    expect(hub.asked, "what is asked before the click").toEqual([]);
    await dialog().getByRole("button", { name: /^Download ViT-S\/16/ }).click();
    await said(page, "dino-vits16.safetensors: its backbone is loaded");
    expect(hub.asked.map((a) => a.url)).toEqual([
      "/api/models/facebook/dino-vits16/tree/main",
      "/facebook/dino-vits16/resolve/main/model.safetensors",
    ]);
    expect(hub.asked.filter((a) => a.referer || a.cookie), "what is told but what is wanted").toEqual([]);
    expect(page.foreign.filter((url) => !url.startsWith(hub.url)), "foreign requests").toEqual([]);
    await files(page).waitFor();
    await shot(page, "kept");
    // The next time nobody is asked.
    await button(page, "Official weights …").click();
    await dialog().getByRole("button", { name: "Load ViT-S/16, kept here" }).click();
    await said(page, "dino-vits16.safetensors: its backbone is loaded");
    expect(hub.asked, "requests").toHaveLength(2);
    await place(page).getByRole("button", { name: "Delete dino-vits16.safetensors" }).click();
    await files(page).waitFor({ state: "detached" });
  });

  test("a hub that cannot be reached, and one that the policy forbids, are named", async () => {
    await hub.close();
    await ask();
    await alert(`${hub.url} cannot be reached`).waitFor();
    const forbidden = await page.evaluate(() => fetch("https://example.org/").then(() => "allowed", () => "forbidden"));
    expect(forbidden, "another host").toBe("forbidden");
  });
});
