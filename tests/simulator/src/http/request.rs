//! A request as it came in.

use std::collections::BTreeMap;

use serde_json::Value;
use url::form_urlencoded;

/// One request, whole.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, as it came, without the query.
    pub path: String,
    /// The query, as it came, without the question mark.
    pub query: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of that name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The `Host` header, or nothing.
    pub fn host(&self) -> &str {
        self.header("host").unwrap_or_default()
    }

    /// The type of the body, without its parameters, in lower case.
    pub fn content_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The value of a query parameter.
    pub fn query(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Query parameters and the fields of a form, decoded.
    pub fn fields(&self) -> BTreeMap<String, String> {
        let mut fields: BTreeMap<String, String> =
            form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        if self.content_type() == "application/x-www-form-urlencoded" {
            fields.extend(form_urlencoded::parse(&self.body).into_owned());
        }
        fields
    }

    /// The body read as a JSON object.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice::<Value>(&self.body).ok().filter(Value::is_object)
    }

    /// A cookie that was sent; an empty one is none, in quotes or not.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .filter(|(key, _)| key == "cookie")
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, value)| *key == name && !value.trim_matches('"').is_empty())
            .map(|(_, value)| value)
    }

    /// Whether the other side wants the connection closed after the answer.
    pub(crate) fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}
