//! The shared commands: what changed is shown, and taken over once somebody agrees.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::cli::Exit;
use crate::cli::app::App;
use crate::cli::aws::config::Args;
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

/// A file that is not as it was accepted.
struct Change {
    path: String,
    kind: ChangeKind,
    /// What was accepted; nothing where none was, or where it is lost.
    old: Option<Side>,
    new: Option<Side>,
}

struct Side {
    bytes: Vec<u8>,
    executable: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum ChangeKind {
    Added,
    Changed,
    Removed,
    /// It may be run now, or not any more; the content is the same.
    Mode,
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
                offer.changes = changes(offer.accepted.as_ref(), &offer.origin, &files);
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

    /// Notes that the same files are another commit's by now, and mends a copy that was damaged.
    fn keep_up(&self) -> Result<()> {
        let Some(accepted) = &self.accepted else { return Ok(()) };
        let whole = accepted.is_whole();
        if !whole {
            self.app
                .ui
                .warn("the accepted commands were damaged on this machine; putting them back");
        }
        if whole && *accepted.origin() == self.origin {
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
        let before = self.accepted.as_ref().map(Accepted::origin);
        if let Some(before) = before.filter(|before| !before.is_of_the_same(&self.origin)) {
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
                note(self.app, &name, &format!("binary, {word} {size} bytes, sha256 {sha256}"));
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

impl Side {
    /// Whether it is a program for the processor, to be run as it is: there is nothing to read in
    /// it. A shell would take the lines of one that may not be executed for commands.
    fn is_binary(&self) -> bool {
        // ELF, Mach-O (both byte orders, 32 and 64 bits, universal), PE.
        const MAGIC: [&[u8]; 7] = [
            b"\x7fELF",
            b"\xfe\xed\xfa\xce",
            b"\xfe\xed\xfa\xcf",
            b"\xce\xfa\xed\xfe",
            b"\xcf\xfa\xed\xfe",
            b"\xca\xfe\xba\xbe",
            b"MZ",
        ];
        self.executable && MAGIC.iter().any(|magic| self.bytes.starts_with(magic))
    }

    /// Its text; bytes that are none are written as `\xff`.
    fn text(&self) -> String {
        let mut text = String::new();
        for chunk in self.bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
        }
        text
    }
}

/// What differs, in the order of `files`; then what is gone. Of another repo or team than was
/// accepted from, every file counts as new: it was not theirs that somebody agreed to.
fn changes(accepted: Option<&Accepted>, origin: &Origin, files: &[SharedFile]) -> Vec<Change> {
    let same = accepted.filter(|accepted| accepted.origin().is_of_the_same(origin));
    if same.is_some_and(|same| same.matches(files)) {
        return Vec::new();
    }
    let old = |path: &str| {
        let file = same?.file(path)?;
        let bytes = same?.read(file).ok()?;
        Some(Side { bytes, executable: file.executable })
    };
    let mut changes = Vec::new();
    for SharedFile { path, bytes, executable } in files {
        let old = old(path);
        let kind = match &old {
            None => ChangeKind::Added,
            Some(old) if old.bytes != *bytes => ChangeKind::Changed,
            Some(old) if old.executable != *executable => ChangeKind::Mode,
            Some(_) => continue,
        };
        let new = Some(Side { bytes: bytes.clone(), executable: *executable });
        changes.push(Change { path: path.clone(), kind, old, new });
    }
    let there: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let gone = accepted.into_iter().flat_map(Accepted::files);
    for file in gone.filter(|file| !there.contains(file.path.as_str())) {
        let old = old(&file.path);
        changes.push(Change { path: file.path.clone(), kind: ChangeKind::Removed, old, new: None });
    }
    changes
}
