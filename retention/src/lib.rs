//! Policies, what is due, the one door through which artifacts are deleted, and the ledger of all acts.
//!
//! Has no clock and no terminal: the caller passes the time in and shows what comes out.

pub mod disk;
pub mod ledger;

mod due;
mod hex;
mod item;
mod policy;
mod purge;

pub use due::{Status, Subject, due};
pub use item::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};
pub use policy::{Class, Policy, PolicyError};
pub use purge::{Intent, Journal, Outcome, PurgeError, purge};
