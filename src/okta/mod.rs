//! Okta as a protocol: signing in, second factors, sessions, and the SAML assertion for AWS.
//!
//! [`Okta`] speaks to one org. It asks and tells a person through a
//! [`Prompt`], waits by a [`Clock`], and sends through an
//! [`Http`]; it keeps nothing. Whatever is followed (links in answers, redirects,
//! the app's address) stays at the org's own origin, and a password or token goes nowhere else.
//!
//! There are two ways in. Classic orgs take a password and a second factor (`/api/v1/authn`), which
//! Identity Engine orgs still answer where their policies permit. Of Identity Engine is the other:
//! the person signs in in a browser (RFC 8628), and the tokens that this gives are exchanged for
//! the app (RFC 8693). [`Okta::discover`] says which of them an org is.

mod assertion;
mod change;
mod check;
mod choice;
mod code;
mod cookies;
mod credentials;
mod device;
mod discovery;
mod domain;
mod duo;
mod duo_frame;
mod exchange;
mod factor;
mod given;
mod oauth;
mod org;
mod page;
mod push;
mod refusal;
mod saml;
mod second_factor;
mod shape;
mod sign_in;
#[cfg(test)]
mod stage;
mod step_up;
mod tokens;
mod transaction;
mod userinfo;
mod web_sso;
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
pub use credentials::Credentials;
pub use device::{BrowserError, Client, Invited, Open, Told};
pub use discovery::{Pipeline, WELL_KNOWN};
pub use domain::Domain;
pub use factor::FactorId;
pub use given::GivenCode;
pub use oauth::SETUP;
pub use sign_in::{SignInError, SignedIn};
pub use tokens::Tokens;
pub use web_sso::{AwsApp, ExchangeError};

use org::Org;
use saml::Outcome;

/// The assertion of an app.
#[derive(Debug)]
pub struct Granted {
    /// The assertion.
    pub assertion: Assertion,
    /// The second factor that was answered for this app alone, if it asked for one.
    pub factor: Option<FactorId>,
}

/// One Okta org, spoken to for one user. Rate limits are waited for, 30 seconds in all for all that
/// is asked of it.
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

    /// Which engine the org runs on; none where it does not say.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn discover(&self) -> Result<Option<Pipeline>> {
        discovery::discover(&self.org)
    }

    /// Has the person sign in in a browser, which `open` may open, and waits for it as long as
    /// the org's code is good. `told` is told what the person is. The tokens name who it was.
    ///
    /// # Errors
    /// What Okta said, [`Kind::OktaRefused`], when the person refused or did not come in time;
    /// [`Kind::Interrupted`], or [`Kind::Unreachable`].
    pub fn sign_in_by_browser(
        &self,
        client: Client<'_>,
        open: &Open<'_>,
        told: &Told<'_>,
    ) -> Result<Tokens, BrowserError> {
        let tokens = device::sign_in(&self.org, client, open, told)?;
        userinfo::named(&self.org, tokens).map_err(BrowserError::Other)
    }

    /// The person's apps that federate into AWS.
    ///
    /// # Errors
    /// [`ExchangeError::Spent`] when the tokens are good no more; otherwise as
    /// [`Okta::sign_in_by_browser`].
    pub fn aws_apps(&self, tokens: &Tokens) -> Result<Vec<AwsApp>, ExchangeError> {
        web_sso::apps(&self.org, tokens)
    }

    /// The SAML assertion of the app with the id `app_id`, by a sign-in in the browser.
    ///
    /// # Errors
    /// As [`Okta::aws_apps`]; when what comes is no assertion for AWS.
    pub fn saml_by_tokens(
        &self,
        tokens: &Tokens,
        app_id: &str,
    ) -> Result<Assertion, ExchangeError> {
        web_sso::saml(&self.org, tokens, app_id)
    }

    /// Ends a sign-in in the browser at Okta. One that is over already is fine.
    ///
    /// # Errors
    /// When Okta cannot be reached, or says no.
    pub fn revoke(&self, tokens: &Tokens) -> Result<()> {
        web_sso::revoke(&self.org, tokens)
    }

    /// Signs a user in: the password, then the second factor that Okta asks for, chosen by
    /// `mfa`. The device cookie in `cookies` is sent, and fetched first where this device is to
    /// be remembered and has none.
    ///
    /// A sign-in that fails half-way is cancelled at Okta, so that its push vanishes from the
    /// phone. One that Okta forgot in the meantime is begun once more. A password that has expired
    /// is changed where somebody is there to choose another.
    ///
    /// # Errors
    /// [`SignInError::PasswordRefused`] when this password must not be sent again,
    /// [`SignInError::NotThisWay`] when the org takes none here. Otherwise what
    /// Okta said ([`Kind::OktaRefused`]), a question without anybody to ask
    /// ([`Kind::NeedsAnswer`]), [`Kind::Interrupted`], or [`Kind::Unreachable`].
    pub fn sign_in(
        &self,
        credentials: &mut Credentials,
        mfa: &MfaChoice,
        cookies: &mut Cookies,
    ) -> Result<SignedIn, SignInError> {
        sign_in::sign_in(&self.org, credentials, mfa, cookies)
    }

    /// Whether Okta takes a password; no second factor is asked for, and nothing is left of it. One
    /// that has expired is changed where somebody is there to choose another.
    ///
    /// # Errors
    /// As [`Okta::sign_in`].
    pub fn check_password(&self, credentials: &mut Credentials) -> Result<(), SignInError> {
        check::check_password(&self.org, credentials)
    }

    /// The SAML assertion of the app at `app`, by a session that is there already; one more factor
    /// that the app asks for is answered by `mfa`. `None` when there is no session, when it is
    /// over, or when the app wants a fresher one; a session that is over is dropped from
    /// `cookies`.
    ///
    /// # Errors
    /// When `app` is not at this org, when the account may not use it, when its factor is refused,
    /// or when what comes is no assertion for AWS.
    pub fn saml_by_session(
        &self,
        app: &Url,
        mfa: &MfaChoice,
        cookies: &mut Cookies,
    ) -> Result<Option<Granted>> {
        if !cookies.has_session() {
            return Ok(None);
        }
        self.org.prompt.detail("Okta: asking the app by the session that is kept.");
        match saml::ask(&self.org, app.clone(), cookies)? {
            Outcome::Assertion(assertion) => Ok(Some(Granted { assertion, factor: None })),
            // An org may send who is not signed in to a sign-in of another host's.
            Outcome::SignIn | Outcome::Elsewhere(_) => {
                self.org.prompt.detail("Okta: that session is over.");
                cookies.drop_session();
                Ok(None)
            }
            Outcome::StepUp(None) => Ok(None),
            Outcome::StepUp(Some(token)) => match self.step_up(app, token, mfa, cookies, None) {
                Ok(granted) => Ok(Some(granted)),
                Err(step_up::Stop::Password | step_up::Stop::Shut(_)) => Ok(None),
                Err(step_up::Stop::Refused(error) | step_up::Stop::Other(error)) => Err(error),
            },
            Outcome::No(error) => Err(error),
        }
    }

    /// The SAML assertion of the app at `app`, by the session token of a fresh
    /// [`SignedIn`], which works once. An old session in `cookies` is dropped first, since Okta
    /// would ignore the token for its sake; the new one is kept in them. What more the app asks
    /// for is answered by `mfa` and `credentials`.
    ///
    /// # Errors
    /// As [`Okta::saml_by_session`]; and when Okta does not take the token, or the app's own step
    /// is none that can be answered here, which is [`SignInError::NotThisWay`]; when the app's
    /// own step refuses the password, [`SignInError::PasswordRefused`].
    pub fn saml_by_token(
        &self,
        app: &Url,
        token: &Secret,
        (credentials, mfa): (&Credentials, &MfaChoice),
        cookies: &mut Cookies,
    ) -> Result<Granted, SignInError> {
        cookies.drop_session();
        let mut url = app.clone();
        url.query_pairs_mut().append_pair("sessionToken", token.expose_secret());
        let domain = self.org.domain;
        let step = || {
            let message =
                format!("the AWS app at {domain} asks for another sign-in step of its own");
            Error::new(Kind::OktaRefused, message).hint(
                "its page does not say which: ask whoever runs Okta to let the org's own second factor do",
            )
        };
        match saml::ask(&self.org, url, cookies).map_err(SignInError::Other)? {
            Outcome::Assertion(assertion) => Ok(Granted { assertion, factor: None }),
            Outcome::SignIn => Err(SignInError::NotThisWay(
                Error::new(
                    Kind::OktaRefused,
                    format!("{domain} asks to sign in again, right after it was done"),
                )
                .hint("try again; an Identity Engine org may forbid this way to sign in: ask whoever runs Okta"),
            )),
            Outcome::StepUp(None) => Err(SignInError::NotThisWay(step())),
            Outcome::StepUp(Some(token)) => {
                self.step_up(app, token, mfa, cookies, Some(credentials)).map_err(|stop| match stop
                {
                    step_up::Stop::Password => SignInError::Other(step()),
                    step_up::Stop::Refused(error) => SignInError::PasswordRefused(error),
                    step_up::Stop::Shut(error) => SignInError::NotThisWay(error),
                    step_up::Stop::Other(error) => SignInError::Other(error),
                })
            }
            Outcome::Elsewhere(error) | Outcome::No(error) => Err(SignInError::Other(error)),
        }
    }

    /// Answers what the app's own page asks for, and asks the app again.
    fn step_up(
        &self,
        app: &Url,
        token: Secret,
        mfa: &MfaChoice,
        cookies: &mut Cookies,
        credentials: Option<&Credentials>,
    ) -> Result<Granted, step_up::Stop> {
        let passed = step_up::answer(&self.org, token, mfa, cookies, credentials)?;
        let (next, factor) = passed;
        let next = next.unwrap_or_else(|| app.clone());
        let outcome = saml::ask(&self.org, next, cookies).map_err(step_up::Stop::Other)?;
        let domain = self.org.domain;
        let error = match outcome {
            Outcome::Assertion(assertion) => return Ok(Granted { assertion, factor }),
            Outcome::SignIn | Outcome::StepUp(_) => Error::new(
                Kind::OktaRefused,
                format!(
                    "the AWS app at {domain} asks for its own step again, right after it was done"
                ),
            )
            .hint(format!(
                "sign in at https://{domain} in the browser and open the app to see what it asks"
            )),
            Outcome::Elsewhere(error) | Outcome::No(error) => error,
        };
        Err(step_up::Stop::Other(error))
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
