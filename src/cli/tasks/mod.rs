//! The commands that a company and a folder share: robo.yml.

pub(super) mod around;
pub(super) mod help;
pub(super) mod list;
mod page;
pub(super) mod run;
mod sessions;
pub(super) mod sources;
mod trust;
pub(super) mod variables;

use std::path::PathBuf;

/// The flags of tj/robo.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Tasks")]
pub(super) struct TaskFlags {
    /// The file of tasks; only what is in it counts then [default: the nearest robo.yml, and the
    /// company's]
    #[arg(short, long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print the names only
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl TaskFlags {
    /// Fills in what is missing from flags that were given elsewhere.
    pub(super) fn or(&mut self, others: &Self) {
        self.config = self.config.take().or_else(|| others.config.clone());
        self.quiet |= others.quiet;
    }
}
