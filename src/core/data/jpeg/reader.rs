//! Segments of a JPEG file, from its first marker to its last. Invariant: an image is complete: every component
//! has a scan, and the end marker is there.

use crate::data::jpeg::bits::Codes;
use crate::data::jpeg::block::place;
use crate::data::jpeg::colour::Colours;
use crate::data::jpeg::frame::Frame;
use crate::data::jpeg::scan::{self, State, Tables};
use crate::data::jpeg::upsample::Plane;
use crate::error::Rejected;
use image::DynamicImage;

/// More scans than any encoder writes: each walks over the whole image, however few bytes it has.
const MOST_SCANS: usize = 200;

/// A JPEG whose headers are read up to the first scan.
pub struct Jpeg<'a> {
    bytes: &'a [u8],
    at: usize,
    tables: Tables,
    frame: Option<Frame>,
    jfif: bool,
    adobe: Option<u8>,
    exif: Vec<&'a [u8]>,
    xmp: &'a [u8],
}

/// What a marker led to.
enum Step<'a> {
    Header,
    Scan(&'a [u8]),
    End,
}

impl<'a> Jpeg<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// [`Rejected`] for a file that is no JPEG, is damaged, or of a kind that is not decoded.
    pub fn open(bytes: &'a [u8]) -> Result<(Self, Frame), Rejected> {
        if !bytes.starts_with(&[0xff, 0xd8]) {
            return Err(Rejected::Unknown);
        }
        let tables = Tables::default();
        let (exif, xmp) = Default::default();
        let mut file =
            Self { bytes, at: 2, tables, frame: None, jfif: false, adobe: None, exif, xmp };
        loop {
            let before = file.at;
            match file.step()? {
                Step::Header => {}
                Step::End => return Err(Rejected::damaged("it has no scan")),
                Step::Scan(_) => {
                    file.at = before;
                    let frame = file.frame.clone();
                    let frame =
                        frame.ok_or_else(|| Rejected::damaged("a scan comes before the frame"))?;
                    return Ok((file, frame));
                }
            }
        }
    }

    /// The data of its EXIF segments: what has no room in one goes on in the next.
    pub fn exif(&self) -> Vec<u8> {
        self.exif.concat()
    }

    /// The data of its last XMP segment.
    pub fn xmp(&self) -> &'a [u8] {
        self.xmp
    }

    /// The pixels of the frame, each block as `side` × `side` of them: 8, 4, 2 or 1.
    ///
    /// # Errors
    /// [`Rejected`] for a file that is damaged or cut off.
    pub fn decode(mut self, frame: &Frame, side: usize) -> Result<DynamicImage, Rejected> {
        let plane = |component| State {
            quanta: None,
            coefficients: Vec::new(),
            plane: Plane::new(frame, component, side),
            begun: false,
        };
        let mut states: Vec<State> = frame.components.iter().map(plane).collect();
        let mut scans = 0;
        loop {
            match self.step()? {
                Step::Header => {}
                Step::End => break,
                Step::Scan(header) => {
                    scans += 1;
                    if scans > MOST_SCANS {
                        return Err(Rejected::damaged("it has more than 200 scans"));
                    }
                    let (bytes, at) = (self.bytes, self.at);
                    self.at = scan::decode(bytes, header, at, frame, &self.tables, &mut states)?;
                }
            }
        }
        if states.iter().any(|state| !state.begun) {
            return Err(Rejected::damaged("a component has no scan"));
        }
        if frame.progressive {
            scan::finish(frame, &mut states);
        }
        let colours = frame.colours(self.jfif, self.adobe)?;
        let planes: Vec<Plane> = states.into_iter().map(|state| state.plane).collect();
        let [width, height] = frame.size(None, [side; 2]);
        painted(colours, &planes, width, height)
            .ok_or_else(|| Rejected::damaged("it has no pixels"))
    }

    /// Goes to the next marker and reads its segment.
    fn step(&mut self) -> Result<Step<'a>, Rejected> {
        // Bytes between segments are passed over, as libjpeg does.
        let marker = loop {
            match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xff), Some(&marker)) if marker != 0 && marker != 0xff => break marker,
                (Some(_), Some(_)) => self.at += 1,
                _ => return Err(Rejected::Truncated),
            }
        };
        self.at += 2;
        match marker {
            0xd9 => return Ok(Step::End),
            0x01 | 0xd0..=0xd8 => return Ok(Step::Header),
            _ => {}
        }
        let length = match self.bytes.get(self.at..self.at + 2) {
            Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
            _ => return Err(Rejected::Truncated),
        };
        if length < 2 {
            return Err(Rejected::damaged("a segment is shorter than its own length"));
        }
        let data = self.bytes.get(self.at + 2..self.at + length).ok_or(Rejected::Truncated)?;
        self.at += length;
        match marker {
            0xda => return Ok(Step::Scan(data)),
            0xc4 => self.codes(data)?,
            0xdb => self.quanta(data)?,
            0xdd => self.tables.restart = number(data),
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf if self.frame.is_none() => {
                self.frame = Some(Frame::new(marker, data)?);
            }
            0xe0 => self.jfif |= data.len() >= 14 && data.starts_with(b"JFIF\0"),
            0xe1 => {
                self.exif.extend(data.strip_prefix(b"Exif\0\0"));
                self.xmp = data.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0").unwrap_or(self.xmp);
            }
            0xf7 if self.frame.is_none() => {
                return Err(Rejected::Format { name: "JPEG-LS".into() });
            }
            0xee if data.starts_with(b"Adobe") => self.adobe = data.get(11).copied(),
            _ => {}
        }
        Ok(Step::Header)
    }

    fn codes(&mut self, mut data: &[u8]) -> Result<(), Rejected> {
        while let Some((head, rest)) = data.split_first_chunk::<17>() {
            let [class, counts @ ..] = head;
            let total = counts.iter().map(|n| usize::from(*n)).sum::<usize>();
            let (Some(symbols), 0..=256) = (rest.get(..total), total) else {
                return Err(Rejected::damaged("a Huffman table is longer than its segment"));
            };
            let tables = if class >> 4 == 0 { &mut self.tables.dc } else { &mut self.tables.ac };
            match tables.get_mut(usize::from(class & 15)) {
                Some(table) if class >> 4 < 2 => *table = Some(Codes::new(counts, symbols)?),
                _ => return Err(Rejected::damaged("a Huffman table has a number that cannot be")),
            }
            data = rest.get(total..).unwrap_or_default();
        }
        Ok(())
    }

    fn quanta(&mut self, mut data: &[u8]) -> Result<(), Rejected> {
        while let Some((head, rest)) = data.split_first() {
            let wide = head >> 4 != 0;
            let length = if wide { 128 } else { 64 };
            let (Some(values), Some(table)) =
                (rest.get(..length), self.tables.quanta.get_mut(usize::from(head & 15)))
            else {
                return Err(Rejected::damaged("a table of quanta is incomplete"));
            };
            let mut quanta = [0; 64];
            for (at, value) in values.chunks_exact(length / 64).enumerate() {
                quanta[place(at)] = number(value) as u16;
            }
            *table = Some(quanta);
            data = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }
}

/// The first one or two bytes as a number.
fn number(bytes: &[u8]) -> usize {
    match bytes {
        [only] => usize::from(*only),
        [high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
        [] => 0,
    }
}

/// The image, row by row.
fn painted(
    colours: Colours,
    planes: &[Plane],
    width: usize,
    height: usize,
) -> Option<DynamicImage> {
    let channels = if colours == Colours::Grey { 1 } else { 3 };
    let mut pixels = vec![0; width * height * channels];
    let mut rows = vec![Vec::new(); planes.len()];
    for (y, to) in pixels.chunks_exact_mut(width * channels).enumerate() {
        for (plane, row) in planes.iter().zip(&mut rows) {
            plane.row(y, row);
        }
        colours.write(&rows, to);
    }
    let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    if channels == 1 {
        image::GrayImage::from_raw(width, height, pixels).map(Into::into)
    } else {
        image::RgbImage::from_raw(width, height, pixels).map(Into::into)
    }
}
