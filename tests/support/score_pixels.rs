//! The oracle for pictures and recordings: a value is gone when the pixels of its box are one colour.
//! Recordings are decoded by the `ffmpeg` command.

use super::planted::{DrawnWord, PixelBox, Place, Truth};
use super::score::Score;
use image::RgbImage;
use std::collections::{BTreeSet, HashSet};
use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// How far a channel may be from the fill's colour: nothing in PNG, some in lossy formats.
const TOLERANCE: u8 = 40;

/// Whether the pixels of a box are one colour: at most one in a hundred differs from the median.
pub fn is_one_colour(image: &RgbImage, b: PixelBox) -> bool {
    let (right, bottom) = ((b.left + b.width).min(image.width()), (b.top + b.height).min(image.height()));
    let row_bytes = image.width() as usize * 3;
    let rows = || {
        let span = b.left as usize * 3..right.max(b.left) as usize * 3;
        image
            .as_raw()
            .chunks_exact(row_bytes)
            .take(bottom as usize)
            .skip(b.top as usize)
            .map(move |r| &r[span.clone()])
    };
    let mut counts = [[0u32; 256]; 3];
    for pixel in rows().flat_map(|row| row.chunks_exact(3)) {
        counts[0][pixel[0] as usize] += 1;
        counts[1][pixel[1] as usize] += 1;
        counts[2][pixel[2] as usize] += 1;
    }
    let total: u32 = counts[0].iter().sum();
    let median = counts.map(|counts| {
        let mut below = 0;
        let reaches = |&count: &u32| {
            below += count;
            below * 2 >= total
        };
        counts.iter().position(reaches).unwrap_or(0) as u8
    });
    let mut others = 0;
    for pixel in rows().flat_map(|row| row.chunks_exact(3)) {
        others += u32::from(pixel.iter().zip(median).any(|(a, m)| a.abs_diff(m) > TOLERANCE));
    }
    others * 100 <= total
}

/// A word whose ink itself is one colour, such as a dash: nothing can be said about it.
fn is_solid(word: &DrawnWord) -> bool {
    word.text.chars().count() < 2 || word.text.chars().all(|c| !c.is_alphanumeric())
}

/// Whether bytes hold a text.
fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn hidden_in_bytes(truth: &Truth, file: &str, output: &Path, score: &mut Score) {
    let bytes = std::fs::read(output).expect("the output can be read");
    for planted in truth.in_file(file).filter(|p| p.place == Place::Anywhere) {
        score.count(planted, holds(&bytes, &planted.value));
    }
}

fn values_of(truth: &Truth, file: &str, left: &HashSet<u32>, score: &mut Score) {
    for planted in truth.in_file(file) {
        if let Place::Drawn(value) = planted.place {
            score.count(planted, left.contains(&value));
        }
    }
}

/// Scores one picture.
pub fn picture(truth: &Truth, file: &str, (input, output): (&Path, &Path), score: &mut Score) {
    hidden_in_bytes(truth, file, output, score);
    let before = image::open(input).expect("the input is a picture").to_rgb8();
    let after = image::open(output).expect("the output is a picture").to_rgb8();
    let same_size = before.dimensions() == after.dimensions();
    let mut left = HashSet::new();
    for word in &truth.pictures[file] {
        let covered = same_size && is_one_colour(&after, word.ink);
        if let Some(value) = word.value {
            if !covered && !is_one_colour(&before, word.ink) {
                left.insert(value);
            }
        } else if !is_solid(word) {
            score.harmless += 1;
            if covered {
                score.lose(file, &word.text);
            }
        }
    }
    values_of(truth, file, &left, score);
}

/// Scores one recording on every fifth frame and on the first and last two frames of each hidden word: on every
/// frame where it moves.
pub fn recording(truth: &Truth, file: &str, (input, output): (&Path, &Path), score: &mut Score) {
    hidden_in_bytes(truth, file, output, score);
    let words = &truth.recordings[file];
    let edges =
        |w: &DrawnWord| [w.first_frame, w.first_frame + 1, w.last_frame.saturating_sub(1), w.last_frame];
    let mut frames: BTreeSet<u32> = words.iter().filter(|w| w.value.is_some()).flat_map(edges).collect();
    frames.extend((0..=words.iter().map(|w| w.last_frame).max().unwrap_or(0)).step_by(5));
    let mut left = HashSet::new();
    let (mut before, mut after) = (Frames::open(input), Frames::open(output));
    let mut number = 0;
    while after.read() {
        assert!(before.read(), "{file}: a redacted recording has more frames than before");
        for word in words.iter().filter(|_| frames.contains(&number)) {
            if !(word.first_frame..=word.last_frame).contains(&number) || is_solid(word) {
                continue;
            }
            let covered = is_one_colour(&after.image, word.ink);
            // What does not show yet, or not any more, or is cut down to a sliver, says nothing.
            if is_one_colour(&before.image, word.ink) {
                continue;
            }
            let Some(value) = word.value else {
                // A word counts once a look: one that is covered for a moment is lost for that moment.
                score.harmless += 1;
                if covered {
                    score.lose(file, &format!("{} at {number}", word.text));
                }
                continue;
            };
            score.appearances += 1;
            if !covered {
                score.appearances_left += 1;
                if left.insert(value) {
                    score.looks.push(format!("{file}: frame {number}, {:?}: {:?}", word.ink, word.text));
                }
            }
        }
        number += 1;
    }
    assert!(!before.read(), "{file}: a redacted recording has fewer frames than before");
    values_of(truth, file, &left, score);
}

/// A recording decoded by the `ffmpeg` command, frame by frame as they are stored.
pub struct Frames {
    ffmpeg: Child,
    pipe: ChildStdout,
    /// The frame that was read last.
    pub image: RgbImage,
}

impl Frames {
    /// Starts before the first frame.
    pub fn open(path: &Path) -> Self {
        let (width, height) = dimensions(path);
        let mut ffmpeg = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(path)
            .args(["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the ffmpeg command is installed");
        let pipe = ffmpeg.stdout.take().expect("it was asked for");
        Self { ffmpeg, pipe, image: RgbImage::new(width, height) }
    }

    /// Reads the next frame; false after the last.
    pub fn read(&mut self) -> bool {
        if self.pipe.read_exact(&mut self.image).is_ok() {
            return true;
        }
        let status = self.ffmpeg.wait().expect("ffmpeg ends");
        assert!(status.success(), "ffmpeg cannot decode the recording: {status}");
        false
    }
}

/// Decodes a recording with the `ffmpeg` command, frame by frame as they are stored; returns their number.
pub fn each_frame(path: &Path, mut visit: impl FnMut(u32, &RgbImage)) -> u32 {
    let (mut frames, mut count) = (Frames::open(path), 0);
    while frames.read() {
        visit(count, &frames.image);
        count += 1;
    }
    count
}

/// Width and height of a recording in pixels.
pub fn dimensions(path: &Path) -> (u32, u32) {
    let probe = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=width,height",
            "-of",
            "csv=p=0",
        ])
        .arg(path)
        .output()
        .expect("ffprobe comes with ffmpeg");
    let text = String::from_utf8_lossy(&probe.stdout);
    let mut sides =
        text.trim().trim_end_matches(',').split(',').map(|s| s.parse().expect("ffprobe gives numbers"));
    let mut side = || sides.next().expect("ffprobe gives two numbers");
    (side(), side())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_box_is_one_colour_and_text_is_not() {
        let mut image = RgbImage::from_pixel(40, 20, image::Rgb([250, 250, 250]));
        let b = PixelBox { left: 5, top: 5, width: 20, height: 10 };
        assert!(is_one_colour(&image, b));
        (5..25).step_by(4).for_each(|x| image.put_pixel(x, 8, image::Rgb([0, 0, 0])));
        assert!(!is_one_colour(&image, b));
    }
}
