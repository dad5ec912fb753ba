//! Conflicts: asked one by one, or decided by a flag.

use crate::cli::app::App;
use crate::cli::aws::config::team::Theirs;
use crate::cli::aws::config::{Args, OnConflict};
use crate::config::mask::masked;
use crate::config::merge::{Conflict, Take};
use crate::error::{Error, Kind, Result};
use crate::ui::{shown, styles};

/// How the conflicts end.
pub(super) struct Decided {
    pub(super) takes: Vec<Take>,
    /// A person was asked.
    pub(super) asked: bool,
    /// Nobody decided yet: this is only a look.
    pub(super) open: bool,
}

pub(super) fn takes(
    args: &Args,
    app: &App,
    conflicts: &[Conflict],
    theirs: &Theirs,
) -> Result<Decided> {
    let default = if args.yes { OnConflict::Team } else { OnConflict::Ask };
    let all = |take, open| Decided { takes: vec![take; conflicts.len()], asked: false, open };
    if conflicts.is_empty() {
        return Ok(all(Take::Mine, false));
    }
    match args.on_conflict.unwrap_or(default) {
        OnConflict::Team => Ok(all(Take::Team, false)),
        OnConflict::Mine => Ok(all(Take::Mine, false)),
        OnConflict::Ask if args.only_looks() => {
            show_all(app, conflicts, theirs);
            Ok(all(Take::Mine, true))
        }
        OnConflict::Fail if args.only_looks() => {
            show_all(app, conflicts, theirs);
            Ok(all(Take::Mine, true))
        }
        OnConflict::Fail => {
            show_all(app, conflicts, theirs);
            let count = crate::sys::text::count(conflicts.len(), "conflict");
            Err(Error::failed(format!("{count} with the team's config; nothing was written"))
                .hint("without --on-conflict fail you are asked about each"))
        }
        OnConflict::Ask if !app.ui.can_ask() => {
            show_all(app, conflicts, theirs);
            let count = crate::sys::text::count(conflicts.len(), "conflict");
            Err(Error::new(Kind::NeedsAnswer, format!("{count} to decide, and nobody is there"))
                .hint("--on-conflict team or --on-conflict mine decides; nothing was written"))
        }
        OnConflict::Ask => {
            let takes = conflicts.iter().map(|conflict| ask(app, conflict, theirs));
            Ok(Decided { takes: takes.collect::<Result<_>>()?, asked: true, open: false })
        }
    }
}

fn ask(app: &App, conflict: &Conflict, theirs: &Theirs) -> Result<Take> {
    show(app, conflict, theirs);
    let answer = app.ui.prompt().letter("Keep (y)ours or take the (t)eam's?", &['y', 't'])?;
    Ok(if answer == 't' { Take::Team } else { Take::Mine })
}

fn show_all(app: &App, conflicts: &[Conflict], theirs: &Theirs) {
    for conflict in conflicts {
        show(app, conflict, theirs);
    }
}

/// Both values, under each other.
fn show(app: &App, conflict: &Conflict, theirs: &Theirs) {
    let (bold, dim, old, new) = (styles::BOLD, styles::DIM, styles::OLD, styles::NEW);
    let value = |value: &Option<String>| match value {
        Some(value) => inline(&conflict.key, value),
        None => "(removed)".to_owned(),
    };
    let place = match &conflict.place {
        Some(place) => format!("{} @ {}", shown(place), theirs.snapshot.short()),
        None => format!("gone @ {}", theirs.snapshot.short()),
    };
    app.ui.say(format_args!(
        "\n{bold}[{}] {}{bold:#}",
        shown(&conflict.section.to_string()),
        shown(&conflict.key)
    ));
    app.ui.say(format_args!("  yours   {old}{}{old:#}", value(&conflict.mine)));
    app.ui
        .say(format_args!("  team's  {new}{}{new:#}  {dim}{place}{dim:#}", value(&conflict.team)));
}

/// A value on one line, safe to show; of a very long one, the beginning.
pub(super) fn inline(key: &str, value: &str) -> String {
    let value = masked(key, value).trim_start_matches('\n').replace('\n', "; ");
    let length = value.chars().count();
    if length <= LONGEST {
        return shown(&value);
    }
    let beginning: String = value.chars().take(LONGEST).collect();
    format!("{}… ({length} characters)", shown(&beginning))
}

/// How much of a value is shown outside of the diff.
const LONGEST: usize = 200;
