// The sizes of the page's programs: the worker's stays under 2.5 MB, under 1 MB gzipped.

import { gzipSync } from "node:zlib";
import { expect, test } from "./fixtures.mjs";
import { base, note } from "./visit.mjs";

/** Megabytes of a file of the page, plain and gzipped. */
async function megabytes(path) {
  const answer = await fetch(new URL(path, base));
  expect(answer.status, path).toBe(200);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const sizes = [bytes.length / 1e6, gzipSync(bytes, { level: 9 }).length / 1e6];
  note(`${path}: ${sizes[0].toFixed(2)} MB, gzipped ${sizes[1].toFixed(2)} MB`);
  return sizes;
}

test("the worker's wasm is small", async () => {
  const html = await (await fetch(base)).text();
  await megabytes(/<script[^>]* data-wasm="([^"]+)"/.exec(html)[1]);
  const [plain, zipped] = await megabytes("worker_bg.wasm");
  expect(plain, "MB").toBeLessThan(2.5);
  expect(zipped, "MB gzipped").toBeLessThan(1);
});
