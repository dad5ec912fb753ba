//! What a run says to a person.

use std::path::Path;

use crate::cli::app::App;
use crate::cli::aws::config::Args;
use crate::cli::aws::config::decide::{Decided, inline};
use crate::config::credentials;
use crate::config::diff::diff;
use crate::config::merge::Take;
use crate::config::plan::{Plan, Tally};
use crate::config::profiles::{ChainError, Profiles};
use crate::config::section::SectionId;
use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::config::vet::Vetted;
use crate::ini::Document;
use crate::sys::text::count;
use crate::ui::{shown, styles};

pub(super) struct Report<'a> {
    pub(super) app: &'a App,
    pub(super) target: &'a Target,
}

impl Report<'_> {
    /// What the team wants and does not get.
    pub(super) fn held(&self, args: &Args, vetted: &Vetted) {
        let (yellow, dim, cyan) = (styles::WARNING, styles::DIM, styles::HINT);
        for held in &vetted.held {
            let block =
                held.key.split_once('.').map(|(block, _)| format!("; with all of '{block}'"));
            self.app.ui.say(format_args!(
                "{yellow}held back:{yellow:#} [{}] {} = {}  {dim}{}{}; {}{dim:#}",
                shown(&held.section.to_string()),
                shown(&held.key),
                inline(&held.key, &held.value),
                held.why,
                shown(&block.unwrap_or_default()),
                shown(&held.place.to_string()),
            ));
        }
        if let Some(first) = vetted.held.first() {
            self.app.ui.say(format_args!(
                "  {cyan}hint:{cyan:#} 'robo aws.config --allow {}' lets in what it is now",
                shown(&first.key)
            ));
        }
        for key in args.allow.iter().filter(|key| !vetted.met(key)) {
            self.app.ui.warn(&format!("--allow {key}: there is nothing to let in by that name"));
        }
    }

    /// The diff and its sum.
    pub(super) fn plan(&self, plan: &Plan, decided: &Decided) {
        let ui = &self.app.ui;
        if !plan.is_empty() {
            ui.say("");
            ui.diff(self.target.shown(), &diff(&plan.before, &plan.after));
        }
        if !decided.asked && !decided.open {
            for (conflict, take) in &plan.conflicts {
                let (what, value) = match take {
                    Take::Team => ("yours was overruled:", &conflict.mine),
                    Take::Mine => ("the team's was passed over:", &conflict.team),
                };
                let value = value.as_deref().map(|value| inline(&conflict.key, value));
                ui.say(format_args!(
                    "[{}] {}: {what} {}",
                    shown(&conflict.section.to_string()),
                    shown(&conflict.key),
                    value.as_deref().unwrap_or("(removed)")
                ));
            }
        }
        let open = if decided.open { plan.conflicts.len() } else { 0 };
        if plan.is_empty() && open == 0 {
            ui.say(format_args!("{} is up to date.", self.target.shown()));
            return;
        }
        let Tally { added, changed, removed, yours } = plan.tally;
        let mut sum =
            format!("{} added, {changed} changed, {removed} removed", count(added, "section"));
        if yours > 0 {
            sum += &format!("; {yours} of yours untouched");
        }
        if open > 0 {
            sum += &format!("; {} to decide", count(open, "conflict"));
        }
        ui.say(format_args!("{sum}."));
    }

    /// What is amiss in the person's own lines.
    pub(super) fn warnings(&self, plan: &Plan, theirs: &Tree) {
        let ui = &self.app.ui;
        for trouble in &plan.left_alone {
            let known = trouble.section.as_ref().filter(|id| theirs.get(id).is_some());
            let alone = known.map(|id| format!("; [{id}] is left alone until you mend it"));
            ui.warn(&format!("{}: {}{}", trouble.place, trouble.what, alone.unwrap_or_default()));
        }
        if plan.left_alone.iter().any(|trouble| trouble.fatal) {
            let file = self.target.shown();
            ui.warn(&format!("the AWS CLI reads nothing of {file} until that is mended"));
        }
        // A file that no SDK reads has no chains; its lines were told above.
        let Ok(profiles) = Profiles::read(&Document::parse(plan.after.as_slice())) else { return };
        let elsewhere = credentials::profile_names(&self.app.env);
        for (error, others) in profiles.chain_errors(|name| elsewhere.contains(name)) {
            let others = if others > 0 { format!(" (and {others} more)") } else { String::new() };
            let back = match &error {
                ChainError::Missing { source, .. }
                    if theirs.get(&SectionId::profile(source)).is_some() =>
                {
                    "; you removed it: 'robo aws.config --fresh' brings it back"
                }
                _ => "",
            };
            ui.warn(&format!("{}: {error}{others}{back}", self.target.shown()));
        }
        for (section, keys) in &plan.orphans {
            let keys = if keys.is_empty() { "your comment".to_owned() } else { keys.join(", ") };
            ui.warn(&format!(
                "the team has no [{section}] any more; of it only {keys} stays, which is yours"
            ));
        }
    }

    /// How it ended.
    pub(super) fn done(&self, written: bool, backup: Option<&Path>) {
        let ui = &self.app.ui;
        if !written {
            return;
        }
        let name = backup.and_then(Path::file_name).map(|name| name.to_string_lossy());
        match name {
            Some(name) => ui.say(format_args!(
                "Wrote {}. The old file is {name} (robo aws.restore).",
                self.target.shown()
            )),
            None => ui.say(format_args!("Wrote {}.", self.target.shown())),
        }
    }
}

/// What to type after the first run.
pub(super) fn next(app: &App) {
    let cyan = styles::HINT;
    app.ui
        .say(format_args!("\nNext: {cyan}robo aws.list{cyan:#}   the profiles that you have now"));
}
