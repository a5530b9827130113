//! A Git repository that remembers: one file for each ledger at its top, one commit for each checkpoint. It is
//! written by Git's plumbing alone, so that no hook, filter, signature or configuration of a user has a say, and what
//! somebody has staged stays staged. Commits name no person.

use super::command::run;
use super::file::replace;
use super::{MemoryError, Remembered, extends, notes};
use crate::ledger::note::VerifierKey;
use crate::ledger::prover::Prover;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Settings that hold whatever the repository's own say.
const SETTINGS: [&str; 7] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.fsync=all",
    "core.fsyncMethod=fsync",
    "core.attributesFile=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// The whole environment but for `PATH`.
const ENVIRONMENT: [(&str, &str); 12] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_AUTHOR_NAME", "custody"),
    ("GIT_AUTHOR_EMAIL", "custody@localhost"),
    ("GIT_COMMITTER_NAME", "custody"),
    ("GIT_COMMITTER_EMAIL", "custody@localhost"),
    ("LC_ALL", "C"),
];

/// One repository.
struct Repository<'a> {
    folder: &'a Path,
    /// An index of the caller's; the repository's own is not touched.
    index: Option<&'a Path>,
}

impl Repository<'_> {
    fn git(&self, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, MemoryError> {
        let mut command = Command::new("git");
        command.env_clear().envs(ENVIRONMENT);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(self.index.map(|index| ("GIT_INDEX_FILE", index)));
        command.arg(OsStr::new("-C")).arg(self.folder);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting])).args(arguments);
        run_quietly(command, input)
    }

    /// What Git says in one line.
    fn ask(&self, arguments: &[&str]) -> Result<String, MemoryError> {
        let said = String::from_utf8(self.git(arguments, Vec::new())?);
        let said = said.map_err(|_| MemoryError::Command { what: "git", code: None })?;
        Ok(said.trim_end_matches('\n').to_owned())
    }

    /// The commit that the repository stands at; `None` before its first.
    fn head(&self) -> Result<Option<String>, MemoryError> {
        match self.ask(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]) {
            Ok(head) => Ok(Some(head)),
            // Either there is no commit yet, and HEAD names a branch to be, or something is wrong.
            Err(MemoryError::Command { code: Some(1), .. }) => {
                self.ask(&["symbolic-ref", "--quiet", "HEAD"]).map(|_| None)
            }
            Err(error) => Err(error),
        }
    }

    /// What a commit's file holds; nothing where there is none.
    fn text(&self, head: Option<&str>, name: &str) -> Result<String, MemoryError> {
        let Some(head) = head else { return Ok(String::new()) };
        if self.ask(&["ls-tree", "--full-tree", "--name-only", head, name])?.is_empty() {
            return Ok(String::new());
        }
        let bytes = self.git(&["cat-file", "blob", &format!("{head}:{name}")], Vec::new())?;
        String::from_utf8(bytes).map_err(|_| MemoryError::NotOurs { why: "not a text" })
    }
}

/// What Git has to complain about could name paths: its exit code has to do.
fn run_quietly(mut command: Command, input: Vec<u8>) -> Result<Vec<u8>, MemoryError> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    run(command, "git", input)
}

/// The ledger's file: an origin has neither `_` nor anything else that a file's name may not have.
fn file_name(origin: &str) -> String {
    format!("ledger-{}.checkpoints", origin.replace('/', "_"))
}

pub(super) fn remember(
    folder: &Path,
    prover: &mut Prover,
    key: &VerifierKey,
) -> Result<Remembered, MemoryError> {
    let repository = Repository { folder, index: None };
    let prefix = repository.ask(&["rev-parse", "--show-prefix"]).map_err(|error| match error {
        MemoryError::Command { .. } => MemoryError::NotOurs { why: "no Git repository that is this user's" },
        error => error,
    })?;
    if !prefix.is_empty() {
        return Err(MemoryError::NotOurs { why: "the folder is not the top of a repository" });
    }
    let name = file_name(key.name());
    let head = repository.head()?;
    let mut text = repository.text(head.as_deref(), &name)?;
    let remembered = extends(prover, key, &notes::parse(&text, key)?)?;
    if remembered == Remembered::Written {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(prover.checkpoint().note());
        let message = format!("checkpoint of {} entries", prover.checkpoint().size());
        commit(&repository, head.as_deref(), (&name, &text), &message)?;
    }
    if repository.ask(&["rev-parse", "--is-bare-repository"])? == "false" {
        check_out(&repository, &name, &text)?;
    }
    Ok(remembered)
}

/// Commits one file on top of a commit, and moves the branch there if it is still at that commit.
fn commit(
    repository: &Repository<'_>,
    head: Option<&str>,
    (name, text): (&str, &str),
    message: &str,
) -> Result<(), MemoryError> {
    let staging = tempfile::tempdir().map_err(MemoryError::io("staging"))?;
    let index = staging.path().join("index");
    let staged = Repository { index: Some(&index), ..*repository };
    if let Some(head) = head {
        staged.ask(&["read-tree", head])?;
    }
    add(&staged, name, text)?;
    let tree = staged.ask(&["write-tree"])?;
    let mut arguments = vec!["commit-tree", &tree, "-m", message];
    arguments.extend(head.iter().flat_map(|head| ["-p", head]));
    let commit = repository.ask(&arguments)?;
    repository.ask(&["update-ref", "-m", message, "HEAD", &commit, head.unwrap_or_default()]).map(|_| ())
}

fn add(repository: &Repository<'_>, name: &str, text: &str) -> Result<(), MemoryError> {
    let blob = repository.git(&["hash-object", "-w", "--stdin", "--no-filters"], text.into())?;
    let blob = String::from_utf8_lossy(&blob).trim_end().to_owned();
    repository.ask(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{name}")]).map(|_| ())
}

/// Lets the working folder show what was committed.
fn check_out(repository: &Repository<'_>, name: &str, text: &str) -> Result<(), MemoryError> {
    let path = repository.folder.join(name);
    if std::fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    replace(&path, text.as_bytes()).map_err(MemoryError::io("writing what is to be remembered"))?;
    add(repository, name, text)
}
