//! Walks a GIF from its header to its trailer. Decodes no pixel.

use super::{Content, Outline, Total, array, malformed, slice, truncated};
use custody_rules::{Limits, Reason, Refusal};

/// Blocks that may say how often an animation is shown (they are the same but for the name).
const LOOPS: [&[u8; 11]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// Checks every block: frames lie on the screen, and the file ends with its trailer.
pub(super) fn walk(bytes: &[u8], limits: &Limits) -> Result<Outline, Refusal> {
    let short = |at| array(bytes, at).map(|b| u32::from(u16::from_le_bytes(b)));
    let (width, height) = (short(6)?, short(8)?);
    let mut at = 13 + colours(array(bytes, 10)?);
    let (mut total, mut repeat) = (Total::default(), None);
    loop {
        match array(bytes, at)? {
            [0x21] => {
                let [label] = array(bytes, at + 1)?;
                if label == 0xFF {
                    repeat = repeat.or(loop_count(bytes, at + 2));
                }
                at = behind_blocks(bytes, at + 2)?;
            }
            [0x2C] => {
                let (left, top) = (short(at + 1)?, short(at + 3)?);
                let (wide, high) = (short(at + 5)?, short(at + 7)?);
                if wide == 0 || high == 0 || left + wide > width || top + high > height {
                    return Err(malformed("a GIF with a frame that does not lie on its screen"));
                }
                // Every frame is shown, and written, as the whole screen.
                total.add(u64::from(width) * u64::from(height), limits)?;
                at = behind_blocks(bytes, at + 11 + colours(array(bytes, at + 9)?))?;
            }
            [0x3B] => break,
            _ => return Err(malformed("a GIF with a block of unknown kind")),
        }
    }
    if total.pages == 0 {
        return Err(Refusal::new(Reason::Empty, "a GIF without a frame"));
    }
    Ok(Outline { size: Some((width, height)), content: Content::Frames { count: total.pages, repeat } })
}

/// Bytes of the table of colours that follows.
fn colours([flags]: [u8; 1]) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// One past the last of the sub-blocks that begin here.
fn behind_blocks(bytes: &[u8], mut at: usize) -> Result<usize, Refusal> {
    loop {
        let &length = bytes.get(at).ok_or_else(truncated)?;
        at += 1 + usize::from(length);
        if length == 0 {
            return Ok(at);
        }
    }
}

/// How often the animation is shown, if the application block that begins here says so.
fn loop_count(bytes: &[u8], at: usize) -> Option<u16> {
    let name = slice(bytes, at, 12).ok()?;
    if name[0] != 11 || !LOOPS.iter().any(|known| name[1..] == known[..]) {
        return None;
    }
    match array(bytes, at + 12).ok()? {
        [3, 1, low, high] => Some(u16::from_le_bytes([low, high])),
        _ => None,
    }
}
