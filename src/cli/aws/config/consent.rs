//! Trust: which repo may change the config, and where it may ask people to sign in.

use crate::cli::app::App;
use crate::cli::aws::config::Args;
use crate::cli::aws::config::signers::{Line, News};
use crate::cli::aws::config::team::Theirs;
use crate::config::hosts::Host;
use crate::error::{Error, Kind, Result};
use crate::settings::{Remember, Trust};
use crate::sys::look_alike::{self, spelt_out};
use crate::ui::{shown, styles};

/// Shows what is about to be trusted and gets consent to it; gives what to remember of it.
///
/// The first repo, its hosts and its signers may be agreed to by `--yes`; a later change of any of
/// them only by a person, or by `--trust`.
pub(super) fn agree(
    args: &Args,
    app: &App,
    trust: &Trust,
    theirs: &Theirs,
    own_hosts: &[String],
) -> Result<Remember> {
    let new_url = trust.dotfiles.as_deref() != Some(theirs.source.url());
    let pinned =
        |host: &Host| trust.okta_domains.iter().any(|pin| pin.eq_ignore_ascii_case(&host.name));
    let new_hosts: Vec<&Host> = theirs.hosts.iter().filter(|host| !pinned(host)).collect();
    let foreign: Vec<&Host> =
        new_hosts.iter().copied().filter(|host| !own_hosts.contains(&host.name)).collect();
    let signers = theirs.checked.news.as_ref();
    // Another order, or another armour, is nothing to ask about.
    let lines = signers.map(|news| news.lines(app)).transpose()?.unwrap_or_default();
    let signers_before = signers.is_some_and(News::replaces);
    let news = Remember {
        signers: signers.map(News::pin),
        okta_domains: new_hosts.iter().map(|host| host.name.clone()).collect(),
        ..Remember::from(theirs)
    };
    if !new_url && foreign.is_empty() && lines.is_empty() {
        return Ok(news);
    }
    let first = trust.dotfiles.is_none()
        && (foreign.is_empty() || trust.okta_domains.is_empty())
        && (lines.is_empty() || !signers_before);
    let question = if first {
        first_run(app, theirs, &new_hosts, &lines)
    } else {
        change(app, trust, theirs, new_url, &foreign, &lines)
    };
    if args.only_looks() {
        app.ui.say("  Without --dry-run and --check you would be asked to trust this.");
        return Ok(Remember::default());
    }
    if !(args.trust || first && args.yes) {
        app.ui.say("");
        if !app.ui.can_ask() {
            let flag = if first { "--yes" } else { "--trust" };
            let given = given(args, theirs);
            return Err(Error::new(
                Kind::NeedsAnswer,
                format!("a question needs an answer, and nobody is there: {question}"),
            )
            .hint(format!("robo aws.config{given} {flag} answers yes; nothing was changed")));
        }
        if !app.ui.confirm(&question, false)? {
            return Err(Error::failed("not trusted; nothing was changed"));
        }
    }
    Ok(news)
}

/// The flags that a run was given and that the next one needs as well.
fn given(args: &Args, theirs: &Theirs) -> String {
    let dotfiles = args.dotfiles.is_some().then(|| theirs.source.spelling());
    let domain = args.okta_domain.as_ref().map(|domain| domain.as_str().to_owned());
    let signers = args.signers.as_ref().map(|path| path.display().to_string());
    [("--dotfiles", dotfiles), ("--okta-domain", domain), ("--signers", signers)]
        .into_iter()
        .filter_map(|(flag, value)| Some(format!(" {flag} '{}'", value?)))
        .collect()
}

fn first_run(app: &App, theirs: &Theirs, hosts: &[&Host], signers: &[Line]) -> String {
    let bold = styles::BOLD;
    app.ui.say("\n  This repo will be able to set your AWS profiles.");
    if !hosts.is_empty() {
        app.ui.say("  It asks you to sign in to Okta at");
        for host in hosts {
            app.ui.say(format_args!("    {bold}{}{bold:#}", shown(&host.name)));
            doubt(app, host, &[]);
        }
    }
    if !signers.is_empty() {
        app.ui.say("  What it says has to be signed by one of");
        for (_, line) in signers {
            app.ui.say(format_args!("    {bold}{}{bold:#}", shown(line)));
        }
    }
    if let Some(scheme) = unprotected(theirs.source.url()) {
        app.ui.warn(&format!(
            "{scheme}:// is not protected: whoever is on the way can change what the repo says"
        ));
    }
    question(theirs, true, hosts, signers)
}

/// The scheme of a URL that nobody's identity is checked for.
fn unprotected(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    matches!(scheme, "http" | "git").then_some(scheme)
}

fn change(
    app: &App,
    trust: &Trust,
    theirs: &Theirs,
    new_url: bool,
    hosts: &[&Host],
    signers: &[Line],
) -> String {
    let (bold, red) = (styles::BOLD, styles::WARNING);
    let header = match trust.dotfiles {
        Some(_) => "This is not what you trusted before.",
        None => "This is not what you named.",
    };
    app.ui.say(format_args!("\n  {red}{header}{red:#}"));
    if new_url {
        let before = spelt_out(trust.dotfiles.as_deref().unwrap_or("none"));
        let now = spelt_out(theirs.source.url());
        app.ui.say(format_args!("    dotfiles repo  was {}", shown(&before)));
        app.ui.say(format_args!("                   now {bold}{}{bold:#}", shown(&now)));
    }
    for host in hosts {
        let before = trust.okta_domains.join(", ");
        let before = if before.is_empty() { "none".to_owned() } else { before };
        app.ui.say(format_args!("    sign in at     was {}", shown(&before)));
        app.ui.say(format_args!(
            "                   now {bold}{}{bold:#}  ({})",
            shown(&host.name),
            shown(&host.place.to_string())
        ));
        doubt(app, host, &trust.okta_domains);
    }
    let mut title = "signers";
    for (sign, line) in signers {
        app.ui.say(format_args!("    {title:<13}  {sign} {bold}{}{bold:#}", shown(line)));
        title = "";
    }
    question(theirs, new_url, hosts, signers)
}

/// Says that a host could be taken for another.
fn doubt(app: &App, host: &Host, trusted: &[String]) {
    let yellow = styles::WARNING;
    if let Some(doubt) = look_alike::doubt(&host.name, trusted) {
        app.ui.say(format_args!("                   {yellow}{}{yellow:#}", shown(&doubt)));
    }
}

fn question(theirs: &Theirs, new_url: bool, hosts: &[&Host], signers: &[Line]) -> String {
    let url = spelt_out(theirs.source.url());
    let url = Some(&*url).filter(|_| new_url);
    let hosts = hosts.iter().map(|host| host.name.as_str());
    let signers = theirs.checked.news.as_ref().filter(|_| !signers.is_empty()).map(News::name);
    let names: Vec<&str> = url.into_iter().chain(hosts).chain(signers).collect();
    format!("Trust {} from now on?", names.join(" and "))
}
