//! Finds artifacts: walks files, folders and archives in one fixed order. Follows no link below what it was
//! given, enters nothing twice, and lists whatever it does not take.

mod name;
mod source;
mod walk;

use custody_rules::{Limits, Refusal};
use std::fmt;
use std::path::{Path, PathBuf};

pub use source::Source;
pub use walk::STAGING_PREFIX;

/// One input file, or one member of an archive.
#[derive(Clone)]
pub struct Artifact {
    /// Where it belongs in the output: components, those of archives included. Unique in one discovery.
    pub relative: Vec<String>,
    /// Indices of the components of `relative` that are archives, outermost first.
    pub archive_depths: Vec<usize>,
    /// Its name as the user gave it, fit for a terminal and nothing else.
    pub display: String,
    /// Its content.
    pub source: Source,
}

impl fmt::Debug for Artifact {
    /// Shows no name: names can hold what is to be redacted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let depth = self.relative.len();
        f.debug_struct("Artifact")
            .field("components", &depth)
            .field("archives", &self.archive_depths.len())
            .finish_non_exhaustive()
    }
}

/// What a walk found.
#[derive(Default)]
pub struct Discovery {
    /// In the order of their relative paths, component by component.
    pub artifacts: Vec<Artifact>,
    /// Display names of what is not taken, each with its reason, in their order.
    pub refused: Vec<(String, Refusal)>,
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = (self.artifacts.len(), self.refused.len());
        f.debug_struct("Discovery").field("artifacts", &counts.0).field("refused", &counts.1).finish()
    }
}

/// Walks files, folders and archives. Of a single folder, paths are relative to it; of several roots, each
/// path begins with its root's name, made distinct by ` (2)` where two are the same. `exclude` is a folder
/// that is never entered: the one the output goes to.
///
/// Archives are expanded once here, to know their members and that they are sound.
pub fn discover(roots: &[PathBuf], limits: &Limits, exclude: Option<&Path>) -> Discovery {
    let mut walk = walk::Walk::new(*limits, exclude);
    walk.roots(roots);
    walk.finish()
}

/// A file that is not looked for: its content is at hand, and so is its place.
#[derive(Clone)]
pub struct Given {
    /// Components of its path.
    pub relative: Vec<String>,
    /// Its name for people.
    pub display: String,
    /// Its content.
    pub source: Source,
}

impl fmt::Debug for Given {
    /// Shows no name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("components", &self.relative.len()).finish_non_exhaustive()
    }
}

/// Takes a file that is at hand as a walk would take it: as an artifact, or as an archive with the artifacts in it. Archives
/// inside archives and all limits are those of [`discover`].
pub fn discover_given(given: Given, limits: &Limits) -> Discovery {
    let mut walk = walk::Walk::new(*limits, None);
    walk.given(given);
    walk.finish()
}

/// Walks as [`discover`] does, but takes every file as it is, archives too, and enters no folder of one of these names.
pub fn discover_files(roots: &[PathBuf], limits: &Limits, left_out: &'static [&'static str]) -> Discovery {
    let mut walk = walk::Walk::new(*limits, None);
    walk.files_alone(left_out);
    walk.roots(roots);
    walk.finish()
}

#[cfg(test)]
mod tests;
