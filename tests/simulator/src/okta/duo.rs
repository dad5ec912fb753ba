//! Okta's side of the legacy Duo factor: the signed request, and the answer that comes back.

use serde_json::{Value, json};

use super::transaction::{Stage, Transaction, factor};
use super::verify::Outcome;
use super::{error, shape};
use crate::bytes;
use crate::http::{Reply, Request};
use crate::scenario::Factor;
use crate::world::State;

/// Chooses Duo, or polls for what came of it.
pub(super) fn verify(state: &mut State, tx: &mut Transaction, factor: &Factor) -> Outcome {
    if tx.stage == Stage::MfaChallenge && tx.factor.as_ref() == Some(&factor.id) {
        state.record.counts.polls += 1;
        return match tx.result.as_deref() {
            Some("SUCCESS") => Outcome::Done,
            _ => Outcome::Challenge,
        };
    }
    let (tx_part, app_part) = (bytes::token(60), bytes::token(60));
    let signature =
        format!("TX|{tx_part}|{}:APP|{app_part}|{}", bytes::hex_token(40), bytes::hex_token(40));
    state.record.secret(signature.clone());
    state.duo.expect(&signature, &tx.login, factor);
    tx.duo = Some(signature);
    tx.result = Some("WAITING".to_owned());
    Outcome::Challenge
}

/// `_embedded.verification` of the factor.
pub(super) fn verification(
    signature: &str,
    factor: &Factor,
    tx: &Transaction,
    origin: &str,
) -> Value {
    let host = tx.duo_host.clone();
    let complete = format!("/api/v1/authn/factors/{}/lifecycle/duoCallback", factor.id);
    let mut script = shape::link(origin, "/js/sections/duo/Duo-Web-v2.js");
    script["hints"]["allow"] = json!(["GET"]);
    json!({
        "verification": {
            "host": host,
            "signature": signature,
            "factorResult": tx.result,
            "_links": { "complete": shape::link(origin, &complete), "script": script },
        },
    })
}

/// `POST …/lifecycle/duoCallback`: a form with `id`, `stateToken` and `sig_response`.
pub(super) fn complete(state: &mut State, request: &Request, id: &str) -> Result<Reply, Reply> {
    if request.content_type() != "application/x-www-form-urlencoded" {
        return Err(error("E0000021", &[]));
    }
    let fields = request.fields();
    let field = |name: &str| fields.get(name).map(String::as_str);
    let response = field("sig_response").unwrap_or_default();
    let mut tx = Transaction::take(state, field("stateToken"))?;
    let known = tx.user(state).and_then(|user| factor(&user, id));
    let right = field("id") == Some(id)
        && known.as_ref().is_ok_and(|factor| Some(&factor.id) == tx.factor.as_ref())
        && accepts(state, &tx, response);
    if right {
        tx.result = Some("SUCCESS".to_owned());
    }
    tx.keep(state);
    if right {
        Ok(Reply::text(200, ""))
    } else {
        Err(error("E0000068", &["The signature of Duo's response is wrong."]))
    }
}

/// Whether Duo gave this cookie for this very request, and the other half is the request's own.
fn accepts(state: &mut State, tx: &Transaction, response: &str) -> bool {
    let Some((cookie, app)) = response.rsplit_once(':') else { return false };
    let own = tx.duo.as_deref().and_then(|signature| signature.split_once(':'));
    own.is_some_and(|(tx_part, own_app)| own_app == app && state.duo.redeem(cookie, tx_part))
}
