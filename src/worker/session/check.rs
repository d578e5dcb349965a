//! Check of the device on a person's wish: every kernel against its CPU twin, and how fast it is. Invariant: nothing of a
//! run changes, and between two checks commands are heard.

use crate::host::Host;
use crate::session::Session;
use dino_core::error::Result;
use dino_core::protocol::{CheckedKernel, DeviceFacts, Event};
use dino_engine::tune::TunedGpu;
use dino_engine::verify::checks;
use web_time::Instant;

/// A check under way.
pub struct Checking {
    request: u32,
    /// Checks that have ended.
    done: usize,
}

impl<H: Host> Session<H> {
    /// Begins with the first check.
    pub(super) async fn begin_checks(&mut self, request: u32) -> Result<()> {
        self.device()?;
        self.pause().await?;
        // Who asked before gets the answer now.
        self.end_checks().await;
        self.checking = Some(Checking { request, done: 0 });
        Ok(())
    }

    /// One check.
    pub(super) async fn check_next(&mut self) {
        let all = checks::all();
        let Some(checking) = &mut self.checking else { return };
        let (Some(check), Some(gpu)) = (all.get(checking.done), self.gpu.clone()) else {
            return self.end_checks().await;
        };
        checking.done += 1;
        let (done, total, start) = (checking.done, all.len(), Instant::now());
        let failed = (check.run)(&gpu).await.err();
        let seconds = start.elapsed().as_secs_f64();
        let check = CheckedKernel { name: check.name.to_owned(), failed, seconds };
        self.out.post(Event::Checked { done, total, check });
        // A device that is lost fails everything that follows.
        if let Err(error) = gpu.check() {
            self.end_checks().await;
            self.fail(None, error);
        }
    }

    /// Answers with what is known of the device, if a check is under way.
    pub(super) async fn end_checks(&mut self) {
        let Some(Checking { request, .. }) = self.checking.take() else { return };
        let facts = match self.gpu.clone() {
            Some(gpu) => facts(&gpu).await,
            None => DeviceFacts::default(),
        };
        self.out.reply(request, Event::DeviceFacts(facts));
    }
}

/// What is known of a device, after a short measurement.
async fn facts(gpu: &TunedGpu) -> DeviceFacts {
    let limits = &gpu.limits;
    let waits = gpu.waits();
    let (words, info) = (&gpu.words, &gpu.info);
    let mut rows = vec![
        ("adapter".to_owned(), gpu.name()),
        ("device".to_owned(), words.device.clone()),
        ("kind".to_owned(), format!("{:?} {}", info.device_type, info.driver)),
        (
            "subgroups".to_owned(),
            format!(
                "{} to {} lanes, {}",
                info.subgroup_min_size,
                info.subgroup_max_size,
                gpu.lanes.map_or_else(|| "not used".to_owned(), |lanes| format!("{lanes} used"))
            ),
        ),
        (
            "largest buffer, binding; memory of a run".to_owned(),
            format!(
                "{}, {}; {} MB",
                limits.max_buffer_size >> 20,
                limits.max_storage_buffer_binding_size >> 20,
                gpu.bounds().total >> 20
            ),
        ),
        (
            "storage buffers, invocations, workgroup memory".to_owned(),
            format!(
                "{}, {}, {}",
                limits.max_storage_buffers_per_shader_stage,
                limits.max_compute_invocations_per_workgroup,
                limits.max_compute_workgroup_storage_size
            ),
        ),
        (
            "wait for an empty queue".to_owned(),
            format!(
                "{:.2} ms{}, clock {:.2} ms",
                1e3 * waits.overhead.as_secs_f64(),
                if waits.late { " when asked again and again" } else { "" },
                1e3 * waits.clock.as_secs_f64()
            ),
        ),
    ];
    let rate = gpu.tuner.borrow().rate;
    if rate > 0.0 {
        let billions = format!("{:.1} billion multiply-adds a second", rate / 1e9);
        rows.push(("fastest product".to_owned(), billions));
    }
    match gpu.calibration().await {
        Ok(speed) => rows.push((
            "usual product, attention; copy; line".to_owned(),
            format!(
                "{:.1}, {:.1} billion a second; {:.1} GB/s; {:.0} µs",
                speed.product / 1e9,
                speed.attention / 1e9,
                speed.bytes / 1e9,
                1e6 * speed.line
            ),
        )),
        Err(error) => rows.push(("measurement".to_owned(), error.to_string())),
    }
    for (variant, reason) in &gpu.tuner.borrow().dropped {
        rows.push((variant.to_string(), reason.clone()));
    }
    rows.retain(|(_, value)| !value.trim().is_empty());
    DeviceFacts { rows }
}
