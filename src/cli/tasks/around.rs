//! What is around a file of tasks: who runs it, and how the commands of its variables are run.

use std::ffi::OsStr;

use crate::cli::app::App;
use crate::cli::tasks::sources::{self, Origin, Source};
use crate::error::Result;
use crate::sys::{shell, user};
use crate::tasks::{Scripts, Surroundings, User};

/// Whether the commands of variables are run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::cli) enum Commands {
    /// They are.
    Run,
    /// They are run only for files that somebody vouches for; of others they are shown as they
    /// stand: a look at what a folder offers runs nothing of it.
    RunTrusted,
}

/// Calls `work` with what is around `source`.
pub(in crate::cli) fn with<T>(
    app: &App,
    source: &Source,
    commands: Commands,
    work: impl FnOnce(&Surroundings<'_>) -> Result<T>,
) -> Result<T> {
    let user = user::current(&app.env);
    let user = User { name: user.name, username: user.username, home: user.home };
    let looks =
        commands == Commands::RunTrusted && source.origin == Origin::Local { trusted: false };
    // As tj/robo: the person's own shell. What is the company's runs alike for everybody.
    let own = app.env.get("SHELL").filter(|_| source.origin != Origin::Shared);
    let shell = own.unwrap_or(OsStr::new("sh"));
    let run = |command: &str| {
        if looks { Ok(format!("$({command})")) } else { shell::output(shell, command) }
    };
    let owner = sources::owner(app);
    let scripts = match (&source.origin, &source.accepted) {
        (_, Some(accepted)) => Scripts::Accepted(accepted, owner),
        (Origin::Local { .. }, None) => Scripts::Own(owner),
        _ => Scripts::All,
    };
    work(&Surroundings {
        path: &source.path,
        user: &user,
        scripts,
        base: source.base.as_ref().map(|(file, path)| (file, path.as_path())),
        run: &run,
    })
}
