//! The page's program: see [`dino_page`].

fn main() {
    dino_page::app::start();
}
