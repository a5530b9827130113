//! Policies, what is due, and the one door through which artifacts are deleted.
//!
//! Has no clock and no terminal: the caller passes the time in and shows what comes out.

mod due;
mod policy;
mod purge;

pub use due::{Status, Subject, due};
pub use policy::{Class, Policy, PolicyError};
pub use purge::{Intent, Journal, Outcome, PurgeError, purge};
