//! macOS Keychain and Windows Credential Manager.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error as Fault};
use zeroize::Zeroizing;

use super::{INSTEAD, Keychain, SERVICE, USER};
use crate::error::{Error, Result};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

/// The text of robo's item; none when there is no such item.
pub(super) fn load(_keychain: &Keychain<'_>) -> Result<Option<Zeroizing<Vec<u8>>>> {
    match entry().and_then(|entry| entry.get_secret()) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(Fault::NoEntry) => Ok(None),
        Err(fault) => Err(explain("read robo's master key from", &fault)),
    }
}

/// Keeps `text` as robo's item, in the place of an older one.
pub(super) fn keep(_keychain: &Keychain<'_>, text: Zeroizing<String>) -> Result<()> {
    entry()
        .and_then(|entry| entry.set_secret(text.as_bytes()))
        .map_err(|fault| explain("keep robo's master key in", &fault))
}

/// Removes robo's item.
pub(super) fn forget(_keychain: &Keychain<'_>) -> Result<()> {
    match entry().and_then(|entry| entry.delete_credential()) {
        Ok(()) | Err(Fault::NoEntry) => Ok(()),
        Err(fault) => Err(explain("remove robo's master key from", &fault)),
    }
}

fn entry() -> Result<Entry, Fault> {
    let store: Arc<Store> = Store::new()?;
    // What is sealed under the key stays on this machine, and so does the key.
    let here = HashMap::from([("persistence", "Local")]);
    store.build(SERVICE, USER, cfg!(windows).then_some(&here))
}

fn explain(doing: &str, fault: &Fault) -> Error {
    let error = Error::failed(format!("cannot {doing} the keychain"));
    match fault {
        // Only these two come from the system; the others could quote what was read.
        Fault::PlatformFailure(cause) | Fault::NoStorageAccess(cause) => {
            error.because(cause.to_string())
        }
        _ => error.because("it answered with nonsense"),
    }
    .hint("unlock it, then run this again")
    .hint(INSTEAD)
}
