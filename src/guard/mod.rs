//! The guard in front of Git: what is staged, what a range of commits brings in, or what lies in a folder is looked at for
//! secrets, employee data and files that have no place in a repository. It changes nothing, shows no value, and writes to no
//! terminal.

pub mod allow;
pub mod assets;
pub mod git;
pub mod hook;
pub mod look;
pub mod policy;
mod report;
mod subject;

pub use report::{Hit, Note, Tally, What};
pub use subject::{Also, Batch, Content, Origin, Seen, Subject, Take, read_files, read_git};
