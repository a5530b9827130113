//! Git, asked through its own plumbing in child processes that nothing in a repository or in the environment can redirect:
//! no hooks, filters, external diffs, pagers, monitors, replaced objects, or network. Parses no file of Git's.

mod entries;
mod find;
mod objects;
mod raw;
mod records;
mod words;

pub use entries::Entry;
pub use find::{Git, Named};
pub use objects::{Object, Objects};
pub use raw::{Change, Raw, RawReader};
pub use records::{Records, ZERO};
pub use words::{GitError, Oid};
