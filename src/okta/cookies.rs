//! The cookies by which an Okta org knows a session and a device.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sys::http::Response;
use crate::sys::secret::{ExposeSecret, Secret};

/// The cookies of one user at one org. Who keeps them keeps them by domain *and* user: a device
/// cookie of somebody else's breaks a sign-in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Cookies {
    /// The session of a Classic org.
    #[serde(with = "shown", default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Secret>,
    /// The session of an Identity Engine org.
    #[serde(with = "shown", default, skip_serializing_if = "Option::is_none")]
    pub idx: Option<Secret>,
    /// The device, which outlives sessions.
    #[serde(with = "shown", default, skip_serializing_if = "Option::is_none")]
    pub dt: Option<Secret>,
}

/// Browsers keep no larger one (RFC 6265, 6.1 asks for 4096 bytes at least).
const LONGEST: usize = 8192;

impl Cookies {
    /// Whether there is a session that may still be alive.
    pub fn has_session(&self) -> bool {
        self.sid.is_some() || self.idx.is_some()
    }

    /// Forgets the session and keeps the device. By default a Classic org ignores a session token
    /// while an old `sid` is sent with it.
    pub fn drop_session(&mut self) {
        self.sid = None;
        self.idx = None;
    }

    /// The value of a `Cookie` header with all of them; none when there are none.
    pub(super) fn header(&self) -> Option<String> {
        let named = [("sid", &self.sid), ("idx", &self.idx), ("DT", &self.dt)];
        let pairs = named.iter().filter_map(|(name, value)| {
            value.as_ref().map(|value| format!("{name}={}", value.expose_secret()))
        });
        let header = pairs.collect::<Vec<_>>().join("; ");
        (!header.is_empty()).then_some(header)
    }

    /// Takes what `answer` sets and drops what it deletes. The answer is one of the org's own.
    pub(super) fn take(&mut self, answer: &Response, now: Timestamp) {
        for line in answer.all("set-cookie") {
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let slot = match name.trim() {
                "sid" => &mut self.sid,
                "idx" => &mut self.idx,
                "DT" => &mut self.dt,
                _ => continue,
            };
            let value = value.trim().trim_matches('"');
            if value.is_empty() || parts.any(|attribute| is_over(attribute, now)) {
                *slot = None;
            } else if value.len() <= LONGEST && value.bytes().all(is_cookie_octet) {
                *slot = Some(value.to_owned().into());
            }
        }
    }
}

/// Whether an attribute of a cookie says that it is to be deleted.
fn is_over(attribute: &str, now: Timestamp) -> bool {
    let Some((name, value)) = attribute.split_once('=') else { return false };
    let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
    match name.as_str() {
        "max-age" => value == "0" || value.starts_with('-'),
        // `Thu, 01-Jan-1970 00:00:10 GMT` is an older spelling of the same.
        "expires" => {
            rfc2822::parse(&value.replace('-', " ")).is_ok_and(|expires| expires.timestamp() <= now)
        }
        _ => false,
    }
}

/// What a cookie's value is made of (RFC 6265, 4.1.1): nothing that could end it, or a header.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

/// Secrets as plain text, for the vault's files, which are encrypted.
mod shown {
    use super::{Deserialize, Deserializer, ExposeSecret, Secret, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(lines: &[&str]) -> Response {
        let headers = lines.iter().map(|line| ("set-cookie".to_owned(), (*line).to_owned()));
        Response { status: 200, headers: headers.collect(), body: Vec::new() }
    }

    fn taken(lines: &[&str]) -> Option<String> {
        let mut cookies = Cookies { sid: Some("old".to_owned().into()), ..Cookies::default() };
        cookies.take(&answer(lines), "2026-11-23T12:00:00Z".parse().unwrap());
        cookies.header()
    }

    #[test]
    fn cookies_are_set_and_deleted() {
        let cases: [(&[&str], Option<&str>); 12] = [
            (&[], Some("sid=old")),
            (&["sid=new; Path=/; Secure; HttpOnly"], Some("sid=new")),
            (&["JSESSIONID=1", "DT=dev; Max-Age=9", "idx=i"], Some("sid=old; idx=i; DT=dev")),
            (&["sid=; Path=/"], None),
            (&["sid=\"\"; Path=/"], None),
            (&["sid=x; Max-Age=0"], None),
            (&["sid=x; Expires=Thu, 01-Jan-1970 00:00:10 GMT"], None),
            (&["sid=x; expires=Thu, 01 Jan 1970 00:00:10 GMT; Path=/"], None),
            (&["sid=x; Expires=Mon, 23 Nov 2026 13:00:00 GMT"], Some("sid=x")),
            (&["sid=a b"], Some("sid=old")),
            (&["sid=a\r\nX: y"], Some("sid=old")),
            (&["sid", "=x", "SID=x"], Some("sid=old")),
        ];
        for (lines, want) in cases {
            assert_eq!(taken(lines).as_deref(), want, "{lines:?}");
        }
    }

    #[test]
    fn they_survive_the_vault_and_are_not_printed() {
        let cookies = Cookies { dt: Some("hush".to_owned().into()), ..Cookies::default() };
        assert!(!format!("{cookies:?}").contains("hush"));
        let json = serde_json::to_string(&cookies).unwrap();
        assert_eq!(json, r#"{"dt":"hush"}"#);
        let back: Cookies = serde_json::from_str(&json).unwrap();
        assert_eq!(back.header().as_deref(), Some("DT=hush"));
        assert!(serde_json::from_str::<Cookies>("{}").unwrap().header().is_none());
    }
}
