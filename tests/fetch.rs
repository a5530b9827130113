//! Fetching reports from a server of the tests: what is asked, what comes, how often it is tried.

use crate::https::{Answer, Flaw, Server, answer};
use custody::fetch::{AllowedBase, Auth, Bounds, FetchError, Fetched, Request, fetch};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

pub(crate) const PASSWORD: &str = "made-up-pass:word";

/// Limits that a test can reach.
pub(crate) fn small() -> Bounds {
    Bounds {
        total: Duration::from_secs(15),
        connect: Duration::from_secs(5),
        first_byte: Duration::from_secs(3),
        idle: Duration::from_secs(1),
        bytes: 1 << 20,
        attempts: 3,
        pause: Duration::from_millis(20),
        pause_max: Duration::from_secs(2),
    }
}

/// A request for a report below `/ccx`.
pub(crate) fn asked(server: &Server, path: &str) -> Request {
    let base = AllowedBase::new(&server.url("/ccx")).expect("a base");
    let target = base.target(&server.url(path)).expect("an address");
    let auth = Auth::basic("isu_reports", PASSWORD).expect("credentials");
    Request { base, target, auth, authorities: Some(server.authority.clone()), bounds: small() }
}

pub(crate) fn got(request: &Request) -> Result<Vec<u8>, FetchError> {
    let mut out = Vec::new();
    let Fetched { bytes } = fetch(request, &mut out, &AtomicBool::new(false))?;
    assert_eq!(bytes, out.len() as u64);
    Ok(out)
}

fn chunked(body: &[u8], headers: &str) -> Answer {
    let mut bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n").into_bytes();
    for piece in body.chunks(1000) {
        bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        bytes.extend(piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    Answer { bytes, hang: false }
}

pub(crate) fn packed(body: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn reports_come_as_they_were_sent() {
    let rows = "Employee ID,Name\n".to_owned() + &"1,Planted Person\n".repeat(3000);
    let cases: [(&str, &[u8]); 4] = [
        ("/ccx/r?format=csv", rows.as_bytes()),
        ("/ccx/r?format=json", br#"{"Report_Entry":[]}"#),
        ("/ccx/r?format=simplexml", b"<?xml version='1.0'?><wd:Report_Data/>"),
        ("/ccx/r", b"<wd:Report_Data/>"),
    ];
    for (path, body) in cases {
        let (whole, pieces, small) = (body.to_vec(), body.to_vec(), packed(body));
        let servers = [
            Server::start(Flaw::None, move |_, _| answer("200 OK", "", &whole)),
            Server::start(Flaw::None, move |_, _| chunked(&pieces, "")),
            Server::start(Flaw::None, move |_, _| chunked(&small, "Content-Encoding: gzip\r\n")),
        ];
        for server in &servers {
            assert_eq!(got(&asked(server, path)).as_deref(), Ok(body), "{path}");
        }
    }
}

#[test]
fn the_server_sees_credentials_and_prompts() {
    let server = Server::start(Flaw::None, |_, _| answer("200 OK", "", b"<r/>"));
    let mut request = asked(&server, "/ccx/r?format=xml");
    request.target = request.target.with("As Of&Date", "2026-01-01 é#?").expect("a prompt");
    got(&request).expect("a report");
    request.auth = Auth::bearer("made.up-token").expect("a token");
    got(&request).expect("a report");
    let heads = server.heads();
    let line = "GET /ccx/r?format=xml&As+Of%26Date=2026-01-01+%C3%A9%23%3F HTTP/1.1\r\n";
    assert!(heads[0].starts_with(line), "{}", heads[0]);
    assert!(heads[0].to_lowercase().contains("authorization: basic "), "{}", heads[0]);
    assert!(heads[0].contains("aXN1X3JlcG9ydHM6bWFkZS11cC1wYXNzOndvcmQ="), "{}", heads[0]);
    assert!(heads[1].contains("Bearer made.up-token"), "{}", heads[1]);
    assert!(!format!("{request:?}").contains("made"), "{request:?}");
}

#[test]
fn who_is_told_to_wait_waits_and_asks_again() {
    let server = Server::start(Flaw::None, |number, _| match number {
        0 => answer("429 Too Many Requests", "Retry-After: 1\r\n", b"planted in an error"),
        1 => answer("503 Service Unavailable", "Retry-After: Thu, 01 Jan 2032 00:00:00 GMT\r\n", b""),
        _ => answer("200 OK", "", b"<r/>"),
    });
    let begun = Instant::now();
    assert_eq!(got(&asked(&server, "/ccx/r")).as_deref(), Ok(&b"<r/>"[..]));
    // One second as asked for, and a date far away is bounded by two.
    assert!((Duration::from_secs(3)..Duration::from_secs(10)).contains(&begun.elapsed()));
    assert_eq!(server.heads().len(), 3);
}

#[test]
fn attempts_are_counted_and_only_what_may_pass_is_tried_again() {
    let server = Server::start(Flaw::None, |_, _| answer("503 Service Unavailable", "", b"planted"));
    assert_eq!(got(&asked(&server, "/ccx/r")), Err(FetchError::Status(503, 3)));
    assert_eq!(server.heads().len(), 3);
    let server = Server::start(Flaw::None, |_, _| answer("401 Unauthorized", "", b"planted"));
    assert_eq!(got(&asked(&server, "/ccx/r")), Err(FetchError::Status(401, 1)));
    assert_eq!(server.heads().len(), 1);
    // Nobody listens there.
    let mut request = asked(&server, "/ccx/r");
    request.base = AllowedBase::new("https://localhost:9").expect("a base");
    request.target = request.base.target("https://localhost:9/r").expect("an address");
    assert_eq!(got(&request), Err(FetchError::Connection(3)));
}

#[test]
fn redirects_on_the_same_host_are_followed_five_times() {
    let server = Server::start(Flaw::None, |number, _| match number {
        0..5 => answer("302 Found", &format!("Location: /ccx/next{number}\r\n"), b""),
        _ => answer("200 OK", "", b"<r/>"),
    });
    assert_eq!(got(&asked(&server, "/ccx/r")).as_deref(), Ok(&b"<r/>"[..]));
    let server = Server::start(Flaw::None, |_, _| answer("302 Found", "Location: /ccx/r\r\n", b""));
    assert!(matches!(got(&asked(&server, "/ccx/r")), Err(FetchError::Redirect(_))));
    assert_eq!(server.heads().len(), 6);
}
