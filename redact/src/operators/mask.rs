//! Mask: marks in place of characters, with a length that does not tell short values apart.

/// Marks: as many as there were characters, at least four and at most twelve.
pub(super) fn mask(chars: usize) -> String {
    "*".repeat(chars.clamp(4, 12))
}
