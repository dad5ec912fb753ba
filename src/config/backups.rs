//! Backups: every file that robo replaces is kept first, with the base that belonged to it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::base::Base;
use crate::config::target::Target;
use crate::error::{Error, Result};
use crate::sys::files::{Files, next_step};
use crate::sys::lock::Lock;
use crate::sys::replace::{is_temporary, replace};
use crate::sys::{text, time};

/// How many backups of one file are kept.
pub const KEPT: usize = 50;

/// How long one robo waits for another to make its backup.
const PATIENCE: Duration = Duration::from_secs(60);

/// The backups in robo's state folder.
#[derive(Clone, Debug)]
pub struct Backups {
    folder: PathBuf,
    notes: PathBuf,
    lock: PathBuf,
}

/// One backup.
#[derive(Clone, Debug)]
pub struct Backup {
    /// `config-20261122T181700Z`; a second one of the same second ends with `-2`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// When it was made, to the second.
    pub time: Timestamp,
    /// The file that it is a copy of; none when its note is lost.
    pub target: Option<PathBuf>,
    /// What had been applied to it.
    pub base: Option<Base>,
    order: (Timestamp, usize),
}

#[derive(Debug, Deserialize, Serialize)]
struct Note {
    target: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Base>,
}

impl Backups {
    /// The backups below robo's state folder.
    pub fn new(state: &Path) -> Self {
        Self {
            folder: state.join("backups"),
            notes: state.join("backup-notes"),
            lock: state.join("locks").join("backups.lock"),
        }
    }

    /// All of them, newest first.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<Backup>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => {
                let hint = next_step(&cause, &self.folder);
                return Err(Error::failed(format!(
                    "cannot list the backups in {}",
                    self.folder.display()
                ))
                .because(cause)
                .hint(hint));
            }
        };
        let mut backups: Vec<Backup> = entries
            .flatten()
            .filter_map(|entry| self.backup(&entry.file_name().to_string_lossy()))
            .collect();
        backups.sort_by_key(|backup| std::cmp::Reverse(backup.order));
        Ok(backups)
    }

    /// The backup of that name.
    ///
    /// # Errors
    /// When there is none, with the nearest names.
    pub fn find(&self, name: &str) -> Result<Backup> {
        let all = self.list()?;
        if let Some(found) = all.iter().find(|backup| backup.name == name) {
            return Ok(found.clone());
        }
        let near = text::did_you_mean(name, all.iter().map(|backup| backup.name.as_str()));
        Err(Error::failed(format!("there is no backup '{name}'"))
            .maybe_hint(near)
            .hint("'robo aws.restore' lists the backups; a path with a '/' is taken as a file"))
    }

    /// Keeps `content` of `target`, and the base that belongs to it; then lets the oldest ones
    /// beyond [`KEPT`] go.
    pub(super) fn keep(
        &self,
        files: &dyn Files,
        target: &Target,
        content: &[u8],
        base: Option<&Base>,
        now: Timestamp,
    ) -> Result<PathBuf> {
        // The folder is shared by all files, and their writers hold a lock for their own file only.
        let _lock = Lock::take(&self.lock, PATIENCE, || {})?;
        self.clear_debris(files);
        let stamp = format!("config-{}", time::compact(now));
        let name = (1..)
            .map(|number| if number == 1 { stamp.clone() } else { format!("{stamp}-{number}") })
            .find(|name| !self.folder.join(name).exists())
            .unwrap_or(stamp);
        let note = Note { target: target.real().to_owned(), base: base.cloned() };
        let note = toml::to_string(&note)
            .map_err(|cause| Error::failed("cannot write a backup's note").because(cause))?;
        // The note first: a backup that is listed has all that belongs to it.
        replace(files, &self.note(&name), note.as_bytes())?;
        let path = self.folder.join(&name);
        replace(files, &path, content)?;
        // Old backups only cost room: failing to remove one stops nothing.
        let _ = self.let_go(files, target, &name);
        Ok(path)
    }

    /// Removes what is beyond [`KEPT`], but not the backup `new`: a clock that was set back must not
    /// make it the oldest.
    fn let_go(&self, files: &dyn Files, target: &Target, new: &str) -> Result<()> {
        let own = |backup: &Backup| {
            backup.name != new && backup.target.as_deref().is_none_or(|of| of == target.real())
        };
        for old in self.list()?.into_iter().filter(own).skip(KEPT - 1) {
            let removed = files.remove(&old.path).and_then(|()| {
                // A lost note is no reason to keep the backup that it was for.
                files.remove(&self.note(&old.name)).or_else(|cause| match cause.kind() {
                    io::ErrorKind::NotFound => Ok(()),
                    _ => Err(cause),
                })
            });
            removed.map_err(|cause| Error::failed("cannot remove an old backup").because(cause))?;
        }
        Ok(())
    }

    /// Removes what a run that died has left: it was making a backup of a name that nobody makes
    /// again. Under the lock no temporary file is in use, and each note has its backup.
    fn clear_debris(&self, files: &dyn Files) {
        for folder in [&self.folder, &self.notes] {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let without_backup = |name: &str| !self.folder.join(name).exists();
                let is_lone_note = folder == &self.notes
                    && path
                        .file_name()
                        .and_then(|name| name.to_str()?.strip_suffix(".toml"))
                        .is_some_and(|name| self.backup(name).is_some() && without_backup(name));
                if is_temporary(&path) || is_lone_note {
                    // It only costs room.
                    let _ = files.remove(&path);
                }
            }
        }
    }

    fn backup(&self, name: &str) -> Option<Backup> {
        let stamp = name.strip_prefix("config-")?;
        let (stamp, number) = match stamp.split_once('-') {
            Some((stamp, number)) => (stamp, number.parse().ok()?),
            None => (stamp, 1),
        };
        let time: Timestamp = stamp.parse().ok()?;
        let note: Option<Note> =
            fs::read_to_string(self.note(name)).ok().and_then(|text| toml::from_str(&text).ok());
        Some(Backup {
            name: name.to_owned(),
            path: self.folder.join(name),
            time,
            target: note.as_ref().map(|note| note.target.clone()),
            base: note.and_then(|note| note.base),
            order: (time, number),
        })
    }

    fn note(&self, name: &str) -> PathBuf {
        self.notes.join(format!("{name}.toml"))
    }
}
