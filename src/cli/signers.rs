//! The signers that the settings name.

use std::path::Path;

use crate::cli::app::App;
use crate::dotfiles::signed::{Signers, signers};
use crate::error::{Error, Result};
use crate::settings::{Settings, SettingsFile};
use crate::sys::read;

/// Signers that count, and the file that they are in, for people.
pub(super) struct Pinned {
    pub(super) signers: Signers,
    pub(super) place: String,
}

/// Reads the signers that the settings name; nothing where commits are taken unsigned.
///
/// # Errors
/// When a file of them cannot be read, and when there are only revoked keys.
pub(super) fn pinned(
    app: &App,
    settings: &Settings,
    file: &SettingsFile,
) -> Result<Option<Pinned>> {
    let trust = &settings.trust;
    let Some(path) = &trust.signers else {
        if trust.revoked.is_none() {
            return Ok(None);
        }
        return Err(Error::failed(format!(
            "{}: [trust] names 'revoked' keys, and no 'signers' whose they were",
            file.path().display()
        ))
        .hint("'signers' is the path of an allowed-signers file"));
    };
    let read = |path: &str| {
        let path = file.beside(path, &app.env);
        let place = app.env.display(&path);
        bytes(&path, &place, file).map(|bytes| (bytes, place))
    };
    let (bytes, place) = read(path)?;
    let revoked = trust.revoked.as_deref().map(read).transpose()?.map(|(bytes, _)| bytes);
    Ok(Some(Pinned { signers: Signers::read(&bytes, &place)?.without(revoked), place }))
}

fn bytes(path: &Path, place: &str, settings: &SettingsFile) -> Result<Vec<u8>> {
    read::ordinary(path, signers::LARGEST).map_err(|unread| {
        Error::failed(format!("cannot read who may sign: {place} {}", unread.words()))
            .maybe_because(unread.cause())
            .hint(format!("[trust] in {} names the file", settings.path().display()))
    })
}
