//! Who holds a lock, as the kernel tells it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The processes that hold a lock whose file's name in `folder` begins with `name`. Where the system
/// has no `/proc/locks`, nobody is known to.
pub(crate) fn of(folder: &Path, name: &str) -> Vec<u32> {
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let inodes: Vec<String> = files
        .filter(|file| file.file_name().to_string_lossy().starts_with(name))
        .filter_map(|file| Some(file.metadata().ok()?.ino().to_string()))
        .collect();
    // `1: FLOCK ADVISORY WRITE 29606 fe:00:10249486 0 EOF`
    let holder = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let inode = words.get(5)?.rsplit(':').next()?;
        let held = words.get(1) == Some(&"FLOCK") && inodes.iter().any(|one| one == inode);
        held.then(|| words.get(4)?.parse().ok()).flatten()
    };
    locks.lines().filter_map(holder).collect()
}

/// Whether a process was started by another one and is there still.
pub(crate) fn is_child(process: u32, parent: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // `123 (git) S 122 …`, and a name may hold anything.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_whitespace().nth(1) == Some(parent.to_string().as_str())
}
