//! Why a file was not processed: one closed list of reasons, each with words that name no value.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Names the reason for a refusal. The words are stable: manifests and scripts read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Nothing in it.
    Empty,
    /// It ends before its format says it may.
    Truncated,
    /// It breaks the rules of its format.
    Malformed,
    /// It is locked with a password.
    Encrypted,
    /// A limit of [`crate::Limits`] is exceeded.
    TooLarge,
    /// It expands far beyond its packed size.
    ZipBomb,
    /// Its nesting exceeds the limit.
    TooDeep,
    /// An archive member's name leaves the archive's folder.
    PathEscape,
    /// A symbolic link; links are not followed.
    SymbolicLink,
    /// A socket, pipe or device.
    SpecialFile,
    /// A format that is not (yet) supported.
    Unsupported,
    /// Its name says another kind of file than its content.
    WrongExtension,
    /// NUL bytes where text was expected.
    NulBytes,
    /// Bytes that are not valid in the text's own encoding.
    InvalidEncoding,
    /// An XML document type: it can declare entities.
    DocumentType,
    /// It cannot be opened or read.
    Unreadable,
    /// It changed between two readings.
    Changed,
    /// The worker process crashed on it.
    WorkerCrashed,
    /// The worker process gave no sign of life.
    WorkerTimeout,
    /// The worker process needed more memory, processor time or space than it may use.
    WorkerLimit,
    /// The sandbox of the worker process cannot start, and nobody said to go on without.
    SandboxMissing,
    /// An engine (tesseract, ffmpeg) is missing or failed to start.
    EngineMissing,
    /// The redacted output could not be written.
    Unwritable,
    /// The redacted output did not pass verification.
    VerifyFailed,
    /// The run was cancelled.
    Cancelled,
}

impl Reason {
    /// The stable word, as in manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::Encrypted => "encrypted",
            Self::TooLarge => "too_large",
            Self::ZipBomb => "zip_bomb",
            Self::TooDeep => "too_deep",
            Self::PathEscape => "path_escape",
            Self::SymbolicLink => "symbolic_link",
            Self::SpecialFile => "special_file",
            Self::Unsupported => "unsupported",
            Self::WrongExtension => "wrong_extension",
            Self::NulBytes => "nul_bytes",
            Self::InvalidEncoding => "invalid_encoding",
            Self::DocumentType => "document_type",
            Self::Unreadable => "unreadable",
            Self::Changed => "changed",
            Self::WorkerCrashed => "worker_crashed",
            Self::WorkerTimeout => "worker_timeout",
            Self::WorkerLimit => "worker_limit",
            Self::SandboxMissing => "sandbox_missing",
            Self::EngineMissing => "engine_missing",
            Self::Unwritable => "unwritable",
            Self::VerifyFailed => "verify_failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Says that one file is refused, why, and what to do. Holds no value and no name of the artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The reason, one of a closed list.
    pub reason: Reason,
    /// One line in plain words: offsets, limits, what to do. Never text of the artifact.
    pub detail: String,
}

impl Refusal {
    /// Makes a refusal; `detail` must hold nothing that was read from the artifact.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// Turns an I/O error into a refusal by its kind alone: its text could hold a path.
    pub fn from_io(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::new(Reason::Truncated, "it ends too early"),
            std::io::ErrorKind::PermissionDenied => {
                Self::new(Reason::Unreadable, "permission denied: give this user read access")
            }
            kind => Self::new(Reason::Unreadable, format!("it cannot be read: {kind}")),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.as_str(), self.detail)
    }
}

impl std::error::Error for Refusal {}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::from_io(&error)
    }
}
