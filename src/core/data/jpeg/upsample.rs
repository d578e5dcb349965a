//! Upsampling of a component to the image's size: libjpeg's triangle filter where it halves, repetition elsewhere.
//! Invariant: the same numbers as libjpeg-turbo's `jdsample.c`, which is what Pillow shows.

use crate::data::jpeg::frame::{Component, Frame};

/// How a component becomes as large as the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Copied,
    /// Half as wide.
    Across,
    /// Half as high.
    Down,
    /// Half as wide and high.
    Both,
    Repeated {
        across: usize,
        down: usize,
    },
}

/// A component's samples, and how they are made larger.
pub struct Plane {
    pub samples: Vec<u8>,
    pub stride: usize,
    /// Of its blocks.
    pub sides: [usize; 2],
    width: usize,
    height: usize,
    way: Way,
}

impl Plane {
    /// Room for a component of an image whose blocks are decoded as `side` × `side` samples.
    pub fn new(frame: &Frame, component: &Component, side: usize) -> Self {
        let (sides, [across, down]) = frame.of_component(component, side);
        let [width, height] = frame.size(Some(component), sides);
        // libjpeg has no filter for fewer than three columns, nor for blocks of one sample.
        let whole = sides != [1, 1];
        let wide = width > 2 && whole;
        let way = match (across, down) {
            (1, 1) => Way::Copied,
            (2, 1) if wide => Way::Across,
            (1, 2) if whole => Way::Down,
            (2, 2) if wide => Way::Both,
            (across, down) => Way::Repeated { across, down },
        };
        let stride = component.padded[0] * sides[0];
        Self {
            samples: vec![0; stride * component.padded[1] * sides[1]],
            stride,
            sides,
            width,
            height,
            way,
        }
    }

    fn line(&self, y: usize) -> &[u8] {
        let start = y.min(self.height.saturating_sub(1)) * self.stride;
        self.samples.get(start..start + self.width).unwrap_or_default()
    }

    /// Row `y` of the image.
    pub fn row(&self, y: usize, to: &mut Vec<u8>) {
        to.clear();
        match self.way {
            Way::Copied => to.extend_from_slice(self.line(y)),
            Way::Across => across(self.line(y), to),
            Way::Down => {
                let (near, far, upper) = self.pair(y);
                let bias = if upper { 1 } else { 2 };
                let value =
                    |(n, f): (&u8, &u8)| ((3 * u16::from(*n) + u16::from(*f) + bias) >> 2) as u8;
                to.extend(near.iter().zip(far).map(value));
            }
            Way::Both => {
                let (near, far, _) = self.pair(y);
                both(near, far, to);
            }
            Way::Repeated { across, down } => {
                let line = self.line(y / down).iter();
                to.extend(line.flat_map(|value| std::iter::repeat_n(*value, across)));
            }
        }
    }

    /// Of a component half as high, the line that row `y` lies in, the next nearest one, and whether it is above.
    fn pair(&self, y: usize) -> (&[u8], &[u8], bool) {
        let (near, upper) = (y / 2, y.is_multiple_of(2));
        let far = if upper { near.saturating_sub(1) } else { near + 1 };
        (self.line(near), self.line(far), upper)
    }
}

/// A line at twice its width: three quarters of the near sample and one of the far.
fn across(line: &[u8], to: &mut Vec<u8>) {
    let value = |at: usize| u16::from(line.get(at).copied().unwrap_or_default());
    let last = line.len().saturating_sub(1);
    for x in 0..line.len() {
        let near = 3 * value(x);
        let left = if x == 0 { value(0) } else { (near + value(x - 1) + 1) >> 2 };
        let right = if x == last { value(last) } else { (near + value(x + 1) + 2) >> 2 };
        to.extend([left as u8, right as u8]);
    }
}

/// The same of sums of two lines, three of the near and one of the far.
fn both(near: &[u8], far: &[u8], to: &mut Vec<u8>) {
    let sum = |n: u8, f: u8| 3 * u16::from(n) + u16::from(f);
    let mut sums = near.iter().zip(far).map(|(n, f)| sum(*n, *f)).peekable();
    let mut before = None;
    while let Some(here) = sums.next() {
        let left = match before {
            None => (4 * here + 8) >> 4,
            Some(before) => (3 * here + before + 8) >> 4,
        };
        let right = match sums.peek() {
            None => (4 * here + 7) >> 4,
            Some(after) => (3 * here + after + 7) >> 4,
        };
        to.extend([left as u8, right as u8]);
        before = Some(here);
    }
}
