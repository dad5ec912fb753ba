//! `aws.restore`: put an older AWS config back.

use std::fs;
use std::path::Path;

use clap_complete::engine::ArgValueCompleter;
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::app::App;
use crate::cli::{Exit, complete, json};
use crate::config::apply::{Apply, Outcome};
use crate::config::backups::{Backup, Backups};
use crate::config::base::Base;
use crate::config::diff::diff;
use crate::config::target::{Target, read_config};
use crate::error::{Error, Result};
use crate::sys::files::Disk;
use crate::sys::time;
use crate::ui::{shown, styles};

/// List the backups of your AWS config, or put one back
///
/// Without BACKUP: the list, newest first. With it: what would change, a question, and the
/// present file is backed up before it is replaced.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A name from the list, or the path of a file
    #[arg(add = ArgValueCompleter::new(complete::backups))]
    backup: Option<String>,
    /// Put it back without asking
    #[arg(short, long)]
    yes: bool,
    /// Print the list as JSON on stdout
    #[arg(long, conflicts_with = "backup")]
    json: bool,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    App::stop_on_ctrl_c();
    let state = app.folders()?.state.clone();
    let backups = Backups::new(&state);
    let target = Target::find(&app.env)?;
    let Some(name) = &args.backup else { return list(args, app, &backups, &target) };
    let chosen = choose(app, &backups, &target, name)?;

    let current = target.read()?;
    if current.as_deref() == Some(&chosen.content) {
        app.ui.say(format_args!("{} is the same as {name} already.", target.shown()));
        return Ok(Exit::Done);
    }
    target.check_writable()?;
    let old = current.as_deref().unwrap_or_default();
    app.ui.diff(target.shown(), &diff(old, &chosen.content));
    if !args.yes && !app.ui.confirm(&format!("Put {name} back?"), true)? {
        app.ui.say("Nothing was written.");
        return Ok(Exit::Declined);
    }
    let waiting = || app.ui.say("Waiting for another robo to finish …");
    let apply = Apply::begin(&Disk, &state, &target, waiting)?;
    let outcome = if apply.current() == current.as_deref() {
        apply.write(&chosen.content, chosen.base.as_ref(), Timestamp::now())?
    } else {
        Outcome::Overtaken
    };
    let Outcome::Written { backup } = outcome else {
        return Err(Error::failed(format!(
            "{} changed meanwhile; nothing was written",
            target.shown()
        ))
        .hint("run it again to see what would change now"));
    };
    let kept = backup.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy());
    app.ui.say(match kept {
        Some(kept) => format!("Put {name} back. What it replaced is {kept}."),
        None => format!("Put {name} back."),
    });
    Ok(Exit::Done)
}

/// What is to be put back, with the base that belongs to it.
struct Chosen {
    content: Vec<u8>,
    base: Option<Base>,
}

fn choose(app: &App, backups: &Backups, target: &Target, name: &str) -> Result<Chosen> {
    let read = |path: &Path| {
        read_config(path).map_err(|unread| {
            Error::failed(format!("{} {}", path.display(), unread.words()))
                .maybe_because(unread.cause())
                .hint("'robo aws.restore' lists the backups")
        })
    };
    if name.contains(['/', '\\']) {
        let path = app.env.resolve(name.as_ref());
        let listed = backups.list()?.into_iter().find(|backup| backup.path == path);
        // A file from elsewhere was applied by nobody: the next run compares as a first one.
        let base = listed.and_then(|backup| backup.base);
        return Ok(Chosen { content: read(&path)?, base });
    }
    let backup = backups.find(name)?;
    if let Some(other) = backup.target.as_deref().filter(|other| *other != target.real()) {
        let other = other.display();
        return Err(Error::failed(format!(
            "{name} is a backup of {other}, not of {}",
            target.shown()
        ))
        .hint(format!("AWS_CONFIG_FILE={other} robo aws.restore {name}")));
    }
    Ok(Chosen { content: read(&backup.path)?, base: backup.base })
}

#[derive(Serialize)]
struct Listed {
    name: String,
    path: String,
    time: String,
    bytes: u64,
    team: Option<String>,
    commit: Option<String>,
}

fn list(args: &Args, app: &App, backups: &Backups, target: &Target) -> Result<Exit> {
    let own = |backup: &Backup| backup.target.as_deref().is_none_or(|of| of == target.real());
    let (own, other): (Vec<Backup>, Vec<Backup>) = backups.list()?.into_iter().partition(own);
    if args.json {
        let listed: Vec<Listed> = own.iter().map(listed).collect();
        app.ui.product(&json::render(&listed)?)?;
        return Ok(Exit::Done);
    }
    let now = Timestamp::now();
    let mut out = String::new();
    let width = own.iter().map(|backup| backup.name.len()).max().unwrap_or(0);
    let (bold, dim) = (styles::BOLD, styles::DIM);
    for (backup, listed) in own.iter().map(|backup| (backup, listed(backup))) {
        let origin = match (&listed.team, &listed.commit) {
            (Some(team), Some(commit)) => {
                format!("  {dim}{} @ {}{dim:#}", shown(team), shown(&commit[..commit.len().min(7)]))
            }
            _ => String::new(),
        };
        out += &format!(
            "{bold}{:width$}{bold:#}  {:14}  {:>6} bytes{origin}\n",
            listed.name,
            time::ago(backup.time, now),
            listed.bytes
        );
    }
    app.ui.table(&out)?;
    if own.is_empty() {
        app.ui.say(format_args!("There are no backups of {} yet.", target.shown()));
    }
    if !other.is_empty() {
        let count = crate::sys::text::count(other.len(), "backup");
        app.ui.say(format_args!("{count} of other files not listed (AWS_CONFIG_FILE chooses)."));
    }
    Ok(Exit::Done)
}

fn listed(backup: &Backup) -> Listed {
    let origin = backup.base.as_ref().map(|base| &base.origin);
    Listed {
        name: backup.name.clone(),
        path: backup.path.display().to_string(),
        time: backup.time.to_string(),
        bytes: fs::metadata(&backup.path).map_or(0, |file| file.len()),
        team: origin.map(|origin| origin.team.clone()),
        commit: origin.map(|origin| origin.commit.clone()),
    }
}
