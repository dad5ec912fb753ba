//! A transaction as Okta's JSON shows it.

use serde_json::{Map, Value, json};

use super::fido;
use super::transaction::{Stage, Transaction};
use crate::clock;
use crate::scenario::{Factor, Okta, User};

const AUTHN: &str = "/api/v1/authn";

/// The transaction's object.
pub(super) fn transaction(tx: &Transaction, user: &User, okta: &Okta, origin: &str) -> Value {
    let mut body = json!({
        "stateToken": tx.token,
        "expiresAt": clock::millis(tx.expires),
        "status": tx.stage.status(),
    });
    if tx.step_up.is_some() {
        body["type"] = "SESSION_STEP_UP".into();
    }
    if let Some(result) = &tx.result {
        body["factorResult"] = result.as_str().into();
    }
    body["_embedded"] = embedded(tx, user, okta, origin);
    body["_links"] = links(tx, user, origin);
    body
}

/// A link as Okta writes it.
pub(super) fn link(origin: &str, path: &str) -> Value {
    json!({ "href": format!("{origin}{path}"), "hints": { "allow": ["POST"] } })
}

fn named(name: &str, origin: &str, path: &str) -> Value {
    let mut link = link(origin, path);
    link["name"] = name.into();
    link
}

/// Who it is.
pub(super) fn person(user: &User) -> Value {
    let first = user.login.split('@').next().unwrap_or_default();
    json!({
        "id": "00usim2ula3tor4",
        "passwordChanged": "2026-01-02T03:04:05.000Z",
        "profile": {
            "login": user.login, "firstName": first, "lastName": "Acme",
            "locale": "en", "timeZone": "America/Los_Angeles",
        },
    })
}

fn embedded(tx: &Transaction, user: &User, okta: &Okta, origin: &str) -> Value {
    let mut embedded = Map::new();
    embedded.insert("user".to_owned(), person(user));
    match &tx.stage {
        Stage::MfaRequired => {
            let factors = user.factors.iter().map(|factor| choice(factor, origin)).collect();
            embedded.insert("factors".to_owned(), Value::Array(factors));
            embedded.insert("policy".to_owned(), policy(okta));
        }
        Stage::MfaChallenge => {
            if let Some(factor) = chosen(tx, user) {
                if tx.by_type && factor.factor_type == "webauthn" {
                    let keys = fido::allowed(tx, user, factor);
                    let keys = keys.into_iter().map(self::factor).collect();
                    embedded.insert("factor".to_owned(), Value::Array(keys));
                    embedded.insert("challenge".to_owned(), fido::challenge(tx, factor));
                } else {
                    embedded.insert("factor".to_owned(), challenged(tx, factor, origin));
                }
            }
            embedded.insert("policy".to_owned(), policy(okta));
        }
        Stage::MfaEnroll { .. } => {
            let offered = [("push", "OKTA"), ("token:software:totp", "GOOGLE")];
            let offered = offered.map(|(kind, provider)| {
                let enroll = link(origin, "/api/v1/authn/factors");
                json!({
                    "factorType": kind, "provider": provider, "vendorName": provider,
                    "status": "NOT_SETUP", "enrollment": "REQUIRED", "_links": { "enroll": enroll },
                })
            });
            embedded.insert("factors".to_owned(), Value::Array(offered.to_vec()));
        }
        Stage::PasswordWarn => {
            embedded
                .insert("policy".to_owned(), json!({ "expiration": { "passwordExpireDays": 3 } }));
        }
        Stage::PasswordExpired | Stage::PasswordReset => {
            let complexity = json!({ "minLength": 8, "minNumber": 1, "excludeUsername": true });
            embedded.insert("policy".to_owned(), json!({ "complexity": complexity }));
        }
        _ => {}
    }
    Value::Object(embedded)
}

fn policy(okta: &Okta) -> Value {
    json!({
        "allowRememberDevice": okta.remember_device,
        "rememberDeviceLifetimeInMinutes": okta.remember_minutes,
        "rememberDeviceByDefault": false,
        "factorsPolicyInfo": {},
    })
}

fn chosen<'a>(tx: &Transaction, user: &'a User) -> Option<&'a Factor> {
    user.factors.iter().find(|factor| Some(&factor.id) == tx.factor.as_ref())
}

/// A factor without its links. What Okta Verify's `profile` says is not told before one is signed
/// in.
pub(super) fn factor(factor: &Factor) -> Value {
    let mut profile = Value::Object(factor.profile.clone());
    if factor.factor_type == "question" {
        profile = json!({ "question": "custom", "questionText": factor.question });
    }
    json!({
        "id": factor.id,
        "factorType": factor.factor_type,
        "provider": factor.provider,
        "vendorName": factor.provider,
        "profile": profile,
    })
}

fn choice(chosen: &Factor, origin: &str) -> Value {
    let mut shown = factor(chosen);
    shown["_links"] = json!({ "verify": link(origin, &verify_path(chosen)) });
    shown
}

/// The path at which a factor is verified.
pub(super) fn verify_path(factor: &Factor) -> String {
    format!("{AUTHN}/factors/{}/verify", factor.id)
}

/// The factor of a challenge, with what it challenges by.
fn challenged(tx: &Transaction, chosen: &Factor, origin: &str) -> Value {
    let mut shown = factor(chosen);
    let embedded = match chosen.factor_type.as_str() {
        "push" if tx.result.as_deref() == Some("WAITING") => {
            // The number is known once the person has the screen open: never with the first answer.
            let number =
                chosen.number.filter(|_| tx.polls >= chosen.number_at_poll.max(1) as usize);
            number.map(|number| json!({ "challenge": { "correctAnswer": number } }))
        }
        "webauthn" => Some(json!({ "challenge": fido::challenge(tx, chosen) })),
        "u2f" => Some(json!({ "challenge": { "nonce": tx.challenge, "timeoutSeconds": 20 } })),
        _ => tx
            .duo
            .as_ref()
            .filter(|_| chosen.provider == "DUO")
            .map(|signature| super::duo::verification(signature, chosen, tx, origin)),
    };
    if chosen.factor_type == "u2f" {
        shown["profile"]["appId"] = origin.into();
        shown["profile"]["version"] = "U2F_V2".into();
    }
    if let Some(embedded) = embedded {
        shown["_embedded"] = embedded;
    }
    shown
}

fn links(tx: &Transaction, user: &User, origin: &str) -> Value {
    let mut links = Map::new();
    let mut add = |name: &str, link: Value| drop(links.insert(name.to_owned(), link));
    add("cancel", link(origin, "/api/v1/authn/cancel"));
    let change = "/api/v1/authn/credentials/change_password";
    match &tx.stage {
        Stage::MfaChallenge => {
            add("prev", link(origin, "/api/v1/authn/previous"));
            if let Some(factor) = chosen(tx, user) {
                challenge_links(tx, factor, origin, &mut add);
            }
        }
        Stage::Unauthenticated => add("next", named("authenticate", origin, AUTHN)),
        Stage::PasswordWarn => {
            add("next", named("changePassword", origin, change));
            add("skip", named("skip", origin, "/api/v1/authn/skip"));
        }
        Stage::PasswordExpired => add("next", named("changePassword", origin, change)),
        Stage::PasswordReset => {
            add("next", named("resetPassword", origin, "/api/v1/authn/credentials/reset_password"));
        }
        Stage::Recovery => {
            add("next", named("answer", origin, "/api/v1/authn/recovery/answer"));
        }
        Stage::RecoveryChallenge => {
            add("next", named("verify", origin, "/api/v1/authn/recovery/factors/SMS/verify"));
        }
        Stage::MfaEnroll { optional: true } => {
            add("skip", named("skip", origin, "/api/v1/authn/skip"));
        }
        Stage::MfaEnrollActivate => {
            let path = "/api/v1/authn/factors/new/lifecycle/activate/poll";
            add("next", named("poll", origin, path));
            add("prev", link(origin, "/api/v1/authn/previous"));
        }
        Stage::MfaRequired | Stage::MfaEnroll { optional: false } | Stage::Unknown(_) => {}
    }
    Value::Object(links)
}

fn challenge_links(
    tx: &Transaction,
    factor: &Factor,
    origin: &str,
    add: &mut impl FnMut(&str, Value),
) {
    let by_type = tx.by_type && factor.factor_type == "webauthn";
    let verify =
        if by_type { format!("{AUTHN}/factors/webauthn/verify") } else { verify_path(factor) };
    match factor.factor_type.as_str() {
        "claims_provider" => {
            let mut redirect = named("redirect", origin, "/sso/idps/0oasim2ula3tor5");
            redirect["hints"]["allow"] = json!(["GET"]);
            add("next", redirect);
        }
        kind => {
            let waiting = tx.result.as_deref() == Some("WAITING");
            let polls = (kind == "push" || factor.provider == "DUO") && waiting;
            add("next", named(if polls { "poll" } else { "verify" }, origin, &verify));
            if matches!(kind, "push" | "sms" | "call" | "email") && factor.provider == "OKTA" {
                add("resend", json!([named(kind, origin, &format!("{verify}/resend"))]));
            }
        }
    }
}
