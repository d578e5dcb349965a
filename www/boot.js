// Starts the page's program. Trunk would write this into the page, where the page's
// Content-Security-Policy forbids scripts; see `pattern_script` in Trunk.toml.
const { js, wasm } = document.querySelector("script[data-wasm]").dataset;
const url = (path) => new URL(path, document.baseURI).href;
try {
  const program = await import(url(js));
  await program.default({ module_or_path: url(wasm) });
} catch (error) {
  const loading = document.getElementById("loading");
  if (!loading) throw error;
  loading.setAttribute("role", "alert");
  loading.className = "alert grave";
  loading.textContent =
    typeof WebAssembly === "undefined"
      ? "This browser has no WebAssembly, which the training is written in. Open the page in a current browser."
      : `The page's program could not be loaded: ${error.message ?? error} Reload the page to try again.`;
}
