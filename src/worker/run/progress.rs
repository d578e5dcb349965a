//! Progress of a run: finished steps, images a second, and how often the page is told. Invariant: every finished
//! step is reported, once.

use dino_core::eval::metrics::Metrics;
use dino_core::protocol::Event;
use std::cell::Cell;
use std::collections::VecDeque;
use web_time::{Duration, Instant};

/// Events that only show progress are sent at most so often.
const PACE: Duration = Duration::from_millis(100);

/// Images a second are counted over so long.
const WINDOW: Duration = Duration::from_secs(3);

/// Metrics of finished steps, and when to send them.
pub struct Progress {
    waiting: Vec<Metrics>,
    /// All finished steps of the run.
    history: Vec<Metrics>,
    posted: Cell<Instant>,
    /// Time of training before now, and since when it is under way.
    trained: (Duration, Option<Instant>),
    /// When the first steps since training began were done, and their number.
    first: Option<(Instant, u64)>,
    /// Times with the number of steps that were done then.
    recent: VecDeque<(Instant, u64)>,
}

impl Progress {
    pub fn new() -> Self {
        Self {
            waiting: Vec::new(),
            history: Vec::new(),
            posted: Cell::new(Instant::now()),
            trained: (Duration::ZERO, None),
            first: None,
            recent: VecDeque::new(),
        }
    }

    /// Starts the clock of images a second.
    pub fn begin(&mut self, step: u64) {
        self.recent.clear();
        self.first = None;
        self.recent.push_back((Instant::now(), step));
    }

    /// Takes in finished steps.
    pub fn take(&mut self, metrics: Vec<Metrics>) {
        let (now, count) = (Instant::now(), metrics.len());
        if let Some(last) = metrics.last() {
            self.recent.push_back((now, last.step + 1));
            self.first.get_or_insert((now, last.step + 1));
        }
        self.waiting.extend(metrics);
        self.history.extend_from_slice(&self.waiting[self.waiting.len() - count..]);
        while self.recent.len() > 2
            && self.recent.front().is_some_and(|(then, _)| now.duration_since(*then) > WINDOW)
        {
            self.recent.pop_front();
        }
    }

    /// Seconds of a step, once so many steps were timed since training began; the first of them is not, because kernels
    /// and pictures are new in it.
    pub fn seconds_a_step(&self, steps: u64) -> Option<f64> {
        let (first, from) = self.first?;
        let (last, to) = self.recent.back()?;
        let timed = to.saturating_sub(from);
        (timed >= steps).then(|| last.duration_since(first).as_secs_f64() / timed as f64)
    }

    /// All finished steps of the run, in order.
    pub fn history(&self) -> &[Metrics] {
        &self.history
    }

    /// Takes over the finished steps of a resumed run and the seconds that they took; the caller tells the page of
    /// them.
    pub fn recall(&mut self, history: Vec<Metrics>, trained: f64) {
        self.history = history;
        // A file may contain any number.
        self.trained.0 = Duration::try_from_secs_f64(trained).unwrap_or_default();
    }

    /// Starts or stops the clock of training.
    pub fn trains(&mut self, now: bool) {
        let (before, since) = &mut self.trained;
        match (now, *since) {
            (true, None) => *since = Some(Instant::now()),
            (false, Some(begin)) => (*before, *since) = (*before + begin.elapsed(), None),
            _ => {}
        }
    }

    /// Seconds that the run has trained.
    pub fn trained(&self) -> f64 {
        let (before, since) = self.trained;
        (before + since.map_or(Duration::ZERO, |begin| begin.elapsed())).as_secs_f64()
    }

    /// True once each [`PACE`].
    pub fn may_post(&self) -> bool {
        let due = self.posted.get().elapsed() >= PACE;
        if due {
            self.posted.set(Instant::now());
        }
        due
    }

    /// An event with the steps that finished since the last one, if there are any and it is time.
    pub fn progress(&mut self, batch: usize) -> Option<Event> {
        (!self.waiting.is_empty() && self.may_post()).then(|| self.rest(batch))
    }

    /// An event with the steps that finished since the last one.
    pub fn rest(&mut self, batch: usize) -> Event {
        let images_per_second = match (self.recent.front(), self.recent.back()) {
            (Some((begin, from)), Some((end, to))) if end > begin => {
                to.saturating_sub(*from) as f64 * batch as f64
                    / end.duration_since(*begin).as_secs_f64()
            }
            _ => 0.0,
        };
        Event::Progress { points: std::mem::take(&mut self.waiting), images_per_second }
    }
}
