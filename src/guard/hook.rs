//! Hooks of a repository that run the guard: written, recognised and taken away again. One that somebody else wrote is
//! never overwritten: it is refused, or kept and run first.

use super::git::{Git, GitError};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

/// Hooks, and how each calls the guard.
const HOOKS: [(&str, &str); 2] =
    [("pre-commit", "--staged --allow-empty"), ("commit-msg", "--message \"$1\" --allow-empty")];
/// The line by which a hook of ours is known.
const MARK: &str = "# custody guard hook 1";
/// What a hook of somebody else is called while ours stands in its place.
const CHAINED: &str = "before-custody";
/// Bytes of a hook that is read.
const HOOK_BYTES_MAX: u64 = 1 << 20;

/// Says why hooks are left as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HookError {
    /// Somebody else's hook is there.
    #[error(
        "a {0} hook that is not custody's is there: --chain keeps it and runs it first, or call custody guard from it"
    )]
    Foreign(&'static str),
    /// A hook that was kept before is in the way.
    #[error("{0}.before-custody is there already: put it away first")]
    Kept(&'static str),
    /// No hook of ours is there.
    #[error("no hook of custody's is there")]
    None,
    /// The folder cannot be used.
    #[error("the folder of hooks cannot be used: {0}")]
    Io(io::ErrorKind),
    /// Git cannot say where hooks are.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl From<io::Error> for HookError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The folder of hooks.
    pub folder: PathBuf,
    /// Hooks that were written or taken away.
    pub hooks: Vec<&'static str>,
    /// Hooks of somebody else that run first, or are back in their place.
    pub kept: Vec<&'static str>,
}

/// What stands in a hook's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Nothing,
    Ours,
    Foreign,
}

/// Writes the hooks. `program`: the guard's own file; `chain`: somebody else's hooks are kept and run first.
///
/// # Errors
/// [`HookError`]; then nothing was changed, or a hook of ours is missing that another call writes.
pub fn install(git: &Git, program: &Path, chain: bool) -> Result<Done, HookError> {
    let folder = git.hooks_dir()?;
    fs::create_dir_all(&folder)?;
    let mut done = Done { folder: folder.clone(), hooks: Vec::new(), kept: Vec::new() };
    // All are looked at before the first is changed.
    for (name, _) in HOOKS {
        if there(&folder.join(name))? == There::Foreign {
            if !chain {
                return Err(HookError::Foreign(name));
            }
            if kept(&folder, name).symlink_metadata().is_ok() {
                return Err(HookError::Kept(name));
            }
        }
    }
    for (name, call) in HOOKS {
        let path = folder.join(name);
        if there(&path)? == There::Foreign {
            fs::rename(&path, kept(&folder, name))?;
        }
        if kept(&folder, name).symlink_metadata().is_ok() {
            done.kept.push(name);
        }
        write(&path, &script(name, call, program))?;
        done.hooks.push(name);
    }
    Ok(done)
}

/// Takes our hooks away; those that were kept are put back.
///
/// # Errors
/// [`HookError::None`] when there is none of ours.
pub fn uninstall(git: &Git) -> Result<Done, HookError> {
    let folder = git.hooks_dir()?;
    let mut done = Done { folder: folder.clone(), hooks: Vec::new(), kept: Vec::new() };
    for (name, _) in HOOKS {
        let path = folder.join(name);
        if there(&path)? != There::Ours {
            continue;
        }
        let kept = kept(&folder, name);
        if kept.symlink_metadata().is_ok() {
            fs::rename(&kept, &path)?;
            done.kept.push(name);
        } else {
            // It is ours, by its mark.
            TempPath::try_from_path(path)?.close()?;
        }
        done.hooks.push(name);
    }
    if done.hooks.is_empty() { Err(HookError::None) } else { Ok(done) }
}

fn kept(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{CHAINED}"))
}

fn there(path: &Path) -> Result<There, HookError> {
    let facts = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
        other => other?,
    };
    // What a link leads to may be shared with others.
    if !facts.is_file() || facts.len() > HOOK_BYTES_MAX {
        return Ok(There::Foreign);
    }
    let text = fs::read(path)?;
    let ours = text.split(|byte| *byte == b'\n').nth(1) == Some(MARK.as_bytes());
    Ok(if ours { There::Ours } else { There::Foreign })
}

/// The hook's text: somebody else's hook first, then the guard. One that cannot run stops the commit.
fn script(name: &str, call: &str, program: &Path) -> String {
    let program = program.to_string_lossy().replace('\'', "'\\''");
    format!(
        "#!/bin/sh\n{MARK}\n# Written by: custody guard install. Taken away by: custody guard uninstall.\n\
         before=\"$(dirname -- \"$0\")/{name}.{CHAINED}\"\n\
         if [ -x \"$before\" ]; then\n  \"$before\" \"$@\" || exit\nfi\n\
         guard='{program}'\n[ -x \"$guard\" ] || guard=custody\n\
         if ! command -v \"$guard\" >/dev/null 2>&1; then\n\
         \x20 echo 'custody guard: custody is not installed, so that nothing was looked at' >&2\n  exit 1\nfi\n\
         exec \"$guard\" guard {call}\n"
    )
}

fn write(path: &Path, text: &str) -> Result<(), HookError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_of_ours_is_known_by_its_mark_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pre-commit");
        assert_eq!(there(&path).expect("readable"), There::Nothing);
        write(&path, &script("pre-commit", "--staged", Path::new("/opt/it's/custody"))).expect("written");
        assert_eq!(there(&path).expect("readable"), There::Ours);
        assert!(fs::read_to_string(&path).expect("text").contains("'/opt/it'\\''s/custody'"));
        for text in ["#!/bin/sh\necho\n", "", MARK, "#!/bin/sh\n# x\n# custody guard hook 1\n"] {
            fs::write(&path, text).expect("written");
            assert_eq!(there(&path).expect("readable"), There::Foreign, "{text}");
        }
        std::os::unix::fs::symlink("/bin/true", folder.path().join("commit-msg")).expect("a link");
        assert_eq!(there(&folder.path().join("commit-msg")).expect("readable"), There::Foreign);
    }
}
