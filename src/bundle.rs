//! Writes, verifies and publishes a bundle: outputs are staged beside OUT, read again, repaired or refused,
//! packed, listed in the manifest, and renamed at the end.

mod names;
mod pack;
mod write;

pub use names::{check_name, output_name};
pub use write::{Outcome, Published, publish};
pub(crate) use write::{digest, redacted_display, refused_entry, targets};
