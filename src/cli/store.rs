//! The store of secrets, as flags, environment and settings choose it.

use crate::cli::app::App;
use crate::error::Result;
use crate::settings::{Remember, Settings, SettingsFile};
use crate::store::{Backend, Choice, Opened, is_reachable, open as open_store};
use crate::sys::files::Disk;
use crate::sys::folders::Folders;
use crate::sys::secret::Secret;

/// robo's own variable before aws-okta's: the latter may be meant for aws-okta.
const VARIABLES: [&str; 2] = ["ROBO_BACKEND", "AWS_OKTA_BACKEND"];

/// The variable that holds the passphrase of the key file.
pub(super) const PASSPHRASE: &str = "ROBO_FILE_PASSPHRASE";

/// Opens the store. Nothing is read of it yet.
pub(super) fn open<'a>(
    app: &'a App,
    folders: &'a Folders,
    settings: &Settings,
    flag: Option<&str>,
) -> Result<Opened<'a>> {
    let variable = || VARIABLES.into_iter().find_map(|name| Some((name, app.env.text(name)?)));
    let asked = match (flag, variable()) {
        (Some(flag), _) => Some(flag.parse::<Backend>()?),
        (None, Some((name, value))) => Some(
            value
                .parse::<Backend>()
                .map_err(|error| error.hint(format!("it comes from ${name}")))?,
        ),
        (None, None) => None,
    };
    let remembered = settings.backend.as_deref().map(|name| {
        name.parse::<Backend>()
            .map_err(|error| error.hint("it comes from 'backend' in robo's settings"))
    });
    let opened = open_store(&Choice {
        asked,
        remembered: remembered.transpose()?,
        keychain: is_reachable(
            app.env.get("DBUS_SESSION_BUS_ADDRESS"),
            app.env.get("XDG_RUNTIME_DIR").map(AsRef::as_ref),
        ),
        passphrase: app.env.text(PASSPHRASE).map(Secret::from),
        folders,
        prompt: app.ui.prompt(),
    })?;
    if let Some(warning) = &opened.warning {
        app.ui.warn(warning);
    }
    Ok(opened)
}

/// Remembers the choice: what was kept must be found again.
pub(super) fn remember(file: &SettingsFile, backend: Backend) -> Result<()> {
    let news = Remember { backend: Some(backend.name().to_owned()), ..Remember::default() };
    file.remember(&Disk, &news)
}
