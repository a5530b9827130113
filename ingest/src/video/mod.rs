//! Reads the words of a recording: decodes it, reads what changes with tesseract, and says on which frames
//! each word is visible. It stores no frames and writes no pictures.
//!
//! The promise: on every frame, whatever looks like text lies in the box of a row whose interval holds that
//! frame: a word, or an unread area (no text, confidence −1) where things moved too fast to be read.

mod cache;
mod live;
mod motion;
mod output;
mod planes;
mod sample;
mod scroll;
// Compiled into the writer of recordings too, which needs more of it.
#[allow(dead_code, reason = "the writer of recordings uses the rest")]
mod source;
mod tiles;
mod tracker;

use crate::Covered;
use crate::ocr::{Look, Ocr, Word};
use custody_rules::{JobSink, Limits, MediaSummary, Refusal, Region};
use image::GrayImage;
use output::Output;
use planes::GreyPlane;
use sample::Sampler;
use source::{Picture, Source, milliseconds};
use std::collections::VecDeque;
use std::fs::File;
use tiles::Grid;
use tracker::{Moment, RegionReader, Tracker};

/// Reads a recording from its beginning and sends its words to `sink`, batch after batch.
///
/// Where boxes that an earlier redaction filled (`covered`) are solid, nothing is read. A second look ([`Look::Again`])
/// follows nothing: whole frames are read, each by itself, and their words are on that frame alone.
/// Frames are numbered from 0 in the order they are shown, as the writer of recordings numbers them.
///
/// # Errors
/// A [`Refusal`] when the recording is damaged, cut off, too large or of an unsupported kind, when an engine
/// fails, or when `sink` takes no more.
pub fn read(
    (file, covered): (&File, &[Region]),
    limits: &Limits,
    (ocr, look): (&Ocr, Look),
    sink: &mut dyn JobSink,
) -> Result<MediaSummary, Refusal> {
    let source = Source::open(file, limits)?;
    let grid = Grid::new(source.header().width, source.header().height);
    let reader = (ocr, look);
    let mut eye: Box<dyn Eye> = match look {
        Look::First => Box::new(Tracker::new(&reader, grid)),
        Look::Again => Box::new(Sampler::new(&reader, grid)),
    };
    follow((source, Covered::new(covered)), &mut *eye, (grid, limits.batch_rows_max), sink)
}

impl RegionReader for (&Ocr, Look) {
    fn read(
        &self,
        picture: &GrayImage,
        alive: &mut dyn FnMut() -> Result<(), Refusal>,
    ) -> Result<Vec<Word>, Refusal> {
        self.0.read_page((picture, self.1), &mut |_, _| alive())
    }
}

/// How far the tracker sees ahead, in milliseconds, and in frames.
const AHEAD_MS: u64 = 130;
const AHEAD_FRAMES: usize = 8;
/// Pixels of the frames it sees ahead, in all; two frames at least.
const AHEAD_PIXELS: usize = 64 << 20;

/// What looks at the frames, each in its turn.
trait Eye {
    /// Takes a frame; `moving` marks the tiles in which a frame shortly after it differs from it.
    ///
    /// # Errors
    /// When the engine fails or rows cannot be sent.
    fn step(
        &mut self,
        at: Moment,
        now: GrayImage,
        moving: &[bool],
        out: &mut Output<'_>,
    ) -> Result<(), Refusal>;
}

/// Shows all frames to an eye, a few frames behind the decoder.
fn follow(
    (mut source, mut covered): (Source, Covered),
    eye: &mut dyn Eye,
    (grid, rows_max): (Grid, usize),
    sink: &mut dyn JobSink,
) -> Result<MediaSummary, Refusal> {
    let header = source.header();
    let mut out = Output::new(sink, rows_max, header.frames_estimate);
    let mut grey = GreyPlane::default();
    let mut moving = Vec::new();
    let mut ahead: VecDeque<(Moment, GrayImage)> = VecDeque::new();
    let mut is_open = true;
    loop {
        while is_open && !sees_enough(&ahead) {
            match source.next(&mut |_| Ok(()))? {
                Some(picture) => {
                    let mut now = grey.of(&picture.frame)?;
                    covered.hide(&mut now, picture.number);
                    ahead.push_back((moment(&picture, header.time_base), now));
                }
                None => is_open = false,
            }
        }
        let Some((mut at, now)) = ahead.pop_front() else { break };
        at.is_last = ahead.is_empty();
        at.end_ms = ahead.front().map_or(at.end_ms, |(next, _)| next.ms).max(at.ms);
        let later = ahead.iter().rev().find(|(next, _)| next.ms <= at.ms + AHEAD_MS).or(ahead.front());
        grid.compare(&now, later.map_or(&now, |(_, later)| later), &mut moving);
        eye.step(at, now, &moving, &mut out)?;
        out.frame()?;
    }
    out.finish()?;
    Ok(source.summary())
}

/// Whether the frames that were decoded reach far enough ahead of the first of them.
fn sees_enough(ahead: &VecDeque<(Moment, GrayImage)>) -> bool {
    let span =
        ahead.front().zip(ahead.back()).map_or(0, |(first, last)| last.0.ms.saturating_sub(first.0.ms));
    let pixels = ahead.iter().map(|(_, picture)| picture.as_raw().len()).sum::<usize>();
    ahead.len() > AHEAD_FRAMES || (ahead.len() >= 2 && (span >= AHEAD_MS || pixels >= AHEAD_PIXELS))
}

fn moment(picture: &Picture, base: ffmpeg_next::Rational) -> Moment {
    Moment {
        frame: picture.number,
        ms: milliseconds(picture.pts, base),
        end_ms: milliseconds(picture.pts.saturating_add(picture.duration), base),
        is_last: false,
    }
}

/// Version of the ffmpeg libraries that are linked: that of libavcodec, as it numbers itself.
pub fn version() -> String {
    let version = ffmpeg_next::codec::version();
    format!("libavcodec {}.{}.{}", version >> 16, (version >> 8) & 0xff, version & 0xff)
}

#[cfg(test)]
mod tests;
