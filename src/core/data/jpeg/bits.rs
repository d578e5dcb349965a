//! Bits of a scan and the Huffman codes that they spell. Invariant: behind a marker or the end of the file there
//! are zeros, as libjpeg has it, and they are counted by [`Bits::overran`].

use crate::error::Rejected;

/// Codes up to so many bits, nearly all, are found in one look.
const LOOK: u32 = 9;

/// A Huffman table.
#[derive(Clone)]
pub struct Codes {
    /// By the next [`LOOK`] bits: the length of their code and its symbol; length 0 is none or a longer one.
    short: Vec<(u8, u8)>,
    /// By length: one more than the largest code, and what to add to a code for the place of its symbol.
    longer: [(i32, i32); 17],
    symbols: Vec<u8>,
}

impl Codes {
    /// The table of how many codes there are of each length, 1 to 16, and their symbols in order.
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, Rejected> {
        let mut short = vec![(0, 0); 1 << LOOK];
        let mut longer = [(0, 0); 17];
        let (mut code, mut at) = (0_usize, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            let count = usize::from(*count);
            if code + count > 1 << length {
                return Err(Rejected::damaged("a Huffman table has too many codes"));
            }
            let row = longer.get_mut(length as usize);
            if let Some(row) = row {
                *row = ((code + count) as i32, at as i32 - code as i32);
            }
            for symbol in symbols.get(at..at + count).unwrap_or_default() {
                if length <= LOOK {
                    let first = code << (LOOK - length);
                    let last = first + (1 << (LOOK - length));
                    if let Some(places) = short.get_mut(first..last) {
                        places.fill((length as u8, *symbol));
                    }
                }
                code += 1;
            }
            at += count;
            code <<= 1;
        }
        Ok(Self { short, longer, symbols: symbols.to_vec() })
    }
}

/// Reads the entropy-coded bytes from a place in the file up to the next marker.
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next `held` bits, the first of them the highest.
    window: u64,
    held: u32,
    /// Of them, the zeros behind the end.
    padding: u32,
    ended: bool,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, window: 0, held: 0, padding: 0, ended: false }
    }

    /// Where the bytes that are not read yet begin.
    pub fn at(&self) -> usize {
        self.at
    }

    /// True if bits behind the end were taken.
    pub fn overran(&self) -> bool {
        self.padding > self.held
    }

    /// True if the file itself ended.
    pub fn file_ended(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Forgets the rest of this interval and goes to the next marker: true if that begins another interval.
    pub fn restart(&mut self) -> bool {
        (self.window, self.held, self.padding, self.ended) = (0, 0, 0, false);
        while let Some(&byte) = self.bytes.get(self.at) {
            let next = self.bytes.get(self.at + 1).copied();
            match (byte, next) {
                (0xff, Some(0xd0..=0xd7)) => {
                    self.at += 2;
                    return true;
                }
                // A fill byte, a stuffed byte, or any other byte.
                (0xff, Some(0xff)) => self.at += 1,
                (0xff, Some(0)) => self.at += 2,
                (0xff, _) => break,
                _ => self.at += 1,
            }
        }
        self.ended = true;
        false
    }

    fn fill(&mut self) {
        while self.held <= 56 {
            let mut byte = 0;
            if !self.ended {
                match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                    (Some(0xff), Some(0)) => {
                        byte = 0xff;
                        self.at += 2;
                    }
                    // Fill bytes before a marker.
                    (Some(0xff), Some(0xff)) => {
                        self.at += 1;
                        continue;
                    }
                    (Some(0xff), Some(_)) => self.ended = true,
                    (Some(0xff), None) | (None, _) => {
                        self.at = self.bytes.len();
                        self.ended = true;
                    }
                    (Some(value), _) => {
                        byte = *value;
                        self.at += 1;
                    }
                }
            }
            if self.ended {
                self.padding = self.padding.saturating_add(8);
            }
            self.window |= u64::from(byte) << (56 - self.held);
            self.held += 8;
        }
    }

    fn skip(&mut self, bits: u32) {
        self.window <<= bits;
        self.held -= bits;
    }

    /// The next bits, up to 16, as a number.
    pub fn take(&mut self, bits: u32) -> u32 {
        if bits == 0 {
            return 0;
        }
        if self.held < bits {
            self.fill();
        }
        let value = (self.window >> (64 - bits)) as u32;
        self.skip(bits);
        value
    }

    /// The next bits as a signed number: a half of the range is negative.
    pub fn signed(&mut self, bits: u32) -> i32 {
        if bits == 0 {
            return 0;
        }
        let value = self.take(bits) as i32;
        if value < 1 << (bits - 1) { value - (1 << bits) + 1 } else { value }
    }

    /// The next symbol.
    pub fn symbol(&mut self, codes: &Codes) -> Result<u8, Rejected> {
        if self.held < 16 {
            self.fill();
        }
        let look = (self.window >> (64 - LOOK)) as usize;
        if let Some(&(length @ 1.., symbol)) = codes.short.get(look) {
            self.skip(u32::from(length));
            return Ok(symbol);
        }
        for length in LOOK + 1..=16 {
            let code = (self.window >> (64 - length)) as i32;
            if let Some((end, shift)) = codes.longer.get(length as usize)
                && code < *end
            {
                self.skip(length);
                let symbol =
                    usize::try_from(code + shift).ok().and_then(|at| codes.symbols.get(at));
                return symbol.copied().ok_or_else(unknown);
            }
        }
        Err(unknown())
    }
}

fn unknown() -> Rejected {
    Rejected::damaged("a Huffman code is in no table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_lengths_are_found_and_bits_behind_the_end_are_told() {
        // One code of each length: 0, 10, 110, …
        let codes = Codes::new(&[1; 16], &(1..=16).collect::<Vec<u8>>()).unwrap();
        // 10, 0, 1111 1111 110, then 101 and 01.
        let file = [0b1001_1111, 0b1111_1010, 0b1010_0000, 0xff, 0xd9];
        let mut bits = Bits::new(&file, 0);
        assert_eq!(bits.symbol(&codes), Ok(2));
        assert_eq!(bits.symbol(&codes), Ok(1));
        assert_eq!(bits.symbol(&codes), Ok(11));
        assert_eq!(bits.take(3), 5);
        assert_eq!(bits.signed(2), -2);
        assert!(!bits.overran());
        bits.take(16);
        assert!(bits.overran() && bits.at() == 3 && !bits.restart());
        assert!(Codes::new(&[3; 16], &[0; 48]).is_err());
    }
}
