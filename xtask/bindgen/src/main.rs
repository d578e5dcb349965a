//! wasm-bindgen's command: writes the JavaScript beside a compiled wasm, for the `web` target. It has a quarter
//! of the crates of `wasm-bindgen-cli`, so it compiles in half a minute. Invariant: it is of the same version as
//! the `wasm-bindgen` crate in that wasm, because `Cargo.lock` cannot hold two versions of what they share.

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
    // As from the command, the JavaScript fetches the wasm beside it; the library's default leaves that out.
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
