//! `robo` alone: what there is to type.

use std::fmt::Write as _;

use crate::cli::Exit;
use crate::cli::app::App;
use crate::error::Result;
use crate::ui::styles;

/// Lists the commands, each with its line of help.
pub(super) fn list(app: &App, robo: &clap::Command) -> Result<Exit> {
    let commands: Vec<(&str, String)> = robo
        .get_subcommands()
        .map(|command| {
            (command.get_name(), command.get_about().map(ToString::to_string).unwrap_or_default())
        })
        .collect();
    let width = commands.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = String::from("\n");
    let (bold, dim) = (styles::BOLD, styles::DIM);
    for (name, about) in commands {
        let _ = writeln!(out, "  {bold}{name:width$}{bold:#}  {dim}{about}{dim:#}");
    }
    out.push('\n');
    app.ui.table(&out)?;
    Ok(Exit::Done)
}

/// `robo -v` alone prints the version, as tj/robo does.
pub(super) fn version(app: &App) -> Result<Exit> {
    app.ui.product(concat!(env!("CARGO_PKG_VERSION"), "\n"))?;
    Ok(Exit::Done)
}
