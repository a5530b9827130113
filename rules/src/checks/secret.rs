//! Values of secrets: keeps real ones apart from words, references and blanks that stand where a secret
//! would. Not a proof: a pass phrase of plain words is left to the password recognizer.
//!
//! Source: C. E. Shannon, A Mathematical Theory of Communication (entropy).

use super::high_entropy::changes;
use super::known_token::filler;

/// Characters a generic secret has at least.
const LENGTH_MIN: usize = 8;
/// Bits a character a generic secret has at least (Shannon, over its own characters).
const ENTROPY_MIN: f32 = 2.6;

/// Says whether a value looks drawn at random: long enough, mixed, no reference and no mask.
pub(super) fn valid(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'', '`']);
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    let letters = text.bytes().any(|b| b.is_ascii_alphabetic());
    text.len() >= LENGTH_MIN
        && letters
        && (digits || (text.len() >= 12 && changes(text) >= 0.3))
        && entropy(text) >= ENTROPY_MIN
        && !wordy(text)
        && !scoped(text)
        && super::written_out::valid(text)
        && !filler(text)
}

/// Names of things: words and versions joined by marks, with few digits.
fn wordy(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./:".contains(&b));
    plain && text.len() < 40 && digits * 6 <= text.len() && changes(text) < 0.2 && !unspeakable(text)
}

/// `:Decimal128`, the end of `Token::Decimal128`: a name of a type behind its scope.
fn scoped(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|name| {
        name.len() < 20
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':')
            && changes(name) < 0.2
    })
}

/// Whether figures stand in a text whose letters nobody could pronounce: six consonants in a row, or four twice.
fn unspeakable(text: &str) -> bool {
    let vowel = |b: u8| b"aeiouyAEIOUY".contains(&b);
    let consonants = |part: &[u8]| part.iter().filter(|b| b.is_ascii_lowercase()).count();
    let runs = text.as_bytes().split(|&b| vowel(b) || !b.is_ascii_alphabetic()).map(consonants);
    let (mut longest, mut long) = (0, 0);
    for run in runs {
        longest = longest.max(run);
        long += usize::from(run >= 4);
    }
    text.len() >= 16 && text.bytes().any(|b| b.is_ascii_digit()) && (longest >= 6 || long >= 2)
}

/// Bits a character (Shannon, over the text's own characters).
pub(super) fn entropy(text: &str) -> f32 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|b| counts[usize::from(b)] += 1);
    let len = text.len() as f32;
    counts.iter().filter(|&&n| n > 0).map(|&n| n as f32 / len).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn words_and_references_are_no_secrets() {
        assert!(valid("q8Zt-31xx-Lp02-vv7K"));
        assert!(valid("hfnopdpevgcnltv62qrtkt") && valid(":q8Zt31xxLp02vv7K"));
        for bad in [
            "configuration",
            "${API_KEY_1}",
            "xxxxxxxx1",
            "short1",
            "aaaaaaa1",
            "jackson-core-2.1",
            ":Decimal128",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
