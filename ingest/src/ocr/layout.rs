//! Puts pieces of lines into lines and blocks, by geometry over the whole page. Reads nothing.

use super::segment::Segment;
use super::{Rect, Word};

/// Numbers the lines from top to bottom and the blocks in reading order; pieces of one line share a block
/// when the gap between them is at most 1.5 times the height of their capitals.
pub(super) fn arrange(segments: &[Segment], mut words: Vec<Vec<Word>>) -> Vec<Word> {
    let mut out = Vec::new();
    let mut block = 0;
    for (number, line) in lines(segments).into_iter().enumerate() {
        let mut before: Option<(Rect, u32)> = None;
        for i in line {
            let segment = &segments[i];
            let height = segment.height;
            let near = before.is_some_and(|(rect, other)| {
                segment.rect.left.saturating_sub(rect.right()) * 2 <= 3 * height.max(other)
            });
            block += u32::from(!near);
            before = Some((segment.rect, height));
            for mut word in std::mem::take(&mut words[i]) {
                (word.block, word.line) = (block, number as u32);
                out.push(word);
            }
        }
    }
    out
}

/// Pieces by line, from left to right. A line is as high as its highest piece.
fn lines(segments: &[Segment]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&i| (middle(segments[i].rect), segments[i].rect.left));
    let mut lines: Vec<(Rect, Vec<usize>)> = Vec::new();
    for i in order {
        let rect = segments[i].rect;
        let fitting = lines.iter_mut().rev().take(8).find(|(line, _)| on_one_line(*line, rect));
        match fitting {
            Some((_, members)) => members.push(i),
            None => lines.push((rect, vec![i])),
        }
    }
    lines.sort_by_key(|(rect, _)| (middle(*rect), rect.left));
    let mut lines: Vec<Vec<usize>> = lines.into_iter().map(|(_, members)| members).collect();
    for members in &mut lines {
        members.sort_by_key(|&i| (segments[i].rect.left, segments[i].rect.top));
    }
    lines
}

fn middle(rect: Rect) -> u32 {
    rect.top + rect.height / 2
}

fn on_one_line(a: Rect, b: Rect) -> bool {
    let shared = a.bottom().min(b.bottom()).saturating_sub(a.top.max(b.top));
    shared * 2 >= a.height.min(b.height) && middle(a).abs_diff(middle(b)) * 2 <= a.height.max(b.height)
}
