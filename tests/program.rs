//! Runs the built program in a folder of its own and keeps what it said.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A folder for one test, and the program in it.
pub(crate) struct World {
    dir: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, folders included.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("folders");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8(std::fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}")))
            .expect("UTF-8")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_custody"));
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        for variable in ["CUSTODY_KEY_FILE", "CUSTODY_STORE", "CUSTODY_ENV", "CUSTODY_USER"] {
            command.env_remove(variable);
        }
        // Whoever runs the tests may have a store.
        command.env("XDG_DATA_HOME", self.path("data"));
        command
    }

    /// Runs `custody` with these arguments.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Said {
        self.command().args(args).output().expect("the program starts").into()
    }

    /// Runs `custody` with these arguments and this standard input.
    pub(crate) fn pipe(&self, args: &[&str], input: &[u8]) -> Said {
        let mut command = self.command();
        let mut child = command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("ends");
        writer.join().expect("written");
        output.into()
    }

    /// Moves a file or folder out of the way.
    pub(crate) fn away(&self, name: &str) {
        let trash = self.path("trash");
        std::fs::create_dir_all(&trash).expect("a folder");
        let number = std::fs::read_dir(&trash).expect("readable").count();
        std::fs::rename(self.path(name), trash.join(number.to_string())).expect("moved");
    }

    /// The manifest of a bundle.
    pub(crate) fn manifest(&self, bundle: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(&format!("{bundle}/custody-manifest.json"))).expect("JSON")
    }

    /// Names of what is in the folder itself.
    pub(crate) fn entries(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path())
            .expect("readable")
            .map(|e| e.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// All files below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("entry").path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
