//! The team's side: which repo, which team, what it says at the commit.

use std::time::Duration;

use crate::cli::app::App;
use crate::cli::aws::config::Args;
use crate::cli::aws::config::signers::{self, Checked, Known};
use crate::cli::organisation::Organisation;
use crate::config::base::Origin;
use crate::config::hosts::{self, Host};
use crate::config::team::TeamConfig;
use crate::dotfiles::signed::Lineage;
use crate::dotfiles::{self, BareClone, Manifest, Mode, Person, Snapshot, Source, TeamName};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::sys::folders::Folders;
use crate::sys::time;
use crate::ui::{shown, styles};

/// How long a fetch may take before a person is told what they wait for.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the team's repo says.
pub(super) struct Theirs {
    pub(super) source: Source,
    pub(super) snapshot: Snapshot,
    pub(super) team: TeamName,
    /// The environment variable that names a person's team.
    pub(super) team_env: String,
    pub(super) config: TeamConfig,
    /// The hosts that people would be asked to sign in at.
    pub(super) hosts: Vec<Host>,
    pub(super) origin: Origin,
    /// Who signed the commit, and whether they are new.
    pub(super) checked: Checked,
}

/// Fetches the repo and reads the team's config, saying where it is from.
pub(super) fn fetch(
    args: &Args,
    app: &App,
    folders: &Folders,
    settings: &Settings,
    (source, known): (Source, &Known),
) -> Result<Theirs> {
    let person = if app.ui.can_ask() { Person::There } else { Person::Absent };
    let clone = BareClone::new(folders, &app.env, person);
    let clone = if known.wants_history() { clone.with_history() } else { clone };
    let snapshot = snapshot(args, app, &clone, &source)?;
    let lineage =
        Lineage { git_dir: clone.folder(), source: &source, snapshot: &snapshot, env: &app.env };
    let checked = known.check(args, app, &clone, &lineage)?;
    let at_commit = |error: Error| at_commit(error, &source, &snapshot);
    let organisation = Organisation::read(&snapshot).map_err(at_commit)?;
    let team = team(args, app, settings, &snapshot, &organisation)?;
    let files = organisation.team_files(&snapshot, &team)?;
    say_where_from(app, &team, &source, &snapshot);
    if let Some(signature) = &checked.signature {
        signers::say(app, signature);
    }
    for warning in &organisation.warnings {
        app.ui.warn(warning);
    }
    for warning in &organisation.catalog_warnings {
        app.ui.detail(warning);
    }
    let config = organisation.team_config(&team, &files).map_err(at_commit)?;
    config.check_chains().map_err(at_commit)?;
    for warning in config.warnings() {
        app.ui.warn(warning);
    }
    let hosts = hosts::sign_in_hosts(config.tree()).map_err(at_commit)?;
    let origin = Origin {
        url: source.url().to_owned(),
        reference: source.reference().map(str::to_owned),
        path: source.path().map(str::to_owned),
        team: team.as_str().to_owned(),
        commit: snapshot.id(),
    };
    let team_env = organisation.manifest.team_env;
    Ok(Theirs { source, snapshot, team, team_env, config, hosts, origin, checked })
}

/// An error in what the repo says.
pub(super) fn at_commit(error: Error, source: &Source, snapshot: &Snapshot) -> Error {
    error.hint(format!(
        "this is {} at {}; your file was not changed",
        source.display_name(),
        snapshot.short()
    ))
}

pub(super) fn source(args: &Args, app: &App, settings: &Settings) -> Result<Source> {
    if let Some(text) = &args.dotfiles {
        return Source::parse(text, &app.env);
    }
    if let Some(text) = app.env.text("ROBO_DOTFILES") {
        return Source::parse(&text, &app.env);
    }
    let remembered = &settings.dotfiles;
    let Some(url) = &remembered.url else {
        return Err(Error::usage("which dotfiles repo? None was given yet").hint(
            "robo aws.config --dotfiles git@github.com:ACME/dotfiles.git (it is remembered)",
        ));
    };
    Source::new(url, remembered.reference.as_deref(), remembered.path.as_deref(), &app.env)
}

fn snapshot(args: &Args, app: &App, clone: &BareClone<'_>, source: &Source) -> Result<Snapshot> {
    let mode = if args.offline { Mode::Offline } else { Mode::Online };
    app.ui.detail(&format!("fetching {}", source.spelling()));
    let waiting = || app.ui.say("Waiting for another robo to finish fetching …");
    let slow = app.ui.say_after(PATIENCE, format!("Fetching {} …", source.display_name()));
    let update = clone.update(source, mode, waiting)?;
    drop(slow);
    for warning in &update.warnings {
        app.ui.warn(warning);
    }
    if let Some(error) = update.fallback {
        let age = time::ago(update.snapshot.time(), jiff::Timestamp::now());
        let cause = std::error::Error::source(&error).map(|cause| format!(" ({cause})"));
        app.ui.warn(&format!(
            "{error}{}; this is the last commit fetched, {} of {age}",
            cause.unwrap_or_default(),
            update.snapshot.short(),
        ));
    }
    Ok(update.snapshot)
}

fn team(
    args: &Args,
    app: &App,
    settings: &Settings,
    snapshot: &Snapshot,
    organisation: &Organisation,
) -> Result<TeamName> {
    if let Some(team) = &args.team {
        return Ok(team.clone());
    }
    let variable = &organisation.manifest.team_env;
    if let Some(name) = app.env.text(variable) {
        // The repo may choose a variable that holds anything: only a team's name is ever shown.
        if *variable != Manifest::default().team_env {
            let teams = organisation.teams(snapshot)?.names;
            return teams.iter().find(|team| team.as_str() == name).cloned().ok_or_else(|| {
                Error::failed(format!("what ${variable} holds is no team in {}", snapshot.name()))
                    .hint(all_teams(snapshot, &teams))
            });
        }
        return TeamName::parse(&name)
            .map_err(|error| error.hint(format!("it comes from ${variable}")));
    }
    if let Some(name) = &settings.team {
        return TeamName::parse(name)
            .map_err(|error| error.hint("it comes from 'team' in robo's settings"));
    }
    let teams = organisation.teams(snapshot)?;
    for warning in &teams.warnings {
        app.ui.warn(warning);
    }
    if teams.names.is_empty() {
        return Err(dotfiles::no_team(snapshot, &organisation.manifest));
    }
    if app.ui.can_ask() && !args.only_looks() {
        let names: Vec<String> = teams.names.iter().map(TeamName::to_string).collect();
        let picked = app.ui.prompt().pick("Which team is yours?", &names)?;
        app.ui.say(format_args!(
            "'export {variable}={}' in your shell's profile saves this question.",
            names[picked]
        ));
        return Ok(teams.names[picked].clone());
    }
    Err(Error::usage("which team? None is set")
        .hint(format!("export {variable}=TEAM, or give --team TEAM"))
        .hint(all_teams(snapshot, &teams.names)))
}

fn all_teams(snapshot: &Snapshot, teams: &[TeamName]) -> String {
    let names: Vec<&str> = teams.iter().map(TeamName::as_str).collect();
    format!("{} has: {}", snapshot.name(), names.join(", "))
}

fn say_where_from(app: &App, team: &TeamName, source: &Source, snapshot: &Snapshot) {
    let (bold, dim) = (styles::BOLD, styles::DIM);
    let age = time::ago(snapshot.time(), jiff::Timestamp::now());
    let reference = source.reference().map(|name| format!("#{}", shown(name))).unwrap_or_default();
    app.ui.say(format_args!(
        "{bold}{}{bold:#} · {}{reference} @ {} \"{}\" {dim}({}, {age}){dim:#}",
        team.as_str(),
        shown(source.display_name()),
        snapshot.short(),
        shown(snapshot.subject()),
        shown(snapshot.author()),
    ));
}
