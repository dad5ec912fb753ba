//! The shared commands: what changed is shown, and taken over once somebody agrees.

use serde::Serialize;

use crate::cli::Exit;
use crate::cli::app::App;
use crate::cli::aws::config::Args;
use crate::cli::aws::config::task_changes::{Change, ChangeKind, Side, changes};
use crate::cli::aws::config::team::Theirs;
use crate::diff;
use crate::dotfiles::{self, RepoFile};
use crate::error::{Error, Kind, Result};
use crate::sys::files::Disk;
use crate::sys::folders::Folders;
use crate::sys::hash;
use crate::sys::text::count;
use crate::tasks::shared::{Accepted, Origin, SharedFile, SharedStore};
use crate::tasks::{MadeScript, TaskFile};
use crate::ui::{shown, styles};

/// What the commit has to offer, beside what was accepted so far.
pub(super) struct Offer<'a> {
    app: &'a App,
    store: SharedStore,
    origin: Origin,
    accepted: Option<Accepted>,
    files: Vec<SharedFile>,
    changes: Vec<Change>,
    /// What is odd in the task files.
    warnings: Vec<String>,
    /// Why nothing of it can be taken over.
    problem: Option<String>,
}

/// How it ended.
pub(super) struct Settled {
    /// The exit of the whole run.
    pub(super) exit: Exit,
    pub(super) told: Told,
}

/// The same for a program.
#[derive(Serialize)]
pub(super) struct Told {
    changes: Vec<ToldChange>,
    /// Whether the commands are those of this commit now.
    accepted: bool,
    problem: Option<String>,
}

#[derive(Serialize)]
struct ToldChange {
    path: String,
    kind: ChangeKind,
    executable: Option<bool>,
}

impl<'a> Offer<'a> {
    /// Compares the commit's files with the accepted ones. What is wrong with them is told and
    /// costs nobody their profiles: the accepted commands then stay as they are.
    pub(super) fn find(app: &'a App, folders: &Folders, theirs: &Theirs) -> Self {
        let store = SharedStore::new(&folders.state);
        let accepted = store.load().unwrap_or_else(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let cause = cause.as_deref().and_then(|cause| cause.lines().next()).unwrap_or_default();
            app.ui.warn(&format!("{error} ({cause}); going on as if you had accepted none"));
            None
        });
        let source = &theirs.source;
        let origin = Origin {
            url: source.url().to_owned(),
            name: source.display_name().to_owned(),
            reference: source.reference().map(str::to_owned),
            path: source.path().map(str::to_owned),
            team: theirs.team.as_str().to_owned(),
            team_env: Some(theirs.team_env.clone()),
            commit: theirs.snapshot.id(),
        };
        let mut offer = Self {
            app,
            store,
            origin,
            accepted,
            files: Vec::new(),
            changes: Vec::new(),
            warnings: Vec::new(),
            problem: None,
        };
        match offer.read(theirs) {
            Ok(files) => {
                offer.changes = changes(offer.accepted.as_ref(), &files);
                offer.files = files;
            }
            Err(error) => {
                let excerpt = error.excerpt_text().map(|line| format!(" ({line})"));
                let problem = format!("{error}{}", excerpt.unwrap_or_default());
                app.ui.warn(&format!("{problem}; the shared commands stay as they are"));
                offer.problem = Some(problem);
            }
        }
        offer
    }

    fn read(&mut self, theirs: &Theirs) -> Result<Vec<SharedFile>> {
        let mut warnings = Vec::new();
        let mut scripts = |file: &RepoFile| {
            let tasks = TaskFile::parse(&file.path, &file.bytes)?;
            warnings.extend(tasks.warnings());
            warnings.extend(not_found(&file.path, &tasks));
            // One with an absolute path is this machine's own.
            let of_repo = tasks.scripts().into_iter().filter(|path| !path.starts_with('/'));
            Ok(of_repo.map(str::to_owned).collect())
        };
        let found = dotfiles::task_files(&theirs.snapshot, &theirs.team, &mut scripts)?;
        warnings.extend(found.warnings);
        self.warnings = warnings;
        let shared = |RepoFile { path, bytes, executable }| SharedFile { path, bytes, executable };
        Ok(found.files.into_iter().map(shared).collect())
    }

    /// Fails when a question will have to be asked and nobody is there: that must be known before
    /// anything of the run is written.
    pub(super) fn can_be_settled(&self, args: &Args) -> Result<()> {
        if self.changes.is_empty() || args.yes || self.app.ui.can_ask() {
            return Ok(());
        }
        self.show();
        Err(Error::new(
            Kind::NeedsAnswer,
            format!("a question needs an answer, and nobody is there: {}", self.question()),
        )
        .hint("robo aws.config --yes takes over what is shown; nothing was changed"))
    }

    /// Shows the changes, asks, and keeps the files. `exit` is how the config's part ended, `pin`
    /// what has to be remembered before.
    pub(super) fn settle(
        &self,
        args: &Args,
        exit: Exit,
        pin: &dyn Fn() -> Result<()>,
    ) -> Result<Settled> {
        let settled = |exit, taken| Settled { exit, told: self.told(taken) };
        if self.problem.is_some() {
            return Ok(settled(exit, false));
        }
        if self.changes.is_empty() {
            if exit == Exit::Done && !args.only_looks() {
                self.keep_up()?;
            }
            if args.check && self.is_damaged() {
                self.app.ui.warn("the accepted commands were damaged on this machine");
                return Ok(settled(Exit::ChangesFound, false));
            }
            return Ok(settled(exit, false));
        }
        // Their profiles were not wanted; nor are their commands, then.
        if exit == Exit::Declined && self.of_others().is_some() {
            self.app.ui.say("The shared commands stay as they are.");
            return Ok(settled(exit, false));
        }
        if args.only_looks() {
            self.show();
            return Ok(settled(if args.check { Exit::ChangesFound } else { exit }, false));
        }
        self.can_be_settled(args)?;
        self.show();
        if !args.yes && !self.ask()? {
            self.app.ui.say("The shared commands stay as they are.");
            return Ok(settled(Exit::Declined, false));
        }
        pin()?;
        self.store.accept(&Disk, &self.origin, &self.files, || self.say_waiting())?;
        self.app.ui.say(if self.files.is_empty() {
            "Removed the shared commands."
        } else {
            "Took over the shared commands."
        });
        Ok(settled(exit, true))
    }

    fn ask(&self) -> Result<bool> {
        self.app.ui.confirm(&self.question(), true).map_err(|error| match error.kind() {
            // The config may have been written by now.
            Kind::Interrupted => {
                Error::new(Kind::Interrupted, "stopped: the shared commands stay as they are")
            }
            _ => error,
        })
    }

    fn question(&self) -> String {
        let what = if self.files.is_empty() { "Remove" } else { "Take over" };
        format!("{what} these commands?")
    }

    /// Where the accepted commands are from, if that is another team or repo.
    fn of_others(&self) -> Option<&Origin> {
        let before = self.accepted.as_ref()?.origin();
        (!before.is_of_the_same(&self.origin)).then_some(before)
    }

    /// Whether what was accepted is not that any more on this machine.
    fn is_damaged(&self) -> bool {
        self.accepted.as_ref().is_some_and(|accepted| !accepted.is_whole())
    }

    /// Notes that the same files are another commit's by now, and mends a copy that was damaged.
    fn keep_up(&self) -> Result<()> {
        let Some(accepted) = &self.accepted else { return Ok(()) };
        let damaged = self.is_damaged();
        if damaged {
            self.app
                .ui
                .warn("the accepted commands were damaged on this machine; putting them back");
        }
        if !damaged && *accepted.origin() == self.origin {
            return Ok(());
        }
        self.store.keep_up(&Disk, &self.origin, &self.files, || self.say_waiting())
    }

    fn say_waiting(&self) {
        self.app.ui.say("Waiting for another robo to finish …");
    }

    /// The changes, and what it means to take them over.
    fn show(&self) {
        let ui = &self.app.ui;
        for warning in &self.warnings {
            ui.warn(warning);
        }
        if let Some(before) = self.of_others() {
            ui.say(format_args!(
                "\nThe commands so far are those of team '{}' in {}; these are of '{}' in {}:",
                shown(&before.team),
                shown(&before.name),
                shown(&self.origin.team),
                shown(&self.origin.name),
            ));
        }
        for change in &self.changes {
            self.show_change(change);
        }
        let number = |kind: &[ChangeKind]| {
            self.changes.iter().filter(|change| kind.contains(&change.kind)).count()
        };
        ui.say(format_args!(
            "{} of shared commands added, {} changed, {} removed.",
            count(number(&[ChangeKind::Added]), "file"),
            number(&[ChangeKind::Changed, ChangeKind::Mode]),
            number(&[ChangeKind::Removed]),
        ));
        if !self.files.is_empty() {
            ui.say("These commands will run on this machine, as you, when you type their names.");
        }
    }

    fn show_change(&self, change: &Change) {
        let ui = &self.app.ui;
        let name = format!("{} ({})", change.path, self.origin.name);
        ui.say("");
        let (old, new) = (change.old.as_ref(), change.new.as_ref());
        let is_executable = |side: Option<&Side>| side.is_some_and(|side| side.executable);
        match (is_executable(old), is_executable(new)) {
            (false, true) if old.is_none() => note(self.app, &name, "executable"),
            (false, true) => note(self.app, &name, "now executable"),
            (true, false) if new.is_some() => note(self.app, &name, "no longer executable"),
            _ => {}
        }
        if change.kind == ChangeKind::Mode {
            return;
        }
        for (side, word) in [(old, "before"), (new, "now")] {
            if let Some(Side { bytes, .. }) = side.filter(|side| side.is_binary()) {
                let (size, sha256) = (bytes.len(), hash::sha256(bytes));
                note(
                    self.app,
                    &name,
                    &format!("binary, {word} {size} bytes, not shown, sha256 {sha256}"),
                );
            }
        }
        if new.is_none() && old.is_some_and(Side::is_binary) {
            note(self.app, &name, "removed");
        }
        if new.is_some_and(Side::is_binary) {
            return;
        }
        // Whatever a shell might run is shown, though it were no text.
        let text = |side: Option<&Side>| side.filter(|side| !side.is_binary()).map(Side::text);
        let there =
            |side: Option<&Side>| side.filter(|side| !side.is_binary()).map(|_| name.as_str());
        // A removed file whose accepted copy is lost has nothing to show but its name.
        let old_name = there(old).or((change.kind == ChangeKind::Removed).then_some(&name));
        let (before, after) = (text(old).unwrap_or_default(), text(new).unwrap_or_default());
        ui.diff_of(old_name, there(new), &diff::texts(&before, &after));
    }

    fn told(&self, taken: bool) -> Told {
        let told = |change: &Change| ToldChange {
            path: change.path.clone(),
            kind: change.kind,
            executable: change.new.as_ref().map(|new| new.executable),
        };
        Told {
            changes: self.changes.iter().map(told).collect(),
            accepted: taken || self.changes.is_empty() && self.problem.is_none(),
            problem: self.problem.clone(),
        }
    }
}

/// Scripts that are not taken over, since it is known only when they run what their paths are.
fn not_found<'a>(path: &'a str, tasks: &'a TaskFile) -> impl Iterator<Item = String> {
    let outside = |script: &MadeScript<'_>| !dotfiles::tasks::comes_whole(path, script.folder);
    tasks.made_scripts().filter(outside).map(move |MadeScript { text, line, .. }| {
        format!(
            "{path}:{line}: the script {text} is not found here, as a template makes its path: put \
             it below tasks/, all of which is taken over"
        )
    })
}

fn note(app: &App, name: &str, what: &str) {
    let bold = styles::BOLD;
    app.ui.say(format_args!("{bold}{}{bold:#}: {what}", shown(name)));
}
