//! Looks at what a worker drew before it is kept: a PNG of plain pixels, whole, and nothing else in it. The worker
//! decoded foreign media and is not trusted; pixels are not decoded here.

use custody_rules::{Reason, Refusal};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// What every PNG begins with (PNG specification, 5.2).
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Longest side of a sheet, in pixels.
const SIDE_MAX: u32 = 1 << 20;
/// Eight bits a channel, red, green and blue, no interlacing (PNG specification, 11.2.1).
const PLAIN: [u8; 5] = [8, 2, 0, 0, 0];

/// Checks a sheet from its beginning.
///
/// # Errors
/// [`Reason::WorkerCrashed`] when it is anything else.
pub(super) fn check(file: &File) -> Result<(), Refusal> {
    is_plain_png(file).unwrap_or(false).then_some(()).ok_or_else(|| {
        Refusal::new(Reason::WorkerCrashed, "the worker process that drew its preview gave no picture")
    })
}

fn is_plain_png(mut file: &File) -> std::io::Result<bool> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(file);
    let mut head = [0; 8 + 8 + 13 + 4];
    reader.read_exact(&mut head)?;
    let side = |at: usize| head[at..at + 4].iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
    let sane = |side: u32| (1..=SIDE_MAX).contains(&side);
    if head[..8] != SIGNATURE
        || head[8..16] != *b"\0\0\0\x0dIHDR"
        || !sane(side(16))
        || !sane(side(20))
        || head[24..29] != PLAIN
    {
        return Ok(false);
    }
    let mut at = head.len() as u64;
    loop {
        let mut chunk = [0; 8];
        reader.read_exact(&mut chunk)?;
        let bytes = u32::from_be_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        // Length, name, content, checksum.
        at += 8 + u64::from(bytes) + 4;
        match &chunk[4..] {
            b"IDAT" if at < length => reader.seek_relative(i64::from(bytes) + 4)?,
            b"IEND" => return Ok(bytes == 0 && at == length),
            _ => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn check_bytes(bytes: &[u8]) -> bool {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        check(&file).is_ok()
    }

    #[test]
    fn only_a_whole_png_of_pixels_is_kept() {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(300, 40, image::Rgb([1, 2, 3]));
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
        let bytes = bytes.into_inner();
        assert!(check_bytes(&bytes));
        for cut in 0..bytes.len() {
            assert!(!check_bytes(&bytes[..cut]), "{cut}");
        }
        assert!(!check_bytes(&[&bytes[..], b"x"].concat()), "something behind the end");
        let text = [&bytes[..33], b"\0\0\0\x01tEXtx1234", &bytes[33..]].concat();
        assert!(!check_bytes(&text), "text");
        let huge = [&bytes[..16], &[0xff; 4], &bytes[20..]].concat();
        assert!(!check_bytes(&huge), "a side of four billion");
        let mut grey = std::io::Cursor::new(Vec::new());
        image::GrayImage::new(3, 3).write_to(&mut grey, image::ImageFormat::Png).expect("a PNG");
        assert!(!check_bytes(&grey.into_inner()), "another kind of pixels than we write");
    }
}
