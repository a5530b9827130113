//! Scanning Arrow's string arrays where they are: one buffer of values, and offsets that say where each element
//! starts. Copies nothing.

use super::{Scanner, Scratch};
use crate::Candidate;
use arrow_array::{Array, GenericStringArray, OffsetSizeTrait};

/// Why buffers are no string array. Says where, never what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ElementsError {
    /// An element starts behind its end, or ends outside the values.
    #[error("element {0}: its offsets run backwards or beyond the values")]
    Offset(usize),
    /// The values are not UTF-8.
    #[error("the values are not UTF-8 from byte {0} on")]
    Utf8(usize),
    /// An element starts or ends within a character.
    #[error("element {0}: it starts or ends within a character")]
    Border(usize),
    /// An element is longer than the scanner can number.
    #[error("element {0}: it is longer than 4 GiB")]
    TooLong(usize),
}

impl Scanner {
    /// Adds every candidate in each element of a string array's raw buffers to `out`, with the element's number;
    /// bytes count from the element's start. Each element is a text of its own; all stand under `label`, their
    /// column's heading. Gives what [`Self::scan`] gives element by element.
    ///
    /// `offsets`: one more than there are elements, as Arrow has it; none are no elements.
    ///
    /// # Errors
    /// An [`ElementsError`] when the buffers are no string array; nothing has been added then.
    pub fn scan_values<O: OffsetSizeTrait>(
        &self,
        (values, offsets): (&[u8], &[O]),
        label: Option<&str>,
        scratch: &mut Scratch,
        out: &mut Vec<(usize, Candidate)>,
    ) -> Result<(), ElementsError> {
        let (base, text) = checked(values, offsets)?;
        self.scan_elements((text, base, offsets), |_| true, label, (scratch, out));
        Ok(())
    }

    /// Does what [`Self::scan_values`] does with an array of Arrow's; nulls have no candidates.
    ///
    /// # Errors
    /// An [`ElementsError`] when an element is longer than 4 GiB.
    pub fn scan_array<O: OffsetSizeTrait>(
        &self,
        array: &GenericStringArray<O>,
        label: Option<&str>,
        scratch: &mut Scratch,
        out: &mut Vec<(usize, Candidate)>,
    ) -> Result<(), ElementsError> {
        let offsets = array.value_offsets();
        let (base, text) = checked(array.value_data(), offsets)?;
        self.scan_elements((text, base, offsets), |at| array.is_valid(at), label, (scratch, out));
        Ok(())
    }

    fn scan_elements<O: OffsetSizeTrait>(
        &self,
        (text, base, offsets): (&str, usize, &[O]),
        is_there: impl Fn(usize) -> bool,
        label: Option<&str>,
        (scratch, out): (&mut Scratch, &mut Vec<(usize, Candidate)>),
    ) {
        let mut found = Vec::new();
        for (element, pair) in offsets.windows(2).enumerate().filter(|(element, _)| is_there(*element)) {
            let (start, end) = (pair[0].as_usize() - base, pair[1].as_usize() - base);
            match label {
                Some(_) => self.scan_text(&text[start..end], label, scratch, &mut found),
                // The buffer goes on behind the element, which spares the walk a copy of its end.
                None => self.stretch((&text[start..], 0, end - start), None, scratch, &mut found),
            };
            out.extend(found.drain(..).map(|candidate| (element, candidate)));
        }
    }
}

/// The text that the elements are in, and where it starts in the values.
fn checked<'a, O: OffsetSizeTrait>(
    values: &'a [u8],
    offsets: &[O],
) -> Result<(usize, &'a str), ElementsError> {
    let at = |offset: &O| offset.to_usize().filter(|&at| at <= values.len());
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return Ok((0, "")) };
    for (element, pair) in offsets.windows(2).enumerate() {
        match (at(&pair[0]), at(&pair[1])) {
            (Some(start), Some(end)) if start <= end => {
                u32::try_from(end - start).map_err(|_| ElementsError::TooLong(element))?;
            }
            _ => return Err(ElementsError::Offset(element)),
        }
    }
    let (Some(base), Some(end)) = (at(first), at(last)) else { return Err(ElementsError::Offset(0)) };
    let text = simdutf8::compat::from_utf8(&values[base..end])
        .map_err(|error| ElementsError::Utf8(base + error.valid_up_to()))?;
    let inside = |offset: &O| !text.is_char_boundary(offset.as_usize() - base);
    match offsets.iter().position(inside) {
        Some(border) => Err(ElementsError::Border(border.saturating_sub(1))),
        None => Ok((base, text)),
    }
}

#[cfg(test)]
mod tests;
