//! What fetching refuses: other hosts, bad certificates, answers that lie, hang or are no reports.

use crate::fetch::{asked, got, packed};
use crate::https::{Answer, Flaw, Server, answer};
use custody::fetch::{AllowedBase, Auth, FetchError, fetch};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn raw(text: &str, hang: bool) -> Answer {
    Answer { bytes: text.replace('\n', "\r\n").into_bytes(), hang }
}

#[test]
fn only_addresses_below_the_base_may_be_asked() {
    let base = AllowedBase::new("https://hr.example/ccx/service").expect("a base");
    for good in ["https://hr.example/ccx/service/r", "https://HR.example:443/ccx/service?format=csv"] {
        assert!(base.target(good).is_ok(), "{good}");
    }
    for bad in [
        "http://hr.example/ccx/service/r",
        "https://other.example/ccx/service/r",
        "https://hr.example.other.example/ccx/service/r",
        "https://hr.example:8443/ccx/service/r",
        "https://user:word@hr.example/ccx/service/r",
        "https://@hr.example/ccx/service/r",
        "https://hr.example@other.example/ccx/service/r",
        "https://hr.example\\@other.example/ccx/service/r",
        "https://hr.example/ccx/services",
        "https://hr.example/ccx/service/../../admin",
        "https://hr.example/ccx/service/%2e%2e/%2E%2e/admin",
        "https://hr.example/ccx/service/..%2f..%2fadmin",
        "https://hr.example/ccx/service/r#part",
        "https://hr.example/ccx/service/r\n",
        "https://127.0.0.1/ccx/service/r",
        "https:/hr.example/ccx/service /r",
        "file:///etc/passwd",
        "",
    ] {
        assert!(base.target(bad).is_err(), "{bad}");
    }
    assert!(AllowedBase::new("http://localhost").is_err());
}

#[test]
fn another_host_never_sees_the_credentials() {
    let other = Server::start(Flaw::None, |_, _| answer("200 OK", "", b"<r/>"));
    let plain = format!("http://localhost:{}/ccx/r", other.port);
    for place in [other.url("/ccx/r"), plain, "//elsewhere.example/ccx/r".to_owned(), "/outside".to_owned()] {
        let location = format!("Location: {place}\r\n");
        let server = Server::start(Flaw::None, move |_, _| answer("307 Temporary Redirect", &location, b""));
        let mut request = asked(&server, "/ccx/r");
        request.authorities.as_mut().expect("one").extend(&other.authority);
        assert!(matches!(got(&request), Err(FetchError::Redirect(_))), "{place}");
        assert_eq!(server.heads().len(), 1);
    }
    assert!(other.heads().is_empty());
}

#[test]
fn bad_certificates_get_nothing() {
    for flaw in [Flaw::SelfSigned, Flaw::WrongName, Flaw::Expired] {
        let server = Server::start(flaw, |_, _| answer("200 OK", "", b"<r/>"));
        assert_eq!(got(&asked(&server, "/ccx/r")), Err(FetchError::Tls), "{flaw:?}");
        assert!(server.heads().is_empty(), "{flaw:?}");
    }
    let server = Server::start(Flaw::None, |_, _| answer("200 OK", "", b"<r/>"));
    let mut request = asked(&server, "/ccx/r");
    request.authorities = None;
    assert_eq!(got(&request), Err(FetchError::Tls));
    request.authorities = Some(b"no certificate".to_vec());
    assert_eq!(got(&request), Err(FetchError::Authorities));
}

#[test]
fn answers_that_lie_about_their_length_are_refused() {
    let cases = [
        // Shorter than they say, ended in the middle of a piece, of two lengths, of none, of a length and pieces.
        "HTTP/1.1 200 OK\nContent-Length: 100\n\n<r/>",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n40\n<r/>",
        "HTTP/1.1 200 OK\nContent-Length: 4\nContent-Length: 5\n\n<r/>",
        "HTTP/1.1 200 OK\n\n<r/>",
        "HTTP/1.1 200 OK\nContent-Length: 4\nTransfer-Encoding: chunked\n\n4\n<r/>\n0\n\n",
    ];
    for case in cases {
        let server = Server::start(Flaw::None, move |_, _| raw(case, false));
        let said = got(&asked(&server, "/ccx/r"));
        assert!(matches!(said, Err(FetchError::Broken(_) | FetchError::Connection(_))), "{case}: {said:?}");
    }
}

#[test]
fn servers_that_hang_are_left() {
    let cases = ["", "HTTP/1.1 200 OK\nContent-Length: 100\n\n<r/>"];
    for case in cases {
        let server = Server::start(Flaw::None, move |_, _| raw(case, true));
        let begun = Instant::now();
        assert!(matches!(got(&asked(&server, "/ccx/r")), Err(FetchError::Hung(_))), "{case}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    let server = Server::start(Flaw::None, |_, _| raw("", true));
    let mut request = asked(&server, "/ccx/r");
    request.bounds.total = Duration::from_secs(1);
    assert_eq!(got(&request), Err(FetchError::Time(1)));
}

#[test]
fn what_is_too_large_stops_at_the_limit() {
    let bomb = packed(&vec![b'x'; 8 << 20]);
    let server = Server::start(Flaw::None, move |_, _| answer("200 OK", "Content-Encoding: gzip\r\n", &bomb));
    assert_eq!(got(&asked(&server, "/ccx/r")), Err(FetchError::Size(1 << 20)));
    let server = Server::start(Flaw::None, |_, _| answer("200 OK", "", &vec![b'x'; (1 << 20) + 1]));
    assert_eq!(got(&asked(&server, "/ccx/r")), Err(FetchError::Size(1 << 20)));
    let mut cut = packed(&b"<r>planted</r>".repeat(500));
    cut.truncate(cut.len() - 4);
    let server = Server::start(Flaw::None, move |_, _| answer("200 OK", "Content-Encoding: gzip\r\n", &cut));
    assert!(matches!(got(&asked(&server, "/ccx/r")), Err(FetchError::Broken(_))));
}

#[test]
fn what_is_no_report_is_refused() {
    let cases: [(&str, &str, &str); 6] = [
        ("/ccx/r", "", "<!DOCTYPE html><html>planted</html>"),
        ("/ccx/r", "", "\u{feff}  <HTML><body>planted"),
        ("/ccx/r", "Content-Type: text/html; charset=utf-8\r\n", "<r/>"),
        ("/ccx/r?format=json", "", "<r/>"),
        ("/ccx/r?format=csv", "", "{}"),
        ("/ccx/r", "", ""),
    ];
    for (path, headers, body) in cases {
        let server = Server::start(Flaw::None, move |_, _| answer("200 OK", headers, body.as_bytes()));
        let said = got(&asked(&server, path));
        assert!(matches!(said, Err(FetchError::NoReport(_))), "{body}: {said:?}");
    }
}

#[test]
fn a_fetch_can_be_cancelled_while_it_waits() {
    let server = Server::start(Flaw::None, |_, _| raw("", true));
    let request = asked(&server, "/ccx/r");
    let cancel = AtomicBool::new(false);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            cancel.store(true, Ordering::SeqCst);
        });
        assert_eq!(fetch(&request, &mut Vec::new(), &cancel), Err(FetchError::Cancelled));
    });
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn credentials_cannot_write_headers() {
    for (user, password) in [("a:b", "c"), ("", "c"), ("a\r\nHost: b", "c"), ("a", "c\r\nHost: b")] {
        assert!(matches!(Auth::basic(user, password), Err(FetchError::Credentials(_))));
    }
    assert!(Auth::bearer("a b").is_err() && Auth::bearer("a\nb").is_err());
}
