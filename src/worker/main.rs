//! The worker's program: see [`dino_worker`].

pub(crate) fn main() {
    dino_worker::web::start();
}
