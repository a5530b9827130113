//! The last few short lines of a text, newest first. Long lines are kept as empty ones: nothing looks back over
//! them.

/// Lines that are kept.
const LINES: usize = 4;
/// Bytes of a line that is kept.
pub(super) const LINE_BYTES_MAX: usize = 160;

/// The ring of lines.
#[derive(Clone, Default)]
pub(super) struct Recent {
    lines: [String; LINES],
    newest: usize,
}

impl Recent {
    pub(super) fn push(&mut self, line: &str) {
        self.newest = (self.newest + 1) % LINES;
        let slot = &mut self.lines[self.newest];
        slot.clear();
        if line.len() <= LINE_BYTES_MAX {
            slot.push_str(line);
        }
    }

    /// The lines before the one at hand, newest first.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        (0..LINES).map(|back| self.lines[(self.newest + LINES - back) % LINES].as_str())
    }

    /// The line so many lines before the newest.
    pub(super) fn back(&self, lines: usize) -> &str {
        &self.lines[(self.newest + LINES - lines % LINES) % LINES]
    }

    /// Bytes it takes.
    #[cfg(test)]
    pub(super) fn size_bytes(&self) -> usize {
        self.lines.iter().map(String::capacity).sum()
    }
}
