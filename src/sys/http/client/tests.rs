//! The client against servers that live for one test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::Url;

use super::*;
use crate::sys::env::Env;
use crate::sys::files::Disk;
use crate::sys::replace::replace;

/// In each request's query; it may turn up in no error.
const HUSH: &str = "hush";

/// What a server was sent: one entry a connection, with the requests on it.
type Sent = JoinHandle<Vec<Vec<String>>>;

/// A server on this machine that gives `answers` in order, on as many connections as it takes,
/// and is gone after the last.
fn serve(answers: Vec<Vec<u8>>) -> (u16, Sent) {
    serve_with(answers, Some)
}

fn serve_with<S: Read + Write>(
    answers: Vec<Vec<u8>>,
    wrap: impl Fn(TcpStream) -> Option<S> + Send + 'static,
) -> (u16, Sent) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let mut answers = answers.into_iter().peekable();
        let mut connections = Vec::new();
        while answers.peek().is_some() {
            let (stream, _) = listener.accept().unwrap();
            let Some(mut stream) = wrap(stream) else { break };
            let mut requests = Vec::new();
            while answers.peek().is_some() {
                let Some(request) = request(&mut stream) else { break };
                requests.push(request);
                let answer = answers.next().unwrap();
                if stream.write_all(&answer).and_then(|()| stream.flush()).is_err() {
                    break;
                }
            }
            connections.push(requests);
        }
        connections
    });
    (port, server)
}

/// One request with its body, or nothing when there is no more.
fn request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.to_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length: ").map(|length| length.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn get(scheme: &str, host: &str, port: u16) -> Request {
    Request::get(Url::parse(&format!("{scheme}://{host}:{port}/app?token={HUSH}")).unwrap())
}

fn client() -> Client {
    Client::new(Network::default())
}

fn client_in(vars: &[(&str, String)]) -> Client {
    Client::new(Network::from_env(&Env::from_vars(vars.iter().map(|(k, v)| (*k, v)))))
}

/// The error of `request`, with everything that a person could get to see of it.
#[track_caller]
fn refused(client: &Client, request: &Request, kind: Kind) -> String {
    let error = client.send(request).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(HUSH), "{shown}");
    assert_eq!(error.kind(), kind, "{shown}");
    let cause = std::error::Error::source(&error).map(|cause| format!(" because {cause}"));
    let hints: Vec<String> = error.hints().iter().map(|hint| format!("; {hint}")).collect();
    format!("{error}{}{}", cause.unwrap_or_default(), hints.concat())
}

#[test]
fn three_requests_share_a_connection_and_nothing_is_followed() {
    let elsewhere = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nSet-Cookie: a=1\r\nSET-COOKIE: b=2\r\nContent-Length: 4\r\n\r\ngone";
    let empty = b"HTTP/1.1 204 No Content\r\n\r\n";
    let (port, sent) = serve(vec![elsewhere.to_vec(), answer("", b"{}"), empty.to_vec()]);
    let client = client();
    let first = client.send(&get("http", "127.0.0.1", port)).unwrap();
    assert_eq!((first.status, first.text().as_ref()), (302, "gone"));
    assert_eq!(first.header("location"), Some("/other"));
    assert_eq!(first.all("set-cookie").collect::<Vec<_>>(), ["a=1", "b=2"]);

    let url = get("http", "127.0.0.1", port).url;
    let second = Request::form(url.clone(), [("a", "b+c")]).header("Cookie", "sid=1");
    assert_eq!(client.send(&second).unwrap().status, 200);
    let third = Request { method: Method::Delete, ..Request::get(url) };
    assert_eq!(client.send(&third).unwrap().status, 204);

    let connections = sent.join().unwrap();
    let [requests] = connections.as_slice() else { panic!("{connections:?}") };
    assert!(requests[0].starts_with("GET /app?token=hush HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[0].contains(&format!("user-agent: {}\r\n", user_agent())), "{}", requests[0]);
    assert!(requests[1].contains("Cookie: sid=1\r\n") || requests[1].contains("cookie: sid=1\r\n"));
    assert!(requests[1].ends_with("\r\n\r\na=b%2Bc"), "{}", requests[1]);
    assert!(requests[2].starts_with("DELETE /app"), "{}", requests[2]);
}

#[test]
fn an_answer_larger_than_allowed_is_refused_packed_or_not() {
    let pack = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let large = vec![b'x'; 50 << 20];
    let bomb = answer("Content-Encoding: gzip\r\n", &pack(&large));
    for (answer, size) in [(answer("", &large), "plain"), (bomb, "packed")] {
        let (port, _) = serve(vec![answer]);
        let text = refused(&client(), &get("http", "127.0.0.1", port), Kind::Failed);
        assert!(text.contains("answered with more than 4 MB"), "{size}: {text}");
    }
    let small = answer("Content-Encoding: gzip\r\n", &pack(b"small"));
    let (port, _) = serve(vec![small]);
    let unpacked = client().send(&get("http", "127.0.0.1", port)).unwrap();
    assert_eq!(unpacked.text(), "small");
}

#[test]
fn an_answer_that_is_not_whole_is_an_error() {
    let cases: [(&[u8], &str); 6] = [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "broke off"),
        (b"", "broke off"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "unpacked"),
    ];
    for (bytes, want) in cases {
        let (port, _) = serve(vec![bytes.to_vec()]);
        let text = refused(&client(), &get("http", "127.0.0.1", port), Kind::Unreachable);
        assert!(text.contains(want), "{bytes:?}: {text}");
    }
}

#[test]
fn nobody_there_and_nobody_answering_are_told_apart() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = refused(&client(), &get("http", "127.0.0.1", port), Kind::Unreachable);
    assert!(text.contains(&format!("127.0.0.1:{port} refused the connection")), "{text}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut client = client();
    client.patience.whole = Duration::from_millis(50);
    let text = refused(&client, &get("http", "127.0.0.1", port), Kind::Unreachable);
    assert!(text.contains("there was no answer in time"), "{text}");
}

#[test]
fn plain_http_stays_on_this_machine() {
    for host in ["acme.okta.com", "10.0.0.1", "localhost.evil.test"] {
        let text = refused(&client(), &get("http", host, 80), Kind::Failed);
        assert!(text.contains("only https is safe"), "{text}");
    }
}

#[test]
fn a_proxy_that_refuses_says_why() {
    let cases = [
        ("407 Proxy Authentication Required", "the proxy asks for a login (407)"),
        ("403 Forbidden", "the proxy refused (403)"),
    ];
    for (status, want) in cases {
        let (port, sent) = serve(vec![format!("HTTP/1.1 {status}\r\n\r\n").into_bytes()]);
        let proxy = format!("http://me:secret@127.0.0.1:{port}");
        let client = client_in(&[("HTTPS_PROXY", proxy)]);
        let text = refused(&client, &get("https", "acme.okta.test", 443), Kind::Unreachable);
        assert!(text.contains(want), "{text}");
        assert!(text.contains("acme.okta.test"), "{text}");
        assert!(!text.contains("secret"), "{text}");
        let connections = sent.join().unwrap();
        assert!(connections[0][0].starts_with("CONNECT acme.okta.test:443 "), "{connections:?}");
    }
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = client_in(&[("ALL_PROXY", format!("http://127.0.0.1:{port}"))]);
    let text = refused(&client, &get("https", "acme.okta.test", 443), Kind::Unreachable);
    assert!(text.contains(&format!("127.0.0.1:{port} refused the connection")), "{text}");
}

#[test]
fn a_name_that_does_not_exist_is_told() {
    let failure = |proxy: Option<&str>| {
        let url = Url::parse("https://acme.okta.test/?token=hush").unwrap();
        let failure =
            Failure { url: &url, proxy: proxy.map(str::to_owned), limit: 0, problems: &[] };
        failure.error(ureq::Error::HostNotFound).to_string()
    };
    assert_eq!(failure(None), "cannot reach acme.okta.test: there is no host acme.okta.test");
    let want = "cannot reach acme.okta.test through the proxy p:1: there is no host p:1";
    assert_eq!(failure(Some("p:1")), want);
}

/// A certificate authority of the test, and servers that it vouches for.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A server for `name` whose certificate is good up to the end of `year`.
    fn serve(&self, name: &str, year: i32, answers: Vec<Vec<u8>>) -> (u16, Sent) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        serve_with(answers, move |mut stream| {
            let mut tls = ServerConnection::new(config.clone()).unwrap();
            tls.complete_io(&mut stream).ok()?;
            Some(StreamOwned::new(tls, stream))
        })
    }
}

#[test]
fn a_server_is_trusted_by_the_environment_s_certificates_too() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let file = folder.path().join("ca.pem");
    replace(&Disk, &file, authority.0.pem().as_bytes()).unwrap();
    for (variable, path) in [
        ("SSL_CERT_FILE", &file),
        ("AWS_CA_BUNDLE", &file),
        ("SSL_CERT_DIR", &folder.path().to_owned()),
    ] {
        let answers = vec![answer("", b"one"), answer("", b"two")];
        let (port, sent) = authority.serve("localhost", 2090, answers);
        let client = client_in(&[(variable, path.display().to_string())]);
        for body in ["one", "two"] {
            let got = client.send(&get("https", "localhost", port)).unwrap();
            assert_eq!(got.text(), body, "{variable}");
        }
        assert_eq!(sent.join().unwrap().len(), 1, "one handshake");
    }
}

#[test]
fn a_certificate_that_is_not_right_says_how() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let file = folder.path().join("ca.pem");
    replace(&Disk, &file, authority.0.pem().as_bytes()).unwrap();
    let good = file.display().to_string();
    let gone = folder.path().join("gone.pem").display().to_string();
    let cases = [
        ("localhost", 2090, "", "not from an issuer that this machine trusts", "SSL_CERT_FILE or"),
        ("localhost", 2090, gone.as_str(), "not from an issuer", "gone.pem"),
        ("other.test", 2090, good.as_str(), "is for another name", "other.test"),
        ("localhost", 2001, good.as_str(), "has expired", "clock"),
    ];
    for (name, year, path, want, hint) in cases {
        let (port, _) = authority.serve(name, year, vec![answer("", b"no")]);
        let client = client_in(&[("AWS_CA_BUNDLE", path.to_owned())]);
        let text = refused(&client, &get("https", "localhost", port), Kind::Unreachable);
        assert!(text.contains(want) && text.contains(hint), "{text}");
    }
}
