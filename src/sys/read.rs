//! A file is read only when it is one, and of a sensible size.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// It is not there.
    Missing(io::Error),
    /// It cannot be got at.
    OutOfReach(io::Error),
    /// It is a folder.
    Folder,
    /// It is a device, a pipe or a socket: reading it might never end.
    Special,
    /// Its mode lets nobody read it, though root could.
    Forbidden,
    /// It has more bytes than were asked for, this many.
    TooLarge(u64),
    /// Reading it failed.
    Failed(io::Error),
}

impl Unread {
    /// The words that follow the file's name in a sentence.
    pub fn words(&self) -> String {
        match self {
            Self::Missing(_) | Self::OutOfReach(_) | Self::Failed(_) => "cannot be read".to_owned(),
            Self::Folder => "is a folder, not a file".to_owned(),
            Self::Special => "is not an ordinary file".to_owned(),
            Self::Forbidden => "cannot be read by anybody".to_owned(),
            Self::TooLarge(size) => format!("has {size} bytes: that is no AWS config"),
        }
    }

    /// What the operating system said, if it was that.
    pub fn cause(self) -> Option<io::Error> {
        match self {
            Self::Missing(cause) | Self::OutOfReach(cause) | Self::Failed(cause) => Some(cause),
            Self::Folder | Self::Special | Self::Forbidden | Self::TooLarge(_) => None,
        }
    }
}

/// Reads the ordinary file `path`, of `most` bytes at most.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn ordinary(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    let metadata = fs::metadata(path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Unread::Missing(cause),
        _ => Unread::OutOfReach(cause),
    })?;
    if metadata.is_dir() {
        return Err(Unread::Folder);
    }
    if !metadata.is_file() {
        return Err(Unread::Special);
    }
    if lacks(&metadata, 0o444) {
        return Err(Unread::Forbidden);
    }
    if metadata.len() > most {
        return Err(Unread::TooLarge(metadata.len()));
    }
    let mut bytes = Vec::new();
    // What the file says about its size need not be so: it may grow, or lie below /proc.
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    match read.map_err(Unread::Failed)? as u64 {
        size if size > most => Err(Unread::TooLarge(size)),
        _ => Ok(bytes),
    }
}

/// Whether none of the permission bits `bits` is set.
pub fn lacks(metadata: &Metadata, bits: u32) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        metadata.permissions().mode() & bits == 0
    }
    #[cfg(not(unix))]
    {
        bits == 0o222 && metadata.is_file() && metadata.permissions().readonly()
    }
}

/// Whether the file at `path` is a program, to be run by itself: its owner may execute it. A
/// folder counts as one, so that running it fails.
///
/// # Errors
/// When there is nothing at `path`, or it is out of reach.
pub fn is_program(path: &Path) -> io::Result<bool> {
    let metadata = fs::metadata(path)?;
    Ok(cfg!(unix) && !lacks(&metadata, 0o100) || metadata.is_dir())
}
