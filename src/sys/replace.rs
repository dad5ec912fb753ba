//! A file is replaced whole, or not at all.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::sys::files::{Files, next_step};

/// Writes `bytes` to `path` so that a reader, or the next start after a crash, finds the old
/// content or the new one and nothing else.
///
/// A symbolic link is followed and stays. Otherwise [`stage`] and [`Staged::put`] in one.
///
/// # Errors
/// When a step fails. `path` is then as it was, unless the very last step (flushing the folder)
/// is the one that failed: then it is new, but might not survive a power cut.
pub fn replace(files: &dyn Files, path: &Path, bytes: &[u8]) -> Result<()> {
    let staged = stage(files, &real_path(path)?, bytes)?;
    staged.put().inspect_err(|_| staged.discard())
}

/// Writes `bytes` to `path` as [`replace`] does, but with no lock held: any number of processes may
/// write the same file at once, and the last one wins.
///
/// The temporary file has a name of its own; one that a crash leaves is known by [`is_temporary`].
/// The file is readable by its owner only, whatever an older one was. Links are not followed.
///
/// # Errors
/// As [`replace`].
pub fn replace_alone(files: &dyn Files, path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary_of_its_own(path)?;
    let staged = Staged { files, target: path.to_owned(), temporary };
    let written = staged.write(bytes, None).map_err(|(step, cause)| staged.error(step, cause));
    written.and_then(|()| staged.put()).inspect_err(|_| staged.discard())
}

/// Writes what `target` is to hold to a file beside it, and waits until it is on the disk under
/// that name.
///
/// The name is always the same ([`temporary`]), so that one left behind by a crash is known and
/// removed by the next writer. Mode and owner of an existing file are kept, a new one is readable
/// by its owner only. Links are not followed. Callers hold the lock that keeps other writers away.
///
/// # Errors
/// When a step fails; nothing is left then.
pub fn stage<'a>(files: &'a dyn Files, target: &Path, bytes: &[u8]) -> Result<Staged<'a>> {
    let staged = Staged { files, target: target.to_owned(), temporary: temporary(target) };
    let old = target.symlink_metadata().ok().filter(Metadata::is_file);
    staged.write(bytes, old.as_ref()).map_err(|(step, cause)| {
        staged.discard();
        staged.error(step, cause)
    })?;
    Ok(staged)
}

/// New content that waits beside its target.
pub struct Staged<'a> {
    files: &'a dyn Files,
    target: PathBuf,
    temporary: PathBuf,
}

impl Staged<'_> {
    /// Puts it in its target's place, and waits until that is on the disk.
    ///
    /// # Errors
    /// When a step fails; [`Staged::is_waiting`] tells whether the target is still the old one.
    pub fn put(&self) -> Result<()> {
        self.files
            .rename(&self.temporary, &self.target)
            .map_err(|cause| self.error("renaming into place", cause))?;
        // From here on the new content is in place; only its survival of a power cut is at stake.
        self.files
            .sync_folder(self.folder())
            .map_err(|cause| self.error("flushing its folder", cause))
    }

    /// Whether it is not in its target's place yet.
    pub fn is_waiting(&self) -> bool {
        self.temporary.symlink_metadata().is_ok()
    }

    /// Removes it if it still waits. What cannot be removed is left to the next writer.
    pub fn discard(&self) {
        let _ = self.files.remove(&self.temporary);
    }

    fn write(
        &self,
        bytes: &[u8],
        like: Option<&Metadata>,
    ) -> Result<(), (&'static str, io::Error)> {
        let Self { files, temporary, .. } = self;
        files.create_folder(self.folder()).map_err(|cause| ("making its folder", cause))?;
        if self.is_waiting() {
            files.remove(temporary).map_err(|cause| ("removing an old temporary file", cause))?;
        }
        files.write_new(temporary, bytes, like).map_err(|cause| ("writing beside it", cause))?;
        files.sync_file(temporary).map_err(|cause| ("flushing to disk", cause))?;
        files.sync_folder(self.folder()).map_err(|cause| ("flushing its folder", cause))
    }

    fn folder(&self) -> &Path {
        self.target.parent().unwrap_or(Path::new("."))
    }

    fn error(&self, step: &str, cause: io::Error) -> Error {
        let hint = next_step(&cause, self.folder());
        Error::failed(format!("cannot write {}: {step} failed", self.target.display()))
            .because(cause)
            .hint(hint)
    }
}

/// Removes what a crash in the middle of [`replace`] may have left beside `path`.
pub fn clear_leftover(files: &dyn Files, path: &Path) -> Result<()> {
    let temporary = temporary(&real_path(path)?);
    if temporary.symlink_metadata().is_ok() {
        files.remove(&temporary).map_err(|cause| {
            Error::failed(format!("cannot remove {}", temporary.display())).because(cause)
        })?;
    }
    Ok(())
}

/// How the name of every temporary file ends.
const SUFFIX: &str = ".robo-new";

/// The name of the file that [`stage`] writes: `.NAME.robo-new` beside it.
pub fn temporary(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(SUFFIX);
    target.with_file_name(name)
}

/// The name of a file that no other writer uses: `.NAME.0123456789abcdef.robo-new` beside it.
fn temporary_of_its_own(target: &Path) -> Result<PathBuf> {
    let number = getrandom::u64().map_err(|cause| {
        Error::failed("the operating system gives no random numbers").because(cause)
    })?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{number:016x}"));
    Ok(temporary(&target.with_file_name(name)))
}

/// Whether `path` has the name of a temporary file.
pub fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(SUFFIX.as_bytes())
}

/// Where `path` really is: symbolic links followed, the last one even when nothing is there yet.
///
/// It stays the same when folders on the way that are missing now are made.
///
/// # Errors
/// When links lead in a circle.
pub fn real_path(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_owned();
    // Linux gives up after 40 links (path_resolution(7)); so do we.
    for _ in 0..40 {
        match path.read_link() {
            Ok(link) => path = path.parent().unwrap_or(Path::new(".")).join(link),
            Err(_) => {
                let real = path.ancestors().skip(1).find_map(|folder| {
                    let missing = path.strip_prefix(folder).ok()?;
                    Some(folder.canonicalize().ok()?.join(missing))
                });
                return Ok(real.unwrap_or(path));
            }
        }
    }
    let path = path.display();
    Err(Error::failed(format!("{path}: symbolic links lead in a circle"))
        .hint(format!("remove one of them ('rm {path}'), then try again")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::files::Disk;
    use std::cell::Cell;
    use std::fs;

    /// A disk that is full from a step on.
    struct FullAfter(Cell<u32>);

    impl FullAfter {
        fn step(&self, work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
            let left = self.0.get().checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
            self.0.set(left);
            work()
        }
    }

    impl Files for FullAfter {
        fn create_folder(&self, folder: &Path) -> io::Result<()> {
            self.step(|| Disk.create_folder(folder))
        }
        fn write_new(&self, path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
            self.step(|| Disk.write_new(path, bytes, like))
        }
        fn sync_file(&self, path: &Path) -> io::Result<()> {
            self.step(|| Disk.sync_file(path))
        }
        fn sync_folder(&self, folder: &Path) -> io::Result<()> {
            self.step(|| Disk.sync_folder(folder))
        }
        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step(|| Disk.rename(from, to))
        }
        fn remove(&self, path: &Path) -> io::Result<()> {
            Disk.remove(path)
        }
        fn remove_folder(&self, folder: &Path) -> io::Result<()> {
            Disk.remove_folder(folder)
        }
        fn make_executable(&self, path: &Path) -> io::Result<()> {
            self.step(|| Disk.make_executable(path))
        }
    }

    #[test]
    fn a_file_replaced_without_a_lock_is_the_old_or_the_new_one_whatever_fails() {
        const STEPS: u32 = 6;
        for works in 0..=STEPS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            replace_alone(&Disk, &path, b"old").unwrap();
            let done = replace_alone(&FullAfter(Cell::new(works)), &path, b"new");
            assert_eq!(done.is_ok(), works == STEPS, "{works} steps");
            // The last step flushes the folder: the new content is in place before it.
            let want: &[u8] = if works < STEPS - 1 { b"old" } else { b"new" };
            assert_eq!(fs::read(&path).unwrap(), want, "{works} steps");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{works} steps");
        }
    }

    #[test]
    fn a_temporary_file_of_its_own_is_known_as_one() {
        let target = Path::new("/x/name");
        let (one, other) =
            (temporary_of_its_own(target).unwrap(), temporary_of_its_own(target).unwrap());
        assert_ne!(one, other);
        assert!(is_temporary(&one) && is_temporary(&temporary(target)));
        assert!(!is_temporary(target) && !is_temporary(Path::new("/x/y.robo-new")));
    }
}
