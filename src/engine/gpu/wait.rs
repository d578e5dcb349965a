//! Waits for a device's queue. Firefox answers what is awaited only at multiples of about 100 ms, and at once when
//! something is submitted; so while something is awaited there, nothing is submitted every few milliseconds. Invariant:
//! where the queue answers by itself, nothing is submitted.

use crate::gpu::device::Gpu;
use dino_core::error::{DeviceProblem, Error, Result};
use web_time::{Duration, Instant};

/// An empty queue that takes longer than this answers late.
const LATE: Duration = Duration::from_millis(10);
/// Time between two empty submits while a time is measured.
#[cfg(target_arch = "wasm32")]
const OFTEN: Duration = Duration::from_millis(2);
/// The bytes that are read back with one submit; a single buffer may have more.
const TOGETHER: u64 = 64 << 20;

/// How a queue answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waits {
    /// Time until an empty queue is known to be empty, [exactly](Gpu::finish_exactly).
    pub overhead: Duration,
    /// Step of the clock.
    pub clock: Duration,
    /// It answers late unless something is submitted.
    pub late: bool,
}

/// A range of a buffer, in bytes: start and length.
pub type Bytes<'a> = (&'a wgpu::Buffer, u64, u64);

impl Gpu {
    /// How the queue answers.
    pub fn waits(&self) -> Waits {
        self.waits.get()
    }

    /// Times how the queue answers.
    ///
    /// # Errors
    /// [`Error::Device`] when the device failed.
    pub async fn time_waits(&self) -> Result<()> {
        self.waits.set(Waits { clock: clock_step(), ..Waits::default() });
        // The first answer of a GPU that sleeps is late, too.
        if self.empty(false).await? > LATE && self.empty(false).await? > LATE {
            self.waits.set(Waits { late: true, ..self.waits.get() });
        }
        let mut times = [Duration::ZERO; 5];
        for time in &mut times {
            *time = self.empty(true).await?;
        }
        times.sort_unstable();
        self.waits.set(Waits { overhead: times[2], ..self.waits.get() });
        Ok(())
    }

    /// Time until an empty queue is known to be empty.
    async fn empty(&self, exactly: bool) -> Result<Duration> {
        let start = Instant::now();
        self.done(exactly).await?;
        Ok(start.elapsed())
    }

    /// Waits until everything submitted so far is done.
    ///
    /// # Errors
    /// [`Error::Device`] when the device failed meanwhile.
    pub async fn finish(&self) -> Result<()> {
        self.done(false).await
    }

    /// The same for who measures a time: where the queue answers late, it is asked more often, at the cost of a
    /// processor's time.
    ///
    /// # Errors
    /// [`Error::Device`] when the device failed meanwhile.
    pub async fn finish_exactly(&self) -> Result<()> {
        self.done(true).await
    }

    async fn done(&self, exactly: bool) -> Result<()> {
        let (sender, receiver) = futures_channel::oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            let _ = sender.send(());
        });
        self.poll();
        let answer = self.until(receiver, exactly).await;
        answer.map_err(|_| Error::Device(DeviceProblem::Dropped))?;
        self.check()
    }

    /// Waits for an answer of the queue.
    pub async fn until<F: Future>(&self, answer: F, exactly: bool) -> F::Output {
        #[cfg(target_arch = "wasm32")]
        if self.waits.get().late {
            return self.ask_until(answer, exactly).await;
        }
        let _ = exactly;
        answer.await
    }

    #[cfg(target_arch = "wasm32")]
    async fn ask_until<F: Future>(&self, answer: F, exactly: bool) -> F::Output {
        use crate::gpu::browser::{rest, turn};
        use std::pin::pin;
        use std::task::Poll;

        let (mut answer, mut asked) = (pin!(answer), Instant::now());
        loop {
            let mut pause = pin!(async { if exactly { turn().await } else { rest(1).await } });
            let answered = std::future::poll_fn(|cx| match answer.as_mut().poll(cx) {
                Poll::Ready(value) => Poll::Ready(Some(value)),
                Poll::Pending => pause.as_mut().poll(cx).map(|()| None),
            });
            if let Some(value) = answered.await {
                return value;
            }
            if !exactly || asked.elapsed() >= OFTEN {
                self.queue.submit([]);
                asked = Instant::now();
            }
        }
    }

    /// Reads a range of a buffer back through a buffer made for it: for tests, inference and checkpoints, never in
    /// a step.
    ///
    /// # Errors
    /// [`Error::Device`] when the device is lost or the copy fails.
    pub async fn read(&self, buffer: &wgpu::Buffer, start: u64, bytes: u64) -> Result<Vec<u8>> {
        let all = self.read_all(&[(buffer, start, bytes)]).await?;
        Ok(all.into_iter().next().unwrap_or_default())
    }

    /// Reads ranges of buffers back, several with one submit.
    ///
    /// # Errors
    /// See [`Gpu::read`].
    pub async fn read_all(&self, ranges: &[Bytes<'_>]) -> Result<Vec<Vec<u8>>> {
        let (mut read, mut rest) = (Vec::with_capacity(ranges.len()), ranges);
        while !rest.is_empty() {
            let mut sum = 0;
            let fits = |(_, _, bytes): &&Bytes<'_>| {
                sum += bytes;
                sum <= TOGETHER
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (now, later) = rest.split_at(count);
            read.extend(self.read_together(now).await?);
            rest = later;
        }
        Ok(read)
    }

    async fn read_together(&self, ranges: &[Bytes<'_>]) -> Result<Vec<Vec<u8>>> {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let staged: Vec<Staging> = ranges
            .iter()
            .map(|(buffer, start, bytes)| {
                let staging = Staging::new(self, "read-back", *bytes);
                encoder.copy_buffer_to_buffer(buffer, *start, &staging.0, 0, *bytes);
                staging
            })
            .collect();
        self.queue.submit([encoder.finish()]);
        let mapped: Vec<_> = staged.iter().map(|staging| map(&staging.0)).collect();
        self.poll();
        let mut read = Vec::with_capacity(staged.len());
        for (staging, mapped) in staged.iter().zip(mapped) {
            self.until(mapped, false).await?;
            read.push(staging.bytes()?);
        }
        Ok(read)
    }
}

/// A buffer that is read by the host, and destroyed when it is dropped: browsers free the memory of what is only
/// forgotten when their collector comes.
pub struct Staging(pub wgpu::Buffer);

impl Staging {
    /// A buffer of so many bytes.
    pub fn new(gpu: &Gpu, label: &str, bytes: u64) -> Self {
        Self(gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        }))
    }

    /// Its bytes, once it is mapped; it can then be written again.
    ///
    /// # Errors
    /// [`Error::Device`] when it is not mapped.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let view = self
            .0
            .get_mapped_range(..)
            .map_err(|e| Error::Device(DeviceProblem::Unreadable(e.to_string())))?;
        let bytes = view.to_vec();
        drop(view);
        self.0.unmap();
        Ok(bytes)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.0.destroy();
    }
}

/// Starts mapping a buffer for reading; resolves when its bytes are there.
pub fn map(buffer: &wgpu::Buffer) -> impl Future<Output = Result<()>> + use<> {
    let (sender, receiver) = futures_channel::oneshot::channel();
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        let _ = sender.send(result);
    });
    async move {
        match receiver.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(Error::Device(DeviceProblem::Unreadable(e.to_string()))),
            Err(_) => Err(Error::Device(DeviceProblem::Dropped)),
        }
    }
}

/// Step of the clock: browsers make it coarse, some as coarse as 100 ms.
fn clock_step() -> Duration {
    let changed = |from: Instant| {
        // A tenth of a second of asking, roughly.
        (0..1_000_000).map(|_| from.elapsed()).find(|elapsed| !elapsed.is_zero())
    };
    let unknown = Duration::from_millis(100);
    if changed(Instant::now()).is_none() {
        return unknown;
    }
    changed(Instant::now()).unwrap_or(unknown)
}
