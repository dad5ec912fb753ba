//! The key store `keychain`: the operating system's own.
//!
//! One item holds the master key: service `robo`, user `master-key`. One item means one question,
//! where the system asks whether robo may read it, and fits the 2,560 bytes that Windows allows.

#[cfg(any(target_os = "macos", windows))]
#[path = "native.rs"]
mod system;
#[cfg(all(unix, not(target_os = "macos")))]
#[path = "secret_service.rs"]
mod system;

mod bus;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::store::Backend;
use crate::store::key::{KeyStore, MasterKey};
use crate::sys::prompt::Prompt;

pub use bus::is_reachable;

const SERVICE: &str = "robo";
const USER: &str = "master-key";

/// What to do where the keychain cannot be used.
pub(super) const INSTEAD: &str =
    "'--backend file' keeps secrets in a file under a passphrase instead";

/// Keeps the master key in macOS Keychain, in Windows Credential Manager, or with whoever offers
/// the Secret Service on the session's D-Bus (GNOME Keyring, KWallet, KeePassXC).
///
/// The Secret Service is spoken to in a plain session: a read takes 4 ms instead of 11. Encrypting
/// what goes over the user's own bus would keep nobody out: whoever can listen there can ask for
/// the item as well. libdbus finds the bus by the environment of the process, not by a value that
/// is handed in; see [`is_reachable`].
pub struct Keychain<'a> {
    prompt: &'a dyn Prompt,
    #[cfg_attr(
        any(target_os = "macos", windows),
        expect(dead_code, reason = "these two answer, or show a dialog of their own")
    )]
    patience: Duration,
}

/// How long the keychain may take where no person has to answer. It may have to be started first.
const PATIENCE: Duration = Duration::from_secs(8);

impl<'a> Keychain<'a> {
    /// The keychain of whoever runs this process. `prompt` is told while the system's own dialog
    /// waits for the person.
    pub fn new(prompt: &'a dyn Prompt) -> Self {
        Self { prompt, patience: PATIENCE }
    }

    /// Waits this long for an answer that needs no person, where the system knows no limit of its
    /// own (a Secret Service). It is 8 s at first.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

impl KeyStore for Keychain<'_> {
    fn backend(&self) -> Backend {
        Backend::Keychain
    }

    fn load(&self) -> Result<Option<MasterKey>> {
        system::load(self)?.map(|text| decode(&text)).transpose()
    }

    fn keep(&self, key: &MasterKey) -> Result<()> {
        system::keep(self, encode(key))?;
        // Some say yes and keep nothing, or keep it beside an older one: then the next run would
        // find all sealed under another key.
        match self.load()? {
            Some(kept) if kept.expose() == key.expose() => Ok(()),
            _ => Err(Error::failed("the keychain did not keep robo's master key").hint(INSTEAD)),
        }
    }

    fn forget(&self) -> Result<()> {
        system::forget(self)
    }

    fn waits_for_another(&self) {
        self.prompt.note("Another robo is opening the keychain; waiting for it.");
    }
}

/// Not every keychain keeps bytes that are no text.
fn encode(key: &MasterKey) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(key.expose()))
}

fn decode(text: &[u8]) -> Result<MasterKey> {
    let bytes = Zeroizing::new(STANDARD.decode(text).unwrap_or_default());
    MasterKey::from_bytes(&bytes).ok_or_else(|| {
        Error::failed(format!(
            "the keychain's item for the service '{SERVICE}' and the user '{USER}' is not a key of robo's"
        ))
        .hint("remove that item, and robo makes a new key; what it keeps now cannot be opened then")
        .hint(INSTEAD)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_text() {
        let key = MasterKey::generate().unwrap();
        assert_eq!(decode(encode(&key).as_bytes()).unwrap().expose(), key.expose());
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        for text in ["", "hunter2", "AAAA", "\u{fffd}", &"A".repeat(5000)] {
            let error = decode(text.as_bytes()).unwrap_err();
            assert!(error.message().contains("is not a key of robo's"));
            assert!(text.is_empty() || !format!("{error:?}").contains(text));
        }
    }
}
