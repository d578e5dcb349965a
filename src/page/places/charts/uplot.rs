//! uPlot 1.6, the one script that is not ours (`www/vendor/uplot`), as far as it is used. Invariant: where it
//! did not load, [`Plot::new`] fails and the page goes on with its table.

use js_sys::{Array, Float64Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = uPlot)]
    type UPlot;

    #[wasm_bindgen(constructor, js_class = "uPlot", catch)]
    fn new(options: &JsValue, data: &JsValue, target: &HtmlElement) -> Result<UPlot, JsValue>;

    #[wasm_bindgen(method, js_name = setData)]
    fn set_data(this: &UPlot, data: &JsValue);

    #[wasm_bindgen(method, js_name = setSize)]
    fn set_size(this: &UPlot, size: &JsValue);

    #[wasm_bindgen(method)]
    fn destroy(this: &UPlot);
}

/// A line of a plot.
pub struct Line {
    pub label: String,
    pub color: String,
    pub width: f64,
    /// Lengths drawn and left out, in pixels; none for a whole line.
    pub dash: Option<[f64; 2]>,
    /// Drawn as points as well: there are few.
    pub points: bool,
}

/// Colours that a style sheet chose.
pub struct Colors {
    pub text: String,
    pub grid: String,
}

/// A plot in the page.
pub struct Plot(UPlot);

impl Plot {
    /// An empty plot. Plots with the same `sync` share their cursor. The first value of the legend is the
    /// step, called `x`.
    ///
    /// # Errors
    /// What the script threw, or that it is not there.
    pub fn new(
        target: &HtmlElement,
        [width, height]: [f64; 2],
        sync: &str,
        x: &str,
        lines: &[Line],
        colors: &Colors,
    ) -> Result<Self, JsValue> {
        if !Reflect::has(&js_sys::global(), &"uPlot".into())? {
            return Err(JsValue::from_str("uPlot is not there"));
        }
        let step = object(&[("label", x.into())]);
        let series = Array::of1(&step);
        for line in lines {
            series.push(&series_of(line));
        }
        // Picture that it takes, and at least between two of its numbers.
        let axis = |size: f64, space: f64| {
            object(&[
                ("stroke", colors.text.as_str().into()),
                ("font", "11px system-ui, sans-serif".into()),
                ("size", size.into()),
                ("space", space.into()),
                (
                    "grid",
                    object(&[("stroke", colors.grid.as_str().into()), ("width", 1.into())]).into(),
                ),
                (
                    "ticks",
                    object(&[("stroke", colors.grid.as_str().into()), ("width", 1.into())]).into(),
                ),
            ])
        };
        let no_drag = object(&[("x", false.into()), ("y", false.into())]);
        let cursor = object(&[
            ("sync", object(&[("key", sync.into())]).into()),
            ("drag", no_drag.into()),
            ("y", false.into()),
        ]);
        let scales = object(&[("x", object(&[("time", false.into())]).into())]);
        let options = object(&[
            ("width", width.into()),
            ("height", height.into()),
            ("series", series.into()),
            ("axes", Array::of2(&axis(28.0, 50.0), &axis(52.0, 22.0)).into()),
            ("scales", scales.into()),
            ("cursor", cursor.into()),
        ]);
        let empty = Array::new();
        for _ in 0..=lines.len() {
            empty.push(&Float64Array::new_with_length(0));
        }
        Ok(Self(UPlot::new(&options, &empty, target)?))
    }

    /// Shows other numbers: steps, then the values of every line; what is not finite is a gap.
    pub fn show(&self, steps: &[f64], lines: &[Vec<f64>]) {
        let data = Array::of1(&Float64Array::from(steps));
        for values in lines {
            data.push(&gapped(values));
        }
        self.0.set_data(&data);
    }

    pub fn resize(&self, [width, height]: [f64; 2]) {
        self.0.set_size(&object(&[("width", width.into()), ("height", height.into())]));
    }
}

impl Drop for Plot {
    fn drop(&mut self) {
        self.0.destroy();
    }
}

/// Numbers as they are, or, if some are missing, with nulls for them.
fn gapped(values: &[f64]) -> JsValue {
    if values.iter().all(|v| v.is_finite()) {
        return Float64Array::from(values).into();
    }
    let cell = |v: &f64| if v.is_finite() { JsValue::from(*v) } else { JsValue::NULL };
    values.iter().map(cell).collect::<Array>().into()
}

fn series_of(line: &Line) -> JsValue {
    let lengths = |[drawn, left]: [f64; 2]| Array::of2(&drawn.into(), &left.into()).into();
    let dash = line.dash.map_or(JsValue::UNDEFINED, lengths);
    object(&[
        ("label", line.label.as_str().into()),
        ("stroke", line.color.as_str().into()),
        ("width", line.width.into()),
        ("dash", dash),
        ("spanGaps", line.points.into()),
        ("points", object(&[("show", line.points.into()), ("size", 5.into())]).into()),
    ])
    .into()
}

fn object(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        // Fails only on frozen objects.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object
}
