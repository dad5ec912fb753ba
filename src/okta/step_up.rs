//! Step-up at an app: the session is good, and the app wants one more factor.

use serde_json::json;
use url::Url;

use crate::error::{Error, Kind};
use crate::okta::choice::MfaChoice;
use crate::okta::cookies::Cookies;
use crate::okta::credentials::Credentials;
use crate::okta::domain::Domain;
use crate::okta::exchange::Exchange;
use crate::okta::factor::FactorId;
use crate::okta::org::Org;
use crate::okta::refusal::Failure;
use crate::okta::second_factor;
use crate::okta::transaction::{Status, stuck};
use crate::sys::secret::{ExposeSecret as _, Secret};

/// Why the app's wish was not met.
pub(super) enum Stop {
    /// It wants the password again, and there is none at hand.
    Password,
    /// It refused the password, now or before.
    Refused(Error),
    /// This org does not take its page's state token here, as Identity Engine does not.
    Shut(Error),
    Other(Error),
}

/// What a step-up came to: the address to go on at, where Okta names one, and the factor that was
/// answered.
pub(super) type Passed = (Option<Url>, Option<FactorId>);

/// More steps lead nowhere.
const STEPS: usize = 8;

/// Gives the app at `token`'s page what it wants.
pub(super) fn answer(
    org: &Org<'_>,
    token: Secret,
    mfa: &MfaChoice,
    cookies: &mut Cookies,
    credentials: Option<&Credentials>,
) -> Result<Passed, Stop> {
    org.prompt.note("Okta: the AWS app asks for one more step of its own.");
    let mut exchange = Exchange::new(org, mfa, cookies);
    exchange.resume(token);
    steps(&mut exchange, credentials).inspect_err(|stop| {
        let stopped = Error::new(Kind::Interrupted, "it goes on in another way");
        match stop {
            Stop::Other(error) => exchange.cancel(error),
            Stop::Password | Stop::Refused(_) => exchange.cancel(&stopped),
            Stop::Shut(_) => exchange.end(),
        }
    })
}

fn refused(domain: &Domain, username: &str) -> Error {
    Error::new(
        Kind::OktaRefused,
        format!(
            "the AWS app at {domain} asks for the password of {username} once more, and refused it"
        ),
    )
    .hint("it will not be sent there again; a few refusals lock the account")
    .hint(format!(
        "sign in at https://{domain} in the browser and open the app to see what it asks"
    ))
    .hint("'robo aws.add' stores the password anew, and lets the app be asked once more")
}

fn steps(exchange: &mut Exchange<'_>, credentials: Option<&Credentials>) -> Result<Passed, Stop> {
    let domain = exchange.org.domain;
    let mut transaction = exchange.look().map_err(|failure| match failure {
        Failure::Said(refusal) if matches!(refusal.code.as_str(), "E0000011" | "E0000022") => {
            Stop::Shut(
                Error::new(
                    Kind::OktaRefused,
                    format!("the AWS app at {domain} asks for another sign-in step of its own, which robo cannot answer here"),
                )
                .because(refusal.words()),
            )
        }
        failure => Stop::Other(failure.error(domain)),
    })?;
    let mut factor = None;
    for _ in 0..STEPS {
        let status = transaction.status();
        let next = match status {
            Status::Success => {
                let link = transaction.link("next").map(|link| domain.url(link)).transpose();
                exchange.end();
                return Ok((link.map_err(Stop::Other)?, factor));
            }
            Status::MfaRequired | Status::MfaChallenge if factor.is_none() => {
                second_factor::answer(exchange, &transaction).map(|(next, answered)| {
                    factor = Some(answered);
                    next
                })
            }
            Status::Unauthenticated => {
                let Some(Credentials { username, password, refused_at_step, .. }) = credentials
                else {
                    return Err(Stop::Password);
                };
                if *refused_at_step {
                    return Err(Stop::Refused(refused(domain, username)));
                }
                let fields = json!({
                    "username": username,
                    "password": password.expose_secret(),
                });
                let link = transaction.link("next").unwrap_or("/api/v1/authn").to_owned();
                let answer = exchange.post(&link, fields);
                if let Err(Failure::Said(refusal)) = &answer
                    && refusal.code == "E0000004"
                {
                    return Err(Stop::Refused(refused(domain, username).because(refusal.words())));
                }
                answer
            }
            // Left for later, as in the sign-in itself, where Okta says that it can be.
            Status::PasswordWarn | Status::MfaEnroll | Status::MfaEnrollActivate => {
                match transaction.link("skip").map(str::to_owned) {
                    Some(skip) => exchange.post(&skip, json!({})),
                    None => return Err(Stop::Other(stuck(&status, domain))),
                }
            }
            status => return Err(Stop::Other(stuck(&status, domain))),
        };
        transaction = next.map_err(|failure| Stop::Other(failure.error(domain)))?;
    }
    Err(Stop::Other(Error::failed(format!("{domain} leads the app's own step in circles"))))
}
