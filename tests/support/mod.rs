//! Synthetic people, pages, recordings, logs and reports made from a seed, and the oracle that scores a
//! redaction of them. Knows nothing of our own scanner; shared by the tests and an example.
#![allow(dead_code, unreachable_pub, reason = "each of its users needs a part of it")]
#![allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]

pub mod log;
pub mod page;
mod page_more;
pub mod pen;
pub mod people;
pub mod planted;
pub mod recording;
pub mod report;
pub mod scenes;
pub mod score;
pub mod score_pixels;
pub mod score_tables;
pub mod seed;
pub mod tables;
pub mod ticket;
