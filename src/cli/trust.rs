//! Which hosts a password may go to.

use crate::cli::app::App;
use crate::config::base::BaseStore;
use crate::config::hosts::host_names;
use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::error::{Error, Kind, Result};
use crate::ini::Document;
use crate::okta::Domain;
use crate::settings::{Remember, Settings, SettingsFile, Trust};
use crate::sys::files::Disk;
use crate::sys::look_alike;

/// The hosts that the person wrote into their own config, and that no repo put there. `base` is
/// what was applied last; when that is not known, only a laptop that has trusted no repo yet can
/// tell its own hosts.
pub(super) fn own_hosts(base: Option<&Tree>, mine: &Tree, trust: &Trust) -> Vec<String> {
    let applied = match base {
        Some(base) => host_names(base),
        None if trust.dotfiles.is_none() => Vec::new(),
        None => return Vec::new(),
    };
    host_names(mine).into_iter().filter(|host| !applied.contains(host)).collect()
}

/// Whether a password may go to `domain`: a pinned one, or one that the person wrote into their
/// own config. Any other is asked about, and pinned.
pub(super) fn may_sign_in(
    app: &App,
    domain: &Domain,
    settings: &Settings,
    file: &SettingsFile,
) -> Result<()> {
    let host = domain.as_str();
    if hosts(app, settings)?.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    let refused = |kind| {
        Error::new(kind, format!("{host} is no host that you agreed to sign in at"))
            .hint(format!("if it is your company's: robo aws.add --domain {host}"))
    };
    if !app.ui.can_ask() {
        return Err(refused(Kind::NeedsAnswer));
    }
    let trusted = match settings.trust.okta_domains.as_slice() {
        [] => "none so far".to_owned(),
        pins => pins.join(", "),
    };
    app.ui
        .prompt()
        .note(&format!("Your AWS config signs in to Okta at {host} (trusted: {trusted})."));
    if let Some(doubt) = look_alike::doubt(host, &settings.trust.okta_domains) {
        app.ui.warn(&format!("{host}: {doubt}"));
    }
    if !app.ui.confirm(&format!("Sign in to Okta at {host}?"), false)? {
        return Err(refused(Kind::Failed));
    }
    pin(file, host)
}

/// The hosts that a password may go to.
pub(super) fn hosts(app: &App, settings: &Settings) -> Result<Vec<String>> {
    let mut hosts = settings.trust.okta_domains.clone();
    for host in own(app, &settings.trust)? {
        if hosts.iter().all(|known| !known.eq_ignore_ascii_case(&host)) {
            hosts.push(host);
        }
    }
    Ok(hosts)
}

/// Remembers a host that may be signed in at.
pub(super) fn pin(file: &SettingsFile, host: &str) -> Result<()> {
    let news = Remember { okta_domains: vec![host.to_owned()], ..Remember::default() };
    file.remember(&Disk, &news)
}

fn own(app: &App, trust: &Trust) -> Result<Vec<String>> {
    let target = Target::find(&app.env)?;
    let content = target.read()?;
    let base =
        BaseStore::new(&app.folders()?.state, &target).load(content.as_deref()).ok().flatten();
    let base = base.map(|base| base.tree());
    let mine = Tree::read(&Document::parse(content.unwrap_or_default()), target.shown());
    Ok(own_hosts(base.as_ref(), &mine, trust))
}
