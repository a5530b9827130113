//! Exit codes: the contract that scripts rely on.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `redact`: every file was redacted and verified.
    Done,
    /// Findings, refused by policy, or verification failed. Outranks [`Exit::Partly`].
    Findings,
    /// Bad usage, or nothing could be processed.
    Usage,
    /// Done in part; the rest is listed.
    Partly,
    /// A mistake of our own.
    Internal,
    /// Cancelled.
    Cancelled,
}

impl Exit {
    /// The process' exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Partly => 3,
            Self::Internal => 4,
            Self::Cancelled => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
