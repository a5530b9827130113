//! Queries over tables, from outside: what they answer, what they may not do, what they read, and what their errors say.
#![allow(clippy::unwrap_used, reason = "tests")]

mod answers;
mod limits;
mod lineage;
mod mistakes;
mod reading;
mod sources;
mod support;
