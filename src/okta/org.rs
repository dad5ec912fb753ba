//! One org over HTTP: cookies, rate limits, and answers that make no sense.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;
use url::Url;

use crate::error::{Error, Kind, Result};
use crate::okta::cookies::Cookies;
use crate::okta::domain::Domain;
use crate::okta::page::Page;
use crate::okta::refusal::{Failure, RATE_LIMIT, Refusal};
use crate::okta::words::cut;
use crate::sys::clock::Clock;
use crate::sys::http::{Http, Request, Response};
use crate::sys::prompt::Prompt;
use crate::sys::security_key::{NoSecurityKeys, SecurityKeys};

/// An org, and what it takes to speak to it.
pub(super) struct Org<'a> {
    pub(super) http: &'a dyn Http,
    pub(super) clock: &'a dyn Clock,
    pub(super) prompt: &'a dyn Prompt,
    pub(super) domain: &'a Domain,
    pub(super) keys: &'a dyn SecurityKeys,
    /// How much longer rate limits are waited for.
    patience: Cell<Duration>,
}

/// How long rate limits are waited for, in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait where Okta does not say.
const PAUSE: Duration = Duration::from_secs(5);

impl<'a> Org<'a> {
    pub(super) fn new(
        http: &'a dyn Http,
        clock: &'a dyn Clock,
        prompt: &'a dyn Prompt,
        domain: &'a Domain,
    ) -> Self {
        let keys = &NoSecurityKeys;
        Self { http, clock, prompt, domain, keys, patience: Cell::new(PATIENCE) }
    }

    /// Sends `request`, which goes to this org, with `cookie`; keeps the cookies that come back.
    /// Waits where Okta asks for patience, as long as there is some left.
    pub(super) fn send(
        &self,
        request: Request,
        cookie: Option<String>,
        cookies: &mut Cookies,
    ) -> Result<Response> {
        self.domain.own(request.url.clone())?;
        let request = match cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        };
        loop {
            let answer = self.send_once(&request, cookies)?;
            if answer.status != 429 {
                return Ok(answer);
            }
            match Refusal::read(&answer) {
                Some(refusal) if refusal.code != RATE_LIMIT => return Ok(answer),
                refusal => self.wait(&answer, refusal)?,
            }
        }
    }

    /// Sends `request`, which goes to this org, and waits for no rate limit.
    pub(super) fn send_once(&self, request: &Request, cookies: &mut Cookies) -> Result<Response> {
        self.clock.go_on()?;
        let answer = self.http.send(request)?;
        cookies.take(&answer, self.clock.now());
        Ok(answer)
    }

    /// Posts `body` to one of this org's own addresses, of which only the device cookie is told:
    /// a session that is there already has no part in a sign-in. Gives the JSON of the answer.
    pub(super) fn post(
        &self,
        url: Url,
        body: &Value,
        cookies: &mut Cookies,
    ) -> Result<Value, Failure> {
        let device = Cookies { dt: cookies.dt.clone(), ..Cookies::default() };
        let answer = self.send(Request::json(url, body), device.header(), cookies)?;
        if let Some(refusal) = Refusal::read(&answer) {
            return Err(Failure::Said(refusal));
        }
        let value: Option<Value> = answer.json().ok().filter(Value::is_object);
        match value.filter(|_| (200..300).contains(&answer.status)) {
            Some(value) => Ok(value),
            None => Err(Failure::Broke(self.nonsense(&answer))),
        }
    }

    /// The error for an answer that is none of Okta's.
    pub(super) fn nonsense(&self, answer: &Response) -> Error {
        let (domain, status) = (self.domain, answer.status);
        if let Some(location) = answer.header("location").filter(|_| (300..400).contains(&status)) {
            // Names the other host, if it is another.
            if let Err(error) = self.domain.url(location) {
                return error;
            }
        }
        let error = Error::failed(format!(
            "{domain} answered with something else than Okta does (status {status})"
        ));
        let title = Page::read(&answer.text()).title;
        let error = match title.is_empty() {
            false => error.because(format!("a page with the title \"{}\"", cut(&title, 100))),
            true => error,
        };
        error.hint(if status >= 500 {
            "try again; https://status.okta.com tells of outages".to_owned()
        } else {
            format!("is {domain} your company's Okta domain, and no proxy's page in between?")
        })
    }

    /// Waits as long as the rate limit says, and tells so.
    fn wait(&self, answer: &Response, refusal: Option<Refusal>) -> Result<()> {
        let pause = self.pause(answer);
        let Some(left) = self.patience.get().checked_sub(pause) else {
            let seconds = pause.as_secs();
            return Err(Error::new(
                Kind::OktaRefused,
                format!(
                    "Okta gets too many requests ({}): it asks to wait {seconds} s",
                    self.domain
                ),
            )
            .maybe_because(refusal.map(|refusal| refusal.words()))
            .hint(format!("try again in {seconds} s")));
        };
        self.patience.set(left);
        let text = format!("Okta: too many requests; waiting {} s as it asks.", pause.as_secs());
        let _waiting = self.prompt.waiting(&text);
        self.clock.sleep(pause)
    }

    /// How long until the rate limit is over. `X-Rate-Limit-Reset` is a time by the server's
    /// clock, in seconds since 1970; the server's `Date` says what that clock shows now.
    pub(super) fn pause(&self, answer: &Response) -> Duration {
        let reset = answer.header("x-rate-limit-reset").and_then(|text| text.trim().parse().ok());
        let Some(reset) = reset.and_then(|second| Timestamp::from_second(second).ok()) else {
            return PAUSE;
        };
        let date = answer.header("date").and_then(|date| rfc2822::parse(date).ok());
        let now = date.map_or_else(|| self.clock.now(), |date| date.timestamp());
        let left = Duration::try_from(reset.duration_since(now)).unwrap_or_default();
        left + Duration::from_secs(1)
    }
}
