//! `aws.add`: an Okta sign-in, stored once.

use crate::cli::app::App;
use crate::cli::choose::BackendFlag;
use crate::cli::parts::Parts;
use crate::cli::{Exit, stdin, trust};
use crate::config::hosts::sign_in_hosts;
use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::engine::Account;
use crate::engine::account::DEFAULT;
use crate::error::{Error, Kind, Result};
use crate::ini::Document;
use crate::okta::Domain;
use crate::settings::Settings;
use crate::store::Backend;

/// Store your Okta sign-in: checked with Okta, then kept encrypted
///
/// The password goes to that host and to no other. Where robo keeps it is what 'robo aws.doctor'
/// tells: under a key in the system's keychain, or in a file under a passphrase.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The Okta host, such as acme.okta.com [default: the one in your AWS config]
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    /// Your name at Okta; asked for, if it is left out on a terminal
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// A name for the account, as 'okta_account_name' in the AWS config has it
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    account: String,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
    /// Do not check it with Okta
    #[arg(long)]
    no_verify: bool,
    #[command(flatten)]
    backend: BackendFlag,
}

/// How a password gets onto stdin.
const HOW: &str = "printf %s \"$PASSWORD\" | robo aws.add --username you@acme.com --password-stdin";

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let folders = app.folders()?;
    let (mut settings, file) = app.settings(folders)?;
    let domain = match &args.domain {
        Some(domain) => Domain::parse(domain).map_err(|error| mistyped(&error))?,
        None => configured(app, &settings)?,
    };
    // A host that was typed is a host that is meant.
    let typed = args.domain.is_some().then(|| file.clone());
    if typed.is_some() {
        settings.trust.okta_domains.push(domain.as_str().to_owned());
    }
    let parts = Parts::new(app, folders, settings, file, args.backend.backend.as_deref())?;
    if parts.backend() == Backend::Memory {
        return Err(Error::failed("there is nowhere to keep it: with the key store 'memory' it would be forgotten at once")
            .hint("robo aws.add --backend keychain, or --backend file for a file under a passphrase"));
    }
    if let Some(file) = typed {
        trust::pin(&file, domain.as_str())?;
    }
    let prompt = app.ui.prompt();
    let username = match &args.username {
        Some(username) if !username.trim().is_empty() => username.trim().to_owned(),
        Some(_) => return Err(Error::usage("--username is empty")),
        None => prompt.line(&format!("Okta username ({}):", domain.as_str())).map_err(|error| {
            unasked(error, "robo aws.add --username you@acme.com --password-stdin")
        })?,
    };
    let password = if args.password_stdin {
        stdin::password(HOW, prompt)?
    } else {
        prompt
            .secret(&format!("Okta password of {username} ({}):", domain.as_str()))
            .map_err(|error| unasked(error, "--password-stdin reads it from stdin"))?
    };
    let account = Account::new(&args.account, &domain, &username);
    parts.engine().add(&account, &password, !args.no_verify)?;
    parts.kept();
    let checked = if args.no_verify { "not checked with Okta" } else { "Okta takes it" };
    app.ui.say(format_args!(
        "Stored the Okta sign-in of {} at {} ({checked}).",
        crate::ui::shown(&username),
        domain.as_str()
    ));
    app.ui.say("\nNext: robo aws.exec PROFILE -- aws sts get-caller-identity");
    Ok(Exit::Done)
}

/// What to do where nobody can be asked; who stopped it knows.
fn unasked(error: Error, hint: &str) -> Error {
    if error.kind() == Kind::NeedsAnswer { error.hint(hint) } else { error }
}

/// A host that is none is a mistake of the command line here.
fn mistyped(error: &Error) -> Error {
    let usage = Error::usage(format!("--domain: {}", error.message()));
    error.hints().iter().fold(usage, Error::hint)
}

/// The one host that the AWS config signs in at, or the one that was agreed to.
fn configured(app: &App, settings: &Settings) -> Result<Domain> {
    let target = Target::find(&app.env)?;
    let content = target.read()?.unwrap_or_default();
    let tree = Tree::read(&Document::parse(content), target.shown());
    let mut hosts: Vec<String> = sign_in_hosts(&tree)?.into_iter().map(|host| host.name).collect();
    if hosts.is_empty() {
        hosts.clone_from(&settings.trust.okta_domains);
    }
    match hosts.as_slice() {
        [host] => Domain::parse(host),
        [] => Err(Error::usage("which Okta host? The AWS config names none")
            .hint("robo aws.add --domain acme.okta.com")
            .hint("or 'robo aws.config' first: your team's config may say")),
        several => Err(Error::usage(format!("which Okta host? There are {}", several.join(", ")))
            .hint(format!("robo aws.add --domain {} --account NAME", several[0]))),
    }
}
