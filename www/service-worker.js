// Keeps all files of the page for visits without a network. Invariant: with a network everything comes from
// it, so page and worker are of one build; what is kept is only used where the network fails.

const CACHE = "dino-page";
/** What index.html does not name. */
const UNNAMED = ["./", "worker.js", "worker_bg.wasm", "icon.svg", "manifest.webmanifest", "samples/manifest.json", "starter.safetensors"];

const address = (path) => new URL(path, self.registration.scope).href;

async function load(url) {
  const response = await fetch(url, { cache: "no-cache" });
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response;
}

/** Addresses of everything that the page is made of. */
async function files() {
  const index = await (await load(address("./"))).text();
  const named = [...index.matchAll(/(?:href|src|data-js|data-wasm)="([\w./-]+)"/g)].map((match) => match[1]);
  const { images } = await (await load(address("samples/manifest.json"))).json();
  const photographs = images.map(({ file }) => `samples/${file}`);
  const all = [...UNNAMED, ...named, ...photographs].map(address);
  return new Set(all.filter((url) => url.startsWith(self.registration.scope)));
}

/** Fetches all files anew, and lets go of those of earlier builds. */
async function keep() {
  const wanted = await files();
  const cache = await caches.open(CACHE);
  for (const url of wanted) await cache.put(url, await load(url));
  for (const request of await cache.keys()) {
    if (!wanted.has(request.url)) await cache.delete(request);
  }
}

/** Keeps another build as soon as it is seen. */
async function keepIfNew(index) {
  const kept = await caches.match(address("./"));
  if ((await kept?.text()) !== (await index.text())) await keep();
}

async function answer(event) {
  const { request } = event;
  const page = request.mode === "navigate";
  try {
    const response = await fetch(request);
    if (page && response.ok) event.waitUntil(keepIfNew(response.clone()).catch(() => {}));
    return response;
  } catch (error) {
    // The worker's files are asked for with their build, which the worker itself says as well.
    const kept = await caches.match(page ? address("./") : request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const own = event.request.url.startsWith(self.registration.scope);
  if (own && event.request.method === "GET") event.respondWith(answer(event));
});
