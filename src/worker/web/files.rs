//! Files of a person and of the page's own origin. Invariant: a server that does not answer is not waited for.

use crate::host::HostFile;
use crate::web::channel::scope;
use dino_core::error::{Error, FileProblem, Result, Unread};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, File, RequestInit, Response};

/// Seconds that a file of the page's own origin may take.
const PATIENCE: u32 = 30;

impl HostFile for File {
    fn name(&self) -> String {
        Self::name(self)
    }

    fn size(&self) -> u64 {
        // Files are far smaller than 2⁵³ bytes.
        Blob::size(self) as u64
    }

    async fn read(&self) -> std::result::Result<Vec<u8>, Unread> {
        let buffer = JsFuture::from(self.array_buffer()).await.map_err(|e| unread(&e))?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}

/// Why the browser gives no bytes of a file.
fn unread(error: &JsValue) -> Unread {
    let field = |name: &str| Reflect::get(error, &name.into()).ok().and_then(|v| v.as_string());
    Unread::of_browser(&field("name").unwrap_or_default(), &field("message").unwrap_or_default())
}

/// Fetches a file of the page's own origin. Such files are small: if a server has not sent one in [`PATIENCE`], it
/// never will, and the worker must not wait for it.
///
/// # Errors
/// [`Error::File`] when the server does not send it.
pub async fn fetch(url: &str) -> Result<Vec<u8>> {
    let failed = |problem: FileProblem| Error::file(url, problem);
    let patience = AbortSignal::timeout_with_u32(1000 * PATIENCE);
    let offline = |_: JsValue| {
        if patience.aborted() {
            return failed(FileProblem::Late { seconds: PATIENCE });
        }
        failed(FileProblem::NoAnswer)
    };
    let init = RequestInit::new();
    init.set_signal(Some(&patience));
    let answer = scope().fetch_with_str_and_init(url, &init);
    let response = JsFuture::from(answer).await.map_err(offline)?;
    let response: Response = response.dyn_into().map_err(offline)?;
    if !response.ok() {
        return Err(failed(FileProblem::Status { status: response.status() }));
    }
    let promise: Promise = response.array_buffer().map_err(offline)?.unchecked_into();
    let buffer = JsFuture::from(promise).await.map_err(offline)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
