// What the specs of the page share: opening it, waiting for it, dropping files on it, saying what failed.
// Environment: BASE_URL (where the page is served), CHROMIUM (the program), NODE_PATH, SCREENSHOTS (a
// folder, default target/screenshots).

import { mkdirSync } from "node:fs";
import { Tally } from "./lib.mjs";

export const base = process.env.BASE_URL ?? "http://127.0.0.1:8080/";
export const SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const shots = process.env.SCREENSHOTS ?? "target/screenshots";
mkdirSync(shots, { recursive: true });

const tally = new Tally();

/** Prints what came of all tests and ends the process accordingly. */
export const end = () => tally.end();

export async function test(name, body) {
  const begin = performance.now();
  try {
    await body();
    tally.pass(name, performance.now() - begin);
  } catch (error) {
    tally.fail(name, { message: String(error.stack ?? error).replaceAll("\n", "\n        ") });
  }
}

export function check(holds, message) {
  if (!holds) throw new Error(message);
}

export function equal(found, expected, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  check(a === b, `${what}: expected ${b}, found ${a}`);
}

/** Opens the page and keeps what it logs and asks for. */
export async function open(browser, options = {}, address = base) {
  const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  const origin = new URL(base).origin;
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.complaints.push(`exception: ${error.message}`));
  context.on("request", (request) => {
    const url = request.url();
    const own = url.startsWith("data:") || url.startsWith("blob:") || new URL(url).origin === origin;
    if (!own) page.complaints.push(`foreign request: ${url}`);
  });
  context.on("requestfailed", (request) => page.complaints.push(`failed: ${request.url()}`));
  await page.addInitScript(() => {
    window.longTasks = [];
    const keep = (list) => window.longTasks.push(...list.getEntries().map((task) => task.duration));
    new PerformanceObserver(keep).observe({ type: "longtask" });
  });
  await page.goto(address);
  await page.waitForFunction(() => window.dino || document.querySelector("#loading.alert"));
  return page;
}

export const shot = (page, name, fullPage = true) =>
  page.screenshot({ path: `${shots}/${name}.png`, fullPage });
export const status = (page) => page.evaluate(() => window.dino.status());

/** Waits until the status says so; the last status is in the error. */
export async function until(page, what, holds, seconds = 240) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    last = await status(page);
    if (holds(last)) return last;
    const grave = await page.locator(".alert.grave").allInnerTexts();
    if (grave.length) throw new Error(`${what} did not happen: ${grave.join(" ")}`);
    await page.waitForTimeout(100);
  }
  throw new Error(`${what} did not happen in ${seconds} s; ${JSON.stringify(last)}`);
}

/** Drops files on the drop zone, as a hand would: each { name, type, base64 }. */
export async function drop(page, files) {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const { name, type, base64 } of files) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    return transfer;
  }, files);
  await page.dispatchEvent(".drop", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent(".drop", "drop", { dataTransfer: transfer });
}

/** An image that the browser itself draws and encodes: left half red, right half blue. */
export async function drawn(page, name, type, width, height) {
  const base64 = await page.evaluate(
    async ([type, width, height]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      context.fillStyle = "red";
      context.fillRect(0, 0, width / 2, height);
      context.fillStyle = "blue";
      context.fillRect(width / 2, 0, width / 2, height);
      const blob = await canvas.convertToBlob({ type, quality: 0.95 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
    },
    [type, width, height],
  );
  return { name, type, base64 };
}
