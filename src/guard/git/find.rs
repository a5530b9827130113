//! Finds the repository of a folder and starts git in it, with an environment and settings of our own. The repository's
//! configuration is foreign: what it could run is switched off.

use super::{GitError, Oid};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Variables of Git's that stay: where its user keeps settings, and how far up it may look.
const KEPT: [&str; 5] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];
/// Objects that a push has brought and that are not the repository's yet.
const QUARANTINE: [&str; 3] =
    ["GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];
/// Settings that stand above those of the repository: nothing is run, fetched, written or taken from a cache that says what
/// a commit's parents are.
const SETTINGS: [&str; 9] = [
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.hooksPath=/dev/null",
    "core.commitGraph=false",
    "protocol.allow=never",
    "log.showSignature=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "submodule.recurse=false",
];

/// A branch or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its full name.
    pub name: String,
    /// The object that says who tagged and why; of an annotated tag only.
    pub tag: Option<Oid>,
}

/// A repository.
pub struct Git {
    /// Where git runs: the folder it was found from.
    folder: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    kept: Vec<(OsString, OsString)>,
}

impl fmt::Debug for Git {
    /// Shows no path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Git").field("bare", &self.work_tree.is_none()).finish_non_exhaustive()
    }
}

impl Git {
    /// Finds the repository of `folder`. A hook is told its repository by `GIT_DIR` and `GIT_INDEX_FILE`: they hold if they
    /// mean this one.
    ///
    /// # Errors
    /// [`GitError`]: none, one that Git does not trust, or another one than the environment means.
    pub fn find(folder: &Path) -> Result<Self, GitError> {
        let folder = folder.canonicalize().map_err(|_| GitError::NoRepository)?;
        let mut git = Self {
            folder,
            git_dir: PathBuf::new(),
            common_dir: PathBuf::new(),
            work_tree: None,
            kept: Vec::new(),
        };
        let named = std::env::var_os("GIT_DIR").map(|dir| git.folder.join(dir));
        let found = match (git.ask(&["rev-parse", "--absolute-git-dir"], false), &named) {
            (Ok(path), Some(named)) if !is_same(&path, named) => return Err(GitError::OtherRepository),
            (Ok(path), _) => path,
            // A repository beside its work tree is known by its name alone; Git itself says whether it is one.
            (Err(GitError::NoRepository), Some(named)) => {
                git.git_dir.clone_from(named);
                git.ask(&["rev-parse", "--absolute-git-dir"], true)?
            }
            (Err(error), _) => return Err(error),
        };
        git.git_dir = found;
        git.common_dir = git.ask(&["rev-parse", "--path-format=absolute", "--git-common-dir"], true)?;
        git.work_tree = git.find_work_tree(named.is_some());
        git.keep_variables()?;
        Ok(git)
    }

    /// The top of the work tree; none of a bare repository.
    fn find_work_tree(&self, named: bool) -> Option<PathBuf> {
        if let Some(tree) = std::env::var_os("GIT_WORK_TREE").filter(|_| named) {
            return Some(self.folder.join(tree));
        }
        self.ask(&["rev-parse", "--show-toplevel"], false).ok()
    }

    /// What of the environment holds in here: an index and objects of this repository.
    fn keep_variables(&mut self) -> Result<(), GitError> {
        if let Some(index) = std::env::var_os("GIT_INDEX_FILE") {
            let index = self.folder.join(index);
            let parent = index.parent().and_then(|parent| parent.canonicalize().ok());
            if !parent.is_some_and(|parent| self.holds(&parent)) {
                return Err(GitError::ForeignIndex);
            }
            self.kept.push(("GIT_INDEX_FILE".into(), index.into()));
        }
        let quarantine = std::env::var_os(QUARANTINE[0]).map(|path| self.folder.join(path));
        if quarantine.and_then(|path| path.canonicalize().ok()).is_some_and(|path| self.holds(&path)) {
            for name in QUARANTINE {
                self.kept.extend(std::env::var_os(name).map(|value| (name.into(), value)));
            }
        }
        Ok(())
    }

    fn holds(&self, path: &Path) -> bool {
        let below = |folder: &Path| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder));
        below(&self.git_dir) || below(&self.common_dir)
    }

    /// One path that git names: of the repository that is known, or of the one that it finds itself.
    fn ask(&self, args: &[&'static str], known: bool) -> Result<PathBuf, GitError> {
        let mut command = self.builder(args[0], (known, false));
        let output = output(command.args(&args[1..]).stderr(Stdio::piped()))?;
        if !output.status.success() {
            let said = |words: &[u8]| output.stderr.windows(words.len()).any(|window| window == words);
            let untrusted = said(b"dubious ownership") || said(b"safe.directory");
            return Err(if untrusted { GitError::OtherOwner } else { GitError::NoRepository });
        }
        let mut path = output.stdout;
        if path.pop() != Some(b'\n') || path.is_empty() {
            return Err(GitError::Malformed { command: "rev-parse", what: "a path" });
        }
        Ok(OsString::from_vec(path).into())
    }

    /// A command in the repository that is known, or in the one that it finds; with the user's folder of hooks, or with none.
    fn builder(&self, subcommand: &str, (known, hooks): (bool, bool)) -> Command {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            let kept = KEPT.iter().any(|kept| name == *kept);
            if name.as_bytes().starts_with(b"GIT_") && !kept {
                command.env_remove(name);
            }
        }
        let ours = [
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            // An empty list: it stands above what a repository says of single protocols, and above older settings.
            ("GIT_ALLOW_PROTOCOL", ""),
            ("GIT_GRAFT_FILE", "/dev/null"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("LC_ALL", "C"),
        ];
        command.current_dir(&self.folder).envs(ours).args(["--no-pager", "--literal-pathspecs"]);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        for setting in SETTINGS.iter().filter(|setting| !(hooks && setting.starts_with("core.hooksPath"))) {
            command.args(["-c", setting]);
        }
        if known {
            command.env("GIT_DIR", &self.git_dir);
            // Paths of the index are from the top, wherever the top is said to be.
            if let Some(top) = &self.work_tree {
                command.current_dir(top).env("GIT_WORK_TREE", top);
            }
            self.kept.iter().for_each(|(name, value)| _ = command.env(name, value));
        }
        command.arg(subcommand);
        command
    }

    /// A command in this repository; its standard input is empty, its errors go nowhere.
    pub(super) fn command(&self, subcommand: &str) -> Command {
        self.builder(subcommand, (true, false))
    }

    /// Runs a command to its end; what it wrote, or `None` when it ended with another exit code than 0.
    pub(super) fn run<S: AsRef<OsStr>>(
        &self,
        subcommand: &str,
        args: &[S],
    ) -> Result<Option<Vec<u8>>, GitError> {
        let output = output(self.command(subcommand).args(args))?;
        Ok(output.status.success().then_some(output.stdout))
    }

    /// The commit that a name stands for.
    ///
    /// # Errors
    /// [`GitError::UnknownRevision`], with `what` as what it is called.
    pub fn commit(&self, revision: &str, what: &'static str) -> Result<Oid, GitError> {
        let name = format!("{revision}^{{commit}}");
        let said = self.run("rev-parse", &["--verify", "--quiet", "--end-of-options", &name])?;
        said.and_then(|said| Oid::parse(said.trim_ascii())).ok_or(GitError::UnknownRevision(what))
    }

    /// The commit that `HEAD` is at; `None` before the first one.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn head(&self) -> Result<Option<Oid>, GitError> {
        match self.commit("HEAD", "HEAD") {
            Ok(id) => Ok(Some(id)),
            Err(GitError::UnknownRevision(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The full name of the branch that `HEAD` is on.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn branch(&self) -> Result<Option<String>, GitError> {
        let said = self.run("symbolic-ref", &["--quiet", "HEAD"])?;
        Ok(said.map(|said| String::from_utf8_lossy(said.trim_ascii()).into_owned()))
    }

    /// Branches and tags at a commit.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn names_at(&self, commit: Oid) -> Result<Vec<Named>, GitError> {
        let at = format!("--points-at={commit}");
        let form = "--format=%(objecttype) %(objectname) %(refname)";
        let said = self.run("for-each-ref", &[form, &at, "refs/heads", "refs/tags"])?;
        let said = said.ok_or(GitError::Failed { command: "for-each-ref", code: 1 })?;
        String::from_utf8_lossy(&said).lines().map(named).collect()
    }

    /// Whether history ends where it was cut off.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn is_shallow(&self) -> Result<bool, GitError> {
        let said = self.run("rev-parse", &["--is-shallow-repository"])?;
        Ok(said.is_some_and(|said| said.trim_ascii() == b"true"))
    }

    /// Whether it has no work tree, by its own settings.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn is_bare(&self) -> Result<bool, GitError> {
        let said = self.run("rev-parse", &["--is-bare-repository"])?;
        Ok(said.is_some_and(|said| said.trim_ascii() == b"true"))
    }

    /// The top of the work tree; `None` where there is none.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The folder that all work trees of the repository share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The folder that hooks are taken from, as the user has set it.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn hooks_dir(&self) -> Result<PathBuf, GitError> {
        let mut command = self.builder("rev-parse", (true, true));
        // A relative setting is meant from the top of the work tree.
        command.current_dir(self.work_tree.as_deref().unwrap_or(&self.git_dir));
        let output = output(command.args(["--path-format=absolute", "--git-path", "hooks"]))?;
        let mut path = output.stdout;
        if !output.status.success() || path.pop() != Some(b'\n') {
            return Err(GitError::Malformed { command: "rev-parse", what: "the folder of hooks" });
        }
        Ok(OsString::from_vec(path).into())
    }
}

fn output(command: &mut Command) -> Result<Output, GitError> {
    command.output().map_err(|error| GitError::Missing(error.kind()))
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// A line of `for-each-ref`.
fn named(line: &str) -> Result<Named, GitError> {
    let malformed = GitError::Malformed { command: "for-each-ref", what: "a name" };
    let mut words = line.splitn(3, ' ');
    let (Some(kind), Some(id), Some(name)) = (words.next(), words.next(), words.next()) else {
        return Err(malformed);
    };
    let id = Oid::parse(id.as_bytes()).ok_or(malformed)?;
    Ok(Named { name: name.to_owned(), tag: (kind == "tag").then_some(id) })
}
