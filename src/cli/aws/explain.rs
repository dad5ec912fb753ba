//! `aws.explain`: what a profile leads to, and why.

use std::fmt::Write as _;

use clap_complete::engine::ArgValueCompleter;
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::SessionName;
use crate::cli::app::App;
use crate::cli::choose::Choose;
use crate::cli::parts::Parts;
use crate::cli::{Exit, complete, json};
use crate::config::base::{Base, BaseStore};
use crate::config::section::SectionId;
use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::engine::account::PasswordTrust;
use crate::engine::value::{Origin as From, Value};
use crate::engine::way::{Auth, Way};
use crate::engine::{Request, Standing, duration};
use crate::error::Result;
use crate::ini::Document;
use crate::okta::Pipeline;
use crate::ui::{shown, styles};

/// Show what a profile leads to: the Okta app, each role, where each value comes from, what is
/// cached
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile; a list to pick from, if it is left out on a terminal
    #[arg(add = ArgValueCompleter::new(complete::profiles))]
    profile: Option<String>,
    /// Print it as JSON on stdout
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    choose: Choose,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let (parts, request) = Parts::for_profile(app, args.profile.as_deref(), &args.choose)?;
    let standing = parts.engine().standing(&request)?;
    let now = parts.clock().now();
    let story = Story::new(&request, &standing, source(app, &request.profile)?, &parts);
    if args.json {
        app.ui.product(&json::render(&story)?)?;
    } else {
        app.ui.table(&story.told(now))?;
    }
    Ok(Exit::Done)
}

/// What there is to tell of a profile.
#[derive(Serialize)]
struct Story {
    profile: String,
    source: Source,
    okta: Okta,
    steps: Vec<Step>,
    values: Vec<Origin>,
    notes: Vec<String>,
}

/// Who wrote the profile.
#[derive(Serialize)]
struct Source {
    /// `team` or `mine`.
    from: &'static str,
    file: String,
    line: Option<usize>,
    url: Option<String>,
    commit: Option<String>,
    /// The team's keys that the file has otherwise.
    changed_by_you: Vec<String>,
}

#[derive(Serialize)]
struct Okta {
    domain: Option<String>,
    app: Option<String>,
    app_id: Option<String>,
    /// `v1` or `idx`, as the org says; none when it was not asked yet.
    pipeline: Option<Pipeline>,
    /// `password` or `device`; none when the org has to be asked first.
    way: Option<Way>,
    why: String,
    /// Whether there is no way in, for that reason.
    #[serde(skip)]
    barred: bool,
    /// Until when a sign-in in the browser is kept.
    signed_in_until: Option<String>,
    username: Option<String>,
    account: Option<String>,
    /// `proven`, `unproven` or `refused`; none when none is stored.
    password: Option<PasswordTrust>,
    session: bool,
    key_store: String,
}

#[derive(Serialize)]
struct Step {
    via: &'static str,
    role_arn: Option<String>,
    profile: String,
    seconds: u64,
    session_name: Option<String>,
    cached_until: Option<String>,
    #[serde(skip)]
    until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Origin {
    key: &'static str,
    value: String,
    from: String,
}

impl Story {
    fn new(request: &Request, standing: &Standing, source: Source, parts: &Parts<'_>) -> Self {
        let account = standing.account.as_ref();
        let domain = request.okta.domain.as_ref().map(|domain| domain.value.clone());
        Self {
            profile: request.profile.clone(),
            source,
            okta: Okta {
                domain: domain.or_else(|| account.map(|account| account.domain.clone())),
                app: request.okta.app.as_ref().map(|app| app.value.clone()),
                app_id: request.okta.app_id().map(|id| id.value),
                pipeline: standing.pipeline,
                way: standing.way.way,
                why: standing.way.why.clone(),
                barred: standing.way.barred,
                signed_in_until: standing.signed_in_until.map(utc),
                username: account.map(|account| account.username.clone()),
                account: account.map(|account| account.name.clone()),
                password: standing.password,
                session: standing.session,
                key_store: parts.backend().to_string(),
            },
            steps: steps(request, standing),
            values: values(request),
            notes: request.notes.clone(),
        }
    }

    fn told(&self, now: Timestamp) -> String {
        let (bold, dim) = (styles::BOLD, styles::DIM);
        let mut out = format!("{bold}{}{bold:#}  {}\n", shown(&self.profile), self.source.told());
        let _ = writeln!(out, "  Okta  {}", shown(&self.okta.told()));
        let _ = writeln!(out, "        {dim}{}{dim:#}", shown(&self.okta.way_told()));
        let width = self.steps.iter().map(|step| step.role().chars().count()).max().unwrap_or(0);
        for (number, step) in self.steps.iter().enumerate() {
            let length = duration::shown(std::time::Duration::from_secs(step.seconds));
            let cached = match step.until {
                Some(until) => format!("cached for another {}", left(until, now)),
                None => "not cached".to_owned(),
            };
            let name = step.session_name.as_deref().map(|name| format!(", as {}", shown(name)));
            let _ = writeln!(
                out,
                "  {} {:<6}  {:width$}  {length:>6}  {dim}{cached}{}{dim:#}",
                number + 1,
                step.via,
                step.role(),
                name.unwrap_or_default(),
            );
        }
        let keys = self.values.iter().map(|value| value.key.len()).max().unwrap_or(0);
        let texts = self.values.iter().map(|value| shown(&value.value).chars().count()).max();
        for value in &self.values {
            let _ = writeln!(
                out,
                "  {:keys$}  {:2$}  {dim}{3}{dim:#}",
                value.key,
                shown(&value.value),
                texts.unwrap_or(0),
                shown(&value.from),
            );
        }
        for note in &self.notes {
            let _ =
                writeln!(out, "  {}note:{:#} {}", styles::WARNING, styles::WARNING, shown(note));
        }
        out
    }
}

impl Source {
    fn told(&self) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        let file = format!("{}{line}", shown(&self.file));
        let Some((url, commit)) = self.url.as_ref().zip(self.commit.as_ref()) else {
            return format!("yours, {file}");
        };
        let short: String = commit.chars().take(7).collect();
        let mut told = format!("from {} @ {short}, {file}", shown(url));
        if !self.changed_by_you.is_empty() {
            let _ = write!(told, "; {} changed by you", shown(&self.changed_by_you.join(", ")));
        }
        told
    }
}

impl Okta {
    fn told(&self) -> String {
        let domain = self.domain.as_deref().unwrap_or("no host yet ('robo aws.add' says which)");
        let browser = self.way == Some(Way::Device);
        let user = self.username.as_deref().unwrap_or(if browser {
            "whoever signs in in the browser"
        } else {
            "no account stored ('robo aws.add')"
        });
        let app =
            if browser { self.app_id.as_ref().or(self.app.as_ref()) } else { self.app.as_ref() };
        let app = app.map_or("the AWS app", String::as_str);
        if browser {
            let kept = if self.signed_in_until.is_some() { " · signed in" } else { "" };
            return format!("{domain} · {app} · {user}{kept}");
        }
        let password = match self.password {
            None => "no password stored".to_owned(),
            Some(PasswordTrust::Proven) => {
                format!("password stored (key store: {})", self.key_store)
            }
            Some(PasswordTrust::Unproven) => "password not checked yet".to_owned(),
            Some(PasswordTrust::Refused) => {
                "password refused ('robo aws.add' stores a new one)".to_owned()
            }
        };
        let session = if self.session { " · session kept" } else { "" };
        format!("{domain} · {app} · {user} · {password}{session}")
    }

    fn way_told(&self) -> String {
        match self.way {
            Some(way) => format!("signing in {way}: {}", self.why),
            None if self.barred => {
                format!("no way to sign in: {} ('robo aws.doctor' says what to set up)", self.why)
            }
            None => format!("signing in by password or in the browser: {}", self.why),
        }
    }
}

impl Step {
    fn role(&self) -> String {
        self.role_arn.as_deref().map_or("one of those that Okta gives".to_owned(), shown)
    }
}

fn steps(request: &Request, standing: &Standing) -> Vec<Step> {
    let username = standing.account.as_ref().map(|account| account.username.as_str());
    let name = |step: &crate::engine::request::Step| {
        let set = step.session_name.as_ref().map(|name| name.value.clone());
        set.or_else(|| username.map(SessionName::of_login)).map(|name| name.to_string())
    };
    let steps = request.steps.iter().zip(&standing.cached).enumerate();
    steps
        .map(|(at, (step, until))| Step {
            via: if at == 0 { "SAML" } else { "assume" },
            role_arn: step.role_arn.as_ref().map(|role| role.value.clone()),
            profile: step.profile.clone(),
            seconds: step.duration.value.as_secs(),
            // The first one's name is Okta's to say.
            session_name: if at == 0 { None } else { name(step) },
            cached_until: until.map(utc),
            until: *until,
        })
        .collect()
}

fn values(request: &Request) -> Vec<Origin> {
    let mut values = Vec::new();
    let mut add = |key, value: &Option<Value>| {
        if let Some(Value { value, origin }) = value {
            values.push(Origin { key, value: value.clone(), from: origin.to_string() });
        }
    };
    let okta = &request.okta;
    add("okta_domain", &okta.domain);
    add("okta_account_name", &okta.account);
    add(
        "okta_auth",
        &Some(okta.auth.clone()).filter(is_set).map(|auth| auth.with(auth.value.to_string())),
    );
    add("okta_client_id", &okta.client_id);
    add("okta_app_id", &okta.app_id);
    add("aws_saml_url", &okta.app);
    add("okta_session_cookie_key", &okta.session_key);
    add("mfa_provider", &okta.provider);
    add("mfa_factor_type", &okta.factor_type);
    add("mfa_duo_device", &okta.duo_device);
    add("mfa_code_command", &okta.given.code_command);
    add("region", &request.region);
    for (at, step) in request.steps.iter().enumerate() {
        add("role_arn", &step.role_arn);
        let key = if at == 0 { "session_ttl" } else { "assume_role_ttl" };
        add(key, &Some(step.duration.with(duration::shown(step.duration.value))));
        let name = step.session_name.as_ref();
        add("role_session_name", &name.map(|name| name.with(name.value.to_string())));
    }
    values
}

/// Whether somebody said so.
fn is_set(auth: &Value<Auth>) -> bool {
    auth.origin != From::Default
}

fn source(app: &App, profile: &str) -> Result<Source> {
    let target = Target::find(&app.env)?;
    let content = target.read()?;
    let base =
        BaseStore::new(&app.folders()?.state, &target).load(content.as_deref()).ok().flatten();
    let mine = Tree::read(&Document::parse(content.unwrap_or_default()), target.shown());
    let id = SectionId::profile(profile);
    let applied = base.as_ref().map(Base::tree);
    let theirs = applied.as_ref().and_then(|tree| tree.get(&id));
    let own = mine.get(&id);
    let mut changed = Vec::new();
    for unit in theirs.into_iter().flat_map(|section| &section.units) {
        let now = own.and_then(|section| section.get(unit.name()));
        if now.is_none_or(|now| !now.means(unit)) {
            changed.push(unit.name().to_owned());
        }
    }
    let origin = base.filter(|_| theirs.is_some()).map(|base| base.origin);
    Ok(Source {
        from: if origin.is_some() { "team" } else { "mine" },
        file: target.shown().to_owned(),
        line: own.map(|section| section.place.line),
        url: origin.as_ref().map(|origin| origin.url.clone()),
        commit: origin.map(|origin| origin.commit),
        changed_by_you: changed,
    })
}

fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn left(until: Timestamp, now: Timestamp) -> String {
    let seconds = until.as_second().saturating_sub(now.as_second());
    let seconds = u64::try_from(seconds).unwrap_or(0);
    // Minutes do: what is shown is read, not reckoned with.
    let whole = if seconds >= 60 { seconds / 60 * 60 } else { seconds };
    duration::shown(std::time::Duration::from_secs(whole))
}
