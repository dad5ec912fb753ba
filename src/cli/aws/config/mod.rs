//! `aws.config`: fetch, merge, vet, diff, ask, back up, write; and the same for shared commands.

mod answer;
mod consent;
mod decide;
mod report;
mod rounds;
mod signers;
mod task_changes;
mod tasks;
mod team;

use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::{Exit, complete, json, trust};
use crate::config::base::Base;
use crate::config::consent::Consent;
use crate::config::target::Target;
use crate::dotfiles::TeamName;
use crate::error::Result;
use crate::okta::Domain;
use crate::settings::{Dotfiles, Remember};
use crate::sys::files::Disk;

use self::rounds::Run;
use self::signers::Known;
use self::tasks::Offer;
use self::team::Theirs;

/// Fetch your team's AWS config, merge it into yours, show the diff, back up, write
///
/// The team is --team, or the environment's SEGMENT_TEAM, or the settings' team. The repo is
/// --dotfiles, or ROBO_DOTFILES, or the one of the last successful run. Nothing that you wrote is
/// lost: where you and the team changed the same key you are asked, and the old file is kept
/// ('robo aws.restore'). Commands that the repo shares (robo.yml) are shown and asked about too:
/// what runs is what you took over here.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Your team
    #[arg(long, value_parser = TeamName::parse, add = ArgValueCompleter::new(complete::teams))]
    team: Option<TeamName>,
    /// The company's dotfiles repo: any git URL or a local path, then a branch, tag or commit and
    /// a folder in it if need be
    #[arg(long, value_name = "URL[#REF[:PATH]]")]
    dotfiles: Option<String>,
    /// Show what would change; ask nothing, write nothing but the clone
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// As --dry-run, and exit with code 3 if there is something to apply
    #[arg(long)]
    check: bool,
    /// Agree to what is shown, take the team's side in conflicts, trust the repo on the first run
    #[arg(short, long)]
    yes: bool,
    /// What to do where you and the team changed the same key [default: ask; with --yes: team]
    #[arg(long, value_enum, value_name = "HOW")]
    on_conflict: Option<OnConflict>,
    /// Use the last commit fetched
    #[arg(long)]
    offline: bool,
    /// As if it were the first run: bring back what you deleted, ask about every difference
    #[arg(long)]
    fresh: bool,
    /// Let the repo set KEY to its present values, though it runs code or redirects traffic
    #[arg(long, value_name = "KEY[=VALUE]")]
    allow: Vec<String>,
    /// Agree to a repo or an Okta domain other than the ones trusted so far
    #[arg(long)]
    trust: bool,
    /// Trust this Okta domain: the repo may then name no other without being asked about
    #[arg(long, value_name = "HOST", value_parser = okta_domain)]
    okta_domain: Option<Domain>,
    /// Where no signers are pinned yet: take only what one of these has signed (an allowed-signers
    /// file), and pin them, or whom the repo names with their signature
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    signers: Option<PathBuf>,
    /// Take a commit that does not come after the one applied last, where commits are signed
    #[arg(long)]
    allow_rollback: bool,
    /// Print what changes as JSON on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum OnConflict {
    /// Ask about each
    Ask,
    /// Take the team's value
    Team,
    /// Keep yours
    Mine,
    /// Stop
    Fail,
}

fn okta_domain(text: &str) -> Result<Domain, String> {
    Domain::parse(text).map_err(|error| error.message().to_owned())
}

impl Args {
    /// Whether nothing may be asked and nothing written.
    fn only_looks(&self) -> bool {
        self.dry_run || self.check
    }
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    App::stop_on_ctrl_c();
    let folders = app.folders()?;
    let (mut settings, settings_file) = app.settings(folders)?;
    let target = Target::find(&app.env)?;
    // A file that cannot be read ends the run before anything is fetched.
    target.read()?;
    let source = team::source(args, app, &settings)?;
    let known = Known::read(args, app, folders, (&settings, &settings_file), &target, &source)?;
    let theirs = team::fetch(args, app, folders, &settings, (source, &known))?;
    let run = Run { args, app, folders, target: &target, theirs: &theirs };

    let (base, mine) = run.first_sides()?;
    let applied = base.record.as_ref().map(Base::tree);
    // A host that was typed is a host that is meant.
    let typed = args.okta_domain.as_ref().map(|domain| domain.as_str().to_owned());
    settings.trust.okta_domains.extend(typed.clone());
    let own_hosts = trust::own_hosts(applied.as_ref(), mine.tree(), &settings.trust);
    let mut news = consent::agree(args, app, &settings.trust, &theirs, &own_hosts)?;
    news.okta_domains.extend(typed);
    let consent =
        Consent { remembered: settings.trust.allow_keys.clone(), now: args.allow.clone() };
    let offer = Offer::find(app, folders, &theirs);
    // What is trusted is pinned before the first file that the trust let through.
    let pin = || settings_file.remember(&Disk, &news);
    let may_write = || offer.can_be_settled(args).and_then(|()| pin());
    let mut merged = run.merge((base, mine), &consent, &may_write)?;
    let taken = Remember { dotfiles: Some(Dotfiles::from(&theirs)), ..news.clone() };
    if merged.exit == Exit::Done && !args.only_looks() {
        let allow_keys = merged.agreed;
        settings_file.remember(&Disk, &Remember { allow_keys, ..taken.clone() })?;
    }
    let settled = offer.settle(args, merged.exit, &|| settings_file.remember(&Disk, &taken))?;
    if merged.first && merged.answer.written {
        report::next(app);
    }
    if args.json {
        merged.answer.tasks = Some(settled.told);
        app.ui.product(&json::render(&merged.answer)?)?;
    }
    Ok(settled.exit)
}

impl From<&Theirs> for Dotfiles {
    fn from(theirs: &Theirs) -> Self {
        let source = &theirs.source;
        Self {
            url: Some(source.url().to_owned()),
            reference: source.reference().map(str::to_owned),
            path: source.path().map(str::to_owned),
        }
    }
}

impl From<&Theirs> for Remember {
    fn from(theirs: &Theirs) -> Self {
        Self {
            trusted_url: Some(theirs.source.url().to_owned()),
            signed: theirs.checked.asked_for.then(|| theirs.snapshot.id()),
            ..Self::default()
        }
    }
}
