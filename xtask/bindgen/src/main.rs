//! wasm-bindgen's command: writes the JavaScript beside a compiled wasm, for the `web` target.
//! Invariant: it is of the same version as the `wasm-bindgen` crate in that wasm, because `Cargo.lock`
//! cannot hold two versions of what they share. A quarter of the crates of `wasm-bindgen-cli`, so it
//! compiles in half a minute.

use std::env;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [wasm, name, out] = &arguments[..] else {
        eprintln!("usage: xtask-bindgen INPUT.wasm NAME OUT_DIR");
        return ExitCode::FAILURE;
    };
    let mut bindgen = Bindgen::new();
    // The JavaScript fetches the wasm beside it, as from the command; the library leaves that out.
    bindgen.typescript(false).omit_default_module_path(false).input_path(wasm).out_name(name);
    let written = bindgen.web(true).and_then(|b| b.generate(out));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {wasm}: {e:?}");
            ExitCode::FAILURE
        }
    }
}
