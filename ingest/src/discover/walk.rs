//! The walk itself: roots, folders, archives. Everything is sorted by name, so that one tree gives one order.

use super::name::{Distinct, decode, display};
use super::source::{Container, Identity, Source, open_file, open_folder, special};
use super::{Artifact, Discovery, Given};
use crate::archive::{self, Budget, Member, Target, memory_file, seal};
use crate::at::fill_at;
use crate::sniff::{ZipKind, zip_kind};
use custody_rules::{Limits, Reason, Refusal};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, open, statat};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Device and inode.
type Inode = (u64, u64);

/// A walk under way.
pub(super) struct Walk {
    limits: Limits,
    exclude: Option<(Inode, PathBuf)>,
    /// Names of folders that are not entered.
    left_out: &'static [&'static str],
    /// Whether archives are files like any other.
    flat: bool,
    found: Discovery,
    /// Whether there are more files than the limit: then nothing more is looked at.
    full: bool,
}

/// Where something stands: in the output, for the user, and which components are archives.
#[derive(Clone, Default)]
struct Place {
    relative: Vec<String>,
    display: String,
    archive_depths: Vec<usize>,
}

impl Place {
    fn child(&self, name: String, shown: &str) -> Self {
        let mut child = self.clone();
        child.display = if child.display.is_empty() || child.display.ends_with('/') {
            format!("{}{}", child.display, display(shown))
        } else {
            format!("{}/{}", child.display, display(shown))
        };
        child.relative.push(name);
        child
    }
}

/// A folder that is open, and the folders it is in.
struct Folder<'a> {
    descriptor: &'a OwnedFd,
    root: &'a Arc<OwnedFd>,
    below: Vec<OsString>,
    ancestors: Vec<Inode>,
}

/// What is refused: this archive alone, or the outermost one around it.
enum Stop {
    This(Refusal),
    Outermost(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::This(refusal)
    }
}

/// How the names of folders begin in which a bundle is made.
pub const STAGING_PREFIX: &str = ".custody-";

impl Walk {
    pub(super) fn new(limits: Limits, exclude: Option<&Path>) -> Self {
        let exclude = exclude.and_then(|path| {
            let facts = path.metadata().ok()?;
            Some(((facts.dev(), facts.ino()), path.canonicalize().ok()?))
        });
        Self { limits, exclude, left_out: &[], flat: false, found: Discovery::default(), full: false }
    }

    /// Enters no archive, and no folder of one of these names.
    pub(super) fn files_alone(&mut self, left_out: &'static [&'static str]) {
        (self.left_out, self.flat) = (left_out, true);
    }

    /// Takes a file that is at hand.
    pub(super) fn given(&mut self, given: Given) {
        let Given { relative, display, source } = given;
        let place = Place { relative, display, archive_depths: Vec::new() };
        match source.open() {
            Ok(file) => self.file(&file, source, place),
            Err(refusal) => self.found.refused.push((place.display, refusal)),
        }
    }

    /// Everything found, in its order.
    pub(super) fn finish(mut self) -> Discovery {
        self.found.artifacts.sort_by(|a, b| a.relative.cmp(&b.relative));
        self.found.refused.sort_by(|a, b| a.0.cmp(&b.0));
        self.found
    }

    pub(super) fn roots(&mut self, roots: &[PathBuf]) {
        let mut names = Distinct::default();
        for root in roots {
            let shown = display(&root.to_string_lossy());
            let place = Place { display: shown.clone(), ..Place::default() };
            if let Err(refusal) = self.root(root, place, (roots.len() == 1, &mut names)) {
                self.found.refused.push((shown, refusal));
            }
        }
    }

    fn root(
        &mut self,
        path: &Path,
        mut place: Place,
        (alone, names): (bool, &mut Distinct),
    ) -> Result<(), Refusal> {
        let facts = path.metadata()?;
        if let Some((_, exclude)) = &self.exclude
            && path.canonicalize()?.starts_with(exclude)
        {
            return Err(Refusal::new(
                Reason::Unreadable,
                "it is inside the output folder: choose another one",
            ));
        }
        if !(alone && facts.is_dir()) {
            place.relative.push(names.take(root_name(path)?));
        }
        if facts.is_dir() {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let root = Arc::new(open(path, flags, Mode::empty()).map_err(io::Error::from)?);
            let ancestors = vec![(facts.dev(), facts.ino())];
            let folder = Folder { descriptor: &root, root: &root, below: Vec::new(), ancestors };
            return self.folder(&folder, &place);
        }
        if !facts.is_file() {
            return Err(special());
        }
        let source = Source::named(path.to_owned(), Identity::of(&facts));
        let file = source.open()?;
        self.file(&file, source, place);
        Ok(())
    }

    /// Whether one more file may be taken; says so once where it may not.
    fn has_room(&mut self, place: &Place) -> bool {
        if !self.full && self.found.artifacts.len() + self.found.refused.len() >= self.limits.files_max {
            self.full = true;
            self.found.refused.push((place.display.clone(), self.too_many()));
        }
        !self.full
    }

    fn too_many(&self) -> Refusal {
        let limit = self.limits.files_max;
        Refusal::new(
            Reason::TooLarge,
            format!("more than the limit of {limit} files in one run: nothing from here on was looked at"),
        )
    }

    fn folder(&mut self, folder: &Folder<'_>, place: &Place) -> Result<(), Refusal> {
        let names = self.names(folder.descriptor)?;
        let mut distinct = Distinct::default();
        names.iter().filter_map(|name| name.to_str()).for_each(|name| distinct.reserve(name));
        for name in names {
            let text = decode(&name);
            let relative = if name.to_str().is_some() { text.clone() } else { distinct.take(text.clone()) };
            let child = place.child(relative, &text);
            if !self.has_room(&child) {
                break;
            }
            if let Err(refusal) = self.entry(folder, name, &child) {
                self.found.refused.push((child.display, refusal));
            }
        }
        Ok(())
    }

    /// A folder's names, sorted.
    fn names(&self, folder: &OwnedFd) -> Result<Vec<OsString>, Refusal> {
        let mut names = Vec::new();
        for entry in Dir::read_from(folder).map_err(io::Error::from)? {
            let entry = entry.map_err(io::Error::from)?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                names.push(name.to_owned());
            }
            if names.len() > self.limits.files_max {
                return Err(self.too_many());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn entry(&mut self, folder: &Folder<'_>, name: OsString, place: &Place) -> Result<(), Refusal> {
        let facts = statat(folder.descriptor, &name, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
        match FileType::from_raw_mode(facts.st_mode) {
            FileType::Symlink => {
                Err(Refusal::new(Reason::SymbolicLink, "a symbolic link: links are not followed"))
            }
            FileType::Directory if name.to_string_lossy().starts_with(STAGING_PREFIX) => Err(Refusal::new(
                Reason::Unsupported,
                "what an interrupted run of custody left behind: delete it",
            )),
            FileType::Directory if self.left_out.iter().any(|one| name == *one) => Ok(()),
            FileType::Directory => self.subfolder(folder, name, place),
            FileType::RegularFile => {
                let file = open_file(folder.descriptor, &name)?;
                let path = folder.below.iter().cloned().chain([name]).collect();
                let source = Source::below(folder.root.clone(), path, Identity::of(&file.metadata()?));
                self.file(&file, source, place.clone());
                Ok(())
            }
            _ => Err(special()),
        }
    }

    fn subfolder(&mut self, folder: &Folder<'_>, name: OsString, place: &Place) -> Result<(), Refusal> {
        let descriptor = open_folder(folder.descriptor, &name)?;
        let facts = fstat(&descriptor).map_err(io::Error::from)?;
        let inode = (facts.st_dev, facts.st_ino);
        if self.exclude.as_ref().is_some_and(|(exclude, _)| *exclude == inode) {
            return Ok(());
        }
        check_folder(inode, &folder.ancestors, &self.limits)?;
        let below = folder.below.iter().cloned().chain([name]).collect();
        let ancestors = folder.ancestors.iter().copied().chain([inode]).collect();
        self.folder(&Folder { descriptor: &descriptor, root: folder.root, below, ancestors }, place)
    }

    /// Takes a file: as an archive where it is one, as an artifact otherwise.
    fn file(&mut self, file: &File, source: Source, place: Place) {
        if !self.has_room(&place) {
            return;
        }
        if self.flat || !is_archive(file, &self.limits) {
            self.take(place, source);
            return;
        }
        let marks = (self.found.artifacts.len(), self.found.refused.len());
        let mut budget = Budget::new(source.size_bytes(), &self.limits);
        let shown = place.display.clone();
        let done = self.archive(file, (Arc::new(Container::OnDisk(source)), place), &mut budget);
        if let Err(Stop::This(refusal) | Stop::Outermost(refusal)) = done {
            self.found.artifacts.truncate(marks.0);
            self.found.refused.truncate(marks.1);
            self.found.refused.push((shown, refusal));
        }
    }

    fn take(&mut self, place: Place, source: Source) {
        let Place { relative, display, archive_depths } = place;
        self.found.artifacts.push(Artifact { relative, archive_depths, display, source });
    }

    /// Takes an archive's members. On an error, what it has added already must be taken back.
    fn archive(
        &mut self,
        file: &File,
        (container, mut place): (Arc<Container>, Place),
        budget: &mut Budget,
    ) -> Result<(), Stop> {
        place.archive_depths.push(place.relative.len().saturating_sub(1));
        let listing = archive::list(file, &self.limits)?;
        if listing.members.is_empty() && listing.refused.is_empty() {
            return Err(Refusal::new(Reason::Empty, "an archive without files").into());
        }
        for (name, refusal) in listing.refused {
            self.check_room()?;
            let shown = format!("{}/{}", place.display, display(&name));
            self.found.refused.push((shown, refusal));
        }
        for member in listing.members {
            self.check_room()?;
            let mut child = place.clone();
            for component in &member.path {
                child = child.child(component.clone(), component);
            }
            let shown = child.display.clone();
            let marks = (self.found.artifacts.len(), self.found.refused.len());
            match self.member((file, &container), member, child, budget) {
                Ok(()) => {}
                Err(Stop::This(refusal)) if !budget.is_exhausted() => {
                    self.found.artifacts.truncate(marks.0);
                    self.found.refused.truncate(marks.1);
                    self.found.refused.push((shown, refusal));
                }
                Err(Stop::This(refusal) | Stop::Outermost(refusal)) => return Err(Stop::Outermost(refusal)),
            }
        }
        Ok(())
    }

    fn check_room(&self) -> Result<(), Stop> {
        if self.found.artifacts.len() + self.found.refused.len() < self.limits.files_max {
            return Ok(());
        }
        Err(Stop::Outermost(self.too_many()))
    }

    /// Counts a member's bytes; keeps those of an archive in memory and takes its members in turn.
    fn member(
        &mut self,
        (file, container): (&File, &Arc<Container>),
        member: Member,
        place: Place,
        budget: &mut Budget,
    ) -> Result<(), Stop> {
        if place.relative.len() > self.limits.depth_max.saturating_add(1) {
            return Err(too_deep(&self.limits).into());
        }
        let mut counted = Counted { budget, bytes: 0, kept: None };
        archive::expand(file, &member.entry, &mut counted)?;
        let Counted { bytes, kept, .. } = counted;
        if let Some(kept) = kept {
            let kept = seal(kept)?;
            if matches!(zip_kind(&kept, &self.limits), Ok(ZipKind::Archive)) {
                let inner = Arc::new(Container::InMemory(kept.try_clone().map_err(Refusal::from)?));
                return self.archive(&kept, (inner, place), budget);
            }
        }
        self.take(place, Source::member(container.clone(), Arc::new(member.entry), bytes));
        Ok(())
    }
}

/// Counts bytes, and keeps them when the first ones are those of a ZIP.
struct Counted<'a> {
    budget: &'a mut Budget,
    bytes: u64,
    kept: Option<File>,
}

impl Target for Counted<'_> {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.budget.take(bytes.len())?;
        if self.bytes == 0 && bytes.starts_with(b"PK") {
            self.kept = Some(memory_file()?);
        }
        self.bytes += bytes.len() as u64;
        if let Some(kept) = &mut self.kept {
            kept.write_all(bytes)?;
        }
        Ok(())
    }
}

/// Whether a file is an archive to enter. Whatever else it is, or is wrong with it, sniffing will say.
fn is_archive(file: &File, limits: &Limits) -> bool {
    let mut head = [0; 4];
    matches!(fill_at(file, &mut head, 0), Ok(4))
        && head.starts_with(b"PK")
        && matches!(zip_kind(file, limits), Ok(ZipKind::Archive))
}

/// Refuses folders that are too deep or contain themselves, as bind mounts can make them.
fn check_folder(inode: Inode, ancestors: &[Inode], limits: &Limits) -> Result<(), Refusal> {
    if ancestors.contains(&inode) {
        return Err(Refusal::new(Reason::TooDeep, "a folder that contains itself"));
    }
    if ancestors.len() > limits.depth_max {
        return Err(too_deep(limits));
    }
    Ok(())
}

fn too_deep(limits: &Limits) -> Refusal {
    let detail =
        format!("more than the limit of {} folders and archives inside one another", limits.depth_max);
    Refusal::new(Reason::TooDeep, detail)
}

/// The name a root gives its paths: its own, or that of the folder `.` and `..` stand for.
fn root_name(path: &Path) -> Result<String, Refusal> {
    if let Some(name) = path.file_name() {
        return Ok(decode(name));
    }
    Ok(path.canonicalize()?.file_name().map_or_else(|| "root".to_owned(), decode))
}
