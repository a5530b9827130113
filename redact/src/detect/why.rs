//! Why a piece of text is found, or not: every match of every pattern with its fate. Slow; for people who
//! ask. What is escaped in the text, and what other artifacts taught, is not explained.

use super::text::{Detector, TextScratch};
use crate::resolve::Span;
use custody_rules::{EntityId, Explanation, explain};

/// What became of a match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// It is a finding.
    Found,
    /// It was dropped, for this reason.
    Dropped(&'static str),
    /// Its score is under the profile's threshold.
    Weak,
    /// The value is on an allow-list.
    Allowed,
    /// This finding stands in its place.
    Lost(Span),
}

impl Fate {
    /// In words.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Dropped(reason) => reason,
            Self::Weak => "under the profile's threshold",
            Self::Allowed => "allowed by a list",
            Self::Lost(_) => "another finding covers it",
        }
    }
}

/// A match and its fate.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// Pattern, check, context and scores.
    pub explanation: Explanation,
    /// What it would be.
    pub entity: EntityId,
    /// What became of it.
    pub fate: Fate,
}

impl Why {
    /// Whether little was missing: too weak, or no context word near.
    pub fn is_near_miss(&self) -> bool {
        match self.fate {
            Fate::Weak => true,
            Fate::Dropped(_) => self.explanation.is_near_miss(),
            _ => false,
        }
    }
}

/// Near misses of one place that are told.
const NEAR_MAX: usize = 3;
/// How far under the threshold a score may be.
const NEAR_SCORE: f32 = 0.2;

/// Takes out what tells a person nothing: near misses where something is found, those whose score is far off, whose
/// check failed, and of several in one place all but the likeliest.
pub(super) fn thin(whys: &mut Vec<Why>, spans: &[Span], threshold: f32) {
    let overlaps =
        |why: &Why, start: usize, end: usize| why.explanation.start < end && start < why.explanation.end;
    let mut near: Vec<usize> = (0..whys.len()).filter(|&at| whys[at].is_near_miss()).collect();
    let plausible = |why: &Why| {
        let item = &why.explanation;
        let score = if why.fate == Fate::Weak { item.score } else { item.base_score + NEAR_SCORE };
        item.check != Some(false) && score + NEAR_SCORE >= threshold || item.check == Some(true)
    };
    near.retain(|&at| {
        plausible(&whys[at]) && !spans.iter().any(|span| overlaps(&whys[at], span.start, span.end))
    });
    let rank = |why: &Why| {
        (why.explanation.check == Some(true), why.explanation.score.max(why.explanation.base_score))
    };
    near.sort_by(|&a, &b| {
        let (a, b) = (rank(&whys[a]), rank(&whys[b]));
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    let mut kept: Vec<usize> = Vec::new();
    for at in near {
        let place = (whys[at].explanation.start, whys[at].explanation.end);
        let same = |&&other: &&usize| overlaps(&whys[other], place.0, place.1);
        let twice = kept.iter().any(|&other| whys[other].entity == whys[at].entity && same(&&other));
        if !twice && kept.iter().filter(same).count() < NEAR_MAX {
            kept.push(at);
        }
    }
    let mut at = 0;
    whys.retain(|why| {
        at += 1;
        !why.is_near_miss() || kept.contains(&(at - 1))
    });
}

impl Detector {
    /// Explains a piece of text: what is found in it, and every match of a pattern.
    pub fn why(&self, text: &str, label: Option<&str>, scratch: &mut TextScratch) -> (Vec<Span>, Vec<Why>) {
        let spans = self.text(text, label, scratch);
        let matches = explain(&self.scanner, text, label);
        let whys = matches.into_iter().map(|explanation| {
            let recognizer = &self.rules().recognizers()[explanation.recognizer.0 as usize];
            let entity = explanation.entity.unwrap_or(recognizer.entity);
            let value = &text[explanation.start..explanation.end];
            let allowed = self.lists.allows(scratch.scope(), entity, value);
            let fate = self.fate(&explanation, allowed, &spans);
            Why { explanation, entity, fate }
        });
        let whys = whys.collect();
        (spans, whys)
    }

    fn fate(&self, explanation: &Explanation, allowed: bool, spans: &[Span]) -> Fate {
        let Explanation { start, end, recognizer, .. } = *explanation;
        if let Some(reason) = explanation.dropped {
            return Fate::Dropped(reason);
        }
        if explanation.score < self.profile.threshold {
            return Fate::Weak;
        }
        if spans.iter().any(|s| (s.start, s.end, s.recognizer) == (start, end, recognizer)) {
            return Fate::Found;
        }
        if allowed {
            return Fate::Allowed;
        }
        let shared = |s: &&Span| s.end.min(end).saturating_sub(s.start.max(start));
        let others = spans.iter().filter(|s| s.start < end && start < s.end);
        others.max_by_key(shared).map_or(Fate::Allowed, |winner| Fate::Lost(*winner))
    }
}
