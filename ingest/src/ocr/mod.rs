//! Reads the words of a page of pixels with tesseract, linked as a library. Decodes no file.
//!
//! Every text is made dark on white (`flatten`), strokes are joined to pieces of lines (`segment`),
//! and each piece is read by itself at the size the engine likes best (`read`). So every stroke that
//! looks like text belongs to a word's box, even where the engine misreads it.

mod engine;
mod flatten;
mod layout;
mod memory;
mod read;
mod runs;
mod segment;
mod words;

pub use engine::{check_languages, languages, version};
pub use read::{Look, Ocr};

/// A box of pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// Left edge, inclusive.
    pub left: u32,
    /// Top edge, inclusive.
    pub top: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

impl Rect {
    fn of(component: &runs::Component) -> Self {
        let (left, top) = (component.left, component.top);
        Self { left, top, width: component.width(), height: component.height() }
    }

    /// One past the right edge.
    pub fn right(self) -> u32 {
        self.left + self.width
    }

    /// One past the bottom edge.
    pub fn bottom(self) -> u32 {
        self.top + self.height
    }

    /// The box with `by` more pixels on each side, as far as the page goes.
    #[must_use]
    pub fn grown(self, by: u32, (width, height): (u32, u32)) -> Self {
        let (left, top) = (self.left.saturating_sub(by), self.top.saturating_sub(by));
        let (right, bottom) = ((self.right() + by).min(width), (self.bottom() + by).min(height));
        Self { left, top, width: right.saturating_sub(left), height: bottom.saturating_sub(top) }
    }

    /// The smallest box that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Self { left, top, width: right - left, height: bottom - top }
    }
}

/// A word that was read; an empty text where something looks like text but was not read.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Where it is on the page.
    pub rect: Rect,
    /// 0 to 100.
    pub confidence: f32,
    /// Piece of text it stands in; pieces of one line are set apart by a gap wider than a space.
    pub block: u32,
    /// Line of text, from top to bottom, unique within the page.
    pub line: u32,
    /// The word.
    pub text: String,
}

#[cfg(test)]
mod tests;
