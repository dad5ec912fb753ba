//! Duo as a factor of Okta's: what Okta hands over to Duo, and what it gets back.

use std::time::Duration;

use serde_json::json;

use crate::error::{Error, Kind, Result};
use crate::okta::choice::MfaChoice;
use crate::okta::domain::Domain;
use crate::okta::duo_frame::{Frame, Verdict};
use crate::okta::exchange::Exchange;
use crate::okta::factor::Factor;
use crate::okta::push;
use crate::okta::refusal::Failure;
use crate::okta::second_factor::Attempt;
use crate::okta::transaction::{Status, Transaction};

/// How Duo asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DuoWay {
    Push,
    Call,
    Passcode,
}

impl DuoWay {
    /// The way that was asked for: by the factor's type or by the device, which aws-okta names
    /// `token` for a passcode; otherwise a push.
    pub(super) fn of(mfa: &MfaChoice) -> Self {
        let wanted = mfa.factor_type.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
        match wanted.as_str() {
            "call" | "phone" => DuoWay::Call,
            "passcode" | "token" | "sms" => DuoWay::Passcode,
            _ if mfa.duo_device.as_deref().map(str::trim) == Some("token") => DuoWay::Passcode,
            _ => DuoWay::Push,
        }
    }
}

/// Where an answer of Okta's has what is meant for Duo.
const PLACE: &str = "/_embedded/factor/_embedded/verification";

/// Okta learns of Duo's verdict at once; should it lag, so many looks are enough.
const LOOKS: usize = 15;

/// Has Duo ask, and tells Okta what it said.
pub(super) fn answer(exchange: &mut Exchange<'_>, factor: &Factor) -> Result<Attempt, Failure> {
    let challenge = exchange.verify(&factor.verify, json!({}))?;
    if challenge.status() != Status::MfaChallenge {
        return Ok(Attempt::Passed(challenge));
    }
    hand_over(exchange, factor, challenge)
}

/// Whether Okta leaves the challenge to Duo's own prompt.
pub(super) fn takes_over(challenge: &Transaction) -> bool {
    challenge.status() == Status::MfaChallenge && challenge.text(&format!("{PLACE}/host")).is_some()
}

/// Has Duo ask by its own prompt, and tells Okta what it said.
pub(super) fn hand_over(
    exchange: &mut Exchange<'_>,
    factor: &Factor,
    challenge: Transaction,
) -> Result<Attempt, Failure> {
    let handover = Handover::read(&challenge)?;
    let frame = Frame {
        http: exchange.org.http,
        clock: exchange.org.clock,
        prompt: exchange.org.prompt,
        host: &handover.host,
        parent: exchange.org.domain.at("/signin/verify/duo/web").to_string(),
        way: match factor.id.factor_type.as_str() {
            "push" => DuoWay::Push,
            "call" => DuoWay::Call,
            "sms" => DuoWay::Passcode,
            _ => DuoWay::of(exchange.mfa),
        },
        device: exchange.mfa.duo_device.as_deref().map_or("phone1", str::trim),
    };
    let cookie = match frame.ask(&handover.tx)? {
        Verdict::Yes(cookie) => cookie,
        Verdict::No(why) => return Ok(Attempt::Failed(why, challenge)),
    };
    let signature = format!("{cookie}:{}", handover.app);
    let fields = [("id", factor.id.id.as_str()), ("sig_response", signature.as_str())];
    exchange.post_form(&handover.complete, &fields)?;
    settle(exchange, factor, challenge)
}

/// Looks until Okta has heard of Duo's verdict.
fn settle(
    exchange: &mut Exchange<'_>,
    factor: &Factor,
    mut challenge: Transaction,
) -> Result<Attempt, Failure> {
    for look in 0..LOOKS {
        if look > 0 {
            exchange.org.clock.sleep(Duration::from_secs(2))?;
        }
        let link = challenge.link("next").unwrap_or(&factor.verify).to_owned();
        challenge = exchange.verify(&link, json!({}))?;
        if challenge.status() != Status::MfaChallenge {
            return Ok(Attempt::Passed(challenge));
        }
        if let Some(why) = push::refused(challenge.factor_result()) {
            return Ok(Attempt::Failed(why, challenge));
        }
    }
    let why = Error::new(Kind::OktaRefused, "Duo said yes, but Okta does not take its word")
        .hint("try again, or ask whoever runs Okta");
    Ok(Attempt::Failed(why, challenge))
}

/// What Okta gives out for Duo.
struct Handover {
    /// Duo's host, as Okta names it. It is told Duo's own part of the signature and nothing of
    /// Okta's.
    host: Domain,
    tx: String,
    app: String,
    /// Okta's address that takes Duo's answer.
    complete: String,
}

impl Handover {
    fn read(challenge: &Transaction) -> Result<Self> {
        let text = |name: &str| challenge.text(&format!("{PLACE}/{name}"));
        let read = || {
            let (tx, app) = text("signature")?.split_once(':')?;
            Some(Self {
                host: Domain::parse(text("host")?).ok()?,
                tx: tx.to_owned(),
                app: app.to_owned(),
                complete: text("_links/complete/href")?.to_owned(),
            })
        };
        read().ok_or_else(|| {
            Error::new(Kind::OktaRefused, "Duo cannot be asked from a terminal in this org").hint(
                "it may have moved to Duo's Universal Prompt, which needs a browser: choose another factor",
            )
        })
    }
}

#[cfg(test)]
mod tests;
