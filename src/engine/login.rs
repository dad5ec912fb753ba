//! The first step: from an Okta account to the credentials of the SAML role, by whatever way in
//! there is.

use std::rc::Rc;

use crate::aws::{AssumeRoleWithSaml, Credentials, Problem};
use crate::config::arn::RoleArn;
use crate::engine::account::{Account, Accounts};
use crate::engine::password::Ended;
use crate::engine::request::{Request, Step};
use crate::engine::site::Site;
use crate::engine::turn::{Concerns, Failed};
use crate::engine::value::{Origin, Value};
use crate::engine::way::{Auth, Way, no_password};
use crate::engine::{Engine, duration};
use crate::error::{Error, Kind, Result};
use crate::okta::{Assertion, GivenCode, Pipeline, SamlRole};

/// One sign-in by one account.
pub(super) struct Login<'a> {
    pub(super) engine: &'a Engine<'a>,
    pub(super) site: &'a Site<'a>,
    pub(super) accounts: Accounts<'a>,
    pub(super) account: &'a Account,
    pub(super) request: &'a Request,
    /// A code for the second factor that is there already.
    pub(super) code: Option<Rc<GivenCode>>,
}

impl<'a> Login<'a> {
    pub(super) fn new(
        engine: &'a Engine<'a>,
        site: &'a Site<'a>,
        account: &'a Account,
        request: &'a Request,
    ) -> Result<Self> {
        let accounts = Accounts::new(engine.store, engine.prompt);
        let given = &request.okta.given;
        let code = match (&given.code, &given.code_command) {
            (Some(code), _) => Some(Rc::new(GivenCode::text(code.clone()))),
            (None, Some(command)) => {
                let origin = command.origin.to_string();
                Some(Rc::new(GivenCode::program(&command.value, &origin)))
            }
            (None, None) => None,
        };
        Ok(Self { engine, site, accounts, account, request, code })
    }

    /// The role and its credentials.
    pub(super) fn credentials(&self, step: &Step) -> Result<(String, Credentials), Failed> {
        let assertion = self.assertion()?;
        let role = self.role(step, &assertion)?;
        let credentials = self.assume(step, role, &assertion)?;
        Ok((role.role_arn.clone(), credentials))
    }

    /// The assertion of the app, in the way that fits the org.
    fn assertion(&self) -> Result<Assertion, Failed> {
        (self.engine.trust)(self.site.domain)?;
        let okta = &self.request.okta;
        let client = okta.client();
        match (self.engine.way(self.site, okta)?, client) {
            (Way::Device, Some(client)) => self.by_browser(client),
            (Way::Device, None) | (Way::Password, _) => match self.by_password() {
                Ok(assertion) => Ok(assertion),
                Err(Ended::Failed(failed)) => Err(failed),
                Err(Ended::NotThisWay(error)) => self.shut_out(error),
            },
        }
    }

    /// The org does not take a password: was it upgraded since it was asked what it runs on?
    fn shut_out(&self, error: Error) -> Result<Assertion, Failed> {
        let okta = &self.request.okta;
        let known = match self.site.found.get() {
            None => self.engine.pipeline(self.site.domain)?,
            found => found,
        };
        let now = match known {
            Some(Pipeline::IdentityEngine) => known,
            // Who stopped it is not signed in otherwise, and neither is who is off the network.
            _ => match self.site.okta.discover() {
                Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Unreachable) => {
                    return Err(error.into());
                }
                found => found.unwrap_or_default(),
            },
        };
        if now != Some(Pipeline::IdentityEngine) {
            return Err(self.refused(error));
        }
        self.site.found.set(now);
        self.engine.remember(self.site);
        let free = okta.auth.value == Auth::Auto && okta.given.password.is_none();
        match okta.client().filter(|_| free) {
            Some(client) => {
                let domain = self.site.domain;
                self.engine.prompt.note(&format!(
                    "Okta: {domain} runs on Identity Engine by now, so sign in there in the browser."
                ));
                self.by_browser(client)
            }
            None => Err(self.refused(no_password(okta, self.site.domain, &error))),
        }
    }

    /// What Okta refuses to the account, it refuses to everybody who waits for it: a push that was
    /// rejected. What it may have refused because of this process's own flags concerns nobody else;
    /// the rest may be about what is asked for, or a proxy.
    pub(super) fn refused(&self, error: Error) -> Failed {
        let concerns = match error.kind() {
            Kind::OktaRefused if self.used_own_code() => Concerns::Nobody,
            Kind::OktaRefused => Concerns::All,
            _ if self.has_flags() => Concerns::Nobody,
            _ => Concerns::Same,
        };
        Failed { error, concerns }
    }

    /// Whether a code was sent that others do not have.
    fn used_own_code(&self) -> bool {
        let given = &self.request.okta.given;
        let used = self.code.as_ref().is_some_and(|code| code.is_used());
        used && (given.code.is_some() || is_own(&given.code_command))
    }

    /// Whether something was said to this process alone about how to sign in.
    fn has_flags(&self) -> bool {
        let okta = &self.request.okta;
        okta.given.password.is_some()
            || okta.given.code.is_some()
            || [&okta.given.code_command, &okta.provider, &okta.factor_type, &okta.duo_device]
                .into_iter()
                .any(is_own)
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
            .because(format!("the assertion of {} has {}", self.app_words(), found(assertion)))
    }

    /// What the app is called in an error.
    fn app_words(&self) -> String {
        let okta = &self.request.okta;
        let path = okta.app.as_ref().map(|app| self.site.domain.url(&app.value));
        match path {
            Some(Ok(url)) => url.path().to_owned(),
            _ => okta.app_id().map_or_else(|| "the AWS app".to_owned(), |id| id.value),
        }
    }

    fn pick<'b>(&self, assertion: &'b Assertion) -> Result<&'b SamlRole> {
        match assertion.roles.as_slice() {
            [] => Err(Error::new(
                Kind::OktaRefused,
                format!("Okta gives {} no AWS role in {}", self.account.username, self.app_words()),
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
            let length = duration::shown(duration);
            let arn = &role.role_arn;
            self.engine.prompt.detail(&format!("AWS: AssumeRoleWithSAML of {arn} for {length}."));
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

/// Whether a value is this process's alone.
fn is_own(value: &Option<Value>) -> bool {
    let origin = value.as_ref().map(|value| &value.origin);
    matches!(origin, Some(Origin::Flag(_) | Origin::Environment(_)))
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
