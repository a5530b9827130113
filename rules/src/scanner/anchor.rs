//! Where a pattern is tried: the places its ways in allow, as triggers a pass over the bytes can look for.

use super::bytes::{ALNUM, ANY, ByteSet, INNER, LEAD};
use super::paths::{Row, rows};
use super::required::{Required, required};
use regex_syntax::hir::Hir;
use std::collections::{BTreeMap, BTreeSet};

/// A row of byte sets that is looked for at the starts of tokens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Anchor {
    /// What stands between the start of the match and the token's; none of it is a letter or a digit.
    pub(super) lead: Vec<ByteSet>,
    /// What the byte before the token may be.
    pub(super) previous: ByteSet,
    /// The token's first bytes, and what follows.
    pub(super) steps: Vec<ByteSet>,
}

/// How a pattern is triggered.
pub(super) enum Trigger {
    /// At starts of tokens, and at key words wherever they stand.
    Places { tokens: Vec<Anchor>, keys: Vec<Vec<ByteSet>> },
    /// Once for a line that holds one of these.
    Line(Vec<Vec<ByteSet>>),
    /// Once for every line: nothing tells where it matches.
    Always,
}

/// How often the first steps of an anchor may fit at a token before the pattern is better tried for whole
/// lines that hold something rare.
const TOKEN_RATE_MAX: f64 = 0.004;
/// How seldom an anchor is to fit before it is long enough.
const RATE_ENOUGH: f64 = 1e-9;
/// Bytes of a key word that are looked at first.
pub(super) const KEY_BYTES: usize = 3;
/// Bytes each of the first sets of a key word may have.
const KEY_SET_MAX: u32 = 4;

/// Finds the triggers of a pattern.
pub(super) fn trigger(hir: &Hir) -> Trigger {
    let mut tokens = BTreeSet::new();
    let mut keys = BTreeSet::new();
    let mut placed = true;
    for row in rows(hir) {
        placed &= place(&row, &mut tokens, &mut keys);
    }
    let (tokens, rate) = shortened(&tokens);
    if placed && rate <= TOKEN_RATE_MAX {
        return Trigger::Places { tokens, keys: merge(keys.into_iter().collect()) };
    }
    match required(hir) {
        Some(Required { literals, rate: rarer }) if !placed || rarer < rate / 4.0 => Trigger::Line(literals),
        _ if placed => Trigger::Places { tokens, keys: merge(keys.into_iter().collect()) },
        _ => Trigger::Always,
    }
}

/// Anchors cut to the fewest steps that are telling enough: more would only be more to compare.
fn shortened(tokens: &BTreeSet<Anchor>) -> (Vec<Anchor>, f64) {
    let cut = |length: usize| {
        let short = tokens
            .iter()
            .map(|a| Anchor { steps: a.steps[..a.steps.len().min(length)].to_vec(), ..a.clone() });
        let anchors = merged(short.collect());
        let rate: f64 = anchors.iter().map(rate).sum();
        (anchors, rate)
    };
    let longest = tokens.iter().map(|anchor| anchor.steps.len()).max().unwrap_or(0);
    let best = tokens.iter().map(rate).sum::<f64>();
    (2..longest)
        .map(cut)
        .find(|(_, rate)| *rate <= RATE_ENOUGH.max(best * 1.5))
        .unwrap_or_else(|| cut(longest))
}

/// Rows that differ in one set only become one row: it allows what they allow together.
fn merge(mut rows: Vec<Vec<ByteSet>>) -> Vec<Vec<ByteSet>> {
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    for at in (0..longest).rev() {
        let mut merged: BTreeMap<(Vec<ByteSet>, Vec<ByteSet>), ByteSet> = BTreeMap::new();
        let mut kept = Vec::new();
        for row in rows {
            match row.get(at) {
                Some(&set) => {
                    let rest = (row[..at].to_vec(), row[at + 1..].to_vec());
                    let all = merged.entry(rest).or_default();
                    *all = all.or(set);
                }
                None => kept.push(row),
            }
        }
        kept.extend(
            merged.into_iter().map(|((before, behind), set)| [&before, &[set][..], &behind].concat()),
        );
        rows = kept;
    }
    rows
}

/// Rows that begin with a whole shorter row say nothing new.
fn without_longer(mut rows: Vec<Vec<ByteSet>>) -> Vec<Vec<ByteSet>> {
    rows.sort_unstable();
    rows.dedup();
    let mut kept: Vec<Vec<ByteSet>> = Vec::new();
    for row in rows {
        if !kept.last().is_some_and(|shorter| row.starts_with(shorter)) {
            kept.push(row);
        }
    }
    kept
}

/// Anchors with as few rows as allow the same.
fn merged(tokens: BTreeSet<Anchor>) -> Vec<Anchor> {
    let mut by_lead: BTreeMap<Vec<ByteSet>, Vec<Vec<ByteSet>>> = BTreeMap::new();
    for Anchor { lead, previous, steps } in tokens {
        by_lead.entry(lead).or_default().push([&[previous], steps.as_slice()].concat());
    }
    let rows = by_lead.into_iter().flat_map(|(lead, rows)| {
        let rows = merge(without_longer(rows));
        rows.into_iter().map(move |row| Anchor {
            lead: lead.clone(),
            previous: row[0],
            steps: row[1..].to_vec(),
        })
    });
    rows.collect()
}

/// Adds the places of one row; false when nothing tells where it begins.
fn place(row: &Row, tokens: &mut BTreeSet<Anchor>, keys: &mut BTreeSet<Vec<ByteSet>>) -> bool {
    let mut lead: Vec<ByteSet> = Vec::new();
    for (at, &set) in row.sets.iter().enumerate() {
        for part in [set.and(ALNUM), set.and(LEAD)] {
            if part.is_empty() {
                continue;
            }
            let steps = [&[part], &row.sets[at + 1..]].concat();
            // In UTF-8 a first byte is followed by bytes of the same character.
            if part.and(LEAD) == part && steps.get(1).is_some_and(|next| next.and(INNER).is_empty()) {
                continue;
            }
            let before = lead.last().copied().or_else(|| row.before.set(part));
            if let Some(previous) = before {
                tokens.insert(Anchor { lead: lead.clone(), previous, steps });
            } else if part.and(ALNUM).is_empty() {
                // Every first byte of a character that is not ASCII is looked at.
                tokens.insert(Anchor { lead: Vec::new(), previous: ANY, steps });
            } else if is_key(&steps) {
                keys.insert(steps);
            } else {
                return false;
            }
        }
        let rest = set.and(ALNUM.or(LEAD).not());
        if rest.is_empty() {
            return true;
        }
        lead.push(rest);
    }
    false
}

fn is_key(steps: &[ByteSet]) -> bool {
    steps.len() >= KEY_BYTES && steps[..KEY_BYTES].iter().all(|set| set.len() <= KEY_SET_MAX)
}

/// How often an anchor fits at a token of an ordinary log, roughly: digits come in runs, letters in words.
fn rate(anchor: &Anchor) -> f64 {
    let mut rate = share(anchor.previous);
    let (mut behind_digit, mut letters) = (false, 0);
    for set in &anchor.steps {
        let digits = (b'0'..=b'9').filter(|&digit| set.contains(digit)).count() as f64;
        let is_letter = set.len() <= 8 && set.iter().all(|byte| byte.is_ascii_alphabetic());
        letters = if is_letter { letters + 1 } else { 0 };
        let fits = match (behind_digit, letters) {
            (true, _) => {
                share(*set) / 2.0
                    + digits * 0.06
                    + b"-:. ,/".iter().filter(|&&m| set.contains(m)).count() as f64 * 0.08
            }
            (false, 4..) => 0.9,
            (false, 3) => share(*set).max(0.3),
            _ => share(*set),
        };
        rate *= fits.min(1.0);
        behind_digit = digits >= 5.0;
    }
    rate
}

/// The share of bytes of an ordinary log that are in a set, roughly.
pub(super) fn share(set: ByteSet) -> f64 {
    const SHARES: [f64; 256] = shares();
    set.iter().map(|byte| SHARES[usize::from(byte)]).sum::<f64>().min(1.0)
}

const fn shares() -> [f64; 256] {
    let mut shares = [0.002; 256];
    let mut byte = 0;
    while byte < 256 {
        shares[byte] = match byte as u8 {
            b'0'..=b'9' => 0.024,
            b'a' | b'e' | b'i' | b'n' | b'o' | b'r' | b's' | b't' => 0.05,
            b'a'..=b'z' => 0.015,
            b'A'..=b'Z' => 0.005,
            b' ' => 0.12,
            b'-' | b'.' | b':' | b'/' | b'=' | b'_' | b',' | b'"' => 0.015,
            b'\n' => 0.01,
            0x80.. => 0.000_02,
            _ => 0.002,
        };
        byte += 1;
    }
    shares
}
