//! The file layer: the few operations that robo changes the disk with.
//!
//! Each is one step that can fail, or be the last before the machine stops. Tests hand in a
//! [`Files`] that fails or dies at a chosen step; everything else uses [`Disk`].

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// What robo does to files. Every method is a single step; none of them cleans up after another.
pub trait Files {
    /// Makes `folder` and the missing ones above it, each readable by its owner only.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;
    /// Makes a new file and writes `bytes`; fails if something is there.
    ///
    /// It is private to its owner, or has the mode, owner and group of `like`. Where owner or
    /// group cannot be had, nobody but the owner gets to it: the old mode spoke of other people.
    fn write_new(&self, path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()>;
    /// Waits until the content of `path` is on the disk.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Waits until the entries of `folder` are on the disk.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Puts `from` in the place of `to`, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
    /// Lets the owner of `path`, and nobody else, run it.
    fn make_executable(&self, path: &Path) -> io::Result<()>;
}

/// Removes whatever is at `path`: of a folder all that is in it, of a link the link itself.
///
/// # Errors
/// When a step fails; what was removed until then is gone.
pub fn remove_all(files: &dyn Files, path: &Path) -> io::Result<()> {
    if !path.symlink_metadata()?.is_dir() {
        return files.remove(path);
    }
    for entry in path.read_dir()? {
        remove_all(files, &entry?.path())?;
    }
    files.remove_folder(path)
}

/// What to do about a step in `folder` that failed with `cause`.
pub fn next_step(cause: &io::Error, folder: &Path) -> String {
    use io::ErrorKind::{AlreadyExists, FileTooLarge, NotADirectory, QuotaExceeded, StorageFull};
    let name = folder.display();
    match cause.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => {
            format!("make room ('df -h {name}'), then run it again")
        }
        AlreadyExists | NotADirectory => {
            let file = folder.ancestors().find(|path| path.is_file()).unwrap_or(folder).display();
            format!("{file} has to be a folder: move that file away ('mv {file} {file}.old')")
        }
        _ => format!("'ls -ld {name}' shows who may write there"),
    }
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(folder)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        like.map_or(Ok(()), |like| resemble(&file, like))
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Windows has no handle of a folder to flush; NTFS journals the rename itself.
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir(folder)
    }

    fn make_executable(&self, path: &Path) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        }
        #[cfg(not(unix))]
        {
            path.metadata().map(drop)
        }
    }
}

/// Files that the operating system writes to the disk when it likes: for what can be made again,
/// and is known for what it is when a power cut leaves half of it.
pub struct Unflushed<'a>(pub &'a dyn Files);

impl Files for Unflushed<'_> {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.create_folder(folder)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
        self.0.write_new(path, bytes, like)
    }

    fn sync_file(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.remove_folder(folder)
    }

    fn make_executable(&self, path: &Path) -> io::Result<()> {
        self.0.make_executable(path)
    }
}

/// Gives `file` the owner, group and mode of `like`. All by the open handle: in a folder that others
/// may write, what stands at a path can be another file the next moment.
#[cfg(unix)]
fn resemble(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let is_kept = || -> io::Result<bool> {
        let own = file.metadata()?;
        Ok((own.uid(), own.gid()) == (like.uid(), like.gid()))
    };
    // Only root may give a file away, but anybody may share it with a group of theirs.
    if !is_kept()? && fchown(file, Some(like.uid()), Some(like.gid())).is_err() {
        let _ = fchown(file, None, Some(like.gid()));
    }
    let mode = like.permissions().mode() & if is_kept()? { 0o7777 } else { 0o700 };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn resemble(file: &File, like: &Metadata) -> io::Result<()> {
    file.set_permissions(like.permissions())
}
