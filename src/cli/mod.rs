//! The command line: what was typed, and one file for each command.
//!
//! A new command is its file, a line in `Command`, a line in `Command::run`, and its name in
//! README.md.

mod app;
mod aws;
mod complete;
mod json;
mod overview;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::cli::app::App;
use crate::error::Result;
use crate::sys::env::Env;
use crate::ui::{self, ColorChoice};

/// Every AWS account behind Okta: your team's config, credentials, console and shared commands
#[derive(Debug, Parser)]
#[command(name = "robo", version, max_term_width = 100, after_help = MORE)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

const MORE: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 --check found changes, \
4 a question needs an answer and nobody is there, 7 a server could not be reached, 130 interrupted";

/// Flags of every command, before or after its name.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// Say more about what is done; alone, print the version
    #[arg(short, long, global = true)]
    verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Ask nothing: a question that would have to be asked is exit code 4 [env: ROBO_NO_INPUT]
    #[arg(long, global = true)]
    no_input: bool,
    /// Print the completion script for a shell
    #[arg(long, global = true, value_enum, value_name = "SHELL")]
    completions: Option<complete::Shell>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::enum_variant_names, reason = "the variants are the commands' names")]
enum Command {
    #[command(name = "aws.config")]
    AwsConfig(aws::config::Args),
    #[command(name = "aws.list")]
    AwsList(aws::list::Args),
    #[command(name = "aws.restore")]
    AwsRestore(aws::restore::Args),
}

impl Command {
    fn run(&self, app: &App) -> Result<Exit> {
        match self {
            Command::AwsConfig(args) => aws::config::run(args, app),
            Command::AwsList(args) => aws::list::run(args, app),
            Command::AwsRestore(args) => aws::restore::run(args, app),
        }
    }
}

/// How a command that did not fail ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Exit {
    /// It did what it was asked.
    Done,
    /// The person said no.
    Declined,
    /// `--check` found changes to apply.
    ChangesFound,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Declined => 1,
            Exit::ChangesFound => 3,
        }
    }
}

/// Runs what the process's arguments say; gives its exit code.
pub fn main() -> ExitCode {
    if complete::answer(Cli::command) {
        return ExitCode::SUCCESS;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes: they go to stdout, with code 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match cli.run() {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            ui::report(&error);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

impl Cli {
    fn run(self) -> Result<Exit> {
        let app = App::new(Env::capture(), &self.global);
        match (&self.command, self.global.completions) {
            (_, Some(shell)) => complete::script(shell, &app),
            (Some(command), None) => command.run(&app),
            (None, None) if self.global.verbose => overview::version(&app),
            (None, None) => overview::list(&app, &Cli::command()),
        }
    }
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}
