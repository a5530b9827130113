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
pub(crate) fn custody(args: &[&str], dir: &Path) -> (f64, f64) {
    measure(env!("CARGO_BIN_EXE_custody"), args, dir)
}
