//! What is kept, how long, and how it goes: the encrypted store and its catalog, the ledger of all acts, policies and
//! holds, and the one door through which artifacts are deleted.
//!
//! Has no clock and no terminal: the caller passes the time in and shows what comes out.

pub mod approval;
pub mod blob;
pub mod catalog;
pub mod certificate;
pub mod clock;
pub mod disk;
pub mod identity;
pub mod keys;
pub mod ledger;
pub mod object_store;
pub mod plan;
pub mod policy;
pub mod request;
pub mod store;
pub mod sweep;

mod due;
mod hex;
mod item;
mod purge;

pub use due::{Guards, Rule, Times, Verdict, due};
pub use item::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};
pub use policy::{Policy, PolicyError, PolicySet};
pub use purge::Purged;
