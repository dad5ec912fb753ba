//! Okta as a protocol: signing in, second factors, sessions, and the SAML assertion for AWS.
//!
//! [`Okta`] speaks to one org. It asks and tells a person through a
//! [`Prompt`], waits by a [`Clock`], and sends through an
//! [`Http`]; it keeps nothing. Whatever is followed (links in answers, redirects,
//! the app's address) stays at the org's own origin, and a password or token goes nowhere else.
//!
//! This is the API of classic orgs (`/api/v1/authn`), which Identity Engine orgs still answer where
//! their policies permit.

mod assertion;
mod check;
mod choice;
mod code;
mod cookies;
mod domain;
mod duo;
mod duo_frame;
mod exchange;
mod factor;
mod org;
mod page;
mod push;
mod refusal;
mod saml;
mod second_factor;
mod sign_in;
#[cfg(test)]
mod stage;
mod transaction;
mod webauthn;
mod words;

use url::Url;

use crate::error::{Error, Kind, Result};
use crate::sys::clock::Clock;
use crate::sys::http::{Http, Method, Request};
use crate::sys::prompt::Prompt;
use crate::sys::secret::{ExposeSecret, Secret};
use crate::sys::security_key::SecurityKeys;

pub use assertion::{Assertion, SamlRole, UnusableRole};
pub use choice::MfaChoice;
pub use cookies::Cookies;
pub use domain::Domain;
pub use factor::FactorId;
pub use sign_in::{SignInError, SignedIn};

use org::Org;
use saml::Outcome;

/// One Okta org, spoken to for one user.
pub struct Okta<'a> {
    org: Org<'a>,
}

impl<'a> Okta<'a> {
    /// The org at `domain`. Nothing is sent yet.
    pub fn new(
        http: &'a dyn Http,
        clock: &'a dyn Clock,
        prompt: &'a dyn Prompt,
        domain: &'a Domain,
    ) -> Self {
        Self { org: Org::new(http, clock, prompt, domain) }
    }

    /// The same org, where a security key may be answered with by `keys`; without, there are none.
    #[must_use]
    pub fn with_security_keys(mut self, keys: &'a dyn SecurityKeys) -> Self {
        self.org.keys = keys;
        self
    }

    /// Signs `username` in: the password, then the second factor that Okta asks for, chosen by
    /// `mfa`. The device cookie in `cookies` is sent, and fetched first where this device is to
    /// be remembered and has none.
    ///
    /// A sign-in that fails half-way is cancelled at Okta, so that its push vanishes from the
    /// phone. One that Okta forgot in the meantime is begun once more.
    ///
    /// # Errors
    /// [`SignInError::PasswordRefused`] when this password must not be sent again. Otherwise what
    /// Okta said ([`Kind::OktaRefused`]), a question without anybody to ask
    /// ([`Kind::NeedsAnswer`]), [`Kind::Interrupted`], or [`Kind::Unreachable`].
    pub fn sign_in(
        &self,
        username: &str,
        password: &Secret,
        mfa: &MfaChoice,
        cookies: &mut Cookies,
    ) -> Result<SignedIn, SignInError> {
        sign_in::sign_in(&self.org, username, password, mfa, cookies)
    }

    /// Whether Okta takes a password; no second factor is asked for, and nothing is left of it.
    ///
    /// # Errors
    /// As [`Okta::sign_in`].
    pub fn check_password(&self, username: &str, password: &Secret) -> Result<(), SignInError> {
        check::check_password(&self.org, username, password)
    }

    /// The SAML assertion of the app at `app`, by a session that is there already. `None` when
    /// there is none, when it is over, or when the app wants a fresher one; a session that is over
    /// is dropped from `cookies`.
    ///
    /// # Errors
    /// When `app` is not at this org, when the account may not use it, or when what comes is no
    /// assertion for AWS.
    pub fn saml_by_session(&self, app: &Url, cookies: &mut Cookies) -> Result<Option<Assertion>> {
        if !cookies.has_session() {
            return Ok(None);
        }
        match saml::ask(&self.org, app.clone(), cookies)? {
            Outcome::Assertion(assertion) => Ok(Some(assertion)),
            // An org may send who is not signed in to a sign-in of another host's.
            Outcome::SignIn | Outcome::Elsewhere(_) => {
                cookies.drop_session();
                Ok(None)
            }
            Outcome::StepUp => Ok(None),
            Outcome::No(error) => Err(error),
        }
    }

    /// The SAML assertion of the app at `app`, by the session token of a fresh
    /// [`SignedIn`], which works once. An old session in `cookies` is dropped first, since Okta
    /// would ignore the token for its sake; the new one is kept in them.
    ///
    /// # Errors
    /// As [`Okta::saml_by_session`]; and when Okta does not take the token.
    pub fn saml_by_token(
        &self,
        app: &Url,
        token: &Secret,
        cookies: &mut Cookies,
    ) -> Result<Assertion> {
        cookies.drop_session();
        let mut url = app.clone();
        url.query_pairs_mut().append_pair("sessionToken", token.expose_secret());
        let domain = self.org.domain;
        match saml::ask(&self.org, url, cookies)? {
            Outcome::Assertion(assertion) => Ok(assertion),
            Outcome::SignIn => Err(Error::new(
                Kind::OktaRefused,
                format!("{domain} asks to sign in again, right after it was done"),
            )
            .hint("try again; an Identity Engine org may forbid this way to sign in: ask whoever runs Okta")),
            Outcome::StepUp => Err(Error::new(
                Kind::OktaRefused,
                format!("the AWS app at {domain} asks for another sign-in step of its own"),
            )
            .hint("robo cannot answer that yet: ask whoever runs Okta to let the org's own second factor do")),
            Outcome::Elsewhere(error) | Outcome::No(error) => Err(error),
        }
    }

    /// Ends the session at Okta. One that is over already is fine.
    ///
    /// # Errors
    /// When Okta cannot be reached, or says no.
    pub fn sign_out(&self, cookies: &Cookies) -> Result<()> {
        if !cookies.has_session() {
            return Ok(());
        }
        let url = self.org.domain.at("/api/v1/sessions/me");
        let request = Request { method: Method::Delete, ..Request::get(url) }
            .header("Accept", "application/json");
        let answer = self.org.send(request, cookies.header(), &mut cookies.clone())?;
        match answer.status {
            200..=299 | 401 | 403 | 404 => Ok(()),
            _ => Err(self.org.nonsense(&answer)),
        }
    }
}
