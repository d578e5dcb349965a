//! burn-wgpu as a peer of the benchmark: in a page, a module that does its steps (`page`); natively, the
//! comparison with ours and PyTorch on this machine (`native`). Built and run by `cargo xtask bench peers`.
//! Invariant: a comparison in which a system fails ends with a status that is not 0.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(not(target_arch = "wasm32"))]
mod systems;

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    match native::compare() {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}
