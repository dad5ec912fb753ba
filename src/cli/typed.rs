//! What was typed: one of robo's commands, or a task with arguments that are its own.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::cli::tasks::TaskFlags;
use crate::cli::{Cli, Command, Global};

/// A command line.
pub(super) struct Typed {
    pub(super) global: Global,
    pub(super) tasks: TaskFlags,
    pub(super) what: What,
}

/// What is to be done.
pub(super) enum What {
    /// To list what there is.
    Nothing,
    Command(Box<Command>),
    /// The name of a task, and everything after it.
    Task(String, Vec<OsString>),
}

/// A command line up to its first word: behind a task's name no flag is robo's.
#[derive(Debug, Parser)]
#[command(name = "robo", disable_help_subcommand = true)]
#[command(infer_long_args = true, args_override_self = true)]
pub(super) struct Front {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    pub(super) tasks: TaskFlags,
    #[command(subcommand)]
    words: Option<Words>,
}

#[derive(Debug, Subcommand)]
enum Words {
    #[command(external_subcommand)]
    All(Vec<OsString>),
}

impl Front {
    /// The first word that is no flag, if there is one.
    pub(super) fn first(&self) -> Option<String> {
        let Some(Words::All(words)) = &self.words else { return None };
        words.first().map(|word| word.to_string_lossy().into_owned())
    }
}

/// The commands that tj/robo has; with `-c` they are the only ones that are not a task.
const OF_TJ_ROBO: [&str; 2] = ["help", "variables"];

/// Whether robo has a command of that name that no task of it replaces.
pub(super) fn is_command(name: &str, with_file: bool) -> bool {
    if with_file { OF_TJ_ROBO.contains(&name) } else { Command::has_subcommand(name) }
}

impl Typed {
    /// Reads the process's arguments.
    pub(super) fn read() -> Result<Self, clap::Error> {
        let args: Vec<OsString> = std::env::args_os().collect();
        // What this cannot read, and what asks for help, the whole parser answers for.
        let Ok(front) = Front::try_parse_from(&args) else { return Self::whole(&args) };
        let Some(Words::All(words)) = front.words else { return Self::whole(&args) };
        let Some((first, rest)) = words.split_first() else { return Self::whole(&args) };
        let name = first.to_string_lossy().into_owned();
        if is_command(&name, front.tasks.config.is_some()) {
            return Self::whole(&args);
        }
        let what = What::Task(name, rest.to_vec());
        Ok(Self { global: front.global, tasks: front.tasks, what })
    }

    fn whole(args: &[OsString]) -> Result<Self, clap::Error> {
        let Cli { global, tasks, command } = Cli::try_parse_from(args)?;
        let what = match command {
            None => What::Nothing,
            Some(mut command) => {
                // tj/robo's flags may stand before these commands as well as behind them.
                match &mut command {
                    Command::Help(args) => args.flags.or(&tasks),
                    Command::Variables(args) => args.flags.or(&tasks),
                    _ => {}
                }
                What::Command(Box::new(command))
            }
        };
        Ok(Self { global, tasks, what })
    }
}
