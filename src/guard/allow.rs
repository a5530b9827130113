//! The allow-list `.custodyguard.toml`: what may stay, by hash of the whole content and rule, with a reason and an end. It
//! holds no value and no hash of one: a number of nine digits would be guessed from its hash, while the content that is
//! hashed lies in the repository beside it. Checks and writes text; knows no file system.

use super::assets::{AssetKind, Verdict};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use toml::Spanned;

/// Its name, at the top of a repository.
pub const FILE: &str = ".custodyguard.toml";
/// Days that an entry may hold from today on.
const DAYS_MAX: i64 = 366;
/// Characters of a reason at least: `test` is none.
const REASON_CHARS_MIN: usize = 8;
/// What a new file begins with.
const HEAD: &str = "# What custody guard lets through: one content and one rule a block, sorted by content and rule.\n\
                    # Made by: custody guard allow\n";

/// Says what is wrong with an allow-list, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{FILE}:{line}: {message}")]
pub struct AllowError {
    /// Line from 1.
    pub line: usize,
    /// What is wrong; no text of the file but names of keys and rules.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSyntax {
    #[serde(default)]
    assets: BTreeMap<Spanned<String>, Spanned<Limit>>,
    #[serde(default)]
    allow: Vec<Spanned<EntrySyntax>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Limit {
    Word(String),
    Bytes(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntrySyntax {
    content: String,
    rule: String,
    reason: String,
    expires: toml::value::Datetime,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// BLAKE3 of the whole content: of a file, a link's target, a message, a path.
    pub content: blake3::Hash,
    /// The rule whose findings in it are allowed.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: NaiveDate,
    /// Its line, from 1; 0 for one that is in no file yet.
    pub line: usize,
}

/// A checked allow-list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    entries: Vec<Entry>,
    assets: BTreeMap<AssetKind, Verdict>,
}

impl AllowList {
    /// Reads and checks a file; `is_rule` says what a rule is.
    ///
    /// # Errors
    /// The first mistake with its line: an unknown key or rule, a reason or a date that is missing, a date too far off,
    /// entries that are not sorted or stand there twice.
    pub fn parse(text: &str, today: NaiveDate, is_rule: &dyn Fn(&str) -> bool) -> Result<Self, AllowError> {
        let syntax: FileSyntax = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            AllowError { line, message: plain(error.message()) }
        })?;
        let mut list = Self::default();
        for (name, limit) in syntax.assets {
            let at = line_of(text, name.span().start);
            let (kind, verdict) =
                asset(name.get_ref(), limit.get_ref()).map_err(|message| AllowError { line: at, message })?;
            list.assets.insert(kind, verdict);
        }
        for entry in syntax.allow {
            let line = line_of(text, entry.span().start);
            let entry = checked(entry.into_inner(), (line, today), is_rule)?;
            if let Some(last) = list.entries.last()
                && key(last) >= key(&entry)
            {
                let message = if key(last) == key(&entry) {
                    format!("the same content and rule as in line {}: leave one out", last.line)
                } else {
                    "entries are sorted by content and rule: move this one up".to_owned()
                };
                return Err(AllowError { line, message });
            }
            list.entries.push(entry);
        }
        Ok(list)
    }

    /// Whether findings of a rule in a content are allowed on a day.
    pub fn permits(&self, content: &blake3::Hash, rule: &str, today: NaiveDate) -> bool {
        let found = self
            .entries
            .binary_search_by(|entry| key(entry).cmp(&(*content.as_bytes(), rule)))
            .ok()
            .and_then(|at| self.entries.get(at));
        found.is_some_and(|entry| today <= entry.expires)
    }

    /// Entries that do not hold any more.
    pub fn expired(&self, today: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.expires < today)
    }

    /// What the repository decides of a kind of file, where it does.
    pub fn asset(&self, kind: AssetKind) -> Option<Verdict> {
        self.assets.get(&kind).copied()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Puts an entry where it belongs in a file's text; all else stays as it is.
///
/// # Errors
/// What is wrong with the file, or with the entry.
pub fn insert(
    text: &str,
    entry: &Entry,
    today: NaiveDate,
    is_rule: &dyn Fn(&str) -> bool,
) -> Result<String, AllowError> {
    let list = AllowList::parse(text, today, is_rule)?;
    if let Some(old) = list.entries.iter().find(|old| key(old) == key(entry)) {
        let message = "this content and rule have an entry: change its date and reason".to_owned();
        return Err(AllowError { line: old.line, message });
    }
    let block = block(entry);
    let next = list.entries.iter().find(|old| key(old) > key(entry));
    let result = match next {
        Some(next) => {
            let at: usize = text.split_inclusive('\n').take(next.line - 1).map(str::len).sum();
            format!("{}{block}\n{}", &text[..at], &text[at..])
        }
        None if text.trim().is_empty() => format!("{HEAD}\n{block}"),
        None => format!("{}\n\n{block}", text.trim_end()),
    };
    // What is written is what would be read.
    let read = AllowList::parse(&result, today, is_rule)?;
    let there = read.entries.iter().any(|one| key(one) == key(entry) && one.expires == entry.expires);
    if there && read.len() == list.len() + 1 {
        return Ok(result);
    }
    Err(AllowError { line: 1, message: "the entry cannot be put in: write it by hand".to_owned() })
}

fn block(entry: &Entry) -> String {
    let mut block = String::from("[[allow]]\n");
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let _ = writeln!(block, "content = \"{}\"", entry.content.to_hex());
    let _ = writeln!(block, "rule = {}", quoted(&entry.rule));
    let _ = writeln!(block, "reason = {}", quoted(&entry.reason));
    let _ = writeln!(block, "expires = {}", entry.expires.format("%Y-%m-%d"));
    block
}

fn key(entry: &Entry) -> ([u8; 32], &str) {
    (*entry.content.as_bytes(), &entry.rule)
}

fn asset(name: &str, limit: &Limit) -> Result<(AssetKind, Verdict), String> {
    let kind = AssetKind::parse(name)
        .ok_or_else(|| format!("[assets] has a kind that there is not: one of {}", AssetKind::words()))?;
    let verdict = match limit {
        Limit::Word(word) if word == "allow" => Verdict::Look { bytes_max: u64::MAX },
        Limit::Word(word) if word == "refuse" => Verdict::Refuse,
        Limit::Bytes(bytes_max) => Verdict::Look { bytes_max: *bytes_max },
        Limit::Word(_) => return Err("[assets] takes \"allow\", \"refuse\" or a number of bytes".to_owned()),
    };
    Ok((kind, verdict))
}

fn checked(
    syntax: EntrySyntax,
    (line, today): (usize, NaiveDate),
    is_rule: &dyn Fn(&str) -> bool,
) -> Result<Entry, AllowError> {
    let wrong = |message: &str| AllowError { line, message: message.to_owned() };
    let lower = !syntax.content.bytes().any(|byte| byte.is_ascii_uppercase());
    let content = blake3::Hash::from_hex(syntax.content.as_bytes()).ok().filter(|_| lower);
    let content = content.ok_or_else(|| wrong("content is 64 hexadecimal digits, small letters"))?;
    if !is_rule(&syntax.rule) {
        return Err(wrong("rule is none that there is: an entity, asset-KIND, or unread"));
    }
    if syntax.reason.trim().chars().count() < REASON_CHARS_MIN {
        return Err(wrong("reason says why, in eight characters or more"));
    }
    let date = syntax.expires.date.filter(|_| syntax.expires.time.is_none());
    let expires = date
        .and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()))
        .ok_or_else(|| wrong("expires is a day: 2027-05-31"))?;
    if (expires - today).num_days() > DAYS_MAX {
        return Err(wrong("expires is more than 366 days from now: what stays longer is looked at again"));
    }
    Ok(Entry { content, rule: syntax.rule, reason: syntax.reason, expires, line })
}

/// Today, from milliseconds since 1970-01-01T00:00:00Z; in UTC.
pub fn day(now_ms: u64) -> NaiveDate {
    let at = i64::try_from(now_ms).ok().and_then(chrono::DateTime::from_timestamp_millis);
    at.map_or(NaiveDate::MAX, |at| at.date_naive())
}

/// Reads `2027-05-31`.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (2000..=9999).contains(&date.year()).then_some(date)
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// The parser's words, without what they quote of the file but names of keys.
fn plain(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let known = ["unknown field", "missing field", "duplicate key", "invalid type"];
    let known = known.iter().find(|words| first.starts_with(**words));
    match known {
        Some(&"missing field") => first.to_owned(),
        Some(&"unknown field") => "a key that there is not: content, rule, reason, expires".to_owned(),
        Some(words) => (*words).to_owned(),
        None => "it is no TOML".to_owned(),
    }
}

#[cfg(test)]
mod tests;
