//! Program of the worker: see [`dino_worker`]. Invariant: it only calls the library.

pub(crate) fn main() {
    dino_worker::web::start();
}
