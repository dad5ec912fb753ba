//! What a task comes to when it is run: a row of programs, everything in them filled in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::sys::read::is_program;
use crate::tasks::file::TaskFile;
use crate::tasks::find;
use crate::tasks::scope::{Scope, Surroundings};
use crate::tasks::task::{Body, Step, Task, Text};
use crate::tasks::words;
use crate::tasks::yaml::Flaw;

/// A task that is ready to be run.
#[derive(Debug)]
pub struct Run {
    /// What comes one after another. Each group stops at its first failure; the next one goes on
    /// all the same: what follows may be there to clear up.
    pub groups: Vec<Vec<RunStep>>,
    /// What to tell before.
    pub warnings: Vec<String>,
}

/// One program to be run.
#[derive(Debug)]
pub struct RunStep {
    /// What to call it in an error: `task 'deploy'`, `step 2 before task 'deploy'`.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What to run; why it cannot be run, where that is known.
    pub program: Result<Command>,
    /// Set on top of the environment.
    pub env: Vec<(String, String)>,
    /// The AWS profile whose credentials it gets.
    pub profile: Option<String>,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Before the task.
    Before,
    /// It is the task itself, whose exit status counts.
    Task,
    /// After the task, which may have failed.
    After,
}

impl Run {
    /// All steps in their order.
    pub fn steps(&self) -> impl Iterator<Item = &RunStep> {
        self.groups.iter().flatten()
    }
}

/// A program and its arguments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Command {
    /// Its name or path.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
}

/// Fills in a task and the steps around it; `args` go to each of them, as in tj/robo.
///
/// # Errors
/// When a template cannot be filled in, or the command of a variable that is needed fails. Then
/// nothing is to be run.
pub fn prepare(
    file: &TaskFile,
    task: &Task,
    around: &Surroundings<'_>,
    args: &[OsString],
) -> Result<Run> {
    let scope = Scope::new(file, around, task.run_texts().chain(file.run_texts()))?;
    let maker =
        Maker { scope: &scope, task, args, folder: folder(around.path), found: around.found };
    let mut groups = Vec::new();
    for (bodies, place, of_task) in [
        (of_steps(&file.before), Place::Before, false),
        (of_steps(&task.before), Place::Before, true),
        (vec![&task.body], Place::Task, true),
        (of_steps(&task.after), Place::After, true),
        (of_steps(&file.after), Place::After, false),
    ] {
        let step = |(at, body)| maker.step(body, at + 1, place, of_task);
        groups.push(bodies.into_iter().enumerate().map(step).collect::<Result<_>>()?);
    }
    Ok(Run { groups, warnings: scope.into_warnings() })
}

struct Maker<'a> {
    scope: &'a Scope<'a>,
    task: &'a Task,
    args: &'a [OsString],
    folder: PathBuf,
    found: bool,
}

impl Maker<'_> {
    fn step(&self, body: &Body, number: usize, place: Place, of_task: bool) -> Result<RunStep> {
        let task = &self.task.name;
        let whose = if of_task { format!("task '{task}'") } else { "all tasks".to_owned() };
        let name = match place {
            Place::Before => format!("step {number} before {whose}"),
            Place::Task => whose,
            Place::After => format!("step {number} after {whose}"),
        };
        let (program, profile) = (self.program(body, &name)?, self.profile(body, of_task)?);
        let env = if of_task { self.env()? } else { Vec::new() };
        Ok(RunStep { name, place, program, env, profile })
    }

    /// The program; the outer error is that of a template, the inner one of this step alone.
    fn program(&self, body: &Body, name: &str) -> Result<Result<Command>> {
        if let Some(exec) = &body.exec {
            return Ok(self.exec(exec, &self.scope.fill(exec)?));
        }
        if let Some(script) = &body.script {
            return Ok(self.script(script, &self.scope.fill(script)?));
        }
        if let Some(command) = &body.command {
            let mut args = vec!["-c".into(), self.scope.fill(command)?.into(), "sh".into()];
            args.extend_from_slice(self.args);
            return Ok(Ok(Command { program: "sh".into(), args }));
        }
        let what = format!("{name} has nothing to run");
        let error = self.scope.file.error(&Flaw::new(self.task.line, what));
        Ok(Err(error.hint("give it a command, an exec or a script")))
    }

    fn exec(&self, text: &Text, line: &str) -> Result<Command> {
        let flaw = |what: &str| self.scope.file.error(&Flaw::new(text.line, what));
        let words = words::split(line).ok_or_else(|| {
            flaw("'exec' has a quote or a bracket that is not closed")
                .hint("a shell's features need 'command' instead")
        })?;
        if let Some(left_out) = words.left_out {
            let what = format!("'exec' knows no shell: '{left_out}' is left out ('command' does)");
            self.scope.warn(text.line, &what);
        }
        let mut words = words.words.into_iter().map(OsString::from);
        let program = words.next().ok_or_else(|| flaw("'exec' is empty once it is filled in"))?;
        Ok(Command { program, args: words.chain(self.args.iter().cloned()).collect() })
    }

    fn script(&self, text: &Text, path: &str) -> Result<Command> {
        let path = find::clean(&self.folder.join(path));
        if let Some(why) = find::script_of_others(&path).filter(|_| self.found) {
            let what = format!("the script {} is not run: {why}", path.display());
            return Err(self.scope.file.error(&Flaw::new(text.line, what)));
        }
        let is_program = is_program(&path).map_err(|cause| {
            let what = format!("cannot run the script {}", path.display());
            self.scope.file.error(&Flaw::new(text.line, what)).because(cause)
        })?;
        let args = self.args.to_vec();
        Ok(if is_program {
            Command { program: path.into(), args }
        } else {
            let args = [path.into()].into_iter().chain(args).collect();
            Command { program: "sh".into(), args }
        })
    }

    fn env(&self) -> Result<Vec<(String, String)>> {
        let mut env = Vec::new();
        for text in &self.task.env {
            if let Some((name, value)) = self.scope.fill(text)?.split_once('=') {
                env.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(env)
    }

    /// The body's own profile, else the task's, else the file's.
    fn profile(&self, body: &Body, of_task: bool) -> Result<Option<String>> {
        let of_task = if of_task { self.task.body.profile.as_ref() } else { None };
        let profile = body.profile.as_ref().or(of_task).or(self.scope.file.profile.as_ref());
        let filled = profile.map(|text| self.scope.fill(text)).transpose()?;
        Ok(filled.filter(|name| !name.is_empty()))
    }
}

fn of_steps(steps: &[Step]) -> Vec<&Body> {
    steps.iter().map(|step| &step.body).collect()
}

fn folder(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("/")).to_owned()
}
