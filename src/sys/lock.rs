//! Locks between robo processes, held by the operating system: they die with their holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::sys::files::{Disk, Files as _, next_step};

/// A held lock. Dropping it, or the death of the process, releases it.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// How often a held lock is tried again. A wait is rare and human-sized.
const INTERVAL: Duration = Duration::from_millis(20);

impl Lock {
    /// Takes the lock at `path`, a file that is made where it is missing and never removed.
    ///
    /// Waits for `patience` at most. `waiting` is called once, when somebody else holds it.
    ///
    /// # Errors
    /// When the file cannot be opened, or the holder did not let go in time.
    pub fn take(path: &Path, patience: Duration, waiting: impl FnOnce()) -> Result<Self> {
        let file = opened(path)?;
        let mut waiting = Some(waiting);
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file }),
                Err(TryLockError::Error(cause)) => {
                    return Err(
                        Error::failed(format!("cannot lock {}", path.display())).because(cause)
                    );
                }
                Err(TryLockError::WouldBlock) if started.elapsed() >= patience => {
                    return Err(Error::failed(format!(
                        "another robo has held {} for {} s",
                        path.display(),
                        patience.as_secs()
                    ))
                    .hint("see what it is doing ('ps ax | grep robo'), or try again"));
                }
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    std::thread::sleep(INTERVAL);
                }
            }
        }
    }

    /// Takes the lock at `path` if nobody holds it.
    ///
    /// # Errors
    /// When the file cannot be opened or locked.
    pub fn try_take(path: &Path) -> Result<Option<Self>> {
        let file = opened(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => {
                Err(Error::failed(format!("cannot lock {}", path.display())).because(cause))
            }
        }
    }

    /// What the last holder wrote.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut file = &self.file;
        file.rewind()?;
        whole(file)
    }

    /// Leaves word for the next holder, in place of what was there. Not meant to survive a crash.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, word: &[u8]) -> io::Result<()> {
        rewrite(&self.file, word)
    }

    /// A second handle of the same lock, for a child process to inherit: the lock is free only
    /// when both are gone.
    ///
    /// # Errors
    /// When the operating system gives no more handles.
    pub fn share(&self) -> Result<File> {
        self.file
            .try_clone()
            .map_err(|cause| Error::failed("cannot share a lock with a child").because(cause))
    }
}

/// As [`Lock::write`], by a handle that [`Lock::share`] gave.
///
/// # Errors
/// When it cannot be written.
pub fn rewrite(mut file: &File, word: &[u8]) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(word)
}

/// What stands in the lock at `path`, which somebody else may hold and be writing to.
///
/// # Errors
/// When it cannot be read.
pub fn peek(path: &Path) -> io::Result<Vec<u8>> {
    whole(&File::open(path)?)
}

fn whole(file: &File) -> io::Result<Vec<u8>> {
    let mut word = Vec::new();
    file.take(MOST).read_to_end(&mut word)?;
    Ok(word)
}

/// More than any word left for the next holder.
const MOST: u64 = 64 << 10;

fn opened(path: &Path) -> Result<File> {
    open(path).map_err(|cause| {
        let hint = next_step(&cause, path.parent().unwrap_or(Path::new(".")));
        Error::failed(format!("cannot open the lock {}", path.display())).because(cause).hint(hint)
    })
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        Disk.create_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
