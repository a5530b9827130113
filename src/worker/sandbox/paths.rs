//! Landlock: no path can be opened, made, changed or run, no TCP port bound or called, no process outside
//! signalled. What the kernel does not know of that yet, the filter of system calls forbids.

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope};
use std::io;

/// The latest interface whose rights are all asked for; older kernels enforce those they have.
const LATEST: ABI = ABI::V10;

/// Gives up all rights to paths, ports and other processes, for this thread and those it starts.
pub(super) fn forbid() -> io::Result<()> {
    match restrict() {
        Ok(RulesetStatus::NotEnforced) => Err(io::ErrorKind::Unsupported.into()),
        Ok(_) => Ok(()),
        Err(error) => Err(io::Error::other(error)),
    }
}

fn restrict() -> Result<RulesetStatus, RulesetError> {
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(LATEST))?
        .handle_access(AccessNet::from_all(LATEST))?
        .scope(Scope::from_all(LATEST))?
        .create()?;
    Ok(rules.restrict_self()?.ruleset)
}
