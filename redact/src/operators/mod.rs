//! Operators: what stands in a finding's place. Replacements hold ASCII only, so that every encoding takes
//! them, and nothing that a CSV, JSON or path has to quote beyond what the syntax escapes.

mod hash;
mod mask;
mod number;

pub use number::Numbering;

use crate::detect::Detector;
use custody_rules::{Decision, Finding, Operator};

/// The text that stands in a finding's place; `original_chars` is the length of what it replaces.
/// `None`: it stays.
pub fn replacement(
    detector: &Detector,
    numbering: &Numbering,
    finding: &Finding,
    original_chars: usize,
) -> Option<String> {
    if finding.decision == Decision::Keep {
        return None;
    }
    let entity = detector.rules().entity_name(finding.entity);
    match detector.operator(finding.entity) {
        Operator::Keep => None,
        Operator::Drop => Some(String::new()),
        Operator::Mask => Some(mask::mask(original_chars)),
        Operator::Hash => Some(hash::token(entity, finding.identity)),
        Operator::Replace => Some(number::token(entity, numbering.get(finding.entity, finding.identity))),
    }
}

/// Whether nothing but replacements and punctuation is left in a text: such text gives nothing away.
pub fn is_replaced(text: &str) -> bool {
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        if rest[..open].chars().any(char::is_alphanumeric) {
            return false;
        }
        match token_len(&rest[open..]) {
            Some(len) => rest = &rest[open + len..],
            None => return false,
        }
    }
    !rest.chars().any(char::is_alphanumeric)
}

/// Length of the replacement token a text starts with: `<` entity `_` hex digits `>`.
fn token_len(text: &str) -> Option<usize> {
    let end = text.bytes().take(64).position(|b| b == b'>')?;
    let (entity, number) = text[1..end].rsplit_once('_')?;
    let valid = !entity.is_empty()
        && entity.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_hexdigit());
    valid.then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_replacements_count_as_replaced() {
        for text in
            ["<PERSON_1>", "<PERSON_1>; <US_SSN_22>", "****", "", "<PERSON_0a1b2c3d4e5f>", "- <A_1> -"]
        {
            assert!(is_replaced(text), "{text}");
        }
        for text in ["Jane", "<PERSON_1> Doe", "<b>", "<PERSON_1", "x <PERSON_1>", "<PERSON_jane>"] {
            assert!(!is_replaced(text), "{text}");
        }
    }
}
