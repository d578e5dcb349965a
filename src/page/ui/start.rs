//! Start button, by its id: other places lead to it. Invariant: there is one.

use crate::client::dom;

/// Id of the button that starts.
pub const START: &str = "start";

/// Puts the focus on the button that starts, and brings it into view.
pub fn lead_to_start() {
    dom::focus(START);
}
