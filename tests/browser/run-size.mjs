// The worker's wasm must stay small: under 2.5 MB, under 1 MB gzipped. Argument: the built page.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Tally } from "./lib.mjs";

const folder = process.argv[2];
const tally = new Tally();
for (const name of readdirSync(folder).filter((name) => name.endsWith(".wasm"))) {
  const bytes = readFileSync(join(folder, name));
  const size = bytes.length / 1e6;
  const zipped = gzipSync(bytes, { level: 9 }).length / 1e6;
  console.log(`${name}: ${size.toFixed(2)} MB, gzipped ${zipped.toFixed(2)} MB`);
  if (!name.startsWith("worker")) continue;
  if (size < 2.5 && zipped < 1) tally.pass(name, 0);
  else tally.fail(name, "expected less than 2.5 MB, and 1 MB gzipped");
}
tally.end();
