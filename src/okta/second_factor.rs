//! The second factor: choose one, answer it, and offer another try or another factor.

use serde_json::json;

use crate::error::{Error, Kind, Result};
use crate::okta::choice::Chooser;
use crate::okta::exchange::Exchange;
use crate::okta::factor::{Factor, FactorId, Way, keys_as_one};
use crate::okta::refusal::Failure;
use crate::okta::transaction::Transaction;
use crate::okta::{code, duo, push, webauthn};

/// What answering a factor came to.
pub(super) enum Attempt {
    /// It was accepted: where the sign-in stands now.
    Passed(Transaction),
    /// It was not, and another try or another factor may do: why, and Okta's last answer.
    Failed(Error, Transaction),
}

/// What to do after a factor has failed.
enum Then {
    /// Have Okta send the same push again, by this link.
    Resend(String),
    Again,
    Other,
}

/// Somebody who has refused so many pushes means it.
const ROUNDS: usize = 5;

/// Answers the factor that `transaction` asks for, and gives where the sign-in stands then.
pub(super) fn answer(
    exchange: &mut Exchange<'_>,
    transaction: &Transaction,
) -> Result<(Transaction, FactorId), Failure> {
    let factors = listed(exchange, transaction);
    let able = factors.iter().filter(|factor| !matches!(factor.way(), Way::Not(_))).count();
    let mut factor = choose(exchange, &factors, false)?;
    let mut attempt = verify(exchange, &factor)?;
    let mut round = 1;
    loop {
        let (why, answer) = match attempt {
            Attempt::Passed(answer) => return Ok((answer, factor.id)),
            Attempt::Failed(why, answer) => (why, answer),
        };
        round += 1;
        if round > ROUNDS || !exchange.org.prompt.can_ask() {
            return Err(why.into());
        }
        attempt = match then(exchange, why, &answer, able > 1)? {
            Then::Resend(link) => push::resend(exchange, &factor, &link)?,
            Then::Again => {
                let factors = previous(exchange, &answer)?;
                factor = factors.into_iter().find(|one| one.id == factor.id).unwrap_or(factor);
                verify(exchange, &factor)?
            }
            Then::Other => {
                let factors = previous(exchange, &answer)?;
                factor = choose(exchange, &factors, true)?;
                verify(exchange, &factor)?
            }
        };
    }
}

/// The factors to choose from; some answers challenge one at once.
fn listed(exchange: &Exchange<'_>, transaction: &Transaction) -> Vec<Factor> {
    let mut factors = transaction.factors();
    if factors.is_empty() {
        factors = transaction.factor().into_iter().collect();
    }
    keys_as_one(factors, exchange.org.keys)
}

fn choose(exchange: &Exchange<'_>, factors: &[Factor], anew: bool) -> Result<Factor> {
    let org = exchange.org;
    let chooser = Chooser { prompt: org.prompt, domain: org.domain, mfa: exchange.mfa };
    chooser.choose(factors, anew)
}

fn verify(exchange: &mut Exchange<'_>, factor: &Factor) -> Result<Attempt, Failure> {
    exchange.org.prompt.detail(&format!("Okta: the second factor is {}.", factor.name()));
    match factor.way() {
        Way::Push => push::send(exchange, factor),
        Way::Duo => duo::answer(exchange, factor),
        Way::Code => code::typed(exchange, factor),
        Way::SentCode => code::sent(exchange, factor),
        Way::Question => code::asked(exchange, factor),
        Way::SecurityKey => webauthn::answer(exchange, factor),
        Way::Not(reason) => {
            let message = format!("{} cannot be answered in a terminal", factor.name());
            Err(Error::new(Kind::OktaRefused, message).hint(reason).into())
        }
    }
}

/// Asks the person how to go on after a factor has failed for the reason `why`.
fn then(exchange: &Exchange<'_>, why: Error, answer: &Transaction, another: bool) -> Result<Then> {
    let (question, letters): (_, &[char]) = if another {
        ("Try it (a)gain, take an(o)ther factor, or (s)top?", &['a', 'o', 's'])
    } else {
        ("Try it (a)gain, or (s)top?", &['a', 's'])
    };
    match exchange.org.prompt.letter(&format!("Okta: {why}. {question}"), letters)? {
        'a' => Ok(match answer.link("resend") {
            Some(link) if answer.factor_result() == Some("TIMEOUT") => {
                Then::Resend(link.to_owned())
            }
            _ => Then::Again,
        }),
        'o' => Ok(Then::Other),
        _ => Err(why),
    }
}

/// Goes back to the choice of factors.
fn previous(exchange: &mut Exchange<'_>, answer: &Transaction) -> Result<Vec<Factor>, Failure> {
    let link = answer.link("prev").unwrap_or("/api/v1/authn/previous").to_owned();
    let choice = exchange.post(&link, json!({}))?;
    Ok(listed(exchange, &choice))
}

#[cfg(test)]
pub(super) mod tests;
