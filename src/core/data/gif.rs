//! First frame of a GIF, on its screen. Invariant: nothing of the frame is lost: a screen that is too small for it
//! grows, as browsers and Pillow have it.

use crate::data::decode::words_of;
use crate::error::{MAX_DECODED, Rejected};
use ::gif::{ColorOutput, DecodeOptions};
use image::{DynamicImage, RgbaImage};
use std::io::Cursor;

/// Decodes the first frame; what it leaves free of the screen is transparent.
///
/// # Errors
/// [`Rejected`] for a file that is damaged, cut off or too large.
pub fn first_frame(bytes: &[u8]) -> Result<DynamicImage, Rejected> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut file = options.read_info(Cursor::new(bytes)).map_err(|e| words_of(&e))?;
    let screen = [file.width(), file.height()].map(u32::from);
    let frame = file.next_frame_info().map_err(|e| words_of(&e))?;
    let frame = frame.ok_or_else(|| Rejected::damaged("it has no frame"))?;
    let [left, top] = [frame.left, frame.top].map(u32::from);
    let [across, down] = [frame.width, frame.height].map(u32::from);
    let [width, height] = [screen[0].max(left + across), screen[1].max(top + down)];
    let (wide, high, most) = (u64::from(width), u64::from(height), MAX_DECODED / 4);
    if wide * high > most {
        return Err(Rejected::Huge { width: wide, height: high, most });
    }
    let mut pixels = vec![0; file.buffer_size()];
    file.read_into_buffer(&mut pixels).map_err(|e| words_of(&e))?;
    let frame = RgbaImage::from_raw(across, down, pixels);
    let frame = frame.ok_or_else(|| Rejected::damaged("its frame is not filled"))?;
    if [across, down] == [width, height] {
        return Ok(frame.into());
    }
    let mut canvas = RgbaImage::new(width, height);
    image::imageops::replace(&mut canvas, &frame, i64::from(left), i64::from(top));
    Ok(canvas.into())
}
