//! EXIF data of an image, of which only the orientation is read. Invariant: nonsense means upright.

use image::metadata::Orientation;

/// Tag of the orientation.
const ORIENTATION: u16 = 0x0112;

/// A file of tags, as TIFF has it: EXIF data, and the raw files of many cameras.
pub struct Tags<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl<'a> Tags<'a> {
    /// `None` where the bytes do not begin as TIFF does.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        match bytes.get(..4)? {
            b"II*\0" => Some(Self { bytes, big: false }),
            b"MM\0*" => Some(Self { bytes, big: true }),
            _ => None,
        }
    }

    fn two(&self, at: usize) -> Option<u16> {
        let two = self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u16::from_be_bytes(*two) } else { u16::from_le_bytes(*two) })
    }

    fn four(&self, at: usize) -> Option<u32> {
        let four = self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) })
    }

    /// Where the entry of a tag stands in the first directory.
    fn entry(&self, tag: u16) -> Option<usize> {
        let directory = usize::try_from(self.four(4)?).ok()?;
        let count = usize::from(self.two(directory)?);
        let mut entries = (0..count).map(|i| directory + 2 + 12 * i);
        entries.find(|at| self.two(*at) == Some(tag))
    }

    /// True if the first directory has the tag.
    pub fn has(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    /// A whole number: a SHORT, or a LONG, which some cameras write in its place.
    pub fn number(&self, tag: u16) -> Option<u32> {
        let at = self.entry(tag)?;
        match self.two(at + 2)? {
            1 => self.bytes.get(at + 8).map(|byte| u32::from(*byte)),
            3 => self.two(at + 8).map(u32::from),
            4 => self.four(at + 8),
            _ => None,
        }
    }

    /// Text of a tag, as far as it is in the file.
    pub fn text(&self, tag: u16) -> Option<&'a [u8]> {
        let at = self.entry(tag)?;
        let length = usize::try_from(self.four(at + 4)?).ok()?;
        let start = if length <= 4 { at + 8 } else { usize::try_from(self.four(at + 8)?).ok()? };
        let rest = self.bytes.get(start..)?;
        Some(rest.get(..length).unwrap_or(rest))
    }
}

/// How EXIF data say that the image must be turned.
pub fn orientation(exif: &[u8]) -> Orientation {
    let number = Tags::new(exif).and_then(|tags| tags.number(ORIENTATION));
    let number = number.and_then(|number| u8::try_from(number).ok());
    number.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exif(kind: u16, value: [u8; 4]) -> Vec<u8> {
        let mut file = b"MM\0*\0\0\0\x08\0\x01\x01\x12".to_vec();
        file.extend(kind.to_be_bytes());
        file.extend([0, 0, 0, 1]);
        file.extend(value);
        file
    }

    #[test]
    fn an_orientation_is_read_from_two_and_from_four_bytes() {
        assert_eq!(orientation(&exif(3, [0, 6, 0, 0])), Orientation::Rotate90);
        assert_eq!(orientation(&exif(4, [0, 0, 0, 6])), Orientation::Rotate90);
        for nonsense in [exif(3, [0, 99, 0, 0]), exif(2, [6; 4]), b"MM\0*\xff\xff\xff\xff".to_vec()]
        {
            assert_eq!(orientation(&nonsense), Orientation::NoTransforms);
        }
    }
}
