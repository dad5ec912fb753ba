//! `aws.exec`: a command with a profile's credentials.

use std::ffi::OsString;

use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::choose::Choose;
use crate::cli::handover::Environment;
use crate::cli::parts::Parts;
use crate::cli::{Exit, complete};
use crate::error::Result;
use crate::sys::child::{NotRun, Program};
use crate::ui;

pub(crate) const NAME: &str = "aws.exec";

/// What fails before the command starts: the codes from 125 on are free of the command's own, as
/// for `env(1)`.
pub(crate) const FAILED: u8 = 125;

/// Run a command with a profile's credentials in its environment
///
/// The command takes robo's place: its exit status, its terminal and its signals are its own. What
/// fails before it starts is exit code 125; 126 is a command that cannot be run, 127 one that is
/// not there.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile; a list to pick from, if it is left out on a terminal
    #[arg(add = ArgValueCompleter::new(complete::profiles))]
    profile: Option<String>,
    #[command(flatten)]
    choose: Choose,
    /// The command with its arguments [default: $SHELL]
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let mut words = args.command.iter().cloned();
    let command = words.next().unwrap_or_else(|| shell(app));
    let (parts, request) = Parts::for_profile(app, args.profile.as_deref(), &args.choose)?;
    let session = parts.credentials(&request)?;
    let env = Environment::new(&request.profile, &session).over(&app.env);
    let program = Program { command, file: None, args: words.collect(), env };
    match program.run(&app.interrupt()) {
        Ok(status) => Ok(Exit::Status(status)),
        Err(NotRun { error, exit_code }) => {
            ui::report(&error);
            Ok(Exit::Status(exit_code))
        }
    }
}

fn shell(app: &App) -> OsString {
    let fallback = if cfg!(windows) { "cmd.exe" } else { "/bin/sh" };
    app.env.get("SHELL").map_or_else(|| fallback.into(), Into::into)
}
