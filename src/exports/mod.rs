//! Plans of workbooks and extracts over a store: what is asked for stays encrypted there, what is handed out holds hashes.
//! A plan is carried out by making the same cells again and comparing them with what was confirmed. No terminal.

pub mod bounds;
pub mod build;
pub mod file;
pub mod hashes;
pub mod load;
pub mod spec;
pub mod staged;
