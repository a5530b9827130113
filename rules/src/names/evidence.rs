//! What stands before and behind a run of words that could be a name. Weighs nothing.

use super::hints::{
    ADDRESSES, AUXILIARIES, CLOSINGS, EPONYMS, HUMAN, INTRODUCTIONS, KEYWORDS, KIN, LAWS, PAIRS, PLACE_HEADS,
    PRONOUNS, QUESTIONS, SPEECH,
};
use super::table::{Class, Table};
use super::words::{Shape, Word, next_word, word_before};

/// What was seen around a name.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is one observation, weighed in one place")]
pub(super) struct Evidence {
    /// `Mr`, `Frau Dr.`
    pub(super) title: bool,
    /// `Dear`, `Sehr geehrte Frau`
    pub(super) greeting: bool,
    /// `Regards,`
    pub(super) closing: bool,
    /// Behind it: a comma, a mark, or the end of the line.
    pub(super) closed: bool,
    /// `my name is`, `ich heiße`
    pub(super) introduced: bool,
    /// `name: "…"`
    pub(super) keyed: bool,
    /// `manager`, `my daughter`
    pub(super) role: bool,
    /// `approved by`
    pub(super) agent: bool,
    /// `my daughter`
    pub(super) kin: bool,
    /// `… was`, `… has`
    pub(super) verb: bool,
    /// `… said`, `… lives`: what only people do.
    pub(super) deed: bool,
    /// `… said`, `… lives`: what nothing but a person does.
    pub(super) human: bool,
    /// `Anna and … were`
    pub(super) pair: bool,
    /// `founders: …`
    pub(super) announced: bool,
    /// A number behind it: `March 3`.
    pub(super) counted: bool,
    /// He, she, his or her behind it.
    pub(super) pronoun: bool,
    /// `…, can you`, `…, thanks!`
    pub(super) addressed: bool,
    /// A line of its own.
    pub(super) line: bool,
    /// A line above an address.
    pub(super) block: bool,
    /// `told …`
    pub(super) object: bool,
    /// `says …`, behind a quotation.
    pub(super) speech: bool,
    /// `…'s`
    pub(super) possessive: bool,
    /// `…'s theorem`
    pub(super) eponym: bool,
    /// `… novel`
    pub(super) work: bool,
    /// `by`, `with`, `for`
    pub(super) link: bool,
    /// Next to another capital: `…, Anna and …`
    pub(super) list: bool,
    /// Small words of a sentence before or behind.
    pub(super) sentence: bool,
    /// `Anna: …` at the start of a line.
    pub(super) turn: bool,
    /// An address of electronic mail behind it.
    pub(super) mail: bool,
    /// A number in brackets behind it.
    pub(super) number: bool,
    /// `in`, `at`, `near`
    pub(super) place: bool,
    /// `the`
    pub(super) article: bool,
    /// The, a or an directly before it, in an English sentence.
    pub(super) thing: bool,
    /// Next to other words with capitals.
    pub(super) heading: bool,
    /// `Inc`, `University` behind it.
    pub(super) organisation: bool,
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// Looks around the bytes `start..end`.
pub(super) fn around(table: &Table, text: &str, (start, end): (usize, usize)) -> Evidence {
    let mut seen = Evidence::default();
    before(table, text, (start, end), &mut seen);
    behind(table, text, (start, end), &mut seen);
    line(text, (start, end), &mut seen);
    seen
}

fn before(table: &Table, text: &str, (start, end): (usize, usize), seen: &mut Evidence) {
    let Some(word) = word_before(text, start) else { return };
    let gap = &text[word.end..start];
    let token = &text[word.start..word.end];
    let class = table.class(token);
    if gap.contains(',') && is_one_of(token, &CLOSINGS) && gap.trim_matches([',', ' ', '\n', '\r']).is_empty()
    {
        seen.closing = true;
        return;
    }
    if gap.contains('\n') {
        return;
    }
    seen.addressed = gap == ", " && text[end..].starts_with(['!', '?']);
    let open = gap.trim_end_matches(['"', '\'', '(', '[', '“', '„', '«', '‘']);
    seen.title = class.any(Class::TITLE) && matches!(open, " " | ". " | "." | "\u{a0}" | ".\u{a0}");
    if seen.title {
        let further = word_before(text, word.start).filter(|far| text[far.end..word.start].trim().is_empty());
        seen.greeting =
            further.is_some_and(|far| table.class(&text[far.start..far.end]).any(Class::GREETING));
    }
    let capital = matches!(word.shape, Shape::Capital | Shape::Upper);
    if open == ", " {
        seen.list = capital || class.any(Class::GRAMMAR);
        seen.speech = is_one_of(token, &SPEECH);
        seen.sentence = word.shape == Shape::Lower;
    }
    // `name: "Kotlin"` names anything, `Name: …` and `name? …` a person.
    let asked = matches!(open.trim_end(), ":" | "?") && is_one_of(token, &["name", "names"]);
    seen.keyed = asked && open.trim_end() == ":" && (word.shape == Shape::Lower || open.len() < gap.len());
    seen.introduced = asked && !seen.keyed;
    seen.organisation = KEYWORDS.contains(&token);
    let colon = open.trim() == ":";
    if !colon && !matches!(open, " " | "\u{a0}") {
        return;
    }
    let earlier = word_before(text, word.start);
    let earlier_token = earlier.map_or("", |far| &text[far.start..far.end]);
    seen.greeting |= class.any(Class::GREETING) && !colon;
    seen.introduced |= is_one_of(token, &INTRODUCTIONS)
        || PAIRS.iter().any(|(first, last)| {
            last.eq_ignore_ascii_case(token) && first.eq_ignore_ascii_case(earlier_token)
        });
    seen.introduced |= is_one_of(token, &["him", "her", "it", "me", "them"])
        && is_one_of(earlier_token, &["named", "name", "call", "called", "calls"]);
    seen.role = class.any(Class::ROLE) && (colon || !capital || sentence_start(text, word));
    seen.kin = !capital && is_one_of(token, &KIN);
    seen.announced = colon && seen.role;
    if colon {
        return;
    }
    seen.object = class.any(Class::OBJECT) && !capital;
    seen.speech |= is_one_of(token, &SPEECH) && !capital;
    seen.link = class.any(Class::LINK);
    seen.place = class.any(Class::WHERE) || PLACE_HEADS.contains(&token);
    seen.human |= is_one_of(token, &["is", "was", "does", "did", "has", "ist", "est"])
        && is_one_of(earlier_token, &QUESTIONS);
    seen.article = matches!(token, "the" | "The" | "a" | "an" | "der" | "die" | "das" | "le" | "la" | "el");
    // `a` links a person to a verb in Spanish: `entregado a …`.
    let english =
        || table.class(earlier_token).any(Class::WORD | Class::NO_NAME | Class::GRAMMAR | Class::VERB);
    seen.thing = is_one_of(token, &["the", "an"]) || token == "a" && (earlier.is_none() || english());
    seen.agent = is_one_of(token, &["by", "von", "par", "por"]) && is_participle(earlier_token);
    seen.list |= is_one_of(token, &["and", "und", "et", "y", "or"])
        && earlier.is_some_and(|far| far.shape != Shape::Lower && &text[far.end..word.start] == " ");
    seen.sentence |= word.shape == Shape::Lower || class.any(Class::GRAMMAR);
    let rival = Class::NO_NAME | Class::WORD | Class::ORG;
    seen.heading = capital
        && !sentence_start(text, word)
        && class.any(rival)
        && !class.any(Class::GRAMMAR | Class::ROLE);
}

/// `approved`, `written`, `genehmigt`.
fn is_participle(word: &str) -> bool {
    let ends = |ending: &str| word.len() > ending.len() + 2 && word.ends_with(ending);
    ends("ed") || ends("en") || ends("é") || ends("ée") || ends("ado") || ends("ada") || ends("ido")
}

fn sentence_start(text: &str, word: Word) -> bool {
    let head = text[..word.start].trim_end_matches([' ', '"', '\'', '(', '“', '„', '-', '*', '>', '#']);
    head.is_empty() || head.ends_with(['.', '!', '?', ':', '\n', '|'])
}

fn behind(table: &Table, text: &str, (start, end): (usize, usize), seen: &mut Evidence) {
    let rest = &text[end..];
    let trimmed = rest.trim_start_matches([' ', '"']);
    seen.closed = trimmed.is_empty() || trimmed.starts_with([',', '!', ':', '.', '\n', '\r', ';', '—', '–']);
    if let Some(len) = possessive_len(rest) {
        seen.possessive = true;
        seen.eponym = is_law(text, end + len);
        return;
    }
    seen.mail = trimmed.starts_with(['<', '(', '[']) && is_mail(trimmed);
    seen.number = trimmed.starts_with('(') && is_number(trimmed);
    if rest.starts_with(':') && !rest.starts_with("::") {
        let line = text[..start].rfind(|c: char| c == '\n' || c.is_alphanumeric());
        let line = line.map_or(0, |at| if text[at..].starts_with('\n') { at + 1 } else { at });
        let quoted = matches!(rest.as_bytes().get(1..3), Some([b'"', _] | [b' ', b'"' | b'A'..=b'Z']));
        let head = text[line..start].trim_matches([' ', '>', '-', '*', '?']);
        let told = rest.starts_with(": \"") && head.ends_with(|c: char| c.is_lowercase());
        seen.turn = quoted && (head.is_empty() || told);
        return;
    }
    let Some(word) = next_word(text, end) else { return };
    let gap = &text[end..word.start];
    let token = &text[word.start..word.end];
    let capital = matches!(word.shape, Shape::Capital | Shape::Upper);
    if gap == ", " {
        seen.list |= capital;
        seen.speech |= is_one_of(token, &SPEECH);
        seen.sentence |= word.shape == Shape::Lower;
        seen.addressed |= !capital && is_one_of(token, &ADDRESSES);
        seen.role |= is_apposition(table, text, word);
        let class = table.class(token);
        seen.organisation |= capital && class.any(Class::ORG);
        return;
    }
    if gap != " " {
        return;
    }
    let class = table.class(token);
    seen.sentence |= word.shape == Shape::Lower;
    seen.verb = class.any(Class::VERB) && word.shape == Shape::Lower;
    seen.verb |= word.shape == Shape::Lower && token.len() > 5 && token.ends_with("ed");
    seen.deed = seen.verb && !is_one_of(token, &AUXILIARIES);
    let plural = is_one_of(token, &["were", "are", "have", "agreed", "both"]);
    seen.pair = plural && seen.list;
    let from = is_one_of(token, &["is", "was", "comes", "came"])
        && next_word(text, word.end).is_some_and(|far| &text[far.start..far.end] == "from");
    seen.human |= from || seen.deed && is_one_of(token, &HUMAN);
    seen.counted = token.starts_with(|c: char| c.is_ascii_digit());
    seen.pronoun = has_pronoun(text, end);
    seen.work = class.any(Class::WORK) && word.shape == Shape::Lower;
    seen.list |= is_one_of(token, &["and", "und", "et", "y", "or"])
        && next_word(text, word.end)
            .is_some_and(|far| far.shape != Shape::Lower && &text[word.end..far.start] == " ");
    seen.organisation |= capital && class.any(Class::ORG) || !capital && is_one_of(token, &EPONYMS);
    seen.heading |= capital && class.any(Class::NO_NAME | Class::WORD | Class::ORG | Class::ROLE);
}

/// Whether one of the next words, all small, is that of a law of nature or of mathematics.
fn is_law(text: &str, end: usize) -> bool {
    let mut at = end;
    for _ in 0..2 {
        let Some(word) = next_word(text, at) else { return false };
        if word.shape != Shape::Lower || &text[at..word.start] != " " {
            return false;
        }
        if is_one_of(&text[word.start..word.end], &LAWS) {
            return true;
        }
        at = word.end;
    }
    false
}

/// `…, the technical writer,`
fn is_apposition(table: &Table, text: &str, article: Word) -> bool {
    if !is_one_of(&text[article.start..article.end], &["the", "a", "an", "our", "my", "his", "her"]) {
        return false;
    }
    let mut at = article.end;
    for _ in 0..3 {
        let Some(word) = next_word(text, at) else { return false };
        if &text[at..word.start] != " " {
            return false;
        }
        if table.class(&text[word.start..word.end]).any(Class::ROLE) {
            return true;
        }
        at = word.end;
    }
    false
}

/// Whether he, she, his or her follows within the next words of the sentence.
fn has_pronoun(text: &str, end: usize) -> bool {
    let mut at = end;
    for _ in 0..12 {
        let Some(word) = next_word(text, at) else { return false };
        if text[at..word.start].contains(['.', '!', '?', '\n']) {
            return false;
        }
        if word.shape == Shape::Lower && is_one_of(&text[word.start..word.end], &PRONOUNS) {
            return true;
        }
        at = word.end;
    }
    false
}

/// A line of its own, but for marks of quotation; above a line that starts with a number.
fn line(text: &str, (start, end): (usize, usize), seen: &mut Evidence) {
    let marks = [' ', '>', '?', '*', '-', '\t', '\r', '|', '#'];
    let from = text[..start].trim_end_matches(marks).len();
    let to = text.len() - text[end..].trim_start_matches(marks).len();
    let (begins, ends) = (text[..from].chars().next_back(), text[to..].chars().next());
    seen.line =
        matches!(begins, None | Some('\n')) && matches!(ends, None | Some('\n')) && to - from < text.len();
    let below = text[to..].trim_start_matches(['\n', ' ', '>', '?', '\r', '\t']);
    seen.block = seen.line && below.starts_with(|c: char| c.is_ascii_digit());
}

/// Length of `'s` at the start of a text.
pub(super) fn possessive_len(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('\'').or_else(|| rest.strip_prefix('’'))?;
    let after = after.strip_prefix('s')?;
    (!after.starts_with(char::is_alphanumeric)).then(|| rest.len() - after.len())
}

/// `<jane.doe@example.org>`
fn is_mail(rest: &str) -> bool {
    let token = rest[1..].split([' ', '>', ')', ']', '\n']).next().unwrap_or("");
    token.contains('@')
}

/// `(21072)`, `(E-21072)`
fn is_number(rest: &str) -> bool {
    let Some((inside, _)) = rest[1..].split_once(')') else { return false };
    let digits = inside.bytes().filter(u8::is_ascii_digit).count();
    inside.len() <= 12 && digits >= 3 && inside.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
