//! Takes the grey picture out of a decoded frame: the luma plane itself where it has eight bits.

use custody_rules::{Reason, Refusal};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use ffmpeg_next::software::scaling;
use image::GrayImage;

/// Makes grey pictures; keeps the converter for formats whose luma is not plain bytes.
#[derive(Default)]
pub(super) struct GreyPlane {
    scaler: Option<scaling::Context>,
}

impl GreyPlane {
    /// The grey picture of a frame.
    ///
    /// # Errors
    /// `Unsupported` when the pixel format cannot be converted.
    pub(super) fn of(&mut self, picture: &frame::Video) -> Result<GrayImage, Refusal> {
        if has_luma_bytes(picture.format()) {
            return rows(picture);
        }
        if self.scaler.is_none() {
            let (width, height) = (picture.width(), picture.height());
            let flags = scaling::Flags::POINT;
            let scaler =
                scaling::Context::get(picture.format(), width, height, Pixel::GRAY8, width, height, flags);
            self.scaler = Some(scaler.map_err(unsupported)?);
        }
        let mut grey = frame::Video::empty();
        if let Some(scaler) = &mut self.scaler {
            scaler.run(picture, &mut grey).map_err(unsupported)?;
        }
        rows(&grey)
    }
}

/// Whether the first plane holds one byte of luma a pixel.
fn has_luma_bytes(format: Pixel) -> bool {
    matches!(
        format,
        Pixel::YUV420P
            | Pixel::YUV422P
            | Pixel::YUV444P
            | Pixel::YUV440P
            | Pixel::YUVJ420P
            | Pixel::YUVJ422P
            | Pixel::YUVJ444P
            | Pixel::YUVJ440P
            | Pixel::YUVA420P
            | Pixel::NV12
            | Pixel::GRAY8
    )
}

/// Copies the first plane without the gaps between its rows.
fn rows(picture: &frame::Video) -> Result<GrayImage, Refusal> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (stride, data) = (picture.stride(0), picture.data(0));
    let mut pixels = Vec::with_capacity(width * height);
    for row in data.chunks(stride).take(height) {
        pixels.extend_from_slice(row.get(..width).unwrap_or_default());
    }
    GrayImage::from_raw(picture.width(), picture.height(), pixels)
        .ok_or_else(|| Refusal::new(Reason::Malformed, "a decoded frame is smaller than its header says"))
}

fn unsupported(_: ffmpeg_next::Error) -> Refusal {
    Refusal::new(Reason::Unsupported, "its pixel format cannot be read: save it as 8-bit 4:2:0 video")
}
