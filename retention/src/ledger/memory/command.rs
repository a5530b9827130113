//! Programs that remember: run without a shell, given their input, and stopped when they take too long.

use super::MemoryError;
use crate::ledger::checkpoint::Checkpoint;
use std::ffi::OsString;
use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(120);

pub(super) fn remember(words: &[OsString], checkpoint: &Checkpoint) -> Result<(), MemoryError> {
    let what = "the command";
    let (program, arguments) = words.split_first().ok_or(MemoryError::Command { what, code: None })?;
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    run(command, what, checkpoint.note().as_bytes().to_vec()).map(|_| ())
}

/// Runs a program to its end and returns what it wrote to a standard output that is a pipe.
pub(super) fn run(mut command: Command, what: &'static str, input: Vec<u8>) -> Result<Vec<u8>, MemoryError> {
    let failed = MemoryError::io(what);
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(&failed)?;
    let stdin = child.stdin.take();
    let writer = thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input)));
    let stdout = child.stdout.take();
    let reader = thread::spawn(move || -> io::Result<Vec<u8>> {
        let mut output = Vec::new();
        stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut output))?;
        Ok(output)
    });
    let status = wait(&mut child, TIME_LIMIT).map_err(&failed)?;
    let broken = |_| MemoryError::Command { what, code: None };
    let Some(status) = status else {
        return Err(MemoryError::TimedOut { what });
    };
    if !status.success() {
        return Err(MemoryError::Command { what, code: status.code() });
    }
    // A program that ended well without reading what it was given has remembered nothing.
    writer.join().map_err(broken)?.map_err(&failed)?;
    reader.join().map_err(broken)?.map_err(failed)
}

/// Waits for the end; `None` when it took longer than `limit` and was stopped.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_takes_too_long_is_stopped() {
        let mut child = Command::new("sleep").arg("1000000").spawn().expect("it starts");
        let status = wait(&mut child, Duration::from_millis(20)).expect("it can be waited for");
        assert_eq!(status, None);
        assert!(child.try_wait().expect("it ended").is_some_and(|status| !status.success()));
    }
}
