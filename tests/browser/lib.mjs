// Chromium with a WebGPU device, and the compiled harness in one of its pages; the browser tests and the benchmarks
// start here. Environment: CHROMIUM (the program), CHROMIUM_FLAGS (replaces the WebGPU flags of the harness), NODE_PATH.

import { createRequire } from "node:module";

// `require` looks into NODE_PATH, `import` does not.
const { chromium } = createRequire(import.meta.url)("@playwright/test");

const QUIET = [
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const HARDWARE = ["--enable-unsafe-webgpu", "--ignore-gpu-blocklist", "--enable-features=Vulkan"];
/** Flags of a Chromium whose WebGPU adapter is SwiftShader. */
export const SOFTWARE = [...QUIET, "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Starts Chromium with these flags. */
export function start(flags) {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: [...QUIET, ...flags] });
}

/** Starts Chromium with a WebGPU device: a hardware one, or where there is none, SwiftShader. */
export async function launch() {
  if (process.env.CHROMIUM_FLAGS !== undefined) {
    return start(process.env.CHROMIUM_FLAGS.split(" ").filter((flag) => flag));
  }
  const browser = await start(HARDWARE);
  if (await hasAdapter(browser)) return browser;
  await browser.close();
  return start(SOFTWARE);
}

// WebGPU is offered to secure origins only; 127.0.0.1 is one, about:blank is not.
async function hasAdapter(browser) {
  const page = await browser.newPage();
  await page.route("**", (route) => route.fulfill({ contentType: "text/html", body: "" }));
  await page.goto("http://127.0.0.1/");
  const found = await page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    return Boolean(adapter) && !adapter.info?.isFallbackAdapter;
  });
  await page.close();
  return found;
}

/** Opens the harness in a new page; `page.died` rejects with the first error nobody caught. */
export async function openHarness(browser, url) {
  const page = await browser.newPage();
  const messages = [];
  page.on("console", (message) => {
    if (message.type() === "error") messages.push(message.text());
  });
  page.died = new Promise((_, reject) => {
    // A panic is in the messages, followed by a stack of wasm functions.
    const panic = (text) => text.split("\n\nStack:")[0];
    const die = (text) => reject(new Error([...messages.map(panic), text].join("; ")));
    page.on("pageerror", (error) => die(error.message));
    page.on("crash", () => die("the page crashed"));
  });
  page.died.catch(() => {});
  await page.goto(`${url}/harness.html`);
  const there = page.evaluate(async () => {
    while (!window.harness) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await within(300, page, there);
  return page;
}

/** Waits for `work` in the page, at most so many seconds, and not when the page has died. */
export async function within(seconds, page, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, page.died, late]);
  } finally {
    clearTimeout(timer);
  }
}
