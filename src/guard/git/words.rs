//! What is said of Git: errors, and IDs of objects. Asks nothing.

use std::fmt;
use std::io;

/// Says why Git cannot be asked, or what of its answer is not understood. Holds no name of a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no program.
    #[error("git cannot be started ({0}): install it, 2.35 or later")]
    Missing(io::ErrorKind),
    /// The folder is in no repository.
    #[error("this folder is in no Git repository")]
    NoRepository,
    /// Git does not trust the repository's owner.
    #[error(
        "the repository belongs to another user, and Git refuses it: see safe.directory in git help config"
    )]
    OtherOwner,
    /// The environment names another repository than the one of this folder.
    #[error("GIT_DIR names another repository than the one of this folder: unset it, or go there")]
    OtherRepository,
    /// The environment names an index that is none of this repository.
    #[error("GIT_INDEX_FILE names an index outside of this repository: unset it")]
    ForeignIndex,
    /// A name that is no commit.
    #[error("{0}: no such commit here (a shallow clone may lack it: git fetch --unshallow)")]
    UnknownRevision(&'static str),
    /// The index of a bare repository is asked for.
    #[error("a bare repository has nothing staged: use --range")]
    Bare,
    /// A command ended otherwise than it should.
    #[error("git {command} failed (exit code {code}): nothing it said before can be relied on")]
    Failed {
        /// The subcommand.
        command: &'static str,
        /// Its exit code, -1 for a signal.
        code: i32,
    },
    /// Its answer is not in the form it is documented in.
    #[error("git {command} answered in a form that is not understood ({what})")]
    Malformed {
        /// The subcommand.
        command: &'static str,
        /// What is wrong.
        what: &'static str,
    },
    /// Its answer cannot be read.
    #[error("what git says cannot be read: {0}")]
    Io(io::ErrorKind),
}

impl From<io::Error> for GitError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// The ID of an object: SHA-1 or SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid {
    bytes: [u8; 32],
    length: u8,
}

impl Oid {
    /// Reads 40 or 64 hexadecimal digits.
    pub fn parse(digits: &[u8]) -> Option<Self> {
        if !matches!(digits.len(), 40 | 64) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self { bytes, length: (digits.len() / 2) as u8 })
    }

    /// Whether it stands for no object.
    pub fn is_zero(&self) -> bool {
        self.bytes == [0; 32]
    }

    /// Its first digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes[..usize::from(self.length)].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hexadecimal_digits_of_two_lengths() {
        for digits in ["0123456789abcdef0123456789abcdef01234567".to_owned(), "ab".repeat(32)] {
            assert_eq!(Oid::parse(digits.as_bytes()).expect("an ID").to_string(), digits);
        }
        for bad in ["", "0123", &"AB".repeat(20), &"zz".repeat(20), &"ab".repeat(33)] {
            assert!(Oid::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Oid::parse("00".repeat(20).as_bytes()).expect("an ID").is_zero());
    }
}
