//! Chart painter: draws the charts, one a frame and each at most ten times a second, so that no frame takes long.
//! Invariants: what is not visible is not drawn; nothing asks for frames when nothing changed.

use crate::context::Page;
use crate::places::charts::lines::{Chart, LineStyle};
use crate::places::charts::uplot::{Colors, Line, Plot};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, MutationObserver, MutationObserverInit, ResizeObserver};

/// Milliseconds from one drawing of a chart to the next.
const PACE: f64 = 100.0;
/// Height of a chart in pixels, its legend left out.
const HEIGHT: f64 = 160.0;
/// Plots that share a cursor.
const SYNC: &str = "training";

struct Slot {
    chart: Chart,
    host: HtmlElement,
    plot: Option<Plot>,
    /// Width that the plot was made for.
    width: f64,
    dirty: bool,
    drawn_at: f64,
}

struct State {
    slots: Vec<Slot>,
    /// A frame was asked for.
    asked: bool,
    frame: Option<Closure<dyn Fn()>>,
}

/// All charts of the page.
#[derive(Clone)]
pub struct Painter {
    page: Page,
    state: Rc<RefCell<State>>,
    /// The script is there and plots could be made.
    works: RwSignal<bool>,
}

impl Painter {
    /// Follows the run, the window and the theme.
    pub fn new(page: Page) -> Self {
        let state = State { slots: Vec::new(), asked: false, frame: None };
        let painter =
            Self { page, state: Rc::new(RefCell::new(state)), works: RwSignal::new(true) };
        let this = painter.clone();
        painter.state.borrow_mut().frame = Some(Closure::new(move || this.paint()));
        let this = painter.clone();
        Effect::new(move |_| {
            page.model.history.track();
            page.model.accuracies.track();
            this.soil(false);
        });
        let this = painter.clone();
        Effect::new(move |_| {
            page.words.0.track();
            this.soil(true);
        });
        painter.follow_theme();
        painter
    }

    pub fn works(&self) -> RwSignal<bool> {
        self.works
    }

    /// A chart in an element, drawn from now on.
    pub fn add(&self, chart: Chart, host: HtmlElement) {
        let this = self.clone();
        let resized = Closure::<dyn Fn()>::new(move || this.soil(false));
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(&host);
        }
        // The charts live as long as the page.
        resized.forget();
        let slot = Slot { chart, host, plot: None, width: 0.0, dirty: true, drawn_at: 0.0 };
        self.state.borrow_mut().slots.push(slot);
        self.ask();
    }

    /// Everything is to be drawn again, with new plots if colours or words changed.
    fn soil(&self, anew: bool) {
        for slot in &mut self.state.borrow_mut().slots {
            slot.dirty = true;
            if anew {
                slot.plot = None;
            }
        }
        self.ask();
    }

    /// Plots keep the colours that they were made with.
    fn follow_theme(&self) {
        let this = self.clone();
        let changed = Closure::<dyn Fn()>::new(move || this.soil(true));
        let listener = changed.as_ref().unchecked_ref();
        if let Ok(Some(dark)) = window().match_media("(prefers-color-scheme: dark)") {
            dark.set_onchange(Some(listener));
        }
        let attributes = MutationObserverInit::new();
        attributes.set_attributes(true);
        if let (Some(root), Ok(observer)) =
            (document().document_element(), MutationObserver::new(listener))
        {
            let _ = observer.observe_with_options(&root, &attributes);
        }
        changed.forget();
    }

    fn ask(&self) {
        let mut state = self.state.borrow_mut();
        if state.asked {
            return;
        }
        if let Some(frame) = &state.frame {
            let callback = frame.as_ref().unchecked_ref();
            state.asked = window().request_animation_frame(callback).is_ok();
        }
    }

    /// Draws the chart that has waited longest, if one may be drawn.
    fn paint(&self) {
        let mut state = self.state.borrow_mut();
        state.asked = false;
        let now = js_sys::Date::now();
        let visible = |slot: &&mut Slot| slot.dirty && slot.host.client_width() > 0;
        let waiting = state.slots.iter_mut().filter(visible);
        let Some(slot) = waiting.min_by(|a, b| a.drawn_at.total_cmp(&b.drawn_at)) else { return };
        if now - slot.drawn_at >= PACE {
            slot.drawn_at = now;
            slot.dirty = false;
            if let Err(error) = draw(self.page, slot) {
                web_sys::console::warn_2(&"a chart could not be drawn".into(), &error);
                self.works.set(false);
                return;
            }
        }
        drop(state);
        self.ask();
    }
}

fn draw(page: Page, slot: &mut Slot) -> Result<(), JsValue> {
    let width = f64::from(slot.host.client_width());
    let data = slot.chart.data(page);
    if slot.plot.is_none() {
        slot.plot = Some(plot(page, slot, width)?);
        slot.width = width;
    }
    if let Some(plot) = &slot.plot {
        if (slot.width - width).abs() >= 1.0 {
            plot.resize([width, HEIGHT]);
            slot.width = width;
        }
        plot.show(&data.steps, &data.lines);
    }
    Ok(())
}

fn plot(page: Page, slot: &Slot, width: f64) -> Result<Plot, JsValue> {
    let style = window().get_computed_style(&slot.host)?;
    let color = |name: &str| {
        let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
        value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).unwrap_or("gray".to_owned())
    };
    let line = |(label, style): (&'static str, LineStyle)| Line {
        label: label.to_owned(),
        color: color(match style {
            LineStyle::Faint => "--curve-faint",
            LineStyle::Strong => "--curve",
            LineStyle::Dashed => "--curve-line",
            LineStyle::Dotted => "--soft",
        }),
        width: if style == LineStyle::Strong { 2.0 } else { 1.0 },
        dash: match style {
            LineStyle::Faint | LineStyle::Strong => None,
            LineStyle::Dashed => Some([6.0, 4.0]),
            LineStyle::Dotted => Some([2.0, 3.0]),
        },
        points: slot.chart == Chart::Accuracy && style == LineStyle::Strong,
    };
    let text = page.words.now();
    let lines: Vec<Line> = slot.chart.lines(text).into_iter().map(line).collect();
    let colors = Colors { text: color("--soft"), grid: color("--line") };
    Plot::new(&slot.host, [width, HEIGHT], SYNC, text.charts.step, &lines, &colors)
}
