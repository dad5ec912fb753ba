//! Something that goes wrong at an endpoint.

use serde::{Deserialize, Serialize};

/// A fault. It hits the requests that `on` names, from the `from`th to the `to`th after it was put
/// in place.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// A service and an endpoint, as they stand in [`Counts`](crate::Counts):
    /// `okta POST /api/v1/authn`, `sts AssumeRole`. A `*` at the end stands for anything:
    /// `sts*`, `okta GET*`, `*`.
    pub on: String,
    /// The first request that is hit, counted from 1.
    pub from: u64,
    /// The last one.
    pub to: u64,
    /// Wait so many milliseconds first.
    pub latency_ms: u64,
    /// Answer this instead, and do nothing.
    pub answer: Option<Answer>,
    /// Answer this error of Okta's (`E0000047`) instead, with the status that it has.
    pub okta_error: Option<String>,
    /// Answer this error of STS instead.
    pub aws_error: Option<AwsError>,
    /// Answer Okta's 429 instead, with a reset in so many seconds.
    pub rate_limit: Option<i64>,
    /// Answer a redirect there instead.
    pub redirect: Option<String>,
    /// Close the connection without an answer.
    pub drop: Option<Drop>,
    /// Do the work, send only so many bytes of the body, close.
    pub truncate: Option<usize>,
    /// Do the work, answer with so many bytes of noise as the body.
    pub garbage: Option<usize>,
    /// Do the work, answer with so many megabytes as the body.
    pub megabytes: Option<usize>,
    /// Do the work, close the connection behind the answer.
    pub close: bool,
    /// Do the work; the `Date` is off by so many seconds.
    pub date_skew: i64,
    /// How many requests `on` fitted so far. Starts at 0.
    #[serde(skip)]
    pub seen: u64,
}

/// When the connection is closed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drop {
    /// Before anything was done.
    Before,
    /// After it was done: the other side cannot know.
    After,
}

/// An answer given as it stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The type of the body.
    pub content_type: String,
    /// The body.
    pub body: String,
    /// More headers.
    pub headers: Vec<(String, String)>,
}

impl Default for Answer {
    fn default() -> Self {
        let (content_type, body) = ("text/html".to_owned(), String::new());
        Self { status: 200, content_type, body, headers: Vec::new() }
    }
}

/// An error as STS gives it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AwsError {
    /// The status code.
    pub status: u16,
    /// `Throttling`, …
    pub code: String,
    /// The words.
    pub message: String,
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            on: "*".to_owned(),
            from: 1,
            to: u64::MAX,
            latency_ms: 0,
            answer: None,
            okta_error: None,
            aws_error: None,
            rate_limit: None,
            redirect: None,
            drop: None,
            truncate: None,
            garbage: None,
            megabytes: None,
            close: false,
            date_skew: 0,
            seen: 0,
        }
    }
}

impl Fault {
    /// A fault that does nothing yet, on what [`on`](Self::on) says.
    pub fn on(what: &str) -> Self {
        Self { on: what.to_owned(), ..Self::default() }
    }

    /// Hits the first `count` requests alone.
    #[must_use]
    pub fn first(mut self, count: u64) -> Self {
        (self.from, self.to) = (1, count);
        self
    }

    /// Hits the `number`th request alone, counted from 1.
    #[must_use]
    pub fn nth(mut self, number: u64) -> Self {
        (self.from, self.to) = (number, number);
        self
    }

    /// Waits so long first.
    #[must_use]
    pub fn latency(mut self, milliseconds: u64) -> Self {
        self.latency_ms = milliseconds;
        self
    }

    /// Answers that page.
    #[must_use]
    pub fn page(mut self, status: u16, body: &str) -> Self {
        self.answer = Some(Answer { status, body: body.to_owned(), ..Answer::default() });
        self
    }

    /// Answers that error of Okta's.
    #[must_use]
    pub fn okta_error(mut self, code: &str) -> Self {
        self.okta_error = Some(code.to_owned());
        self
    }

    /// Answers that error of STS.
    #[must_use]
    pub fn aws_error(mut self, status: u16, code: &str, message: &str) -> Self {
        let (code, message) = (code.to_owned(), message.to_owned());
        self.aws_error = Some(AwsError { status, code, message });
        self
    }

    /// Answers Okta's 429, with a reset in so many seconds.
    #[must_use]
    pub fn rate_limit(mut self, seconds: i64) -> Self {
        self.rate_limit = Some(seconds);
        self
    }

    /// Answers a redirect.
    #[must_use]
    pub fn redirect(mut self, to: &str) -> Self {
        self.redirect = Some(to.to_owned());
        self
    }

    /// Closes the connection.
    #[must_use]
    pub fn drop(mut self, when: Drop) -> Self {
        self.drop = Some(when);
        self
    }

    /// Sends only so many bytes of the body.
    #[must_use]
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.truncate = Some(bytes);
        self
    }

    /// Sends so many bytes of noise.
    #[must_use]
    pub fn garbage(mut self, bytes: usize) -> Self {
        self.garbage = Some(bytes);
        self
    }

    /// Sends so many megabytes.
    #[must_use]
    pub fn megabytes(mut self, megabytes: usize) -> Self {
        self.megabytes = Some(megabytes);
        self
    }

    /// Whether a request to `endpoint` (with its service) is meant.
    pub(crate) fn fits(&self, endpoint: &str) -> bool {
        fits(&self.on, endpoint)
    }

    /// This fault and `other`, whose word counts where both say something.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            latency_ms: self.latency_ms + other.latency_ms,
            answer: other.answer.or(self.answer),
            okta_error: other.okta_error.or(self.okta_error),
            aws_error: other.aws_error.or(self.aws_error),
            rate_limit: other.rate_limit.or(self.rate_limit),
            redirect: other.redirect.or(self.redirect),
            drop: other.drop.or(self.drop),
            truncate: other.truncate.or(self.truncate),
            garbage: other.garbage.or(self.garbage),
            megabytes: other.megabytes.or(self.megabytes),
            close: self.close || other.close,
            date_skew: self.date_skew + other.date_skew,
            ..other
        }
    }

    /// Counts a request that fits, and says whether it is hit.
    pub(crate) fn hits(&mut self) -> bool {
        self.seen += 1;
        (self.from..=self.to).contains(&self.seen)
    }
}

/// Whether `pattern`, which may end in `*`, stands for `endpoint`.
pub(crate) fn fits(pattern: &str, endpoint: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => endpoint.starts_with(start),
        None => endpoint == pattern,
    }
}
