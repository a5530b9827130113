//! Goes through a text, run by run: cuts runs into segments, weighs them with what stands around, and looks a
//! second time for parts of the names it is sure of.

use super::evidence::{Evidence, around};
use super::score::{Traits, weigh};
use super::segment::{NAME_WORDS_MAX, Run, is_nameable, span};
use super::table::Class;
use super::words::{Shape, Word, next_word, word_before};
use super::{NameFinder, lower};
use crate::Candidate;

/// Candidates below are not worth keeping.
pub(super) const SCORE_MIN: f32 = 0.3;
/// Names from which parts are looked for again in the same text.
const SURE: f32 = 0.6;
/// What a name in a row of names scores.
const LINKED: f32 = 0.5;
/// What every one of three in a row scores by itself if none is sure.
const CERTAIN_MIN: f32 = 0.2;
/// What it scores by itself at least.
const LINKED_MIN: f32 = 0.1;
/// What a part of a name that was found in the same text scores.
const REPEATED: f32 = 0.55;
/// Names of one text whose parts are looked for again, at most.
const REPEATED_MAX: usize = 16;

/// Adds the names of a text.
pub(super) fn scan(finder: &NameFinder, text: &str, out: &mut Vec<Candidate>) {
    let mut run = Run::new();
    let mut at = 0;
    let mut any = false;
    while let Some(next) = run.read(&finder.table, text, at) {
        any = true;
        at = next;
        let words = run.words();
        let mut from = 0;
        while from < words.len() {
            let titled = is_titled(finder, text, words, from);
            let mut to = from;
            while to < words.len() && is_nameable(words, to, text, titled && to == from) {
                to += 1;
            }
            if to > from {
                segment(finder, text, &words[from..to], out);
            }
            from = to.max(from + 1);
        }
    }
    if !any {
        lower::scan(finder, text, out);
    }
}

/// Whether a title stands before the word.
fn is_titled(finder: &NameFinder, text: &str, words: &[Word], at: usize) -> bool {
    let start = words[at].start;
    let class = match at.checked_sub(1) {
        Some(before) => words[before].class,
        None => match word_before(text, start) {
            Some(word) if matches!(&text[word.end..start], " " | ". " | ".") => {
                finder.table.class(&text[word.start..word.end])
            }
            _ => return false,
        },
    };
    class.any(Class::TITLE)
}

fn segment(finder: &NameFinder, text: &str, words: &[Word], out: &mut Vec<Candidate>) {
    let mut words = words;
    while let Some((last, rest)) = words.split_last() {
        if last.shape != Shape::Lower {
            break;
        }
        words = rest;
    }
    while let Some((first, rest)) = words.split_first() {
        if first.shape != Shape::Lower {
            break;
        }
        words = rest;
    }
    if words.is_empty() || words.len() > NAME_WORDS_MAX {
        return;
    }
    let mut bytes = span(text, words);
    if is_code(text, bytes) {
        return;
    }
    let traits = Traits::of(text, words);
    let seen = around(&finder.table, text, bytes);
    let mut score = weigh(traits, seen);
    if let Some(end) = last_first(finder, text, bytes.1, traits) {
        bytes.1 = end;
        score = score.max(0.75);
    }
    bytes.0 = with_particles(finder, text, bytes.0, seen);
    if traits.full > 0 {
        out.push(finder.candidate(bytes, score));
    }
}

/// `Dear von der Heide`: particles before a name that something else announces.
fn with_particles(finder: &NameFinder, text: &str, start: usize, seen: Evidence) -> usize {
    let mut start = start;
    if !seen.link && !seen.article {
        return start;
    }
    let mut from = start;
    for _ in 0..3 {
        let Some(word) = word_before(text, from) else { break };
        let class = finder.table.class(&text[word.start..word.end]);
        if word.shape != Shape::Lower || &text[word.end..from] != " " {
            break;
        }
        if !class.any(Class::PARTICLE) {
            break;
        }
        from = word.start;
        let before = word_before(text, from);
        if before.is_some_and(|before| {
            finder.table.class(&text[before.start..before.end]).any(Class::TITLE | Class::GREETING)
        }) {
            start = from;
        }
    }
    start
}

/// The end of the given names in `Doe, Jane A.`, if that is what it is.
fn last_first(finder: &NameFinder, text: &str, end: usize, family: Traits) -> Option<usize> {
    let strong = family.last.strong() && family.last.any(Class::FAMILY);
    if family.full > 2
        || family.initials > 0
        || !(strong || family.last.unknown())
        || !text[end..].starts_with(", ")
    {
        return None;
    }
    let mut run = Run::new();
    run.read(&finder.table, text, end)?;
    let words = run.words();
    if words.first()?.start != end + 2 || words.len() > 3 {
        return None;
    }
    let last = span(text, words).1;
    let given = Traits::of(text, words);
    let is_given = given.full > 0 && given.strong == given.full && given.first.any(Class::GIVEN);
    let only_family = !family.last.any(Class::GIVEN);
    let listed = strong && (only_family || !given.first.any(Class::FAMILY));
    let alone = !is_list(finder, text, last);
    (is_given && alone && (listed || (family.last.unknown() && !given.first.any(Class::FAMILY))))
        .then_some(last)
}

/// `…, Derek and Anna`: more names follow.
fn is_list(finder: &NameFinder, text: &str, end: usize) -> bool {
    let Some(word) = next_word(text, end) else { return false };
    let gap = &text[end..word.start];
    let class = finder.table.class(&text[word.start..word.end]);
    (gap == ", " && word.shape == Shape::Capital && class.listed())
        || (matches!(gap, " " | ", ")
            && matches!(&text[word.start..word.end], "and" | "und" | "et" | "y" | "or" | "&"))
}

/// Parts of paths, of code, of tags, keys and placeholders are no words.
fn is_code(text: &str, (start, end): (usize, usize)) -> bool {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).map_or(b' ', |at| bytes[at]);
    let earlier = start.checked_sub(2).map_or(b' ', |at| bytes[at]);
    let after = bytes.get(end).copied().unwrap_or(b' ');
    let next = bytes.get(end + 1).copied().unwrap_or(b' ');
    if matches!(before, b'/' | b'\\' | b'_' | b'$' | b'#' | b'@' | b'&' | b'%' | b'+' | b'`' | b'~' | b'^') {
        return true;
    }
    if matches!(before, b'.' | b':' | b'-') && !earlier.is_ascii_whitespace() && earlier != b'"' && start > 1
    {
        // `Mr.Doe` and `Name:Doe` are no code.
        return before != b':' || earlier == b':' || !next_is_open(bytes, end);
    }
    if matches!(after, b'/' | b'\\' | b'_' | b'(' | b'[' | b'=' | b'@' | b'`' | b'{' | b'+' | b'~' | b'$') {
        return true;
    }
    (after == b'<' && before != b'>')
        || (after == b'>' && matches!(before, b'<' | b'/'))
        || matches!(after, b'.' | b':' | b'-') && (next.is_ascii_alphanumeric() || next == after)
        || matches!(after, b'"' | b'\'') && next == b':'
        || (before == b'<' && after != b'<' && !text[end..].starts_with(" <"))
}

fn next_is_open(bytes: &[u8], end: usize) -> bool {
    bytes.get(end).is_none_or(|b| matches!(b, b' ' | b',' | b';' | b'.' | b'\n' | b'\'' | b'"' | b'!' | b'?'))
}

/// A text that is a name as a whole, under a label that speaks of people.
pub(super) fn whole(finder: &NameFinder, text: &str, out: &mut Vec<Candidate>) {
    const UNDER_LABEL: f32 = 0.65;
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    let mut run = Run::new();
    if trimmed.len() > 80 || run.read(&finder.table, text, 0).is_none() {
        return;
    }
    let name = |words: &[Word]| {
        !words.is_empty()
            && words.len() <= NAME_WORDS_MAX
            && (0..words.len()).all(|at| is_nameable(words, at, text, false))
    };
    let words = run.words();
    let (first, end) = (words[0].start, words[words.len() - 1].end);
    if first != start || !name(words) {
        return;
    }
    let full = Traits::of(text, words).full;
    let rest = text[end..].trim_end();
    let bracket = rest.trim_start().starts_with('(') && rest.ends_with(')');
    if (rest.is_empty() || rest == "." || bracket) && full >= 2 {
        out.push(finder.candidate(span(text, words), UNDER_LABEL));
    } else if rest.starts_with(", ") && full <= 2 {
        let mut given = Run::new();
        let next = given.read(&finder.table, text, end + 2);
        let words = given.words();
        if next.is_some()
            && name(words)
            && text[words[words.len() - 1].end..].trim_matches(['.', ' ']).is_empty()
        {
            out.push(finder.candidate((first, span(text, words).1), UNDER_LABEL));
        }
    }
}

/// Names in a row are names together: `Monjeau, Graves and Reed`.
pub(super) fn chain(text: &str, from: usize, out: &mut [Candidate]) {
    let found = &mut out[from..];
    let linked = |a: &Candidate, b: &Candidate| {
        a.end < b.start
            && matches!(
                &text[a.end..b.start],
                ", " | " and " | " und " | " et " | " y " | ", and " | " or " | " & "
            )
    };
    let mut at = 0;
    while at + 1 < found.len() {
        let mut to = at;
        while to + 1 < found.len() && linked(&found[to], &found[to + 1]) {
            to += 1;
        }
        let row = &mut found[at..=to];
        let sure = row.iter().filter(|c| c.score >= LINKED).count();
        let certain = row.len() > 2 && row.iter().all(|c| c.score >= CERTAIN_MIN);
        if row.len() > 1 && (sure > 0 || certain) {
            for candidate in row.iter_mut().filter(|c| c.score < LINKED && c.score >= LINKED_MIN) {
                candidate.score = LINKED;
            }
        }
        at = to + 1;
    }
}

/// Lifts candidates that repeat a part of a name found for certain in the same text.
pub(super) fn repeat(finder: &NameFinder, text: &str, from: usize, out: &mut [Candidate]) {
    let found = &mut out[from..];
    if found.len() < 2 || !found.iter().any(|c| c.score < REPEATED) {
        return;
    }
    let mut sure = [(0usize, 0usize); REPEATED_MAX];
    let mut count = 0;
    for candidate in found.iter().filter(|c| c.score >= SURE).take(REPEATED_MAX) {
        sure[count] = (candidate.start, candidate.end);
        count += 1;
    }
    for candidate in found.iter_mut().filter(|c| c.score < REPEATED) {
        let value = &text[candidate.start..candidate.end];
        let telling = finder.table.class(value);
        let repeats = |name: &str| name == value || name.split([' ', '-']).any(|part| part == value);
        if !telling.any(Class::NO_NAME | Class::WORD)
            && value.len() >= super::PART_LETTERS_MIN
            && sure[..count].iter().any(|&(s, e)| repeats(&text[s..e]))
        {
            candidate.score = REPEATED;
        }
    }
}
