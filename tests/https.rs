//! A server for tests of fetching: HTTPS on this machine, with certificates of its own, that says what a test wants.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// Nobody that is trusted signed it.
    SelfSigned,
    /// It is of another host.
    WrongName,
    Expired,
}

/// What is sent, and whether the line stays open then.
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hang: bool,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    /// The authority to trust, as PEM.
    pub(crate) authority: Vec<u8>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server; `say` gets the number of the request, from 0, and its head.
    pub(crate) fn start(flaw: Flaw, say: impl Fn(usize, &str) -> Answer + Send + Sync + 'static) -> Self {
        let (config, authority) = certified(flaw);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, config, say) = (Arc::clone(&heads), Arc::new(config), Arc::new(say));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, config, say) = (Arc::clone(&seen), Arc::clone(&config), Arc::clone(&say));
                std::thread::spawn(move || serve(stream, &config, &seen, &*say));
            }
        });
        Self { port, authority, heads }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// Heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic").clone()
    }
}

/// An answer with a status line, headers and a body of the right length.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Answer {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    Answer { bytes, hang: false }
}

fn serve(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    seen: &Mutex<Vec<String>>,
    say: &dyn Fn(usize, &str) -> Answer,
) -> Option<()> {
    let connection = ServerConnection::new(Arc::clone(config)).ok()?;
    let mut stream = StreamOwned::new(connection, stream);
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let number = {
        let mut seen = seen.lock().expect("no panic");
        seen.push(head.clone());
        seen.len() - 1
    };
    let answer = say(number, &head);
    stream.write_all(&answer.bytes).ok()?;
    stream.flush().ok()?;
    if answer.hang {
        std::thread::sleep(Duration::from_secs(20));
    }
    stream.conn.send_close_notify();
    stream.flush().ok()
}

fn certified(flaw: Flaw) -> (ServerConfig, Vec<u8>) {
    let mut params = CertificateParams::new(Vec::new()).expect("names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let authority = params.self_signed(&authority_key).expect("a certificate");
    let issuer = Issuer::new(params, authority_key);
    let name = if flaw == Flaw::WrongName { "elsewhere.example" } else { "localhost" };
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("names");
    if flaw == Flaw::Expired {
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let leaf = if flaw == Flaw::SelfSigned {
        params.self_signed(&key).expect("a certificate")
    } else {
        params.signed_by(&key, &issuer).expect("a certificate")
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("a certificate and its key");
    (config, authority.pem().into_bytes())
}
