//! Takes a person's name apart: given names, middle names, surnames. Knows spellings, not the index.

use super::common::is_particle;
use crate::{fold, tokens};

/// What stands behind names and is none.
const SUFFIXES: [&str; 9] = ["jr", "sr", "ii", "iii", "iv", "phd", "md", "msc", "mba"];

/// The folded words of a name, by their part in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// The given name people are called by.
    pub(super) given: String,
    /// Further given names and middle names.
    pub(super) others: Vec<String>,
    /// Words of the surname that tell it; particles only where there is nothing else.
    pub(super) family: Vec<String>,
    /// The words as they stand joined without a space: names in Chinese, Japanese, Korean.
    pub(super) whole: Vec<String>,
}

impl Name {
    /// Of a row with a column for each part.
    pub(super) fn of_parts(given: &str, middles: &[&str], family: &str) -> Option<Self> {
        let mut first = words(given);
        if first.iter().all(|word| word.chars().count() == 1) {
            first.extend(middles.iter().flat_map(|middle| words(middle)));
        }
        // "J. Robert": the name is the first whole word.
        let called = first.iter().position(|word| word.chars().count() > 1).unwrap_or(0);
        if first.is_empty() {
            return None;
        }
        let given_word = first.remove(called);
        let others = first.into_iter().chain(middles.iter().flat_map(|middle| words(middle)));
        let others =
            others.filter(|word| word.chars().count() > 1 && !is_particle(word) && *word != given_word);
        let others = others.collect();
        let mut all = words(family);
        all.retain(|word| !SUFFIXES.contains(&word.as_str()));
        let telling: Vec<String> =
            all.iter().filter(|word| word.chars().count() > 1 && !is_particle(word)).cloned().collect();
        let mut family_words = if telling.is_empty() { all } else { telling };
        if family.contains(['\'', '’', 'ʼ', '`']) {
            let joined = words(family).concat();
            family_words.push(joined);
        }
        family_words.truncate(8);
        let whole = wholes(&fold(given), &fold(family));
        (!family_words.is_empty()).then_some(Self { given: given_word, others, family: family_words, whole })
    }

    /// Of a whole name in one column: `Jane Ann Doe`, `Doe, Jane Ann`, `Zoë van der Berg (On Leave)`.
    pub(super) fn of_whole(value: &str) -> Option<Self> {
        let name = value.split(['(', '[']).next().unwrap_or(value).trim();
        if let Some((family, given)) = name.split_once(',') {
            let mut given = given.split_whitespace().filter(|word| !is_suffix(word));
            let first = given.next().unwrap_or("");
            return Self::of_parts(first, &given.collect::<Vec<_>>(), family);
        }
        let mut all: Vec<&str> = name.split_whitespace().collect();
        while all.len() > 2 && all.last().is_some_and(|word| is_suffix(word)) {
            all.pop();
        }
        if all.len() < 2 {
            return None;
        }
        let particle = all[1..].iter().position(|w| {
            w.chars().next().is_some_and(char::is_lowercase) || is_particle(&fold(w)) && fold(w) != "le"
        });
        let cut = particle.map_or(all.len() - 1, |at| at + 1);
        let cut = cut.min(all.len() - 1);
        Self::of_parts(all[0], &all[1..cut], &all[cut..].join(" "))
    }

    /// All words, those that tell most first.
    pub(super) fn telling(&self) -> impl Iterator<Item = &str> {
        let last = self.family.iter().rev();
        std::iter::once(&self.given).chain(last).chain(&self.others).map(String::as_str)
    }
}

fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&fold(word).trim_end_matches('.'))
}

/// The folded words of a value.
pub(super) fn words(value: &str) -> Vec<String> {
    tokens(value).map(|(start, end)| fold(&value[start..end])).filter(|word| !word.is_empty()).collect()
}

/// Both orders of a name whose script puts no space between words.
fn wholes(given: &str, family: &str) -> Vec<String> {
    let is_spaceless = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}');
    let (given, family) = (given.trim(), family.trim());
    let all = given.chars().chain(family.chars()).all(is_spaceless);
    if all { vec![format!("{family}{given}"), format!("{given}{family}")] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, given: &str, others: &[&str], family: &[&str]) {
        let name = Name::of_whole(value).expect("a name");
        assert_eq!(
            (name.given.as_str(), name.others, name.family),
            (given, strings(others), strings(family)),
            "{value}"
        );
    }

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn whole_names_are_taken_apart() {
        check("Jane Ann Doe", "jane", &["ann"], &["doe"]);
        check("Doe, Jane A.", "jane", &[], &["doe"]);
        check("Zoë van der Ångström (On Leave)", "zoe", &[], &["angstrom"]);
        check("Jean-Paul Martín", "jean", &["paul"], &["martin"]);
        check("Garcia Marquez, Gabriel", "gabriel", &[], &["garcia", "marquez"]);
        check("J. Robert Roe Jr.", "robert", &[], &["roe"]);
        check("Sean O'Brien", "sean", &[], &["brien", "obrien"]);
        check("Thanh Van", "thanh", &[], &["van"]);
        assert_eq!(Name::of_whole("Sukarno"), None);
    }

    #[test]
    fn names_without_spaces_stand_joined() {
        let name = Name::of_parts("明", &[], "李").expect("a name");
        assert_eq!(name.whole, ["李明", "明李"]);
    }
}
