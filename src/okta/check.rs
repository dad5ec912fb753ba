//! Whether a password is right, without signing in any further.

use crate::error::{Error, Kind};
use crate::okta::choice::MfaChoice;
use crate::okta::cookies::Cookies;
use crate::okta::credentials::Credentials;
use crate::okta::exchange::Exchange;
use crate::okta::org::Org;
use crate::okta::sign_in::{SignIn, SignInError, Stop};
use crate::okta::transaction::{Status, stuck};
use crate::sys::secret::Secret;

/// Sends the password and goes no further than what Okta says to it: no second factor is begun,
/// so no phone rings. What was begun is cancelled.
pub(super) fn check_password(
    org: &Org<'_>,
    username: &str,
    password: &Secret,
) -> Result<(), SignInError> {
    let (mfa, mut cookies) = (MfaChoice::default(), Cookies::default());
    let mut exchange = Exchange::new(org, &mfa, &mut cookies);
    let mut credentials = Credentials::new(username, password);
    let begun = SignIn { credentials: &mut credentials }.begin(&mut exchange);
    let transaction = begun.map_err(Stop::into_sign_in_error)?;
    let status = transaction.status();
    exchange.cancel(&Error::new(Kind::Interrupted, "the password was all that was to be checked"));
    match status {
        Status::Success
        | Status::MfaRequired
        | Status::MfaChallenge
        | Status::PasswordWarn
        | Status::MfaEnroll
        | Status::MfaEnrollActivate => Ok(()),
        status => Err(SignInError::Other(stuck(&status, org.domain))),
    }
}
