//! The master key at hand: loaded when it is first needed, and made once.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Result;
use crate::store::key::{KeyStore, MasterKey};
use crate::sys::lock::Lock;

/// A key store whose key is asked for once a process.
pub(super) struct Keys<'a> {
    store: Box<dyn KeyStore + 'a>,
    lock: PathBuf,
    key: OnceCell<MasterKey>,
}

/// How long another robo may take to make the key: a person may be choosing a passphrase for it.
const PATIENCE: Duration = Duration::from_secs(600);

impl<'a> Keys<'a> {
    /// `lock` is the file that keeps two first starts apart.
    pub(super) fn new(store: Box<dyn KeyStore + 'a>, lock: PathBuf) -> Self {
        Self { store, lock, key: OnceCell::new() }
    }

    pub(super) fn store(&self) -> &dyn KeyStore {
        &*self.store
    }

    /// The key, if there is one.
    pub(super) fn get(&self) -> Result<Option<&MasterKey>> {
        if self.key.get().is_none()
            && let Some(key) = self.store.load()?
        {
            return Ok(Some(self.key.get_or_init(|| key)));
        }
        Ok(self.key.get())
    }

    /// The key, made and kept first where there is none.
    pub(super) fn get_or_make(&self) -> Result<&MasterKey> {
        if let Some(key) = self.get()? {
            return Ok(key);
        }
        let _lock = Lock::take(&self.lock, PATIENCE, || self.store.waits_for_another())?;
        // Whoever held the lock has made it, most likely.
        if let Some(key) = self.get()? {
            return Ok(key);
        }
        let key = MasterKey::generate()?;
        self.store.keep(&key)?;
        Ok(self.key.get_or_init(|| key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Backend;
    use std::cell::Cell;
    use std::fs;
    use std::sync::Barrier;

    /// Keeps the key in the clear, and counts.
    struct Plain {
        path: PathBuf,
        loads: Cell<u32>,
    }

    impl KeyStore for &Plain {
        fn backend(&self) -> Backend {
            Backend::File
        }
        fn load(&self) -> Result<Option<MasterKey>> {
            self.loads.set(self.loads.get() + 1);
            Ok(fs::read(&self.path).ok().and_then(|bytes| MasterKey::from_bytes(&bytes)))
        }
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        fn keep(&self, key: &MasterKey) -> Result<()> {
            assert!(!self.path.exists(), "a key must not take another's place");
            fs::write(&self.path, key.expose()).unwrap();
            Ok(())
        }
        fn forget(&self) -> Result<()> {
            Ok(())
        }
    }

    fn plain(folder: &tempfile::TempDir) -> Plain {
        Plain { path: folder.path().join("key"), loads: Cell::new(0) }
    }

    #[test]
    fn the_key_is_loaded_once_and_only_when_needed() {
        let folder = tempfile::tempdir().unwrap();
        let store = plain(&folder);
        let keys = Keys::new(Box::new(&store), folder.path().join("lock"));
        assert_eq!(store.loads.get(), 0);
        assert!(keys.get().unwrap().is_none());
        let made = keys.get_or_make().unwrap().id();
        let loads = store.loads.get();
        assert_eq!(keys.get().unwrap().unwrap().id(), made);
        assert_eq!(keys.get_or_make().unwrap().id(), made);
        assert_eq!(store.loads.get(), loads);
    }

    #[test]
    fn many_first_starts_at_once_make_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let start = Barrier::new(16);
        let ids: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        let store = plain(&folder);
                        let keys = Keys::new(Box::new(&store), folder.path().join("lock"));
                        start.wait();
                        keys.get_or_make().unwrap().id()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]));
    }
}
