//! The worker: everything happens in `dino::worker`.

fn main() {
    #[cfg(target_arch = "wasm32")]
    dino::worker::start();
}
