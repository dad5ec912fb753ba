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

/// Whose files count as this user's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Owner {
    /// Who became root by sudo.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no sudo"))]
    caller: Option<u32>,
}

impl Owner {
    /// `sudo_uid` is what the variable of that name says. To root, the files of whoever became root
    /// by sudo are its own as well, as git has it (`safe.directory` in git-config(1)).
    pub fn new(sudo_uid: Option<&str>) -> Self {
        Self { caller: sudo_uid.and_then(|id| id.parse().ok()) }
    }
}

/// Reads a file that nobody named: only one that belongs to this user, and that nobody else can
/// write. Anybody can put a `robo.yml` into a folder above (`/tmp`), or hand over an archive of
/// theirs.
///
/// # Errors
/// When it cannot be read, or is not this user's alone.
pub fn read_own(path: &Path, owner: Owner) -> Result<Vec<u8>> {
    let cannot = |cause| cannot_read(path, cause);
    let link = path.symlink_metadata().map_err(cannot)?;
    let (file, metadata) = open(path).map_err(cannot)?;
    // A link decides as well as the file: the folder that scripts are found from is the link's.
    if let Some(why) =
        owner.not_own(&link).or_else(|| owner.not_own(&metadata)).or_else(|| owner.exposed_at(path))
    {
        let folder = path.parent().unwrap_or(path).display();
        let file = path.display();
        return Err(Error::failed(format!("{file} is not used: {why}")).hint(format!(
            "if you know what it does: 'robo -c {file} …', or make it your own \
             ('ls -ld {file} {folder}' shows whose it is)"
        )));
    }
    content(file).map_err(cannot)
}

/// Why a script is not to be run by somebody who did not name its file, if others have a say in
/// it. Root has one in everything.
pub(super) fn script_of_others(path: &Path, owner: Owner) -> Option<String> {
    let not_own = |metadata: Metadata| owner.not_own(&metadata).filter(|_| !is_of_root(&metadata));
    not_own(path.symlink_metadata().ok()?)
        .or_else(|| not_own(path.metadata().ok()?))
        .or_else(|| owner.exposed_at(path))
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

#[cfg(unix)]
impl Owner {
    fn is(self, user: nix::unistd::Uid) -> bool {
        let me = nix::unistd::Uid::effective();
        user == me || me.is_root() && self.caller == Some(user.as_raw())
    }

    /// Who else than this user has a say in the file.
    fn not_own(self, metadata: &Metadata) -> Option<String> {
        use std::os::unix::fs::MetadataExt as _;

        use nix::unistd::{Uid, User};

        let owner = Uid::from_raw(metadata.uid());
        if !self.is(owner) {
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
        let shared = metadata.mode() & 0o020 != 0 && !is_private(metadata.gid(), owner);
        shared.then(|| "its group can write it".to_owned())
    }

    /// Who else can put another file in the place of this one: of itself, of each link on the way if
    /// it is one, and of the file that they lead to.
    fn exposed_at(self, path: &Path) -> Option<String> {
        /// As many as Linux follows.
        const MOST_LINKS: usize = 40;

        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let folder = path.parent()?;
            if let Some(why) = self.exposed(&folder.metadata().ok()?) {
                return Some(why);
            }
            let Ok(target) = path.read_link() else { break };
            let link = path.symlink_metadata().ok()?;
            if let Some(why) = self.not_own(&link).filter(|_| !is_of_root(&link)) {
                return Some(why);
            }
            path = folder.join(target);
        }
        self.exposed(&path.canonicalize().ok()?.parent()?.metadata().ok()?)
    }

    /// Who else can put another file in the place of one in this folder. One that is sticky, as
    /// `/tmp`, keeps others from that.
    fn exposed(self, folder: &Metadata) -> Option<String> {
        use std::os::unix::fs::MetadataExt as _;

        use nix::unistd::Uid;

        let owner = Uid::from_raw(folder.uid());
        if !self.is(owner) && !owner.is_root() {
            return Some("its folder belongs to somebody else".to_owned());
        }
        let (everybody, group) = (folder.mode() & 0o002 != 0, folder.mode() & 0o020 != 0);
        let sticky = folder.mode() & 0o1000 != 0;
        let open = everybody || group && !is_private(folder.gid(), owner);
        (open && !sticky).then(|| "others can write its folder".to_owned())
    }
}

/// Elsewhere it is not known who can write what.
#[cfg(not(unix))]
impl Owner {
    fn not_own(self, _metadata: &Metadata) -> Option<String> {
        None
    }

    fn exposed_at(self, _path: &Path) -> Option<String> {
        None
    }
}

#[cfg(unix)]
fn is_of_root(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    // A link has no mode of its own.
    metadata.uid() == 0 && (metadata.is_symlink() || metadata.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_of_root(_metadata: &Metadata) -> bool {
    false
}

/// Whether a group is that of one user alone, as most Linux systems make one for everybody.
#[cfg(unix)]
fn is_private(group: u32, owner: nix::unistd::Uid) -> bool {
    use nix::unistd::{Gid, Group, User};

    let group = Group::from_gid(Gid::from_raw(group)).ok().flatten();
    let user = User::from_uid(owner).ok().flatten();
    let (Some(group), Some(user)) = (group, user) else { return false };
    group.name == user.name && group.mem.iter().all(|member| *member == user.name)
}
