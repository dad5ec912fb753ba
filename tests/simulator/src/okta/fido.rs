//! Security keys: the challenge is real, and so are its fields; the signature is not verified.

use serde_json::Value;

use super::authn::text;
use super::transaction::Transaction;
use super::verify::Outcome;
use super::{error, origin};
use crate::bytes;
use crate::http::Request;
use crate::scenario::Factor;
use crate::world::State;

/// Without an answer a new challenge; an answer has to be to that challenge, from this origin.
pub(super) fn verify(
    state: &mut State,
    request: &Request,
    body: &Value,
    tx: &mut Transaction,
    factor: &Factor,
) -> Outcome {
    let Some(client_data) = text(body, "clientData") else {
        tx.challenge = state.record.issued(bytes::base64url(bytes::random(32)));
        return Outcome::Challenge;
    };
    let wanted: &[&str] = match factor.factor_type.as_str() {
        "webauthn" => &["authenticatorData", "signatureData"],
        _ => &["signatureData"],
    };
    let whole = wanted.iter().all(|key| text(body, key).is_some_and(|value| !value.is_empty()));
    let client_data = bytes::from_base64(client_data)
        .and_then(|json| serde_json::from_slice::<Value>(&json).ok())
        .unwrap_or_default();
    let right = text(&client_data, "challenge") == Some(&tx.challenge)
        && text(&client_data, "origin") == Some(&origin(request));
    if whole && right {
        return Outcome::Done;
    }
    tx.wrong_codes += 1;
    state.record.counts.codes_refused += 1;
    Outcome::Refused(error("E0000068", &["The assertion does not match."]))
}
