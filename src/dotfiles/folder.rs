//! The files of a folder on disk, as they are: what the platform team works on.
//!
//! The same rules hold as for a commit: paths stay inside, and symbolic links are refused. So what
//! is read here is what would be read once it is committed.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::files::RepoFiles;
use super::inside;
use super::snapshot::{Entry, EntryKind, LARGEST, RepoFile};
use crate::error::{Error, Result};
use crate::sys::read;
use crate::sys::text::plain;

/// A folder that is, or will be, a dotfiles repo.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`, which may itself be reached over a link.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(root: &Path) -> Result<Self> {
        let shown = root.display();
        let metadata = fs::metadata(root)
            .map_err(|cause| Error::failed(format!("cannot read {shown}")).because(cause))?;
        if !metadata.is_dir() {
            return Err(Error::failed(format!("{shown} is not a folder"))
                .hint("name the folder of the dotfiles repo, the one with robo.toml in it"));
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is at `path`, part by part, so that no link on the way is followed.
    fn find(&self, path: &str) -> Result<Option<(PathBuf, Metadata)>> {
        if let Some(why) = inside::flaw(path) {
            return Err(self.cannot(path, why));
        }
        let mut at = self.root.clone();
        let mut found = None;
        for part in path.trim_end_matches('/').split('/') {
            let behind = found.as_ref().map(kind);
            match behind {
                None | Some(EntryKind::Folder) => {}
                Some(EntryKind::Link) => {
                    return Err(self.cannot(path, "it is behind a symbolic link"));
                }
                Some(_) => return Ok(None),
            }
            at.push(part);
            found = match fs::symlink_metadata(&at) {
                Ok(metadata) => Some(metadata),
                Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
                Err(cause) => return Err(self.cannot(path, "it is out of reach").because(cause)),
            };
        }
        Ok(found.map(|metadata| (at, metadata)))
    }

    fn cannot(&self, path: &str, why: &str) -> Error {
        Error::failed(format!("cannot read {} in {}: {why}", plain(path), self.place()))
    }
}

impl RepoFiles for Folder {
    fn place(&self) -> String {
        format!("'{}'", plain(&self.root.display().to_string()))
    }

    fn file(&self, path: &str) -> Result<Option<RepoFile>> {
        let Some((at, metadata)) = self.find(path)? else { return Ok(None) };
        match kind(&metadata) {
            EntryKind::File => {}
            other => {
                return Err(self.cannot(path, &format!("it is {}, not a file", other.noun())));
            }
        }
        if metadata.len() > LARGEST as u64 {
            let size = metadata.len();
            let why = format!("it has {size} bytes, and {LARGEST} (5 MiB) is the most");
            return Err(self.cannot(path, &why));
        }
        let bytes = read::ordinary(&at, LARGEST as u64).map_err(|unread| {
            let error = self.cannot(path, &format!("it {}", unread.words()));
            error.maybe_because(unread.cause())
        })?;
        let executable = read::is_program(&at).unwrap_or(false);
        Ok(Some(RepoFile { path: path.to_owned(), bytes, executable }))
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        let at = if folder.is_empty() {
            self.root.clone()
        } else {
            match self.find(folder)? {
                None => return Ok(Vec::new()),
                Some((at, metadata)) => match kind(&metadata) {
                    EntryKind::Folder => at,
                    other => {
                        let why = format!("it is {}, not a folder", other.noun());
                        return Err(self.cannot(folder, &why));
                    }
                },
            }
        };
        let lost = |cause| self.cannot(folder, "it cannot be listed").because(cause);
        let mut entries = Vec::new();
        for entry in fs::read_dir(&at).map_err(lost)? {
            let entry = entry.map_err(lost)?;
            let metadata = fs::symlink_metadata(entry.path()).map_err(lost)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            entries.push(Entry { name, kind: kind(&metadata) });
        }
        // git has a folder's name as if it ended in '/' (gitformat-tree).
        entries.sort_by_key(|entry| match entry.kind {
            EntryKind::Folder => format!("{}/", entry.name),
            _ => entry.name.clone(),
        });
        Ok(entries)
    }

    fn kind(&self, path: &str) -> Result<Option<EntryKind>> {
        Ok(self.find(path)?.map(|(_, metadata)| kind(&metadata)))
    }
}

fn kind(metadata: &Metadata) -> EntryKind {
    if metadata.is_symlink() {
        EntryKind::Link
    } else if metadata.is_dir() {
        EntryKind::Folder
    } else {
        EntryKind::File
    }
}
