//! The base: the team's config as robo last applied it to one file, and where it came from.
//!
//! The base of content that is still to be put in place is *announced*, in a record of its own,
//! while that content waits beside the file ([`crate::sys::replace::stage`]). So whoever finds an
//! announcement knows by a look beside the file whether it has come true, whatever the file's owner
//! has done to the file since.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::error::{Error, Result};
use crate::ini::Document;
use crate::sys::files::{Files, next_step};
use crate::sys::hash;
use crate::sys::replace::{replace, temporary};

/// Where a team's config came from.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Origin {
    /// The dotfiles repo's URL, without any login.
    pub url: String,
    /// The branch, tag or commit asked for.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The folder in the repo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The team.
    pub team: String,
    /// The commit, 40 or 64 hexadecimal digits.
    pub commit: String,
}

/// The team's config as applied.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Base {
    /// Where it came from.
    pub origin: Origin,
    /// Its text, in robo's own spacing.
    pub config: String,
}

impl Base {
    /// The sections and properties.
    pub fn tree(&self) -> Tree {
        Tree::read(&Document::parse(self.config.as_str()), "what was applied last")
    }
}

/// A base on disk. It belongs to one file. One that is only announced names, by its hash, the
/// content that it takes the place of: a file that still holds that was not replaced, even when
/// somebody has cleared the staged content away.
#[derive(Debug, Deserialize, Serialize)]
struct Record {
    target: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instead_of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Base>,
}

/// The place of one file's base.
#[derive(Clone, Debug)]
pub struct BaseStore {
    path: PathBuf,
    pending: PathBuf,
    target: PathBuf,
    waiting: PathBuf,
}

impl BaseStore {
    /// The store of `target`'s base in robo's state folder.
    pub fn new(state: &Path, target: &Target) -> Self {
        let folder = state.join("bases");
        let id = target.id();
        Self {
            path: folder.join(format!("{id}.toml")),
            pending: folder.join(format!("{id}.pending.toml")),
            target: target.real().to_owned(),
            waiting: temporary(target.real()),
        }
    }

    /// The base of the file, which now holds `content`. A file that is missing or blank has none.
    ///
    /// # Errors
    /// When the record is there but cannot be read or understood.
    pub fn load(&self, content: Option<&[u8]>) -> Result<Option<Base>> {
        let Some(content) = content.filter(|content| !content.trim_ascii().is_empty()) else {
            return Ok(None);
        };
        // A run that died between putting the content in place and settling left the base here.
        // Without the lock this can be wrong for a moment; who writes asks again under the lock.
        if !self.is_waiting()
            && let Some(pending) = read(&self.pending)?
            && pending.instead_of != Some(hash::sha256(content))
        {
            return Ok(pending.base);
        }
        Ok(read(&self.path)?.and_then(|record| record.base))
    }

    /// What was applied to the file last, whatever has become of the file since.
    pub fn recorded(&self) -> Option<Base> {
        read(&self.path).ok().flatten().and_then(|record| record.base)
    }

    /// Writes `base` down as coming true once the content that waits is in `old`'s place.
    pub(super) fn announce(
        &self,
        files: &dyn Files,
        base: Option<&Base>,
        old: Option<&[u8]>,
    ) -> Result<()> {
        self.write(files, &self.pending, base, old.map(hash::sha256))
    }

    /// Makes what was announced true.
    pub(super) fn settle(&self, files: &dyn Files) -> Result<()> {
        files
            .rename(&self.pending, &self.path)
            .and_then(|()| files.sync_folder(self.folder()))
            .map_err(|cause| self.error(cause))
    }

    /// Takes back what was announced, if anything. The content may only go after that: without it
    /// the announcement counts as true.
    pub(super) fn retract(&self, files: &dyn Files) -> Result<()> {
        if self.pending.symlink_metadata().is_err() {
            return Ok(());
        }
        files
            .remove(&self.pending)
            .and_then(|()| files.sync_folder(self.folder()))
            .map_err(|cause| self.error(cause))
    }

    /// Records `base` for a file that stays as it is.
    pub(super) fn record(&self, files: &dyn Files, base: Option<&Base>) -> Result<()> {
        self.write(files, &self.path, base, None)
    }

    /// Finishes or takes back what a run that died has announced.
    pub(super) fn recover(&self, files: &dyn Files, content: Option<&[u8]>) -> Result<()> {
        if self.is_waiting() {
            self.retract(files)?;
            files.remove(&self.waiting).map_err(|cause| {
                Error::failed(format!("cannot remove {}", self.waiting.display())).because(cause)
            })
        } else if self.pending.symlink_metadata().is_ok() {
            let old = read(&self.pending).ok().flatten().and_then(|record| record.instead_of);
            let replaced = old.is_none() || old != content.map(hash::sha256);
            if replaced { self.settle(files) } else { self.retract(files) }
        } else {
            Ok(())
        }
    }

    /// Whether there is content that was not put in place.
    fn is_waiting(&self) -> bool {
        self.waiting.symlink_metadata().is_ok()
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn write(
        &self,
        files: &dyn Files,
        path: &Path,
        base: Option<&Base>,
        instead_of: Option<String>,
    ) -> Result<()> {
        let record = Record { target: self.target.clone(), instead_of, base: base.cloned() };
        let text = toml::to_string(&record)
            .map_err(|cause| Error::failed("cannot record what was applied").because(cause))?;
        replace(files, path, text.as_bytes())
    }

    fn error(&self, cause: io::Error) -> Error {
        let hint = next_step(&cause, self.folder());
        Error::failed(format!("cannot record what was applied, in {}", self.path.display()))
            .because(cause)
            .hint(hint)
    }
}

fn read(path: &Path) -> Result<Option<Record>> {
    let damaged = |cause: Box<dyn std::error::Error + Send + Sync>| {
        Error::failed(format!("cannot read what was applied last, in {}", path.display()))
            .because(cause)
    };
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map(Some).map_err(|cause| damaged(cause.into())),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(damaged(cause.into())),
    }
}
