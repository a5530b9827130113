//! What a worker does to itself before it reads foreign bytes: from then on it has the descriptors it was
//! handed, memory and processor time, and nothing else. Knows no media; why it is done so is in
//! docs/decisions/0007-sandbox.md.
//!
//! Nothing is left to be opened: tesseract's data are read before. So the filter of system calls alone keeps
//! it from files and network, and counts; Landlock stands behind it where the kernel has it.

mod calls;
mod descriptors;
mod limits;
mod paths;
mod tries;

pub use limits::Bounds;
pub use tries::{Tried, Try};

use rustix::process::{DumpableBehavior, getppid, set_dumpable_behavior};
use rustix::thread::set_no_new_privs;
use std::io;

/// A part of the sandbox that can be tried by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Nothing: shows what can be done without a sandbox.
    None,
    /// The limits of memory and the like.
    Limits,
    /// The filter of system calls.
    Seccomp,
    /// What the file system gives, and TCP.
    Landlock,
    /// Everything, as a worker has it.
    All,
}

impl Part {
    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Limits => "limits",
            Self::Seccomp => "seccomp",
            Self::Landlock => "landlock",
            Self::All => "all",
        }
    }
}

/// What must hold whether there is a sandbox or not, as far as the system lets it.
pub(super) fn prepare(bounds: Bounds) -> Result<(), &'static str> {
    limits::lower(bounds).map_err(|_| "limits of memory and processor time cannot be set")?;
    descriptors::close_foreign()
        .map_err(|_| "descriptors of other programs cannot be closed: is /proc there?")?;
    set_no_new_privs(true).map_err(|_| "new privileges cannot be given up")?;
    // Nobody else's debugger reads the pixels. Where this is not possible nothing is lost but that.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    Ok(())
}

/// Gives up files, network and programs, for this thread and those it starts: there must be no other yet.
pub(super) fn confine() -> Result<(), &'static str> {
    // The second wall: where it is missing, the first one holds alone.
    let _ = paths::forbid();
    calls::forbid().map_err(|_| "the kernel takes no filter of system calls (seccomp)")
}

/// Confines this process by one part and tries what the part forbids.
pub(super) fn examine(part: Part, bounds: Bounds) -> Tried {
    // No longer to be had afterwards.
    let parent = getppid();
    let confined = match part {
        Part::None => Ok(()),
        Part::Limits => limits::lower(bounds).map_err(io::Error::from),
        Part::Seccomp => calls::forbid(),
        Part::Landlock => paths::forbid(),
        Part::All => prepare(bounds).and_then(|()| confine()).map_err(io::Error::other),
    };
    tries::all(confined.is_ok(), parent, bounds)
}
