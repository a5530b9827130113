//! What is looked at: files of an index, of commits or of a folder, messages and names, in batches of bounded size. Git's
//! objects are read here, once each; nothing is judged.

use super::git::{Change, Git, GitError, Named, Object, Objects, Oid, Raw, Records};
use custody_ingest::{Source, discover_files, memory_file};
use custody_rules::{Limits, Reason, Refusal};
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Subjects of one batch.
const BATCH_SUBJECTS: usize = 256;
/// Bytes after which a batch is full.
const BATCH_BYTES: u64 = 32 << 20;
/// Bytes of one blob that are looked at.
const BLOB_BYTES_MAX: u64 = 256 << 20;
/// Bytes of the target of a link that are looked at.
const LINK_BYTES_MAX: u64 = 1 << 20;
/// Tags of tags that are followed.
const TAGS_MAX: usize = 16;
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
    /// Who a commit or a tag is by, and what else its header says.
    Header(Vec<u8>),
    /// A commit's or a tag's message.
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

/// What is read beside entries, and how.
#[derive(Debug, Default)]
pub struct Also {
    /// Branches and tags: their names are looked at, and what annotated ones say.
    pub names: Vec<Named>,
    /// Whether lists hold for some paths only: then a blob is looked at under each of its paths, otherwise under each of
    /// its names.
    pub by_path: bool,
}

/// Reads what is staged or what a range brings in, and hands it over batch by batch. A blob is read once for each name (the
/// last part of its path): what a file is depends on it.
///
/// # Errors
/// When git fails: what was handed over before is not all there is.
pub fn read_git(git: &Git, mut records: Records, also: &Also, take: Take<'_>) -> Result<(), GitError> {
    let mut reading = Reading {
        git,
        objects: Objects::open(git)?,
        by_path: also.by_path,
        known: HashSet::new(),
        wanted: Vec::new(),
        commit: None,
        out: Out { batch: Batch::default(), take, stopped: false },
    };
    for named in &also.names {
        reading.named(named)?;
    }
    while let Some(raw) = records.next_piece()? {
        match raw {
            Raw::Commit(commit) => reading.commit(commit)?,
            Raw::Change(change) => reading.change(&change)?,
        }
        if reading.out.stopped {
            return Ok(());
        }
    }
    reading.fetch()?;
    reading.out.hand_over();
    Ok(())
}

struct Reading<'a> {
    git: &'a Git,
    objects: Objects,
    by_path: bool,
    /// Blobs that were read, each with what its looks depend on: whether it is a link, and its name.
    known: HashSet<(Oid, bool, Vec<u8>)>,
    /// Entries whose blobs are read next.
    wanted: Vec<(Origin, u32)>,
    commit: Option<Oid>,
    out: Out<'a>,
}

/// Where what was read goes.
struct Out<'a> {
    batch: Batch,
    take: Take<'a>,
    stopped: bool,
}

impl Reading<'_> {
    /// A branch or a tag: its name, and what it says if it is annotated.
    fn named(&mut self, named: &Named) -> Result<(), GitError> {
        let origin = Origin { path: named.name.clone().into_bytes(), ..Origin::default() };
        self.out.push(Subject { origin: origin.clone(), content: Content::Reference }, 0);
        let mut tag = named.tag;
        for _ in 0..TAGS_MAX {
            let Some(id) = tag else { return Ok(()) };
            let Some(object) = self.objects.one(id)? else {
                self.out.push(Subject { origin, content: Content::Unread(missing()) }, 0);
                return Ok(());
            };
            tag = tagged(&object);
            self.said(&object, None);
        }
        let refusal = Refusal::new(Reason::Unsupported, "a tag of a tag of a tag, and so on");
        self.out.push(Subject { origin, content: Content::Unread(refusal) }, 0);
        Ok(())
    }

    /// The header and the message of a commit or a tag.
    fn said(&mut self, object: &[u8], commit: Option<Oid>) {
        let origin = Origin { commit, ..Origin::default() };
        let (header, message) = parts(object);
        for content in [Content::Header(header), Content::Message(message.to_vec())] {
            self.out.push(Subject { origin: origin.clone(), content }, object.len() as u64 / 2);
        }
    }

    fn commit(&mut self, commit: Oid) -> Result<(), GitError> {
        self.fetch()?;
        self.commit = Some(commit);
        self.out.batch.seen.commits += 1;
        if let Some(object) = self.objects.one(commit)? {
            self.said(&object, Some(commit));
        } else {
            let origin = Origin { commit: Some(commit), ..Origin::default() };
            self.out.push(Subject { origin, content: Content::Unread(missing()) }, 0);
        }
        Ok(())
    }

    fn change(&mut self, change: &Change) -> Result<(), GitError> {
        if change.path == super::allow::FILE.as_bytes() {
            self.out.batch.seen.allow_list = true;
        }
        let origin = Origin { commit: self.commit, blob: Some(change.blob), path: change.path.clone() };
        if change.status.contains(&b'U') {
            let refusal = Refusal::new(Reason::Unreadable, "it is not merged yet: resolve it first");
            self.out.push(Subject { origin, content: Content::Unread(refusal) }, 0);
            return Ok(());
        }
        if change.is_gone() {
            self.out.batch.seen.gone += 1;
            return Ok(());
        }
        if change.mode & KIND == SUBMODULE {
            self.out.push(Subject { origin, content: Content::Submodule }, 0);
            return Ok(());
        }
        if change.is_mode_only() {
            self.out.batch.seen.mode_only += 1;
            return Ok(());
        }
        self.wanted.push((origin, change.mode));
        if self.wanted.len() >= BATCH_SUBJECTS { self.fetch() } else { Ok(()) }
    }

    /// Reads the blobs that are wanted, and hands them over as they come.
    fn fetch(&mut self) -> Result<(), GitError> {
        let wanted = std::mem::take(&mut self.wanted);
        let mut new = Vec::with_capacity(wanted.len());
        for (origin, mode) in wanted {
            let Some(blob) = origin.blob else { continue };
            if self.known.insert((blob, mode & KIND == LINK, self.looks(&origin.path))) {
                new.push((blob, origin, mode));
            } else {
                // Its path is looked at all the same.
                self.out.batch.seen.again += 1;
                self.out.push(Subject { origin, content: Content::Reference }, 0);
            }
        }
        let ids: Vec<Oid> = new.iter().map(|(blob, ..)| *blob).collect();
        let mut origins = new.into_iter();
        let Self { objects, out, git, .. } = self;
        objects.each::<GitError>(&ids, &mut |_, object| {
            let Some((_, origin, mode)) = origins.next() else { return Ok(()) };
            if out.stopped {
                return Ok(());
            }
            let bytes = object.as_ref().map_or(0, |object| object.size_bytes);
            let content = content(object, mode)?;
            let behind = behind(git, &content)?;
            if let Some((content, bytes)) = behind {
                out.push(Subject { origin: origin.clone(), content }, bytes);
            }
            out.push(Subject { origin, content }, bytes);
            Ok(())
        })
    }

    /// What the looks of a blob depend on beside its content, as its path says it.
    fn looks(&self, path: &[u8]) -> Vec<u8> {
        if self.by_path {
            return path.to_vec();
        }
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        String::from_utf8_lossy(name).to_lowercase().into_bytes()
    }
}

impl Out<'_> {
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

/// What a pointer of Git LFS stands for leaves with the next push: it is looked at where it lies. `None` for what is no
/// pointer.
fn behind(git: &Git, content: &Content) -> Result<Option<(Content, u64)>, GitError> {
    let Content::File(source) = content else { return Ok(None) };
    let Some(path) = pointer(source)? else { return Ok(None) };
    let file = open_plain(&git.common_dir().join("lfs/objects").join(path));
    Ok(Some(match file.map(|file| copy_into_memory(file, BLOB_BYTES_MAX)) {
        Some(Ok(source)) => {
            let bytes = source.size_bytes();
            (Content::File(source), bytes)
        }
        Some(Err(refusal)) => (Content::Unread(refusal), 0),
        None => {
            let detail = "a pointer of Git LFS, and what it stands for is not here: git lfs fetch";
            (Content::Unread(Refusal::new(Reason::Unreadable, detail)), 0)
        }
    }))
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
    let bytes_max = if link { LINK_BYTES_MAX } else { BLOB_BYTES_MAX };
    if object.size_bytes > bytes_max {
        let detail = format!("larger than the limit of {bytes_max} bytes");
        return Ok(Content::Unread(Refusal::new(Reason::TooLarge, detail)));
    }
    if link {
        return Ok(Content::Link(object.read()?));
    }
    let mut file = match memory_file() {
        Ok(file) => file,
        Err(refusal) => return Ok(Content::Unread(refusal)),
    };
    object.copy_to(&mut file)?;
    Ok(Source::memory(file).map_or_else(Content::Unread, Content::File))
}

/// Header and message of a commit or a tag. Of the header that is left what people wrote: no IDs, no signatures, no times.
fn parts(object: &[u8]) -> (Vec<u8>, &[u8]) {
    let end = object.windows(2).position(|pair| pair == b"\n\n");
    let (header, message) = end.map_or((object, &[][..]), |end| (&object[..=end], &object[end + 2..]));
    let mut kept = Vec::with_capacity(header.len());
    let mut leave_out = false;
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        // A line that begins with a space goes on with the one before.
        if !line.starts_with(b" ") {
            let key = line.split(|byte| *byte == b' ').next().unwrap_or_default();
            leave_out =
                matches!(key, b"tree" | b"parent" | b"object" | b"type" | b"gpgsig" | b"gpgsig-sha256");
        }
        let by = [&b"author "[..], b"committer ", b"tagger "].iter().any(|key| line.starts_with(key));
        let time = line.iter().rposition(|byte| *byte == b'>').filter(|_| by);
        match time {
            Some(end) => {
                kept.extend_from_slice(&line[..=end]);
                kept.push(b'\n');
            }
            None if leave_out => kept.push(b'\n'),
            None => kept.extend_from_slice(line),
        }
    }
    (kept, message)
}

/// The tag that a tag is of, if it is of one.
fn tagged(tag: &[u8]) -> Option<Oid> {
    let mut lines = tag.split(|byte| *byte == b'\n');
    let id = lines.next()?.strip_prefix(b"object ")?;
    (lines.next()? == b"type tag").then(|| Oid::parse(id))?
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
        // A link is its target; one whose name cannot be said again stays what cannot be read.
        let link = refusal.reason == Reason::SymbolicLink;
        let target = link.then(|| std::fs::read_link(&name).ok()).flatten();
        let content = target.map(|target| Content::Link(target.into_os_string().into_vec()));
        (name, content.unwrap_or(Content::Unread(refusal)))
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
    fn commits_and_tags_have_a_header_and_a_message() {
        let object = b"tree ab\nparent cd\nauthor A <a@b> 1764556176 +0000\nnote x\n y\ngpgsig -----\n AAAA\n\nfix: it\n\nbody\n";
        let (header, message) = parts(object);
        assert_eq!(header, b"\n\nauthor A <a@b>\nnote x\n y\n\n\n");
        assert_eq!(message, b"fix: it\n\nbody\n");
        assert_eq!(parts(b"tree a\n"), (b"\n".to_vec(), &b""[..]));
        let long = [b"tree a\n\n".as_slice(), &vec![b'x'; 3 << 20]].concat();
        assert_eq!(parts(&long).1.len(), 3 << 20);
        let id = "ab".repeat(20);
        assert_eq!(tagged(format!("object {id}\ntype tag\ntag x\n").as_bytes()), Oid::parse(id.as_bytes()));
        assert_eq!(tagged(format!("object {id}\ntype commit\ntag x\n").as_bytes()), None);
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
