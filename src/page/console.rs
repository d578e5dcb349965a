//! Console, `window.dino`: the page for the console and for tests, described in `docs/console.md`. Every
//! function returns a promise, which rejects with an `Error` whose message is a sentence.

use crate::client::local_storage;
use crate::context::Page;
use dino_core::eval::metrics::{Column, Sample};
use dino_core::protocol::{Attention, Command, Event, Failure};
use dino_core::run::settings::Settings;
use js_sys::{Array, Float32Array, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{File, ImageData};

type Answer = Result<JsValue, String>;

/// Puts the object on the window.
pub fn install(page: Page) {
    let dino = Object::new();
    offer(&dino, "status", move |_| async move { Ok(status(page)) });
    offer(&dino, "start", move |_| done(page, Command::Start));
    offer(&dino, "pause", move |_| done(page, Command::Pause));
    offer(&dino, "clear", move |_| done(page, Command::Clear));
    offer(&dino, "step", move |args| async move {
        let steps = whole(page, &args.get(0), 1)?;
        done(page, Command::Step { steps }).await?;
        Ok(status(page))
    });
    offer(&dino, "reset", move |args| async move {
        let current =
            page.model.run.with_untracked(|run| run.as_ref().map(|r| r.settings.preset.clone()));
        let preset = args.get(0).as_string().or(current).unwrap_or_default();
        let seed = whole(page, &args.get(1), 0)?;
        done(page, Command::Reset { settings: Settings::of(&preset, seed) }).await
    });
    offer(&dino, "retune", move |_| async move {
        local_storage::forget_tuning();
        Ok(JsValue::UNDEFINED)
    });
    offer(&dino, "addImages", move |args| async move { add(page, args.get(0)).await });
    offer(&dino, "attention", move |args| async move {
        let image = whole(page, &args.get(0), 0)? as usize;
        match page.call(Command::Attention { image }, &Array::new()).await? {
            Event::Attention(attention) => Ok(maps(&attention)),
            other => Err(format!("{other:?}")),
        }
    });
    offer(&dino, "crops", move |args| async move {
        let image = whole(page, &args.get(0), 0)? as usize;
        match page.call(Command::Crops { image, draw: 0 }, &Array::new()).await? {
            Event::Crops { crops, .. } => crops.iter().map(view).collect::<Result<Array, _>>(),
            other => Err(format!("{other:?}")),
        }
        .map(JsValue::from)
    });
    offer(&dino, "resume", move |_| done(page, Command::Resume));
    offer(&dino, "forget", move |_| done(page, Command::Forget));
    offer(&dino, "remove", move |args| async move {
        let image = whole(page, &args.get(0), 0)? as usize;
        done(page, Command::Remove { image }).await
    });
    offer(&dino, "keepImages", move |args| async move {
        done(page, Command::KeepImages { keep: args.get(0).is_truthy() }).await
    });
    if let Some(how) = asked_to_fail() {
        offer(&dino, "fail", move |_| done(page, Command::Fail { how }));
    }
    set(&window(), "dino", dino);
}

/// For tests: `?debug=lose-device` or `?debug=kill-worker` in the address, or the same behind a `#`.
fn asked_to_fail() -> Option<Failure> {
    let location = window().location();
    let words = location.search().unwrap_or_default() + "&" + &location.hash().unwrap_or_default();
    words.split(['?', '#', '&']).find_map(|word| match word {
        "debug=lose-device" => Some(Failure::LoseDevice),
        "debug=kill-worker" => Some(Failure::KillWorker),
        _ => None,
    })
}

/// Adds a function that takes any arguments and returns a promise.
fn offer<F>(dino: &Object, name: &str, run: impl Fn(Array) -> F + 'static)
where
    F: Future<Output = Answer> + 'static,
{
    let function = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(move |a, b| {
        let answer = run(Array::of2(&a, &b));
        future_to_promise(async move {
            answer.await.map_err(|message| js_sys::Error::new(&message).into())
        })
    });
    // It lives as long as the window.
    set(dino, name, function.into_js_value());
}

fn set(object: &JsValue, name: &str, value: impl Into<JsValue>) {
    // Fails only on frozen objects.
    let _ = Reflect::set(object, &name.into(), &value.into());
}

async fn done(page: Page, command: Command) -> Answer {
    page.call(command, &Array::new()).await.map(|_| JsValue::UNDEFINED)
}

fn whole(page: Page, value: &JsValue, otherwise: u64) -> Result<u64, String> {
    match value.as_f64() {
        None if value.is_undefined() => Ok(otherwise),
        Some(n) if n >= 0. && n.fract() == 0. && n <= 9e15 => Ok(n as u64),
        _ => Err((page.words.now().common.not_whole)(value.as_f64())),
    }
}

fn status(page: Page) -> JsValue {
    let model = page.model;
    let (run, last) = (model.run.get_untracked(), model.last.get_untracked());
    let number = |value: Option<f32>| value.map_or(JsValue::NULL, JsValue::from);
    let object = Object::new();
    set(&object, "state", untrack(|| model.state()).word());
    set(&object, "step", model.step_untracked() as f64);
    set(&object, "totalSteps", run.as_ref().map_or(0., |run| run.total_steps as f64));
    let last = last.map(|point| Sample { point, images_per_second: 0.0 });
    for column in Column::METRICS {
        set(&object, column.name(), number(last.map(|last| column.of(&last))));
    }
    set(&object, "lnK", run.as_ref().map_or(0., |run| (run.prototypes.max(1) as f64).ln()));
    set(&object, "imagesPerSecond", model.images_per_second.get_untracked());
    set(&object, "images", model.images.with_untracked(Vec::len) as f64);
    set(&object, "importing", model.importing.with_untracked(Option::is_some));
    set(&object, "preset", run.as_ref().map_or("", |run| run.settings.preset.as_str()));
    set(&object, "seed", run.as_ref().map_or(0., |run| run.settings.seed as f64));
    set(&object, "bytes", run.as_ref().map_or(0., |run| run.bytes as f64));
    let saved =
        model.storage.saved.get_untracked().map_or(JsValue::NULL, |s| (s.step as f64).into());
    set(&object, "saved", saved);
    set(&object, "reader", model.storage.reader.get_untracked());
    let images = model.storage.images.get_untracked();
    set(&object, "keepsImages", images.is_some_and(|(keep, _)| keep));
    set(&object, "keptBytes", images.map_or(0., |(_, bytes)| bytes as f64));
    let adapter = model.adapter.get_untracked().map_or(JsValue::NULL, |a| a.name.into());
    set(&object, "adapter", adapter);
    object.into()
}

/// Takes a `FileList`, an array of files, or one file.
async fn add(page: Page, files: JsValue) -> Answer {
    let files = match files.dyn_ref::<File>() {
        Some(file) => Array::of1(file),
        None if files.is_object() => Array::from(&files),
        None => return Err(page.words.now().common.not_a_file.to_owned()),
    };
    match page.add(&files).await? {
        Event::Imported { added, skipped, .. } => {
            let object = Object::new();
            let summary = dino_core::data::picture::Import { added, skipped };
            set(&object, "summary", summary.to_string());
            let skipped = summary.skipped.iter().map(|(name, reason)| {
                let file = Object::new();
                set(&file, "name", name.as_str());
                set(&file, "reason", reason.to_string());
                JsValue::from(file)
            });
            set(&object, "skipped", skipped.collect::<Array>());
            Ok(object.into())
        }
        other => Err(format!("{other:?}")),
    }
}

fn maps(attention: &Attention) -> JsValue {
    let object = Object::new();
    set(&object, "image", attention.image as f64);
    set(&object, "step", attention.step as f64);
    set(&object, "heads", attention.maps.heads as f64);
    set(&object, "width", attention.maps.grid[0] as f64);
    set(&object, "height", attention.maps.grid[1] as f64);
    let maps = (0..attention.maps.heads)
        .map(|h| JsValue::from(Float32Array::from(attention.maps.head(h))));
    set(&object, "maps", maps.collect::<Array>());
    set(&object, "mean", Float32Array::from(attention.maps.mean().as_slice()));
    object.into()
}

fn view(crop: &dino_core::protocol::Crop) -> Result<JsValue, String> {
    let data = wasm_bindgen::Clamped(crop.pixels.rgba.as_slice());
    let [width, height] = crate::ui::canvas::size(&crop.pixels);
    let image = ImageData::new_with_u8_clamped_array_and_sh(data, width, height)
        .map_err(|error| crate::client::dom::describe(&error))?;
    let object = Object::new();
    set(&object, "name", crop.name.as_str());
    set(&object, "frame", crop.frame.iter().copied().map(JsValue::from).collect::<Array>());
    set(&object, "image", image);
    Ok(object.into())
}
