//! Turns pictures upright where a recording says that it is shown turned by a quarter, upside down or mirrored.
//! Everything behind it, reading and writing alike, sees upright pictures only.

use super::plain::Plain;
use custody_rules::{Reason, Refusal};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;

/// How a picture as it is stored becomes the one that is shown: columns become rows or not, then each
/// direction runs on or back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Turn {
    swaps: bool,
    mirrors_x: bool,
    mirrors_y: bool,
}

/// One in the numbers of a matrix: 16.16, and 2.30 in the last column.
const ONE: i32 = 1 << 16;
const ONE_LAST: i32 = 1 << 30;

impl Turn {
    /// Reads a display matrix: nine 32-bit numbers in the machine's order, by which a place is multiplied from
    /// the left. `None` for one that scales, shears or projects. Where the picture is moved to is of no
    /// account: players show the whole of it.
    pub(super) fn of(matrix: &[u8]) -> Option<Self> {
        let numbers = matrix.chunks_exact(4).map(|n| i32::from_ne_bytes([n[0], n[1], n[2], n[3]]));
        let numbers: [i32; 9] = numbers.collect::<Vec<_>>().try_into().ok()?;
        let [first_x, first_y, 0, second_x, second_y, 0, _, _, ONE_LAST] = numbers else { return None };
        let mirrors = |number| match number {
            ONE => Some(false),
            _ if number == -ONE => Some(true),
            _ => None,
        };
        let (swaps, across, down) = match (first_x, first_y, second_x, second_y) {
            (across, 0, 0, down) => (false, across, down),
            (0, down, across, 0) => (true, across, down),
            _ => return None,
        };
        Some(Self { swaps, mirrors_x: mirrors(across)?, mirrors_y: mirrors(down)? })
    }

    /// Whether everything stays as it is.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Whether width and height change places.
    pub(super) fn swaps(self) -> bool {
        self.swaps
    }

    /// The size of what is shown.
    pub(super) fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.swaps { (height, width) } else { (width, height) }
    }

    /// The picture as it is shown; one that has to be turned becomes 8-bit 4:2:0.
    ///
    /// # Errors
    /// `Unsupported` when its pixel format cannot be converted.
    pub(super) fn upright(self, picture: frame::Video, plain: &mut Plain) -> Result<frame::Video, Refusal> {
        if self.is_none() {
            return Ok(picture);
        }
        let picture = plain.of(&picture)?.unwrap_or(picture);
        let (width, height) = self.size((picture.width(), picture.height()));
        let mut turned = frame::Video::new(Pixel::YUV420P, width, height);
        for plane in 0..3 {
            let size = (turned.plane_width(plane) as usize, turned.plane_height(plane) as usize);
            let (from, to) = (picture.stride(plane), turned.stride(plane));
            let target = turned.data_mut(plane);
            self.plane((picture.data(plane), from), (target, to), size).ok_or_else(too_small)?;
        }
        Ok(turned)
    }

    /// Fills one plane of a size; planes come with the bytes from one row to the next.
    fn plane(
        self,
        (source, from): (&[u8], usize),
        (target, to): (&mut [u8], usize),
        (width, height): (usize, usize),
    ) -> Option<()> {
        for (y, row) in target.chunks_mut(to).take(height).enumerate() {
            let y = if self.mirrors_y { height - 1 - y } else { y };
            let row = row.get_mut(..width)?;
            if self.swaps {
                let column = source.get(y..)?.iter().step_by(from);
                row.iter_mut().zip(column).for_each(|(target, source)| *target = *source);
            } else {
                row.copy_from_slice(source.get(y * from..)?.get(..width)?);
            }
            if self.mirrors_x {
                row.reverse();
            }
        }
        Some(())
    }
}

fn too_small() -> Refusal {
    Refusal::new(Reason::Malformed, "a decoded frame is smaller than its header says")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(numbers: [i32; 9]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    fn turned([a, b, c, d]: [i32; 4]) -> Option<Vec<u8>> {
        let turn = Turn::of(&matrix([a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 7 * ONE, 0, ONE_LAST]))?;
        // Three columns and two rows, with gaps behind each row.
        let source = [1, 2, 3, 99, 4, 5, 6, 99];
        let (width, height) = turn.size((3, 2));
        let (width, height) = (width as usize, height as usize);
        let mut target = vec![0; (width + 1) * height];
        turn.plane((&source, 4), (&mut target, width + 1), (width, height))?;
        Some(target.chunks(width + 1).flat_map(|row| row[..width].to_vec()).collect())
    }

    #[test]
    fn all_eight_ways_to_hold_a_picture() {
        for (numbers, expected) in [
            ([1, 0, 0, 1], [1, 2, 3, 4, 5, 6]),
            ([-1, 0, 0, 1], [3, 2, 1, 6, 5, 4]),
            ([1, 0, 0, -1], [4, 5, 6, 1, 2, 3]),
            ([-1, 0, 0, -1], [6, 5, 4, 3, 2, 1]),
            ([0, 1, -1, 0], [4, 1, 5, 2, 6, 3]),
            ([0, -1, 1, 0], [3, 6, 2, 5, 1, 4]),
            ([0, 1, 1, 0], [1, 4, 2, 5, 3, 6]),
            ([0, -1, -1, 0], [6, 3, 5, 2, 4, 1]),
        ] {
            assert_eq!(turned(numbers).as_deref(), Some(&expected[..]), "{numbers:?}");
        }
        for odd in [[2, 0, 0, 1], [1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 1], [1, 1, -1, 1]] {
            assert_eq!(turned(odd), None, "{odd:?}");
        }
        assert_eq!(Turn::of(&matrix([ONE, 0, 5, 0, ONE, 0, 0, 0, ONE_LAST])), None, "projected");
        assert_eq!(Turn::of(&matrix([ONE, 0, 0, 0, ONE, 0, 0, 0, 1])), None);
        assert_eq!(Turn::of(&[0; 35]), None);
    }
}
