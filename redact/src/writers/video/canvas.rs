//! Copies a decoded picture into one that may be painted and encoded: 8-bit 4:2:0, nothing but pixels. The
//! decoder's own picture is never touched: later frames are predicted from it.

use super::engine;
use super::source::Plain;
use custody_rules::Refusal;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;

/// Makes copies of one size.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    plain: Plain,
}

/// Whether converting a format also brings it from full to studio range.
pub(super) fn loses_full_range(format: Pixel) -> bool {
    use Pixel::{GRAY8, YUVJ411P, YUVJ422P, YUVJ440P, YUVJ444P};
    matches!(format, YUVJ411P | YUVJ422P | YUVJ440P | YUVJ444P | GRAY8) || is_rgb(format)
}

/// Whether a format holds red, green and blue; converting it makes ITU-R BT.601 of it.
pub(super) fn is_rgb(format: Pixel) -> bool {
    let name = format.descriptor().map_or("", |descriptor| descriptor.name());
    name.starts_with("gbr") || name.starts_with("rgb") || name.starts_with("bgr")
}

impl Canvas {
    /// Makes copies of `width` × `height`, which may be one more than the pictures have.
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self { width, height, plain: Plain::default() }
    }

    /// Copies a picture; a column or row it lacks repeats its last one.
    ///
    /// # Errors
    /// A [`Refusal`] when its pixel format cannot be converted or memory is short.
    pub(super) fn copy(&mut self, picture: &frame::Video) -> Result<frame::Video, Refusal> {
        match self.plain.of(picture)? {
            Some(converted) => self.padded(&converted),
            None => self.padded(picture),
        }
    }

    fn padded(&self, picture: &frame::Video) -> Result<frame::Video, Refusal> {
        let mut copy = frame::Video::new(Pixel::YUV420P, self.width, self.height);
        if copy.planes() < 3 || picture.planes() < 3 {
            return Err(engine());
        }
        for plane in 0..3 {
            let (width, height) = (picture.plane_width(plane) as usize, picture.plane_height(plane) as usize);
            let (wide, high) = (copy.plane_width(plane) as usize, copy.plane_height(plane) as usize);
            let (from, to) = (picture.stride(plane), copy.stride(plane));
            let rows = picture.data(plane).chunks(from).take(height);
            let last = picture.data(plane).chunks(from).nth(height.saturating_sub(1));
            let rows = rows.chain(last.into_iter().cycle()).take(high);
            for (source, target) in rows.zip(copy.data_mut(plane).chunks_mut(to)) {
                let (Some(source), Some(target)) = (source.get(..width), target.get_mut(..wide)) else {
                    return Err(engine());
                };
                let shared = width.min(wide);
                target[..shared].copy_from_slice(&source[..shared]);
                target[shared..].fill(source.last().copied().unwrap_or_default());
            }
        }
        Ok(copy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_picture_is_padded_with_its_edge() {
        let mut odd = frame::Video::new(Pixel::YUV420P, 5, 3);
        for plane in 0..3 {
            let stride = odd.stride(plane);
            for (i, value) in odd.data_mut(plane).iter_mut().enumerate() {
                *value = (i / stride * 10 + i % stride) as u8;
            }
        }
        let even = Canvas::new(6, 4).copy(&odd).unwrap();
        let row = |plane: usize, y: usize, n: usize| even.data(plane)[y * even.stride(plane)..][..n].to_vec();
        assert_eq!(row(0, 0, 6), [0, 1, 2, 3, 4, 4]);
        assert_eq!(row(0, 3, 6), [20, 21, 22, 23, 24, 24]);
        assert_eq!(row(1, 1, 3), [10, 11, 12]);
    }
}
