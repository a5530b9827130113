//! Rewrites a recording: decodes it, paints boxes solid black, encodes it anew. Reads no text and decides
//! nothing; nothing of the input but pixels, times and, on demand, audio reaches the output.
//!
//! MP4 and MOV become MP4 with H.264, MKV stays MKV with H.264, WebM stays WebM with VP9. H.264 in 4:2:0
//! needs even sides: a recording of odd width or height gains one column or row that repeats its edge.

mod canvas;
mod encode;
mod paint;
// Frames get their numbers in one place only: the decoder of `custody_ingest::video` is compiled here too.
#[path = "../../../../ingest/src/video/source/mod.rs"]
pub(crate) mod source;
#[cfg(test)]
mod tests;

use canvas::Canvas;
use custody_rules::{Limits, MediaSummary, Paint, Reason, Refusal};
use encode::{Encoder, Style};
use ffmpeg_next::color;
use paint::{Black, Regions};
use source::{Container, Header, Source};
use std::fs::File;
use std::time::{Duration, Instant};

/// Longest silence between two calls of `progress`.
const SILENCE: Duration = Duration::from_millis(500);

/// Writes a recording anew into `output`, with the boxes of `paint` filled on their frames.
///
/// `progress` is called at least every second with the frames done and their number (0: unknown). The
/// summary describes the output. Frames are numbered as the reader of recordings numbers them.
///
/// # Errors
/// A [`Refusal`] when the input is damaged, cut off, too large or of an unsupported kind, when ffmpeg lacks
/// an encoder, or when the output cannot be written; the output is then incomplete.
pub fn rewrite(
    input: &File,
    output: &File,
    paint: &Paint,
    limits: &Limits,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<MediaSummary, Refusal> {
    let mut source = Source::open(input, limits)?;
    let header = source.header();
    let style = style(&header);
    let black = Black(if style.range == color::Range::JPEG { 0 } else { 16 });
    let mut regions = Regions::new(&paint.regions);
    let mut canvas = Canvas::new(style.size.0, style.size.1);
    let mut encoder = Encoder::start(output, &header, &style, paint.keep_audio.then(|| source.input()))?;
    let mut last_duration = 0;
    let mut spoke = Instant::now();
    while let Some(picture) = source.next(&mut |packet| encoder.other(packet))? {
        let mut copy = canvas.copy(&picture.frame)?;
        for region in regions.at(picture.number) {
            paint::fill(&mut copy, region, black);
        }
        encoder.picture(copy, picture.pts)?;
        last_duration = picture.duration;
        if spoke.elapsed() >= SILENCE {
            spoke = Instant::now();
            progress(u64::from(picture.number) + 1, header.frames_estimate);
        }
    }
    encoder.finish(last_duration)?;
    let summary = source.summary();
    progress(u64::from(summary.frames), u64::from(summary.frames));
    let format = if header.container == Container::Mov { "mp4".to_owned() } else { summary.format };
    Ok(MediaSummary { width: style.size.0, height: style.size.1, format, ..summary })
}

/// The size and the colours of the output.
fn style(header: &Header) -> Style {
    let even = header.container != Container::WebM;
    let side = |length: u32| if even { length.next_multiple_of(2) } else { length };
    let range = if canvas::loses_full_range(header.pixel_format) { color::Range::MPEG } else { header.range };
    let (space, primaries, transfer) = header.colours;
    let space = if canvas::is_rgb(header.pixel_format) { color::Space::SMPTE170M } else { space };
    Style { size: (side(header.width), side(header.height)), range, colours: (space, primaries, transfer) }
}

fn engine() -> Refusal {
    Refusal::new(Reason::EngineMissing, "ffmpeg could not be set up to write it: run `custody doctor`")
}
