//! `aws.config`: fetch, merge, vet, diff, ask, back up, write.

mod consent;
mod decide;
mod report;
mod team;

use clap::ValueEnum;
use clap_complete::engine::ArgValueCompleter;
use jiff::Timestamp;

use crate::cli::app::App;
use crate::cli::{Exit, complete};
use crate::config::apply::{Apply, Outcome};
use crate::config::base::{Base, BaseStore};
use crate::config::consent::Consent;
use crate::config::merge::Merge;
use crate::config::plan::{Mine, Plan};
use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::config::vet::{self, Vetted};
use crate::dotfiles::TeamName;
use crate::error::{Error, Result};
use crate::settings::{Dotfiles, Remember};
use crate::sys::files::Disk;
use crate::sys::folders::Folders;

use self::report::Report;
use self::team::Theirs;

/// Fetch your team's AWS config, merge it into yours, show the diff, back up, write
///
/// The team is --team, or the environment's SEGMENT_TEAM, or the settings' team. The repo is
/// --dotfiles, or ROBO_DOTFILES, or the one of the last successful run. Nothing that you wrote is
/// lost: where you and the team changed the same key you are asked, and the old file is kept
/// ('robo aws.restore').
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
    /// Agree to the diff, take the team's side in conflicts, trust the repo on the first run
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

impl Args {
    /// Whether nothing may be asked and nothing written.
    fn only_looks(&self) -> bool {
        self.dry_run || self.check
    }
}

/// How often a file that changes between reading and writing is planned again.
const ROUNDS: usize = 10;

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    App::stop_on_ctrl_c();
    let folders = app.folders()?;
    let (settings, settings_file) = app.settings(&folders)?;
    consent::no_signers(&settings.trust, settings_file.path())?;
    let target = Target::find(&app.env)?;
    // A file that cannot be read ends the run before anything is fetched.
    target.read()?;
    let theirs = team::fetch(args, app, &folders, &settings)?;
    let run = Run { args, app, folders: &folders, target: &target, theirs: &theirs };

    let (base, mine) = run.first_sides()?;
    let applied = base.record.as_ref().map(Base::tree);
    let own_hosts = consent::own_hosts(applied.as_ref(), mine.tree(), &settings.trust);
    let mut news = consent::agree(args, app, &settings.trust, &theirs, &own_hosts)?;
    let consent =
        Consent { remembered: settings.trust.allow_keys.clone(), now: args.allow.clone() };
    // What is trusted is pinned before the first file that the trust let through.
    let pin = || settings_file.remember(&Disk, &news);
    let (exit, agreed) = run.merge(&consent, &pin)?;
    if exit == Exit::Done && !args.only_looks() {
        let source = &theirs.source;
        news.allow_keys = agreed;
        news.dotfiles = Some(Dotfiles {
            url: Some(source.url().to_owned()),
            reference: source.reference().map(str::to_owned),
            path: source.path().map(str::to_owned),
        });
        settings_file.remember(&Disk, &news)?;
    }
    Ok(exit)
}

/// One run, once the team's config is there.
struct Run<'a> {
    args: &'a Args,
    app: &'a App,
    folders: &'a Folders,
    target: &'a Target,
    theirs: &'a Theirs,
}

/// What was applied last, as a tree; empty when there is nothing to compare with.
#[derive(Default)]
struct BaseSide {
    record: Option<Base>,
    /// Why the record cannot be read.
    damage: Option<Error>,
    tree: Tree,
}

impl Run<'_> {
    /// Reads the two sides, and tells what is odd about them.
    fn first_sides(&self) -> Result<(BaseSide, Mine)> {
        let (base, mine) = self.sides()?;
        if let Some(error) = &base.damage {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            let cause = cause.as_deref().and_then(|cause| cause.lines().next()).unwrap_or_default();
            self.app.ui.warn(&format!("{error} ({cause}); going on as if this were the first run"));
        }
        let before = base.record.as_ref().map(|base| base.origin.team.as_str());
        let now = self.theirs.team.as_str();
        if let Some(before) = before.filter(|before| *before != now) {
            let shown = crate::ui::shown(before);
            self.app.ui.say(format_args!("The file has team '{shown}' so far; now it is '{now}'."));
        }
        Ok((base, mine))
    }

    /// Reads the two sides that are on this machine.
    fn sides(&self) -> Result<(BaseSide, Mine)> {
        let content = self.target.read()?;
        let store = BaseStore::new(&self.folders.state, self.target);
        let (record, damage) = match store.load(content.as_deref()) {
            Ok(record) => (record, None),
            Err(error) => (None, Some(error)),
        };
        let tree = match &record {
            Some(base) if !self.args.fresh => base.tree(),
            _ => Tree::default(),
        };
        Ok((
            BaseSide { record, damage, tree },
            Mine::read(content.unwrap_or_default(), self.target.shown()),
        ))
    }

    /// Plans, shows, asks and writes, until the file stood still meanwhile. Gives how it ended,
    /// and the `key = value` entries that were agreed to.
    fn merge(
        &self,
        consent: &Consent,
        pin: &dyn Fn() -> Result<()>,
    ) -> Result<(Exit, Vec<String>)> {
        for _ in 0..ROUNDS {
            let (base, mine) = self.sides()?;
            let vetted = vet::vet(self.theirs.config.tree(), &base.tree, mine.tree(), consent);
            if let Some(exit) = self.round(&base, &mine, &vetted, pin)? {
                return Ok((exit, vetted.agreed));
            }
            self.app.ui.say(format_args!("{} changed meanwhile; again:", self.target.shown()));
        }
        Err(Error::failed(format!("{} does not stand still: {ROUNDS} tries", self.target.shown()))
            .hint("another program keeps writing it; stop that, then try again"))
    }

    /// One round; none when the file changed and nobody was asked: then it is planned again.
    fn round(
        &self,
        base: &BaseSide,
        mine: &Mine,
        vetted: &Vetted,
        pin: &dyn Fn() -> Result<()>,
    ) -> Result<Option<Exit>> {
        let Self { args, app, target, theirs, .. } = self;
        let merge = Merge::new(&base.tree, &vetted.tree, mine.tree());
        let report = Report { app, target, theirs };
        report.held(args, vetted);
        if !args.only_looks() && !merge.conflicts().is_empty() {
            target.check_writable()?;
        }
        let decided = decide::takes(args, app, merge.conflicts(), theirs)?;
        let plan = Plan::new(&merge, mine, &decided.takes);
        report.plan(&plan, &decided);
        report.warnings(&plan, &vetted.tree);
        if args.only_looks() {
            report.json(args, &plan, &decided, vetted, None, false)?;
            let found = !plan.is_empty() || !plan.conflicts.is_empty();
            return Ok(Some(if args.check && found { Exit::ChangesFound } else { Exit::Done }));
        }
        let next = Base { origin: theirs.origin.clone(), config: plan.next_base.clone() };
        let mut asked = decided.asked;
        if !plan.is_empty() {
            target.check_writable()?;
            if !args.yes {
                asked = true;
                if !app.ui.confirm(&format!("Write {}?", target.shown()), true)? {
                    app.ui.say("Nothing was written.");
                    report.json(args, &plan, &decided, vetted, None, false)?;
                    return Ok(Some(Exit::Declined));
                }
            }
        }
        pin()?;
        let waiting = || app.ui.say("Waiting for another robo to finish …");
        let apply = Apply::begin(&Disk, &self.folders.state, target, waiting)?;
        let untouched = apply.current().unwrap_or_default() == plan.before
            && (args.fresh || apply.base().ok().flatten() == base.record);
        let outcome = if !untouched {
            Outcome::Overtaken
        } else if plan.is_empty() {
            apply.record(&next)?;
            Outcome::Written { backup: None }
        } else {
            apply.write(&plan.after, Some(&next), Timestamp::now())?
        };
        let backup = match outcome {
            Outcome::Written { backup } => backup,
            Outcome::Overtaken if asked => {
                return Err(Error::failed(format!(
                    "{} changed while you were answering; nothing was written",
                    target.shown()
                ))
                .hint("run it again to see what would change now"));
            }
            Outcome::Overtaken => return Ok(None),
        };
        let written = !plan.is_empty();
        report.done(written, backup.as_deref(), base.record.is_none());
        report.json(args, &plan, &decided, vetted, backup.as_deref(), written)?;
        Ok(Some(Exit::Done))
    }
}

impl From<&Theirs> for Remember {
    fn from(theirs: &Theirs) -> Self {
        Self { trusted_url: Some(theirs.source.url().to_owned()), ..Self::default() }
    }
}
