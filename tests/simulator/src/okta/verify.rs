//! Verifying a factor: which one, by which state token, and the push.

use serde_json::Value;

use super::authn::{after_factors, show, text};
use super::transaction::{Stage, Transaction, factor};
use super::{code, duo, error, fido};
use crate::clock;
use crate::http::{Reply, Request};
use crate::scenario::Factor;
use crate::world::State;

/// What an answer to a factor leads to.
pub(super) enum Outcome {
    /// The challenge goes on.
    Challenge,
    /// The factor is done.
    Done,
    /// Refused; the state token stays good.
    Refused(Reply),
}

/// `POST …/factors/{id}/verify`: chooses a factor, answers it, or polls for its answer.
pub(super) fn verify(
    state: &mut State,
    request: &Request,
    body: &Value,
    id: &str,
) -> Result<Reply, Reply> {
    let (mut tx, factor) = begin(state, body, id)?;
    tx.by_type = factor.id != id;
    tx.remember = tx.remember || request.query("rememberDevice").is_some_and(|yes| yes == "true");
    let outcome = if factor.provider == "DUO" {
        duo::verify(state, &mut tx, &factor)
    } else {
        match factor.factor_type.as_str() {
            "push" => push(state, request, &mut tx, &factor),
            "sms" | "call" | "email" => code::sent(state, body, &mut tx, &factor),
            "question" => code::question(state, body, &mut tx, &factor),
            "webauthn" | "u2f" => fido::verify(state, request, body, &mut tx, &factor),
            "claims_provider" => Outcome::Challenge,
            _ => code::token(state, body, &mut tx, &factor),
        }
    };
    finish(state, request, tx, &factor, outcome)
}

/// `POST …/factors/{id}/verify/resend`.
pub(super) fn resend(
    state: &mut State,
    request: &Request,
    body: &Value,
    id: &str,
) -> Result<Reply, Reply> {
    let (mut tx, factor) = begin(state, body, id)?;
    let outcome = match factor.factor_type.as_str() {
        _ if tx.stage != Stage::MfaChallenge => Outcome::Refused(error("E0000079", &[])),
        "push" if factor.provider == "OKTA" => {
            send_push(state, &mut tx);
            Outcome::Challenge
        }
        "sms" | "call" | "email" => code::send(state, &tx, &factor),
        _ => Outcome::Refused(error("E0000079", &[])),
    };
    finish(state, request, tx, &factor, outcome)
}

/// The transaction and the factor, if the one may be answered by the other now.
fn begin(state: &mut State, body: &Value, id: &str) -> Result<(Transaction, Factor), Reply> {
    let tx = Transaction::take(state, text(body, "stateToken"))?;
    let found = tx.user(state).and_then(|user| factor(&user, id));
    let open = match tx.stage {
        Stage::MfaRequired => true,
        // Another factor is chosen after going back to the choice.
        Stage::MfaChallenge => {
            found.as_ref().is_ok_and(|factor| Some(&factor.id) == tx.factor.as_ref())
        }
        _ => false,
    };
    match found {
        Ok(factor) if open => Ok((tx, factor)),
        other => {
            tx.keep(state);
            Err(other.err().unwrap_or_else(|| error("E0000079", &[])))
        }
    }
}

fn finish(
    state: &mut State,
    request: &Request,
    mut tx: Transaction,
    factor: &Factor,
    outcome: Outcome,
) -> Result<Reply, Reply> {
    match outcome {
        Outcome::Done => {
            remember(state, &tx);
            after_factors(state, request, tx)
        }
        Outcome::Challenge => {
            tx.stage = Stage::MfaChallenge;
            tx.factor = Some(factor.id.clone());
            tx.keep(state);
            show(state, request, &tx)
        }
        Outcome::Refused(reply) => {
            if tx.wrong_codes >= state.scenario.okta.lock_after_codes {
                state.okta.locked.insert(tx.login);
                return Err(error("E0000069", &[]));
            }
            tx.keep(state);
            Err(reply)
        }
    }
}

/// Remembers the device for this user, if it is one that had a `DT` when the password came.
fn remember(state: &mut State, tx: &Transaction) {
    let okta = &state.scenario.okta;
    let Some(device) = tx.device.as_ref().filter(|_| tx.remember && okta.remember_device) else {
        return;
    };
    let minutes = if okta.remember_minutes == 0 { 60 * 24 * 365 } else { okta.remember_minutes };
    let until = clock::after(state.now(), i64::from(minutes) * 60);
    if let Some(users) = state.okta.devices.get_mut(device) {
        users.insert(tx.login.clone(), until);
    }
}

/// The first request sends the push, the others ask for the answer.
fn push(state: &mut State, request: &Request, tx: &mut Transaction, factor: &Factor) -> Outcome {
    if request.header("user-agent").is_none_or(str::is_empty) {
        return Outcome::Refused(error("E0000001", &["User-Agent: a push needs one"]));
    }
    if tx.result.as_deref() != Some("WAITING") {
        send_push(state, tx);
        return Outcome::Challenge;
    }
    tx.polls += 1;
    state.record.counts.polls += 1;
    let result = factor.result(tx.pushes, tx.polls);
    if result == "SUCCESS" {
        return Outcome::Done;
    }
    tx.result = Some(result);
    Outcome::Challenge
}

fn send_push(state: &mut State, tx: &mut Transaction) {
    state.record.counts.pushes += 1;
    (tx.pushes, tx.polls, tx.result) = (tx.pushes + 1, 0, Some("WAITING".to_owned()));
}
