//! Previews: pages with numbered outlines and a legend, and contact sheets of recordings. They show what is
//! there unredacted, for the person who asked; what is found is decided elsewhere, and nothing is decoded here
//! but recordings, by the same reader as everywhere. Legends hold names of entities and recognizers, no values.

#![allow(
    clippy::cast_possible_wrap,
    reason = "sides of pictures are far below i32::MAX: readers and `canvas` bound them"
)]

mod canvas;
mod colours;
mod film;
mod legend;
mod letters;
mod outline;
mod page;
mod plan;
mod tags;
mod tracks;

pub use film::recording;
pub use page::page;
pub use plan::{marks, sheets};

use custody_rules::{Reason, Refusal};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

/// What a job asks for that its kind does not have.
fn odd_job() -> Refusal {
    Refusal::new(Reason::Unsupported, "it has no sheet of the kind that a preview asks for")
}

/// Writes a sheet as a PNG of plain pixels from the beginning of `out`.
fn write_png(sheet: &RgbImage, mut out: &File) -> Result<(), Refusal> {
    let failed = |what: String| Refusal::new(Reason::Unwritable, format!("the preview: {what}"));
    let mut write = || -> std::io::Result<()> {
        out.set_len(0)?;
        out.seek(SeekFrom::Start(0))?;
        let mut writer = BufWriter::with_capacity(1 << 20, out);
        PngEncoder::new_with_quality(&mut writer, CompressionType::Fast, FilterType::Adaptive)
            .write_image(sheet.as_raw(), sheet.width(), sheet.height(), ExtendedColorType::Rgb8)
            .map_err(std::io::Error::other)?;
        writer.flush()
    };
    // Of an error only its kind is passed on.
    write().map_err(|error| failed(error.kind().to_string()))
}
