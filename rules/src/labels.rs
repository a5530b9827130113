//! Labels as evidence: `Legal Name: …`, `employeeId=…`, `"lastName":"…"`, column headings. A label gives its
//! value's entity whatever the value looks like; the value's shape says where it ends in running text.

mod headings;
mod looks;
mod marks;
mod program;
mod quick;
mod traits;
mod value;

use crate::checks::{self, Check};
use crate::hashed::HashBuilder;
use crate::ruleset::RuleSet;
use crate::structure::Structure;
use crate::token::is_replaced;
use crate::{Candidate, EntityId, RecognizerId, ValueShape, fold};
use headings::Headings;
use marks::{
    is_apostrophe, is_delimiter, is_in_query, is_only_tab, may_be_heading, may_separate, quick_end, region,
    spaced_equals,
};
use memchr::memchr3_iter;
use quick::{LABEL_BYTES_MAX, Quick};
use std::collections::HashMap;
use traits::ValueTraits;
use value::{VALUE_BYTES_MAX, is_answer, is_code, some_value_after, value_after, with_groups, without_more};

pub use headings::heading_below;
pub(crate) use headings::{NAME_PARTS, is_capitalised_name};
pub(crate) use looks::is_no_value;
pub use value::is_null_like;

/// Score of a value that stands behind a label.
const LABEL_SCORE: f32 = 0.75;
/// Words a label may have at most.
const LABEL_WORDS_MAX: usize = 6;
/// Words that are labels only when nothing stands before them: `name` is one, `file name` is not.
const WHOLE_ONLY: [&str; 41] = [
    "name",
    "names",
    "code",
    "number",
    "id",
    "date",
    "address",
    "account",
    "user",
    "amount",
    "rate",
    "total",
    "type",
    "nom",
    "nombre",
    "worker",
    "author",
    "owner",
    "contact",
    "city",
    "street",
    "manager",
    "bonus",
    "age",
    "rating",
    "reason",
    "birth",
    "naissance",
    "nacimiento",
    "nascita",
    "nascimento",
    "geboren",
    "nome",
    "naam",
    "konto",
    "rekening",
    "cni",
    "dipendente",
    "medewerker",
    "werknemer",
    "smoker",
];
/// Words behind a label that do not change what it means.
const SUFFIXES: [&str; 14] = [
    "id",
    "amount",
    "value",
    "text",
    "descriptor",
    "reference",
    "data",
    "usd",
    "eur",
    "gbp",
    "local",
    "currency",
    "full",
    "1",
];

/// Checks that tell a written-out secret from a mask, a reference or the next word of a sentence: in running
/// text the values behind their labels have to pass them. All other checks are of shapes, and a label needs none.
const VALUE_CHECKS: [&str; 3] = ["password_like", "secret", "written_out"];

/// A separator of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Separator {
    /// Its byte in the text.
    pub(crate) at: usize,
    /// The label before it; if unknown, it has to be looked up.
    pub(crate) hit: Option<LabelHit>,
}

/// What a label says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelHit {
    /// The value's entity.
    pub entity: EntityId,
    /// The recognizer whose file holds the label.
    pub recognizer: RecognizerId,
    /// Where the value ends in running text.
    pub shape: ValueShape,
    /// Whether the label has several words, so that nobody mistakes it: `employee id`.
    pub phrase: bool,
    /// Whether it is an ordinary word elsewhere: then it counts as a heading only, over a value that looks right.
    pub weak: bool,
    /// Whether yes and no are values of it.
    pub answers: bool,
}

/// All labels of a rule set.
#[derive(Default)]
pub struct LabelLexicon {
    labels: HashMap<String, LabelHit, HashBuilder>,
    quick: Quick,
    headings: Headings,
    /// By recognizer: the check its labelled values have to pass in running text.
    checks: Vec<Option<Check>>,
    values: Vec<ValueTraits>,
    is_name: Option<Check>,
    /// Tells secrets in markup, SQL and steps from fillers and references.
    written_out: Option<Check>,
    structure: Structure,
}

/// Whether a label, as [`normalise_label`] writes it, says little by itself: `name`, `date`.
pub(crate) fn is_generic(label: &str) -> bool {
    WHOLE_ONLY.contains(&label)
}

/// Brings a heading, key or form label to the form labels are written in: camel case split, `_-./` as
/// spaces, prefixes such as `wd:`, marks such as `*` and text in brackets gone, folded.
pub fn normalise_label(label: &str) -> String {
    let mut out = String::with_capacity(label.len() + 4);
    let (mut depth, mut previous) = (0u32, ' ');
    let label = label.trim_end_matches([':', ' ', '*', '+']);
    let label = label.rsplit_once(':').map_or(label, |(_, local)| local);
    for c in label.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            c if c.is_alphanumeric() => {
                if c.is_uppercase() && (previous.is_lowercase() || previous.is_ascii_digit()) {
                    push_space(&mut out);
                }
                out.push(c);
            }
            '%' => {
                push_space(&mut out);
                out.push('%');
            }
            '\'' | '’' => {}
            _ => push_space(&mut out),
        }
        previous = c;
    }
    out.truncate(out.trim_end().len());
    fold(&out)
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

impl std::fmt::Debug for LabelLexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabelLexicon").field("labels", &self.labels.len()).finish_non_exhaustive()
    }
}

impl LabelLexicon {
    pub(crate) fn new(rules: &RuleSet) -> Self {
        let mut lexicon = Self {
            is_name: checks::by_name("personal_name"),
            written_out: checks::by_name("written_out"),
            values: rules.recognizers().iter().map(|r| ValueTraits::of(&r.syntax)).collect(),
            structure: Structure::new(),
            ..Self::default()
        };
        let (mut joined, mut headings) = (Vec::new(), Vec::new());
        for (at, recognizer) in rules.recognizers().iter().enumerate() {
            let hit = LabelHit {
                entity: recognizer.entity,
                recognizer: RecognizerId(at as u16),
                shape: recognizer.syntax.value,
                phrase: false,
                weak: false,
                answers: recognizer.syntax.answers,
            };
            headings.extend(recognizer.syntax.headings.iter().map(|label| (normalise_label(label), hit)));
            let name = recognizer.syntax.check.as_deref();
            lexicon.checks.push(recognizer.check.filter(|_| name.is_some_and(|n| VALUE_CHECKS.contains(&n))));
            for label in &recognizer.syntax.labels {
                let label = normalise_label(label);
                let phrase = label.contains(' ') || looks::is_compound(&label);
                let hit = LabelHit { phrase, ..hit };
                // `lastname`, `employeeid`: written without any mark between.
                if label.contains(' ') && label.len() > JOINED_BYTES_MIN {
                    joined.push((label.replace(' ', ""), hit));
                }
                lexicon.labels.entry(label).or_insert(hit);
            }
        }
        for (label, hit) in joined {
            lexicon.labels.entry(label).or_insert(hit);
        }
        lexicon.quick = Quick::new(lexicon.labels.iter().map(|(label, hit)| (label.as_str(), *hit)));
        lexicon.headings = Headings::new(headings);
        lexicon
    }

    /// What a heading, key or form label says of its value, if anything. What is `weak` has to look right as well:
    /// see [`Self::lookup_value`].
    pub fn lookup(&self, heading: &str) -> Option<LabelHit> {
        let may_be = |quick: &Quick| may_be_heading(quick, heading);
        let label = may_be(&self.quick).then(|| self.lookup_words(&normalise_label(heading))).flatten();
        let weak =
            || may_be(&self.headings.quick).then(|| self.headings.lookup(heading).first().copied()).flatten();
        label.or_else(|| self.part_of_name(heading)).or_else(weak)
    }

    /// What a label says that stands in running text.
    pub(crate) fn lookup_label(&self, label: &str) -> Option<LabelHit> {
        self.lookup(label).filter(|hit| !hit.weak)
    }

    /// Whether a text could be a personal name by its words.
    pub fn is_name(&self, text: &str) -> bool {
        self.is_name.is_none_or(|check| check(text))
    }

    /// Looks for the longest label at the end of a normalised text of words with single spaces between.
    fn lookup_words(&self, words: &str) -> Option<LabelHit> {
        let mut words = words;
        loop {
            let starts = words.match_indices(' ').map(|(at, _)| at + 1);
            let count = words.bytes().filter(|&byte| byte == b' ').count() + 1;
            for (skip, start) in [0].into_iter().chain(starts).enumerate() {
                let rest = &words[start..];
                let whole_only = skip > 0 && count == skip + 1 && WHOLE_ONLY.contains(&rest);
                if count - skip <= LABEL_WORDS_MAX
                    && !whole_only
                    && let Some(hit) = self.labels.get(rest)
                {
                    return Some(*hit);
                }
            }
            let (rest, last) = words.rsplit_once(' ').unwrap_or(("", words));
            match last {
                // `Pay - Currency` names a currency, `Bonus - Local Currency` an amount in it.
                "currency" if !(rest == "local" || rest.ends_with(" local")) => return None,
                last if !rest.is_empty() && SUFFIXES.contains(&last) => words = rest,
                _ => return None,
            }
        }
    }

    /// Adds the values behind labels in running text, and those that stand in a structure that names them.
    pub(crate) fn scan(&self, text: &str, out: &mut Vec<Candidate>) {
        self.scan_separators(text, out);
        self.scan_structure(text, out);
    }

    /// Adds the values that stand in a structure that names them.
    pub(crate) fn scan_structure(&self, text: &str, out: &mut Vec<Candidate>) {
        self.structure.scan(self, text, out);
    }

    /// Adds the values behind `:`, `=` and a tab.
    pub(crate) fn scan_separators(&self, text: &str, out: &mut Vec<Candidate>) {
        let mut endless = false;
        for at in memchr3_iter(b':', b'=', b'\t', text.as_bytes()) {
            if let Some(hit) = self.label_at(text, at) {
                self.add_behind(text, (at, hit), &mut endless, out);
            }
        }
    }

    /// Adds the values behind those separators of a text that are known to be able to have some.
    pub(crate) fn scan_known(&self, text: &str, known: &[Separator], out: &mut Vec<Candidate>) {
        let mut endless = false;
        for separator in known {
            if let Some(hit) = separator.hit.or_else(|| self.label_at(text, separator.at)) {
                self.add_behind(text, (separator.at, hit), &mut endless, out);
            }
        }
    }

    /// The separators of a shape that may have a label before them in some text of it. `is_vague` tells the
    /// bytes of the shape that can be other letters or digits in a text.
    pub(crate) fn separators(&self, shape: &[u8], is_vague: fn(u8) -> bool) -> Vec<Separator> {
        let plain: String =
            shape.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '0' }).collect();
        let mut known = Vec::new();
        for at in memchr3_iter(b':', b'=', b'\t', shape).filter(|&at| may_separate(plain.as_bytes(), at)) {
            if !self.quick.matters(region(shape, at), is_vague) {
                let hit = self.label_at(&plain, at);
                known.extend(hit.map(|hit| Separator { at, hit: Some(hit) }));
            } else if quick_end(shape, at, |_, end| self.quick.may_end_shape(shape, end, is_vague)).is_some()
            {
                known.push(Separator { at, hit: None });
            }
        }
        known
    }

    /// The label before the separator at `at`.
    fn label_at(&self, text: &str, at: usize) -> Option<LabelHit> {
        let bytes = text.as_bytes();
        may_separate(bytes, at).then_some(())?;
        let end = quick_end(bytes, at, |bytes, end| self.quick.may_end_label(bytes, end))?;
        let closed = bytes[end..at].iter().any(|byte| matches!(byte, b')' | b']'));
        match self.quick.label(bytes, end) {
            Ok(hit) if !closed => hit,
            _ => self.label_before(text, at, end),
        }
    }

    /// Adds the value behind a separator and its label. Of values that have no end the first one holds all
    /// others.
    fn add_behind(
        &self,
        text: &str,
        (at, hit): (usize, LabelHit),
        endless: &mut bool,
        out: &mut Vec<Candidate>,
    ) {
        let Some((start, end)) = self.value_of(text, at, hit) else { return };
        let long = end - start > VALUE_BYTES_MAX;
        let check = self.checks.get(hit.recognizer.0 as usize).copied().flatten();
        if check.is_some_and(|check| !check(&text[start..end])) || (long && *endless) {
            return;
        }
        *endless |= long;
        out.push(candidate(hit, start, end));
    }

    /// The value behind the separator at `at`, if it can be one.
    fn value_of(&self, text: &str, at: usize, hit: LabelHit) -> Option<(usize, usize)> {
        let bytes = text.as_bytes();
        let separator = bytes[at];
        if separator == b'\t' && !is_only_tab(bytes, at) {
            return None;
        }
        // `"lastName" => "Doe"` of Ruby and PHP.
        let from = if separator == b'=' && bytes.get(at + 1) == Some(&b'>') { at + 2 } else { at + 1 };
        let head = &text[..at];
        if program::closes_string(text, from - 1, self.values[hit.recognizer.0 as usize].secret) {
            return None;
        }
        let sure = hit.phrase || head.trim_end_matches(' ').ends_with(['"', '\'']);
        let by_shape = some_value_after(text, from, hit.shape)
            .filter(|&(start, end)| !self.says_nothing(Some(hit), &text[start..end]));
        // No number stands there: behind a sure label whatever does.
        let odd = by_shape.is_none() && sure && hit.shape == ValueShape::Code;
        let (start, end) = if odd { value_after(text, from, ValueShape::Token) } else { by_shape }?;
        let bare = !matches!(bytes[start - 1], b'"' | b'\'' | b'`');
        let traits = self.values[hit.recognizer.0 as usize];
        let end = match traits.length.filter(|_| bare) {
            Some(length) if hit.shape == ValueShape::Token => with_groups(text, (start, end), length),
            Some((_, max)) if hit.shape == ValueShape::Code && traits.check.is_some() => {
                without_more(text, (start, end), max)
            }
            _ => end,
        };
        // In a query no value goes on behind a blank.
        let end = if bare && separator == b'=' && start == at + 1 && is_in_query(head) {
            start + text[start..end].find(' ').unwrap_or(end - start)
        } else {
            end
        };
        let value = &text[start..end];
        if hit.answers && is_answer(value) {
            return Some((start, end));
        }
        // `:rfc:`7950`` is a role of a text, `libx-nss:amd64` a package.
        let glued = separator == b':' && start == at + 1 + usize::from(!bare);
        let role = glued && bytes[start - 1] == b'`';
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let count = value.bytes().filter(u8::is_ascii_alphanumeric).count();
        let short = bare && traits.length.is_some_and(|(min, _)| 2 * count < min);
        let strange = bare && (odd || digits < usize::from(traits.digits_min));
        let prose = hit.shape == ValueShape::Line
            && glued
            && value.starts_with(char::is_lowercase)
            && value.contains(' ')
            || hit.shape == ValueShape::Token && looks::is_sentence(text, (start, end));
        let none = matches!(hit.shape, ValueShape::Token | ValueShape::Code) && is_no_value(value);
        // `'inn': 'in'`: a number without a figure, under a label of many meanings.
        let word = !bare && !hit.phrase && traits.digits_min > 1 && looks::is_small_word(value);
        let refused = role
            || short
            || word
            || (traits.machine && digits == 0 && !value.contains(':'))
            || program::is_format(value)
            || (!traits.secret && program::refuses(text, (start, end), (hit.shape, bare, self.is_in_words(head, hit))))
            || (!traits.secret && self.names_field(value, hit))
            || (bare && !traits.secret && (prose || none))
            || (bare && !traits.secret && is_code(text, (start, end), head))
            || (bare && !traits.secret && hit.shape != ValueShape::Name && looks::is_type_name(value))
            || (bare && hit.shape == ValueShape::Line && looks::is_expression(value, spaced_equals(head, separator)))
            || (strange && !(sure && looks::any_look(text, (start, end), self.is_in_words(head, hit), spaced_equals(head, separator))))
            // `Worker: Running` has a state behind its label, not a name.
            || (hit.shape == ValueShape::Name && !self.is_name(value));
        (!refused).then_some((start, end))
    }

    /// Whether a value is the name of the field it stands in: `POSTAL_CODE: "postalCode"`.
    fn names_field(&self, value: &str, hit: LabelHit) -> bool {
        value.len() <= LABEL_BYTES_MAX
            && !value.bytes().any(|b| b.is_ascii_digit() || b == b' ')
            && self.labels.get(&normalise_label(value)).is_some_and(|own| own.recognizer == hit.recognizer)
    }

    /// Where the value behind the byte at `separator` stands.
    pub(crate) fn value_behind(text: &str, separator: usize, shape: ValueShape) -> Option<(usize, usize)> {
        value_after(text, separator + 1, shape)
    }

    /// Adds `start..end` as the value of a label unless it cannot be one.
    pub(crate) fn push_value(
        &self,
        text: &str,
        hit: LabelHit,
        span: (usize, usize),
        out: &mut Vec<Candidate>,
    ) {
        let value = &text[span.0..span.1];
        let start = span.0 + (value.len() - value.trim_start().len());
        let end = start + value.trim().len();
        let value = value.trim();
        let placeholder =
            value.starts_with(['$', '%', '{', '?', '<', '@']) || (value.starts_with(':') && value.len() > 1);
        let check = self.checks.get(hit.recognizer.0 as usize).copied().flatten();
        if placeholder
            || value.len() > VALUE_BYTES_MAX
            || self.says_nothing(Some(hit), value)
            || hit.weak && !self.looks_right(value, hit)
            || check.is_some_and(|check| !check(value))
        {
            return;
        }
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        if self.names_field(value, hit) && !self.values[hit.recognizer.0 as usize].secret {
            return;
        }
        let fits = match hit.shape {
            ValueShape::Name => {
                digits == 0 && !value.contains(['_', '/', '@', '(', '<', '=', '{']) && self.is_name(value)
            }
            ValueShape::Amount => digits > 0,
            ValueShape::Date => digits >= 4,
            ValueShape::Code => digits >= 2 || hit.phrase || hit.weak,
            _ => true,
        };
        // In a secret's place a filler or a reference is no secret; one of letters only is.
        let secret = self.checks.get(hit.recognizer.0 as usize).is_some_and(Option::is_some);
        let filler = secret && self.written_out.is_some_and(|written_out| !written_out(value));
        let usual = digits >= usize::from(self.values[hit.recognizer.0 as usize].digits_min);
        let any_look = || hit.phrase && looks::any_look(text, (start, end), false, false);
        let in_shape = usual && (digits >= 2 || hit.shape != ValueShape::Code);
        if fits && !filler && (in_shape || any_look()) {
            out.push(candidate(hit, start, end));
        }
    }

    /// Adds a cell of a column whose heading leaves no doubt: whatever it looks like, unless it says that there is
    /// none.
    pub(crate) fn push_cell(
        &self,
        text: &str,
        hit: LabelHit,
        (start, end): (usize, usize),
        out: &mut Vec<Candidate>,
    ) {
        let value = &text[start..end];
        if is_replaced(value) {
            return;
        }
        let secret = self.checks.get(hit.recognizer.0 as usize).copied().flatten();
        let filler = secret.is_some_and(|check| !check(value))
            || secret.is_some() && self.written_out.is_some_and(|written_out| !written_out(value));
        let right = !self.says_nothing(Some(hit), value) && (!hit.weak || self.looks_right(value, hit));
        if start < end && value.len() <= VALUE_BYTES_MAX && right && !filler {
            out.push(candidate(hit, start, end));
        }
    }

    /// Whether a label may end before the byte at `end`. Quick; it may say yes too often.
    pub(crate) fn may_end(&self, bytes: &[u8], end: usize) -> bool {
        quick_end(bytes, end, |bytes, end| self.quick.may_end_label(bytes, end)).is_some()
    }

    /// Whether a label or a heading may end before the byte at `end`. Quick; it may say yes too often.
    pub(crate) fn may_end_heading(&self, bytes: &[u8], end: usize) -> bool {
        let headings = &self.headings.quick;
        self.may_end(bytes, end)
            || quick_end(bytes, end, |bytes, end| headings.may_end_label(bytes, end)).is_some()
    }

    /// The label before the separator at `at`, which ends at `end`.
    fn label_before(&self, text: &str, at: usize, end: usize) -> Option<LabelHit> {
        let from = text.ceil_char_boundary(end.saturating_sub(LABEL_BYTES_MAX));
        let tail = &text[from..end];
        // The label reaches back to the nearest delimiter; words before it belong to something else.
        let bytes = tail.as_bytes();
        let delimits = |&at: &usize| is_delimiter(bytes[at]) && !is_apostrophe(bytes, at);
        let start = (0..bytes.len()).rev().find(delimits).map_or(0, |i| i + 1);
        // So does an open bracket: `Worker(lastName=`, `user[last_name]=`.
        let tail = &tail[start..];
        let open = tail.rfind(['(', '[']).filter(|&open| !tail[open..].contains([')', ']']));
        let hit = self.lookup_tail(open.map_or(tail, |open| &tail[open + 1..]));
        let in_brackets = open.is_some() && text[end..at].contains([')', ']']);
        if hit.is_none() && in_brackets { self.lookup_tail(&tail[..open.unwrap_or(0)]) } else { hit }
    }

    /// Whether the label at the end of `head` is written as words: `Employee ID`, not `employeeId`.
    fn is_in_words(&self, head: &str, hit: LabelHit) -> bool {
        let head = head.trim_end_matches([' ', '*', ')', ']']);
        let word = &head[head.rfind([' ', '[']).map_or(0, |at| at + 1)..];
        let alone = self.lookup_tail(word).is_some_and(|own| own.phrase && own.recognizer == hit.recognizer);
        hit.phrase && (!alone || looks::is_compound(&fold(word)))
    }

    fn lookup_tail(&self, field: &str) -> Option<LabelHit> {
        let label = normalise_label(field);
        let last = label.rmatch_indices(' ').nth(LABEL_WORDS_MAX - 1).map_or(0, |(at, _)| at + 1);
        self.lookup_words(&label[last..])
    }
}

/// Bytes a label of several words needs before it is known without its spaces as well.
const JOINED_BYTES_MIN: usize = 6;

fn candidate(hit: LabelHit, start: usize, end: usize) -> Candidate {
    let LabelHit { entity, recognizer, .. } = hit;
    Candidate { start, end, entity, recognizer, score: LABEL_SCORE, person: None }
}

#[cfg(test)]
mod heading_tests;
#[cfg(test)]
mod tests;
