//! E-mail addresses: the words before and behind an `@`. Punctuation within the parts does not count.

use super::super::kinds;
use super::{Hit, View, Word, hash_of};

/// Words of the part before the `@`.
const LOCAL_WORDS_MAX: usize = 8;
/// Words of the domain.
const DOMAIN_WORDS_MAX: usize = 6;

impl View<'_> {
    /// Adds all addresses.
    pub(super) fn mails(&self, hits: &mut Vec<Hit>) {
        for &at in &self.words.ats {
            self.mail(at as usize, hits);
        }
    }

    fn mail(&self, at: usize, hits: &mut Vec<Hit>) {
        let all = self.words.all();
        let behind = all.partition_point(|word| word.start() < at);
        let locals = self.local_words(at, behind);
        let key = &self.roster.key;
        // `%40` runs into the word behind it.
        let mark = if self.text[at..].starts_with('@') { 1 } else { 3 };
        let first = all.get(behind).filter(|word| word.start() == at + 1 && word.end() > at + mark);
        let Some(first) = first else { return };
        let mut domain = hash_of(self.text, first.from(at + mark), key);
        let mut best = None;
        for (last, word) in all.iter().enumerate().skip(behind).take(DOMAIN_WORDS_MAX) {
            if last > behind {
                if !matches!(self.gap(last), "." | "-") {
                    break;
                }
                domain = key.sequence(domain, self.hash(*word));
            }
            let known = self.look_up(key.domain(domain)).is_some_and(|(kind, _)| kind == kinds::DOMAIN);
            let found = if known { self.local(locals.clone(), behind, domain) } else { None };
            best = found.map(|(start, row)| (start, *word, row)).or(best);
        }
        if let Some((start, last, row)) = best {
            let kind = kinds::EMAIL;
            hits.push(Hit { start, end: Word::end(last), kind, row, score: kinds::score(kind) });
        }
    }

    /// Numbers of the words that may begin the part before the `@` at `at`.
    fn local_words(&self, at: usize, behind: usize) -> std::ops::Range<usize> {
        let all = self.words.all();
        let mut first = behind;
        while first > 0 && behind - first < LOCAL_WORDS_MAX {
            let between =
                &self.text[all[first - 1].end()..if first == behind { at } else { all[first].start() }];
            if !between.is_empty()
                && (first == behind || !matches!(between, "." | "-" | "_" | "+" | "'" | "%"))
            {
                break;
            }
            first -= 1;
        }
        first..behind
    }

    /// The longest known part before the `@` in this domain: where it starts, and whose it is. What stands behind a
    /// plus is a note of the address' owner.
    fn local(&self, starts: std::ops::Range<usize>, end: usize, domain: u64) -> Option<(usize, u32)> {
        let all = self.words.all();
        let plus = starts.clone().skip(1).find(|&at| self.gap(at) == "+");
        for end in [Some(end), plus].into_iter().flatten() {
            for first in starts.start..end {
                let words = all[first..end].iter().map(|word| self.hash(*word));
                let local = words.reduce(|a, b| self.roster.key.sequence(a, b))?;
                let found = self.look_up(self.roster.key.sequence(local, domain));
                if let Some((_, row)) = found.filter(|(kind, _)| *kind == kinds::EMAIL) {
                    return Some((all[first].start(), row));
                }
            }
        }
        None
    }
}
