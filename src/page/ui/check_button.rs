//! Button that opens the check of the device: in the footer, and in every error of the device.

use crate::context::Page;
use leptos::prelude::*;

#[component]
pub fn CheckButton(page: Page) -> impl IntoView {
    view! {
        <button class="quiet check-device" on:click=move |_| page.device.open.set(true)>
            {move || page.words.get().device.check}
        </button>
    }
}
