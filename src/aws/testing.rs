//! A network that follows a script and a clock that jumps, for the tests of this module.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use crate::aws::credentials::Credentials;
use crate::error::{Error, Kind, Result};
use crate::sys::clock::Clock;
use crate::sys::http::{Http, Request, Response};

/// A moment; no test depends on which.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

/// Credentials of an hour for the role `name`, with secrets that can be searched for.
pub(super) fn credentials(name: &str) -> Credentials {
    Credentials {
        access_key_id: format!("ASIA{}", name.to_uppercase()),
        secret_access_key: format!("secret-of-{name}").into(),
        session_token: format!("token-of-{name}").into(),
        obtained: now(),
        expiration: now() + SignedDuration::from_hours(1),
        assumed_role_arn: format!("arn:aws:sts::111111111111:assumed-role/{name}/jo@acme.com"),
    }
}

/// Answers requests in order from a script, and keeps what was asked.
#[derive(Default)]
pub(super) struct Script {
    answers: RefCell<VecDeque<Result<Response>>>,
    pub(super) asked: RefCell<Vec<Request>>,
}

impl Script {
    pub(super) fn of(answers: impl IntoIterator<Item = Result<Response>>) -> Self {
        Self { answers: RefCell::new(answers.into_iter().collect()), ..Self::default() }
    }

    /// The fields of the `n`th request's form body.
    pub(super) fn form(&self, n: usize) -> Vec<(String, String)> {
        let asked = self.asked.borrow();
        form_urlencoded::parse(&asked[n].body).into_owned().collect()
    }

    /// One header of the `n`th request.
    pub(super) fn header(&self, n: usize, name: &str) -> Option<String> {
        let asked = self.asked.borrow();
        let found = asked[n].headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    }

    pub(super) fn count(&self) -> usize {
        self.asked.borrow().len()
    }
}

impl Http for Script {
    fn send(&self, request: &Request) -> Result<Response> {
        self.asked.borrow_mut().push(request.clone());
        self.answers.borrow_mut().pop_front().expect("one request more than the script has")
    }
}

/// An answer with that status and body.
pub(super) fn answer(status: u16, body: &str) -> Result<Response> {
    Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
}

/// An answer that also tells the time.
pub(super) fn answer_at(moment: Timestamp, status: u16, body: &str) -> Result<Response> {
    let date = moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer(status, body)
        .map(|response| Response { headers: vec![("date".to_owned(), date)], ..response })
}

/// No answer: a connection that broke.
pub(super) fn broken(kind: std::io::ErrorKind) -> Result<Response> {
    Err(Error::new(Kind::Unreachable, "cannot reach the server")
        .because(std::io::Error::from(kind)))
}

/// A clock that jumps when it is slept by.
pub(super) struct Jumping {
    now: Cell<Timestamp>,
    /// Each wait.
    pub(super) slept: RefCell<Vec<Duration>>,
    /// After how many waits the person stops it.
    pub(super) patience: Cell<usize>,
}

impl Default for Jumping {
    fn default() -> Self {
        Self { now: Cell::new(now()), slept: RefCell::default(), patience: Cell::new(usize::MAX) }
    }
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) -> Result<()> {
        if self.slept.borrow().len() >= self.patience.get() {
            return Err(Error::new(Kind::Interrupted, "stopped"));
        }
        if !duration.is_zero() {
            self.slept.borrow_mut().push(duration);
        }
        self.now.set(self.now.get() + duration);
        Ok(())
    }
}
