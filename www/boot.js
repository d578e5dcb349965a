// The shell in the reader's language, and the start of the page's program. Trunk would write the start into
// the page, where the page's Content-Security-Policy forbids scripts; see `pattern_script` in Trunk.toml.

const shells = [...document.querySelectorAll("template[data-lang]")];

/**
 * The language of the shell: chosen on an earlier visit, or the first of the browser's that there is a shell
 * in; the document's own otherwise. The page chooses alike, see src/bin/app/page/text.rs.
 */
function language() {
  const known = [document.documentElement.lang, ...shells.map((shell) => shell.dataset.lang)];
  try {
    const kept = localStorage.getItem("dino.language");
    if (known.includes(kept)) return kept;
  } catch {
    // Then the browser's.
  }
  const primary = (tag) => tag.split("-")[0].toLowerCase();
  const of = (tag) => known.find((lang) => primary(lang) === primary(tag));
  return navigator.languages.map(of).find(Boolean) ?? known[0];
}

const chosen = language();
const shell = shells.find(({ dataset }) => dataset.lang === chosen);
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
  if (/^#map(=|%3D)/i.test(location.hash)) return;
  navigator.serviceWorker?.register(url("service-worker.js")).catch((error) => console.info(error.message));
}, 10_000);
