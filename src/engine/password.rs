//! Signing in by a password and a second factor.
//!
//! An Okta session that is still good is used again, so that a second app or role asks nobody;
//! otherwise the password is sent and the second factor answered, once.

use url::Url;

use crate::engine::account::{Account, PasswordTrust};
use crate::engine::login::Login;
use crate::engine::refusals::For;
use crate::engine::resolve::no_app;
use crate::engine::turn::{Concerns, Failed, whole};
use crate::engine::value::Value;
use crate::error::{Error, Kind, Result};
use crate::okta::{Assertion, Cookies, Credentials, MfaChoice, SignInError};
use crate::sys::secret::{ExposeSecret as _, Secret};

/// How many passwords a person may type before robo gives up: Okta locks an account after a few.
const TRIES: usize = 3;

/// Why there was no assertion by password.
pub(super) enum Ended {
    Failed(Failed),
    /// The org does not let anybody in in this way.
    NotThisWay(Error),
}

impl<T: Into<Failed>> From<T> for Ended {
    fn from(failed: T) -> Self {
        Ended::Failed(failed.into())
    }
}

/// A password that Okta took, and the token that it gave for it.
struct SignedIn {
    credentials: Credentials,
    token: Secret,
}

impl Login<'_> {
    /// The assertion of the app, by the session that is there or by a new one.
    pub(super) fn by_password(&self) -> Result<Assertion, Ended> {
        let app = self.app()?;
        let mut cookies = self.accounts.cookies(self.account, self.session_key())?;
        if cookies.has_session() {
            let granted = self.site.okta.saml_by_session(&app, &self.choice()?, &mut cookies)?;
            if let Some(granted) = granted {
                self.keep_cookies(&cookies);
                self.keep_factor(granted.factor.as_ref())?;
                return Ok(granted.assertion);
            }
            cookies = Cookies { dt: cookies.dt, ..Cookies::default() };
        }
        let SignedIn { mut credentials, token } = self.sign_in(&mut cookies)?;
        let step = For::Step(app.as_str());
        credentials.refused_at_step =
            self.accounts.was_refused(self.account, step, &credentials.password)?;
        let choice = self.choice()?;
        let with = (&credentials, &choice);
        let granted = self.site.okta.saml_by_token(&app, &token, with, &mut cookies);
        // The session is kept though the app may not be to be had: another one may be.
        self.keep_cookies(&cookies);
        match granted {
            Ok(granted) => {
                self.keep_factor(granted.factor.as_ref())?;
                Ok(granted.assertion)
            }
            Err(SignInError::NotThisWay(error)) => Err(Ended::NotThisWay(error)),
            Err(SignInError::PasswordRefused(error)) => {
                let password = &credentials.password;
                if !credentials.refused_at_step {
                    let kept = self.accounts.put_refused(self.account, step, password);
                    self.refusal_kept(kept);
                }
                Err(self.of_password(error).into())
            }
            Err(error) => Err(error.into_error().into()),
        }
    }

    /// The app's address at the org.
    fn app(&self) -> Result<Url> {
        let okta = &self.request.okta;
        let app = okta.app.as_ref().ok_or_else(|| no_app(&self.request.profile))?;
        self.site
            .domain
            .url(&app.value)
            .map_err(|error| error.hint(format!("aws_saml_url comes from {}", app.origin)))
    }

    fn session_key(&self) -> Option<&str> {
        self.request.okta.session_key.as_ref().map(|key| key.value.as_str())
    }

    fn keep_cookies(&self, cookies: &Cookies) {
        let key = self.session_key();
        self.engine.kept(self.accounts.put_cookies(self.account, key, cookies));
    }

    /// Signs in with the password that was given, with the stored one, or with one that is asked
    /// for and stored once it worked.
    fn sign_in(&self, cookies: &mut Cookies) -> Result<SignedIn, Ended> {
        let stored = self.accounts.password(self.account)?;
        if let Some(given) = &self.request.okta.given.password {
            return self.sign_in_as_given(given, stored.as_ref(), cookies);
        }
        let mut refused = None;
        let mut known = Vec::new();
        if let Some((password, trust)) = stored {
            if trust == PasswordTrust::Refused {
                refused = Some(self.was_refused());
            } else {
                match self.try_password(&password, cookies) {
                    Ok(signed_in) => {
                        if trust != PasswordTrust::Proven {
                            self.engine.kept(self.mark(&password, PasswordTrust::Proven));
                        }
                        return Ok(signed_in);
                    }
                    Err(SignInError::PasswordRefused(error)) => {
                        self.mark_refused(&password);
                        refused = Some(error);
                    }
                    Err(error) => return Err(self.ended(error)),
                }
            }
            if refused.is_some() {
                known.push(password);
            }
        }
        self.ask_and_sign_in(refused, known, cookies)
    }

    /// Signs in with a password that is for this once, and is not stored.
    fn sign_in_as_given(
        &self,
        given: &Secret,
        stored: Option<&(Secret, PasswordTrust)>,
        cookies: &mut Cookies,
    ) -> Result<SignedIn, Ended> {
        let same = |stored: &Secret| stored.expose_secret() == given.expose_secret();
        if stored.is_some_and(|(stored, trust)| *trust == PasswordTrust::Refused && same(stored)) {
            return Err(self.of_password(self.was_refused()).into());
        }
        if self.accounts.was_refused(self.account, For::SignIn, given)? {
            return Err(self.of_password(self.given_was_refused()).into());
        }
        self.try_password(given, cookies).map_err(|error| match error {
            SignInError::PasswordRefused(error) => {
                let is_stored = stored.is_some_and(|(stored, _)| same(stored));
                if is_stored {
                    self.mark_refused(given);
                } else {
                    let kept = self.accounts.put_refused(self.account, For::SignIn, given);
                    self.refusal_kept(kept);
                }
                // Others may have another password.
                Ended::Failed(self.of_password(error))
            }
            error => self.ended(error),
        })
    }

    fn ask_and_sign_in(
        &self,
        refused: Option<Error>,
        mut known: Vec<Secret>,
        cookies: &mut Cookies,
    ) -> Result<SignedIn, Ended> {
        let Account { username, domain, .. } = self.account;
        if !self.engine.prompt.can_ask() {
            let error = refused.unwrap_or_else(|| {
                Error::new(
                    Kind::NeedsAnswer,
                    format!("the Okta password of {username} ({domain}) is not stored, and nobody is there to type it"),
                )
                .hint("robo aws.add stores it, once; --password-stdin hands it in for this once")
            });
            return Err(Failed { error, concerns: Concerns::Unattended }.into());
        }
        let mut last = refused;
        for _ in 0..TRIES {
            if let Some(error) = &last {
                self.engine.prompt.note(&error.to_string());
            }
            let question = format!("Okta password of {username} ({domain}):");
            let password = self.engine.prompt.secret(&question)?;
            if known.iter().any(|one| one.expose_secret() == password.expose_secret()) {
                let message = format!(
                    "Okta refused this very password of {username} before: it was not sent again ('robo aws.add --no-verify' stores it, if it is right by now)"
                );
                last = Some(Error::new(Kind::OktaRefused, message));
                continue;
            }
            match self.try_password(&password, cookies) {
                Ok(signed_in) => {
                    self.keep(&signed_in.credentials.password);
                    return Ok(signed_in);
                }
                Err(SignInError::PasswordRefused(error)) => {
                    known.push(password);
                    last = Some(error);
                }
                Err(error) => return Err(self.ended(error)),
            }
        }
        Err(self.refused(last.unwrap_or_else(|| self.was_refused())).into())
    }

    fn try_password(
        &self,
        password: &Secret,
        cookies: &mut Cookies,
    ) -> Result<SignedIn, SignInError> {
        let choice = self.choice().map_err(SignInError::Other)?;
        let mut credentials = Credentials::new(&self.account.username, password);
        let signed_in = self.site.okta.sign_in(&mut credentials, &choice, cookies);
        // Whatever else became of it: the old one is good no more.
        if credentials.changed {
            self.keep_changed(&credentials.password);
        }
        let signed_in = signed_in?;
        self.keep_factor(signed_in.factor.as_ref()).map_err(SignInError::Other)?;
        Ok(SignedIn { credentials, token: signed_in.session_token })
    }

    /// How to answer a second factor.
    fn choice(&self) -> Result<MfaChoice> {
        let okta = &self.request.okta;
        let text = |value: &Option<Value>| value.as_ref().map(|value| value.value.clone());
        Ok(MfaChoice {
            provider: text(&okta.provider),
            factor_type: text(&okta.factor_type),
            duo_device: text(&okta.duo_device),
            remember_device: okta.remember_device,
            last: self.accounts.factor(self.account)?,
            code: self.code.clone(),
        })
    }

    /// Remembers the factor that was answered, if it is another one than before.
    fn keep_factor(&self, factor: Option<&crate::okta::FactorId>) -> Result<()> {
        let Some(factor) = factor else { return Ok(()) };
        if self.accounts.factor(self.account)?.as_ref() != Some(factor) {
            self.engine.kept(self.accounts.put_factor(self.account, factor));
        }
        Ok(())
    }

    /// Stores what worked: the account if it is new, and its password.
    fn keep(&self, password: &Secret) {
        let proven = PasswordTrust::Proven;
        let kept = self.accounts.put(self.account);
        let kept = kept.and_then(|()| self.accounts.put_password(self.account, password, proven));
        self.engine.kept(kept);
    }

    /// Stores a password that was changed, in place of the old one. One that was given for this
    /// once stays unstored, and so does its successor.
    fn keep_changed(&self, password: &Secret) {
        let stored = matches!(self.accounts.password(self.account), Ok(Some(_)));
        if stored || self.request.okta.given.password.is_none() {
            self.keep(password);
        }
    }

    /// Marks a stored password, so that nobody sends it again.
    fn mark_refused(&self, password: &Secret) {
        self.refusal_kept(self.mark(password, PasswordTrust::Refused));
    }

    /// Says what is to come where a refusal could not be kept in mind.
    fn refusal_kept(&self, kept: Result<()>) {
        if let Err(error) = kept {
            let why = whole(&error);
            self.engine.prompt.note(&format!(
                "{why}; so the next robo will send the refused password again: 'robo aws.add' first"
            ));
        }
    }

    /// Notes what Okta said to the stored password, unless a person has stored another meanwhile.
    fn mark(&self, password: &Secret, trust: PasswordTrust) -> Result<()> {
        let stored = self.accounts.password(self.account)?;
        match stored {
            Some((stored, _)) if stored.expose_secret() == password.expose_secret() => {
                self.accounts.put_password(self.account, password, trust)
            }
            _ => Ok(()),
        }
    }

    fn was_refused(&self) -> Error {
        let Account { username, domain, .. } = self.account;
        Error::new(
            Kind::OktaRefused,
            format!("the stored password of {username} ({domain}) was refused by Okta before"),
        )
        .hint("it will not be sent again: 'robo aws.add' stores a new one")
        .hint("a few refusals lock the account; once it is right again, 'robo aws.add --no-verify' stores the same one")
    }

    fn given_was_refused(&self) -> Error {
        let Account { username, domain, .. } = self.account;
        Error::new(
            Kind::OktaRefused,
            format!("Okta refused this very password of {username} ({domain}) before"),
        )
        .hint("it was not sent again: a few refusals lock the account")
        .hint("if it is right by now, 'robo aws.add' asks Okta anew, and stores it")
    }

    /// A failure that is about a password; others may have another one where it was given to this
    /// process alone.
    fn of_password(&self, error: Error) -> Failed {
        let given = self.request.okta.given.password.is_some();
        let concerns = if given { Concerns::Nobody } else { Concerns::Same };
        Failed { error, concerns }
    }

    fn ended(&self, error: SignInError) -> Ended {
        match error {
            SignInError::NotThisWay(error) => Ended::NotThisWay(error),
            SignInError::PasswordRefused(error) | SignInError::Other(error) => {
                self.refused(error).into()
            }
        }
    }
}
