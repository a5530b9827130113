//! Values of secrets: keeps real ones apart from words, references and blanks that stand where a secret
//! would. Not a proof: a pass phrase of plain words is left to the password recognizer.

/// Characters a generic secret has at least.
const LENGTH_MIN: usize = 8;
/// Bits a character a generic secret has at least (Shannon, over its own characters).
const ENTROPY_MIN: f32 = 2.6;

/// Says whether a value looks drawn at random: long enough, mixed, no reference and no mask.
pub(super) fn valid(text: &str) -> bool {
    let mixed = text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic());
    text.len() >= LENGTH_MIN && mixed && super::written_out::valid(text) && entropy(text) >= ENTROPY_MIN
}

fn entropy(text: &str) -> f32 {
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
        for bad in ["configuration", "${API_KEY_1}", "xxxxxxxx1", "short1", "aaaaaaa1"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
