//! Verification: every output is read again from disk by a fresh reader. What is still found there is
//! handed back, so that it can be redacted as well; what cannot be mended fails the file.

pub mod package;
mod rescan;
mod values;

pub use rescan::{Reading, rescan};
pub use values::{MayStay, value_hits};

use crate::writers::image::pad;
use custody_rules::{Decision, EntityId, Finding, Place, Region};

/// The boxes that were filled in a picture or a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Painted {
    /// Over texts: what stands beside them is read without them.
    pub texts: Vec<Region>,
    /// Over areas that changed too fast to be read.
    pub unread: Vec<Region>,
}

impl Painted {
    /// The boxes of these findings.
    pub fn of(findings: &[Finding], page: (u32, u32), unread: EntityId) -> Self {
        let (areas, texts): (Vec<Finding>, Vec<Finding>) =
            findings.iter().partition(|finding| finding.entity == unread);
        Self { texts: regions(&texts, page), unread: regions(&areas, page) }
    }

    /// All boxes.
    pub fn all(&self) -> impl Iterator<Item = &Region> {
        self.texts.iter().chain(&self.unread)
    }
}

/// The boxes that are painted for these findings: padded and widened so that they give nothing away.
pub fn regions(findings: &[Finding], page: (u32, u32)) -> Vec<Region> {
    let redact = findings.iter().filter(|f| f.decision == Decision::Redact);
    let boxes = redact.filter_map(|f| match f.place {
        Place::Region(region) => Some(pad(region, page, region.height)),
        _ => None,
    });
    let mut boxes: Vec<Region> = boxes.collect();
    boxes.sort_unstable();
    boxes.dedup();
    boxes
}
