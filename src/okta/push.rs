//! A push to the phone, and waiting for its answer.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::error::{Error, Kind, Result};
use crate::okta::duo;
use crate::okta::exchange::Exchange;
use crate::okta::factor::Factor;
use crate::okta::refusal::Failure;
use crate::okta::second_factor::Attempt;
use crate::okta::transaction::{Status, Transaction};
use crate::sys::clock::Clock;

/// The first look comes no later than this after the push was sent: some answer at once.
const FIRST: Duration = Duration::from_millis(500);

/// Okta names no interval; its own widget takes some four seconds.
const PAUSE: Duration = Duration::from_secs(2);

/// Okta gives up after five minutes.
const PATIENCE: Duration = Duration::from_secs(300);

/// A look that fails is tried again so many times in a row: one dropped connection shall not cost
/// a push that the person has just answered.
const MISSES: usize = 2;

/// Sends the push and waits for its answer.
pub(super) fn send(exchange: &mut Exchange<'_>, factor: &Factor) -> Result<Attempt, Failure> {
    let sent = exchange.org.clock.now();
    let transaction = exchange.verify(&factor.verify, json!({}))?;
    if duo::takes_over(&transaction) {
        return duo::hand_over(exchange, factor, transaction);
    }
    wait(exchange, factor, transaction, sent)
}

/// Sends it once more, by the link that an unanswered one came back with.
pub(super) fn resend(
    exchange: &mut Exchange<'_>,
    factor: &Factor,
    link: &str,
) -> Result<Attempt, Failure> {
    let sent = exchange.org.clock.now();
    let transaction = exchange.verify(link, json!({}))?;
    wait(exchange, factor, transaction, sent)
}

/// Looks every two seconds what became of a push that was sent at `sent`.
fn wait(
    exchange: &mut Exchange<'_>,
    factor: &Factor,
    mut transaction: Transaction,
    sent: Timestamp,
) -> Result<Attempt, Failure> {
    let clock = exchange.org.clock;
    let app = if factor.is("DUO") { "Duo" } else { "Okta" };
    let waiting = exchange.org.prompt.waiting(&words(app, None));
    let mut shown = None;
    let mut pause = FIRST.saturating_sub(since(clock, sent));
    loop {
        if transaction.status() != Status::MfaChallenge {
            return Ok(Attempt::Passed(transaction));
        }
        if let Some(why) = refused(transaction.factor_result()) {
            return Ok(Attempt::Failed(why, transaction));
        }
        let number = transaction.number_to_match();
        if number.is_some() && number != shown {
            waiting.update(&words(app, number.as_deref()));
            shown = number;
        }
        if since(clock, sent) >= PATIENCE {
            return Ok(Attempt::Failed(unanswered(), transaction));
        }
        clock.sleep(pause)?;
        pause = PAUSE;
        transaction = look(exchange, factor, &transaction)?;
    }
}

/// Asks once what became of the push.
fn look(
    exchange: &mut Exchange<'_>,
    factor: &Factor,
    transaction: &Transaction,
) -> Result<Transaction, Failure> {
    let link = transaction.link("next").unwrap_or(&factor.verify).to_owned();
    let mut misses = 0;
    loop {
        match exchange.verify(&link, json!({})) {
            Err(failure) if misses < MISSES && may_pass(&failure) => {
                misses += 1;
                exchange.org.clock.sleep(PAUSE)?;
            }
            other => return other,
        }
    }
}

/// Whether a look that failed may well succeed the next time.
fn may_pass(failure: &Failure) -> bool {
    match failure {
        Failure::Said(refusal) => refusal.status >= 500 || refusal.code == "E0000070",
        Failure::Broke(error) => error.kind() == Kind::Unreachable,
    }
}

fn since(clock: &dyn Clock, sent: Timestamp) -> Duration {
    Duration::try_from(clock.now().duration_since(sent)).unwrap_or_default()
}

fn words(app: &str, number: Option<&str>) -> String {
    match number {
        Some(number) => format!("{app}: push sent to your phone. Answer {number} there."),
        None => format!("{app}: push sent to your phone."),
    }
}

fn unanswered() -> Error {
    Error::new(Kind::OktaRefused, "the push was not answered in time")
        .hint("is the phone at hand and online? Run it again for another push")
}

/// The error for a factor's result, unless it is still being waited for.
pub(super) fn refused(result: Option<&str>) -> Option<Error> {
    let refused = |message: &str| Error::new(Kind::OktaRefused, message);
    Some(match result {
        None | Some("WAITING" | "SUCCESS") => return None,
        Some("REJECTED") => refused("the push was rejected on the phone")
            .hint("if that was not you, somebody else tried to sign in: tell your security team"),
        Some("TIMEOUT") => unanswered(),
        Some("CANCELLED") => {
            refused("the second factor was cancelled").hint("run it again to be asked anew")
        }
        Some("PASSCODE_REPLAYED") => {
            refused("that code was used before").hint("wait for the next one")
        }
        Some("TIME_WINDOW_EXCEEDED") => refused("that code is from another moment")
            .hint("is the clock right on the device that shows the code?"),
        Some("ERROR") => refused("Okta could not ask for the second factor")
            .hint("try again, or choose another factor"),
        Some(other) => {
            let other = super::words::cut(other, 40);
            refused("Okta did not accept the second factor").because(other).hint("try again")
        }
    })
}
