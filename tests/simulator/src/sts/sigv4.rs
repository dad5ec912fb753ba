//! Verifies a request's signature (AWS Signature Version 4), by nothing but HMAC and SHA-256.
//!
//! Source: the IAM User Guide, "Create a signed AWS API request".

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use url::form_urlencoded;

use super::error;
use super::saml::region_disabled;
use super::session::account;
use crate::bytes;
use crate::clock;
use crate::http::{Reply, Request};
use crate::world::State;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// A signature is good for so many seconds before and after its time.
const SKEW: i64 = 300;

/// Who signed.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) arn: String,
    pub(super) user_id: String,
    /// The role whose session this is; nothing for a user with long-term keys.
    pub(super) role: Option<String>,
    pub(super) source_identity: Option<String>,
    secret: String,
    token: Option<String>,
    expires: Option<Timestamp>,
}

/// What the `Authorization` header says.
struct Authorization<'a> {
    key: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

/// Gives who signed the request, if the signature is right, of now, and by good credentials.
pub(super) fn verify(state: &State, request: &Request) -> Result<Caller, Reply> {
    let token = request.header("x-amz-security-token");
    let Some(header) = request.header("authorization") else {
        let words = "Request is missing Authentication Token";
        return Err(error(403, "MissingAuthenticationToken", words));
    };
    let authorization = Authorization::parse(header)?;
    let time = request.header("x-amz-date").and_then(clock::from_compact);
    let time = time.ok_or_else(|| incomplete("X-Amz-Date or Date header, in the basic format"))?;
    let caller = caller(state, authorization.key, token)?;
    authorization.check_scope(request, time)?;
    in_time(state, time)?;
    if authorization.sign(request, time, &caller.secret) != authorization.signature {
        return Err(mismatch(
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method. Consult the service documentation for \
             details.",
        ));
    }
    if caller.expires.is_some_and(|expires| expires <= state.now()) {
        let words = "The security token included in the request is expired";
        return Err(error(403, "ExpiredToken", words));
    }
    let disabled = &state.scenario.sts.disabled_regions;
    if disabled.iter().any(|region| region == "*" || region == authorization.region) {
        return Err(region_disabled(account(&caller.arn)));
    }
    Ok(caller)
}

/// The region that a header is signed for, if it can be read.
pub(super) fn region(header: &str) -> Option<String> {
    Authorization::parse(header).ok().map(|authorization| authorization.region.to_owned())
}

fn incomplete(what: &str) -> Reply {
    let words = format!("Authorization header requires {what}.");
    error(400, "IncompleteSignature", &words)
}

fn mismatch(words: &str) -> Reply {
    error(403, "SignatureDoesNotMatch", words)
}

/// Whose keys these are; the session token has to be the one that came with them.
fn caller(state: &State, key: &str, token: Option<&str>) -> Result<Caller, Reply> {
    let sts = &state.scenario.sts;
    let session = state.sts.get(key).map(|session| Caller {
        arn: session.arn.clone(),
        user_id: session.user_id.clone(),
        role: Some(session.role.clone()),
        source_identity: session.source_identity.clone(),
        secret: session.secret_access_key.clone(),
        token: Some(session.session_token.clone()),
        expires: Some(session.expires),
    });
    let user = || {
        sts.users.iter().find(|user| user.access_key_id == key).map(|user| Caller {
            arn: user.arn.clone(),
            user_id: format!("AIDA{}", bytes::sha256(&user.arn)[..17].to_uppercase()),
            role: None,
            source_identity: None,
            secret: user.secret_access_key.clone(),
            token: None,
            expires: None,
        })
    };
    let found = session.or_else(user).filter(|caller| caller.token.as_deref() == token);
    found.ok_or_else(|| {
        let words = "The security token included in the request is invalid.";
        error(403, "InvalidClientTokenId", words)
    })
}

fn in_time(state: &State, time: Timestamp) -> Result<(), Reply> {
    let now = state.now();
    let off = time.as_second() - now.as_second();
    let [time, server] = [time, now].map(clock::compact);
    let words = if off < -SKEW {
        format!("Signature expired: {time} is now earlier than {server} - 5 min.")
    } else if off > SKEW {
        format!("Signature not yet current: {time} is still later than {server} + 5 min.")
    } else {
        return Ok(());
    };
    Err(error(403, &state.scenario.sts.skew_code, &words))
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Result<Self, Reply> {
        let rest = header.strip_prefix(ALGORITHM).ok_or_else(|| incomplete(ALGORITHM))?;
        let part = |name: &str| {
            let mut parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
            let found = parts.find(|(key, _)| *key == name).map(|(_, value)| value);
            found.ok_or_else(|| incomplete(&format!("'{name}' parameter")))
        };
        let scope: Vec<&str> = part("Credential")?.split('/').collect();
        let [key, date, region, service, "aws4_request"] = scope[..] else {
            return Err(incomplete("a Credential of key/date/region/service/aws4_request"));
        };
        let signed = part("SignedHeaders")?.split(';').collect();
        Ok(Self { key, date, region, service, signed, signature: part("Signature")? })
    }

    fn check_scope(&self, request: &Request, time: Timestamp) -> Result<(), Reply> {
        if self.service != "sts" {
            return Err(mismatch("Credential should be scoped to correct service: 'sts'."));
        }
        if self.region.is_empty() {
            return Err(mismatch("Credential should be scoped to a valid region."));
        }
        if !clock::compact(time).starts_with(self.date) {
            return Err(mismatch(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
            ));
        }
        let has_to_be = |name: &str| name == "host" || name.starts_with("x-amz-");
        let mut unsigned = request.headers.iter().map(|(name, _)| name.as_str());
        match unsigned.find(|name| has_to_be(name) && !self.signed.contains(name)) {
            Some(name) => Err(mismatch(&format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            ))),
            None => Ok(()),
        }
    }

    fn sign(&self, request: &Request, time: Timestamp, secret: &str) -> String {
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let canonical = bytes::sha256(self.canonical(request));
        let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{canonical}", clock::compact(time));
        let mut key = hmac(format!("AWS4{secret}").as_bytes(), self.date);
        for part in [self.region, self.service, "aws4_request"] {
            key = hmac(&key, part);
        }
        bytes::hex(hmac(&key, &to_sign))
    }

    fn canonical(&self, request: &Request) -> String {
        let mut query: Vec<(String, String)> = form_urlencoded::parse(request.query.as_bytes())
            .map(|(key, value)| (encode(&key), encode(&value)))
            .collect();
        query.sort();
        let query: Vec<String> =
            query.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        let mut headers = String::new();
        for name in &self.signed {
            let values = request.headers.iter().filter(|(key, _)| key == name);
            let values: Vec<String> = values
                .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            headers.push_str(&format!("{name}:{}\n", values.join(",")));
        }
        let path: Vec<String> = request.path.split('/').map(encode).collect();
        [
            request.method.as_str(),
            &path.join("/"),
            &query.join("&"),
            &headers,
            &self.signed.join(";"),
            &bytes::sha256(&request.body),
        ]
        .join("\n")
    }
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn encode(text: &str) -> String {
    let each = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(each).collect()
}
