//! Pictures and recordings by their signatures, and whether a PNG or WebP has more than one frame.
//! Decodes nothing: a worker does that.

use super::{binary, unsupported};
use crate::at::fill_at;
use custody_rules::{ArtifactKind, Refusal, Sniffed};
use std::fs::File;

/// Chunks that are followed in search of an animation.
const CHUNKS_MAX: usize = 4_096;

/// What the head says, or `None` when it is no picture and no recording.
pub(super) fn sniff(head: &[u8], file: &File) -> Result<Option<Sniffed>, Refusal> {
    let image = |format| Ok(Some(binary(ArtifactKind::Image, format)));
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => {
            if is_animated_png(file)? {
                return Err(unsupported("a PNG of several frames"));
            }
            image("png")
        }
        [0xff, 0xd8, 0xff, ..] => image("jpg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            if is_animated_webp(head) {
                return Err(unsupported("a WebP of several frames"));
            }
            image("webp")
        }
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => image("tiff"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => image("gif"),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..] => {
            image("bmp")
        }
        [0x1a, 0x45, 0xdf, 0xa3, ..] => ebml(head).map(Some),
        [0, 0, _, _, b'f', b't', b'y', b'p', rest @ ..] => brand(rest).map(Some),
        [0, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [0, _, _, _, b'm', b'd', b'a', b't', ..]
        | [0, 0, 0, 8, b'w', b'i', b'd', b'e', ..] => Ok(Some(binary(ArtifactKind::Video, "mov"))),
        _ => Ok(None),
    }
}

/// ISO base media files: recordings, still pictures and sound share one container.
fn brand(rest: &[u8]) -> Result<Sniffed, Refusal> {
    let video = |format| Ok(binary(ArtifactKind::Video, format));
    match rest.get(..4) {
        Some(b"qt  ") => video("mov"),
        Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => Err(unsupported("HEIC")),
        Some(b"avif" | b"avis") => Err(unsupported("AVIF")),
        Some(b"M4A " | b"M4B " | b"F4A ") => Err(unsupported("M4A (sound alone)")),
        Some(b"crx ") => Err(unsupported("a camera's raw picture")),
        _ => video("mp4"),
    }
}

/// Matroska and its relative WebM tell themselves apart by the DocType element (0x4282).
fn ebml(head: &[u8]) -> Result<Sniffed, Refusal> {
    let begin = &head[..head.len().min(128)];
    let Some(at) = memchr::memmem::find(begin, &[0x42, 0x82]) else {
        return Err(unsupported("an EBML file of unknown type"));
    };
    match begin.get(at + 3..) {
        Some([b'w', b'e', b'b', b'm', ..]) => Ok(binary(ArtifactKind::Video, "webm")),
        Some([b'm', b'a', b't', b'r', b'o', b's', b'k', b'a', ..]) => Ok(binary(ArtifactKind::Video, "mkv")),
        _ => Err(unsupported("an EBML file of unknown type")),
    }
}

/// Whether an `acTL` chunk stands before the picture's data (PNG third edition, 11.3.6.1).
fn is_animated_png(file: &File) -> Result<bool, Refusal> {
    let mut at = 8;
    for _ in 0..CHUNKS_MAX {
        let mut chunk = [0; 8];
        if fill_at(file, &mut chunk, at)? < chunk.len() {
            return Ok(false);
        }
        match &chunk[4..] {
            b"acTL" => return Ok(true),
            b"IDAT" | b"IEND" => return Ok(false),
            _ => {}
        }
        at += 12 + u64::from(u32::from_be_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]));
    }
    Err(unsupported("a PNG with thousands of chunks before its picture"))
}

/// The animation flag of the extended header.
fn is_animated_webp(head: &[u8]) -> bool {
    head.get(12..16) == Some(b"VP8X") && head.get(20).is_some_and(|flags| flags & 2 != 0)
}
