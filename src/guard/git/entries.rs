//! Single entries of the index and of commits, by their path from the top.

use super::{Git, GitError, Oid};

/// Mode and blob of an entry.
pub type Entry = (u32, Oid);

impl Git {
    /// The entry of the index at a path.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn staged_entry(&self, path: &str) -> Result<Option<Entry>, GitError> {
        let failed = GitError::Failed { command: "ls-files", code: 1 };
        let said = self.run("ls-files", &["--stage", "-z", "--", path])?.ok_or(failed)?;
        Ok(entries(&said, path).find_map(|words| match words[..] {
            // Of what is not merged, no stage is the one.
            [mode, id, b"0"] => entry(mode, id),
            _ => None,
        }))
    }

    /// The entry of a commit at a path.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn committed_entry(&self, commit: Oid, path: &str) -> Result<Option<Entry>, GitError> {
        let failed = GitError::Failed { command: "ls-tree", code: 1 };
        let commit = commit.to_string();
        let said = self.run("ls-tree", &["-z", "--full-tree", &commit, "--", path])?.ok_or(failed)?;
        Ok(entries(&said, path).find_map(|words| match words[..] {
            [mode, _, id] => entry(mode, id),
            _ => None,
        }))
    }
}

/// The words in front of each entry of this very path.
fn entries<'a>(said: &'a [u8], path: &'a str) -> impl Iterator<Item = Vec<&'a [u8]>> {
    said.split(|byte| *byte == 0).filter_map(move |line| {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        let here = &line[tab + 1..] == path.as_bytes();
        here.then(|| line[..tab].split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect())
    })
}

fn entry(mode: &[u8], id: &[u8]) -> Option<Entry> {
    let mode = std::str::from_utf8(mode).ok().and_then(|mode| u32::from_str_radix(mode, 8).ok())?;
    Some((mode, Oid::parse(id)?))
}
