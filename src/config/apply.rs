//! Putting a plan into effect, so that a crash at any instant leaves the old file or the new one.
//!
//! The order is: keep a backup; announce the base that holds once the file is new; replace the
//! file; settle the base. A run that dies before the replacement has changed nothing but robo's
//! own folder; one that dies after it has announced which base the new content has, so the next
//! run reads the right one and settles it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::config::backups::Backups;
use crate::config::base::{Base, BaseStore};
use crate::config::target::Target;
use crate::error::Result;
use crate::sys::files::Files;
use crate::sys::lock::Lock;
use crate::sys::replace::{clear_leftover, replace};

/// A file under lock, about to be changed.
pub struct Apply<'a> {
    files: &'a dyn Files,
    target: &'a Target,
    backups: Backups,
    store: BaseStore,
    current: Option<Vec<u8>>,
    _lock: Lock,
}

impl<'a> Apply<'a> {
    /// Locks the file, clears away what a run that died has left, and reads what is there now.
    ///
    /// # Errors
    /// When another robo does not let go of the lock, or the file cannot be read.
    pub fn begin(
        files: &'a dyn Files,
        state: &Path,
        target: &'a Target,
        waiting: impl FnOnce(),
    ) -> Result<Self> {
        let lock = target.lock(state, waiting)?;
        let current = target.read()?;
        let store = BaseStore::new(state, target);
        clear_leftover(files, target.real())?;
        store.recover(files, current.as_deref())?;
        Ok(Self { files, target, backups: Backups::new(state), store, current, _lock: lock })
    }

    /// What the file holds now; none when it is not there.
    pub fn current(&self) -> Option<&[u8]> {
        self.current.as_deref()
    }

    /// The base of what the file holds now.
    ///
    /// # Errors
    /// As [`BaseStore::load`].
    pub fn base(&self) -> Result<Option<Base>> {
        self.store.load(self.current())
    }

    /// Gives the file new content, which `base` belongs to. Gives the backup of the old content;
    /// none when the file was not there.
    ///
    /// # Errors
    /// When a step fails; the file is then as it was, unless only recording the base failed.
    pub fn write(
        self,
        content: &[u8],
        base: Option<&Base>,
        now: Timestamp,
    ) -> Result<Option<PathBuf>> {
        let backup = match self.current() {
            // A base that cannot be read does not keep anybody from writing.
            Some(old) => {
                let old_base = self.base().unwrap_or(None);
                let (files, target) = (self.files, self.target);
                Some(self.backups.keep(files, target, old, old_base.as_ref(), now)?)
            }
            None => None,
        };
        self.store.announce(self.files, base, content)?;
        if let Err(error) = replace(self.files, self.target.real(), content) {
            if self.target.read().ok().flatten().as_deref() != Some(content) {
                self.store.retract(self.files);
            }
            return Err(error);
        }
        self.store.settle(self.files)?;
        Ok(backup)
    }

    /// Records a base for content that stays as it is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(self, base: &Base) -> Result<()> {
        if self.base().ok().flatten().as_ref() == Some(base) {
            return Ok(());
        }
        self.store.record(self.files, Some(base))
    }
}
