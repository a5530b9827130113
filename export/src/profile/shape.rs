//! The shape of a text: letters become `A` or `a`, digits `9`; of other signs only those of ASCII stay. A shape never
//! says a value: one without letters and digits is no shape.

use std::collections::HashMap;

/// Signs of a run that are shown; of a longer one only these and `…`.
const RUN_MAX: usize = 8;
/// Signs of a shape at most.
const LENGTH_MAX: usize = 40;
/// Shapes that are remembered of a column.
const SHAPES_MAX: usize = 1_024;
/// Bytes of a text that are looked at.
const BYTES_MAX: usize = 400;
/// Stands for a text that has no letter and no digit.
const SIGNS: &str = "·";

/// The shape of a text: `A9999` of `W1042`, `Aaaa Aaaaaa` of a name. Letters of scripts without capitals are `a`, signs
/// beyond ASCII `·`, runs of more than eight are cut short (`aaaaaaaa…`), and a text without letters and digits is `·`
/// alone, since its shape would be itself.
pub fn shape_of(text: &str) -> String {
    let mut shape = String::new();
    write_shape(text, &mut shape);
    shape
}

fn write_shape(text: &str, shape: &mut String) {
    shape.clear();
    if text.is_empty() {
        return;
    }
    let (mut last, mut run, mut length, mut hidden) = ('\0', 0, 0, false);
    for (at, sign) in text.char_indices() {
        if at >= BYTES_MAX || length >= LENGTH_MAX {
            shape.push('…');
            break;
        }
        let class = class(sign);
        hidden |= matches!(class, 'A' | 'a' | '9');
        run = if class == last { run + 1 } else { 1 };
        last = class;
        if run <= RUN_MAX {
            shape.push(class);
            length += 1;
        } else if run == RUN_MAX + 1 {
            shape.push('…');
        }
    }
    if !hidden {
        shape.clear();
        shape.push_str(SIGNS);
    }
}

fn class(sign: char) -> char {
    match sign {
        '0'..='9' => '9',
        'a'..='z' => 'a',
        'A'..='Z' => 'A',
        ' ' => ' ',
        sign if sign.is_ascii_punctuation() => sign,
        sign if sign.is_uppercase() => 'A',
        sign if sign.is_alphabetic() => 'a',
        sign if sign.is_numeric() => '9',
        _ => '·',
    }
}

/// The shapes of a column.
#[derive(Default)]
pub(super) struct Shapes {
    counts: HashMap<String, u64>,
    /// Whether there were more than are remembered.
    more: bool,
    scratch: String,
}

impl Shapes {
    pub(super) fn add(&mut self, text: &str) {
        let mut scratch = std::mem::take(&mut self.scratch);
        write_shape(text, &mut scratch);
        self.fixed(&scratch, 1);
        self.scratch = scratch;
    }

    /// Adds values that are known to have a shape.
    pub(super) fn fixed(&mut self, shape: &str, values: u64) {
        if let Some(count) = self.counts.get_mut(shape) {
            *count += values;
        } else if self.counts.len() >= SHAPES_MAX {
            self.more = true;
        } else if values > 0 {
            self.counts.insert(shape.to_owned(), values);
        }
    }

    /// The most frequent shape (of equally frequent ones the first in order), how many there are, and whether that is
    /// all of them.
    pub(super) fn finish(self) -> (Option<String>, u64, bool) {
        let shapes = self.counts.len() as u64;
        let most = self.counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
        (most.map(|(shape, _)| shape), shapes, !self.more)
    }
}
