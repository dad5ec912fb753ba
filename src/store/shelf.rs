//! Where items lie: a folder with one file for each, or the process's own memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::store::found::{Reason, Why};
use crate::sys::files::{Disk, Files, Unflushed, next_step};
use crate::sys::hash::sha256;
use crate::sys::read::{Unread, ordinary};
use crate::sys::replace::{is_temporary, replace_alone};

/// A place for items.
pub(super) enum Shelf {
    /// One file for each. What can be fetched again need not be on the disk before robo goes on.
    Folder { path: PathBuf, durable: bool },
    /// By file name; wiped with the process.
    Memory(RefCell<BTreeMap<String, Zeroizing<Vec<u8>>>>),
}

/// An item has some kB; a file beyond this is something else.
pub(super) const MOST: u64 = 1 << 20;

/// A temporary file this old was left behind by a crash: writing one takes milliseconds.
const STALE: Duration = Duration::from_secs(3600);

/// The file name of the item `name` among those of its `kind`: names may hold anything, and are
/// nobody's business.
pub(super) fn file_name(kind: &str, name: &str) -> String {
    format!("{kind}-{}", &sha256(name.as_bytes())[..32])
}

/// The kind that a file name tells, if it is one of an item.
fn kind_of(file_name: &str) -> Option<&str> {
    let (kind, hash) = file_name.rsplit_once('-')?;
    let is_hash = hash.len() == 32 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then_some(kind)
}

/// The bytes of the file `path`; none when it is not there.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Why> {
    match ordinary(path, MOST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Unread::Missing(_)) => Ok(None),
        Err(unread) => {
            let mut words = match unread {
                Unread::TooLarge(size) => format!("has {size} bytes: that is not robo's"),
                _ => unread.words(),
            };
            if let Some(cause) = unread.cause() {
                words = format!("{words}: {cause}");
            }
            Err(Why::new(path, Reason::Unread(words)))
        }
    }
}

/// Writes the item's file, which no lock needs to guard.
pub(super) fn write(folder: &Path, durable: bool, file_name: &str, bytes: &[u8]) -> Result<()> {
    let unflushed = Unflushed(&Disk);
    let files: &dyn Files = if durable { &Disk } else { &unflushed };
    replace_alone(files, &folder.join(file_name), bytes)?;
    let is_stale = |path: &Path| {
        let written = fs::metadata(path).and_then(|metadata| metadata.modified());
        written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > STALE))
    };
    for path in entries(folder).unwrap_or_default() {
        if is_temporary(&path) && is_stale(&path) {
            // What cannot be removed harms nobody, and the next one tries again.
            let _ = Disk.remove(&path);
        }
    }
    Ok(())
}

/// Removes a file; false when it is not there.
pub(super) fn remove(path: &Path) -> Result<bool> {
    match Disk.remove(path) {
        Ok(()) => Ok(true),
        Err(cause) if is_missing(&cause) => Ok(false),
        Err(cause) => {
            let hint = next_step(&cause, path.parent().unwrap_or(path));
            Err(Error::failed(format!("cannot remove {}", path.display()))
                .because(cause)
                .hint(hint))
        }
    }
}

/// Removes every item of the folder, and what crashes left; all that can be, even when one cannot.
pub(super) fn clear(folder: &Path) -> Result<()> {
    let paths = entries(folder).map_err(|cause| {
        Error::failed(format!("cannot read the folder {}", folder.display()))
            .because(cause)
            .hint(format!("'ls -ld {}' shows who may read it", folder.display()))
    })?;
    let ours = |path: &PathBuf| name(path).and_then(kind_of).is_some() || is_temporary(path);
    let failures: Vec<Error> =
        paths.iter().filter(|path| ours(path)).filter_map(|path| remove(path).err()).collect();
    failures.into_iter().next().map_or(Ok(()), Err)
}

/// The item files of a kind, in the order of their names.
pub(super) fn of_kind(folder: &Path, kind: &str) -> Result<Vec<PathBuf>, Why> {
    let mut paths = entries(folder).map_err(|cause| {
        Why::new(folder, Reason::Unread(format!("cannot be read as a folder: {cause}")))
    })?;
    paths.retain(|path| name(path).and_then(kind_of) == Some(kind));
    paths.sort();
    Ok(paths)
}

/// The file name, if it could be an item's.
pub(super) fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// The names of the items of a kind that the process keeps.
pub(super) fn names_of_kind<V>(items: &BTreeMap<String, V>, kind: &str) -> Vec<String> {
    items.keys().filter(|name| kind_of(name) == Some(kind)).cloned().collect()
}

/// What lies in a folder; nothing when it is not there.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(cause) if is_missing(&cause) => Ok(Vec::new()),
        Err(cause) => Err(cause),
    }
}

fn is_missing(cause: &io::Error) -> bool {
    cause.kind() == io::ErrorKind::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_tells_the_kind_and_nothing_else() {
        let name = file_name("okta-session", "jo@acme.com");
        assert_eq!(name.len(), "okta-session-".len() + 32);
        assert!(!name.contains("acme"));
        assert_eq!(kind_of(&name), Some("okta-session"));
        assert_eq!(kind_of("okta-session"), None);
        assert_eq!(kind_of(&name.to_uppercase()), None);
    }
}
