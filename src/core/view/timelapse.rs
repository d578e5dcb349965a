//! Time-lapse: maps of the same images at many steps, to be played. Invariant: at most [`MOST_FRAMES`] frames
//! in the order of their steps, spread over the whole run; the last is the newest.

use crate::view::attention::ImageMaps;
use std::sync::Arc;

/// Frames that are kept: with eight images of 480 px they take 14 MB.
pub const MOST_FRAMES: usize = 120;

/// The maps at one step, each the mean over its heads.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub step: u64,
    pub maps: Vec<ImageMaps>,
}

/// Frames from the beginning to now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timelapse {
    pub frames: Vec<Arc<Frame>>,
    /// Steps between frames, at least.
    gap: u64,
}

impl Timelapse {
    /// Appends a frame. Frames of the same or a later step go: the run went back, or began anew. When
    /// there are too many, every second one makes room.
    pub fn push(&mut self, step: u64, maps: Vec<ImageMaps>) {
        let before = self.frames.partition_point(|frame| frame.step < step);
        self.frames.truncate(before);
        if before == 0 {
            self.gap = 0;
        }
        // The newest is always kept, so the one before it may be too near to those kept for good.
        if let [.., kept, last] = self.frames.as_slice()
            && last.step - kept.step < self.gap
        {
            self.frames.pop();
        }
        let maps =
            maps.iter().map(|m| ImageMaps { image: m.image, maps: m.maps.averaged() }).collect();
        self.frames.push(Arc::new(Frame { step, maps }));
        if self.frames.len() > MOST_FRAMES {
            self.thin();
        }
    }

    fn thin(&mut self) {
        let (first, last) = match self.frames.as_slice() {
            [first, .., last] => (first.step, last.step),
            _ => return,
        };
        self.gap = ((last - first) / (MOST_FRAMES as u64 / 2)).max(1);
        let (gap, mut next) = (self.gap, first);
        self.frames.retain(|frame| {
            let keep = frame.step >= next || frame.step == last;
            if keep {
                next = frame.step + gap;
            }
            keep
        });
    }

    /// Where the maps of an image are in a frame, if it was pinned then.
    pub fn map(&self, frame: usize, image: usize) -> Option<&ImageMaps> {
        self.frames.get(frame)?.maps.iter().find(|map| map.image == image)
    }

    /// An image left the set: those behind it moved up.
    pub fn remove(&mut self, image: usize) {
        for frame in &mut self.frames {
            let frame = Arc::make_mut(frame);
            frame.maps.retain(|map| map.image != image);
            for map in frame.maps.iter_mut().filter(|map| map.image > image) {
                map.image -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::attention::AttentionMaps;

    fn map(image: usize) -> ImageMaps {
        let maps = AttentionMaps { heads: 2, grid: [2, 1], values: vec![0.1, 0.2, 0.3, 0.6] };
        ImageMaps { image, maps }
    }

    fn steps(lapse: &Timelapse) -> Vec<u64> {
        lapse.frames.iter().map(|frame| frame.step).collect()
    }

    #[test]
    fn frames_are_spread_over_any_run() {
        let mut lapse = Timelapse::default();
        for step in (0..100_000).step_by(10) {
            lapse.push(step, vec![map(3)]);
            let steps = steps(&lapse);
            assert!(steps.len() <= MOST_FRAMES);
            assert!(steps.is_sorted_by(|a, b| a < b));
            assert_eq!((steps.first(), steps.last()), (Some(&0), Some(&step)));
        }
        let steps = steps(&lapse);
        assert!(steps.len() > MOST_FRAMES / 3, "{}", steps.len());
        let widest = steps.windows(2).map(|w| w[1] - w[0]).max();
        assert!(widest < Some(100_000 / 30), "{widest:?}");
    }

    #[test]
    fn a_run_that_goes_back_forgets() {
        let mut lapse = Timelapse::default();
        [0, 10, 20, 30].into_iter().for_each(|step| lapse.push(step, vec![map(0)]));
        lapse.push(20, vec![map(0)]);
        assert_eq!(steps(&lapse), [0, 10, 20]);
        lapse.push(0, vec![map(0)]);
        assert_eq!(steps(&lapse), [0]);
    }

    #[test]
    fn maps_are_averaged_and_follow_their_images() {
        let mut lapse = Timelapse::default();
        lapse.push(0, vec![map(1), map(4)]);
        let found = &lapse.map(0, 4).map(|map| map.maps.values.clone()).unwrap_or_default();
        assert!((found[0] - 0.2).abs() < 1e-6 && (found[1] - 0.4).abs() < 1e-6, "{found:?}");
        lapse.remove(1);
        assert!(lapse.map(0, 1).is_none() && lapse.map(0, 3).is_some());
        assert!(lapse.map(7, 3).is_none());
    }
}
