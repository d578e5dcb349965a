//! Colours of a JPEG as red, green and blue: libjpeg's tables in whole numbers, and Pillow's reading of inks.
//! Invariant: which colours the components are is told as libjpeg tells it, by JFIF's marker, then Adobe's, then by
//! the names of the components.

/// What the components are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    Grey,
    Rgb,
    YCbCr,
    /// Inks, stored as their absence, as Adobe began.
    Cmyk,
    /// The same, with the first three as brightness and colour.
    Ycck,
}

impl Colours {
    /// Those of so many components; `None` for a number that nobody has defined.
    pub fn of(names: &[u8], jfif: bool, adobe: Option<u8>) -> Option<Self> {
        match (names.len(), adobe) {
            (1, _) => Some(Self::Grey),
            (3, _) if jfif => Some(Self::YCbCr),
            (3, Some(0)) => Some(Self::Rgb),
            (3, None) if names == b"RGB" => Some(Self::Rgb),
            (3, _) => Some(Self::YCbCr),
            (4, None | Some(0)) => Some(Self::Cmyk),
            (4, _) => Some(Self::Ycck),
            _ => None,
        }
    }

    /// A row of pixels of a row of each component.
    pub fn write(self, rows: &[Vec<u8>], to: &mut [u8]) {
        match (self, rows) {
            (Self::Grey, [grey]) => {
                for (to, value) in to.iter_mut().zip(grey) {
                    *to = *value;
                }
            }
            (Self::Rgb, [a, b, c]) => {
                for (((to, a), b), c) in to.chunks_exact_mut(3).zip(a).zip(b).zip(c) {
                    to.copy_from_slice(&[*a, *b, *c]);
                }
            }
            (Self::YCbCr, [a, b, c]) => {
                for (((to, a), b), c) in to.chunks_exact_mut(3).zip(a).zip(b).zip(c) {
                    to.copy_from_slice(&rgb(*a, *b, *c));
                }
            }
            (Self::Cmyk, [a, b, c, d]) => {
                for ((((to, a), b), c), d) in to.chunks_exact_mut(3).zip(a).zip(b).zip(c).zip(d) {
                    to.copy_from_slice(&[*a, *b, *c].map(|ink| on_black(ink, *d)));
                }
            }
            (Self::Ycck, [a, b, c, d]) => {
                for ((((to, a), b), c), d) in to.chunks_exact_mut(3).zip(a).zip(b).zip(c).zip(d) {
                    to.copy_from_slice(&rgb(*a, *b, *c).map(|light| on_black(255 - light, *d)));
                }
            }
            _ => {}
        }
    }
}

/// Red, green and blue with 16 bits behind the point, as in libjpeg's `jdcolor.c`.
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let red = y + ((91_881 * cr + HALF) >> 16);
    let green = y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16);
    let blue = y + ((116_130 * cb + HALF) >> 16);
    [red, green, blue].map(|value| value.clamp(0, 255) as u8)
}

/// What an ink and black, both stored as their absence, leave of the light, as Pillow has it.
fn on_black(ink: u8, black: u8) -> u8 {
    let product = u32::from(255 - ink) * u32::from(black) + 128;
    black.saturating_sub((((product >> 8) + product) >> 8) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_told_as_libjpeg_does() {
        use Colours::{Cmyk, Grey, Rgb, YCbCr, Ycck};
        for (names, jfif, adobe, expected) in [
            (&[7][..], false, Some(0), Some(Grey)),
            (&[1, 2, 3], false, Some(0), Some(Rgb)),
            (&[1, 2, 3], true, Some(0), Some(YCbCr)),
            (b"RGB", false, None, Some(Rgb)),
            (b"RGB", false, Some(1), Some(YCbCr)),
            (&[0, 1, 2], false, None, Some(YCbCr)),
            (&[1, 2, 3, 4], true, None, Some(Cmyk)),
            (&[1, 2, 3, 4], false, Some(0), Some(Cmyk)),
            (&[1, 2, 3, 4], false, Some(2), Some(Ycck)),
            (&[1, 2], false, None, None),
        ] {
            assert_eq!(Colours::of(names, jfif, adobe), expected, "{names:?} {jfif} {adobe:?}");
        }
    }
}
