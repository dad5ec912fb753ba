//! Putting a plan into effect, so that a crash at any instant leaves the old file or the new one.
//!
//! The order is: keep a backup; stage the new content beside the file; announce the base that
//! belongs to it; look whether the file is still what the plan was made for; put the content in the
//! file's place; settle the base.
//!
//! A run that dies leaves word of how far it came. An announcement whose content still waits beside
//! the file has not come true: the next run takes both back, the announcement first. One whose
//! content is gone has come true, and the next run settles it, whatever was done to the file since;
//! unless the file still holds what was to be replaced: then it was somebody else who cleared up.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::config::backups::Backups;
use crate::config::base::{Base, BaseStore};
use crate::config::target::Target;
use crate::error::Result;
use crate::sys::files::Files;
use crate::sys::lock::Lock;
use crate::sys::replace::{Staged, stage};

/// How writing ended.
#[derive(Debug)]
#[must_use = "the file may not have been written"]
pub enum Outcome {
    /// The file is new.
    Written {
        /// The backup of the old content; none when the file was not there.
        backup: Option<PathBuf>,
    },
    /// Somebody else, an editor for instance, wrote the file since it was read. It is as they left
    /// it.
    Overtaken,
}

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
        let store = BaseStore::new(state, target);
        let current = target.read()?;
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

    /// Gives the file new content, which `base` belongs to.
    ///
    /// # Errors
    /// When a step fails; the file is then as it was, unless only what comes after putting the
    /// content in place failed: then the next run knows that it is new.
    pub fn write(self, content: &[u8], base: Option<&Base>, now: Timestamp) -> Result<Outcome> {
        let backup = match self.current() {
            // A base that cannot be read does not keep anybody from writing.
            Some(old) => {
                let old_base = self.base().unwrap_or(None);
                let (files, target) = (self.files, self.target);
                Some(self.backups.keep(files, target, old, old_base.as_ref(), now)?)
            }
            None => None,
        };
        let staged = stage(self.files, self.target.real(), content)?;
        match self.put(&staged, base) {
            Ok(true) => {
                self.store.settle(self.files)?;
                Ok(Outcome::Written { backup })
            }
            Ok(false) => {
                self.take_back(&staged)?;
                Ok(Outcome::Overtaken)
            }
            Err(error) => {
                if staged.is_waiting() {
                    // Where this fails too, the next run does it.
                    let _ = self.take_back(&staged);
                }
                Err(error)
            }
        }
    }

    /// Puts the content in place unless somebody else has written the file; tells whether it did.
    fn put(&self, staged: &Staged<'_>, base: Option<&Base>) -> Result<bool> {
        self.store.announce(self.files, base, self.current())?;
        // As late as can be: what is saved from here to the rename is lost.
        let is_link = self.target.real().is_symlink();
        if is_link || self.target.read()? != self.current {
            return Ok(false);
        }
        staged.put()?;
        Ok(true)
    }

    fn take_back(&self, staged: &Staged<'_>) -> Result<()> {
        self.store.retract(self.files)?;
        staged.discard();
        Ok(())
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
