//! What of the sandbox holds on this machine: each part is tried in a process of its own.

use super::process::{Start, command};
use super::sandbox::{Bounds, Part, Tried, Try};
use std::io;

/// What the filter of system calls must refuse.
const SECCOMP: [Try; 12] = [
    Try::ReadFile,
    Try::ListFolder,
    Try::WriteFile,
    Try::TcpListen,
    Try::TcpConnect,
    Try::Udp,
    Try::UnixSocket,
    Try::RunProgram,
    Try::Exec,
    Try::Signal,
    Try::OtherProcess,
    Try::NewCode,
];
/// What Landlock must refuse to count; TCP and signals came later, and are told beside it.
const LANDLOCK: [Try; 4] = [Try::ReadFile, Try::ListFolder, Try::WriteFile, Try::RunProgram];

/// What each part does here.
#[derive(Debug)]
pub struct Survey {
    /// The limits by themselves.
    pub limits: Tried,
    /// The filter of system calls by itself.
    pub seccomp: Tried,
    /// Landlock by itself.
    pub landlock: Tried,
    /// All of it, as a worker has it.
    pub all: Tried,
}

impl Survey {
    /// Whether the limits hold.
    pub fn has_limits(&self) -> bool {
        self.limits.refuses(&[Try::Memory])
    }

    /// Whether the filter of system calls holds.
    pub fn has_seccomp(&self) -> bool {
        self.seccomp.refuses(&SECCOMP)
    }

    /// Whether Landlock holds.
    pub fn has_landlock(&self) -> bool {
        self.landlock.refuses(&LANDLOCK)
    }

    /// Whether a worker is confined here: no files, no network, no programs, no more memory than it may use.
    pub fn is_active(&self) -> bool {
        self.all.refuses(&SECCOMP) && self.all.refuses(&[Try::Memory])
    }
}

/// Tries every part. One whose process does not say what came of it has not held.
pub fn survey(bounds: Bounds) -> Survey {
    let one = |part| examine(part, bounds).unwrap_or_default();
    Survey {
        limits: one(Part::Limits),
        seccomp: one(Part::Seccomp),
        landlock: one(Part::Landlock),
        all: one(Part::All),
    }
}

fn examine(part: Part, bounds: Bounds) -> io::Result<Tried> {
    let start = Start { languages: "eng", bounds, no_sandbox: false };
    let output = command(&start)?.args(["--examine", part.name()]).output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}
