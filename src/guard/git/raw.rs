//! The answer of `git diff-tree --stdin -z` and its like: commits, and for each what differs in it. Names are bytes, any
//! bytes but NUL.

use super::{GitError, Oid};
use std::fmt;
use std::io::{BufRead, Read};

/// Bytes of one name or one line before it, above which nothing of Git's is assumed.
const TOKEN_BYTES_MAX: u64 = 1 << 20;
/// What the answer is an answer of.
const COMMAND: &str = "diff";

/// One entry that differs.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// What was there before: mode and blob; one of each parent for a merge.
    pub old: Vec<(u32, Oid)>,
    /// Mode now: 0 when it is gone.
    pub mode: u32,
    /// Blob now.
    pub blob: Oid,
    /// What happened: `A`, `M`, `D`, `T`, `U`; one of each parent for a merge.
    pub status: Vec<u8>,
    /// Its path.
    pub path: Vec<u8>,
}

impl fmt::Debug for Change {
    /// Shows no name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("mode", &self.mode).field("blob", &self.blob).finish_non_exhaustive()
    }
}

impl Change {
    /// Whether the entry is gone.
    pub fn is_gone(&self) -> bool {
        self.mode == 0 || self.blob.is_zero()
    }

    /// Whether its content was there before, under the same name.
    pub fn is_mode_only(&self) -> bool {
        self.old.iter().any(|(mode, blob)| *blob == self.blob && is_same_kind(*mode, self.mode))
    }
}

/// Whether both are files, whatever their permissions.
fn is_same_kind(one: u32, other: u32) -> bool {
    one & 0o170_000 == other & 0o170_000
}

/// A piece of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// What follows differs in this commit.
    Commit(Oid),
    /// An entry that differs.
    Change(Change),
}

/// Reads the answer piece by piece.
pub struct RawReader<R> {
    from: R,
    token: Vec<u8>,
}

impl<R> fmt::Debug for RawReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawReader").finish_non_exhaustive()
    }
}

impl<R: BufRead> RawReader<R> {
    /// Reads from here.
    pub fn new(from: R) -> Self {
        Self { from, token: Vec::new() }
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    /// When it cannot be read or has another form.
    pub fn next_piece(&mut self) -> Result<Option<Raw>, GitError> {
        if !self.read_token()? {
            return Ok(None);
        }
        if self.token.first() != Some(&b':') {
            // Git writes a line feed behind the commit where it feels like it.
            let id = Oid::parse(self.token.trim_ascii()).ok_or(malformed("a commit"))?;
            return Ok(Some(Raw::Commit(id)));
        }
        let mut change = entry(&self.token)?;
        if !self.read_token()? || self.token.is_empty() {
            return Err(malformed("an entry without a name"));
        }
        change.path.clone_from(&self.token);
        Ok(Some(Raw::Change(change)))
    }

    /// Reads up to the next NUL; `false` at the end.
    fn read_token(&mut self) -> Result<bool, GitError> {
        self.token.clear();
        (&mut self.from).take(TOKEN_BYTES_MAX).read_until(0, &mut self.token)?;
        if self.token.is_empty() {
            return Ok(false);
        }
        if self.token.pop() != Some(0) {
            return Err(malformed("an end in the middle"));
        }
        Ok(true)
    }
}

/// `:100644 100755 OLD NEW M`; with a colon, a mode, an ID and a letter more for each further parent.
fn entry(token: &[u8]) -> Result<Change, GitError> {
    let parents = token.iter().take_while(|byte| **byte == b':').count();
    let mut words = token[parents..].split(|byte| *byte == b' ');
    let mut modes = Vec::with_capacity(parents + 1);
    for _ in 0..=parents {
        modes.push(words.next().and_then(octal).ok_or(malformed("a mode"))?);
    }
    let mut blobs = Vec::with_capacity(parents + 1);
    for _ in 0..=parents {
        blobs.push(words.next().and_then(Oid::parse).ok_or(malformed("an object's ID"))?);
    }
    let status = words.next().ok_or(malformed("a status"))?.to_vec();
    let known = |letter: &u8| matches!(letter, b'A' | b'M' | b'D' | b'T' | b'U' | b'X');
    // Renames and copies have two names: they are not asked for.
    if words.next().is_some() || status.len() != parents || !status.iter().all(known) {
        return Err(malformed("a status"));
    }
    let (Some(mode), Some(blob)) = (modes.pop(), blobs.pop()) else { return Err(malformed("an entry")) };
    Ok(Change { old: modes.into_iter().zip(blobs).collect(), mode, blob, status, path: Vec::new() })
}

fn octal(digits: &[u8]) -> Option<u32> {
    if digits.len() != 6 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'7')) {
        return None;
    }
    Some(digits.iter().fold(0, |value, digit| value << 3 | u32::from(digit - b'0')))
}

fn malformed(what: &'static str) -> GitError {
    GitError::Malformed { command: COMMAND, what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Vec<Raw>, GitError> {
        let mut reader = RawReader::new(bytes);
        let mut all = Vec::new();
        while let Some(raw) = reader.next_piece()? {
            all.push(raw);
        }
        Ok(all)
    }

    #[test]
    fn commits_entries_and_merges() {
        let (a, b, zero) = ("a".repeat(40), "b".repeat(40), "0".repeat(40));
        let text = format!(
            "{a}\0:000000 100644 {zero} {b} A\0new\nname\0:100644 000000 {b} {zero} D\0gone\0\
             {b}\0::100644 000000 100755 {a} {zero} {b} MA\0evil\0"
        );
        let all = read(text.as_bytes()).expect("sound");
        assert_eq!(all.len(), 5);
        let Raw::Change(new) = &all[1] else { panic!("an entry") };
        assert_eq!(
            (new.path.as_slice(), new.mode, new.is_gone()),
            (b"new\nname".as_slice(), 0o100_644, false)
        );
        let Raw::Change(gone) = &all[2] else { panic!("an entry") };
        assert!(gone.is_gone());
        let Raw::Change(evil) = &all[4] else { panic!("an entry") };
        assert_eq!(
            (evil.old.len(), evil.status.as_slice(), evil.is_mode_only()),
            (2, b"MA".as_slice(), false)
        );
    }

    #[test]
    fn a_change_of_permissions_brings_no_content_and_a_link_is_no_file() {
        let a = "a".repeat(40);
        let text = format!(":100644 100755 {a} {a} M\0x\0:100644 120000 {a} {a} T\0y\0");
        let all = read(text.as_bytes()).expect("sound");
        let modes: Vec<bool> = all.iter().map(|r| matches!(r, Raw::Change(c) if c.is_mode_only())).collect();
        assert_eq!(modes, [true, false]);
    }

    #[test]
    fn anything_else_is_refused() {
        let (a, zero) = ("a".repeat(40), "0".repeat(40));
        for bad in [
            a.clone(),
            format!("{a}x\0"),
            format!(":000000 100644 {zero} {a} A\0"),
            format!(":000000 100644 {zero} {a} A\0\0"),
            format!(":000000 100644 {zero} {a} R100\0a\0b\0"),
            format!(":000000 100644 {zero} {a}\0a\0"),
            format!(":00000 100644 {zero} {a} A\0a\0"),
            format!(":000000 100644 {zero} {} A\0a\0", "A".repeat(40)),
            format!("::000000 100644 {zero} {a} A\0a\0"),
            "\0".to_owned(),
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
        }

        #[test]
        fn every_name_comes_back(path in proptest::collection::vec(1_u8..=255, 1..60)) {
            let mut bytes = format!(":000000 100644 {} {} A\0", "0".repeat(40), "c".repeat(40)).into_bytes();
            bytes.extend(&path);
            bytes.push(0);
            let all = read(&bytes).expect("sound");
            prop_assert!(matches!(&all[..], [Raw::Change(change)] if change.path == path));
        }
    }
}
