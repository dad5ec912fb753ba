//! What the targets share that speak to a server: the server, a clock, a person and a security key,
//! which hold robo to what must be true whatever the server answers.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt::Debug;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use robo::okta::{Assertion, Cookies, Domain, Okta};
use robo::sys::clock::Clock;
use robo::sys::http::{Http, Request, Response};
use robo::sys::prompt::{Prompt, Waiting};
use robo::sys::secret::Secret;
use robo::sys::security_key::{KeyFailure, SecurityKeys, SignRequest, Signed};
use robo::{Error, Kind, Result};
use tempfile::TempDir;

/// The org that is spoken to.
pub const HOST: &str = "acme.okta.com";

/// What only that org may ever be told, and a person never is. None of it is in a seed.
pub const SECRETS: [&str; 4] = [PASSWORD, SESSION, DEVICE, TOKEN];

/// The password of the person who signs in.
pub const PASSWORD: &str = "correct-horse-battery";
/// The session that is there already.
pub const SESSION: &str = "sid-0f-Jo-9Qx7";
/// The device that the org knows.
pub const DEVICE: &str = "dt-0f-Jo-4Zk2";
/// A session token that works once.
pub const TOKEN: &str = "token-0f-Jo-8Wv3";

/// Whoever asks more often than this does not come to an end.
const MOST: usize = 2_000;

/// No wait for a person, a rate limit or Duo adds up to more.
const LONGEST: SignedDuration = SignedDuration::from_hours(4);

/// A server that gives the answers it was handed, and then none; and everybody else that robo
/// deals with meanwhile.
pub struct Stage {
    /// The org.
    pub domain: Domain,
    elsewhere: bool,
    answers: RefCell<VecDeque<Response>>,
    asked: RefCell<Vec<Request>>,
    now: Cell<Timestamp>,
    questions: Cell<usize>,
}

/// Whether an input has come to hold a secret, as the fuzzer learns them from what they are compared
/// with: such a server knows it already.
pub fn knows_a_secret(input: &[u8]) -> bool {
    let has = |secret: &str| {
        input.windows(secret.len()).any(|part| part.eq_ignore_ascii_case(secret.as_bytes()))
    };
    SECRETS.iter().any(|secret| has(secret))
}

/// The answers in `input`, one after each byte that no text has. An answer is a status, lines of
/// headers, an empty line and a body; one that does not begin with a status is a body alone.
pub fn answers(input: &[u8]) -> Vec<Response> {
    input.split(|byte| *byte == 0xff).map(answer).collect()
}

fn answer(bytes: &[u8]) -> Response {
    let alone = || Response { status: 200, headers: Vec::new(), body: bytes.to_vec() };
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let Some(status) = lines.next().and_then(|line| line.parse().ok()) else { return alone() };
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    Response { status, headers: lines.filter_map(header).collect(), body: body.as_bytes().to_vec() }
}

/// The same answers, of a server that says what it was told where they have `%SECRET%`.
pub fn echoing(answers: &[Response], secret: &str) -> Vec<Response> {
    let echo = |answer: &Response| Response {
        body: answer.text().replace("%SECRET%", secret).into_bytes(),
        ..answer.clone()
    };
    answers.iter().map(echo).collect()
}

/// A folder in memory, where there is one, for as long as the process lives: thousands of files a
/// second are written there.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    FOLDER.get_or_init(|| TempDir::with_prefix_in("robo-fuzz-", place).expect("a folder")).path()
}

impl Stage {
    /// A stage with these answers.
    pub fn new(answers: Vec<Response>) -> Self {
        Self {
            domain: Domain::parse(HOST).expect("a domain"),
            elsewhere: false,
            answers: RefCell::new(answers.into()),
            asked: RefCell::default(),
            now: Cell::new(begin()),
            questions: Cell::new(0),
        }
    }

    /// The same, where other hosts may be spoken to: Duo's, which the org names; AWS's.
    pub fn anywhere(answers: Vec<Response>) -> Self {
        Self { elsewhere: true, ..Self::new(answers) }
    }

    /// The org.
    pub fn okta(&self) -> Okta<'_> {
        Okta::new(self, self, self, &self.domain).with_security_keys(self)
    }

    /// What was asked of the server.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.borrow().clone()
    }

    /// Nothing that a person is told may be secret.
    fn hears(&self, text: &str) {
        assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "shows a secret: {text}");
    }

    fn is_asked(&self, question: &str) -> Result<usize> {
        self.hears(question);
        let count = self.questions.replace(self.questions.get() + 1);
        if count < 20 { Ok(count) } else { Err(Error::new(Kind::Interrupted, "stopped")) }
    }
}

/// When every run begins.
pub fn begin() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time")
}

/// The person's session and device.
pub fn cookies() -> Cookies {
    let secret = |text: &str| Some(Secret::from(text.to_owned()));
    Cookies { sid: secret(SESSION), idx: None, dt: secret(DEVICE) }
}

/// An error, and what it is made of, may be shown.
pub fn may_be_shown(error: &impl Debug) {
    let text = format!("{error:?}");
    assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "shows a secret: {text}");
}

/// An assertion is for AWS alone, and for roles.
pub fn is_for_aws(assertion: &Assertion) {
    let url = &assertion.destination;
    let host = url.host_str().unwrap_or_default();
    let known = [
        "signin.aws.amazon.com",
        "signin.amazonaws-us-gov.com",
        "signin.amazonaws.cn",
        "signin.amazonaws-eusc.eu",
    ];
    let of_aws = |name: &&str| host == *name || host.ends_with(&format!(".{name}"));
    assert!(url.scheme() == "https" && known.iter().any(of_aws), "it goes to {url}");
    assert!(url.port().is_none() && url.username().is_empty() && url.path().starts_with("/saml"));
    for (at, role) in assertion.roles.iter().enumerate() {
        assert!(role.role_arn.starts_with("arn:") && role.role_arn.contains(":role/"));
        assert!(role.provider_arn.contains(":saml-provider/"));
        assert!(!assertion.roles[..at].contains(role), "twice: {role:?}");
    }
}

/// A `Cookie` header has the org's cookies, each once at most, and nothing that ends one.
fn is_cookie_header(text: &str) {
    let mut names = Vec::new();
    for pair in text.split("; ") {
        let (name, value) = pair.split_once('=').expect("a pair");
        assert!(["sid", "idx", "DT"].contains(&name) && !names.contains(&name), "{text}");
        let octet = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
        assert!(!value.is_empty() && value.bytes().all(octet), "{text}");
        names.push(name);
    }
}

impl Http for Stage {
    fn send(&self, request: &Request) -> Result<Response> {
        let url = &request.url;
        assert!(url.scheme() == "https" && url.username().is_empty() && url.password().is_none());
        let own = url.host_str() == Some(HOST) && url.port().is_none();
        assert!(own || self.elsewhere, "asks {url}");
        for (name, value) in &request.headers {
            assert!(!value.bytes().any(|byte| byte.is_ascii_control()), "{name}: {value}");
            if *name == "Cookie" {
                assert!(own, "a cookie goes to {url}");
                is_cookie_header(value);
            }
        }
        if !own {
            let told = format!("{url} {}", String::from_utf8_lossy(&request.body));
            assert!(!SECRETS.iter().any(|secret| told.contains(secret)), "tells {told}");
        }
        self.asked.borrow_mut().push(request.clone());
        assert!(self.asked.borrow().len() <= MOST, "asks and asks");
        let answer = self.answers.borrow_mut().pop_front();
        answer.ok_or_else(|| Error::new(Kind::Unreachable, "the server is gone"))
    }
}

impl Clock for Stage {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) -> Result<()> {
        self.now.set(self.now.get() + duration);
        assert!(self.now.get().duration_since(begin()) < LONGEST, "waits and waits");
        Ok(())
    }
}

impl Prompt for Stage {
    fn can_ask(&self) -> bool {
        true
    }

    fn confirm(&self, question: &str, _default: bool) -> Result<bool> {
        Ok(self.is_asked(question)? % 2 == 0)
    }

    fn letter(&self, question: &str, letters: &[char]) -> Result<char> {
        Ok(letters[self.is_asked(question)? % letters.len()])
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize> {
        items.iter().for_each(|item| self.hears(item));
        Ok(self.is_asked(question)? % items.len())
    }

    fn line(&self, question: &str) -> Result<String> {
        Ok(format!("48036{}", self.is_asked(question)? % 10))
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        self.is_asked(question)?;
        Ok(PASSWORD.to_owned().into())
    }

    fn note(&self, text: &str) {
        self.hears(text);
    }

    fn detail(&self, text: &str) {
        self.hears(text);
    }

    fn visit(&self, text: &str, address: &str) {
        self.hears(text);
        assert!(address.starts_with(&format!("https://{HOST}/")), "a person is sent to {address}");
    }

    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a> {
        self.hears(text);
        Box::new(Watched(self))
    }
}

struct Watched<'a>(&'a Stage);

impl Waiting for Watched<'_> {
    fn update(&self, text: &str) {
        self.0.hears(text);
    }
}

impl SecurityKeys for Stage {
    fn hindrance(&self) -> Option<&'static str> {
        None
    }

    fn sign(&self, request: &SignRequest<'_>, _prompt: &dyn Prompt) -> Result<Signed, KeyFailure> {
        // What a browser would hold a page of the org's to (WebAuthn, 5.1.4.1).
        let SignRequest { origin, rp_id, allowed, .. } = request;
        assert_eq!(*origin, format!("https://{HOST}"));
        assert!(HOST == *rp_id || HOST.ends_with(&format!(".{rp_id}")), "signs for {rp_id}");
        assert!(!allowed.is_empty() && !allowed.iter().any(Vec::is_empty));
        match allowed[0].len() % 3 {
            0 => Err(KeyFailure::TimedOut),
            1 => Err(KeyFailure::NotRegistered),
            _ => Ok(Signed { authenticator_data: vec![0x45; 37], signature: vec![7; 70] }),
        }
    }
}
