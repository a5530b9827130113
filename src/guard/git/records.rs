//! What is staged, and what commits of a range bring in, as a stream: nothing is kept of what was read.

use super::{Git, GitError, Oid, Raw, RawReader};
use std::fmt;
use std::io::BufReader;
use std::process::{Child, ChildStdout, Stdio};

/// What names no commit: how a push says that a branch is new.
pub const ZERO: &str = "0000000000000000000000000000000000000000";
/// How entries are to be said: whole IDs, names as they are, no guesses, nothing left out.
const FORM: [&str; 9] = [
    "-r",
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules=none",
];

/// Commits and entries, as they come.
pub struct Records {
    reader: RawReader<BufReader<ChildStdout>>,
    /// Processes in the order of the pipe, each with its name.
    children: Vec<(&'static str, Child)>,
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

impl Records {
    /// What the index has that `HEAD` has not.
    ///
    /// # Errors
    /// When git cannot be asked, or the repository is bare.
    pub fn staged(git: &Git) -> Result<Self, GitError> {
        if git.is_bare()? {
            return Err(GitError::Bare);
        }
        let base = match git.head()? {
            Some(commit) => commit.to_string(),
            None => empty_tree(git)?,
        };
        let mut command = git.command("diff-index");
        command.args(["--cached", "--ita-invisible-in-index"]).args(FORM).args([&base, "--"]);
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|e| GitError::Missing(e.kind()))?;
        let out =
            child.stdout.take().ok_or(GitError::Malformed { command: "diff-index", what: "no pipe" })?;
        Ok(Self {
            reader: RawReader::new(BufReader::with_capacity(1 << 18, out)),
            children: vec![("diff-index", child)],
        })
    }

    /// What each commit brings in that `to` has and `from` has not, the oldest first. Of a merge that is what differs from
    /// every parent: the rest came with one of them.
    ///
    /// # Errors
    /// When git cannot be asked, or a name is no commit.
    pub fn range(git: &Git, from: Option<&str>, to: Oid) -> Result<Self, GitError> {
        let mut ends = vec![to.to_string()];
        if let Some(from) = from.filter(|from| !is_zero(from)) {
            ends.push(format!("^{}", git.commit(from, "the beginning of the range")?));
        }
        let mut list = git.command("rev-list");
        list.args(["--topo-order", "--reverse"]).args(ends).arg("--").stdout(Stdio::piped());
        let mut list = list.spawn().map_err(|e| GitError::Missing(e.kind()))?;
        let commits =
            list.stdout.take().ok_or(GitError::Malformed { command: "rev-list", what: "no pipe" })?;
        let mut diff = git.command("diff-tree");
        diff.args(["--stdin", "-c", "--root", "--always"]).args(FORM).stdin(commits).stdout(Stdio::piped());
        let mut diff = match diff.spawn() {
            Ok(diff) => diff,
            Err(error) => {
                let _ = list.kill();
                let _ = list.wait();
                return Err(GitError::Missing(error.kind()));
            }
        };
        let out = diff.stdout.take().ok_or(GitError::Malformed { command: "diff-tree", what: "no pipe" })?;
        let reader = RawReader::new(BufReader::with_capacity(1 << 18, out));
        Ok(Self { reader, children: vec![("rev-list", list), ("diff-tree", diff)] })
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    /// When it cannot be read, or a process that it came from failed.
    pub fn next_piece(&mut self) -> Result<Option<Raw>, GitError> {
        if let Some(raw) = self.reader.next_piece()? {
            return Ok(Some(raw));
        }
        // What a process said before it failed may be anything.
        for (command, child) in &mut self.children {
            let status = child.wait()?;
            if !status.success() {
                return Err(GitError::Failed { command, code: status.code().unwrap_or(-1) });
            }
        }
        Ok(None)
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        for (_, child) in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn is_zero(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte == b'0')
}

/// The ID of a tree with nothing in it, in the repository's own hash.
fn empty_tree(git: &Git) -> Result<String, GitError> {
    let failed = GitError::Failed { command: "hash-object", code: 1 };
    let said = git.run("hash-object", &["-t", "tree", "/dev/null"])?.ok_or(failed)?;
    Ok(String::from_utf8_lossy(said.trim_ascii()).into_owned())
}
