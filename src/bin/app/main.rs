//! The page: Leptos components on the main thread, which only paints and takes input. Everything
//! else happens in the worker, see `dino::protocol`.

#[cfg(target_arch = "wasm32")]
mod page;

fn main() {
    #[cfg(target_arch = "wasm32")]
    page::start();
}
