//! What a git that was killed, or a disk that failed, leaves of a bare clone.

use std::fs;
use std::io;
use std::path::Path;

/// git's own test (setup.c, `is_git_directory`), without the content of HEAD.
pub(super) fn is_bare_repo(folder: &Path) -> bool {
    folder.join("HEAD").is_file()
        && folder.join("objects").is_dir()
        && folder.join("refs").is_dir()
        && folder.join("config").is_file()
}

/// Removes what a git that was killed left behind: its lock files (api-lockfile), half packs and
/// objects, and the `.keep` of a pack it had not put a ref to yet.
pub(super) fn clear_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let stale = name.ends_with(".lock")
            || name.starts_with("tmp_")
            || name.ends_with(".keep")
            || name == "gc.pid";
        match entry.file_type() {
            _ if stale => drop(remove(&entry.path())),
            Ok(kind) if kind.is_dir() => clear_leftovers(&entry.path()),
            Ok(_) | Err(_) => {}
        }
    }
}

/// Removes a file, a link or a folder with all that is in it; nothing there is fine.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(cause) => Err(cause),
    };
    removed.or_else(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(cause),
    })
}
