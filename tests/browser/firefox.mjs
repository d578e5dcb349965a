// Firefox with a WebGPU device, driven by puppeteer: Playwright drives only a Firefox of its own making. Its pages have
// the methods of Playwright's that the helpers of the specs use. Environment: FIREFOX (the program), NODE_PATH.

import { createRequire } from "node:module";

// `require` looks into NODE_PATH, `import` does not.
const puppeteer = createRequire(import.meta.url)("puppeteer-core");

const PREFERENCES = {
  "dom.webgpu.enabled": true,
  "dom.webgpu.workers.enabled": true,
  "gfx.webgpu.ignore-blocklist": true,
};

/** Starts Firefox; where there is no GPU, its adapter is the system's software one. */
export function startFirefox() {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX,
    headless: true,
    extraPrefsFirefox: PREFERENCES,
    // A golden case takes minutes, and nothing is said in the meantime.
    protocolTimeout: 30 * 60_000,
  });
}
