//! A stage for tests: a network, a clock, a person and a security key that follow a script and write
//! down what happens, in order.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::error::{Error, Kind, Result};
use crate::okta::{Domain, Okta};
use crate::sys::clock::Clock;
use crate::sys::http::{Http, Method, Request, Response};
use crate::sys::prompt::{Nobody, Prompt, Waiting};
use crate::sys::secret::Secret;
use crate::sys::security_key::{KeyFailure, SecurityKeys, SignRequest, Signed};

/// All of them at once.
pub(super) struct Stage {
    domain: Domain,
    answers: RefCell<VecDeque<Result<Response>>>,
    /// What the person says; without any, nobody is there.
    lines: Option<RefCell<VecDeque<String>>>,
    /// What comes of asking a key; without any, no key is there.
    keys: Option<RefCell<VecDeque<Result<Signed, KeyFailure>>>>,
    now: Cell<Timestamp>,
    stop_at: Cell<Option<Timestamp>>,
    log: RefCell<Vec<String>>,
}

/// An answer with JSON.
pub(super) fn json(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

/// An answer with a page.
pub(super) fn html(status: u16, body: &str) -> Response {
    Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

/// A redirect.
pub(super) fn redirect(to: &str) -> Response {
    html(302, "").with("location", to)
}

/// An error of Okta's.
pub(super) fn refusal(status: u16, code: &str) -> Response {
    json(status, &serde_json::json!({ "errorCode": code, "errorSummary": "Summary" }))
}

impl Response {
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Stage {
    /// Nobody is there, and the network answers `answers`.
    pub(super) fn new(answers: Vec<Response>) -> Self {
        Self {
            domain: Domain::parse("acme.okta.com").unwrap(),
            answers: RefCell::new(answers.into_iter().map(Ok).collect()),
            lines: None,
            keys: None,
            now: Cell::new("2026-11-23T12:00:00Z".parse().unwrap()),
            stop_at: Cell::new(None),
            log: RefCell::default(),
        }
    }

    /// Somebody is there, and says `lines`.
    pub(super) fn with_person(mut self, lines: &[&str]) -> Self {
        self.lines = Some(RefCell::new(lines.iter().map(|line| (*line).to_owned()).collect()));
        self
    }

    /// A key is there, and comes to `outcomes`.
    pub(super) fn with_key(mut self, outcomes: Vec<Result<Signed, KeyFailure>>) -> Self {
        self.keys = Some(RefCell::new(outcomes.into()));
        self
    }

    /// The connection drops in place of the answer with that index.
    pub(super) fn dropping(self, index: usize) -> Self {
        let error = Error::new(Kind::Unreachable, "dropped");
        self.answers.borrow_mut().insert(index, Err(error));
        self
    }

    /// The person stops it when that much time has passed.
    pub(super) fn stopped_after(self, seconds: i64) -> Self {
        self.stop_at.set(Some(self.now.get() + SignedDuration::from_secs(seconds)));
        self
    }

    pub(super) fn okta(&self) -> Okta<'_> {
        Okta::new(self, self, self, &self.domain).with_security_keys(self)
    }

    /// What happened, and that it was all that was to happen.
    #[track_caller]
    pub(super) fn log(&self) -> Vec<String> {
        let log = self.log.take();
        let left = self.answers.borrow().len();
        assert_eq!(left, 0, "answers are left over after {log:#?}");
        log
    }

    /// As [`Stage::log`], without what starts with one of `words`.
    #[track_caller]
    pub(super) fn log_without(&self, words: &[&str]) -> Vec<String> {
        let mut log = self.log();
        log.retain(|line| !words.iter().any(|word| line.starts_with(word)));
        log
    }

    fn say(&self, line: String) {
        self.log.borrow_mut().push(line);
    }

    fn ask(&self, question: &str) -> Result<String> {
        self.say(format!("? {question}"));
        let Some(lines) = &self.lines else { return Nobody.line(question) };
        match lines.borrow_mut().pop_front() {
            Some(line) if line == "^C" => Err(Error::new(Kind::Interrupted, "stopped")),
            Some(line) => Ok(line),
            None => panic!("nobody answers {question}: {:#?}", self.log.borrow()),
        }
    }
}

impl Http for Stage {
    fn send(&self, request: &Request) -> Result<Response> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        };
        let url = request.url.as_str();
        let url = url.strip_prefix("https://acme.okta.com").unwrap_or(url);
        let mut line = format!("{method} {url}");
        if !request.body.is_empty() {
            line.push_str(&format!(" {}", String::from_utf8_lossy(&request.body)));
        }
        if let Some((_, cookie)) = request.headers.iter().find(|(name, _)| *name == "Cookie") {
            line.push_str(&format!(" [{cookie}]"));
        }
        self.say(line);
        let answer = self.answers.borrow_mut().pop_front();
        answer.unwrap_or_else(|| panic!("no answer is left: {:#?}", self.log.borrow()))
    }
}

impl SecurityKeys for Stage {
    fn hindrance(&self) -> Option<&'static str> {
        self.keys.is_none().then_some("no key is here")
    }

    fn sign(&self, request: &SignRequest<'_>, _prompt: &dyn Prompt) -> Result<Signed, KeyFailure> {
        let SignRequest { origin, rp_id, app_id, allowed, verification, .. } = request;
        let allowed: Vec<_> = allowed.iter().map(|id| String::from_utf8_lossy(id)).collect();
        let app_id = app_id.map(|app_id| format!(" or {app_id}")).unwrap_or_default();
        self.say(format!(
            "key: {verification:?} {origin} {rp_id}{app_id} by {}",
            allowed.join(" ")
        ));
        let outcomes = self.keys.as_ref().unwrap();
        let outcome = outcomes.borrow_mut().pop_front();
        outcome.unwrap_or_else(|| panic!("no outcome is left: {:#?}", self.log.borrow()))
    }
}

impl Clock for Stage {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) -> Result<()> {
        self.now.set(self.now.get() + duration);
        if !duration.is_zero() {
            self.say(format!("sleep {duration:?}"));
        }
        match self.stop_at.get() {
            Some(at) if at <= self.now.get() => Err(Error::new(Kind::Interrupted, "stopped")),
            _ => Ok(()),
        }
    }
}

impl Prompt for Stage {
    fn can_ask(&self) -> bool {
        self.lines.is_some()
    }

    fn confirm(&self, question: &str, _default: bool) -> Result<bool> {
        Ok(self.ask(question)? == "y")
    }

    fn letter(&self, question: &str, letters: &[char]) -> Result<char> {
        let letter = self.ask(question)?.chars().next().unwrap();
        assert!(letters.contains(&letter));
        Ok(letter)
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize> {
        let picked = self.ask(&format!("{question}: {}", items.join(" | ")))?;
        Ok(items.iter().position(|item| item.contains(&picked)).unwrap())
    }

    fn line(&self, question: &str) -> Result<String> {
        self.ask(question)
    }

    fn secret(&self, question: &str) -> Result<Secret> {
        Ok(self.ask(&format!("{question} (unseen)"))?.into())
    }

    fn note(&self, text: &str) {
        self.say(format!("! {text}"));
    }

    fn waiting<'a>(&'a self, text: &str) -> Box<dyn Waiting + 'a> {
        self.say(format!("… {text}"));
        Box::new(Watched(self))
    }
}

struct Watched<'a>(&'a Stage);

impl Waiting for Watched<'_> {
    fn update(&self, text: &str) {
        self.0.say(format!("… {text}"));
    }
}
