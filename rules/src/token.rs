//! What stands in a finding's place: `<PERSON_1>`, `<US_SSN_0a1b2c3d4e5f>`.

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

/// Where in a text replacements stand, half-open bytes. `is_entity` says which names are entities.
pub fn marks(text: &str, is_entity: impl Fn(&str) -> bool) -> Vec<(usize, usize)> {
    let opened = memchr::memchr_iter(b'<', text.as_bytes());
    let mark = |at: usize| {
        let end = at + token_len(&text[at..])?;
        let (entity, number) = text[at + 1..end - 1].rsplit_once('_')?;
        // A count, or a keyed hash: no value that somebody put in brackets.
        let ours =
            number.len() == 12 || number.len() <= 6 && number.bytes().all(|byte| byte.is_ascii_digit());
        (ours && is_entity(entity)).then_some((at, end))
    };
    opened.filter_map(mark).collect()
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
    fn marks_are_told_by_their_entity() {
        let text = "Worker <PERSON_1> of <TEAM_2>, <US_SSN_0a1b2c3d4e5f> < <US_SSN_214456781> <PERSON_1";
        let is_entity = |name: &str| ["PERSON", "US_SSN"].contains(&name);
        let found: Vec<&str> = marks(text, is_entity).iter().map(|&(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["<PERSON_1>", "<US_SSN_0a1b2c3d4e5f>"]);
    }

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
