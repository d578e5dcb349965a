//! Tags in the form of TIFF: EXIF data, and the raw files of many cameras. Invariant: a place outside the bytes is no
//! tag.

/// A file of tags.
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
