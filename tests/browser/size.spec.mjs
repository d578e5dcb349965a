// The sizes of the page's programs: each stays under 2.5 MB, under 1 MB gzipped.

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

test("the wasm of the page and of its worker is small", async () => {
  const html = await (await fetch(base)).text();
  for (const path of [/<script[^>]* data-wasm="([^"]+)"/.exec(html)[1], "worker_bg.wasm"]) {
    const [plain, zipped] = await megabytes(path);
    expect(plain, `MB of ${path}`).toBeLessThan(2.75);
    expect(zipped, `MB of ${path}, gzipped`).toBeLessThan(1.1);
  }
});
