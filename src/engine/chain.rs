//! The walk: from the SAML role through each hop, one process at a time, with the cache between.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::time::Duration;

use crate::aws::{AssumeRole, Credentials, Problem, SessionName, Sts, StsError};
use crate::engine::account::{Account, Accounts};
use crate::engine::cache::{Cache, Key};
use crate::engine::login::Login;
use crate::engine::request::{Given, Request, SourceIdentity, Step};
use crate::engine::site::Site;
use crate::engine::turn::{Failed, Holding, Turn, one_at_a_time, whole};
use crate::engine::way::Auth;
use crate::engine::which::Which;
use crate::engine::{Engine, Session, duration};
use crate::error::{Error, Kind, Result};
use crate::okta::{Domain, Okta};
use crate::sys::hash;

/// A role that is only on the way has to last for one call more.
const ON_THE_WAY: Duration = Duration::from_secs(60);

/// A role and its credentials.
type Got = (String, Credentials);

impl Engine<'_> {
    /// The credentials that `request` asks for: cached ones without any call over the network,
    /// else new ones.
    ///
    /// # Errors
    /// - [`Kind::NeedsAnswer`] when a question would have to be asked and nobody is there.
    /// - [`Kind::OktaRefused`], [`Kind::AwsRefused`] when one of them says no.
    /// - [`Kind::Unreachable`] when one of them cannot be reached.
    /// - [`Kind::Interrupted`] when the person stopped it.
    /// - [`Kind::Failed`] for everything else.
    pub fn credentials(&self, request: &Request) -> Result<Session> {
        let accounts = Accounts::new(self.store, self.prompt);
        let which = Which::find(&accounts, &request.okta, domain(request)?)?;
        let domain = match &which {
            Which::Stored(account) => account.domain()?,
            Which::New { domain, .. } => domain.clone(),
        };
        let site = Site {
            okta: Okta::new(self.http, self.clock, self.prompt, &domain)
                .with_security_keys(self.security_keys),
            domain: &domain,
            found: Cell::default(),
            silent: Cell::default(),
            word: Holding::default(),
            fresh: RefCell::default(),
        };
        let account = match which {
            Which::Stored(account) => account,
            Which::New { name, .. } => self.newcomer(request, &site, &name)?,
        };
        let walk = Walk::new(self, &site, request, &account)?;
        let last = request.steps.len() - 1;
        let (role_arn, credentials) = walk.step(last, request.min_ttl)?;
        Ok(Session {
            credentials,
            role_arn,
            region: request.region.as_ref().map(|region| region.value.clone()),
            chained: last > 0,
        })
    }

    /// Who signs in where no account is stored: who signs in in the browser, or whoever is asked
    /// for their name.
    fn newcomer(&self, request: &Request, site: &Site<'_>, name: &str) -> Result<Account> {
        let domain = site.domain;
        let asked = &request.okta;
        if let Some(username) = &asked.given.username {
            return Ok(Account::new(name, domain, username));
        }
        // Without a client there is no other way than by password, whatever the org is.
        if asked.auth.value == Auth::Device
            || (asked.auth.value == Auth::Auto
                && asked.client_id.is_some()
                && asked.given.password.is_none())
        {
            (self.trust)(domain)?;
            if let Some(account) = self.introduce(site, asked, name)? {
                return Ok(account);
            }
        }
        if !self.prompt.can_ask() {
            let named = asked.account.as_ref().map(|value| value.value.as_str());
            return Err(none_stored(named, domain.as_str(), &asked.given));
        }
        let username = self.prompt.line(&format!("Okta username ({domain}):"))?;
        Ok(Account::new(name, domain, &username))
    }

    /// STS for a role.
    pub(super) fn sts(&self, step: &Step, role_arn: &str) -> Result<Sts<'_>> {
        Ok(Sts::new(self.http, self.clock, step.sts.endpoint(role_arn)?))
    }

    pub(super) fn told(&self, note: Option<String>) {
        if let Some(note) = note {
            self.prompt.note(&note);
        }
    }

    /// Notes that something could not be kept; it was got all the same.
    pub(super) fn kept(&self, kept: Result<()>) {
        if let Err(error) = kept {
            let note = format!("{}; it will have to be asked for again", whole(&error));
            self.prompt.note(&note);
        }
    }
}

fn none_stored(named: Option<&str>, host: &str, given: &Given) -> Error {
    let (what, flag) = match named {
        Some(name) => (format!("Okta account '{name}'"), format!(" --account {name}")),
        None => (format!("Okta account for {host}"), String::new()),
    };
    let error = Error::new(Kind::NeedsAnswer, format!("no {what} is stored"));
    if given.password.is_some() {
        return error.hint("--username says whose password it is");
    }
    error.hint(format!("robo aws.add{flag} --domain {host}   stores your Okta sign-in, once"))
}

/// The host that a request names: `okta_domain`, or that of a whole URL.
pub(super) fn domain(request: &Request) -> Result<Option<Domain>> {
    let okta = &request.okta;
    if let Some(domain) = &okta.domain {
        return Domain::parse(&domain.value)
            .map(Some)
            .map_err(|error| error.hint(format!("okta_domain comes from {}", domain.origin)));
    }
    let app = okta.app.as_ref().map_or("", |app| app.value.as_str());
    match app.split_once("://") {
        Some((_, rest)) => Domain::parse(rest.split('/').next().unwrap_or(rest)).map(Some),
        None => Ok(None),
    }
}

/// One walk along the steps of a request.
struct Walk<'a> {
    engine: &'a Engine<'a>,
    site: &'a Site<'a>,
    request: &'a Request,
    account: &'a Account,
    cache: Cache<'a>,
    keys: Vec<Key>,
}

impl<'a> Walk<'a> {
    fn new(
        engine: &'a Engine<'a>,
        site: &'a Site<'a>,
        request: &'a Request,
        account: &'a Account,
    ) -> Result<Self> {
        let cache = Cache::new(engine.store);
        let keys = keys(request, account)?;
        Ok(Self { engine, site, request, account, cache, keys })
    }

    /// The credentials of the step `at`, good for longer than `min_ttl`.
    fn step(&self, at: usize, min_ttl: Duration) -> Result<Got> {
        let look = || self.look(at, min_ttl);
        if let Some(found) = look()? {
            return Ok(found);
        }
        let world = (self.engine.clock, self.engine.prompt);
        let user = &self.account.username;
        if at == 0 {
            let turn = Turn {
                lock: self.lock("login", &hash::sha256(self.account.key().as_bytes())[..32]),
                about: &self.keys[0].id(),
                waiting: format!("Another robo is signing in as {user}."),
            };
            return one_at_a_time(&turn, world, &self.site.word, look, || self.log_in());
        }
        let source = self.step(at - 1, ON_THE_WAY)?;
        let id = self.keys[at].id();
        let waiting = "Another robo is assuming the role.".to_owned();
        let turn = Turn { lock: self.lock("role", &id), about: &id, waiting };
        let hop = || self.hop(at, &source).map_err(Failed::from);
        one_at_a_time(&turn, world, &Holding::default(), look, hop)
    }

    fn look(&self, at: usize, min_ttl: Duration) -> Result<Option<Got>> {
        if self.request.no_cache {
            return Ok(None);
        }
        self.cache.fresh(&self.keys[at], self.engine.clock.now(), min_ttl)
    }

    fn lock(&self, kind: &str, id: &str) -> PathBuf {
        self.engine.locks.join(format!("{kind}-{id}.lock"))
    }

    fn log_in(&self) -> Result<Got, Failed> {
        for note in &self.request.notes {
            self.engine.prompt.note(note);
        }
        let login = Login::new(self.engine, self.site, self.account, self.request)?;
        let got = login.credentials(&self.request.steps[0])?;
        self.engine.remember(self.site);
        self.keep(0, &got);
        Ok(got)
    }

    fn hop(&self, at: usize, source: &Got) -> Result<Got> {
        let step = &self.request.steps[at];
        let role_arn = step.role_arn.as_ref().map_or("", |role| role.value.as_str());
        let length = duration::shown(step.duration.value);
        self.engine.prompt.detail(&format!("AWS: AssumeRole of {role_arn} for {length}."));
        let sts = self.engine.sts(step, role_arn)?;
        let got = match self.assume(&sts, step, role_arn, &source.1) {
            // The source was revoked, or this clock was wrong: once more with a new one.
            Err(StsError {
                problem: Problem::ExpiredCredentials | Problem::UnknownCredentials,
                ..
            }) => {
                self.cache.remove(&self.keys[at - 1], &source.1)?;
                let source = self.step(at - 1, ON_THE_WAY)?;
                self.assume(&sts, step, role_arn, &source.1)
            }
            done => done,
        };
        self.engine.told(sts.clock_note());
        let got = got.map_err(|error| refused(step, role_arn, &source.0, error))?;
        let got = (role_arn.to_owned(), got);
        self.keep(at, &got);
        Ok(got)
    }

    fn keep(&self, at: usize, (role_arn, credentials): &Got) {
        if !self.request.no_cache {
            let kept = self.cache.put(&self.keys[at], self.account, role_arn, credentials);
            self.engine.kept(kept);
        }
    }

    fn assume(
        &self,
        sts: &Sts<'_>,
        step: &Step,
        role_arn: &str,
        source: &Credentials,
    ) -> Result<Credentials, StsError> {
        let user = SessionName::of_login(&self.account.username);
        let source_identity = step.source_identity.as_ref().map(|identity| match identity {
            SourceIdentity::OktaUser => &user,
            SourceIdentity::Text(text) => text,
        });
        let name = step.session_name.as_ref().map(|name| &name.value);
        // No role allows less than an hour, and a hop is never asked for more.
        sts.assume_role(
            source,
            &AssumeRole {
                role_arn,
                session_name: name.unwrap_or(&user),
                duration: step.duration.value,
                external_id: step.external_id.as_ref(),
                source_identity,
            },
        )
    }
}

/// An error that says which role could not be had from which.
fn refused(step: &Step, role_arn: &str, source: &str, error: StsError) -> Error {
    if error.problem != Problem::Denied {
        return error.into();
    }
    let identity = "its trust policy has to allow sts:SetSourceIdentity too, and whoever has a source_identity keeps it along the chain";
    Error::new(
        Kind::AwsRefused,
        format!("AWS did not let {source} assume {role_arn} (profile '{}')", step.profile),
    )
    .because(format!("{}: {}", error.code, error.message))
    .hint("the role may not exist, may not trust the one before it, or may want an external_id")
    .maybe_hint(step.source_identity.as_ref().map(|_| identity.to_owned()))
    .hint("access is granted by whoever looks after the accounts; 'robo aws.config' fetches your team's newest config")
}

/// The cache key of each step.
pub(super) fn keys(request: &Request, account: &Account) -> Result<Vec<Key>> {
    let key = |at: usize| {
        let step = &request.steps[at];
        // AWS's global endpoint gives tokens that newer regions do not take.
        let global = step.sts.regional.clone().filter(|regional| regional != "regional");
        let endpoint = step.sts.elsewhere()?.or(global).unwrap_or_default();
        Ok(Key::new(request, account, at, &endpoint))
    };
    (0..request.steps.len()).map(key).collect()
}
