//! Speed of a run: images of the steps whose time was measured, over that time. It reads no clock, but is told the
//! time. Invariant: a step counts only if it began after the clock did, and nothing timed is no number.

use std::time::Duration;

/// Steps that finished, and when.
pub struct Speed {
    /// Images of a step.
    batch: u64,
    /// Steps that were finished when the clock began, and its time then: the first step waits for compilation.
    begun: Option<(u64, Duration)>,
    done: u64,
    rate: Option<f64>,
}

impl Speed {
    /// Of a run that has not begun, with so many images a step.
    pub fn new(batch: usize) -> Self {
        Self { batch: batch as u64, begun: None, done: 0, rate: None }
    }

    /// Notes that so many more steps are seen to be finished at `now`, counted from any fixed time. None of those that
    /// follow the first ones may have begun before they were seen.
    pub fn tick(&mut self, steps: u64, now: Duration) {
        if steps == 0 {
            return;
        }
        self.done += steps;
        match self.begun {
            Some((before, at)) if now > at => {
                let images = (self.done - before) * self.batch;
                self.rate = Some(images as f64 / (now - at).as_secs_f64());
            }
            // Seen at one instant: of none of them is the time known.
            _ => self.begun = Some((self.done, now)),
        }
    }

    /// Images per second, all crops of an image being one; none if no step was timed.
    pub fn images_per_second(&self) -> Option<f64> {
        self.rate
    }
}

/// The speed in words, with what stands before it; nothing if there is none.
pub fn words(before: &str, images_per_second: Option<f64>) -> String {
    images_per_second.map_or(String::new(), |speed| format!("{before}{speed:.1} images/s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The speed after steps that are seen at these seconds, so many at a time, 10 images each.
    fn of(seen: &[(u64, f64)]) -> Option<f64> {
        let mut speed = Speed::new(10);
        seen.iter().for_each(|(steps, at)| speed.tick(*steps, Duration::from_secs_f64(*at)));
        speed.images_per_second()
    }

    #[test]
    fn only_what_was_timed_counts() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(1, 5.0)]), None, "one step, which compiles");
        assert_eq!(of(&[(1, 5.0), (1, 5.5)]), Some(20.0), "two steps, one of them timed");
        assert_eq!(of(&[(1, 5.0), (0, 5.2), (2, 6.0)]), Some(20.0), "three steps");
        assert_eq!(of(&[(1, 5.0), (1, 5.5), (1, 6.0)]), Some(20.0));
    }

    #[test]
    fn steps_that_are_seen_at_one_instant_are_not_timed() {
        assert_eq!(of(&[(2, 5.0)]), None);
        assert_eq!(of(&[(1, 5.0), (1, 5.0)]), None);
        assert_eq!(of(&[(1, 5.0), (1, 5.0), (2, 6.0)]), Some(20.0));
        // A clock that stands still, or goes back.
        assert_eq!(of(&[(1, 5.0), (3, 4.0)]), None);
    }

    #[test]
    fn nothing_timed_is_not_said() {
        assert_eq!(words(" at ", None), "");
        assert_eq!(words(" at ", Some(12.34)), " at 12.3 images/s");
    }
}
