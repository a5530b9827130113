//! What OCR takes for something else: characters that look alike become one. Knows no dictionary.

/// Folds text that is folded already: `o` = `0`, `i` = `l` = `1`, `s` = `5`, `b` = `8`, `rn` = `m`. Figures stay.
pub(super) fn fold_confusions(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(match c {
            'o' => '0',
            'i' | 'l' => '1',
            's' => '5',
            'b' => '8',
            'r' if chars.peek() == Some(&'n') => {
                chars.next();
                'm'
            }
            other => other,
        });
    }
    out
}

/// Writes an ASCII word, folded both ways, and says how long it is; `None` when it is not ASCII or has no room.
pub(super) fn fold_ascii(word: &[u8], out: &mut [u8]) -> Option<usize> {
    if !word.is_ascii() || word.len() > out.len() {
        return None;
    }
    let (mut from, mut to) = (0, 0);
    while let Some(byte) = word.get(from) {
        let follows_n = word.get(from + 1).is_some_and(|next| next | 0x20 == b'n');
        out[to] = match byte.to_ascii_lowercase() {
            b'o' => b'0',
            b'i' | b'l' => b'1',
            b's' => b'5',
            b'b' => b'8',
            b'r' if follows_n => {
                from += 1;
                b'm'
            }
            other => other,
        };
        (from, to) = (from + 1, to + 1);
    }
    Some(to)
}

#[cfg(test)]
mod tests {
    use super::{fold_ascii, fold_confusions};

    #[test]
    fn what_looks_alike_is_alike() {
        for (one, other) in [("bernard", "bemard"), ("doe", "d0e"), ("lis", "115"), ("90b17", "90817")] {
            assert_eq!(fold_confusions(one), fold_confusions(other), "{one} {other}");
        }
        assert_eq!(fold_confusions("2107"), "2107");
        let mut out = [0; 16];
        for word in ["Bernard", "IRNROLLS8", "RN", "r"] {
            let length = fold_ascii(word.as_bytes(), &mut out).expect("ASCII");
            assert_eq!(&out[..length], fold_confusions(&word.to_lowercase()).as_bytes());
        }
    }
}
