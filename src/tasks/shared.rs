//! The shared commands as they were accepted: what runs is this copy, never what the repo says now.
//!
//! `accepted.toml` says where the files came from, which they are, and in which folder beside it
//! they lie; the folder is named for its content and written only once. A new set is written into
//! a folder of its own and flushed before the record that names it is replaced, so whoever reads
//! finds the old set or the new one, whole. The folder of the set before stays: a script that runs
//! may still read it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sys::files::{Files, next_step, remove_all};
use crate::sys::hash;
use crate::sys::lock::Lock;
use crate::sys::read::{self, Unread};
use crate::sys::replace::replace;

/// A file of the shared commands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SharedFile {
    /// Its path in the repo, with '/' between its parts.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it may be run.
    pub executable: bool,
}

/// Where the shared commands came from.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Origin {
    /// The dotfiles repo's URL, without any login.
    pub url: String,
    /// The repo's name for people.
    pub name: String,
    /// The branch, tag or commit asked for.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The folder in the repo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The team.
    pub team: String,
    /// The environment variable that names a person's team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_env: Option<String>,
    /// The commit, 40 or 64 hexadecimal digits.
    pub commit: String,
}

impl Origin {
    /// Whether it is the same team of the same repo, whatever the branch and the commit.
    pub fn is_of_the_same(&self, other: &Origin) -> bool {
        (&self.url, &self.path, &self.team) == (&other.url, &other.path, &other.team)
    }

    /// The first 7 digits of the commit.
    pub fn short(&self) -> &str {
        self.commit.get(..7).unwrap_or(&self.commit)
    }
}

/// What is known of a file that was accepted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AcceptedFile {
    /// Its path in the repo, and in [`Accepted::folder`].
    pub path: String,
    /// Whether it may be run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
    /// The SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
}

impl AcceptedFile {
    fn of(file: &SharedFile) -> Self {
        let SharedFile { path, bytes, executable } = file;
        Self { path: path.clone(), executable: *executable, sha256: hash::sha256(bytes) }
    }
}

/// The record on disk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Record {
    /// The folder with the files.
    folder: String,
    /// The folder of the set that was accepted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    origin: Origin,
    files: Vec<AcceptedFile>,
}

/// The shared commands that were accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    folder: PathBuf,
    record: Record,
}

impl Accepted {
    /// Where they came from.
    pub fn origin(&self) -> &Origin {
        &self.record.origin
    }

    /// The folder that the files lie in, under their paths in the repo.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its files; never none.
    pub fn files(&self) -> &[AcceptedFile] {
        &self.record.files
    }

    /// The file that has `path` in the repo.
    pub fn file(&self, path: &str) -> Option<&AcceptedFile> {
        self.record.files.iter().find(|file| file.path == path)
    }

    /// Whether the file at this path of the disk is one of them.
    pub fn has(&self, path: &Path) -> bool {
        let inside = path.strip_prefix(&self.folder).ok();
        inside.is_some_and(|inside| {
            self.record.files.iter().any(|file| Path::new(&file.path) == inside)
        })
    }

    /// The content of `file`, as it was accepted.
    ///
    /// # Errors
    /// When it is not there, or is not what was accepted any more.
    pub fn read(&self, file: &AcceptedFile) -> Result<Vec<u8>> {
        let path = self.folder.join(&file.path);
        let damaged = |why: &str| {
            Error::failed(format!("{} {why}", path.display()))
                .hint("robo aws.config puts back what you accepted")
        };
        let other = "is not what you accepted any more";
        let bytes = match read::ordinary(&path, MOST_BYTES) {
            Ok(bytes) => bytes,
            Err(Unread::TooLarge(_)) => return Err(damaged(other)),
            Err(unread) => return Err(damaged(&unread.words()).maybe_because(unread.cause())),
        };
        if hash::sha256(&bytes) != file.sha256 {
            return Err(damaged(other));
        }
        Ok(bytes)
    }

    /// Whether exactly these files were accepted.
    pub fn matches(&self, files: &[SharedFile]) -> bool {
        self.record.folder == name_of(&listing(files))
    }

    /// Whether all files are as they were accepted. Reads every one of them.
    pub fn is_whole(&self) -> bool {
        is_whole(&self.folder, &self.record.files)
    }
}

/// No file is larger.
const MOST_BYTES: u64 = 16 << 20;

/// How long a second robo waits for the first to write.
const PATIENCE: Duration = Duration::from_secs(60);

/// The place of what was accepted.
#[derive(Clone, Debug)]
pub struct SharedStore {
    folder: PathBuf,
    record: PathBuf,
    lock: PathBuf,
}

impl SharedStore {
    /// The store in robo's state folder.
    pub fn new(state: &Path) -> Self {
        let folder = state.join("tasks");
        let record = folder.join("accepted.toml");
        Self { folder, record, lock: state.join("locks").join("tasks.lock") }
    }

    /// What was accepted last; nothing if nothing was.
    ///
    /// # Errors
    /// When the record is there but cannot be read or understood, or its folder is not there.
    pub fn load(&self) -> Result<Option<Accepted>> {
        let damaged = |cause: Box<dyn std::error::Error + Send + Sync>| {
            let path = self.record.display();
            Error::failed(format!("cannot tell which shared commands you accepted, by {path}"))
                .because(cause)
                .hint("robo aws.config mends it: it shows them again, and asks")
        };
        let text = match fs::read_to_string(&self.record) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(damaged(cause.into())),
        };
        let record: Record = toml::from_str(&text).map_err(|cause| damaged(cause.into()))?;
        if name_of(&record.files) != record.folder {
            return Err(damaged("the folder's name is not that of its files".into()));
        }
        let folder = self.folder.join(&record.folder);
        if !folder.is_dir() {
            return Err(damaged(format!("{} is no folder", folder.display()).into()));
        }
        Ok(Some(Accepted { folder, record }))
    }

    /// Keeps `set` as what was accepted from `origin`; an empty one forgets what was accepted.
    /// `waiting` is called once if another robo is at it.
    ///
    /// # Errors
    /// When a step fails, or a path is none that stays in the folder. What was accepted before is
    /// then still there, unless only the very last step (flushing the folder) failed.
    pub fn accept(
        &self,
        files: &dyn Files,
        origin: &Origin,
        set: &[SharedFile],
        waiting: impl FnOnce(),
    ) -> Result<()> {
        let _lock = Lock::take(&self.lock, PATIENCE, waiting)?;
        // A record that cannot be read is replaced like any other.
        self.put(files, self.load().unwrap_or(None), origin, set)
    }

    /// Notes that `set`, which was accepted, is that of another commit, `origin`, by now, and puts
    /// back what was damaged of it. Does nothing when another set was accepted meanwhile.
    ///
    /// # Errors
    /// As [`SharedStore::accept`].
    pub fn keep_up(
        &self,
        files: &dyn Files,
        origin: &Origin,
        set: &[SharedFile],
        waiting: impl FnOnce(),
    ) -> Result<()> {
        let _lock = Lock::take(&self.lock, PATIENCE, waiting)?;
        match self.load()? {
            Some(old) if old.matches(set) => self.put(files, Some(old), origin, set),
            _ => Ok(()),
        }
    }

    /// Keeps `set` in the place of `old`, under the lock.
    fn put(
        &self,
        files: &dyn Files,
        old: Option<Accepted>,
        origin: &Origin,
        set: &[SharedFile],
    ) -> Result<()> {
        let old = old.map(|accepted| accepted.record);
        self.sweep(files, |name| name.starts_with('.'))?;
        if set.is_empty() {
            return self.forget(files);
        }
        let listed = listing(set);
        let name = name_of(&listed);
        if !is_whole(&self.folder.join(&name), &listed) {
            self.write(files, &name, set).map_err(|cause| self.error(cause))?;
        }
        let before = match &old {
            Some(old) if old.folder == name => old.before.clone(),
            Some(old) => Some(old.folder.clone()),
            None => None,
        };
        let record = Record { folder: name, before, origin: origin.clone(), files: listed };
        if old.as_ref() != Some(&record) {
            let text = toml::to_string(&record)
                .map_err(|cause| Error::failed("cannot record what you accepted").because(cause))?;
            replace(files, &self.record, text.as_bytes())?;
        }
        // Where this fails, the next run does it.
        let kept = [Some(&record.folder), record.before.as_ref()];
        let _ = self.sweep(files, |name| {
            self.folder.join(name) != self.record && kept.iter().flatten().all(|kept| *kept != name)
        });
        Ok(())
    }

    /// Writes the folder `name` under another name, and gives it its own once it is on the disk.
    fn write(&self, files: &dyn Files, name: &str, set: &[SharedFile]) -> io::Result<()> {
        let unfinished = self.folder.join(format!(".{name}.robo-new"));
        let mut folders = BTreeSet::from([unfinished.clone()]);
        files.create_folder(&unfinished)?;
        for file in set {
            let path = unfinished.join(inside(&file.path)?);
            let above = path.ancestors().skip(1).take_while(|above| *above != self.folder);
            folders.extend(above.map(Path::to_owned));
            files.create_folder(path.parent().unwrap_or(&unfinished))?;
            files.write_new(&path, &file.bytes, None)?;
            if file.executable {
                files.make_executable(&path)?;
            }
            files.sync_file(&path)?;
        }
        // A folder sorts before what is in it.
        for folder in folders.iter().rev() {
            files.sync_folder(folder)?;
        }
        let folder = self.folder.join(name);
        if folder.symlink_metadata().is_ok() {
            // It was damaged: nobody can be running what was accepted from it.
            remove_all(files, &folder)?;
        }
        files.rename(&unfinished, &folder)?;
        files.sync_folder(&self.folder)
    }

    /// Removes the record. The folder stays for a script that may be running, until the next set.
    fn forget(&self, files: &dyn Files) -> Result<()> {
        if self.record.symlink_metadata().is_err() {
            return Ok(());
        }
        files
            .remove(&self.record)
            .and_then(|()| files.sync_folder(&self.folder))
            .map_err(|cause| self.error(cause))
    }

    /// Removes what has such a name.
    fn sweep(&self, files: &dyn Files, unwanted: impl Fn(&str) -> bool) -> Result<()> {
        let Ok(entries) = self.folder.read_dir() else { return Ok(()) };
        for entry in entries.flatten() {
            if unwanted(&entry.file_name().to_string_lossy()) {
                remove_all(files, &entry.path()).map_err(|cause| self.error(cause))?;
            }
        }
        Ok(())
    }

    fn error(&self, cause: io::Error) -> Error {
        let hint = next_step(&cause, &self.folder);
        Error::failed(format!("cannot keep the shared commands in {}", self.folder.display()))
            .because(cause)
            .hint(hint)
    }
}

fn listing(set: &[SharedFile]) -> Vec<AcceptedFile> {
    let mut listed: Vec<AcceptedFile> = set.iter().map(AcceptedFile::of).collect();
    listed.sort_by(|one, other| one.path.cmp(&other.path));
    listed
}

/// The name of the folder for these files: no two sets share one.
fn name_of(files: &[AcceptedFile]) -> String {
    let mut text = String::new();
    for AcceptedFile { path, executable, sha256 } in files {
        // A path's length comes first: it may hold whatever else stands between two files.
        text += &format!("{} {path} {executable} {sha256}\n", path.len());
    }
    hash::sha256(text.as_bytes())
}

fn is_whole(folder: &Path, files: &[AcceptedFile]) -> bool {
    files.iter().all(|file| {
        let path = folder.join(&file.path);
        let same = read::ordinary(&path, MOST_BYTES)
            .is_ok_and(|bytes| hash::sha256(&bytes) == file.sha256);
        same && is_executable(&path).is_none_or(|executable| executable == file.executable)
    })
}

/// Whether its owner may run it, where the system knows of that.
fn is_executable(path: &Path) -> Option<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(path.metadata().ok()?.permissions().mode() & 0o100 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// `path`, if it leads to somewhere in the folder that it is joined to.
fn inside(path: &str) -> io::Result<&Path> {
    let flawless = Path::new(path);
    let mut parts = flawless.components();
    if parts.clone().next().is_some() && parts.all(|part| matches!(part, Component::Normal(_))) {
        return Ok(flawless);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{path:?} leaves the folder")))
}
