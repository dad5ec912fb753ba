//! The secrets in a request, wherever they stand in it.
//!
//! They are remembered as they come in, before any fault: a password that was answered with an
//! error, or not at all, was sent all the same.

use serde_json::Value;

use crate::http::Request;

/// Fields of forms, queries and JSON that hold a secret, in any of the services.
const FIELDS: [&str; 23] = [
    "password",
    "oldPassword",
    "newPassword",
    "passCode",
    "nextPassCode",
    "passcode",
    "answer",
    "stateToken",
    "sessionToken",
    "onetimetoken",
    "token",
    "sid",
    "tx",
    "sig_response",
    "SAMLAssertion",
    "SAMLResponse",
    "SigninToken",
    "sessionKey",
    "TokenCode",
    "signatureData",
    "device_code",
    "actor_token",
    "subject_token",
];

const COOKIES: [&str; 4] = ["sid", "idx", "DT", "aws-creds"];

const HEADERS: [&str; 1] = ["x-amz-security-token"];

/// All of them.
pub(crate) fn secrets(request: &Request) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in request.fields() {
        if name == "Session" {
            // What `getSigninToken` is given: credentials, as JSON in a field.
            found.extend(serde_json::from_str(&value).iter().flat_map(in_json));
        } else if FIELDS.contains(&name.as_str()) {
            found.push(value);
        }
    }
    found.extend(request.json().iter().flat_map(in_json));
    found.extend(COOKIES.iter().filter_map(|name| request.cookie(name)).map(str::to_owned));
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    found.extend(bearer.map(str::to_owned));
    found.extend(HEADERS.iter().filter_map(|name| request.header(name)).map(str::to_owned));
    found
}

fn in_json(object: &Value) -> Vec<String> {
    let value = |name: &&str| object.get(*name).and_then(Value::as_str).map(str::to_owned);
    FIELDS.iter().filter_map(value).collect()
}
