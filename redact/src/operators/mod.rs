//! Operators: what stands in a finding's place. Replacements hold ASCII only, so that every encoding takes
//! them, and nothing that a CSV, JSON or path has to quote beyond what the syntax escapes.

mod hash;
mod mask;
mod number;

pub use number::Numbering;

use crate::detect::Detector;
pub use custody_rules::is_replaced;
use custody_rules::{Decision, Finding, Operator};

/// The text that stands in a finding's place; `original_chars` is the length of what it replaces.
/// `None`: it stays.
pub fn replacement(
    detector: &Detector,
    numbering: &Numbering,
    finding: &Finding,
    original_chars: usize,
) -> Option<String> {
    if finding.decision == Decision::Keep {
        return None;
    }
    let entity = detector.rules().entity_name(finding.entity);
    match detector.operator(finding.entity) {
        Operator::Keep => None,
        Operator::Drop => Some(String::new()),
        Operator::Mask => Some(mask::mask(original_chars)),
        Operator::Hash => Some(hash::token(entity, finding.identity)),
        Operator::Replace => Some(number::token(entity, numbering.get(finding.entity, finding.identity))),
    }
}
