//! Style of attention maps: mode, strength, threshold, for the attention place and for a map from a link. Invariant: it writes the
//! signals of one [`Show`] and nothing else.

use crate::context::Page;
use crate::state::attention::Show;
use crate::ui::controls::{Choice, Percent, Word};
use crate::ui::term::{Term, TermKey};
use dino_core::view::overlay::Mode;
use leptos::prelude::*;

/// Mode, strength, threshold.
#[component]
pub fn MapStyle(page: Page, show: Show) -> impl IntoView {
    let text = move || &page.words.get().attention;
    let masked = move || show.mode.get() == Mode::Mask;
    view! {
        <Choice
            page
            name="mode"
            legend=|text| text.attention.display
            options=vec![
                (Mode::Heat, (|text| text.attention.heat) as Word),
                (Mode::Mask, |text| text.attention.mask),
                (Mode::Heads, |text| text.attention.in_colours),
            ]
            chosen=show.mode
            choose=move |mode| show.mode.set(mode)
            disabled=false
        />
        <Percent name="opacity" label=Signal::derive(move || text().opacity) share=show.opacity disabled=false />
        <div class="threshold">
            <div class="with-term">
                <label class="tick">
                    <input
                        type="checkbox"
                        name="outlined"
                        prop:checked=move || masked() || show.outlined.get()
                        disabled=masked
                        on:change=move |event| show.outlined.set(event_target_checked(&event))
                    />
                    {move || text().threshold}
                </label>
                <Term page which=TermKey::MassThreshold />
            </div>
            <Percent
                name="mass"
                label=Signal::derive(move || text().share_of_mass)
                share=show.share
                disabled=Signal::derive(move || !masked() && !show.outlined.get())
            />
        </div>
    }
}
