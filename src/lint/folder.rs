//! The dotfiles repo as a folder on the disk: what is there, and links told apart, never followed.
//!
//! What counts is what a commit of it would give to `aws.config`, which refuses links and
//! submodules, also on the way to a file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::sys::read::{self, Unread};

/// The largest file that robo reads from a repo.
const LARGEST: u64 = 5 << 20;

/// A folder, and the files that were read of it.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    seen: RefCell<BTreeMap<String, Vec<u8>>>,
}

/// What is at a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Found {
    Nothing,
    File,
    Folder,
    /// A symbolic link, at this path: the one asked for, or one on the way to it.
    Link(String),
    /// A pipe, a device, a socket.
    Special,
    /// It cannot be looked at.
    OutOfReach(String),
}

/// The content of a file, or why there is none.
pub(super) enum Content {
    Bytes(Vec<u8>),
    Nothing,
    Link(String),
    /// Why it cannot be read, in words that follow its name.
    Unread(String),
}

impl Folder {
    /// The folder `path`, which may be reached by links.
    ///
    /// # Errors
    /// When it is not there, no folder, or cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let cannot = |cause| {
            Error::failed(format!("cannot read the folder {}", path.display()))
                .because(cause)
                .hint("it is the folder of the dotfiles repo, in which robo.toml or aws/ is")
        };
        fs::read_dir(path).map_err(cannot)?;
        Ok(Self { root: path.to_owned(), seen: RefCell::default() })
    }

    /// What is at `path`, part by part: nothing behind a link is looked at.
    pub(super) fn find(&self, path: &str) -> Found {
        let mut at = self.root.clone();
        let mut passed = String::new();
        let mut found = Found::Folder;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if found != Found::Folder {
                return Found::Nothing;
            }
            at.push(part);
            passed = if passed.is_empty() { part.to_owned() } else { format!("{passed}/{part}") };
            found = match at.symlink_metadata() {
                Ok(metadata) if metadata.is_symlink() => return Found::Link(passed),
                Ok(metadata) if metadata.is_dir() => Found::Folder,
                Ok(metadata) if metadata.is_file() => Found::File,
                Ok(_) => Found::Special,
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Found::Nothing,
                Err(cause) => return Found::OutOfReach(cause.to_string()),
            };
        }
        found
    }

    /// The content of the file at `path`.
    pub(super) fn read(&self, path: &str) -> Content {
        let unread = |words: &str| Content::Unread(words.to_owned());
        match self.find(path) {
            Found::Nothing => Content::Nothing,
            Found::Link(link) => Content::Link(link),
            Found::Folder => unread("is a folder, not a file"),
            Found::Special => unread("is not an ordinary file"),
            Found::OutOfReach(why) => Content::Unread(format!("cannot be read: {why}")),
            Found::File => match read::ordinary(&self.root.join(path), LARGEST) {
                Ok(bytes) => {
                    self.seen.borrow_mut().insert(path.to_owned(), bytes.clone());
                    Content::Bytes(bytes)
                }
                Err(Unread::TooLarge(size)) => Content::Unread(format!(
                    "has {size} bytes, and {LARGEST} (5 MiB) is the most that robo reads"
                )),
                Err(other) => {
                    let words = other.words();
                    let cause = other.cause().map(|cause| format!(": {cause}"));
                    Content::Unread(format!("{words}{}", cause.unwrap_or_default()))
                }
            },
        }
    }

    /// How many bytes the file at `path` has.
    pub(super) fn size(&self, path: &str) -> u64 {
        self.root.join(path).symlink_metadata().map_or(0, |metadata| metadata.len())
    }

    /// The names in the folder `path`, sorted; none where it is no folder, or behind a link.
    pub(super) fn list(&self, path: &str) -> Result<Vec<String>, String> {
        match self.find(path) {
            Found::Folder => {}
            Found::OutOfReach(why) => return Err(format!("cannot be read: {why}")),
            Found::Nothing | Found::File | Found::Link(_) | Found::Special => return Ok(Vec::new()),
        }
        let cannot = |cause: io::Error| format!("cannot be read: {cause}");
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(path)).map_err(cannot)? {
            names.push(entry.map_err(cannot)?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// The bytes of a file that was read.
    pub(super) fn seen(&self, path: &str) -> Option<Vec<u8>> {
        self.seen.borrow().get(path).cloned()
    }

    /// How many files were read.
    pub(super) fn files_read(&self) -> usize {
        self.seen.borrow().len()
    }
}
