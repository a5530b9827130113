//! Closes what this process was started with besides its three standard descriptors. The one place of the
//! sandbox that needs `unsafe`.

use std::io;
use std::os::fd::RawFd;

/// The first descriptor that is not standard input, output or error.
const FIRST_FOREIGN: RawFd = 3;

/// Closes descriptors that were inherited by accident: a socket that whoever started the program forgot to
/// mark would be a way out. To be called before the process has opened anything itself.
pub(super) fn close_foreign() -> io::Result<()> {
    let mut foreign = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let number = entry?.file_name().to_str().and_then(|name| name.parse::<RawFd>().ok());
        foreign.extend(number.filter(|number| *number >= FIRST_FOREIGN));
    }
    for number in foreign {
        close(number);
    }
    Ok(())
}

#[allow(unsafe_code, reason = "a descriptor that nobody owns can be closed by its number only")]
fn close(number: RawFd) {
    // SAFETY: the caller has opened nothing, so no value owns this number; the folder that was just read is
    // closed by now, and closing its number again is an error that changes nothing while there is one thread.
    let _ = unsafe { libc::close(number) };
}
