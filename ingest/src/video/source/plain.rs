//! Brings decoded pictures to 8-bit 4:2:0, whatever they were. Paints nothing and turns nothing.

use custody_rules::{Reason, Refusal};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use ffmpeg_next::software::scaling;

/// Converts pictures of one size and format.
#[derive(Default)]
pub(crate) struct Plain {
    scaler: Option<scaling::Context>,
}

impl Plain {
    /// The picture in 8-bit 4:2:0; `None` when it is that already.
    ///
    /// # Errors
    /// `Unsupported` when its pixel format cannot be converted.
    pub(crate) fn of(&mut self, picture: &frame::Video) -> Result<Option<frame::Video>, Refusal> {
        if matches!(picture.format(), Pixel::YUV420P | Pixel::YUVJ420P) {
            return Ok(None);
        }
        let (width, height) = (picture.width(), picture.height());
        if self.scaler.is_none() {
            let flags = scaling::Flags::BILINEAR | scaling::Flags::ACCURATE_RND;
            let (from, to) = (picture.format(), Pixel::YUV420P);
            let scaler = scaling::Context::get(from, width, height, to, width, height, flags);
            self.scaler = Some(scaler.map_err(unsupported)?);
        }
        let mut converted = frame::Video::new(Pixel::YUV420P, width, height);
        if let Some(scaler) = &mut self.scaler {
            scaler.run(picture, &mut converted).map_err(unsupported)?;
        }
        Ok(Some(converted))
    }
}

fn unsupported(_: ffmpeg_next::Error) -> Refusal {
    Refusal::new(Reason::Unsupported, "its pixel format cannot be converted: save it as 8-bit 4:2:0 video")
}
