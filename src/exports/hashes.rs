//! Keyed hashes of what a plan must not say: whoever has the plan's file without the store cannot try values out.

use custody_retention::ItemId;
use custody_retention::ledger::{IdKey, SubjectKind};

/// The key of cells' hashes.
pub fn cell_key(ids: &IdKey) -> [u8; 32] {
    ids.subject(SubjectKind::Plan, b"custody: key of planned cells, 1").id
}

/// The hash of one part of a plan, 64 hexadecimal digits.
pub fn hash(ids: &IdKey, part: &str, text: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len() + 1 + text.len());
    bytes.extend(part.as_bytes());
    bytes.push(0);
    bytes.extend(text.as_bytes());
    ItemId(ids.subject(SubjectKind::Plan, &bytes).id).to_string()
}
