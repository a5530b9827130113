//! Splits a descriptor, as reports write an instance into a cell, into its name and the ID behind it. Knows no list of
//! names or states and looks nothing up: what does not plainly stand there as an ID is part of the name.

/// Characters of an ID at most; longer ones in parentheses are remarks.
const ID_CHARS_MAX: usize = 64;

/// Splits `Jane Doe (21072)` into `Jane Doe` and `21072`. A state between the two belongs to the name, one behind the ID
/// to neither: `Jane Doe (On Leave) (21072)`, `Jane Doe (21072) (On Leave)`.
///
/// An ID is the last group in parentheses that holds a digit and nothing but ASCII letters, digits, `-`, `_` and `.`. It
/// has a name before it. A date is none, nor is what stands inside another group, as in `Sales (Jane Doe (21072))`: that
/// is somebody else's ID. Without an ID, the name is the whole text without the white space around it.
#[must_use]
pub fn split(text: &str) -> (&str, Option<&str>) {
    let whole = text.trim();
    let mut rest = whole;
    while let Some((before, group)) = last_group(rest) {
        if is_id(group) {
            return if before.is_empty() { (whole, None) } else { (before, Some(group)) };
        }
        rest = before;
    }
    (whole, None)
}

/// The text before a group at the end, and what the group holds; groups inside it are not looked into.
fn last_group(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_suffix(')')?;
    let mut depth = 1_usize;
    let open = inside.bytes().rposition(|byte| {
        depth = match byte {
            b')' => depth + 1,
            b'(' => depth - 1,
            _ => depth,
        };
        depth == 0
    })?;
    Some((inside[..open].trim_end(), inside[open + 1..].trim()))
}

fn is_id(group: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    group.len() <= ID_CHARS_MAX
        && group.bytes().all(fits)
        && group.bytes().any(|byte| byte.is_ascii_digit())
        && !is_date(group)
}

/// `2024-03-01` or `01.03.2024`, also with two digits for the year or one for day and month.
fn is_date(group: &str) -> bool {
    ['-', '.'].iter().any(|&between| {
        let parts: Vec<&str> = group.split(between).collect();
        let short = parts.iter().filter(|part| (1..=2).contains(&part.len())).count();
        parts.len() == 3
            && short >= 2
            && parts.iter().all(|part| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_ids() {
        for (text, name, id) in [
            ("Jane Doe (21072)", "Jane Doe", Some("21072")),
            (" Jane Doe(21072) ", "Jane Doe", Some("21072")),
            ("Jane Doe ( 21072 )", "Jane Doe", Some("21072")),
            ("Jane Doe (On Leave)", "Jane Doe (On Leave)", None),
            ("Jane Doe (On Leave) (21072)", "Jane Doe (On Leave)", Some("21072")),
            ("Jane Doe (21072) (On Leave)", "Jane Doe", Some("21072")),
            ("Zoë Łuk (C-00123)", "Zoë Łuk", Some("C-00123")),
            ("Engineer (P.00_1)", "Engineer", Some("P.00_1")),
            ("Jane Doe", "Jane Doe", None),
            ("", "", None),
            ("  ", "", None),
        ] {
            assert_eq!(split(text), (name, id), "{text}");
        }
    }

    #[test]
    fn what_is_no_id() {
        for text in [
            "(21072)",
            "(1,000.00)",
            "()",
            ")",
            "(",
            "Jane Doe (21072",
            "Jane Doe 21072)",
            "Sales (Jane Doe (21072))",
            "Grade (2024-03-01)",
            "Grade (01.03.2024)",
            "Grade (1-3-24)",
            "Time (50%)",
            "Plan (01/02)",
            "Site (Building 7)",
            "Company (ÄÖ7)",
            "Jane Doe (US)",
        ] {
            assert_eq!(split(text), (text, None), "{text}");
        }
        let long = format!("Jane ({})", "7".repeat(65));
        assert_eq!(split(&long), (long.as_str(), None));
    }

    #[test]
    fn an_id_of_three_parts_is_no_date() {
        assert_eq!(split("Jane (12-345-678)").1, Some("12-345-678"));
        assert_eq!(split("Jane (1.2)").1, Some("1.2"));
    }

    proptest! {
        #[test]
        fn a_name_and_an_id_come_apart_again(
            name in "[A-Za-zé]{1,8}( [A-Za-zé]{1,8}){0,2}( \\([A-Z][a-z]{1,6}\\))?",
            id in "[A-Z]{0,3}[0-9]{1,9}",
            state in "( \\((On Leave|Terminated)\\))?",
        ) {
            let text = format!("{name} ({id}){state}");
            prop_assert_eq!(split(&text), (name.as_str(), Some(id.as_str())));
        }

        #[test]
        fn any_text_is_split(text in "[a-z0-9() é.-]{0,24}") {
            let (name, id) = split(&text);
            prop_assert!(text.contains(name) && id.is_none_or(|id| text.contains(id)));
        }
    }
}
