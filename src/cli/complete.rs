//! Completion: scripts that ask robo itself, so that teams and backups complete from what is there.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{CommandFactory as _, Parser as _, ValueEnum};
use clap_complete::CompletionCandidate;
use clap_complete::env::{Bash, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use crate::cli::app::App;
use crate::cli::organisation::Organisation;
use crate::cli::tasks::sources::Sources;
use crate::cli::typed::{self, Front};
use crate::cli::{Exit, Global, parts};
use crate::config::backups::Backups;
use crate::config::target::Target;
use crate::dotfiles;
use crate::error::{Error, Result};
use crate::settings::SettingsFile;
use crate::sys::env::Env;
use crate::sys::folders::Folders;
use crate::ui::shown;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// The variable by which a shell's script asks for completions.
const VARIABLE: &str = "ROBO_COMPLETE";

/// Answers a shell that asks for completions; says whether one did.
pub(super) fn answer(command: impl Fn() -> clap::Command) -> bool {
    CompleteEnv::with_factory(command)
        .var(VARIABLE)
        .try_complete(std::env::args_os(), std::env::current_dir().ok().as_deref())
        .unwrap_or(true)
}

/// The commands, and the tasks that there are, each with the arguments that it likes.
pub(super) fn with_tasks(robo: &clap::Command) -> clap::Command {
    let begun = begun();
    let named = begun.as_ref().and_then(|front| front.tasks.config.as_deref());
    let commands: Vec<clap::Command> = robo
        .get_subcommands()
        .filter(|command| typed::is_command(command.get_name(), named.is_some()))
        .cloned()
        .collect();
    let tasks: Vec<(String, String)> = task_lines(named)
        .into_iter()
        .filter(|(name, _)| commands.iter().all(|command| command.get_name() != name))
        .collect();
    // Behind a task's name no flag is robo's.
    let first = begun.as_ref().and_then(Front::first);
    let in_task = first.is_some_and(|first| tasks.iter().any(|(name, _)| *name == first));
    let own = robo.get_arguments().cloned();
    let own = own.map(|arg| if in_task { arg.global(false) } else { arg });
    let rest = || {
        clap::Arg::new("args")
            .num_args(0..)
            .trailing_var_arg(true)
            .allow_hyphen_values(true)
            .value_hint(clap::ValueHint::AnyPath)
    };
    let task = |(name, summary)| {
        clap::Command::new(name).about(summary).disable_help_flag(true).arg(rest())
    };
    clap::Command::new("robo")
        .disable_help_subcommand(true)
        .args(own)
        .subcommands(commands)
        .subcommands(tasks.into_iter().map(task))
}

/// What was typed before the word that is being completed; nothing where it cannot be read.
fn begun() -> Option<Front> {
    let mut words: Vec<OsString> =
        std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    words.pop();
    Front::try_parse_from(words).ok()
}

/// The names of commands and tasks.
pub(super) fn names(typed: &OsStr) -> Vec<CompletionCandidate> {
    let robo = with_tasks(&super::Cli::command());
    candidates(typed, robo.get_subcommands().map(|task| task.get_name().to_owned()).collect())
}

/// The tasks that can be typed here. Nothing of them is run, nor is anybody asked.
fn task_lines(named: Option<&Path>) -> BTreeMap<String, String> {
    let app = App::new(Env::capture(), &Global::silent());
    let sources = match named {
        Some(file) => Sources::load(&app, Some(file)).unwrap_or_default(),
        None => Sources::readable(&app, &|_| {}),
    };
    let mut lines = BTreeMap::new();
    let all = sources.all.iter().flat_map(|source| source.file.summaries());
    for (name, summary) in all.filter(|(name, _)| is_word(name)) {
        lines.entry(name.to_owned()).or_insert_with(|| shown(summary));
    }
    lines
}

/// Whether a name is one word to every shell as it stands. Others are not offered: bash would put
/// them into the line without quotes.
fn is_word(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "._:@%+,/-".contains(c);
    name.chars().all(plain) && !name.starts_with('-') && !name.is_empty()
}

/// Prints the script.
pub(super) fn script(shell: Shell, app: &App) -> Result<Exit> {
    let completer: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
        Shell::Zsh => &Zsh,
    };
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "robo", "robo", "robo", &mut script)
        .map_err(|cause| Error::failed("cannot write the completion script").because(cause))?;
    app.ui.product(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

/// The teams of the repo as last fetched; none when something is amiss: a shell that completes
/// wants no error.
pub(super) fn teams(typed: &OsStr) -> Vec<CompletionCandidate> {
    let names = || -> Result<Vec<String>> {
        let env = Env::capture();
        let folders = Folders::find(&env)?;
        let (settings, _) = SettingsFile::new(&folders).load()?;
        let repo = settings.dotfiles;
        let url = env.text("ROBO_DOTFILES").or(repo.url).unwrap_or_default();
        let source =
            dotfiles::Source::new(&url, repo.reference.as_deref(), repo.path.as_deref(), &env)?;
        let clone = dotfiles::BareClone::new(&folders, &env, dotfiles::Person::Absent);
        let snapshot = clone.update(&source, dotfiles::Mode::Offline, || {})?.snapshot;
        let teams = Organisation::read(&snapshot)?.teams(&snapshot)?;
        Ok(teams.names.iter().map(|team| team.as_str().to_owned()).collect())
    };
    candidates(typed, names().unwrap_or_default())
}

/// The profiles of the AWS config.
pub(super) fn profiles(typed: &OsStr) -> Vec<CompletionCandidate> {
    let names = || -> Result<Vec<String>> {
        let profiles = parts::profiles(&Target::find(&Env::capture())?)?;
        Ok(profiles.list().iter().map(|profile| profile.name.clone()).collect())
    };
    candidates(typed, names().unwrap_or_default())
}

/// Nothing: what could be offered is encrypted, and a key store may ask a person.
pub(super) fn nothing(_typed: &OsStr) -> Vec<CompletionCandidate> {
    Vec::new()
}

/// The names of the backups.
pub(super) fn backups(typed: &OsStr) -> Vec<CompletionCandidate> {
    let names = || -> Result<Vec<String>> {
        let folders = Folders::find(&Env::capture())?;
        Ok(Backups::new(&folders.state).list()?.into_iter().map(|backup| backup.name).collect())
    };
    candidates(typed, names().unwrap_or_default())
}

fn candidates(typed: &OsStr, names: Vec<String>) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    names
        .into_iter()
        .filter(|name| name.starts_with(&*typed))
        .map(CompletionCandidate::new)
        .collect()
}
