//! `dotfiles.access`: who has access to what, by the catalogue.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use crate::catalog::Catalog;
use crate::catalog::access::Access;
use crate::catalog::access::changes::Changes;
use crate::catalog::access::choice::Choice;
use crate::catalog::access::handwritten::{self, NotGranted};
use crate::cli::app::App;
use crate::cli::organisation::{Organisation, catalog_text};
use crate::cli::{Exit, dotfiles, json};
use crate::config::team::TeamConfig;
use crate::dotfiles::{Folder, Manifest, RepoFiles as _, history};
use crate::error::{Error, Result};
use crate::sys::text::count;

/// Tell who has access to what, by the catalogue of the repo in this folder
///
/// A matrix of teams and accounts; with --team, --account or --role, and where that would be too
/// large, a list. With --since, what access changed since a commit. The folder is read as it is on
/// disk, committed or not. Hand-written files grant nothing: roles that they name without a grant
/// are told apart.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only this team
    #[arg(long)]
    team: Option<String>,
    /// Only this account, by its name or id
    #[arg(long)]
    account: Option<String>,
    /// Only this role, by its name in the catalogue
    #[arg(long)]
    role: Option<String>,
    /// How to print it, on stdout
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// What changed since this commit, branch or tag: as table, json or markdown
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// The folder of the repo, instead of this one
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Markdown,
    Html,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let format = if args.json { Format::Json } else { args.format };
    let choice =
        Choice { team: args.team.clone(), account: args.account.clone(), role: args.role.clone() };
    if args.since.is_some() && matches!(format, Format::Csv | Format::Html) {
        return Err(Error::usage("what changed is printed as table, json or markdown")
            .hint("leave out --since for the access that there is now"));
    }
    let folder = dotfiles::folder(args.dir.as_ref())?;
    let organisation = Organisation::read(&folder)?;
    for warning in organisation.warnings.iter().chain(&organisation.catalog_warnings) {
        app.ui.warn(warning);
    }
    let catalog = dotfiles::catalog(&organisation, &folder)?;
    match &args.since {
        Some(since) => changes(app, &folder, catalog, &choice, format, since),
        None => access(app, &folder, &organisation.manifest, catalog, &choice, format),
    }
}

fn access(
    app: &App,
    folder: &Folder,
    manifest: &Manifest,
    catalog: &Catalog,
    choice: &Choice,
    format: Format,
) -> Result<Exit> {
    let (teams, found) = handwritten(app, folder, manifest, catalog)?;
    choice.check(&[catalog], &teams.iter().map(String::as_str).collect::<Vec<_>>())?;
    let access = Access::of(catalog, found, choice);
    match format {
        Format::Table => app.ui.table(&access.table(choice.is_everything()))?,
        Format::Json => app.ui.product(&json::render(&access.answer())?)?,
        Format::Csv => app.ui.product(&access.csv())?,
        Format::Markdown => app.ui.product(&access.markdown())?,
        Format::Html => app.ui.product(&access.html())?,
    }
    if format == Format::Csv && !access.not_granted().is_empty() {
        let roles = count(access.not_granted().len(), "role");
        app.ui.say(format_args!(
            "{roles} named in hand-written files without a grant: not in the CSV, which has access \
             alone. All other formats tell them."
        ));
    }
    if !teams.is_empty() {
        let files = count(teams.len(), "hand-written team file");
        app.ui.say(format_args!("{files} left aside: a profile grants nothing."));
    }
    Ok(Exit::Done)
}

/// The teams that have a file of their own, and what is named in it, or in the shared file,
/// without a grant. A file that cannot be read is told, and left out.
fn handwritten(
    app: &App,
    folder: &Folder,
    manifest: &Manifest,
    catalog: &Catalog,
) -> Result<(Vec<String>, Vec<NotGranted>)> {
    let with_file = crate::dotfiles::teams(folder, manifest)?;
    for warning in &with_file.warnings {
        app.ui.warn(warning);
    }
    let lay = |config: &mut TeamConfig, path: &str| -> Result<()> {
        let Some(file) = folder.file(path)? else { return Ok(()) };
        if let Err(error) = config.lay(&file.path, &file.bytes) {
            app.ui.warn(&format!("{error}; the file is left out"));
        }
        Ok(())
    };
    let mut shared = TeamConfig::new();
    lay(&mut shared, &manifest.aws.shared)?;
    let names: Vec<String> = with_file.names.iter().map(ToString::to_string).collect();
    let in_catalog = catalog.teams().iter().map(|team| team.name.clone());
    let all: std::collections::BTreeSet<String> = in_catalog.chain(names.iter().cloned()).collect();
    let mut found = Vec::new();
    for team in all {
        let mut config = shared.clone();
        if names.contains(&team) {
            lay(&mut config, &manifest.aws.teams.replace("{team}", &team))?;
        }
        found.extend(handwritten::not_granted(catalog, &team, config.tree()));
    }
    Ok((names, found))
}

/// What changed, for programs.
#[derive(Serialize)]
struct Answer<'a> {
    since: Since<'a>,
    #[serde(flatten)]
    changes: &'a Changes,
}

#[derive(Serialize)]
struct Since<'a> {
    reference: &'a str,
    commit: String,
}

fn changes(
    app: &App,
    folder: &Folder,
    catalog: &Catalog,
    choice: &Choice,
    format: Format,
    reference: &str,
) -> Result<Exit> {
    let snapshot = history::at(folder, reference, &app.env)?;
    let (manifest, _) = Manifest::read(&snapshot)?;
    let old = match catalog_text(&snapshot, &manifest)? {
        Some(text) => {
            let name = format!("{}:{}", snapshot.short(), manifest.aws.catalog);
            Some(Catalog::parse(&name, &text)?.0)
        }
        None => {
            app.ui.warn(&format!("{} has no {}", snapshot.place(), manifest.aws.catalog));
            None
        }
    };
    let catalogs: Vec<&Catalog> = [catalog].into_iter().chain(old.as_ref()).collect();
    choice.check(&catalogs, &[])?;
    let changes = Changes::between(old.as_ref(), catalog, choice);
    let since = format!("{} \"{}\"", snapshot.short(), snapshot.subject());
    match format {
        Format::Json => {
            let since = Since { reference, commit: snapshot.id() };
            app.ui.product(&json::render(&Answer { since, changes: &changes })?)?;
        }
        Format::Markdown => app.ui.product(&changes.markdown(&since))?,
        Format::Table | Format::Csv | Format::Html => app.ui.table(&changes.table(&since))?,
    }
    Ok(Exit::Done)
}
