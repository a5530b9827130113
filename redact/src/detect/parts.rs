//! The parts of a name that stand for the person elsewhere: the family name alone, initial and family name.
//! Knows no lists: what is too common to be looked for alone is said by the caller.

use custody_rules::tokens;

/// Words a name has at most; longer ones are sentences.
const WORDS_MAX: usize = 5;

/// Forms in which the name may be met again: each telling word alone, and initials with the family name.
/// `telling` says whether a word alone tells a person from other words.
pub(super) fn of(name: &str, telling: impl Fn(&str) -> bool) -> Vec<String> {
    let reversed = name.contains(',');
    let words: Vec<&str> = tokens(name).map(|(start, end)| &name[start..end]).collect();
    let full = |word: &&str| word.chars().count() > 1;
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Vec::new() };
    if words.len() < 2 || words.len() > WORDS_MAX || words.iter().filter(|w| full(w)).count() < 2 {
        return Vec::new();
    }
    let mut parts: Vec<String> =
        words.iter().filter(|word| telling(word)).map(|word| (*word).to_owned()).collect();
    let (given, family) = if reversed { (last, first) } else { (first, last) };
    if let Some(initial) = given.chars().next().filter(|_| full(family) && telling(family)) {
        // `D. Jane` is `D` and `Jane` to an index of words, as `Jane D` is.
        parts.push(format!("{initial} {family}"));
        parts.push(format!("{family} {initial}"));
    }
    if let Some(initial) = family.chars().next().filter(|_| full(given) && telling(given)) {
        parts.push(format!("{given} {initial}"));
        parts.push(format!("{initial} {given}"));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn parts_stand_for_a_person_unless_they_are_words() {
        let telling = |word: &str| !["May", "Long"].contains(&word) && word.len() > 3;
        assert_eq!(
            of("Ines Keller", telling),
            ["Ines", "Keller", "I Keller", "Keller I", "Ines K", "K Ines"]
        );
        assert_eq!(of("May Long", telling), [""; 0]);
        assert_eq!(of("Keller, Ines", telling)[2], "I Keller");
        assert_eq!(of("Keller", telling), [""; 0]);
    }
}
