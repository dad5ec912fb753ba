//! A task, run: its steps one after another, the last one in robo's place.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::cli::Exit;
use crate::cli::app::App;
use crate::cli::tasks::around::{self, Commands};
use crate::cli::tasks::sessions::Sessions;
use crate::cli::tasks::sources::{Origin, Source, Sources};
use crate::cli::tasks::{TaskFlags, list, page, trust};
use crate::error::{Error, Kind, Result};
use crate::sys::child::{NotRun, Program};
use crate::sys::interrupt::Interrupt;
use crate::sys::signals::HandingOn;
use crate::sys::text::did_you_mean;
use crate::tasks::{self, Place, Run, RunStep};
use crate::ui;

/// Runs the task that `name` stands for.
pub(in crate::cli) fn run(
    name: &str,
    args: &[OsString],
    flags: &TaskFlags,
    app: &App,
    robo: &clap::Command,
) -> Result<Exit> {
    let sources = match &flags.config {
        Some(path) => Sources::load(app, Some(path))?,
        None => candidates(app, name)?,
    };
    let found = sources.task(name);
    // Another team's own commands are not everybody's; neither do they have those of this one.
    if found.is_none_or(|(source, _)| source.of_team) {
        page::warn(app, sources.other_team(app).as_slice());
    }
    let Some((source, task)) = found else {
        return Err(unknown(name, flags, &sources, robo));
    };
    source.check_whole()?;
    page::warn(app, &source.file.warnings_of(task));
    app.ui.detail(&format!("'{name}' is from {}", source.label));
    let prepared = around::with(app, source, Commands::Run, |around| {
        tasks::prepare(&source.file, task, around, args)
    })?;
    page::warn(app, &prepared.warnings);
    let sessions = Sessions::begin(app, prepared.steps())?;
    // Whoever signed in has begun to listen for Ctrl-C already. Otherwise the signals stay as the
    // caller left them.
    let interrupt = if sessions.is_empty() { Interrupt::default() } else { app.interrupt() };
    let runner = Runner { app, sessions, interrupt, signals: OnceCell::new(), failed: None };
    Ok(Exit::Status(runner.all(prepared)))
}

/// The files that may have the task. What the company has is replaced by one from here only where
/// somebody agreed to that.
fn candidates(app: &App, name: &str) -> Result<Sources> {
    let mut sources = Sources::for_task(app, name)?;
    let has = |source: &&mut Source| source.file.task(name).is_some();
    let is_shared = sources.all.iter_mut().filter(has).any(|one| one.origin == Origin::Shared);
    let unasked = sources.all.iter_mut().filter(has).find(|one| one.is_local());
    let Some(local) = unasked.filter(|_| is_shared) else { return Ok(sources) };
    if trust::answer(app, &local.path)?.is_some() {
        return Ok(sources);
    }
    match trust::ask(app, &local.path, &local.label, name)? {
        Some(trusted) => local.origin = Origin::Local { trusted },
        None => app
            .ui
            .warn(&format!("'{name}' is the company's; that of {} is passed over", local.label)),
    }
    // Files that go first stand first.
    sources.all.sort_by_key(|source| source.origin != (Origin::Local { trusted: true }));
    Ok(sources)
}

/// The error for a name that nothing has.
pub(super) fn unknown(
    name: &str,
    flags: &TaskFlags,
    sources: &Sources,
    robo: &clap::Command,
) -> Error {
    let built_in = list::built_in(robo).map(clap::Command::get_name);
    let (place, own, all): (String, Vec<&str>, String) = match &flags.config {
        Some(file) => {
            (format!(" in {}", file.display()), Vec::new(), format!("robo -c {}", file.display()))
        }
        None => (String::new(), built_in.collect(), "robo".to_owned()),
    };
    let near = did_you_mean(name, sources.names().chain(own));
    let near = near.map(|near| format!("{near} ")).unwrap_or_default();
    Error::usage(format!("there is no task '{name}'{place}"))
        .hint(format!("{near}'{all}' lists all there is"))
        .maybe_hint(hint_of_no_file(flags, sources))
}

fn hint_of_no_file(flags: &TaskFlags, sources: &Sources) -> Option<String> {
    let none = flags.config.is_none() && sources.all.is_empty();
    none.then(|| {
        "no folder from here upwards has a robo.yml; 'robo aws.config' fetches the company's"
            .to_owned()
    })
}

/// Runs steps and remembers how they ended.
struct Runner<'a> {
    app: &'a App,
    sessions: Sessions<'a>,
    interrupt: Interrupt,
    /// From the first step on that is waited for. Until then, and for a task of one step, signals
    /// are what they were.
    signals: OnceCell<HandingOn>,
    /// The exit status that the whole ends with: the task's own, else the first failure's.
    failed: Option<u8>,
}

impl Runner<'_> {
    /// Runs all groups; gives the exit status.
    fn all(mut self, run: Run) -> u8 {
        let mut left = run.steps().count();
        for group in run.groups {
            left -= group.len();
            let mut behind = group.len();
            for step in group {
                behind -= 1;
                let place = step.place;
                // Then only what clears up is run.
                if self.is_stopped() && place != Place::After {
                    self.failed.get_or_insert(Kind::Interrupted.exit_code());
                    break;
                }
                let status = self.step(step, left + behind == 0 && self.failed.is_none());
                if status != 0 {
                    match place {
                        Place::Task => self.failed = Some(status),
                        _ => _ = self.failed.get_or_insert(status),
                    }
                    break;
                }
            }
        }
        self.failed.unwrap_or(0)
    }

    /// Whether Ctrl-C was pressed, or another signal said to stop: whatever the step made of it.
    fn is_stopped(&self) -> bool {
        self.interrupt.is_set() || self.signals.get().is_some_and(HandingOn::is_stopped)
    }

    /// Runs a step; gives its exit status. The last one takes robo's place; then this returns only
    /// if it does not run.
    fn step(&self, step: RunStep, last: bool) -> u8 {
        let (name, place) = (step.name.clone(), step.place);
        let run = |program: Program| {
            let ended = if last {
                program.run(&self.interrupt)
            } else {
                program.run_beside(&self.interrupt, self.signals.get_or_init(HandingOn::begin))
            };
            ended.map_err(|not_run| NotRun { error: not_run.error.within(&name), ..not_run })
        };
        match self.program(step).and_then(run) {
            Ok(status) => {
                if status != 0 && place != Place::Task {
                    self.app.ui.warn(&format!("{name} failed with exit status {status}"));
                }
                status
            }
            Err(NotRun { error, exit_code }) => {
                ui::report(&error);
                exit_code
            }
        }
    }

    fn program(&self, step: RunStep) -> Result<Program, NotRun> {
        let not_run = |error: Error| NotRun { exit_code: error.kind().exit_code(), error };
        let command = step.program.map_err(not_run)?;
        command.check().map_err(not_run)?;
        let mut env: BTreeMap<OsString, OsString> = match &step.profile {
            Some(profile) => self.sessions.environment(self.app, profile).map_err(not_run)?,
            None => self.app.env.vars().map(|(key, value)| (key.into(), value.into())).collect(),
        };
        env.extend(step.env.into_iter().map(|(name, value)| (name.into(), value.into())));
        // As tj/robo: it is looked for where robo itself was, not where the task's PATH leads.
        let file = self.app.env.which(&command.program);
        Ok(Program { command: command.program, file, args: command.args, env })
    }
}
