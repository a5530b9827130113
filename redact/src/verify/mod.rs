//! Verification: every output is read again from disk by a fresh reader. What is still found there is
//! handed back, so that it can be redacted as well; what cannot be mended fails the file.

pub mod package;
mod rescan;
mod values;

pub use rescan::{Reading, rescan};
pub use values::value_hits;

use crate::writers::image::pad;
use custody_rules::{Decision, Finding, Place, Region};

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
