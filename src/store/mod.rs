//! What robo keeps between two runs and nobody else may read: the vault, the cache, and the one
//! master key they are sealed under.
//!
//! The **vault** holds what a person had to give (passwords, Okta sessions), the **cache** what
//! can be fetched again (AWS credentials). Each item is a file of its own, sealed with
//! XChaCha20-Poly1305. The **master key** rests in a [`KeyStore`]: the system's keychain, a file
//! under a passphrase, or nowhere. It is loaded when it is first needed, once a process, and made
//! when something is first kept.
//!
//! A file that cannot be read (cut off, of another version, under another key, not robo's at all)
//! is no failure here: it is [`Found::Unreadable`], and whoever asked decides.
//!
//! ```
//! use robo::store::{Found, Store};
//!
//! let store = Store::memory();
//! store.vault().put("note", "jo", &"hello")?;
//! let found: Found<String> = store.vault().get("note", "jo")?;
//! assert_eq!(found.item().as_deref(), Some("hello"));
//! # Ok::<(), robo::Error>(())
//! ```

mod backend;
mod choose;
mod found;
mod items;
mod key;
mod keychain;
mod keys;
mod memory;
mod passphrase;
mod sealed;
mod shelf;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keys::Keys;
use shelf::Shelf;

pub use backend::Backend;
pub use choose::{Choice, Opened, open};
pub use found::{Found, Reason, Why};
pub use items::Items;
pub use key::{KeyStore, MasterKey};
pub use keychain::{Keychain, is_reachable};
pub use memory::Memory;
pub use passphrase::PassphraseFile;

/// Vault and cache under one master key.
///
/// Any number of processes may use the same folders at once.
pub struct Store<'a> {
    keys: Keys<'a>,
    vault: Shelf,
    cache: Shelf,
}

impl<'a> Store<'a> {
    /// Vault and cache in folders of their own, which need not exist, under the key that `keys`
    /// keeps. `locks` is the folder for the lock under which the key is made.
    pub fn new(keys: Box<dyn KeyStore + 'a>, vault: PathBuf, cache: PathBuf, locks: &Path) -> Self {
        Self {
            keys: Keys::new(keys, locks.join("master-key.lock")),
            vault: Shelf::Folder { path: vault, durable: true },
            cache: Shelf::Folder { path: cache, durable: false },
        }
    }

    /// Vault and cache in the process's own memory: nothing outlives it.
    pub fn memory() -> Self {
        let shelf = || Shelf::Memory(RefCell::new(BTreeMap::new()));
        Self { keys: Keys::new(Box::new(Memory), PathBuf::new()), vault: shelf(), cache: shelf() }
    }

    /// What a person had to give: it is on the disk before a write returns.
    pub fn vault(&self) -> Items<'_> {
        Items { shelf: &self.vault, keys: &self.keys }
    }

    /// What can be fetched again: a power cut may lose the last writes, and no more than that.
    pub fn cache(&self) -> Items<'_> {
        Items { shelf: &self.cache, keys: &self.keys }
    }

    /// Where the master key rests.
    pub fn key_store(&self) -> &dyn KeyStore {
        self.keys.store()
    }
}
