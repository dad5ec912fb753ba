//! HTTP as robo needs it: one request, one answer, nothing done behind the caller's back.
//!
//! No redirect is followed, no cookie kept, nothing sent twice: the callers know what may go
//! where. The real client is [`Client`]; tests hand in an [`Http`] of their own.

mod client;
mod failure;
mod network;
mod roots;

use url::Url;

use crate::error::{Error, Result};

pub use client::Client;
pub use network::Network;

/// Sends requests.
pub trait Http {
    /// Sends one request and gives the answer, whatever its status is.
    ///
    /// # Errors
    /// [`Kind::Unreachable`](crate::Kind::Unreachable) when there is no whole answer: the host's
    /// name, the connection, TLS, a proxy, a time limit, an answer that breaks off.
    /// [`Kind::Failed`](crate::Kind::Failed) when it is larger than the request allows.
    fn send(&self, request: &Request) -> Result<Response>;
}

/// `GET`, `POST` or `DELETE`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Asks for something.
    Get,
    /// Sends something.
    Post,
    /// Ends something.
    Delete,
}

/// What is asked of a server. Its `Debug` shows neither query, header values nor body: they may
/// be secret.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers; `User-Agent` and `Host` come by themselves.
    pub headers: Vec<(&'static str, String)>,
    /// The body of a `POST`.
    pub body: Vec<u8>,
    /// The most bytes that the answer may have, once unpacked.
    pub limit: u64,
}

/// Answers are small: a page of Okta's is some 50 kB.
const LIMIT: u64 = 4 << 20;

impl Request {
    /// A `GET`.
    pub fn get(url: Url) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), body: Vec::new(), limit: LIMIT }
    }

    /// A `POST` of JSON, for JSON.
    pub fn json(url: Url, body: &serde_json::Value) -> Self {
        Self { method: Method::Post, body: body.to_string().into_bytes(), ..Self::get(url) }
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
    }

    /// A `POST` of form fields, encoded as a browser does.
    pub fn form<'a>(url: Url, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish()
            .into_bytes();
        Self { method: Method::Post, body, ..Self::get(url) }
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The host of `url` with its port where that is not the usual one: what may be shown of any URL.
pub(crate) fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "nowhere".to_owned(),
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}{}", self.method, host(&self.url), self.url.path())
    }
}

/// What a server answered. Its `Debug` shows the status alone.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case, in their order.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name, given in lower case.
    pub fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// All headers of that name, given in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// When it is not JSON, or not of that shape. The body itself is not in the error.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|cause| {
            // serde_json quotes values of the wrong type; the kind of mistake and its place do.
            let place = format!("line {} column {}", cause.line(), cause.column());
            Error::failed(format!("the answer is not the JSON that was expected ({place})"))
        })
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "status {}, {} bytes", self.status, self.body.len())
    }
}
