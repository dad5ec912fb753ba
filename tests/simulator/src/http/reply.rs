//! An answer on its way out, whole or damaged on purpose.

use serde_json::Value;

/// How the answer is cut off.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Cut {
    /// It is not.
    #[default]
    Whole,
    /// The connection is closed without an answer.
    Nothing,
    /// The connection is closed after so many bytes of the body.
    After(usize),
}

/// What is answered.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers beside `Content-Length` and `Date`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How it is damaged.
    pub cut: Cut,
}

impl Reply {
    /// An answer with a body of that type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }.header("Content-Type", content_type)
    }

    /// An answer of JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    /// A page.
    pub fn html(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/html;charset=utf-8", body.into())
    }

    /// Plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain;charset=utf-8", body.into())
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// A 302 to `location`.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::empty(302).header("Location", location)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a cookie of the whole host, for this session of a browser, as Okta sets its own.
    #[must_use]
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.header("Set-Cookie", format!("{name}={value};Version=1;Path=/;Secure;HttpOnly"))
    }

    /// Takes a cookie away.
    #[must_use]
    pub fn without_cookie(self, name: &str) -> Self {
        let gone = "Version=1;Path=/;Max-Age=0;Expires=Thu, 01-Jan-1970 00:00:10 GMT";
        self.header("Set-Cookie", format!("{name}=\"\";{gone}"))
    }

    /// The bytes that go out, and whether the connection ends behind them.
    pub(crate) fn encode(&self, date: &str, close: bool) -> (Vec<u8>, bool) {
        let mut out =
            format!("HTTP/1.1 {} {}\r\nDate: {date}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            out.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        if close {
            out.push_str("Connection: close\r\n");
        }
        out.push_str("\r\n");
        let mut out = out.into_bytes();
        match self.cut {
            Cut::Whole => out.extend_from_slice(&self.body),
            Cut::Nothing => out.clear(),
            Cut::After(most) => out.extend_from_slice(&self.body[..most.min(self.body.len())]),
        }
        (out, close || self.cut != Cut::Whole)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
