//! One tab at a time owns the run: it holds a lock of this origin for as long as it lives, however it ends.
//! Invariant: a browser without locks has one owner in each tab, as if there were no others.

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

const NAME: &str = "dino.run";

/// True if this tab owns the run now. If another does, `inherit` is called when that one is gone.
pub async fn own(inherit: impl FnOnce() + 'static) -> bool {
    let (sender, receiver) = oneshot::channel();
    let options = Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &true.into());
    let asked = request(&options, move |owns| {
        let _ = sender.send(owns);
    });
    // Without an answer there are no locks.
    let owns = asked.is_err() || receiver.await.unwrap_or(true);
    if !owns {
        let _ = request(&Object::new(), move |_| inherit());
    }
    owns
}

/// Asks for the lock and keeps it; `granted` is told if it was had.
fn request(options: &Object, granted: impl FnOnce(bool) + 'static) -> Result<(), JsValue> {
    let locks = Reflect::get(&window().navigator(), &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let granted = Rc::new(Cell::new(Some(granted)));
    let refused = granted.clone();
    let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let owns = lock.is_object();
        if let Some(granted) = granted.take() {
            granted(owns);
        }
        // The lock is held until its promise is settled, which it never is.
        if owns { Promise::new(&mut |_, _| {}).into() } else { JsValue::NULL }
    });
    let asked: Promise = request.call3(&locks, &NAME.into(), options, &callback)?.dyn_into()?;
    wasm_bindgen_futures::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(asked).await.is_err()
            && let Some(refused) = refused.take()
        {
            // Some origins have no locks.
            refused(true);
        }
    });
    Ok(())
}
