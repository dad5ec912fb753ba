//! The signers that the settings name.

use std::path::Path;

use crate::cli::app::App;
use crate::dotfiles::signed::{Signers, signers};
use crate::error::{Error, Result};
use crate::settings::{Settings, SettingsFile};
use crate::sys::read::{self, Unread};

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
        let read = bytes(&path, &place).map_err(|error| {
            let settings = file.path().display();
            error.hint(format!(
                "[trust] in {settings} names the file; without 'signers' and 'revoked' there you are asked anew"
            ))
        });
        read.map(|bytes| (bytes, place))
    };
    let (bytes, place) = read(path)?;
    let mut signers = Signers::read(&bytes, &place)?;
    if let Some(revoked) = &trust.revoked {
        let (bytes, place) = read(revoked)?;
        signers = signers.without(Some(bytes), &place)?;
    }
    Ok(Some(Pinned { signers, place }))
}

/// The bytes of a file of signers, or of revoked keys; `place` says which one, for people.
pub(super) fn bytes(path: &Path, place: &str) -> Result<Vec<u8>> {
    read::ordinary(path, signers::LARGEST).map_err(|unread| {
        let why = match unread {
            Unread::TooLarge(size) => {
                format!("has {size} bytes, and {} is the most", signers::LARGEST)
            }
            _ => unread.words(),
        };
        Error::failed(format!("cannot read who may sign: {place} {why}"))
            .maybe_because(unread.cause())
    })
}
