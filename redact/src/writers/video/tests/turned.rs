//! Recordings that are shown turned or mirrored are written upright; `ffmpeg` turns them for comparison.

use super::*;

/// The four numbers of a display matrix that count, as multiples of one.
type Matrix = [i32; 4];

const ALL: [Matrix; 7] = [
    [-1, 0, 0, 1],
    [1, 0, 0, -1],
    [-1, 0, 0, -1],
    [0, 1, -1, 0],
    [0, -1, 1, 0],
    [0, 1, 1, 0],
    [0, -1, -1, 0],
];

/// Writes a display matrix into the track header of an MP4 (ISO 14496-12, 8.3.2).
fn with_matrix(input: &Path, name: &str, [a, b, c, d]: Matrix) -> PathBuf {
    let mut bytes = std::fs::read(input).unwrap();
    let header = bytes.windows(4).position(|window| window == b"tkhd").unwrap();
    let one = 1 << 16;
    let numbers: [i32; 9] = [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30];
    for (number, place) in numbers.iter().zip(bytes[header + 44..].chunks_exact_mut(4)) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    let path = input.with_file_name(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn mean(pairs: &[(u8, u8)]) -> f64 {
    pairs.iter().map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / pairs.len() as f64
}

#[test]
fn what_is_written_is_upright() {
    let folder = tempfile::tempdir().unwrap();
    let source =
        record(folder.path(), "a.mp4", &format!("{} -c:v libx264 -pix_fmt yuv420p", test_picture(6)));
    for (number, matrix) in ALL.into_iter().enumerate() {
        let input = with_matrix(&source, &format!("turned-{number}.mp4"), matrix);
        let (width, height) = if matrix[0] == 0 { (SIZE.1, SIZE.0) } else { SIZE };
        let region = Region { first_frame: 2, last_frame: 4, left: 31, top: 41, width: 51, height: 21 };
        let (output, summary) =
            rewritten(&input, &Paint { regions: vec![region], keep_audio: false }).unwrap();
        assert_eq!((summary.width as usize, summary.height as usize), (width, height), "{matrix:?}");
        let said = probe(&output, "-show_entries stream=width,height:stream_side_data");
        assert_eq!(said.trim(), format!("{width},{height}"), "{matrix:?}: no matrix is left");
        let (before, after) = (planes(&input, (width, height)), planes(&output, (width, height)));
        assert_eq!((before.len(), after.len()), (6, 6));
        for (frame, (before, after)) in before.iter().zip(&after).enumerate() {
            let (mut inside, mut outside) = (Vec::new(), Vec::new());
            for at in 0..width * height {
                let (x, y) = (at % width, at / width);
                if (31..82).contains(&x) && (41..62).contains(&y) {
                    inside.push((before[at], after[at]));
                } else if !(28..86).contains(&x) || !(38..66).contains(&y) {
                    outside.push((before[at], after[at]));
                }
            }
            let chroma: Vec<(u8, u8)> = before[width * height..]
                .iter()
                .copied()
                .zip(after[width * height..].iter().copied())
                .collect();
            assert!(mean(&outside) < 8.0, "{matrix:?} {frame}: {} outside", mean(&outside));
            assert!(mean(&chroma) < 10.0, "{matrix:?} {frame}: {} in colours", mean(&chroma));
            if (2..5).contains(&frame) {
                assert!(inside.iter().all(|(_, after)| after.abs_diff(16) <= 24), "{matrix:?} {frame}");
            }
        }
    }
}

#[test]
fn other_pixel_formats_are_turned_too() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in [
        ("ten.mp4", "-pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none"),
        ("422.mp4", "-pix_fmt yuv422p -c:v libx264"),
        ("range444.mp4", "-vf scale=out_range=full -pix_fmt yuvj444p -c:v libx264"),
    ] {
        let source = record(folder.path(), name, &format!("{} {codec}", test_picture(3)));
        let input = with_matrix(&source, &format!("turned-{name}"), [0, 1, -1, 0]);
        let (output, _) = plain(&input);
        let colours = |path: &Path| {
            let path = path.to_str().unwrap();
            run("ffmpeg", &["-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        };
        let (before, after) = (colours(&input), colours(&output));
        assert_eq!(before.len(), after.len());
        let pairs: Vec<(u8, u8)> = before.into_iter().zip(after).collect();
        assert!(mean(&pairs) < 9.0, "{name}: {}", mean(&pairs));
    }
}

#[test]
fn what_is_sheared_scaled_or_projected_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source =
        record(folder.path(), "a.mp4", &format!("{} -c:v libx264 -pix_fmt yuv420p", test_picture(3)));
    for matrix in [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, -1, 1]] {
        let input = with_matrix(&source, "odd.mp4", matrix);
        assert_eq!(rewritten(&input, &Paint::default()).unwrap_err().reason, Reason::Unsupported);
    }
}
