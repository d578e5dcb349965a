//! Whether the images are kept in this browser.

use super::Page;
use leptos::prelude::*;

/// A place for the choice.
#[component]
pub fn Keeping(page: Page) -> impl IntoView {
    let _ = page;
}
