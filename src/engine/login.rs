//! The first step: from an Okta account to the credentials of the SAML role.
//!
//! An Okta session that is still good is used again, so that a second app or role asks nobody;
//! otherwise the password is sent and the second factor answered, once.

use url::Url;

use crate::aws::{AssumeRoleWithSaml, Credentials, Problem};
use crate::config::arn::RoleArn;
use crate::engine::account::{Account, Accounts, PasswordTrust};
use crate::engine::request::{Request, Step};
use crate::engine::turn::{Concerns, Failed, whole};
use crate::engine::{Engine, duration};
use crate::error::{Error, Kind, Result};
use crate::okta::{Assertion, Cookies, Domain, MfaChoice, Okta, SamlRole, SignInError};
use crate::sys::secret::{ExposeSecret as _, Secret};

/// How many passwords a person may type before robo gives up: Okta locks an account after a few.
const TRIES: usize = 3;

/// One sign-in by one account.
pub(super) struct Login<'a> {
    engine: &'a Engine<'a>,
    accounts: Accounts<'a>,
    account: &'a Account,
    request: &'a Request,
    domain: Domain,
    app: Url,
}

impl<'a> Login<'a> {
    pub(super) fn new(
        engine: &'a Engine<'a>,
        account: &'a Account,
        request: &'a Request,
    ) -> Result<Self> {
        let domain = account.domain()?;
        let app = domain.url(&request.okta.app.value).map_err(|error| {
            error.hint(format!("aws_saml_url comes from {}", request.okta.app.origin))
        })?;
        let accounts = Accounts::new(engine.store, engine.prompt);
        Ok(Self { engine, accounts, account, request, domain, app })
    }

    /// The role and its credentials.
    pub(super) fn credentials(&self, step: &Step) -> Result<(String, Credentials), Failed> {
        let assertion = self.assertion()?;
        let role = self.role(step, &assertion)?;
        let credentials = self.assume(step, role, &assertion)?;
        Ok((role.role_arn.clone(), credentials))
    }

    fn session_key(&self) -> Option<&str> {
        self.request.okta.session_key.as_ref().map(|key| key.value.as_str())
    }

    fn okta(&self) -> Okta<'_> {
        let Engine { http, clock, prompt, security_keys, .. } = *self.engine;
        Okta::new(http, clock, prompt, &self.domain).with_security_keys(security_keys)
    }

    /// The assertion of the app, by the session that is there or by a new one.
    fn assertion(&self) -> Result<Assertion, Failed> {
        (self.engine.trust)(&self.domain)?;
        let mut cookies = self.accounts.cookies(self.account, self.session_key())?;
        if cookies.has_session() {
            let assertion = self.okta().saml_by_session(&self.app, &mut cookies)?;
            if let Some(assertion) = assertion {
                self.keep_cookies(&cookies);
                return Ok(assertion);
            }
            cookies = Cookies { dt: cookies.dt, ..Cookies::default() };
        }
        let token = self.sign_in(&mut cookies)?;
        let assertion = self.okta().saml_by_token(&self.app, &token, &mut cookies);
        // The session is kept though the app may not be to be had: another one may be.
        self.keep_cookies(&cookies);
        Ok(assertion?)
    }

    fn keep_cookies(&self, cookies: &Cookies) {
        let key = self.session_key();
        self.engine.kept(self.accounts.put_cookies(self.account, key, cookies));
    }

    /// Signs in with the stored password, or with one that is asked for and stored once it worked.
    fn sign_in(&self, cookies: &mut Cookies) -> Result<Secret, Failed> {
        let stored = self.accounts.password(self.account)?;
        let mut refused = None;
        let mut known = Vec::new();
        if let Some((password, trust)) = stored {
            if trust == PasswordTrust::Refused {
                refused = Some(self.was_refused());
            } else {
                match self.try_password(&password, cookies) {
                    Ok(token) => {
                        if trust != PasswordTrust::Proven {
                            self.engine.kept(self.mark(&password, PasswordTrust::Proven));
                        }
                        return Ok(token);
                    }
                    Err(SignInError::Other(error)) => return Err(for_all(error)),
                    Err(SignInError::PasswordRefused(error)) => {
                        self.mark_refused(&password);
                        refused = Some(error);
                    }
                }
            }
            if refused.is_some() {
                known.push(password);
            }
        }
        self.ask_and_sign_in(refused, known, cookies)
    }

    fn ask_and_sign_in(
        &self,
        refused: Option<Error>,
        mut known: Vec<Secret>,
        cookies: &mut Cookies,
    ) -> Result<Secret, Failed> {
        let Account { username, domain, .. } = self.account;
        if !self.engine.prompt.can_ask() {
            let error = refused.unwrap_or_else(|| {
                Error::new(
                    Kind::NeedsAnswer,
                    format!("the Okta password of {username} ({domain}) is not stored, and nobody is there to type it"),
                )
                .hint("robo aws.add stores it, once")
            });
            return Err(Failed { error, concerns: Concerns::Unattended });
        }
        let mut last = refused;
        for _ in 0..TRIES {
            if let Some(error) = &last {
                self.engine.prompt.note(&error.to_string());
            }
            let question = format!("Okta password of {username} ({domain}):");
            let password = self.engine.prompt.secret(&question)?;
            if known.iter().any(|one| one.expose_secret() == password.expose_secret()) {
                let message = format!("Okta refused this very password of {username} before");
                last = Some(Error::new(Kind::OktaRefused, message).hint("it was not sent again"));
                continue;
            }
            match self.try_password(&password, cookies) {
                Ok(token) => {
                    self.keep(&password);
                    return Ok(token);
                }
                Err(SignInError::PasswordRefused(error)) => {
                    known.push(password);
                    last = Some(error);
                }
                Err(SignInError::Other(error)) => return Err(for_all(error)),
            }
        }
        Err(for_all(last.unwrap_or_else(|| self.was_refused())))
    }

    fn try_password(
        &self,
        password: &Secret,
        cookies: &mut Cookies,
    ) -> std::result::Result<Secret, SignInError> {
        let last = self.accounts.factor(self.account).map_err(SignInError::Other)?;
        let okta = &self.request.okta;
        let text = |value: &Option<crate::engine::value::Value>| {
            value.as_ref().map(|value| value.value.clone())
        };
        let choice = MfaChoice {
            provider: text(&okta.provider),
            factor_type: text(&okta.factor_type),
            duo_device: text(&okta.duo_device),
            remember_device: okta.remember_device,
            last: last.clone(),
        };
        let signed_in = self.okta().sign_in(&self.account.username, password, &choice, cookies)?;
        if let Some(factor) = &signed_in.factor
            && signed_in.factor != last
        {
            self.engine.kept(self.accounts.put_factor(self.account, factor));
        }
        Ok(signed_in.session_token)
    }

    /// Stores what worked: the account if it is new, and its password.
    fn keep(&self, password: &Secret) {
        let proven = PasswordTrust::Proven;
        let kept = self.accounts.put(self.account);
        let kept = kept.and_then(|()| self.accounts.put_password(self.account, password, proven));
        self.engine.kept(kept);
    }

    /// Marks a stored password, so that nobody sends it again.
    fn mark_refused(&self, password: &Secret) {
        if let Err(error) = self.mark(password, PasswordTrust::Refused) {
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
        .hint("a few refusals lock the account")
    }

    /// The role of the assertion that the step means.
    fn role<'b>(&self, step: &Step, assertion: &'b Assertion) -> Result<&'b SamlRole> {
        let Some(wanted) = &step.role_arn else { return self.pick(assertion) };
        let role = assertion.roles.iter().find(|role| role.role_arn == wanted.value);
        role.ok_or_else(|| {
            self.not_to_be_had(&wanted.value, assertion)
                .hint(format!("the role comes from {}; -r ROLE_ARN chooses another", wanted.origin))
                .hint("whoever looks after Okta gives roles by groups; 'robo aws.config' fetches your team's newest config")
        })
    }

    fn not_to_be_had(&self, role_arn: &str, assertion: &Assertion) -> Error {
        if let Some(role) = assertion.unusable.iter().find(|role| role.value == role_arn) {
            let message = format!("the role {role_arn} cannot be used");
            return Error::new(Kind::OktaRefused, message).because(format!("it {}", role.reason));
        }
        let user = &self.account.username;
        Error::new(Kind::OktaRefused, format!("Okta does not give {user} the role {role_arn}"))
            .because(format!("the assertion of {} has {}", self.app.path(), found(assertion)))
    }

    fn pick<'b>(&self, assertion: &'b Assertion) -> Result<&'b SamlRole> {
        match assertion.roles.as_slice() {
            [] => Err(Error::new(
                Kind::OktaRefused,
                format!("Okta gives {} no AWS role in {}", self.account.username, self.app.path()),
            )
            .because(format!("the assertion has {}", found(assertion)))
            .hint("whoever looks after Okta gives roles by groups")),
            [one] => Ok(one),
            several if self.engine.prompt.can_ask() => {
                let names: Vec<String> = several.iter().map(|role| shown(&role.role_arn)).collect();
                let at = self.engine.prompt.pick("Which role?", &names)?;
                Ok(&several[at.min(several.len() - 1)])
            }
            _ => Err(Error::new(
                Kind::NeedsAnswer,
                format!("profile '{}' names no role, and Okta gives several", self.request.profile),
            )
            .because(found(assertion))
            .hint("-r ROLE_ARN, or 'role_arn = …' in the profile")),
        }
    }

    fn assume(&self, step: &Step, role: &SamlRole, assertion: &Assertion) -> Result<Credentials> {
        let sts = self.engine.sts(step, &role.role_arn)?;
        let ask = |duration| {
            sts.assume_role_with_saml(&AssumeRoleWithSaml {
                role_arn: &role.role_arn,
                provider_arn: &role.provider_arn,
                assertion: &assertion.encoded,
                duration,
            })
        };
        let wanted = step.duration.value;
        let got = match ask(wanted) {
            Err(error) if error.problem == Problem::TooLong && wanted > duration::HOUR => {
                self.engine.prompt.note(&too_long(&role.role_arn, wanted));
                ask(duration::HOUR)
            }
            got => got,
        };
        self.engine.told(sts.clock_note());
        Ok(got?)
    }
}

/// What Okta refuses to the account, it refuses to everybody who waits for it: a push that was
/// rejected. The rest may be about this process: its flags, its proxy.
fn for_all(error: Error) -> Failed {
    let for_all = error.kind() == Kind::OktaRefused;
    Failed { error, concerns: if for_all { Concerns::All } else { Concerns::Same } }
}

/// What is said when a role does not allow as long a session as was asked for.
fn too_long(role_arn: &str, wanted: std::time::Duration) -> String {
    format!(
        "{role_arn} does not allow sessions of {}: this one is 1 h (its MaxSessionDuration says how long it may be)",
        duration::shown(wanted)
    )
}

/// `Administrator in 222222222222  arn:…`: what one looks for first.
fn shown(arn: &str) -> String {
    RoleArn::parse(arn)
        .map_or_else(|| arn.to_owned(), |role| format!("{} in {}  {arn}", role.name, role.account))
}

/// What an assertion has: its roles, and what in it cannot be used, with the reason.
fn found(assertion: &Assertion) -> String {
    let arns: Vec<&str> = assertion.roles.iter().map(|role| role.role_arn.as_str()).collect();
    let unusable = assertion.unusable.iter().take(3);
    let unusable = unusable.map(|one| format!("; '{}' {}", one.value, one.reason));
    format!("{}{}", listed(&arns), unusable.collect::<String>())
}

/// The first few of many, and how many more there are.
fn listed(arns: &[&str]) -> String {
    const MOST: usize = 10;
    match arns {
        [] => "no role at all".to_owned(),
        few if few.len() <= MOST => few.join(", "),
        many => format!("{} and {} more", many[..MOST].join(", "), many.len() - MOST),
    }
}
