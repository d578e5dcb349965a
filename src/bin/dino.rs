//! The native command line; see `dino help`.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    dino::cli::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
