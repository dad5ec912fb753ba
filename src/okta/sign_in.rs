//! Signing in: the password, the states that follow it, and what is done when they fail.

use serde_json::json;

use crate::error::{Error, Kind};
use crate::okta::change;
use crate::okta::choice::MfaChoice;
use crate::okta::cookies::Cookies;
use crate::okta::credentials::Credentials;
use crate::okta::exchange::Exchange;
use crate::okta::factor::FactorId;
use crate::okta::org::Org;
use crate::okta::refusal::{Failure, Refusal};
use crate::okta::second_factor;
use crate::okta::transaction::{Status, Transaction, stuck};
use crate::sys::http::Request;
use crate::sys::secret::Secret;

/// A sign-in that worked.
#[derive(Debug)]
pub struct SignedIn {
    /// Good for one use within five minutes.
    pub session_token: Secret,
    /// The second factor that was answered, if one was asked for.
    pub factor: Option<FactorId>,
}

/// A sign-in that did not work.
#[derive(Debug)]
pub enum SignInError {
    /// Okta refused the password: this very one must not be sent again.
    PasswordRefused(Error),
    /// The org does not let anybody sign in in this way, be the password right or not.
    NotThisWay(Error),
    /// Anything else; the password may be right.
    Other(Error),
}

impl SignInError {
    /// The error to show.
    pub fn into_error(self) -> Error {
        match self {
            SignInError::PasswordRefused(error)
            | SignInError::NotThisWay(error)
            | SignInError::Other(error) => error,
        }
    }
}

/// Why a run of the sign-in ended.
pub(super) enum Stop {
    Password(Error),
    /// Okta has forgotten this sign-in; another one may do.
    Stale(Error),
    /// It takes no password in this way.
    Shut(Error),
    Other(Error),
}

/// A sign-in has some four steps.
const STEPS: usize = 12;

/// Signs `username` in.
pub(super) fn sign_in(
    org: &Org<'_>,
    credentials: &mut Credentials,
    mfa: &MfaChoice,
    cookies: &mut Cookies,
) -> Result<SignedIn, SignInError> {
    if mfa.remember_device && cookies.dt.is_none() {
        device(org, cookies).map_err(SignInError::Other)?;
    }
    let mut run = SignIn { credentials };
    let mut exchange = Exchange::new(org, mfa, cookies);
    let first = run.once(&mut exchange);
    let last = match first {
        // The password was not refused, so it may be sent once more.
        Err(Stop::Stale(_)) => {
            org.prompt.note("Okta: it forgot this sign-in; beginning it once more.");
            run.once(&mut exchange)
        }
        first => first,
    };
    let last = last.map_err(|stop| match stop {
        // It forgets each at once: so it takes none.
        Stop::Stale(error) if !exchange.has_begun() => Stop::Shut(takes_none(org, &error)),
        stop => stop,
    });
    last.map_err(Stop::into_sign_in_error).inspect_err(|error| {
        if let SignInError::Other(error) = error {
            exchange.cancel(error);
        }
    })
}

impl Stop {
    pub(super) fn into_sign_in_error(self) -> SignInError {
        match self {
            Stop::Password(error) => SignInError::PasswordRefused(error),
            Stop::Shut(error) => SignInError::NotThisWay(error),
            Stop::Stale(error) | Stop::Other(error) => SignInError::Other(error),
        }
    }
}

/// Fetches the cookie that a device is remembered by: Okta sets it with any page, and it has to
/// be there before the sign-in.
fn device(org: &Org<'_>, cookies: &mut Cookies) -> crate::Result<()> {
    let request = Request::get(org.domain.at("/login/login.htm")).header("Accept", "text/html");
    let mut fresh = Cookies::default();
    org.send(request, None, &mut fresh)?;
    cookies.dt = fresh.dt;
    Ok(())
}

/// What is signed in with.
pub(super) struct SignIn<'a> {
    pub(super) credentials: &'a mut Credentials,
}

impl SignIn<'_> {
    /// One run, from the password to the session token.
    fn once(&mut self, exchange: &mut Exchange<'_>) -> Result<SignedIn, Stop> {
        let mut transaction = self.begin(exchange)?;
        let mut factor = None;
        let mut looked = false;
        for _ in 0..STEPS {
            let status = transaction.status();
            let next = match status {
                Status::Success => return done(exchange, &transaction, factor),
                Status::MfaRequired | Status::MfaChallenge if factor.is_none() => {
                    second_factor::answer(exchange, &transaction).map(|(next, answered)| {
                        factor = Some(answered);
                        next
                    })
                }
                Status::PasswordExpired if exchange.org.prompt.can_ask() => {
                    match transaction.link("next").map(str::to_owned) {
                        Some(link) => change::password(exchange, &link, self.credentials),
                        None => return Err(Stop::Other(stuck(&status, exchange.org.domain))),
                    }
                }
                // Both can be left for later, where Okta says so.
                Status::PasswordWarn | Status::MfaEnroll | Status::MfaEnrollActivate => {
                    match transaction.link("skip").map(str::to_owned) {
                        Some(skip) => exchange.post(&skip, json!({})),
                        None => return Err(Stop::Other(stuck(&status, exchange.org.domain))),
                    }
                }
                _ => return Err(Stop::Other(stuck(&status, exchange.org.domain))),
            };
            transaction = match next {
                Ok(next) => next,
                // The state is another than was thought: look, once.
                Err(Failure::Said(refusal)) if refusal.code == "E0000079" && !looked => {
                    looked = true;
                    exchange.look().map_err(|failure| stop(exchange, failure))?
                }
                Err(failure) => return Err(stop(exchange, failure)),
            };
        }
        let domain = exchange.org.domain;
        let error = Error::failed(format!("{domain} leads the sign-in in circles"));
        Err(Stop::Other(error.hint(format!("sign in at https://{domain} in the browser"))))
    }

    /// Sends the password.
    pub(super) fn begin(&self, exchange: &mut Exchange<'_>) -> Result<Transaction, Stop> {
        let Credentials { username, password, .. } = &*self.credentials;
        let (prompt, domain) = (exchange.org.prompt, exchange.org.domain);
        prompt.detail(&format!("Okta: sending the password of {username} to {domain}."));
        exchange.begin(username, password).map_err(|failure| match failure {
            Failure::Said(refusal) if refusal.code == "E0000004" => {
                exchange.end();
                Stop::Password(self.password_refused(exchange.org, &refusal))
            }
            // It was not about the password. A device cookie that Okta does not like any more
            // can be the reason, so the next run goes without it.
            Failure::Said(refusal)
                if is_about_device(&refusal) && exchange.cookies.dt.is_some() =>
            {
                exchange.cookies.dt = None;
                Stop::Stale(refusal.error(exchange.org.domain))
            }
            Failure::Said(refusal) if matches!(refusal.code.as_str(), "E0000015" | "E0000022") => {
                Stop::Shut(refusal.error(exchange.org.domain))
            }
            failure => stop(exchange, failure),
        })
    }

    fn password_refused(&self, org: &Org<'_>, refusal: &Refusal) -> Error {
        let (username, domain) = (&self.credentials.username, org.domain);
        Error::new(
            Kind::OktaRefused,
            format!("Okta refused the password of {username} ({domain})"),
        )
        .because(refusal.words())
        .hint("it will not be sent again. 'robo aws.add' stores a new one; a few refusals lock the account")
        .hint("if the password is right, the account may be locked or inactive, or a sign-on policy in the way: Okta says the same to each")
    }
}

/// The sign-in is over: takes the session token.
fn done(
    exchange: &mut Exchange<'_>,
    transaction: &Transaction,
    factor: Option<FactorId>,
) -> Result<SignedIn, Stop> {
    let Some(session_token) = transaction.session_token() else {
        return Err(Stop::Other(stuck(&Status::Success, exchange.org.domain)));
    };
    exchange.end();
    Ok(SignedIn { session_token, factor })
}

/// The error for an org that knows no state token where none was sent: nothing was begun.
pub(super) fn takes_none(org: &Org<'_>, refusal: &Error) -> Error {
    let words = std::error::Error::source(refusal).map(ToString::to_string);
    let message = format!("Okta takes no password from robo ({})", org.domain);
    Error::new(Kind::OktaRefused, message).maybe_because(words).hint(
        "try again; if it stays so, ask whoever runs Okta whether one may sign in by password",
    )
}

fn is_about_device(refusal: &Refusal) -> bool {
    matches!(refusal.code.as_str(), "E0000001" | "E0000005" | "E0000006" | "E0000011")
}

fn stop(exchange: &mut Exchange<'_>, failure: Failure) -> Stop {
    let domain = exchange.org.domain;
    match failure {
        Failure::Said(refusal) if refusal.code == "E0000011" => {
            exchange.end();
            Stop::Stale(refusal.error(domain))
        }
        failure => Stop::Other(failure.error(domain)),
    }
}

#[cfg(test)]
mod tests;
