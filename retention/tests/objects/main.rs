//! The store as an object store, from outside: what it answers is what another implementation answers for the same
//! bytes, it cannot be written through, and what fails says nothing.
#![allow(clippy::unwrap_used, reason = "tests")]

mod oracle;
mod refusals;
mod support;
