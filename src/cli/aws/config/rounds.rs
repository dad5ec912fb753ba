//! The rounds of a run: plan, show, ask, write, and again if the file changed meanwhile.

use std::path::Path;

use jiff::Timestamp;

use crate::cli::Exit;
use crate::cli::app::App;
use crate::cli::aws::config::answer::Answer;
use crate::cli::aws::config::report::Report;
use crate::cli::aws::config::team::Theirs;
use crate::cli::aws::config::{Args, decide};
use crate::config::apply::{Apply, Outcome};
use crate::config::base::{Base, BaseStore};
use crate::config::consent::Consent;
use crate::config::merge::Merge;
use crate::config::plan::{Mine, Plan};
use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::config::vet::{self, Vetted};
use crate::error::{Error, Result};
use crate::sys::files::Disk;
use crate::sys::folders::Folders;

/// How often a file that changes between reading and writing is planned again.
const ROUNDS: usize = 10;

/// One run, once the team's config is there.
pub(super) struct Run<'a> {
    pub(super) args: &'a Args,
    pub(super) app: &'a App,
    pub(super) folders: &'a Folders,
    pub(super) target: &'a Target,
    pub(super) theirs: &'a Theirs,
}

/// What was applied last, as a tree; empty when there is nothing to compare with.
#[derive(Default)]
pub(super) struct BaseSide {
    pub(super) record: Option<Base>,
    /// Why the record cannot be read.
    damage: Option<Error>,
    tree: Tree,
}

/// How the config's part of a run ended.
pub(super) struct Merged {
    pub(super) exit: Exit,
    /// The entries of [`Consent`] that were agreed to.
    pub(super) agreed: Vec<String>,
    pub(super) answer: Answer,
    /// Nothing was applied to the file before.
    pub(super) first: bool,
}

impl Run<'_> {
    /// Reads the two sides, and tells what is odd about them.
    pub(super) fn first_sides(&self) -> Result<(BaseSide, Mine)> {
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

    /// Plans, shows, asks and writes, beginning with the sides as they were read `first`, until the
    /// file stood still meanwhile. `may_write` is asked right before the first thing is written.
    pub(super) fn merge(
        &self,
        first: (BaseSide, Mine),
        consent: &Consent,
        may_write: &dyn Fn() -> Result<()>,
    ) -> Result<Merged> {
        let mut sides = first;
        for _ in 0..ROUNDS {
            let (base, mine) = &sides;
            let vetted = vet::vet(self.theirs.config.tree(), &base.tree, mine.tree(), consent);
            if let Some((exit, answer)) = self.round(base, mine, &vetted, may_write)? {
                let first = base.record.is_none();
                return Ok(Merged { exit, agreed: vetted.agreed, answer, first });
            }
            self.app.ui.say(format_args!("{} changed meanwhile; again:", self.target.shown()));
            sides = self.sides()?;
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
        may_write: &dyn Fn() -> Result<()>,
    ) -> Result<Option<(Exit, Answer)>> {
        let Self { args, app, target, theirs, .. } = *self;
        let report = Report { app, target };
        report.held(args, vetted);
        let merge = Merge::new(&base.tree, &vetted.tree, mine.tree());
        if !args.only_looks() && !merge.conflicts().is_empty() {
            target.check_writable()?;
        }
        let decided = decide::takes(args, app, merge.conflicts(), theirs)?;
        let plan = Plan::new(&merge, mine, &decided.takes);
        report.plan(&plan, &decided);
        report.warnings(&plan, &vetted.tree);
        let answer = |backup: Option<&Path>, written: bool| {
            Answer::new(theirs, &plan, &decided, vetted, backup, written)
        };
        if args.only_looks() {
            let found = !plan.is_empty() || !plan.conflicts.is_empty();
            let exit = if args.check && found { Exit::ChangesFound } else { Exit::Done };
            return Ok(Some((exit, answer(None, false))));
        }
        let asks = !plan.is_empty() && !args.yes;
        if !plan.is_empty() {
            target.check_writable()?;
        }
        if asks && !app.ui.confirm(&format!("Write {}?", target.shown()), true)? {
            app.ui.say("Nothing was written.");
            return Ok(Some((Exit::Declined, answer(None, false))));
        }
        may_write()?;
        let written = !plan.is_empty();
        match self.write(&plan, base)? {
            Outcome::Written { backup } => {
                report.done(written, backup.as_deref());
                Ok(Some((Exit::Done, answer(backup.as_deref(), written))))
            }
            Outcome::Overtaken if asks || decided.asked => {
                let what = "changed while you were answering; nothing was written";
                Err(Error::failed(format!("{} {what}", target.shown()))
                    .hint("run it again to see what would change now"))
            }
            Outcome::Overtaken => Ok(None),
        }
    }

    /// Puts a plan into effect, unless the file or its base is not what it was made for any more.
    fn write(&self, plan: &Plan, base: &BaseSide) -> Result<Outcome> {
        let waiting = || self.app.ui.say("Waiting for another robo to finish …");
        let apply = Apply::begin(&Disk, &self.folders.state, self.target, waiting)?;
        let same_base = self.args.fresh || apply.base().ok().flatten() == base.record;
        if apply.current().unwrap_or_default() != plan.before || !same_base {
            return Ok(Outcome::Overtaken);
        }
        let origin = self.theirs.origin.clone();
        let next = Base { origin, config: plan.next_base.clone() };
        if plan.is_empty() {
            apply.record(&next)?;
            return Ok(Outcome::Written { backup: None });
        }
        apply.write(&plan.after, Some(&next), Timestamp::now())
    }
}
