//! Writes an animation: every frame whole, in colours of its own, shown as long as before. No comment, and no
//! application's block but the one that says how often it is shown.

use super::palette::{Indexed, reduce};
use super::unwritable;
use custody_rules::{Reason, Refusal};
use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};
use image::RgbImage;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};

/// Unit of a frame's duration, in milliseconds.
const TICK_MS: u32 = 10;

/// An animation being written; its size is that of the first frame.
pub(super) struct Animation<'a> {
    out: &'a File,
    repeat: Option<u16>,
    encoder: Option<Encoder<BufWriter<&'a File>>>,
}

impl<'a> Animation<'a> {
    pub(super) fn new(out: &'a File, repeat: Option<u16>) -> Self {
        Self { out, repeat, encoder: None }
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// `Unwritable` when it is too large for the format, or writing fails.
    pub(super) fn frame(&mut self, rgb: &RgbImage, duration_ms: u32) -> Result<(), Refusal> {
        let side = |length: u32| {
            u16::try_from(length)
                .map_err(|_| Refusal::new(Reason::Unwritable, "it is too large for its format"))
        };
        let (width, height) = (side(rgb.width())?, side(rgb.height())?);
        let Indexed { palette, pixels } = reduce(rgb);
        let frame = Frame {
            width,
            height,
            buffer: Cow::Owned(pixels),
            palette: Some(palette),
            delay: u16::try_from(duration_ms / TICK_MS).unwrap_or(u16::MAX),
            dispose: DisposalMethod::Keep,
            ..Frame::default()
        };
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            none => none.insert(start(self.out, (width, height), self.repeat).map_err(|e| refused(&e))?),
        };
        encoder.write_frame(&frame).map_err(|error| refused(&error))
    }

    /// Writes the trailer.
    ///
    /// # Errors
    /// `Unwritable` when writing fails.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        let Some(encoder) = self.encoder else { return Ok(()) };
        let mut out = encoder.into_inner().map_err(|error| refused(&error))?;
        out.flush().map_err(|error| unwritable(&error))
    }
}

fn start(
    out: &File,
    (width, height): (u16, u16),
    repeat: Option<u16>,
) -> Result<Encoder<BufWriter<&File>>, EncodingError> {
    let mut encoder = Encoder::new(BufWriter::with_capacity(256 << 10, out), width, height, &[])?;
    match repeat {
        Some(0) => encoder.set_repeat(Repeat::Infinite)?,
        Some(times) => encoder.set_repeat(Repeat::Finite(times))?,
        None => {}
    }
    Ok(encoder)
}

fn refused(error: &EncodingError) -> Refusal {
    match error {
        EncodingError::Io(error) => unwritable(error),
        _ => Refusal::new(Reason::Unwritable, "the encoder failed"),
    }
}
