//! The nearest `robo.yml`, and whether it is this user's own.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

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
    let cannot = |cause| cannot_read(path, cause);
    // Who names a pipe, as in 'robo -c <(…)', means it.
    File::open(path).and_then(content).map_err(cannot)
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
    let folder = path.parent().unwrap_or(path);
    let exposed = || exposed(&folder.metadata().ok()?);
    if let Some(why) = not_own(&link).or_else(|| not_own(&metadata)).or_else(exposed) {
        let file = path.display();
        return Err(Error::failed(format!("{file} is not used: {why}")).hint(format!(
            "if you know what it does: 'robo -c {file} …', or make it your own \
             ('ls -ld {file} {}' shows whose it is)",
            folder.display()
        )));
    }
    content(file).map_err(cannot)
}

/// Why a script beside such a file is not to be run, if it is not this user's alone either.
pub(super) fn script_of_others(path: &Path) -> Option<String> {
    let exposed = || exposed(&path.parent()?.metadata().ok()?);
    let link = || not_own(&path.symlink_metadata().ok()?);
    not_own(&path.metadata().ok()?).or_else(link).or_else(exposed)
}

/// `/a/c.sh` for `/a/./b/../c.sh`, as Go's `filepath.Join` has it.
pub fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = clean.pop(),
            part => clean.push(part),
        }
    }
    clean
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

/// Who else can put another file in the place of one in this folder. One that is sticky, as `/tmp`,
/// keeps others from that.
#[cfg(unix)]
fn exposed(folder: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;

    use nix::unistd::Uid;

    let (me, owner) = (Uid::effective(), Uid::from_raw(folder.uid()));
    if owner != me && !owner.is_root() {
        return Some("its folder belongs to somebody else".to_owned());
    }
    let (everybody, group) = (folder.mode() & 0o002 != 0, folder.mode() & 0o020 != 0);
    let sticky = folder.mode() & 0o1000 != 0;
    let open = everybody || group && !is_private(folder.gid(), me);
    (open && !sticky).then(|| "others can write its folder".to_owned())
}

#[cfg(not(unix))]
fn exposed(_folder: &Metadata) -> Option<String> {
    None
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
