//! The base: the team's config as robo last applied it to one file, and where it came from.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::target::Target;
use crate::config::tree::Tree;
use crate::error::{Error, Result};
use crate::ini::Document;
use crate::sys::files::{Files, next_step};
use crate::sys::hash;
use crate::sys::replace::replace;

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

/// A base on disk. It belongs to one file; one that is still to come true names, by its hash, the
/// content that the file has once it is true.
#[derive(Debug, Deserialize, Serialize)]
struct Record {
    target: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    once_content_is: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Base>,
}

/// The place of one file's base.
#[derive(Clone, Debug)]
pub struct BaseStore {
    path: PathBuf,
    pending: PathBuf,
    target: PathBuf,
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
        // A run that died between writing the file and recording its base left the base here.
        // A pending record that is torn belongs to a run that had not written the file yet.
        if let Ok(Some(pending)) = read(&self.pending)
            && pending.once_content_is == Some(hash::sha256(content))
        {
            return Ok(pending.base);
        }
        Ok(read(&self.path)?.and_then(|record| record.base))
    }

    /// Writes `base` down as coming true once the file holds `content`.
    pub(super) fn announce(
        &self,
        files: &dyn Files,
        base: Option<&Base>,
        content: &[u8],
    ) -> Result<()> {
        self.write(files, &self.pending, base, Some(hash::sha256(content)))
    }

    /// Makes what was announced true.
    pub(super) fn settle(&self, files: &dyn Files) -> Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        files.rename(&self.pending, &self.path).and_then(|()| files.sync_folder(folder)).map_err(
            |cause| {
                let hint = next_step(&cause, folder);
                self.error().because(cause).hint(hint)
            },
        )
    }

    /// Takes back what was announced.
    pub(super) fn retract(&self, files: &dyn Files) {
        let _ = files.remove(&self.pending);
    }

    /// Records `base` for a file that stays as it is.
    pub(super) fn record(&self, files: &dyn Files, base: Option<&Base>) -> Result<()> {
        self.write(files, &self.path, base, None)
    }

    /// Finishes or takes back what a run that died has announced.
    pub(super) fn recover(&self, files: &dyn Files, content: Option<&[u8]>) -> Result<()> {
        match read(&self.pending) {
            Ok(None) => Ok(()),
            Ok(Some(record)) if record.once_content_is == content.map(hash::sha256) => {
                self.settle(files)
            }
            _ => {
                self.retract(files);
                Ok(())
            }
        }
    }

    fn write(
        &self,
        files: &dyn Files,
        path: &Path,
        base: Option<&Base>,
        once_content_is: Option<String>,
    ) -> Result<()> {
        let record = Record { target: self.target.clone(), once_content_is, base: base.cloned() };
        let text = toml::to_string(&record).map_err(|cause| self.error().because(cause))?;
        replace(files, path, text.as_bytes())
    }

    fn error(&self) -> Error {
        Error::failed(format!("cannot record what was applied, in {}", self.path.display()))
    }
}

fn read(path: &Path) -> Result<Option<Record>> {
    let damaged = |cause: Box<dyn std::error::Error + Send + Sync>| {
        Error::failed(format!("cannot read what was applied last, in {}", path.display()))
            .because(cause)
    };
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map(Some).map_err(|cause| damaged(cause.into())),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(damaged(cause.into())),
    }
}
