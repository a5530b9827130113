//! What the benches of whole commands share: CPU time as the kernel counts it, and running a command to its end.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// CPU seconds (user and system) from the kernel's own accounts: of this process, and of its finished children.
pub(crate) fn cpu_s() -> [f64; 2] {
    let stat = fs::read_to_string("/proc/self/stat").expect("proc");
    let fields: Vec<&str> = stat.rsplit(") ").next().expect("fields").split(' ').collect();
    // Fields 14 to 17 of proc(5), counted from the state, in ticks of 10 ms.
    [11..13, 13..15]
        .map(|two| fields[two].iter().map(|f| f.parse::<f64>().expect("ticks")).sum::<f64>() / 100.0)
}

/// Runs a command to its end: CPU seconds with all its processes, wall seconds.
pub(crate) fn measure(program: &str, args: &[&str], dir: &Path) -> (f64, f64) {
    let ([_, cpu], wall) = (cpu_s(), Instant::now());
    // Piped, not null: grep stops at its first match when nobody reads it.
    let ended = Command::new(program)
        .args(args)
        .current_dir(dir)
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}"));
    assert!(matches!(ended.status.code(), Some(0 | 1)), "{program} {args:?}: {}", ended.status);
    (cpu_s()[1] - cpu, wall.elapsed().as_secs_f64())
}

/// The same of the program that is measured.
#[allow(dead_code, reason = "not every bench asks for time alone")]
pub(crate) fn custody(args: &[&str], dir: &Path) -> (f64, f64) {
    measure(env!("CARGO_BIN_EXE_custody"), args, dir)
}

/// What a command took, with all its processes.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "not every bench looks at memory")]
pub(crate) struct Took {
    /// CPU seconds.
    pub(crate) cpu: f64,
    /// Wall seconds.
    pub(crate) wall: f64,
    /// Highest sum of the resident memory of its processes, MiB, looked at twenty times a second.
    pub(crate) peak_mib: u64,
    /// How it ended.
    pub(crate) code: i32,
}

/// Runs the measured program to its end and watches its memory.
#[allow(dead_code, reason = "not every bench looks at memory")]
pub(crate) fn watched(args: &[&str], dir: &Path) -> Took {
    let ([_, cpu], wall) = (cpu_s(), Instant::now());
    let mut child = Command::new(env!("CARGO_BIN_EXE_custody"))
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        peak_kib = peak_kib.max(resident_kib(child.id()));
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    let code = status.code().unwrap_or(-1);
    Took { cpu: cpu_s()[1] - cpu, wall: wall.elapsed().as_secs_f64(), peak_mib: peak_kib / 1024, code }
}

/// Resident memory of a process and all below it.
fn resident_kib(root: u32) -> u64 {
    let mut all: Vec<(u32, u32, u64)> = Vec::new();
    for entry in fs::read_dir("/proc").expect("proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end between the listing and the look at it.
        let Ok(text) = fs::read_to_string(entry.path().join("status")) else { continue };
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        all.push((pid, field("PPid:").unwrap_or(0) as u32, field("VmRSS:").unwrap_or(0)));
    }
    let mut family = vec![root];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        family.extend(all.iter().filter(|(_, of, _)| *of == parent).map(|(pid, _, _)| *pid));
        next += 1;
    }
    all.iter().filter(|(pid, _, _)| family.contains(pid)).map(|(_, _, kib)| kib).sum()
}
