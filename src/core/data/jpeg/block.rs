//! Coefficients of one block, as a sequential scan or a pass of a progressive one has them. Invariant: nothing is
//! written outside the block, and a run that leaves it is damage.

use crate::data::jpeg::bits::{Bits, Codes};
use crate::error::Rejected;

/// Where the coefficients stand in a block, in the order of a file.
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The place of coefficient `at` of a file; the last for one that no block has.
pub fn place(at: usize) -> usize {
    usize::from(ZIGZAG.get(at).copied().unwrap_or(63))
}

fn outside() -> Rejected {
    Rejected::damaged("a block has more than 64 coefficients")
}

/// The first coefficient: its difference from the block before.
fn first(bits: &mut Bits<'_>, codes: &Codes, before: &mut i32) -> Result<i32, Rejected> {
    let length = bits.symbol(codes)?;
    if length > 15 {
        return Err(Rejected::damaged("a difference has more than 15 bits"));
    }
    *before = before.wrapping_add(bits.signed(u32::from(length)));
    Ok(*before)
}

/// All of a sequential block.
pub fn sequential(
    bits: &mut Bits<'_>,
    dc: &Codes,
    ac: &Codes,
    before: &mut i32,
    block: &mut [i16; 64],
) -> Result<(), Rejected> {
    block[0] = first(bits, dc, before)? as i16;
    let mut at = 1;
    while at < 64 {
        let symbol = bits.symbol(ac)?;
        let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if length == 0 {
            if run != 15 {
                break;
            }
            at += 16;
            continue;
        }
        at += run;
        if at > 63 {
            return Err(outside());
        }
        block[place(at)] = bits.signed(length) as i16;
        at += 1;
    }
    Ok(())
}

/// A pass of a progressive scan over coefficients `from` to `to`, without their `low` lowest bits.
pub struct Pass {
    pub from: usize,
    pub to: usize,
    pub low: u32,
    /// Blocks that have no more coefficients in this pass.
    pub empty: u32,
}

impl Pass {
    /// First bits of the first coefficient.
    pub fn dc_first(
        &self,
        bits: &mut Bits<'_>,
        codes: &Codes,
        before: &mut i32,
        block: &mut [i16; 64],
    ) -> Result<(), Rejected> {
        block[0] = (first(bits, codes, before)? << self.low) as i16;
        Ok(())
    }

    /// One more bit of the first coefficient.
    pub fn dc_refine(&self, bits: &mut Bits<'_>, block: &mut [i16; 64]) {
        if bits.take(1) == 1 {
            block[0] |= 1 << self.low;
        }
    }

    /// First bits of the other coefficients.
    pub fn ac_first(
        &mut self,
        bits: &mut Bits<'_>,
        codes: &Codes,
        block: &mut [i16; 64],
    ) -> Result<(), Rejected> {
        if self.empty > 0 {
            self.empty -= 1;
            return Ok(());
        }
        let mut at = self.from;
        while at <= self.to {
            let symbol = bits.symbol(codes)?;
            let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if length == 0 {
                if run != 15 {
                    self.empty = (1 << run) + bits.take(run as u32) - 1;
                    break;
                }
                at += 16;
                continue;
            }
            at += run;
            if at > 63 {
                return Err(outside());
            }
            block[place(at)] = (bits.signed(length) << self.low) as i16;
            at += 1;
        }
        Ok(())
    }

    /// One more bit of the other coefficients, and those that begin with it.
    pub fn ac_refine(
        &mut self,
        bits: &mut Bits<'_>,
        codes: &Codes,
        block: &mut [i16; 64],
    ) -> Result<(), Rejected> {
        let mut at = self.from;
        if self.empty == 0 {
            while at <= self.to {
                let symbol = bits.symbol(codes)?;
                let (run, length) = (usize::from(symbol >> 4), symbol & 15);
                let mut value = 0;
                if length != 0 {
                    let one = 1_i16 << self.low;
                    value = if bits.take(1) == 1 { one } else { -one };
                } else if run != 15 {
                    self.empty = (1 << run) + bits.take(run as u32);
                    break;
                }
                at = self.refine(bits, block, at, Some(run));
                if value != 0 {
                    if at > self.to {
                        return Err(outside());
                    }
                    block[place(at)] = value;
                }
                at += 1;
            }
        }
        if self.empty > 0 {
            self.refine(bits, block, at, None);
            self.empty -= 1;
        }
        Ok(())
    }

    /// Refines the coefficients from `at` on that are not zero, and returns the place of the zero after `zeros`
    /// others.
    fn refine(
        &self,
        bits: &mut Bits<'_>,
        block: &mut [i16; 64],
        mut at: usize,
        mut zeros: Option<usize>,
    ) -> usize {
        let one = 1_i16 << self.low;
        while at <= self.to {
            let coefficient = &mut block[place(at)];
            if *coefficient != 0 {
                if bits.take(1) == 1 && *coefficient & one == 0 {
                    let more = if *coefficient > 0 { one } else { -one };
                    *coefficient = coefficient.wrapping_add(more);
                }
            } else if let Some(left) = &mut zeros {
                if *left == 0 {
                    break;
                }
                *left -= 1;
            }
            at += 1;
        }
        at
    }
}
