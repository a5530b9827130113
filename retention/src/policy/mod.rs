//! Retention policies: which items are kept how long, and on what basis. Plain text that people edit, refused as a
//! whole for any mistake in it. What follows for one item is in [`crate::due`].

mod caps;
mod file;
mod folder;
mod keep;
mod matching;
mod read;
mod set;
mod words;

pub use caps::{CapExceeded, Caps, LedgerKeep};
pub use file::Policy;
use file::PolicyFile;
pub use keep::{From, Keep};
pub use matching::Facet;
pub use set::PolicySet;
pub use words::{CLASSES, EVENTS, PRODUCTION, SOURCES, mistyped_class};

/// Says what is wrong with the policies. Policies are the organisation's own text and hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A mistake in a file.
    #[error("{file}:{line}: {message}")]
    Mistake {
        /// The file's name, without folders.
        file: String,
        /// Its line, from 1.
        line: usize,
        /// What is wrong, and what to do.
        message: String,
    },
    /// A file that could not be read: none of them counts then.
    #[error("{file}: it cannot be read: {kind}")]
    Unreadable {
        /// The file's name, without folders; empty for the folder itself.
        file: String,
        /// How it failed.
        kind: std::io::ErrorKind,
    },
    /// A folder without any policy: emptied by mistake, or the wrong one.
    #[error("no policy is there: add one, or take the shipped ones")]
    NoPolicy,
    /// More than anybody means.
    #[error("more than 1,000 policies: join some")]
    TooMany,
}
