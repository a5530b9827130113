//! Asks, waits, asks again; follows redirects by hand, since each has to be allowed before credentials go there.

use super::body::{Framing, stream};
use super::{AllowedBase, Bounds, FetchError, Target};
use base64::Engine as _;
use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, HeaderValue, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Timeout};
use zeroize::Zeroizing;

/// Redirects that are followed.
const REDIRECTS_MAX: u32 = 5;
/// How often is looked whether somebody cancelled.
const BEAT: Duration = Duration::from_millis(50);

/// The header that says who asks.
#[derive(Clone)]
pub struct Auth(HeaderValue);

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth")
    }
}

impl Auth {
    /// A user and a password.
    ///
    /// # Errors
    /// When they hold what does not fit into the header.
    pub fn basic(user: &str, password: &str) -> Result<Self, FetchError> {
        if user.is_empty()
            || user.contains(':')
            || user.contains(char::is_control)
            || password.contains(char::is_control)
        {
            return Err(FetchError::Credentials(
                "a user holds no colon, and neither holds control characters",
            ));
        }
        let pair = Zeroizing::new(format!("{user}:{password}"));
        let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        Self::header(&Zeroizing::new(format!("Basic {}", *encoded)))
    }

    /// A token.
    ///
    /// # Errors
    /// When it holds what does not fit into the header.
    pub fn bearer(token: &str) -> Result<Self, FetchError> {
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(FetchError::Credentials("a token is of visible ASCII characters"));
        }
        Self::header(&Zeroizing::new(format!("Bearer {token}")))
    }

    fn header(text: &str) -> Result<Self, FetchError> {
        let mut value = HeaderValue::from_str(text)
            .map_err(|_| FetchError::Credentials("they do not fit into a header"))?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

/// What is fetched, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// What may be asked at all.
    pub base: AllowedBase,
    /// What is asked.
    pub target: Target,
    /// Who asks.
    pub auth: Auth,
    /// Certificates to trust instead of the built-in ones, as PEM.
    pub authorities: Option<Vec<u8>>,
    /// What it may cost.
    pub bounds: Bounds,
}

/// What was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// Bytes, unpacked.
    pub bytes: u64,
}

/// Fetches a report into `out`. What stands there after an error is no report.
///
/// # Errors
/// [`FetchError`] says which rule, limit or party it was.
pub fn fetch(request: &Request, out: &mut dyn Write, cancel: &AtomicBool) -> Result<Fetched, FetchError> {
    let agent = agent(request)?;
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = sync_channel::<Vec<u8>>(4);
    let begun = Instant::now();
    let run = Run { request: request.clone(), agent, begun, stop: Arc::clone(&stop) };
    let thread = std::thread::spawn(move || run.whole(&sender));
    // Whoever reads from the network may hang until its time is over: it is left behind then, and ends by itself.
    let (mut answered, mut last) = (false, begun);
    let ended = loop {
        if cancel.load(Ordering::SeqCst) {
            break Some(FetchError::Cancelled);
        }
        if begun.elapsed() > request.bounds.total {
            break Some(FetchError::Time(request.bounds.total.as_secs()));
        }
        match receiver.recv_timeout(BEAT) {
            Ok(piece) if out.write_all(&piece).is_err() => break Some(FetchError::Unwritable),
            Ok(_) => (answered, last) = (true, Instant::now()),
            Err(RecvTimeoutError::Timeout) if answered && last.elapsed() > request.bounds.idle => {
                break Some(FetchError::Hung("it stopped within its answer"));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break None,
        }
    };
    stop.store(true, Ordering::SeqCst);
    match ended {
        Some(error) => Err(error),
        None => match thread.join() {
            Ok(bytes) => Ok(Fetched { bytes: bytes? }),
            Err(_) => Err(FetchError::Broken("it could not be read")),
        },
    }
}

fn agent(request: &Request) -> Result<Agent, FetchError> {
    let bounds = &request.bounds;
    let roots = match &request.authorities {
        None => RootCerts::WebPki,
        Some(pem) => {
            let mut certs = Vec::new();
            for item in parse_pem(pem) {
                if let PemItem::Certificate(cert) = item.map_err(|_| FetchError::Authorities)? {
                    certs.push(cert);
                }
            }
            if certs.is_empty() {
                return Err(FetchError::Authorities);
            }
            RootCerts::Specific(Arc::new(certs))
        }
    };
    let config = Agent::config_builder()
        .https_only(true)
        // Otherwise the environment would name one.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .max_idle_connections(0)
        .user_agent(concat!("custody/", env!("CARGO_PKG_VERSION")))
        .accept("*/*")
        .accept_encoding("gzip")
        .timeout_global(Some(bounds.total))
        .timeout_resolve(Some(bounds.connect))
        .timeout_connect(Some(bounds.connect))
        .timeout_send_request(Some(bounds.idle))
        .timeout_recv_response(Some(bounds.first_byte))
        .build();
    Ok(config.new_agent())
}

/// How one attempt ended, when it did not bring a report.
enum Attempt {
    Again(FetchError, Option<Duration>),
    Over(FetchError),
}

struct Run {
    request: Request,
    agent: Agent,
    begun: Instant,
    stop: Arc<AtomicBool>,
}

impl Run {
    fn whole(&self, sender: &SyncSender<Vec<u8>>) -> Result<u64, FetchError> {
        let bounds = &self.request.bounds;
        let mut number = 1;
        let (target, response) = loop {
            match self.attempt(number) {
                Ok(answer) => break answer,
                Err(Attempt::Over(error)) => return Err(error),
                Err(Attempt::Again(error, _)) if number >= bounds.attempts => return Err(error),
                Err(Attempt::Again(_, wanted)) => self.pause(number, wanted)?,
            }
            number += 1;
        };
        let framing = Framing::of(response.headers(), bounds)?;
        let format = target.format();
        // Nothing yet, but an answer: from here on silence has its own limit.
        let _ = sender.send(Vec::new());
        let body = response.into_body().into_reader();
        stream(body, (framing, format.as_deref()), bounds, &mut |piece| {
            !self.stop.load(Ordering::SeqCst) && sender.send(piece.to_vec()).is_ok()
        })
    }

    /// One attempt with its redirects.
    fn attempt(&self, number: u32) -> Result<(Target, Response<Body>), Attempt> {
        let mut target = self.request.target.clone();
        for _ in 0..=REDIRECTS_MAX {
            let response = self.ask(&target, number)?;
            let status = response.status().as_u16();
            match status {
                200 => return Ok((target, response)),
                301 | 302 | 303 | 307 | 308 => {
                    let location = response.headers().get("location").and_then(|v| v.to_str().ok());
                    let location =
                        location.ok_or(Attempt::Over(FetchError::Redirect("it names no address")))?;
                    target = self.request.base.redirected(&target, location).map_err(Attempt::Over)?;
                }
                429 | 500 | 502 | 503 | 504 => {
                    let wanted = retry_after(response.headers());
                    return Err(Attempt::Again(FetchError::Status(status, number), wanted));
                }
                _ => return Err(Attempt::Over(FetchError::Status(status, number))),
            }
        }
        Err(Attempt::Over(FetchError::Redirect("there are more than 5 in a row")))
    }

    fn ask(&self, target: &Target, number: u32) -> Result<Response<Body>, Attempt> {
        let bounds = &self.request.bounds;
        let left = bounds.total.saturating_sub(self.begun.elapsed());
        let request = self
            .agent
            .get(target.as_str())
            .header("authorization", self.request.auth.0.clone())
            .config()
            .timeout_global(Some(left.max(Duration::from_millis(1))))
            .build();
        request.call().map_err(|error| self.failed(&error, number))
    }

    fn failed(&self, error: &ureq::Error, number: u32) -> Attempt {
        let total = self.request.bounds.total;
        match error {
            ureq::Error::Timeout(Timeout::Global) => Attempt::Over(FetchError::Time(total.as_secs())),
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed => Attempt::Again(FetchError::Connection(number), None),
            ureq::Error::Timeout(_) => Attempt::Over(FetchError::Hung("no answer began")),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
                Attempt::Over(FetchError::Tls)
            }
            // What TLS finds wrong comes as invalid data.
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Attempt::Over(FetchError::Tls)
            }
            ureq::Error::Io(_) => Attempt::Again(FetchError::Connection(number), None),
            _ => Attempt::Over(FetchError::Broken("it is not HTTP as it should be")),
        }
    }

    /// Waits before the next attempt: longer each time, or as long as the server asks for, in bounds.
    fn pause(&self, number: u32, wanted: Option<Duration>) -> Result<(), FetchError> {
        let bounds = &self.request.bounds;
        let doubled = bounds.pause.saturating_mul(1 << (number - 1).min(16));
        let pause = wanted.unwrap_or(doubled).max(bounds.pause).min(bounds.pause_max);
        // Not all who were refused at the same moment come back at the same moment.
        let jitter = pause.mul_f64(f64::from(random()) / 1024.0);
        let until = Instant::now() + pause + jitter;
        while Instant::now() < until {
            if self.stop.load(Ordering::SeqCst) {
                return Err(FetchError::Cancelled);
            }
            std::thread::sleep(BEAT.min(until.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }
}

fn random() -> u8 {
    let mut byte = [0];
    // Without chance there is no jitter, and nothing else is lost.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

/// What a server asks for: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = chrono::NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok()?;
    let now = i64::try_from(crate::store::now_ms() / 1000).ok()?;
    u64::try_from(date.and_utc().timestamp() - now).ok().map(Duration::from_secs)
}
