//! Goes through a recording once for its contact sheets: when each frame is shown, and small pictures of the
//! frames that the sheets ask for. Draws nothing.

use super::{odd_job, tracks, write_png};
use crate::writers::video::source::{Source, milliseconds};
use custody_rules::{Drawing, Limits, MediaSummary, Reason, Refusal, Sheet};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use ffmpeg_next::software::scaling;
use image::RgbImage;
use std::collections::BTreeMap;
use std::fs::File;
use std::time::{Duration, Instant};

/// Longest silence between two calls of `progress`.
const SILENCE: Duration = Duration::from_millis(500);

/// What is known of a recording once it has been gone through.
#[derive(Debug, Default)]
pub(super) struct Film {
    /// When each frame is shown, in milliseconds from the first, and when the last is not shown any more.
    pub(super) times: Vec<u64>,
    /// Small pictures of some frames.
    pub(super) stills: BTreeMap<u32, RgbImage>,
    /// Pixels of a still for one of the recording.
    pub(super) scale: f64,
}

impl Film {
    /// When a frame begins.
    pub(super) fn start_ms(&self, frame: u32) -> u64 {
        self.times.get(frame as usize).or(self.times.last()).copied().unwrap_or(0)
    }

    /// How long it is.
    pub(super) fn length_ms(&self) -> u64 {
        self.times.last().copied().unwrap_or(0)
    }

    /// How many frames it has.
    pub(super) fn frames(&self) -> usize {
        self.times.len().saturating_sub(1)
    }
}

/// Decodes a recording and draws each of the drawing's sheets into its output, as a PNG. `progress` is called at
/// least every second with the frames done and their number (0: unknown).
///
/// # Errors
/// A [`Refusal`] when the recording is damaged, a sheet is none of a recording, or a PNG cannot be written.
pub fn recording(
    (input, outputs): (&File, &[File]),
    drawing: &Drawing,
    limits: &Limits,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<MediaSummary, Refusal> {
    let wanted: Vec<u32> = drawing.sheets.iter().flat_map(|sheet| tracks::moments(drawing, sheet)).collect();
    let (film, summary) = watch(input, wanted, limits, progress)?;
    for (sheet, output) in drawing.sheets.iter().zip(outputs) {
        let Sheet::Tracks { marks, sheet } = *sheet else { return Err(odd_job()) };
        progress(u64::from(summary.frames), u64::from(summary.frames));
        write_png(&tracks::draw(drawing, (marks, sheet), &film), output)?;
    }
    Ok(summary)
}

fn watch(
    input: &File,
    mut wanted: Vec<u32>,
    limits: &Limits,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Film, MediaSummary), Refusal> {
    wanted.sort_unstable();
    let mut source = Source::open(input, limits)?;
    let header = source.header();
    let size = tracks::still_size(header.width, header.height);
    let mut shrinker = Shrinker { size, scaler: None };
    let scale = f64::from(size.0) / f64::from(header.width.max(1));
    let mut film = Film { scale, ..Film::default() };
    let (mut first, mut end, mut spoke) = (None, 0, Instant::now());
    while let Some(picture) = source.next(&mut |_| Ok(()))? {
        let shown =
            milliseconds(picture.pts.saturating_sub(*first.get_or_insert(picture.pts)), header.time_base);
        end = shown + milliseconds(picture.duration, header.time_base);
        film.times.push(shown);
        if wanted.binary_search(&picture.number).is_ok() {
            film.stills.insert(picture.number, shrinker.shrunk(&picture.frame)?);
        }
        if spoke.elapsed() >= SILENCE {
            spoke = Instant::now();
            progress(u64::from(picture.number) + 1, header.frames_estimate);
        }
    }
    film.times.push(end.max(film.length_ms()));
    Ok((film, source.summary()))
}

/// Makes small pictures in red, green and blue.
struct Shrinker {
    size: (u32, u32),
    scaler: Option<scaling::Context>,
}

impl Shrinker {
    fn shrunk(&mut self, picture: &frame::Video) -> Result<RgbImage, Refusal> {
        let unsupported = |_| Refusal::new(Reason::Unsupported, "its pixel format cannot be converted");
        let (width, height) = self.size;
        let mut small = frame::Video::new(Pixel::RGB24, width, height);
        if self.scaler.is_none() {
            let (from, flags) = (picture.format(), scaling::Flags::AREA | scaling::Flags::ACCURATE_RND);
            let context = scaling::Context::get(
                from,
                picture.width(),
                picture.height(),
                Pixel::RGB24,
                width,
                height,
                flags,
            );
            self.scaler = Some(context.map_err(unsupported)?);
        }
        if let Some(scaler) = &mut self.scaler {
            scaler.run(picture, &mut small).map_err(unsupported)?;
        }
        let (stride, row_bytes) = (small.stride(0), width as usize * 3);
        let rows = small.data(0).chunks(stride).take(height as usize);
        let pixels = rows.flat_map(|row| row.get(..row_bytes).unwrap_or_default()).copied().collect();
        RgbImage::from_raw(width, height, pixels)
            .ok_or_else(|| Refusal::new(Reason::Malformed, "a decoded frame is smaller than its header says"))
    }
}
