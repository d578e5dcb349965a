// Configuration of the browser tests: two workers, each with one browser; no retry; a trace of what failed.
// `cargo xtask` starts the runner and sets the environment: BASE_URL (where the page is served) or HARNESS_URL
// and CASES (see harness.spec.mjs), LOCAL (the page is compiled fast, so its size says nothing), CHROMIUM (the program), TARGET (the folder for what tests write), NODE_PATH.
// Invariant: no browser is downloaded, and no limit of time here is close to what a busy machine needs.

import { join } from "node:path";
import { SOFTWARE } from "./lib.mjs";
import { TARGET } from "./visit.mjs";

export default {
  testDir: ".",
  workers: Number(process.env.WORKERS || 2),
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 15 * 60_000,
  globalTimeout: 80 * 60_000,
  expect: { timeout: 60_000 },
  reporter: [["list"], ["./reporter.mjs"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: process.env.CHROMIUM, args: SOFTWARE },
    actionTimeout: 60_000,
    navigationTimeout: 120_000,
    screenshot: "only-on-failure",
    // Without the snapshots of the page, which take a third of the time; `--trace on` has them.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: false, sources: false },
  },
  // Each with a folder of its own, which is emptied when it begins: two of them may run at once.
  projects: [
    { name: "harness", testMatch: "harness.spec.mjs", use: { screenshot: "off", trace: "off" } },
    // The same harness and a spec of the page in Firefox, which puppeteer drives: Playwright drives only its own.
    { name: "firefox-harness", testMatch: "harness.spec.mjs", use: { screenshot: "off", trace: "off" }, metadata: { firefox: true } },
    { name: "firefox", testMatch: "firefox.spec.mjs", use: { screenshot: "off", trace: "off" } },
    { name: "tuning", testMatch: "tuning.setup.mjs" },
    { name: "page", testIgnore: ["harness.spec.mjs", "firefox.spec.mjs", "soak.spec.mjs", ...(process.env.LOCAL ? ["size.spec.mjs"] : [])], dependencies: ["tuning"] },
    { name: "soak", testMatch: "soak.spec.mjs", timeout: 0, use: { trace: "off" } },
  ].map((project) => ({ ...project, outputDir: join(TARGET, "browser-tests", project.name) })),
};
