//! A file is replaced whole, or not at all.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::sys::files::{Files, next_step};

/// Writes `bytes` to `path` so that a reader, or the next start after a crash, finds the old
/// content or the new one and nothing else.
///
/// The new content goes to a file beside `path` whose name is always the same
/// ([`temporary`]), so that one left behind by a crash is known and removed by the next writer.
/// A symbolic link is followed and stays; mode and owner of an existing file are kept, a new
/// one is readable by its owner only. Callers hold the lock that keeps other writers away.
///
/// # Errors
/// When a step fails. `path` is then as it was, unless the very last step (flushing the folder)
/// is the one that failed: then it is new, but might not survive a power cut.
pub fn replace(files: &dyn Files, path: &Path, bytes: &[u8]) -> Result<()> {
    let target = real_path(path)?;
    let temporary = temporary(&target);
    match write(files, &target, &temporary, bytes) {
        Ok(()) => Ok(()),
        Err((step, cause)) => {
            let _ = files.remove(&temporary);
            let hint = next_step(&cause, target.parent().unwrap_or(Path::new(".")));
            Err(Error::failed(format!("cannot write {}: {step} failed", path.display()))
                .because(cause)
                .hint(hint))
        }
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

fn write(
    files: &dyn Files,
    target: &Path,
    temporary: &Path,
    bytes: &[u8],
) -> Result<(), (&'static str, io::Error)> {
    let folder = target.parent().unwrap_or(Path::new("."));
    files.create_folder(folder).map_err(|cause| ("making its folder", cause))?;
    if temporary.symlink_metadata().is_ok() {
        files.remove(temporary).map_err(|cause| ("removing an old temporary file", cause))?;
    }
    let old = target.symlink_metadata().ok().filter(Metadata::is_file);
    files.write_new(temporary, bytes, old.as_ref()).map_err(|c| ("writing beside it", c))?;
    files.sync_file(temporary).map_err(|cause| ("flushing to disk", cause))?;
    files.rename(temporary, target).map_err(|cause| ("renaming into place", cause))?;
    // From here on the new content is in place; only its survival of a power cut is at stake.
    files.sync_folder(folder).map_err(|cause| ("flushing its folder", cause))
}

/// The name of the file that [`replace`] writes before it renames: `.NAME.robo-new` beside it.
pub fn temporary(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".robo-new");
    target.with_file_name(name)
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
