//! Where findings are, for people: line and column in text, otherwise sheet and cell, pixels, frames.

use crate::columns::column_name;
use custody_rules::{Place, table::SHEET_NAME_COLUMN};

/// Turns offsets of a text into lines and columns, both from 1; offsets have to come in order.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    line_start: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, line_start: 0 }
    }

    /// Line and column of an offset; the column counts characters.
    pub(super) fn of(&mut self, offset: u64) -> (u64, u64) {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        if offset < self.at {
            *self = Self::new(self.text);
        }
        for (at, byte) in self.text.as_bytes()[self.at..offset].iter().enumerate() {
            if *byte == b'\n' {
                self.line += 1;
                self.line_start = self.at + at + 1;
            }
        }
        self.at = offset;
        let before = self.text.get(self.line_start..offset).unwrap_or_default();
        (self.line, before.chars().count() as u64 + 1)
    }
}

/// A place that is no line.
pub(super) fn other(place: Place) -> String {
    match place {
        Place::Span { start, end, .. } => format!("bytes {start}..{end}"),
        Place::Cell { sheet, column: SHEET_NAME_COLUMN, .. } => format!("name of sheet {}", sheet + 1),
        Place::Cell { sheet, row, column, .. } => {
            format!("sheet {}!{}{}", sheet + 1, column_name(column), row + 1)
        }
        Place::Region(at) if at.last_frame > 0 => {
            let (first, last) = (at.first_frame, at.last_frame);
            format!("frames {first}..={last}, {}x{} at {},{}", at.width, at.height, at.left, at.top)
        }
        Place::Region(at) => format!("{}x{} at {},{}", at.width, at.height, at.left, at.top),
        Place::Path { component, .. } => format!("name, part {}", component + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let mut lines = Lines::new("ab\nöx\n\nend");
        let all: Vec<(u64, u64)> = [0, 1, 3, 5, 7, 8, 11, 3].map(|at| lines.of(at)).to_vec();
        assert_eq!(all, [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 1), (4, 4), (2, 1)]);
        assert_eq!(lines.of(900), (4, 4), "beyond its end");
    }
}
