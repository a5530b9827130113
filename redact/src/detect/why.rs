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
