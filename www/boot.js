// Shows the shell in the reader's language and starts the page's program. Trunk would write the start
// into the page, where the page's Content-Security-Policy forbids scripts; see `pattern_script` in
// Trunk.toml.

/** The language of the shell: chosen on an earlier visit, or the browser's; src/bin/app/page/text.rs. */
function language() {
  try {
    const kept = localStorage.getItem("dino.language");
    if (kept) return kept;
  } catch {
    // Then the browser's.
  }
  const known = navigator.languages.find((tag) => /^(en|zh)/i.test(tag)) ?? "en";
  return /^zh/i.test(known) ? "zh-Hant" : "en";
}

const shell = document.querySelector(`template[data-lang="${language()}"]`);
if (shell) {
  document.documentElement.lang = shell.dataset.lang;
  document.title = shell.dataset.title;
  document.getElementById("page").replaceChildren(shell.content.cloneNode(true));
}

const { js, wasm } = document.querySelector("script[data-wasm]").dataset;
const url = (path) => new URL(path, document.baseURI).href;
try {
  const program = await import(url(js));
  await program.default({ module_or_path: url(wasm) });
} catch (error) {
  const loading = document.getElementById("loading");
  if (!loading) throw error;
  const { wasm: missing, failed } = loading.dataset;
  loading.setAttribute("role", "alert");
  loading.className = "alert grave";
  loading.textContent =
    typeof WebAssembly === "undefined" ? missing : failed.replace("{}", error.message ?? error);
}

// Later visits need no network; see service-worker.js. Not before this one has what it waits for. In a
// browser that cannot, or without room, everything else works. Who only looks at a map that came in a link
// (src/share/link.rs) does not wait for, or pay for, the whole page.
setTimeout(() => {
  if (location.hash.startsWith("#map=")) return;
  navigator.serviceWorker?.register(url("service-worker.js")).catch((error) => console.info(error.message));
}, 10_000);
