//! ZIP archives: which members they have, under which names, and their content within limits. What an archive
//! says of sizes is never trusted; bytes are counted while they are expanded. Writes nothing to disk.

mod directory;

use crate::at::ReadAt;
use custody_rules::{Limits, Reason, Refusal};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use zip::read::{Config, OwnedZipFileEntry, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

/// Expanded bytes below which no archive is taken for a bomb, whatever its ratio.
const BOMB_BYTES_MIN: u64 = 10 << 20;
const BLOCK_BYTES: usize = 64 << 10;
const NAME_BYTES_MAX: usize = 4_096;
/// Longest file name that Linux file systems take.
const COMPONENT_BYTES_MAX: usize = 255;

/// Counts what an archive, the archives inside it included, expands to.
#[derive(Debug)]
pub(crate) struct Budget {
    expanded_bytes: u64,
    expanded_bytes_max: u64,
    bomb_bytes: u64,
}

impl Budget {
    /// A budget for an archive of so many packed bytes.
    pub(crate) fn new(packed_bytes: u64, limits: &Limits) -> Self {
        Self {
            expanded_bytes: 0,
            expanded_bytes_max: limits.expanded_bytes_max,
            bomb_bytes: packed_bytes.saturating_mul(limits.ratio_max).max(BOMB_BYTES_MIN),
        }
    }

    /// Takes so many bytes out of the budget.
    ///
    /// # Errors
    /// A [`Refusal`] of the whole archive when nothing is left.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.expanded_bytes = self.expanded_bytes.saturating_add(bytes as u64);
        if self.expanded_bytes > self.bomb_bytes {
            let detail =
                format!("it expands to more than {} bytes, far beyond its packed size", self.bomb_bytes);
            return Err(Refusal::new(Reason::ZipBomb, detail));
        }
        if self.expanded_bytes > self.expanded_bytes_max {
            let detail = format!("it expands to more than the limit of {} bytes", self.expanded_bytes_max);
            return Err(Refusal::new(Reason::TooLarge, detail));
        }
        Ok(())
    }

    /// Whether the budget is exhausted.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.expanded_bytes > self.bomb_bytes.min(self.expanded_bytes_max)
    }
}

/// A member that can be expanded.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) path: Vec<String>,
    pub(crate) entry: OwnedZipFileEntry,
}

/// Members in the order of their paths, and the names of those that are refused.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) members: Vec<Member>,
    pub(crate) refused: Vec<(String, Refusal)>,
}

/// Lists an archive's members. Folders are left out.
///
/// # Errors
/// A [`Refusal`] of the whole archive: no central directory, two members of one name, too many members.
pub(crate) fn list(file: &File, limits: &Limits) -> Result<Listing, Refusal> {
    let mut listing = Listing::default();
    let mut names: BTreeMap<Vec<String>, OwnedZipFileEntry> = BTreeMap::new();
    each_entry(file, limits, &mut |entry| {
        let raw = entry.name_raw().to_vec();
        match judge(&entry) {
            Ok(None) => {}
            Ok(Some(path)) => {
                if names.insert(path, entry.into()).is_some() {
                    return Err(Refusal::new(Reason::Malformed, "two members have the same name"));
                }
            }
            Err(refusal) => listing.refused.push((String::from_utf8_lossy(&raw).into_owned(), refusal)),
        }
        Ok(())
    })?;
    let paths: Vec<&Vec<String>> = names.keys().collect();
    // Sorted, a folder comes right before what is in it.
    if paths.windows(2).any(|pair| pair[1].starts_with(pair[0])) {
        return Err(Refusal::new(Reason::Malformed, "a member is a file and a folder at once"));
    }
    listing.members = names.into_iter().map(|(path, entry)| Member { path, entry }).collect();
    listing.refused.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(listing)
}

/// Goes through the central directory without trusting its count.
pub(crate) fn each_entry(
    file: &File,
    limits: &Limits,
    each: &mut dyn FnMut(ZipFileEntry<'static>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut archive =
        ZipIterable::try_new(ReadAt::new(file), Config::default()).map_err(|error| match error {
            ZipError::Io(error) if error.kind() != ErrorKind::UnexpectedEof => Refusal::from_io(&error),
            ZipError::UnsupportedArchive(_) => {
                Refusal::new(Reason::Unsupported, "an archive in several parts")
            }
            _ => Refusal::new(
                Reason::Truncated,
                "the archive has no sound directory at its end: it was cut off or damaged",
            ),
        })?;
    if archive.len() > limits.files_max {
        let detail = format!("the archive has more than the limit of {} members", limits.files_max);
        return Err(Refusal::new(Reason::TooLarge, detail));
    }
    // The end record's count may be smaller than its directory: members would vanish unlisted.
    if directory::entries(file)? != Some(archive.len() as u64) {
        return Err(Refusal::new(
            Reason::Malformed,
            "the archive's directory does not have the number of members it states",
        ));
    }
    for entry in archive.files().map_err(|error| refusal(&error))? {
        each(entry.map_err(|_| Refusal::new(Reason::Malformed, "the archive's directory is damaged"))?)?;
    }
    Ok(())
}

/// The member's path, or `None` for a folder.
fn judge(entry: &ZipFileEntry<'_>) -> Result<Option<Vec<String>>, Refusal> {
    let name = entry.name().map_err(|error| refusal(&error))?;
    let path = member_path(&name)?;
    if entry.is_symlink() {
        return Err(Refusal::new(Reason::PathEscape, "the member is a symbolic link"));
    }
    if entry.is_dir() {
        let empty = entry.size() == 0;
        return if empty {
            Ok(None)
        } else {
            Err(Refusal::new(Reason::Malformed, "a folder with content of its own"))
        };
    }
    if entry.encrypted() {
        return Err(Refusal::new(Reason::Encrypted, "the member is locked with a password: unpack it first"));
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(Refusal::new(
            Reason::Unsupported,
            "the member is packed in a way other than deflate: pack it again",
        ));
    }
    Ok(Some(path))
}

/// Cuts a member's name into components; a name that could leave the archive's folder is refused.
pub(crate) fn member_path(name: &str) -> Result<Vec<String>, Refusal> {
    let escape = |detail: &str| Err(Refusal::new(Reason::PathEscape, detail));
    if name.len() > NAME_BYTES_MAX {
        return escape("the member's name is longer than 4,096 bytes");
    }
    if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') {
        return escape("the member's name is an absolute path");
    }
    if name.contains(['\\', '\0']) {
        return escape("the member's name has a backslash or a NUL");
    }
    let mut path = Vec::new();
    for component in name.strip_suffix('/').unwrap_or(name).split('/') {
        match component {
            "." if path.is_empty() => {}
            "" | "." | ".." => {
                return escape("the member's name has a component that is empty or dots alone");
            }
            long if long.len() > COMPONENT_BYTES_MAX => {
                return escape("the member's name has a component of more than 255 bytes");
            }
            component => path.push(component.to_owned()),
        }
    }
    Ok(path)
}

/// Where a member's bytes go: told whether to keep them once the first ones are known.
pub(crate) trait Target {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// A [`Refusal`] of the member or, with an exhausted budget, of the archive.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal>;
}

impl<F: FnMut(&[u8]) -> Result<(), Refusal>> Target for F {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self(bytes)
    }
}

/// Expands a member and checks its checksum.
///
/// # Errors
/// A [`Refusal`] of the member, or whatever `target` refuses.
pub(crate) fn expand(
    archive: &File,
    entry: &OwnedZipFileEntry,
    target: &mut dyn Target,
) -> Result<(), Refusal> {
    let mut reader = ReadAt::new(archive);
    let mut member =
        entry.as_ref().with_reader(&mut reader, ZipReadOptions::new()).map_err(|error| refusal(&error))?;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match member.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(n) => target.take(&block[..n])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(refusal(&ZipError::Io(error))),
        }
    }
}

/// Expands everything into nothing, to know that an archive (or a workbook that is one) is within limits.
/// Returns the expanded bytes.
///
/// # Errors
/// A [`Refusal`] when the archive is broken, locked or a bomb.
pub fn measure(file: &File, limits: &Limits) -> Result<u64, Refusal> {
    let mut budget = Budget::new(file.metadata()?.len(), limits);
    each_entry(file, limits, &mut |entry| {
        if judge(&entry)?.is_none() {
            return Ok(());
        }
        expand(file, &entry.into(), &mut |bytes: &[u8]| budget.take(bytes.len()))
    })?;
    Ok(budget.expanded_bytes)
}

/// A file that lives in memory alone.
///
/// # Errors
/// [`Reason::Unreadable`](custody_rules::Reason::Unreadable) or the like on a machine without memory files.
pub fn memory_file() -> Result<File, Refusal> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let descriptor = memfd_create("custody", flags).map_err(std::io::Error::from)?;
    Ok(descriptor.into())
}

/// Makes a memory file unchangeable for whoever gets its descriptor, and goes back to its first byte.
pub(crate) fn seal(mut file: File) -> Result<File, Refusal> {
    file.rewind()?;
    let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    fcntl_add_seals(&file, seals).map_err(std::io::Error::from)?;
    Ok(file)
}

fn refusal(error: &ZipError) -> Refusal {
    match error {
        ZipError::Io(error) => match error.kind() {
            ErrorKind::UnexpectedEof => Refusal::new(Reason::Truncated, "the member ends too early"),
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => {
                Refusal::new(Reason::Malformed, "the member's packed data or checksum is wrong")
            }
            _ => Refusal::from_io(error),
        },
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Refusal::new(Reason::Unsupported, "the member is packed in a way that is not supported")
        }
        _ => Refusal::new(Reason::Malformed, "the member's entry in the archive is damaged"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).expect("a member");
            writer.write_all(bytes).expect("in memory");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = memory_file().expect("a memory file");
        file.write_all(bytes).expect("in memory");
        file
    }

    fn reason<T>(result: Result<T, Refusal>) -> Option<Reason> {
        result.err().map(|refusal| refusal.reason)
    }

    #[test]
    fn members_come_sorted() {
        let listing = list(&file(&zip(&[("b", b"2"), ("a/c", b"1"), ("./a/b", b"0")])), &Limits::default());
        let listing = listing.expect("sound");
        let paths: Vec<_> = listing.members.iter().map(|member| member.path.join("/")).collect();
        assert_eq!(paths, ["a/b", "a/c", "b"]);
    }

    #[test]
    fn names_that_escape_are_refused() {
        for name in ["../a", "a/../b", "/a", "C:a", "a\\b", "a\0b", "a//b", "..", "", "a/./b"] {
            assert_eq!(reason(member_path(name)), Some(Reason::PathEscape), "{name}");
        }
        assert_eq!(reason(member_path(&"x".repeat(256))), Some(Reason::PathEscape));
        assert_eq!(member_path("./a/b..c/..d"), Ok(vec!["a".into(), "b..c".into(), "..d".into()]));
        let listing = list(&file(&zip(&[("../a", b"1"), ("b", b"2")])), &Limits::default()).expect("sound");
        assert_eq!((listing.members.len(), listing.refused.len()), (1, 1));
    }

    #[test]
    fn a_truncated_archive_is_refused() {
        let whole = zip(&[("a", &[7; 1000]), ("b", b"x")]);
        for length in [4, whole.len() / 2, whole.len() - 1] {
            assert_eq!(reason(list(&file(&whole[..length]), &Limits::default())), Some(Reason::Truncated));
        }
    }

    #[test]
    fn names_that_clash_are_refused() {
        let clash = zip(&[("a", b"1"), ("./a", b"2")]);
        assert_eq!(reason(list(&file(&clash), &Limits::default())), Some(Reason::Malformed));
        let clash = zip(&[("a", b"1"), ("a/b", b"2")]);
        assert_eq!(reason(list(&file(&clash), &Limits::default())), Some(Reason::Malformed));
        let mut twice = zip(&[("same1", b"1"), ("same2", b"2")]);
        let at: Vec<_> = memchr::memmem::find_iter(&twice, b"same2").collect();
        at.iter().for_each(|at| twice[at + 4] = b'1');
        assert_eq!(reason(list(&file(&twice), &Limits::default())), Some(Reason::Malformed));
    }

    #[test]
    fn a_bomb_is_counted_not_believed() {
        let limits = Limits::default();
        let bomb = zip(&[("zeros", &vec![0; 30 << 20])]);
        assert_eq!(reason(measure(&file(&bomb), &limits)), Some(Reason::ZipBomb));
        let small = Limits { expanded_bytes_max: 99, ..limits };
        assert_eq!(reason(measure(&file(&zip(&[("a", &[1; 100])])), &small)), Some(Reason::TooLarge));
        assert_eq!(measure(&file(&zip(&[("a", &[1; 100])])), &limits), Ok(100));
        let few = Limits { files_max: 1, ..limits };
        assert_eq!(reason(list(&file(&zip(&[("a", b""), ("b", b"")])), &few)), Some(Reason::TooLarge));
    }

    #[test]
    fn damaged_content_is_noticed() {
        let mut bytes = zip(&[("a", b"content that is long enough to be looked for")]);
        bytes[40] ^= 0x55;
        assert!(measure(&file(&bytes), &Limits::default()).is_err());
        // A directory that says less than there is.
        let mut bytes = zip(&[("a", &[9; 5000])]);
        let central = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("a directory");
        bytes[central + 24..central + 28].copy_from_slice(&10_u32.to_le_bytes());
        assert_eq!(reason(measure(&file(&bytes), &Limits::default())), Some(Reason::Malformed));
    }
}
