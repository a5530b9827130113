//! Writes, verifies and publishes a bundle: outputs are staged beside OUT, read again, repaired or refused,
//! packed, listed in the manifest, and renamed at the end.

mod names;
mod pack;
mod write;

pub use names::{check_name, output_name};
pub(crate) use write::digest;
pub use write::{Outcome, Published, publish};
