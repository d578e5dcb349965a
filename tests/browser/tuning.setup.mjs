// The first visit of a run of tests: the page measures its kernels on this adapter, and the other visits are given
// what it chose, as a browser gives it to a second visit.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "./fixtures.mjs";
import { NOTHING, TUNING, prepared, step } from "./visit.mjs";

test("a first visit measures the kernels, and trains", async ({ visit }) => {
  const page = await visit({ storageState: NOTHING });
  await prepared(page);
  expect((await step(page, 1)).step).toBe(1);
  const { origins } = await page.context().storageState();
  const kept = origins.flatMap(({ localStorage }) => localStorage).filter(({ name }) => name === "dino.tuning");
  expect(kept, "kept measurements").toHaveLength(1);
  expect(JSON.parse(kept[0].value).choices.length).toBeGreaterThan(0);
  mkdirSync(dirname(TUNING), { recursive: true });
  writeFileSync(TUNING, JSON.stringify({ cookies: [], origins: [{ origin: origins[0].origin, localStorage: kept }] }));
});
