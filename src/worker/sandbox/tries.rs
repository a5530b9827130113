//! Tries what a sandbox forbids, for real, and says what the kernel answered. Run in a process of its own:
//! by `custody doctor`, and by the tests.

use super::Bounds;
use rustix::process::{Pid, PidfdFlags, pidfd_open, test_kill_process};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// One thing that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Try {
    /// Open a file that everybody can read.
    ReadFile,
    /// List a folder.
    ListFolder,
    /// Make a file.
    WriteFile,
    /// Wait for a TCP connection.
    TcpListen,
    /// Make a TCP connection.
    TcpConnect,
    /// Make a UDP socket.
    Udp,
    /// Make a Unix socket.
    UnixSocket,
    /// Start a program in a new process.
    RunProgram,
    /// Become another program.
    Exec,
    /// Send a signal to the process that started this one.
    Signal,
    /// Reach for that process.
    OtherProcess,
    /// Make memory that was written executable.
    NewCode,
    /// Take more memory than the limit.
    Memory,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Whether the kernel took the confinement.
    pub confined: bool,
    /// Whether each try was refused for want of permission.
    pub refused: BTreeMap<Try, bool>,
}

impl Tried {
    /// Whether all of these were refused.
    pub fn refuses(&self, tries: &[Try]) -> bool {
        self.confined && tries.iter().all(|one| self.refused.get(one) == Some(&true))
    }
}

/// A port that hardly anything listens on; "nobody is there" is an answer, too.
const PORT: u16 = 1;
/// A name that is not there: a kernel that says so has looked for it.
const NO_PROGRAM: &str = "/custody-no-such-program";

/// Tries everything; `parent` is the process that started this one.
pub(super) fn all(confined: bool, parent: Option<Pid>, bounds: Bounds) -> Tried {
    let tries: [(Try, io::Result<()>); 13] = [
        (Try::ReadFile, File::open("/etc/passwd").map(drop)),
        (Try::ListFolder, fs::read_dir("/").map(drop)),
        (Try::WriteFile, tempfile::NamedTempFile::new().map(drop)),
        (Try::TcpListen, TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map(drop)),
        (Try::TcpConnect, TcpStream::connect((Ipv4Addr::LOCALHOST, PORT)).map(drop)),
        (Try::Udp, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map(drop)),
        (Try::UnixSocket, UnixDatagram::unbound().map(drop)),
        (Try::RunProgram, run_program()),
        (Try::Exec, Err(Command::new(NO_PROGRAM).exec())),
        (Try::Signal, reach(parent, test_kill_process)),
        (Try::OtherProcess, reach(parent, |parent| pidfd_open(parent, PidfdFlags::empty()).map(drop))),
        (Try::NewCode, new_code()),
        (Try::Memory, memory(bounds)),
    ];
    let is_refusal = |result: &io::Result<()>| {
        result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    };
    let refused = tries.iter().map(|(one, result)| (*one, is_refusal(result))).collect();
    Tried { confined, refused }
}

fn run_program() -> io::Result<()> {
    Command::new("/bin/sh").args(["-c", "exit 0"]).status().map(drop)
}

fn reach(process: Option<Pid>, how: impl Fn(Pid) -> rustix::io::Result<()>) -> io::Result<()> {
    Ok(how(process.ok_or(io::ErrorKind::NotFound)?)?)
}

fn new_code() -> io::Result<()> {
    memmap2::MmapMut::map_anon(4_096)?.make_exec().map(drop)
}

fn memory(bounds: Bounds) -> io::Result<()> {
    let mut bytes: Vec<u8> = Vec::new();
    let most = usize::try_from(bounds.memory_bytes()).unwrap_or(usize::MAX);
    bytes.try_reserve_exact(most).map_err(|_| io::ErrorKind::PermissionDenied.into())
}
