//! `variables`: what the variables of a file hold.

use crate::cli::Exit;
use crate::cli::app::App;
use crate::cli::tasks::around::{self, Commands};
use crate::cli::tasks::sources::Sources;
use crate::cli::tasks::{TaskFlags, page};
use crate::error::{Error, Result};
use crate::tasks::show;
use crate::ui::styles;

/// Print the variables of the tasks' files, with their values
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(in crate::cli) flags: TaskFlags,
}

pub(crate) fn run(args: &Args, app: &App) -> Result<Exit> {
    let sources = match &args.flags.config {
        Some(path) => Sources::load(app, Some(path))?,
        None => Sources::load(app, None).or_else(|error| {
            let rest = Sources::readable(app, &|error| app.ui.warn(&error.to_string()));
            if rest.all.is_empty() { Err(error) } else { Ok(rest) }
        })?,
    };
    if sources.all.is_empty() {
        return Err(no_file());
    }
    for source in &sources.all {
        page::warn(app, &source.file.warnings());
        let style = page::style(app);
        let made = around::with(app, source, Commands::Run, |around| {
            show::variables(&source.file, around, style)
        })?;
        if sources.all.len() > 1 {
            let bold = styles::BOLD;
            app.ui.table(&format!("\n{bold}{}{bold:#}\n", crate::ui::shown(&source.label)))?;
        }
        page::show(app, &made)?;
    }
    Ok(Exit::Done)
}

pub(super) fn no_file() -> Error {
    Error::failed("there is no robo.yml here, nor in any folder above, and no company's either")
        .hint("'robo -c FILE' names one; 'robo aws.config' fetches the company's")
}
