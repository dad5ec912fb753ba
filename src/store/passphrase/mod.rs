//! The key store `file`: the master key in a file, under a passphrase.

mod format;
mod session;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::store::key::{KeyStore, MasterKey};
use crate::store::shelf;
use crate::store::{Backend, Why};
use crate::sys::files::Disk;
use crate::sys::lock::Lock;
use crate::sys::prompt::Prompt;
use crate::sys::replace::replace_alone;
use crate::sys::secret::{ExposeSecret as _, Secret};
use format::{Cost, Derived, KeyFile};

/// Keeps the master key in a file, sealed under what Argon2id makes of a passphrase.
///
/// The passphrase is the one handed in, or else asked for. What it gives is held by the kernel
/// until the login session ends, for 12 hours at most, so that a person is asked, and the
/// derivation paid, once a session (Linux only).
pub struct PassphraseFile<'a> {
    path: PathBuf,
    lock: PathBuf,
    given: Option<Secret>,
    prompt: &'a dyn Prompt,
    cost: Cost,
    holds: bool,
}

/// How often a wrong passphrase may be typed.
const ATTEMPTS: u32 = 3;

/// How long another robo may wait for its person to type the passphrase.
const PATIENCE: Duration = Duration::from_secs(600);

/// The variable that hands in a passphrase; it is read by the caller.
const VARIABLE: &str = "ROBO_FILE_PASSPHRASE";

impl<'a> PassphraseFile<'a> {
    /// The key file at `path`, which need not exist. `given` is the passphrase where it needs no
    /// question (from `ROBO_FILE_PASSPHRASE`); `locks` is the folder for the lock under which it
    /// is asked for.
    pub fn new(path: PathBuf, locks: &Path, given: Option<Secret>, prompt: &'a dyn Prompt) -> Self {
        let lock = locks.join("passphrase.lock");
        Self { path, lock, given, prompt, cost: Cost::USUAL, holds: true }
    }

    /// Lets the kernel hold nothing: each process works through the passphrase anew.
    #[must_use]
    pub fn without_session(self) -> Self {
        Self { holds: false, ..self }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a key to open, or a passphrase to make one with without a question.
    pub fn is_usable_unattended(&self) -> bool {
        self.given.is_some() || self.path.exists()
    }

    fn read(&self) -> Result<Option<KeyFile>> {
        let broken = |words: String| {
            let path = self.path.display();
            Error::failed(format!("robo's master key cannot be used: {path} {words}")).hint(
                format!("without it, what robo keeps cannot be opened: put it back from a backup, or start anew ('mv {path} {path}.old')"),
            )
        };
        let bytes = shelf::read(&self.path).map_err(|why: Why| broken(why.words()))?;
        bytes.map(|bytes| KeyFile::parse(&bytes).map_err(broken)).transpose()
    }

    /// The master key by what the kernel holds.
    fn held(&self, file: &KeyFile) -> Option<MasterKey> {
        let derived = self.holds.then(|| session::find(&file.fingerprint())).flatten()?;
        file.open(&Derived(derived))
    }

    fn hold(&self, file: &KeyFile, derived: &Derived) {
        if self.holds {
            session::hold(&file.fingerprint(), &derived.0[..]);
        }
    }

    /// The master key by the passphrase.
    fn unlock(&self, file: &KeyFile) -> Result<(MasterKey, Derived)> {
        let open = |passphrase: &Secret| -> Result<_> {
            let derived = file.derive(passphrase)?;
            Ok(file.open(&derived).map(|key| (key, derived)))
        };
        let path = self.path.display();
        let forgotten = format!(
            "if it is forgotten, 'mv {path} {path}.old' starts anew: robo asks for your passwords again"
        );
        if let Some(given) = &self.given {
            return open(given)?.ok_or_else(|| {
                Error::failed(format!(
                    "{VARIABLE} is not the passphrase of robo's master key, {path}"
                ))
                .hint("set it to the right one, or unset it to be asked")
                .hint(forgotten)
            });
        }
        if !self.prompt.can_ask() {
            return Err(nobody("is needed"));
        }
        for attempt in 1..=ATTEMPTS {
            if let Some(opened) = open(&self.prompt.secret("Passphrase for robo's secrets:")?)? {
                return Ok(opened);
            }
            if attempt < ATTEMPTS {
                self.prompt.note("That is not the passphrase.");
            }
        }
        Err(Error::failed(format!("that is not the passphrase of robo's master key, {path}"))
            .hint("run it again to try again")
            .hint(forgotten))
    }

    /// A passphrase for a new key.
    fn choose(&self) -> Result<Secret> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        if !self.prompt.can_ask() {
            return Err(nobody("has to be chosen"));
        }
        for attempt in 1..=ATTEMPTS {
            let chosen = self.prompt.secret("New passphrase for robo's secrets:")?;
            let again = self.prompt.secret("The same passphrase again:")?;
            if chosen.expose_secret() == again.expose_secret() {
                return Ok(chosen);
            }
            if attempt < ATTEMPTS {
                self.prompt.note("Those two differ.");
            }
        }
        Err(Error::failed("no passphrase was chosen: the two always differed")
            .hint(format!("run it again, or set {VARIABLE}")))
    }
}

fn nobody(what: &str) -> Error {
    let message = format!("a passphrase for robo's secrets {what}, and nobody is there to type it");
    Error::new(Kind::NeedsAnswer, message).hint(format!("set {VARIABLE}, or run it on a terminal"))
}

impl KeyStore for PassphraseFile<'_> {
    fn backend(&self) -> Backend {
        Backend::File
    }

    fn load(&self) -> Result<Option<MasterKey>> {
        let Some(file) = self.read()? else { return Ok(None) };
        if let Some(key) = self.held(&file) {
            return Ok(Some(key));
        }
        // One robo asks, and the others find what it got; they do not take 19 MiB each at once
        // either. Without a lock it still works, so a lock that cannot be had is no failure.
        let _lock = Lock::take(&self.lock, PATIENCE, || self.waits_for_another()).ok();
        let Some(file) = self.read()? else { return Ok(None) };
        if let Some(key) = self.held(&file) {
            return Ok(Some(key));
        }
        let (key, derived) = self.unlock(&file)?;
        self.hold(&file, &derived);
        Ok(Some(key))
    }

    fn keep(&self, key: &MasterKey) -> Result<()> {
        let (file, derived) = KeyFile::seal(key, &self.choose()?, self.cost)?;
        replace_alone(&Disk, &self.path, file.bytes())?;
        self.hold(&file, &derived);
        Ok(())
    }

    fn forget(&self) -> Result<()> {
        if let Ok(Some(file)) = self.read() {
            session::drop(&file.fingerprint());
        }
        shelf::remove(&self.path).map(|_| ())
    }

    fn waits_for_another(&self) {
        if self.given.is_none() {
            self.prompt.note("Another robo is asking for the passphrase; waiting for it.");
        }
    }
}
