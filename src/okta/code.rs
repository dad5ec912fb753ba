//! Codes that are typed, codes that Okta sends, and the security question.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::error::{Error, Kind, Result};
use crate::okta::duo;
use crate::okta::exchange::Exchange;
use crate::okta::factor::{Factor, Way};
use crate::okta::push;
use crate::okta::refusal::Failure;
use crate::okta::second_factor::Attempt;
use crate::okta::shape::Shape;
use crate::okta::transaction::{Status, Transaction};
use crate::sys::secret::ExposeSecret;

/// So many wrong codes are sent; Okta locks an account after some more.
const TRIES: usize = 5;

/// Asks for the code of a device.
pub(super) fn typed(exchange: &mut Exchange<'_>, factor: &Factor) -> Result<Attempt, Failure> {
    let question = question(factor);
    let link = factor.verify.clone();
    let shape = Shape::of(factor);
    let given = exchange.mfa.code.clone();
    // A program is asked once more where its code was one of another moment.
    let (ask_given, once_more) =
        (Cell::new(true), Cell::new(given.as_ref().is_some_and(|given| given.is_program())));
    let another = |code: &str| {
        let asked = matches!(code, "E0000082" | "E0000083") && once_more.take();
        ask_given.set(asked);
        asked
    };
    tries(exchange, factor, &another, |exchange| {
        let there = match given.as_ref().filter(|_| ask_given.take()) {
            Some(given) => {
                let code = given.next(exchange.org.clock, exchange.org.prompt)?;
                if code.as_ref().is_some_and(|code| !shape.fits(code)) {
                    return Err(given.misshapen(&factor.name(), shape.words()).into());
                }
                code
            }
            None => None,
        };
        let code = match there {
            Some(code) => code,
            None => ask(exchange, &question, shape)?,
        };
        match exchange.verify(&link, json!({ "passCode": code })) {
            Ok(answer) if wants_next(factor, &answer) => next_code(exchange, &link, &code),
            Err(Failure::Said(refusal))
                if factor.id.factor_type == "token"
                    && (refusal.mentions("next token") || refusal.mentions("nextpasscode")) =>
            {
                next_code(exchange, &link, &code)
            }
            other => other,
        }
    })
}

/// Has Okta send a code, and asks for it.
pub(super) fn sent(exchange: &mut Exchange<'_>, factor: &Factor) -> Result<Attempt, Failure> {
    let challenge = match exchange.verify(&factor.verify, json!({})) {
        Ok(challenge) => challenge,
        // One that was sent a moment ago is still good.
        Err(Failure::Said(refusal)) if refusal.is_too_soon() => {
            exchange.org.prompt.note(&format!("{}.", refusal.error(exchange.org.domain)));
            Transaction(Value::Null)
        }
        Err(failure) => return Err(failure),
    };
    if !matches!(challenge.status(), Status::MfaChallenge | Status::Other(_)) {
        return Ok(Attempt::Passed(challenge));
    }
    if duo::takes_over(&challenge) {
        return duo::hand_over(exchange, factor, challenge);
    }
    let link = challenge.link("next").unwrap_or(&factor.verify).to_owned();
    let resend = challenge.link("resend").map(str::to_owned);
    let question = format!("Code from {} (r sends it again):", factor.name());
    let shape = Shape::of(factor);
    tries(exchange, factor, &|_| false, |exchange| {
        loop {
            let code = bare(&exchange.org.prompt.line(&question)?);
            if !code.eq_ignore_ascii_case("r") {
                if !shape.fits(&code) {
                    exchange.org.prompt.note(&shape.refusal());
                    continue;
                }
                return exchange.verify(&link, json!({ "passCode": code }));
            }
            send_again(exchange, resend.as_deref().unwrap_or(&factor.verify))?;
        }
    })
}

/// Asks the security question.
pub(super) fn asked(exchange: &mut Exchange<'_>, factor: &Factor) -> Result<Attempt, Failure> {
    let question = factor.profile_text("/questionText");
    let question = question.unwrap_or_else(|| "Answer to your security question:".to_owned());
    let link = factor.verify.clone();
    tries(exchange, factor, &|_| false, |exchange| {
        let answer = exchange.org.prompt.secret(&question)?;
        exchange.verify(&link, json!({ "answer": answer.expose_secret() }))
    })
}

/// Runs `once` until the answer is right. A wrong one leaves the state token as it is, so it is
/// asked again without a new sign-in, which would count as another one. `another` says whether, after
/// that refusal, there is something else than the person to ask.
fn tries(
    exchange: &mut Exchange<'_>,
    factor: &Factor,
    another: &dyn Fn(&str) -> bool,
    mut once: impl FnMut(&mut Exchange<'_>) -> Result<Transaction, Failure>,
) -> Result<Attempt, Failure> {
    let mut last = None;
    for _ in 0..TRIES {
        let mut has_another = false;
        let why = match once(exchange) {
            Ok(answer) if answer.status() != Status::MfaChallenge => {
                return Ok(Attempt::Passed(answer));
            }
            Ok(answer) => match push::refused(answer.factor_result()) {
                Some(why) => why,
                None => return Ok(Attempt::Passed(answer)),
            },
            Err(Failure::Said(refusal)) if refusal.is_wrong_code() => {
                has_another = another(&refusal.code);
                refusal.error(exchange.org.domain)
            }
            // There was no other code, and nobody to ask for one: what Okta said to the last counts.
            Err(Failure::Broke(error)) if error.kind() == Kind::NeedsAnswer => {
                return Err(last.take().unwrap_or(error).into());
            }
            Err(failure) => return Err(failure),
        };
        if !has_another && !exchange.org.prompt.can_ask() {
            return Err(why.into());
        }
        let okta = if why.message().starts_with("Okta") { "" } else { "Okta: " };
        exchange.org.prompt.note(&format!("{okta}{why}."));
        last = Some(why);
    }
    let message = match factor.way() {
        Way::Question => format!("{TRIES} wrong answers to {}", factor.name()),
        _ => format!("{TRIES} wrong codes from {}", factor.name()),
    };
    let error = Error::new(Kind::OktaRefused, message).maybe_because(last);
    Err(error.hint("no more are sent now: a few more would lock the account").into())
}

/// Asks for a code until what is typed can be one: what cannot is not sent, and counts for nothing.
fn ask(exchange: &Exchange<'_>, question: &str, shape: Shape) -> Result<String> {
    let prompt = exchange.org.prompt;
    loop {
        let code = bare(&prompt.line(question)?);
        if shape.fits(&code) {
            return Ok(code);
        }
        prompt.note(&shape.refusal());
    }
}

/// Whether a hardware token has to show its next code too, because it is out of step.
fn wants_next(factor: &Factor, answer: &Transaction) -> bool {
    factor.id.factor_type == "token"
        && answer.status() == Status::MfaChallenge
        && matches!(answer.factor_result(), None | Some("WAITING" | "CHALLENGE"))
}

fn next_code(exchange: &mut Exchange<'_>, link: &str, code: &str) -> Result<Transaction, Failure> {
    exchange.org.prompt.note("Okta: the token is out of step; wait until it shows another code.");
    let next = ask(exchange, "The token's next code:", Shape::Token)?;
    exchange.verify(link, json!({ "passCode": code, "nextPassCode": next }))
}

fn send_again(exchange: &mut Exchange<'_>, link: &str) -> Result<(), Failure> {
    match exchange.verify(link, json!({})) {
        Ok(_) => exchange.org.prompt.note("Okta: sent again."),
        Err(Failure::Said(refusal)) if refusal.is_too_soon() => {
            exchange.org.prompt.note(&format!("{}.", refusal.error(exchange.org.domain)));
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

fn question(factor: &Factor) -> String {
    match factor.id.factor_type.as_str() {
        "token:hardware" if factor.is("YUBICO") => "Touch your YubiKey:".to_owned(),
        "token:software:totp" => format!("Code from {}:", factor.name().replace(" (code)", "")),
        _ => format!("Code from {}:", factor.name()),
    }
}

/// Apps show codes in groups: `123 456`.
fn bare(code: &str) -> String {
    code.split_whitespace().collect()
}
