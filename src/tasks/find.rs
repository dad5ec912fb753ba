//! The nearest `robo.yml`, and whether it is this user's own.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::tasks::file::LARGEST;

/// The name of a file of tasks.
pub const FILE: &str = "robo.yml";

/// The `robo.yml` in `folder`, or in the nearest folder above that has one.
pub fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE)).find(|path| path.symlink_metadata().is_ok())
}

/// Reads a file of tasks, a little more than [`LARGEST`] at most.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    open(path).and_then(|(file, _)| content(file)).map_err(|cause| cannot_read(path, cause))
}

/// Reads a file that nobody named: only one that belongs to this user, and that nobody else can
/// write. Anybody can put a `robo.yml` into a folder above (`/tmp`), or hand over an archive of
/// theirs.
///
/// # Errors
/// When it cannot be read, or is not this user's alone.
pub fn read_own(path: &Path) -> Result<Vec<u8>> {
    let cannot = |cause| cannot_read(path, cause);
    let link = path.symlink_metadata().map_err(cannot)?;
    let (file, metadata) = open(path).map_err(cannot)?;
    // A link decides as well as the file: the folder that scripts are found from is the link's.
    if let Some(why) = not_own(&link).or_else(|| not_own(&metadata)) {
        let file = path.display();
        return Err(Error::failed(format!("{file} is not used: {why}")).hint(format!(
            "if you know what it does: 'robo -c {file} …', or make it your own \
             ('ls -l {file}' shows whose it is)"
        )));
    }
    content(file).map_err(cannot)
}

fn open(path: &Path) -> io::Result<(File, Metadata)> {
    // A pipe would be waited for, before anything is known of it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

fn content(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cannot_read(path: &Path, cause: io::Error) -> Error {
    let missing = cause.kind() == io::ErrorKind::NotFound;
    let error =
        Error::failed(format!("cannot read the tasks in {}", path.display())).because(cause);
    if missing { error.hint("-c FILE names a file of tasks (robo.yml)") } else { error }
}

/// Who else than this user has a say in the file.
#[cfg(unix)]
fn not_own(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;

    use nix::unistd::{Uid, User};

    let (me, owner) = (Uid::effective(), Uid::from_raw(metadata.uid()));
    if owner != me {
        let name = User::from_uid(owner).ok().flatten().map(|user| user.name);
        return Some(format!("it belongs to {}", name.unwrap_or_else(|| owner.to_string())));
    }
    // A link has no mode of its own.
    if metadata.is_symlink() {
        return None;
    }
    if metadata.mode() & 0o002 != 0 {
        return Some("everybody can write it".to_owned());
    }
    let shared = metadata.mode() & 0o020 != 0 && !is_private(metadata.gid(), me);
    shared.then(|| "its group can write it".to_owned())
}

/// Whether a group is that of one user alone, as most Linux systems make one for everybody.
#[cfg(unix)]
fn is_private(group: u32, me: nix::unistd::Uid) -> bool {
    use nix::unistd::{Gid, Group, User};

    let group = Group::from_gid(Gid::from_raw(group)).ok().flatten();
    let user = User::from_uid(me).ok().flatten();
    let (Some(group), Some(user)) = (group, user) else { return false };
    group.name == user.name && group.mem.iter().all(|member| *member == user.name)
}

#[cfg(not(unix))]
fn not_own(_metadata: &Metadata) -> Option<String> {
    None
}
