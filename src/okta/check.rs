//! Whether a password is right, without signing in any further.

use crate::error::{Error, Kind};
use crate::okta::change;
use crate::okta::choice::MfaChoice;
use crate::okta::cookies::Cookies;
use crate::okta::credentials::Credentials;
use crate::okta::exchange::Exchange;
use crate::okta::org::Org;
use crate::okta::sign_in::{SignIn, SignInError, Stop, takes_none};
use crate::okta::transaction::{Status, Transaction, stuck};

/// Sends the password and goes no further than what Okta says to it: no second factor is begun,
/// so no phone rings. What was begun is cancelled. One that has expired is changed, where somebody
/// is there to choose another.
pub(super) fn check_password(
    org: &Org<'_>,
    credentials: &mut Credentials,
) -> Result<(), SignInError> {
    let (mfa, mut cookies) = (MfaChoice::default(), Cookies::default());
    let mut exchange = Exchange::new(org, &mfa, &mut cookies);
    let begun = SignIn { credentials: &mut *credentials }.begin(&mut exchange);
    let mut transaction = begun.map_err(|stop| match stop {
        Stop::Stale(error) => SignInError::NotThisWay(takes_none(org, &error)),
        stop => stop.into_sign_in_error(),
    })?;
    if transaction.status() == Status::PasswordExpired && org.prompt.can_ask() {
        transaction = changed(&mut exchange, &transaction, credentials)?;
    }
    let status = transaction.status();
    exchange.cancel(&Error::new(Kind::Interrupted, "the password was all that was to be checked"));
    match status {
        Status::Success
        | Status::MfaRequired
        | Status::MfaChallenge
        | Status::PasswordWarn
        | Status::MfaEnroll
        | Status::MfaEnrollActivate => Ok(()),
        // It is another one by now, whatever else Okta wants.
        _ if credentials.changed => Ok(()),
        status => Err(SignInError::Other(stuck(&status, org.domain))),
    }
}

/// Has the person choose another password, where Okta says where it goes.
fn changed(
    exchange: &mut Exchange<'_>,
    transaction: &Transaction,
    credentials: &mut Credentials,
) -> Result<Transaction, SignInError> {
    let domain = exchange.org.domain;
    let Some(link) = transaction.link("next").map(str::to_owned) else {
        let error = stuck(&transaction.status(), domain);
        exchange.cancel(&error);
        return Err(SignInError::Other(error));
    };
    let changed = change::password(exchange, &link, credentials);
    let transaction = changed.map_err(|failure| {
        let error = failure.error(domain);
        exchange.cancel(&error);
        SignInError::Other(error)
    })?;
    if transaction.status() == Status::Success {
        exchange.end();
    }
    Ok(transaction)
}
