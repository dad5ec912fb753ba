//! What a task comes to when it is run: a row of programs, everything in them filled in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::sys::read::is_program;
use crate::tasks::file::TaskFile;
use crate::tasks::find::{self, Owner};
use crate::tasks::scope::{Scope, Scripts, Surroundings};
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
#[derive(Clone, Debug)]
pub struct Command {
    /// Its name or path.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// A script that only this user may have a say in.
    guarded: Option<Guarded>,
}

#[derive(Clone, Debug)]
struct Guarded {
    path: PathBuf,
    owner: Owner,
}

impl Command {
    fn new(program: impl Into<OsString>, args: Vec<OsString>) -> Self {
        Self { program: program.into(), args, guarded: None }
    }

    /// Looks once more whether others have a say in the script that it runs: to be called right
    /// before it is run, as the steps before may have taken their time.
    ///
    /// # Errors
    /// When they have.
    pub fn check(&self) -> Result<()> {
        self.guarded.as_ref().map_or(Ok(()), Guarded::check)
    }
}

impl Guarded {
    fn check(&self) -> Result<()> {
        find::script_of_others(&self.path, self.owner).map_or(Ok(()), |why| {
            Err(Error::failed(format!("the script {} is not run: {why}", self.path.display())))
        })
    }
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
        Maker { scope: &scope, task, args, folder: folder(around.path), scripts: around.scripts };
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
    scripts: Scripts<'a>,
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

    /// The program; the outer error is that of a template, the inner one of this step alone. As in
    /// tj/robo, what is empty once it is filled in is not there.
    fn program(&self, body: &Body, name: &str) -> Result<Result<Command>> {
        if let Some((text, line)) = self.filled(&body.exec)? {
            return Ok(self.exec(text, &line));
        }
        if let Some((text, path)) = self.filled(&body.script)? {
            return Ok(self.script(text, &path));
        }
        if let Some((_, command)) = self.filled(&body.command)? {
            let mut args = vec!["-c".into(), command.into(), "sh".into()];
            args.extend_from_slice(self.args);
            return Ok(Ok(Command::new("sh", args)));
        }
        let what = format!("{name} has nothing to run");
        let error = self.scope.file.error(&Flaw::new(self.task.line, what));
        Ok(Err(error.hint("give it a command, an exec or a script")))
    }

    fn filled<'t>(&self, text: &'t Option<Text>) -> Result<Option<(&'t Text, String)>> {
        let Some(text) = text else { return Ok(None) };
        let filled = self.scope.fill(text)?;
        Ok(Some((text, filled)).filter(|(_, filled)| !filled.is_empty()))
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
        Ok(Command::new(program, words.chain(self.args.iter().cloned()).collect()))
    }

    fn script(&self, text: &Text, written: &str) -> Result<Command> {
        let path = find::clean(&self.folder.join(written));
        let flaw = |what: String| self.scope.file.error(&Flaw::new(text.line, what));
        let guarded = self.guarded(&path, Path::new(written)).map_err(|error| {
            let told = flaw(error.message().to_owned());
            error.hints().iter().fold(told, Error::hint)
        })?;
        let is_program = is_program(&path).map_err(|cause| {
            flaw(format!("cannot run the script {}", path.display())).because(cause)
        })?;
        let args = self.args.to_vec();
        let command = if is_program {
            Command::new(path, args)
        } else {
            Command::new("sh", [path.into()].into_iter().chain(args).collect())
        };
        Ok(Command { guarded, ..command })
    }

    /// What has to be looked at once more before the script at `path` is run.
    fn guarded(&self, path: &Path, written: &Path) -> Result<Option<Guarded>> {
        let owner = match self.scripts {
            Scripts::All => return Ok(None),
            Scripts::Own(owner) => owner,
            Scripts::Accepted(accepted, _) if accepted.has(path) => return Ok(None),
            Scripts::Accepted(accepted, owner)
                if written.is_absolute() && !path.starts_with(accepted.folder()) =>
            {
                owner
            }
            Scripts::Accepted(..) => {
                let path = path.display();
                return Err(Error::failed(format!(
                    "the script {path} is none of the files that you took over with these commands"
                ))
                .hint("what is below tasks/ in the repo is taken over, all of it"));
            }
        };
        let guarded = Guarded { path: path.to_owned(), owner };
        guarded.check()?;
        Ok(Some(guarded))
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
