//! Factors that are answered by typing: codes of a token, codes that are sent, a question.

use serde_json::Value;

use super::authn::text;
use super::error;
use super::transaction::Transaction;
use super::verify::Outcome;
use crate::clock;
use crate::scenario::Factor;
use crate::world::State;

/// What a wrong code is answered with; the state token stays good.
fn wrong(state: &mut State, tx: &mut Transaction, code: &str, cause: &str) -> Outcome {
    tx.wrong_codes += 1;
    state.record.counts.codes_refused += 1;
    Outcome::Refused(error(code, &[cause]))
}

/// A code of an app or a piece of hardware.
pub(super) fn token(
    state: &mut State,
    body: &Value,
    tx: &mut Transaction,
    factor: &Factor,
) -> Outcome {
    if tx.wants_next {
        let next = text(body, "nextPassCode").or(text(body, "passCode")).unwrap_or_default();
        if Some(next) == factor.next_code.as_deref() {
            return Outcome::Done;
        }
        return wrong(state, tx, "E0000068", "The next token code does not match.");
    }
    // Without a code this is how the challenge is begun, which a token does not need.
    if body.get("passCode").is_none() {
        return Outcome::Challenge;
    }
    match check(state, body, tx, factor) {
        Outcome::Done if factor.next_code.is_some() => {
            // Okta's reference gives no example of RSA's next-token mode; a factor result that is
            // neither success nor failure is the plainest way to ask for the next code.
            tx.wants_next = true;
            tx.result = Some("CHALLENGE".to_owned());
            Outcome::Challenge
        }
        outcome => outcome,
    }
}

/// A code by message, call or mail: without one it is sent.
pub(super) fn sent(
    state: &mut State,
    body: &Value,
    tx: &mut Transaction,
    factor: &Factor,
) -> Outcome {
    match body.get("passCode") {
        None => send(state, tx, factor),
        Some(_) => check(state, body, tx, factor),
    }
}

/// Sends the code, unless one was sent just before.
pub(super) fn send(state: &mut State, tx: &Transaction, factor: &Factor) -> Outcome {
    let (now, key) = (state.now(), (tx.login.clone(), factor.id.clone()));
    let free = state
        .okta
        .sent
        .get(&key)
        .map(|sent| clock::after(*sent, state.scenario.okta.resend_seconds));
    if free.is_some_and(|free| free > now) {
        let code = match factor.factor_type.as_str() {
            "call" => "E0000133",
            "email" => "E0000118",
            _ => "E0000109",
        };
        return Outcome::Refused(error(code, &[]));
    }
    state.okta.sent.insert(key, now);
    state.record.counts.codes_sent += 1;
    Outcome::Challenge
}

/// The answer to a question.
pub(super) fn question(
    state: &mut State,
    body: &Value,
    tx: &mut Transaction,
    factor: &Factor,
) -> Outcome {
    let Some(answer) = text(body, "answer") else { return Outcome::Challenge };
    if answer.is_empty() {
        return Outcome::Refused(error("E0000001", &["answer: The field cannot be left blank"]));
    }
    if answer.eq_ignore_ascii_case(&factor.answer) {
        return Outcome::Done;
    }
    wrong(state, tx, "E0000068", "Your answer doesn't match our records. Please try again.")
}

fn check(state: &mut State, body: &Value, tx: &mut Transaction, factor: &Factor) -> Outcome {
    let Some(code) = text(body, "passCode").filter(|code| !code.is_empty()) else {
        return Outcome::Refused(error("E0000001", &["passCode: The field cannot be left blank"]));
    };
    let used = (tx.login.clone(), factor.id.clone(), code.to_owned());
    if factor.late_codes.iter().any(|late| late == code) {
        return wrong(state, tx, "E0000083", "The code belongs to another time window.");
    }
    if !factor.codes.iter().any(|right| right == code) {
        let cause = "Your token doesn't match our records. Please try again.";
        return wrong(state, tx, "E0000068", cause);
    }
    if state.okta.used_codes.contains(&used) {
        return wrong(state, tx, "E0000082", "The code was used before.");
    }
    if !factor.reusable {
        state.okta.used_codes.insert(used);
    }
    Outcome::Done
}
