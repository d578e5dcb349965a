//! Harness: the library's checks and recorded cases, which native tests run too, for a page in a browser. Built
//! and opened by `cargo xtask test`; on other targets than wasm32 an empty program. Invariant: one device for the
//! whole page, made by the first call that needs one.

#[cfg(target_arch = "wasm32")]
mod page {
    use dino_engine::tune::TunedGpu;
    use dino_engine::verify::report::Report;
    use js_sys::{Array, Map, Uint8Array};
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;
    use wasm_bindgen::prelude::*;

    type Result<T> = std::result::Result<T, JsError>;

    thread_local! {
        static GPU: RefCell<Option<Rc<TunedGpu>>> = const { RefCell::new(None) };
    }

    async fn gpu() -> dino_core::Result<Rc<TunedGpu>> {
        if let Some(gpu) = GPU.with_borrow(Clone::clone) {
            return Ok(gpu);
        }
        let gpu = Rc::new(TunedGpu::new().await?);
        GPU.set(Some(gpu.clone()));
        Ok(gpu)
    }

    /// Makes panics readable in the browser's console.
    #[wasm_bindgen(start)]
    pub fn start() {
        console_error_panic_hook::set_once();
    }

    /// The adapter's name.
    ///
    /// # Errors
    /// What opening the device reports.
    #[wasm_bindgen]
    pub async fn adapter() -> Result<String> {
        Ok(gpu().await?.name())
    }

    /// Names of all checks, as a JSON list.
    ///
    /// # Errors
    /// None: a list of names is always JSON.
    #[wasm_bindgen]
    pub fn names() -> Result<String> {
        let names: Vec<_> =
            dino_engine::verify::checks::all().iter().map(|check| check.name).collect();
        Ok(serde_json::to_string(&names)?)
    }

    /// Runs one check; the sentence that it fails with, if it does.
    ///
    /// # Errors
    /// An unknown name, or what opening the device reports.
    #[wasm_bindgen]
    pub async fn check(name: String) -> Result<Option<String>> {
        let checks = dino_engine::verify::checks::all();
        let check = checks
            .iter()
            .find(|check| check.name == name)
            .ok_or_else(|| JsError::new(&format!("there is no check `{name}`")))?;
        let gpu = gpu().await?;
        Ok((check.run)(&gpu).await.err())
    }

    /// Runs a training case from its files, a Map of name to Uint8Array: {passed, table} as JSON.
    ///
    /// # Errors
    /// Those of the case, see `verify::replay::run`.
    #[wasm_bindgen]
    pub async fn replay(files: Map) -> Result<String> {
        let gpu = gpu().await?;
        told(&dino_engine::verify::replay::run(&gpu, &bytes(&files)?).await?)
    }

    /// Runs an augmentation case, as [`replay`].
    ///
    /// # Errors
    /// Those of the case, see `verify::augment_case::run`.
    #[wasm_bindgen]
    pub async fn augment(files: Map) -> Result<String> {
        let gpu = gpu().await?;
        told(&dino_engine::verify::augment_case::run(&gpu, &bytes(&files)?).await?)
    }

    /// Times training steps of these settings (JSON of a `Config`): a `BenchOutcome` as JSON.
    ///
    /// # Errors
    /// Malformed settings, or those of the run.
    #[wasm_bindgen]
    pub async fn bench(config: String, steps: usize) -> Result<String> {
        let config = serde_json::from_str(&config)?;
        let outcome = dino_engine::bench::run(gpu().await?, config, steps).await?;
        Ok(serde_json::to_string(&outcome)?)
    }

    /// Runs a benchmark suite: {table, rows} as JSON.
    ///
    /// # Errors
    /// An unknown suite or preset, or those of the runs.
    #[wasm_bindgen]
    pub async fn suite(name: String, presets: Vec<String>) -> Result<String> {
        let table = dino_engine::bench::suite(gpu().await?, &name, &presets).await?;
        let json = serde_json::json!({ "table": table.to_string(), "rows": table.json() });
        Ok(json.to_string())
    }

    fn told(report: &Report) -> Result<String> {
        let json = serde_json::json!({ "passed": report.passed(), "table": report.to_string() });
        Ok(json.to_string())
    }

    fn bytes(files: &Map) -> Result<BTreeMap<String, Vec<u8>>> {
        let wrong = || JsError::new("expected a Map of name to Uint8Array");
        let mut found = BTreeMap::new();
        for entry in files.entries() {
            let entry: Array = entry.map_err(|_| wrong())?.dyn_into().map_err(|_| wrong())?;
            let name = entry.get(0).as_string().ok_or_else(wrong)?;
            let data: Uint8Array = entry.get(1).dyn_into().map_err(|_| wrong())?;
            found.insert(name, data.to_vec());
        }
        Ok(found)
    }
}

fn main() {}
