//! A thumbnail's address for the page. Invariant: the browser holds its file only as long as somebody
//! holds the address.

use dino_core::protocol::Thumbnail;
use js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag, Url};

/// An address of bytes in this tab, given back when nobody holds it any more.
pub struct Address(String);

impl Address {
    pub fn of(thumbnail: &Thumbnail) -> Option<Self> {
        let kind = BlobPropertyBag::new();
        kind.set_type("image/jpeg");
        let bytes = Array::of1(&Uint8Array::from(thumbnail.jpeg.as_slice()));
        let blob = Blob::new_with_u8_array_sequence_and_options(&bytes, &kind).ok()?;
        Self::of_blob(&blob)
    }

    pub fn of_blob(blob: &Blob) -> Option<Self> {
        Url::create_object_url_with_blob(blob).ok().map(Self)
    }

    pub fn text(&self) -> String {
        self.0.clone()
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        // Fails for addresses only that are none.
        let _ = Url::revoke_object_url(&self.0);
    }
}
