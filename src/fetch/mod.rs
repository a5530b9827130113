//! Reports fetched over HTTPS: from the host that is allowed and no other, bounded in time and bytes, as a stream.
//! Nothing that a server says stands in an error: it can hold data.
//!
//! Not seen yet: bytes behind the length that an answer announces. The report ends there; no command uses this so far.

mod body;
mod client;
mod target;

pub use client::{Auth, Fetched, Request, fetch};
pub use target::{AllowedBase, Target};

use std::time::Duration;

/// What a fetch may cost.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Time of the whole: attempts, pauses, the stream.
    pub total: Duration,
    /// Time until a connection stands.
    pub connect: Duration,
    /// Time until an answer begins: a report is made before it is sent.
    pub first_byte: Duration,
    /// Time without a byte within an answer.
    pub idle: Duration,
    /// Bytes of a report, as sent and as unpacked.
    pub bytes: u64,
    /// How often is asked.
    pub attempts: u32,
    /// The first pause between two attempts; it doubles.
    pub pause: Duration,
    /// The longest pause, also where the server asks for more.
    pub pause_max: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(30 * 60),
            connect: Duration::from_secs(20),
            first_byte: Duration::from_secs(10 * 60),
            idle: Duration::from_secs(60),
            bytes: 2_000_000_000,
            attempts: 5,
            pause: Duration::from_secs(1),
            pause_max: Duration::from_secs(120),
        }
    }
}

/// Why nothing was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address.
    #[error("the address is refused: {0}")]
    Address(&'static str),
    /// The address that a redirect names.
    #[error("the server redirects to an address that is refused: {0}")]
    Redirect(&'static str),
    /// Credentials that do not fit into a request.
    #[error("the credentials cannot be sent: {0}")]
    Credentials(&'static str),
    /// Certificates to trust.
    #[error("the certificates to trust cannot be read")]
    Authorities,
    /// TLS.
    #[error("the server's certificate is not trusted, or TLS failed")]
    Tls,
    /// No connection.
    #[error("no connection to the server ({0} attempts)")]
    Connection(u32),
    /// The server's status.
    #[error("the server answered with status {0} ({1} attempts)")]
    Status(u16, u32),
    /// One of the shorter times.
    #[error("the server did not answer in time: {0}")]
    Hung(&'static str),
    /// The whole.
    #[error("stopped at the limit of {0} seconds for one report")]
    Time(u64),
    /// The size.
    #[error("stopped at the limit of {0} bytes for one report, as sent or unpacked")]
    Size(u64),
    /// An answer that ends before its end, or does not say where that is.
    #[error("the answer is not whole: {0}")]
    Broken(&'static str),
    /// Something else than a report.
    #[error("the answer is no report: {0}")]
    NoReport(&'static str),
    /// It cannot be kept.
    #[error("what was fetched cannot be written")]
    Unwritable,
    /// Ctrl-C.
    #[error("cancelled")]
    Cancelled,
}
