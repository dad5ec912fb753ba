//! `dotfiles.render`: a team's config, as `aws.config` takes it from the repo.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::app::App;
use crate::cli::organisation::Organisation;
use crate::cli::{Exit, dotfiles};
use crate::config::hosts;
use crate::config::team::TeamConfig;
use crate::dotfiles::{Folder, RepoFiles as _, TeamName};
use crate::error::{Error, Result};
use crate::sys::files::Disk;
use crate::sys::replace::replace;
use crate::sys::text::count;

/// Print a team's AWS config, made of the catalogue and the files of the repo in this folder
///
/// It is the text that 'robo aws.config' merges into people's own files. The folder is read as it
/// is on disk, committed or not.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The team
    #[arg(long, value_parser = TeamName::parse)]
    team: Option<TeamName>,
    /// All teams, each below a line with its name
    #[arg(long, conflicts_with = "team")]
    all: bool,
    /// Write TEAM.config into this folder instead, for each team
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The folder of the repo, instead of this one
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    if args.team.is_none() && !args.all && args.out.is_none() {
        return Err(Error::usage("whose config is to be printed?")
            .hint("say --team TEAM for one, or --all for every team"));
    }
    let folder = dotfiles::folder(args.dir.as_ref())?;
    let organisation = Organisation::read(&folder)?;
    for warning in organisation.warnings.iter().chain(&organisation.catalog_warnings) {
        app.ui.warn(warning);
    }
    let teams = match &args.team {
        Some(team) => vec![team.clone()],
        None => {
            let teams = organisation.teams(&folder)?;
            for warning in &teams.warnings {
                app.ui.warn(warning);
            }
            teams.names
        }
    };
    if teams.is_empty() {
        return Err(crate::dotfiles::no_team(&folder, &organisation.manifest));
    }
    // All are made before the first is written: a mistake in the last one leaves no half.
    let mut made = Vec::new();
    for team in &teams {
        let files = organisation.team_files(&folder, team)?;
        let config = organisation.team_config(team, &files).and_then(whole)?;
        for warning in config.warnings().iter().filter(|_| args.team.is_some()) {
            app.ui.warn(warning);
        }
        made.push((team, config.tree().render()));
    }
    match &args.out {
        Some(out) => write(app, &folder, &organisation, out, &made)?,
        None => app.ui.product(&printed(args, &made))?,
    }
    Ok(Exit::Done)
}

/// A config that `aws.config` would take.
fn whole(config: TeamConfig) -> Result<TeamConfig> {
    config.check_chains()?;
    hosts::sign_in_hosts(config.tree())?;
    Ok(config)
}

fn printed(args: &Args, made: &[(&TeamName, String)]) -> String {
    let mut text = String::new();
    for (team, config) in made {
        if args.team.is_none() {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = write!(text, "{gap}# team {team}\n\n");
        }
        text.push_str(config);
    }
    text
}

fn write(
    app: &App,
    folder: &Folder,
    organisation: &Organisation,
    out: &Path,
    made: &[(&TeamName, String)],
) -> Result<()> {
    fs::create_dir_all(out)
        .map_err(|cause| Error::failed(format!("cannot make {}", out.display())).because(cause))
        .map_err(|error| error.hint("--out names a folder to write into, old or new"))?;
    let mut files = Vec::new();
    for (team, config) in made {
        let file = out.join(format!("{team}.config"));
        let own = organisation.manifest.aws.teams.replace("{team}", team.as_str());
        let shared = &organisation.manifest.aws.shared;
        // What was written by hand is what this is made of.
        for source in [&own, shared] {
            if is_same(&file, &folder.root().join(source)) {
                return Err(Error::failed(format!(
                    "{} is the repo's own {source}: nothing was written",
                    file.display()
                ))
                .hint("name a folder that the repo's files are not in"));
            }
        }
        files.push((file, config));
    }
    for (file, config) in files {
        replace(&Disk, &file, config.as_bytes())?;
    }
    let made = count(made.len(), "config");
    app.ui.say(format_args!("Wrote {made} into {}, from {}.", out.display(), folder.place()));
    Ok(())
}

/// Whether both paths lead to one file that is there.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
