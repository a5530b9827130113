//! Names that stand on a page without a label of their own: the crumb behind a crumb that names a list of people,
//! more chips in a field, the initials of somebody whose name stands beside them.

use super::neutral::is_list;
use super::{Label, Mark, Page, region, union};
use crate::detect::layout::{Row, Segment};
use custody_rules::table::WordRow;
use custody_rules::{Region, ValueIndexBuilder, ValueShape, fold};
use std::collections::BTreeMap;

/// Marks between crumbs, and what they are read as.
const CRUMB_MARKS: [&str; 8] = [">", "›", "»", "/", "→", "\"", "\\", "››"];
/// Marks that close a chip, and what they are read as.
const CLOSING_MARKS: [char; 6] = ['×', '✕', 'x', 'X', '®', '⊗'];

/// Words a name in a crumb or a chip may have.
const NAME_WORDS_MAX: usize = 5;
/// Confidence from which a word is what it was read as, marks and all.
const SURE: f32 = 85.0;
/// Text heights between initials and the name they are of.
const INITIALS_ACROSS: u32 = 8;
const INITIALS_DOWN: u32 = 4;

type Values<'v, 'i> = &'v mut Option<&'i mut ValueIndexBuilder>;

impl Page<'_> {
    /// `Workers > Jane Doe > Pay`: what stands behind a list of people is one of them.
    pub(super) fn crumbs(&mut self, rows: &[Row], values: Values<'_, '_>) {
        for row in rows {
            let crumbs: Vec<Segment> =
                row.segments.iter().flat_map(|segment| split(segment, self.words)).collect();
            let is_mark = |s: &Segment| CRUMB_MARKS.contains(&s.text.as_str());
            if !crumbs.iter().any(is_mark) {
                continue;
            }
            for three in crumbs.windows(3) {
                let [list, mark, name] = three else { continue };
                if !is_mark(mark) || is_mark(list) || !is_list(&list.text) || !self.is_bare_name(&name.text) {
                    continue;
                }
                if let Some(label) = self.label("Worker") {
                    self.mark_whole(name, 0, label, values);
                }
            }
        }
    }

    /// A few capitalised words that are no label.
    fn is_bare_name(&self, text: &str) -> bool {
        let words = text.split(' ').count();
        text.starts_with(char::is_uppercase)
            && words <= NAME_WORDS_MAX
            && !text.contains(|c: char| c.is_ascii_digit())
            && !self.is_label(text)
            && self.detector.scanner.labels().is_name(text)
    }

    /// More names in a field, each on a chip of its own: they stand close to one another or end with a cross.
    pub(super) fn chips(&mut self, row: &Row, first: usize, label: Label, values: Values<'_, '_>) {
        if label.shape != ValueShape::Name {
            return;
        }
        for (before, chip) in row.segments[first..].iter().zip(row.segments.iter().skip(first + 1)) {
            let gap = chip.left.saturating_sub(before.right);
            let closes = |s: &Segment| s.text.ends_with(CLOSING_MARKS) && s.text.contains(' ');
            let near = gap <= row.height() * 4 || closes(before) || closes(chip);
            let text = chip.text.trim_end_matches(CLOSING_MARKS).trim_end();
            if !near || (!text.is_empty() && !self.is_bare_name(text)) {
                return;
            }
            if !text.is_empty() {
                self.mark_whole(chip, 0, label, values);
            }
        }
    }

    /// A segment with letters where the engine saw marks among letters, if it did: a name with one such letter is
    /// still known by what stands around it.
    pub(super) fn repaired(&self, segment: &Segment) -> Option<Segment> {
        let garbled = |at: &usize| {
            let word = &self.words[segment.words[*at]];
            word.confidence < SURE && is_garbled(word.text)
        };
        let at: Vec<usize> = (0..segment.words.len()).filter(garbled).collect();
        if at.is_empty() {
            return None;
        }
        let mut repaired = segment.clone();
        for bytes in at.into_iter().map(|at| segment.bytes_of(at)) {
            // One byte for one byte: places in the repaired text are places in the segment.
            let letters = with_letters(&segment.text[bytes.clone()]);
            repaired.text.replace_range(bytes, &letters);
        }
        Some(repaired)
    }

    /// Words beside a name whose letters the engine took for marks: `Maria Nguy[jn` is one name.
    pub(super) fn garbled(&mut self, rows: &[Row]) {
        let person = self.detector.ids().person;
        for segment in rows.iter().flat_map(|row| &row.segments) {
            let forth = segment.words.windows(2).map(|pair| (pair[0], pair[1]));
            let back = segment.words.windows(2).rev().map(|pair| (pair[1], pair[0]));
            for (name, other) in forth.chain(back) {
                let Some(mark) = self.marks[name].filter(|mark| mark.entity == person && !mark.keep) else {
                    continue;
                };
                let word = &self.words[other];
                if self.marks[other].is_none() && word.confidence < SURE && is_garbled(word.text) {
                    self.marks[other] = Some(mark);
                }
            }
        }
    }

    /// Two or three capitals beside a name that begins with them: a picture that was not uploaded.
    pub(super) fn initials(&mut self, rows: &[Row]) {
        let people = self.people(rows);
        if people.is_empty() {
            return;
        }
        for row in rows {
            for (segment, at) in row.segments.iter().flat_map(|s| (0..s.words.len()).map(move |at| (s, at))) {
                let word = segment.words[at];
                // The rim of their disc may be read as a mark.
                let text = segment.word(at).trim_matches(|c: char| !c.is_alphanumeric());
                let is_initials =
                    (1..=3).contains(&text.chars().count()) && text.chars().all(char::is_uppercase);
                if !is_initials || self.marks[word].is_some() {
                    continue;
                }
                let own = region(&self.words[word]);
                let folded = fold(text);
                // A single letter is anything: it has to stand alone.
                let alone = segment.words.len() == 1;
                let owner = people.iter().find(|(mark, names, place)| {
                    !mark.keep
                        && (alone || folded.len() > 1)
                        && stands_for(&folded, names)
                        && are_near(&own, place)
                });
                if let Some((mark, ..)) = owner {
                    // A box of their own: what stands between them and the name stays.
                    self.groups += 1;
                    self.marks[word] = Some(Mark { group: self.groups, ..*mark });
                }
            }
        }
    }

    /// Names that were found on these rows: their words and the box around them.
    fn people(&self, rows: &[Row]) -> Vec<(Mark, Vec<String>, Region)> {
        let person = self.detector.ids().person;
        let mut people: BTreeMap<usize, (Mark, Vec<String>, Region)> = BTreeMap::new();
        for &word in rows.iter().flat_map(|row| &row.segments).flat_map(|segment| &segment.words) {
            let Some(mark) = self.marks[word].filter(|mark| mark.entity == person) else { continue };
            let own = region(&self.words[word]);
            let (_, names, place) = people.entry(mark.group).or_insert_with(|| (mark, Vec::new(), own));
            let parts = self.words[word].text.split(|c: char| !c.is_alphabetic());
            names.extend(parts.filter(|part| !part.is_empty()).map(fold));
            *place = union(place, &own);
        }
        people.into_values().collect()
    }
}

/// The pieces of a segment between marks of crumbs, and the marks.
fn split(segment: &Segment, words: &[WordRow<'_>]) -> Vec<Segment> {
    let is_mark = |at: usize| CRUMB_MARKS.contains(&segment.word(at));
    let count = segment.words.len();
    let mut cuts: Vec<usize> = (1..count).filter(|&at| is_mark(at) || is_mark(at - 1)).collect();
    cuts.insert(0, 0);
    cuts.push(count);
    cuts.windows(2).map(|pair| segment.part((pair[0], pair[1]), words)).collect()
}

/// Whether marks or figures stand among the letters of a word that could be a name.
fn is_garbled(text: &str) -> bool {
    let inner =
        text.trim_matches(|c: char| matches!(c, '"' | '\'' | ',' | '.' | ':' | ';' | '(' | ')' | '“' | '”'));
    let letters = inner.chars().filter(|c| c.is_alphabetic()).count();
    let others = inner.chars().filter(|c| !c.is_alphabetic() && !matches!(c, '-' | '\'' | '’' | '.')).count();
    letters >= 3 && (1..letters).contains(&others)
}

/// A word with a letter for each ASCII mark or figure that has a letter on either side of it or begins the word.
fn with_letters(word: &str) -> String {
    let edge = |c: char| matches!(c, '"' | '\'' | '(' | ' ');
    let begin = word.len() - word.trim_start_matches(edge).len();
    let end = word.rfind(char::is_alphabetic).unwrap_or(0);
    let letter = |(at, c): (usize, char)| match c {
        '-' | '\'' | '.' => c,
        c if !c.is_ascii() || c.is_ascii_alphabetic() || at < begin || at > end => c,
        _ if at == begin => 'E',
        _ => 'e',
    };
    word.char_indices().map(letter).collect()
}

/// Whether initials are those of a name: of its first and last word, of all, or of the first alone.
fn stands_for(initials: &str, names: &[String]) -> bool {
    let firsts: String = names.iter().filter_map(|name| name.chars().next()).collect();
    let (first, last) = (firsts.chars().next(), firsts.chars().next_back());
    let ends: String = first.into_iter().chain(last).collect();
    let turned: String = last.into_iter().chain(first).collect();
    let single = initials.chars().count() == 1 && first.is_some_and(|first| initials.starts_with(first));
    initials == firsts || (firsts.chars().count() > 1 && (initials == ends || initials == turned)) || single
}

fn are_near(a: &Region, b: &Region) -> bool {
    let gap = |a: (u32, u32), b: (u32, u32)| a.0.max(b.0).saturating_sub((a.0 + a.1).min(b.0 + b.1));
    let height = a.height.max(b.height);
    gap((a.left, a.width), (b.left, b.width)) <= INITIALS_ACROSS * height
        && gap((a.top, a.height), (b.top, b.height)) <= INITIALS_DOWN * height
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_first_and_last_word_or_of_all() {
        let names = ["jane", "mary", "doe"].map(str::to_owned);
        for initials in ["jd", "dj", "jmd", "j"] {
            assert!(stands_for(initials, &names), "{initials}");
        }
        for initials in ["jm", "md", "d", "hr", ""] {
            assert!(!stands_for(initials, &names), "{initials}");
        }
    }

    #[test]
    fn garbled_words_have_marks_among_their_letters() {
        for garbled in ["Nguy[jn", "=énéteau", "\"Sigur6ardottir,", "B|ack"] {
            assert!(is_garbled(garbled), "{garbled}");
        }
        for plain in ["O'Brien-Smith", "Jr.", "(204411)", "\"Doe\",", "4", "a=1"] {
            assert!(!is_garbled(plain), "{plain}");
        }
    }

    #[test]
    fn marks_become_letters_and_no_byte_moves() {
        for (garbled, repaired) in
            [("Nguy[jn", "Nguyejn"), ("\"=énéteau\",", "\"Eénéteau\","), ("O'Br|en-Sm1th.", "O'Breen-Smeth.")]
        {
            assert_eq!(with_letters(garbled), repaired);
            assert_eq!(garbled.len(), repaired.len());
        }
    }

    #[test]
    fn distance_counts_in_text_heights() {
        let place =
            |left, top, width, height| Region { first_frame: 0, last_frame: 0, left, top, width, height };
        let name = place(200, 100, 120, 20);
        assert!(are_near(&place(100, 90, 40, 20), &name) && are_near(&place(210, 40, 30, 20), &name));
        assert!(!are_near(&place(10, 100, 20, 20), &name) && !are_near(&place(200, 300, 20, 20), &name));
    }
}
