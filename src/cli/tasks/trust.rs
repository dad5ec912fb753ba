//! Whether the `robo.yml` of a folder may take the place of a company's command.

use std::path::Path;

use crate::cli::app::App;
use crate::error::Result;
use crate::settings::{Remember, SettingsFile};
use crate::sys::files::Disk;

/// What was answered for the folder of this file; nothing where nobody was asked yet.
pub(super) fn answer(app: &App, file: &Path) -> Result<Option<bool>> {
    let Some(folder) = folder(file) else { return Ok(None) };
    let (settings, _) = SettingsFile::new(app.folders()?).load()?;
    Ok(settings.trust.folders.get(&folder).copied())
}

/// Asks whether the file's tasks go before the company's of the same name, and remembers the
/// answer. Nothing where nobody is there to ask.
pub(super) fn ask(app: &App, file: &Path, label: &str, task: &str) -> Result<Option<bool>> {
    let Some(folder) = folder(file).filter(|_| app.ui.can_ask()) else { return Ok(None) };
    app.ui.prompt().note(&format!("The company has a command '{task}', and {label} has one, too."));
    let trusted =
        app.ui.confirm("Shall the commands of this folder go first, from now on?", false)?;
    let settings = SettingsFile::new(app.folders()?);
    let news = Remember { folder: Some((folder, trusted)), ..Remember::default() };
    settings.remember(&Disk, &news)?;
    Ok(Some(trusted))
}

/// The folder by its real path, so that no link leads to another one's answer; nothing for a path
/// that settings cannot hold.
fn folder(file: &Path) -> Option<String> {
    let folder = file.parent().unwrap_or(file);
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    real.to_str().map(str::to_owned)
}
