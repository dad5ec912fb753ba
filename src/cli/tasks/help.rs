//! `help`: how a task or a command is used.

use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::tasks::around::{self, Commands};
use crate::cli::tasks::sources::Sources;
use crate::cli::tasks::{TaskFlags, list, page, run};
use crate::cli::{Exit, complete};
use crate::error::Result;
use crate::tasks::show;

/// Tell how a task or command is used; without one, list them all
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task or command
    #[arg(add = ArgValueCompleter::new(complete::names))]
    pub(in crate::cli) task: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) flags: TaskFlags,
}

pub(crate) fn run(args: &Args, app: &App, robo: &mut clap::Command) -> Result<Exit> {
    let Some(name) = &args.task else { return list::run(&args.flags, app, robo) };
    if args.flags.config.is_none()
        && let Some(command) = robo.find_subcommand_mut(name)
    {
        let help = command.clone().bin_name(format!("robo {name}")).render_long_help();
        app.ui.table(&help.ansi().to_string())?;
        return Ok(Exit::Done);
    }
    let sources = match &args.flags.config {
        Some(path) => Sources::load(app, Some(path))?,
        None => Sources::for_task(app, name)?,
    };
    let Some((source, task)) = sources.task(name) else {
        return Err(run::unknown(name, &args.flags, &sources, robo));
    };
    page::warn(app, &source.file.warnings_of(task));
    let style = page::style(app);
    let made = around::with(app, source, Commands::RunTrusted, |around| {
        show::help(&source.file, task, around, style)
    })?;
    page::show(app, &made)?;
    Ok(Exit::Done)
}
