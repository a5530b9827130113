//! Redacted paths: names in file names and folders become tokens that a file system takes.

use crate::detect::Detector;
use crate::operators::Numbering;
use custody_rules::{Decision, Finding, Place};

/// Replaces findings in the components of a relative path: `Jane_Doe.png` becomes `PERSON_1.png`. Kept
/// findings stay; what the operator is does not count, since a name must stay usable.
pub fn redacted_components(
    detector: &Detector,
    numbering: &Numbering,
    components: &[String],
    findings: &[Finding],
) -> Vec<String> {
    let mut result = components.to_vec();
    for finding in findings.iter().rev() {
        let Place::Path { component, start, end } = finding.place else { continue };
        if finding.decision == Decision::Keep {
            continue;
        }
        let entity = detector.rules().entity_name(finding.entity);
        let token = format!("{entity}_{}", numbering.get(finding.entity, finding.identity));
        if let Some(name) = result.get_mut(component as usize) {
            name.replace_range(start as usize..end as usize, &token);
        }
    }
    result
}
