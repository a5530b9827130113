//! Tokens of known shape: keeps samples, masks and fillers apart from tokens that were handed out.
//!
//! Source: C. E. Shannon, A Mathematical Theory of Communication. A word in a long token hides nothing.

use super::secret::entropy;
use std::sync::OnceLock;

/// Words that stand where a secret would.
pub(super) const WORDS: &str = "changeme me changeit change replace placeholder password passwords passwd \
    passphrase passwort kennwort contrasena pass pwd secret token apikey api key your access auth client user \
    username name put here insert enter the with value dummy sample redacted bot test todo login credential \
    credentials database admin";

/// Says whether a token is mixed, drawn from enough characters and no filler.
pub(super) fn valid(text: &str) -> bool {
    let cased = text.bytes().any(|b| b.is_ascii_uppercase()) && text.bytes().any(|b| b.is_ascii_lowercase());
    let mixed = cased || text.bytes().any(|b| b.is_ascii_digit());
    mixed && !documented(text) && entropy(text) >= 2.6 && !filler(text)
}

/// The key ids in the manual of AWS end so.
fn documented(text: &str) -> bool {
    text.len() == 20 && text.starts_with('A') && text.ends_with("EXAMPLE")
}

/// Whether runs, sequences and filler words make up most of a text.
pub(super) fn filler(text: &str) -> bool {
    own(text, WORDS) < 0.3 || own(text, "") <= 0.4
}

/// Share of letters and digits that belong to no run (`xxxx`), sequence (`0123456789`) or word.
pub(super) fn own(text: &str, words: &str) -> f32 {
    let bytes = text.as_bytes();
    let (mut at, mut all, mut own) = (0, 0, 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let run = run(rest);
        let word = || {
            let list = if words.is_empty() { &[] } else { listed(rest[0]) };
            list.iter().filter(|word| starts_with(rest, word.as_bytes())).map(|word| word.len()).max()
        };
        let skip = if run > 0 { run } else { word().unwrap_or(0) };
        let one = usize::from(skip == 0 && alnum(rest[0]));
        (own, all) = (own + one, all + one + skip);
        at += skip.max(1);
    }
    own as f32 / all.max(1) as f32
}

/// The words that start with a letter; there is but one list.
fn listed(first: u8) -> &'static [&'static str] {
    static LISTS: OnceLock<[Vec<&'static str>; 26]> = OnceLock::new();
    let lists = LISTS.get_or_init(|| {
        let of = |letter: u8| WORDS.split_ascii_whitespace().filter(move |w| w.as_bytes()[0] == letter);
        std::array::from_fn(|at| of(b'a' + at as u8).collect())
    });
    lists.get(usize::from(first.to_ascii_lowercase().wrapping_sub(b'a'))).map_or(&[], Vec::as_slice)
}

fn starts_with(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

fn alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Length of the run or sequence a text starts with, if it is long enough to be one.
fn run(bytes: &[u8]) -> usize {
    let code = |byte: u8| i16::from(byte.to_ascii_lowercase());
    let Some(step) = bytes.get(1).map(|&second| code(second) - code(bytes[0])) else { return 0 };
    if !(-1..=1).contains(&step) {
        return 0;
    }
    let next = |pair: &&[u8]| alnum(pair[1]) && code(pair[1]) - code(pair[0]) == step;
    let len = bytes.windows(2).take_while(next).count() + 1;
    if alnum(bytes[0]) && len >= (if step == 0 { 4 } else { 10 }) { len } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn fillers_are_no_tokens() {
        assert!(valid("q8Zt31xxLp02vv7KpasswordW4sTy61"));
        assert!(!valid("AKIAIOSFODNN7EXAMPLE"));
        assert!(!valid("ghp_xxxxxxxxxxxx1xxxxxxxx") && !valid("sk_abcdefghijklmnopqrstuvwxyz1"));
    }
}
