//! The tokens of a sign-in in the browser, and whom they name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::okta::domain::Domain;
use crate::okta::words::cut;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// What a sign-in in the browser gave: good for many apps, until it expires.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Tokens {
    /// Speaks for the person, within its scopes.
    #[serde(with = "shown")]
    pub access: Secret,
    /// Says who the person is, and how they signed in.
    #[serde(with = "shown")]
    pub identity: Secret,
    /// Until when both are good.
    pub expires: Timestamp,
    /// The client they were given to.
    pub client_id: String,
    /// Whether the list of the person's apps may be asked for.
    pub may_list: bool,
    /// The user's name, where the ID token does not have it.
    #[serde(default)]
    pub name: Option<String>,
}

/// A token that is good for less than this is not begun with.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

/// No token of Okta's is good for longer than a day.
const LONGEST: i64 = 24 * 3600;

impl Tokens {
    /// Reads the answer of the token endpoint.
    pub(super) fn read(
        answer: &Value,
        client_id: &str,
        may_list: bool,
        (domain, now): (&Domain, Timestamp),
    ) -> Result<Self> {
        let text = |name: &str| {
            let text = answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.map(|text| Secret::from(text.to_owned())).ok_or_else(|| {
                Error::failed(format!("{domain} gave no {name} for the sign-in"))
                    .hint("ask whoever runs Okta: is the client an OIDC app of the type Native?")
            })
        };
        let seconds = answer.get("expires_in").and_then(Value::as_i64).unwrap_or(3600);
        let mut tokens = Self {
            access: text("access_token")?,
            identity: text("id_token")?,
            expires: now + SignedDuration::from_secs(seconds.clamp(0, LONGEST)),
            client_id: client_id.to_owned(),
            may_list,
            name: None,
        };
        let Some(claims) = tokens.claims() else {
            return Err(Error::failed(format!("{domain} gave an ID token that cannot be read")));
        };
        checked(&claims, client_id, domain)?;
        // Both times are of the org's clock, so this one need not agree with it.
        let time = |name: &str| claims.get(name).and_then(Value::as_i64);
        if let Some(good) = time("exp").zip(time("iat")).map(|(exp, iat)| exp.saturating_sub(iat)) {
            let end = now + SignedDuration::from_secs(good.clamp(0, LONGEST));
            tokens.expires = tokens.expires.min(end);
        }
        Ok(tokens)
    }

    /// Whether they may still be used at `now`, by the client `client_id`.
    pub fn serve(&self, client_id: &str, may_list: bool, now: Timestamp) -> bool {
        self.client_id == client_id && (self.may_list || !may_list) && now + LEEWAY < self.expires
    }

    /// Who signed in: the name that the user signs in with.
    pub fn user(&self) -> Option<String> {
        let claims = self.claims();
        claims.and_then(|claims| text(&claims, "preferred_username")).or_else(|| self.name.clone())
    }

    /// Okta's id of the user, which stays when the name changes.
    pub fn subject(&self) -> Option<String> {
        text(&self.claims()?, "sub")
    }

    /// Whether the sign-in had a second factor, as far as the token says (`amr`, RFC 8176).
    pub(super) fn had_second_factor(&self) -> Option<bool> {
        let claims = self.claims()?;
        let methods = claims.get("amr")?.as_array()?;
        Some(methods.len() > 1 || methods.iter().any(|method| method == "mfa"))
    }

    /// The ID token's claims. It came from the org itself, over TLS, so its signature need not be
    /// looked at (OpenID Connect Core 1.0, 3.1.3.7).
    fn claims(&self) -> Option<Value> {
        let payload = self.identity.expose_secret().split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        serde_json::from_slice::<Value>(&payload).ok().filter(Value::is_object)
    }
}

/// A claim that is a text with something in it.
pub(super) fn text(claims: &Value, name: &str) -> Option<String> {
    let text = claims.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| cut(text, 200))
}

/// Fails for an ID token that is not this org's, or was not given to this client (OpenID Connect
/// Core 1.0, 3.1.3.7).
fn checked(claims: &Value, client_id: &str, domain: &Domain) -> Result<()> {
    let issuer = text(claims, "iss").and_then(|issuer| domain.url(&issuer).ok());
    let of_org = issuer.is_some_and(|url| url.path() == "/" && url.query().is_none());
    let ours = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(|one| one == client_id),
        Some(one) => one == client_id,
        None => false,
    };
    let what = match (of_org, ours) {
        (true, true) => return Ok(()),
        (false, _) => "of another issuer",
        (true, false) => "for another client",
    };
    Err(Error::failed(format!("{domain} gave an ID token {what}: it is not used"))
        .hint("okta_domain is to be the very host that the org gives its tokens for: not another of its custom domains"))
}

/// A secret as plain text, for the vault's files, which are encrypted.
mod shown {
    use super::{Deserialize, Deserializer, Secret, Serializer};
    use crate::sys::secret::ExposeSecret as _;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        Ok(Secret::from(String::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens whose ID token has `claims` beside what it must have.
    fn tokens(claims: &Value) -> Option<Tokens> {
        let mut all = serde_json::json!({ "iss": "https://acme.okta.com", "aud": "0oa" });
        for (name, value) in claims.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        read(&all)
    }

    fn read(claims: &Value) -> Option<Tokens> {
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        let answer = serde_json::json!({
            "access_token": "at", "id_token": format!("h.{payload}.s"), "expires_in": 3600,
        });
        let domain = Domain::parse("acme.okta.com").unwrap();
        Tokens::read(&answer, "0oa", false, (&domain, Timestamp::UNIX_EPOCH)).ok()
    }

    #[test]
    fn the_name_is_that_of_the_sign_in_and_no_other() {
        for (claims, want) in [
            (serde_json::json!({ "preferred_username": "jo@x", "sub": "00u" }), Some("jo@x")),
            (serde_json::json!({ "preferred_username": " ", "email": "j@x" }), None),
            (serde_json::json!({ "sub": "00u", "email": 7 }), None),
            (serde_json::json!({}), None),
        ] {
            assert_eq!(tokens(&claims).unwrap().user().as_deref(), want, "{claims}");
        }
        let tokens = tokens(&serde_json::json!({ "sub": "00u" })).unwrap();
        assert_eq!(tokens.subject().as_deref(), Some("00u"));
        assert!(read(&serde_json::json!([])).is_none());
    }

    #[test]
    fn an_id_token_is_of_this_org_and_for_this_client() {
        for (claims, good) in [
            (serde_json::json!({}), true),
            (serde_json::json!({ "iss": "https://acme.okta.com/" }), true),
            (serde_json::json!({ "aud": ["other", "0oa"] }), true),
            (serde_json::json!({ "iss": "https://evil.example" }), false),
            (serde_json::json!({ "iss": "https://acme.okta.com/oauth2/default" }), false),
            (serde_json::json!({ "iss": "http://acme.okta.com" }), false),
            (serde_json::json!({ "iss": null }), false),
            (serde_json::json!({ "aud": "0ob" }), false),
            (serde_json::json!({ "aud": ["0ob"] }), false),
            (serde_json::json!({ "aud": null }), false),
        ] {
            assert_eq!(tokens(&claims).is_some(), good, "{claims}");
        }
    }

    #[test]
    fn they_last_as_long_as_the_one_that_ends_first_and_never_more_than_a_day() {
        let lasts = |claims: &Value| tokens(claims).unwrap().expires.as_second();
        assert_eq!(lasts(&serde_json::json!({})), 3600);
        // By the org's clock, whatever this one says.
        assert_eq!(lasts(&serde_json::json!({ "iat": 5_000_000, "exp": 5_000_600 })), 600);
        assert_eq!(lasts(&serde_json::json!({ "iat": 5_000_000, "exp": 5_090_000 })), 3600);
        assert_eq!(lasts(&serde_json::json!({ "iat": 9, "exp": 5 })), 0);
        let claims = serde_json::json!({ "iss": "https://acme.okta.com", "aud": "0oa" });
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        let domain = Domain::parse("acme.okta.com").unwrap();
        for (seconds, want) in [(90_000, 86_400), (i64::MAX, 86_400), (-5, 0)] {
            let answer = serde_json::json!({
                "access_token": "at", "id_token": format!("h.{payload}.s"), "expires_in": seconds,
            });
            let got = Tokens::read(&answer, "0oa", false, (&domain, Timestamp::UNIX_EPOCH));
            assert_eq!(got.unwrap().expires.as_second(), want);
        }
    }

    #[test]
    fn tokens_serve_their_client_until_a_minute_before_they_expire() {
        let tokens = tokens(&serde_json::json!({})).unwrap();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert!(tokens.serve("0oa", false, at(3539)));
        assert!(!tokens.serve("0oa", false, at(3540)));
        assert!(!tokens.serve("0ob", false, at(0)));
        assert!(!tokens.serve("0oa", true, at(0)), "its scope is too small");
    }

    #[test]
    fn two_methods_are_a_second_factor() {
        for (amr, want) in [
            (serde_json::json!(["pwd"]), Some(false)),
            (serde_json::json!(["pwd", "mfa"]), Some(true)),
            (serde_json::json!(["pwd", "otp"]), Some(true)),
            (serde_json::json!("pwd"), None),
        ] {
            let tokens = tokens(&serde_json::json!({ "amr": amr })).unwrap();
            assert_eq!(tokens.had_second_factor(), want);
        }
    }
}
