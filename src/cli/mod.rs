//! The command line: what was typed, and one file for each command.
//!
//! A new command is its file, a line in `Command`, a line in `Command::run`, and its name in
//! README.md.

mod app;
mod aws;
mod choose;
mod complete;
mod dotfiles;
mod handover;
mod json;
mod organisation;
mod parts;
mod signers;
mod stdin;
mod store;
mod tasks;
mod trust;
mod typed;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::cli::app::App;
use crate::cli::tasks::TaskFlags;
use crate::cli::typed::{Typed, What};
use crate::error::{Kind, Result};
use crate::sys::env::Env;
use crate::ui::{self, ColorChoice};

/// Every AWS account behind Okta: your team's config, credentials, console and shared commands
#[derive(Debug, Parser)]
#[command(name = "robo", version, max_term_width = 100, after_help = MORE)]
#[command(disable_help_subcommand = true, override_usage = USAGE)]
#[command(infer_long_args = true, args_override_self = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    tasks: TaskFlags,
    #[command(subcommand)]
    command: Option<Command>,
}

const USAGE: &str =
    "robo [OPTIONS]\n       robo [OPTIONS] TASK [ARGS]...\n       robo [OPTIONS] COMMAND [ARGS]...";

const MORE: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 --check found changes or \
dotfiles.lint something, 4 a question needs an answer and nobody is there, 5 Okta said no, \
6 AWS said no, 7 a server could not be reached, 130 interrupted; aws.exec: the command's own, 125 to 127 as env(1)";

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

impl Global {
    /// Nobody is asked, and nothing is said.
    fn silent() -> Self {
        Self { verbose: false, color: Color::Never, no_input: true, completions: None }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(name = "aws.add")]
    AwsAdd(aws::add::Args),
    #[command(name = "aws.config")]
    AwsConfig(aws::config::Args),
    #[command(name = "aws.credentials")]
    AwsCredentials(aws::credentials::Args),
    #[command(name = "aws.doctor")]
    AwsDoctor(aws::doctor::Args),
    #[command(name = "aws.env")]
    AwsEnv(aws::env::Args),
    #[command(name = aws::exec::NAME)]
    AwsExec(aws::exec::Args),
    #[command(name = "aws.explain")]
    AwsExplain(aws::explain::Args),
    #[command(name = "aws.list")]
    AwsList(aws::list::Args),
    #[command(name = "aws.login")]
    AwsLogin(aws::login::Args),
    #[command(name = "aws.logout")]
    AwsLogout(aws::logout::Args),
    #[command(name = "aws.restore")]
    AwsRestore(aws::restore::Args),
    #[command(name = "dotfiles.access")]
    DotfilesAccess(dotfiles::access::Args),
    #[command(name = "dotfiles.lint")]
    DotfilesLint(dotfiles::lint::Args),
    #[command(name = "dotfiles.render")]
    DotfilesRender(dotfiles::render::Args),
    #[command(name = "dotfiles.terraform")]
    DotfilesTerraform(dotfiles::terraform::Args),
    #[command(name = "help")]
    Help(tasks::help::Args),
    #[command(name = "variables")]
    Variables(tasks::variables::Args),
}

impl Command {
    fn run(&self, app: &App) -> Result<Exit> {
        match self {
            Command::AwsAdd(args) => aws::add::run(args, app),
            Command::AwsConfig(args) => aws::config::run(args, app),
            Command::AwsCredentials(args) => aws::credentials::run(args, app),
            Command::AwsDoctor(args) => aws::doctor::run(args, app),
            Command::AwsEnv(args) => aws::env::run(args, app),
            Command::AwsExec(args) => aws::exec::run(args, app),
            Command::AwsExplain(args) => aws::explain::run(args, app),
            Command::AwsList(args) => aws::list::run(args, app),
            Command::AwsLogin(args) => aws::login::run(args, app),
            Command::AwsLogout(args) => aws::logout::run(args, app),
            Command::AwsRestore(args) => aws::restore::run(args, app),
            Command::DotfilesAccess(args) => dotfiles::access::run(args, app),
            Command::DotfilesLint(args) => dotfiles::lint::run(args, app, &Cli::command()),
            Command::DotfilesRender(args) => dotfiles::render::run(args, app),
            Command::DotfilesTerraform(args) => dotfiles::terraform::run(args, app),
            Command::Help(args) => tasks::help::run(args, app, &mut Cli::command()),
            Command::Variables(args) => tasks::variables::run(args, app),
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
    /// The lint has something to say.
    Findings,
    /// What a command that robo ran ended with.
    Status(u8),
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Declined => 1,
            Exit::ChangesFound | Exit::Findings => 3,
            Exit::Status(code) => code,
        }
    }
}

/// Runs what the process's arguments say; gives its exit code.
pub fn main() -> ExitCode {
    if complete::answer(|| complete::with_tasks(&Cli::command())) {
        return ExitCode::SUCCESS;
    }
    let typed = match Typed::read() {
        Ok(typed) => typed,
        Err(error) => {
            // Help and version are no mistakes: they go to stdout, with code 0.
            let _ = error.print();
            let before_a_command = std::env::args_os().any(|argument| argument == aws::exec::NAME);
            return ExitCode::from(match u8::try_from(error.exit_code()) {
                Ok(0) => 0,
                _ if before_a_command => aws::exec::FAILED,
                code => code.unwrap_or(2),
            });
        }
    };
    let runs_a_command = typed.is_aws_exec();
    match typed.run() {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            ui::report(&error);
            ExitCode::from(match error.kind() {
                kind if runs_a_command && kind != Kind::Interrupted => aws::exec::FAILED,
                kind => kind.exit_code(),
            })
        }
    }
}

impl Typed {
    fn is_aws_exec(&self) -> bool {
        matches!(&self.what, What::Command(command) if matches!(**command, Command::AwsExec(_)))
    }

    fn run(self) -> Result<Exit> {
        let app = App::new(Env::capture(), &self.global);
        match (&self.what, self.global.completions) {
            (_, Some(shell)) => complete::script(shell, &app),
            (What::Command(command), None) => command.run(&app),
            (What::Task(name, args), None) => {
                tasks::run::run(name, args, &self.tasks, &app, &Cli::command())
            }
            (What::Nothing, None) if self.global.verbose && !self.tasks.quiet => version(&app),
            (What::Nothing, None) => tasks::list::run(&self.tasks, &app, &Cli::command()),
        }
    }
}

/// `robo -v` alone prints the version, as tj/robo does.
fn version(app: &App) -> Result<Exit> {
    app.ui.product(concat!(env!("CARGO_PKG_VERSION"), "\n"))?;
    Ok(Exit::Done)
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
