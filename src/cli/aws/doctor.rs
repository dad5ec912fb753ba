//! `aws.doctor`: what is set up, what is not, and what mends it.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::app::App;
use crate::cli::choose::BackendFlag;
use crate::cli::parts::{self, Parts};
use crate::cli::tasks::sources;
use crate::cli::{Exit, signers, trust};
use crate::config::base::BaseStore;
use crate::config::profiles::Profile;
use crate::config::target::Target;
use crate::engine::account::PasswordTrust;
use crate::engine::value::{Origin, Value};
use crate::engine::way::{Auth, Way, decide};
use crate::error::{Error, Result};
use crate::okta::{Domain, Pipeline, SETUP, WELL_KNOWN};
use crate::settings::{Settings, SettingsFile};
use crate::store::Backend;
use crate::sys::http::{Http as _, Request, Response};
use crate::sys::text::count;
use crate::tasks::shared::SharedStore;
use crate::ui::{shown, styles};

/// Check what is set up and what is not, and say what to type
///
/// The exit code is 1 if something is amiss.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Ask no server
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    backend: BackendFlag,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let folders = app.folders()?;
    let (settings, file) = app.settings(folders)?;
    let mut findings = vec![git()];
    findings.extend(config(app, &settings, &file)?);
    let hosts = trust::hosts(app, &settings)?;
    findings.push(trusted(&hosts));
    match Parts::new(app, folders, settings, file, args.backend.backend.as_deref()) {
        Ok(parts) => {
            findings.push(key_store(&parts));
            let client = hosts.iter().any(|host| configured(app, host, "okta_client_id").is_some());
            findings.extend(accounts(&parts, client));
            if !args.offline {
                let way = |host: &str, response: &Response| {
                    let client = configured(app, host, "okta_client_id");
                    way(response, configured(app, host, "okta_auth").as_ref(), client.as_ref())
                };
                findings.extend(hosts.iter().flat_map(|host| server(&parts, host, &way)));
            }
        }
        Err(error) => findings.push(Finding::amiss("key store", &error)),
    }
    findings.push(terminal(app));
    let mut out = String::new();
    let width = findings.iter().map(|finding| finding.what.len()).max().unwrap_or(0);
    for finding in &findings {
        finding.tell(&mut out, width);
    }
    app.ui.table(&out)?;
    let amiss = findings.iter().any(|finding| finding.mark == Mark::Amiss);
    Ok(if amiss { Exit::Declined } else { Exit::Done })
}

/// One thing that was looked at.
struct Finding {
    mark: Mark,
    what: &'static str,
    text: String,
    hints: Vec<String>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Mark {
    Good,
    /// It is not as it could be, and nothing is wrong with that.
    Note,
    Amiss,
}

impl Finding {
    fn new(mark: Mark, what: &'static str, text: impl Into<String>) -> Self {
        Self { mark, what, text: text.into(), hints: Vec::new() }
    }

    fn amiss(what: &'static str, error: &Error) -> Self {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
        let text = format!("{error}{}", cause.unwrap_or_default());
        Self { hints: error.hints().to_vec(), ..Self::new(Mark::Amiss, what, text) }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn tell(&self, out: &mut String, width: usize) {
        let (style, word) = match self.mark {
            Mark::Good => (styles::NEW, "ok"),
            Mark::Note => (styles::DIM, "--"),
            Mark::Amiss => (styles::ERROR, "!!"),
        };
        let _ =
            writeln!(out, "{style}{word}{style:#}  {:width$}  {}", self.what, shown(&self.text));
        for hint in &self.hints {
            let cyan = styles::HINT;
            let _ = writeln!(out, "    {:width$}  {cyan}{}{cyan:#}", "", shown(hint));
        }
    }
}

fn git() -> Finding {
    let output = Command::new("git").arg("--version").stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            Finding::new(Mark::Good, "git", version)
        }
        _ => Finding::new(Mark::Amiss, "git", "the program 'git' cannot be run")
            .hint("install git 2.31 or newer: robo fetches the dotfiles repo with it"),
    }
}

fn config(app: &App, settings: &Settings, file: &SettingsFile) -> Result<Vec<Finding>> {
    let target = Target::find(&app.env)?;
    let mut findings = vec![match &settings.dotfiles.url {
        Some(url) => Finding::new(Mark::Good, "dotfiles repo", url.as_str()),
        None => Finding::new(Mark::Note, "dotfiles repo", "none is known yet")
            .hint("robo aws.config --dotfiles git@github.com:ACME/dotfiles.git"),
    }];
    match signers::pinned(app, settings, file) {
        Ok(None) => {}
        Ok(Some(signers::Pinned { signers, place })) => {
            let text = format!("{} in {place}", count(signers.keys(), "key"));
            findings.push(Finding::new(Mark::Good, "signers", text));
        }
        Err(error) => findings.push(Finding::amiss("signers", &error)),
    }
    findings.push(match parts::profiles(&target) {
        Ok(profiles) => Finding::new(
            Mark::Good,
            "AWS config",
            format!("{}: {}", target.shown(), count(profiles.list().len(), "profile")),
        ),
        Err(error) => Finding::amiss("AWS config", &error),
    });
    let content = target.read().ok().flatten();
    let base = BaseStore::new(&app.folders()?.state, &target).load(content.as_deref());
    match base {
        Ok(Some(base)) => {
            let commit: String = base.origin.commit.chars().take(7).collect();
            let text = format!("'{}' as of {commit}", base.origin.team);
            findings.push(Finding::new(Mark::Good, "team", text));
        }
        Ok(None) => findings.push(
            Finding::new(Mark::Note, "team", "no team's config was applied yet")
                .hint("robo aws.config"),
        ),
        Err(error) => findings.push(Finding::amiss("team", &error)),
    }
    findings.extend(shared_commands(app)?);
    Ok(findings)
}

/// The commands that were taken over from the repo; most repos have none.
fn shared_commands(app: &App) -> Result<Option<Finding>> {
    const WHAT: &str = "shared commands";
    let accepted = match SharedStore::new(&app.folders()?.state).load() {
        Ok(None) => return Ok(None),
        Ok(Some(accepted)) => accepted,
        Err(error) => return Ok(Some(Finding::amiss(WHAT, &error))),
    };
    let origin = accepted.origin();
    let files = count(accepted.files().len(), "file");
    let text = format!("{files} of {} as of {}", origin.name, origin.short());
    if !accepted.is_whole() {
        let text = format!("{text}, damaged on this machine");
        return Ok(Some(
            Finding::new(Mark::Amiss, WHAT, text)
                .hint("robo aws.config puts back what you accepted"),
        ));
    }
    Ok(Some(match sources::other_team(app, origin) {
        Some(other) => Finding::new(Mark::Note, WHAT, other),
        None => Finding::new(Mark::Good, WHAT, text),
    }))
}

fn trusted(hosts: &[String]) -> Finding {
    if hosts.is_empty() {
        return Finding::new(Mark::Note, "Okta hosts", "none is trusted with a password yet")
            .hint("robo aws.config, or robo aws.add --domain acme.okta.com");
    }
    Finding::new(Mark::Good, "Okta hosts", hosts.join(", "))
}

fn key_store(parts: &Parts<'_>) -> Finding {
    let backend = parts.backend();
    match parts.key_is_there() {
        Err(error) => Finding::amiss("key store", &error),
        Ok(_) if backend == Backend::Memory => Finding::new(
            Mark::Note,
            "key store",
            "memory: nothing is kept, each run asks again",
        )
        .hint("robo aws.add --backend keychain, or --backend file for a file under a passphrase"),
        Ok(true) => Finding::new(Mark::Good, "key store", format!("{backend}: it opens")),
        Ok(false) => Finding::new(
            Mark::Note,
            "key store",
            format!("{backend}: it opens, and holds no key yet"),
        )
        .hint("robo aws.add makes one"),
    }
}

/// The stored accounts. Where a `client` is configured, one may do without.
fn accounts(parts: &Parts<'_>, client: bool) -> Vec<Finding> {
    let listed = match parts.engine().accounts_with_passwords() {
        Ok(listed) => listed,
        Err(error) => return vec![Finding::amiss("Okta account", &error)],
    };
    if listed.is_empty() {
        let (text, hint) = if client {
            (
                "none is stored: the first command asks, or a sign-in in the browser says who it is",
                "robo aws.add, where one signs in by password",
            )
        } else {
            ("none is stored: the first command asks", "robo aws.add")
        };
        return vec![Finding::new(Mark::Note, "Okta account", text).hint(hint)];
    }
    listed
        .into_iter()
        .map(|(account, trust)| {
            let who = format!("{}: {} at {}", account.name, account.username, account.domain);
            let add =
                format!("robo aws.add --account {} --domain {}", account.name, account.domain);
            let (mark, state) = match trust {
                Some(PasswordTrust::Proven) => (Mark::Good, "password stored"),
                Some(PasswordTrust::Unproven) => (Mark::Good, "password stored, not checked yet"),
                Some(PasswordTrust::Refused) => (Mark::Amiss, "Okta refused the stored password"),
                None => (Mark::Note, "no password stored: asked for, or not needed in the browser"),
            };
            let finding = Finding::new(mark, "Okta account", format!("{who}, {state}"));
            if trust == Some(PasswordTrust::Refused) { finding.hint(add) } else { finding }
        })
        .collect()
}

/// More than this, and AWS takes a signature for stale (5 minutes: SigV4).
const SKEW: Duration = Duration::from_secs(240);

/// What the AWS config says of an Okta host, if it can be read: a profile that names the host goes
/// before `[okta]`.
fn configured(app: &App, host: &str, key: &str) -> Option<Value> {
    let profiles = Target::find(&app.env).and_then(|target| parts::profiles(&target)).ok()?;
    let names_it = |profile: &&Profile| {
        profile.properties.get("okta_domain").is_some_and(|name| name.eq_ignore_ascii_case(host))
    };
    let own = profiles.list().iter().filter(names_it);
    let own = own.filter_map(|profile| {
        let value = profile.properties.get(key)?.clone();
        Some(Value::new(value, Origin::Profile(profile.name.clone())))
    });
    let okta = || profiles.lookup(&[], key).map(|found| found.value.to_owned());
    own.into_iter().next().or_else(|| Some(Value::new(okta()?, Origin::Okta)))
}

/// How people sign in at an Okta host that answered, and why.
fn way(response: &Response, auth: Option<&Value>, client: Option<&Value>) -> Finding {
    const WHAT: &str = "sign-in";
    let good = |text: String| Finding::new(Mark::Good, WHAT, text);
    let pipeline = Pipeline::read(response);
    let engine = match pipeline {
        Some(pipeline) => pipeline.to_string(),
        None => "taken for Classic, since it does not say".to_owned(),
    };
    let auth = match auth.map(|auth| Ok::<_, Error>(auth.with(Auth::parse(&auth.value)?))) {
        None => Value::default(Auth::Auto),
        Some(Ok(auth)) => auth,
        Some(Err(error)) => return Finding::amiss(WHAT, &error),
    };
    let chosen = match decide((&auth, client), false, pipeline) {
        Ok(chosen) => chosen,
        Err(error) => return Finding::amiss(WHAT, &error),
    };
    match (auth.value, pipeline, chosen.way.unwrap_or(Way::Password)) {
        (Auth::Device, Some(Pipeline::Classic), _) => {
            let text = format!("okta_auth = device ({}), and {engine} has none", auth.origin);
            let amiss = Finding::new(Mark::Amiss, WHAT, text);
            amiss.hint("'okta_auth = auto' takes the way that fits the org")
        }
        (forced @ (Auth::Device | Auth::Password), _, way) => {
            good(format!("{way}: okta_auth = {forced} (the org: {engine})"))
        }
        (_, Some(Pipeline::IdentityEngine), way @ Way::Device) => {
            good(format!("{way}: {engine}, and okta_client_id is configured"))
        }
        (_, Some(Pipeline::IdentityEngine), way) => {
            let text = format!("{way}, which {engine} may refuse: no okta_client_id is configured");
            SETUP.iter().fold(Finding::new(Mark::Note, WHAT, text), |it, hint| it.hint(*hint))
        }
        (.., way) => good(format!("{way}: {engine}")),
    }
}

/// Whether an Okta host answers, what it thinks the time is, and by which way it lets people in.
fn server(parts: &Parts<'_>, host: &str, way: &dyn Fn(&str, &Response) -> Finding) -> Vec<Finding> {
    let asked = Domain::parse(host).and_then(|domain| {
        let url = domain.url(WELL_KNOWN)?;
        parts.http().send(&Request::get(url).header("Accept", "application/json"))
    });
    let response = match asked {
        Ok(response) => response,
        Err(error) => return vec![Finding::amiss("network", &error)],
    };
    if response.status != 200 {
        let text = format!("{host} answers with status {}: is it an Okta org?", response.status);
        let amiss = Finding::new(Mark::Amiss, "network", text);
        return vec![amiss.hint("look at it in a browser")];
    }
    let theirs = response
        .header("date")
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp()));
    let off = theirs.map(|theirs: Timestamp| parts.clock().now().duration_since(theirs));
    let network = match off.filter(|off| off.unsigned_abs() > SKEW) {
        Some(off) => Finding::new(
            Mark::Amiss,
            "network",
            format!("{host} answers, and this machine's clock is {} s off", off.as_secs()),
        )
        .hint("set the clock: AWS takes no signature that is more than 5 minutes old or early"),
        None => Finding::new(Mark::Good, "network", format!("{host} answers")),
    };
    vec![network, way(host, &response)]
}

fn terminal(app: &App) -> Finding {
    if app.ui.can_ask() {
        Finding::new(Mark::Good, "terminal", "questions can be asked")
    } else {
        Finding::new(Mark::Note, "terminal", "nobody is there to answer a question")
    }
}
