//! What is looked at: files of an index, of commits or of a folder, messages and names, in batches of bounded size. Git's
//! objects are read here, once each; nothing is judged.

use super::git::{Change, Git, GitError, Object, Objects, Oid, Raw, Records};
use custody_ingest::{Source, discover_files};
use custody_rules::{Limits, Reason, Refusal};
use rustix::fs::{MemfdFlags, memfd_create};
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Subjects of one batch.
const BATCH_SUBJECTS: usize = 256;
/// Bytes after which a batch is full.
const BATCH_BYTES: u64 = 32 << 20;
/// Bytes of one blob that are looked at.
const BLOB_BYTES_MAX: u64 = 256 << 20;
/// Bytes of the target of a link, and of a message, that are looked at.
const TEXT_BYTES_MAX: u64 = 1 << 20;
/// Folders that hold Git's own files.
const LEFT_OUT: &[&str] = &[".git"];

/// Kinds of entries, as modes have them.
const KIND: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
const SUBMODULE: u32 = 0o160_000;

/// Where something stands.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The commit that brought it in; none for what is staged or lies in a folder.
    pub commit: Option<Oid>,
    /// Its blob; none for what is in no repository.
    pub blob: Option<Oid>,
    /// Its path, in bytes as Git has them.
    pub path: Vec<u8>,
}

impl fmt::Debug for Origin {
    /// Shows no name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin")
            .field("commit", &self.commit)
            .field("blob", &self.blob)
            .finish_non_exhaustive()
    }
}

/// One thing to look at.
pub struct Subject {
    /// Where it stands.
    pub origin: Origin,
    /// What there is to look at.
    pub content: Content,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What there is to look at.
pub enum Content {
    /// A file's content.
    File(Source),
    /// The target of a symbolic link.
    Link(Vec<u8>),
    /// Another repository's commit: its content is not here.
    Submodule,
    /// A commit's message.
    Message(Vec<u8>),
    /// The name of a branch or tag.
    Reference,
    /// Nothing that can be looked at, and why.
    Unread(Refusal),
}

/// Subjects that are looked at together.
#[derive(Debug, Default)]
pub struct Batch {
    /// They.
    pub subjects: Vec<Subject>,
    /// What else was seen on the way.
    pub seen: Seen,
    bytes: u64,
}

/// What was seen beside what is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Commits.
    pub commits: u64,
    /// Entries that are gone.
    pub gone: u64,
    /// Entries whose permissions alone changed.
    pub mode_only: u64,
    /// Entries whose content was looked at before, in this run.
    pub again: u64,
    /// Whether the allow-list is among the entries.
    pub allow_list: bool,
}

impl Batch {
    /// A batch of these.
    pub fn of(subjects: Vec<Subject>) -> Self {
        Self { subjects, ..Self::default() }
    }
}

impl Seen {
    /// Adds what another batch saw.
    pub fn add(&mut self, other: Self) {
        self.commits += other.commits;
        self.gone += other.gone;
        self.mode_only += other.mode_only;
        self.again += other.again;
        self.allow_list |= other.allow_list;
    }
}

/// Takes batches; `false` when no more are wanted.
pub type Take<'a> = &'a mut dyn FnMut(Batch) -> bool;

/// Reads what is staged or what a range brings in, and hands it over batch by batch. Every blob is read once, and stands
/// where it came in first. `names`: branches and tags whose names are looked at.
///
/// # Errors
/// When git fails: what was handed over before is not all there is.
pub fn read_git(git: &Git, mut records: Records, names: &[String], take: Take<'_>) -> Result<(), GitError> {
    let mut reading = Reading {
        git,
        objects: Objects::open(git)?,
        known: HashSet::new(),
        wanted: Vec::new(),
        commit: None,
        batch: Batch::default(),
        take,
        stopped: false,
    };
    for name in names {
        let origin = Origin { path: name.clone().into_bytes(), ..Origin::default() };
        reading.push(Subject { origin, content: Content::Reference }, 0);
    }
    while let Some(raw) = records.next_piece()? {
        match raw {
            Raw::Commit(commit) => reading.commit(commit)?,
            Raw::Change(change) => reading.change(&change)?,
        }
        if reading.stopped {
            return Ok(());
        }
    }
    reading.fetch()?;
    reading.hand_over();
    Ok(())
}

struct Reading<'a> {
    git: &'a Git,
    objects: Objects,
    /// Blobs that were read, and names that were looked at without one.
    known: HashSet<Oid>,
    /// Entries whose blobs are read next.
    wanted: Vec<(Origin, u32)>,
    commit: Option<Oid>,
    batch: Batch,
    take: Take<'a>,
    stopped: bool,
}

impl Reading<'_> {
    fn commit(&mut self, commit: Oid) -> Result<(), GitError> {
        self.fetch()?;
        self.commit = Some(commit);
        self.batch.seen.commits += 1;
        let origin = Origin { commit: Some(commit), ..Origin::default() };
        let content = match self.objects.one(commit)? {
            Some(object) => Content::Message(message(&object).to_vec()),
            None => Content::Unread(missing()),
        };
        self.push(Subject { origin, content }, 0);
        Ok(())
    }

    fn change(&mut self, change: &Change) -> Result<(), GitError> {
        if change.path == super::allow::FILE.as_bytes() {
            self.batch.seen.allow_list = true;
        }
        let origin = Origin { commit: self.commit, blob: Some(change.blob), path: change.path.clone() };
        if change.status.contains(&b'U') {
            let refusal = Refusal::new(Reason::Unreadable, "it is not merged yet: resolve it first");
            self.push(Subject { origin, content: Content::Unread(refusal) }, 0);
            return Ok(());
        }
        if change.is_gone() {
            self.batch.seen.gone += 1;
            return Ok(());
        }
        if change.mode & KIND == SUBMODULE {
            self.push(Subject { origin, content: Content::Submodule }, 0);
            return Ok(());
        }
        if change.is_mode_only() {
            self.batch.seen.mode_only += 1;
            return Ok(());
        }
        self.wanted.push((origin, change.mode));
        if self.wanted.len() >= BATCH_SUBJECTS { self.fetch() } else { Ok(()) }
    }

    /// Reads the blobs that are wanted.
    fn fetch(&mut self) -> Result<(), GitError> {
        let wanted = std::mem::take(&mut self.wanted);
        let mut new = Vec::with_capacity(wanted.len());
        for (origin, mode) in wanted {
            let Some(blob) = origin.blob else { continue };
            if self.known.insert(blob) {
                new.push((blob, origin, mode));
            } else {
                // Its name is looked at all the same.
                self.batch.seen.again += 1;
                self.push(Subject { origin, content: Content::Reference }, 0);
            }
        }
        let ids: Vec<Oid> = new.iter().map(|(blob, ..)| *blob).collect();
        let mut read = Vec::with_capacity(new.len());
        let mut origins = new.into_iter();
        // The process' answers cannot be read while batches are handed over through `self`.
        let Self { objects, .. } = self;
        objects.each::<GitError>(&ids, &mut |_, object| {
            let Some((_, origin, mode)) = origins.next() else { return Ok(()) };
            let bytes = object.as_ref().map_or(0, |object| object.size_bytes);
            read.push((Subject { origin, content: content(object, mode)? }, bytes));
            Ok(())
        })?;
        for (mut subject, bytes) in read {
            self.follow(&mut subject)?;
            self.push(subject, bytes);
        }
        Ok(())
    }

    /// What a pointer of Git LFS stands for leaves with the next push: it is looked at where it lies.
    fn follow(&self, subject: &mut Subject) -> Result<(), GitError> {
        let Content::File(source) = &subject.content else { return Ok(()) };
        let Some(path) = pointer(source)? else { return Ok(()) };
        let file = open_plain(&self.git.common_dir().join("lfs/objects").join(path));
        subject.content = match file.map(|file| copy_into_memory(file, BLOB_BYTES_MAX)) {
            Some(Ok(source)) => Content::File(source),
            Some(Err(refusal)) => Content::Unread(refusal),
            None => Content::Unread(Refusal::new(
                Reason::Unreadable,
                "a pointer of Git LFS, and what it stands for is not here: git lfs fetch",
            )),
        };
        Ok(())
    }

    fn push(&mut self, subject: Subject, bytes: u64) {
        self.batch.subjects.push(subject);
        self.batch.bytes += bytes;
        if self.batch.subjects.len() >= BATCH_SUBJECTS || self.batch.bytes >= BATCH_BYTES {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        if !self.stopped && !(self.take)(batch) {
            self.stopped = true;
        }
    }
}

fn missing() -> Refusal {
    Refusal::new(
        Reason::Unreadable,
        "the object is not here: fetch it (git fetch --refetch, or a full clone)",
    )
}

fn content(object: Option<&mut Object<'_>>, mode: u32) -> Result<Content, GitError> {
    let Some(object) = object else { return Ok(Content::Unread(missing())) };
    let link = mode & KIND == LINK;
    if object.size_bytes > if link { TEXT_BYTES_MAX } else { BLOB_BYTES_MAX } {
        let detail = format!("larger than the limit of {BLOB_BYTES_MAX} bytes");
        return Ok(Content::Unread(Refusal::new(Reason::TooLarge, detail)));
    }
    if link {
        return Ok(Content::Link(object.read()?));
    }
    let mut file = memory_file()?;
    object.copy_to(&mut file)?;
    Ok(Source::memory(file).map_or_else(Content::Unread, Content::File))
}

/// A commit's message: what follows its header.
fn message(commit: &[u8]) -> &[u8] {
    let end = commit.windows(2).position(|pair| pair == b"\n\n");
    let message = end.map_or(&[][..], |end| &commit[end + 2..]);
    &message[..message.len().min(TEXT_BYTES_MAX as usize)]
}

/// A file in memory that can be sealed.
///
/// # Errors
/// When the system gives none.
pub(super) fn memory_file() -> std::io::Result<File> {
    Ok(memfd_create("custody", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?.into())
}

/// Bytes as a source.
pub(super) fn memory(bytes: &[u8]) -> Result<Source, Refusal> {
    let mut file = memory_file()?;
    file.write_all(bytes)?;
    Source::memory(file)
}

fn copy_into_memory(file: File, bytes_max: u64) -> Result<Source, Refusal> {
    use std::io::Read;
    let mut copy = memory_file()?;
    if std::io::copy(&mut file.take(bytes_max + 1), &mut copy)? > bytes_max {
        return Err(Refusal::new(Reason::TooLarge, format!("larger than the limit of {bytes_max} bytes")));
    }
    Source::memory(copy)
}

/// A regular file that is no link.
fn open_plain(path: &Path) -> Option<File> {
    let facts = path.symlink_metadata().ok()?;
    facts.is_file().then(|| File::open(path).ok()).flatten()
}

/// Where Git LFS keeps what a pointer stands for, below its folder of objects; `None` for what is no pointer.
fn pointer(source: &Source) -> Result<Option<PathBuf>, GitError> {
    use std::io::Read;
    if source.size_bytes() >= 1_024 {
        return Ok(None);
    }
    let mut text = Vec::new();
    let Ok(mut file) = source.open() else { return Ok(None) };
    file.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    if !text.starts_with("version https://git-lfs.github.com/spec/") {
        return Ok(None);
    }
    let digits = text.lines().find_map(|line| line.strip_prefix("oid sha256:")).unwrap_or_default();
    let sound = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
    // One that names nothing stands for nothing that is here.
    let digits = if sound { digits } else { "0000" };
    Ok(Some(PathBuf::from(&digits[..2]).join(&digits[2..4]).join(digits)))
}

/// Hands over the files of folders, as they lie there. Links are not followed, `.git` is not entered.
pub fn read_files(paths: &[PathBuf], limits: &Limits, take: Take<'_>) {
    let found = discover_files(paths, limits, LEFT_OUT);
    let refused = found.refused.into_iter().map(|(name, refusal)| {
        let link = refusal.reason == Reason::SymbolicLink;
        (name, if link { Content::Link(Vec::new()) } else { Content::Unread(refusal) })
    });
    let files =
        found.artifacts.into_iter().map(|artifact| (artifact.display, Content::File(artifact.source)));
    let mut batch = Batch::default();
    for (name, content) in files.chain(refused) {
        let origin = Origin { path: name.into_bytes(), ..Origin::default() };
        batch.subjects.push(Subject { origin, content });
        if batch.subjects.len() >= BATCH_SUBJECTS && !take(std::mem::take(&mut batch)) {
            return;
        }
    }
    take(batch);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_what_follows_the_header() {
        assert_eq!(message(b"tree a\nauthor b <c> 1 +0000\n\nfix: it\n\nbody\n"), b"fix: it\n\nbody\n");
        assert_eq!(message(b"tree a\n"), b"");
    }

    #[test]
    fn pointers_lead_below_the_folder_of_objects_and_nowhere_else() {
        let of = |text: &str| pointer(&memory(text.as_bytes()).expect("memory")).expect("readable");
        let digits = "ab".repeat(32);
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digits}\nsize 3\n");
        assert_eq!(of(&text), Some(PathBuf::from(format!("ab/ab/{digits}"))));
        let bent = "version https://git-lfs.github.com/spec/v1\noid sha256:../../../../etc/passwd\nsize 3\n";
        assert_eq!(of(bent), Some(PathBuf::from("00/00/0000")));
        assert_eq!(of("version 1\n"), None);
    }
}
