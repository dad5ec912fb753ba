//! The bare clone of the dotfiles repo: fetched under a lock, read without one.
//!
//! Each URL and ref has a ref of its own in the clone, so that the last commit of each can be
//! fallen back to. The clone is only a copy: one that is damaged is put aside and made anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::child::Outcome;
use super::failure::FetchFailure;
use super::git::{Depth, Git};
use super::kept::{commit_in, last_in, reference};
use super::leftovers::{clear_leftovers, is_bare_repo, remove};
use super::login::hide_in_urls;
use super::snapshot::{Flaw, Snapshot};
use super::source::Source;
use super::words;
use crate::error::{Error, Kind, Result};
use crate::sys::env::Env;
use crate::sys::files::{Disk, Files as _, next_step};
use crate::sys::folders::Folders;
use crate::sys::lock::Lock;
use crate::sys::text::plain;

/// Whether somebody can answer git's and ssh's own questions on the terminal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Person {
    /// Somebody is there: git asks on `/dev/tty`, and may take as long as they do.
    There,
    /// Nobody is there: git asks nothing, and is stopped when it takes too long.
    Absent,
}

/// Where a commit may come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// From the repo, else the last one fetched.
    Online,
    /// The last one fetched.
    Offline,
}

/// What an update gave.
#[derive(Debug)]
pub struct Update {
    /// The commit to go on with.
    pub snapshot: Snapshot,
    /// Why it is only the last commit fetched, when the repo could not be fetched now.
    pub fallback: Option<Error>,
    /// What else a person should know.
    pub warnings: Vec<String>,
}

/// robo's bare clone, which holds every dotfiles repo that was ever fetched.
#[derive(Debug)]
pub struct BareClone<'a> {
    folder: PathBuf,
    lock: PathBuf,
    env: &'a Env,
    person: Person,
    limit: Duration,
    depth: Depth,
}

/// How long git may take when nobody is there.
pub const FETCH_LIMIT: Duration = Duration::from_secs(60);

/// How long another robo's fetch is waited for.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(120);

/// How many packs the clone may gather, one a fetch, before they are put into one.
const PACKS: usize = 50;

/// A fetch that did not work, and whether the clone may be what is wrong.
struct Failed {
    error: Error,
    suspicious: bool,
}

impl<'a> BareClone<'a> {
    /// The clone in robo's folders. It need not exist yet.
    pub fn new(folders: &Folders, env: &'a Env, person: Person) -> Self {
        Self {
            folder: folders.data.join("dotfiles.git"),
            lock: folders.state.join("locks").join("dotfiles.lock"),
            env,
            person,
            limit: FETCH_LIMIT,
            depth: Depth::Tip,
        }
    }

    /// The same, fetching all that lies between the commits fetched so far and the next one.
    #[must_use]
    pub fn with_history(mut self) -> Self {
        self.depth = Depth::Since;
        self
    }

    /// The same with another limit than [`FETCH_LIMIT`] on git when nobody is there.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Its folder, for git commands on it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether history was cut off somewhere (gitrepository-layout(5)).
    pub fn is_shallow(&self) -> bool {
        self.folder.join("shallow").exists()
    }

    /// Fetches what was cut off of the source's history; what was fetched last stays that.
    ///
    /// # Errors
    /// Those of a fetch: [`FetchFailure`].
    pub fn unshallow(&self, source: &Source, waiting: impl FnOnce()) -> Result<()> {
        let lock = Lock::take(&self.lock, LOCK_PATIENCE, waiting)?;
        let whole = reference(source).replacen("robo", "robo-history", 1);
        self.run(source, &whole, Depth::Whole, &lock).map_err(|failed| failed.error)
    }

    /// Gives the commit that `source` names: fetched now, or the last one fetched when that does
    /// not work or was not wanted. `waiting` is called once if another robo is fetching.
    ///
    /// # Errors
    /// When there is no commit at all: those of [`FetchFailure`], or that nothing was fetched
    /// yet. When the person stopped git ([`Kind::Interrupted`]). When the commit lacks the
    /// source's folder.
    pub fn update(&self, source: &Source, mode: Mode, waiting: impl FnOnce()) -> Result<Update> {
        if mode == Mode::Offline {
            let snapshot = self.kept(source).map_err(|flaw| self.damaged(source, flaw))?;
            let snapshot = snapshot.ok_or_else(|| never_fetched(source))?;
            return Ok(Update { snapshot, fallback: None, warnings: Vec::new() });
        }
        let mut warnings = Vec::new();
        let fetched = self.fetch(source, waiting, &mut warnings);
        let (snapshot, fallback) = match fetched {
            Ok(snapshot) => (snapshot, None),
            Err(Flaw::Damaged(cause)) => {
                return Err(self.damaged(source, Flaw::Damaged(cause)));
            }
            Err(Flaw::Wrong(error)) if error.kind() == Kind::Interrupted => return Err(error),
            Err(Flaw::Wrong(error)) => match self.kept(source) {
                Ok(Some(snapshot)) => (snapshot, Some(error)),
                Ok(None) | Err(_) => return Err(error),
            },
        };
        Ok(Update { snapshot, fallback, warnings })
    }

    fn fetch(
        &self,
        source: &Source,
        waiting: impl FnOnce(),
        warnings: &mut Vec<String>,
    ) -> Result<Snapshot, Flaw> {
        let lock = Lock::take(&self.lock, LOCK_PATIENCE, waiting).map_err(Flaw::Wrong)?;
        self.undo_half_a_mending();
        if self.folder.symlink_metadata().is_ok() && !is_bare_repo(&self.folder) {
            return self.mend(source, &lock, warnings);
        }
        // Whoever made a lock file here is gone: git holds robo's lock for as long as it lives.
        clear_leftovers(&self.folder);
        match self.run(source, &reference(source), self.depth, &lock) {
            Ok(()) => {}
            Err(failed) if failed.suspicious => return self.mend(source, &lock, warnings),
            Err(failed) => return Err(Flaw::Wrong(failed.error)),
        }
        match self.last(source) {
            Ok(Some(snapshot)) if snapshot.check().is_ok() => {
                self.keep_house(&lock);
                return Ok(snapshot);
            }
            Err(Flaw::Wrong(error)) => return Err(Flaw::Wrong(error)),
            Ok(_) | Err(Flaw::Damaged(_)) => {}
        }
        // The damaged snapshot is closed by now: while one is open, libgit2 takes its packs for
        // those of the same name that are fetched anew (mwindow.c, `git_mwindow_get_pack`).
        self.mend(source, &lock, warnings)
    }

    /// One fetch; makes the clone where there is none.
    fn run(
        &self,
        source: &Source,
        reference: &str,
        depth: Depth,
        lock: &Lock,
    ) -> Result<(), Failed> {
        let git =
            Git { env: self.env, person: self.person, folder: &self.folder, limit: self.limit };
        let failed = |error| Failed { error, suspicious: false };
        let none = |cause: io::Error| {
            let failure = match cause.kind() {
                io::ErrorKind::NotFound => FetchFailure::NoGit,
                _ => FetchFailure::Other,
            };
            failed(failure.error(source, Some(&cause.to_string())))
        };
        if !self.folder.exists() {
            Disk.create_folder(&self.folder).map_err(|cause| {
                let hint = next_step(&cause, &self.folder);
                let message = format!("cannot make the folder {}", self.folder.display());
                failed(Error::failed(message).because(cause).hint(hint))
            })?;
            let made = match git.init(lock).map_err(failed)?.map_err(none) {
                Ok(outcome) if is_success(&outcome) => Ok(()),
                Ok(outcome) => {
                    let message = format!("cannot make a clone in {}", self.folder.display());
                    let words = self.words(source, &outcome.stderr).1.unwrap_or_default();
                    Err(failed(Error::failed(message).because(plain(&words).into_owned())))
                }
                Err(failed) => Err(failed),
            };
            made.inspect_err(|_| drop(remove(&self.folder)))?;
        }
        let outcome = git.fetch(source, reference, depth, lock).map_err(failed)?.map_err(none)?;
        if is_success(&outcome) {
            return Ok(());
        }
        let (mut failure, words) = self.words(source, &outcome.stderr);
        match outcome.status {
            None => failure = FetchFailure::TimedOut,
            Some(status) if is_interrupted(status) => failure = FetchFailure::Interrupted,
            Some(_) => {}
        }
        // Damage shows in git's words by the clone's own path, or in what it had before.
        let suspicious = failure == FetchFailure::Other
            && (outcome.stderr.contains(&*self.folder.to_string_lossy())
                || match self.last(source) {
                    Ok(Some(snapshot)) => snapshot.check().is_err(),
                    Ok(None) | Err(Flaw::Wrong(_)) => false,
                    Err(Flaw::Damaged(_)) => true,
                });
        Err(Failed { error: failure.error(source, words.as_deref()), suspicious })
    }

    /// Why it failed, and git's words for it without the login.
    fn words(&self, source: &Source, stderr: &str) -> (FetchFailure, Option<String>) {
        let (failure, words) = words::classify(stderr);
        let redact = |words: String| match source.login() {
            Some(login) => hide_in_urls(&login.redact(&words)),
            None => hide_in_urls(&words),
        };
        (failure, words.map(redact))
    }

    /// Puts the clone aside and fetches into a new one; puts it back when that does not work,
    /// for it may still hold the last commit of this or of another source.
    fn mend(
        &self,
        source: &Source,
        lock: &Lock,
        warnings: &mut Vec<String>,
    ) -> Result<Snapshot, Flaw> {
        let aside = self.aside();
        let cannot = |cause: io::Error| {
            Flaw::Wrong(
                Error::failed(format!("cannot put {} aside", self.folder.display()))
                    .because(cause)
                    .hint("it is damaged and only a copy: remove it, and run robo again"),
            )
        };
        remove(&aside).map_err(cannot)?;
        fs::rename(&self.folder, &aside).map_err(cannot)?;
        let fetched = match self.run(source, &reference(source), self.depth, lock) {
            Ok(()) => match self.last(source) {
                Ok(snapshot) => snapshot.ok_or_else(|| Flaw::Wrong(never_fetched(source))),
                Err(flaw) => Err(flaw),
            },
            Err(failed) => Err(Flaw::Wrong(failed.error)),
        };
        let has_commit = commit_in(&self.folder, source).is_ok_and(|commit| commit.is_some());
        // What was just fetched and cannot be read is the repo's own fault.
        let (fetched, unreadable) = match fetched {
            Err(Flaw::Damaged(cause)) if has_commit => (Err(unreadable(source, &cause)), true),
            fetched => (fetched, false),
        };
        // A commit that lacks the folder asked for was fetched all the same.
        if fetched.is_ok() || has_commit && !unreadable {
            warnings.push(format!(
                "the clone in {} was damaged; it was fetched anew",
                plain(&self.env.display(&self.folder))
            ));
            let _ = remove(&aside);
        } else {
            let _ = remove(&self.folder);
            let _ = fs::rename(&aside, &self.folder);
        }
        fetched
    }

    /// Where a damaged clone waits until a new one is there.
    fn aside(&self) -> PathBuf {
        self.folder.with_extension("git.damaged")
    }

    /// A robo that died in the middle of [`BareClone::mend`] may have left the only readable clone
    /// aside.
    fn undo_half_a_mending(&self) {
        let aside = self.aside();
        if aside.symlink_metadata().is_ok() {
            if self.commits_exist() {
                let _ = remove(&aside);
            } else if remove(&self.folder).is_ok() {
                let _ = fs::rename(&aside, &self.folder);
            }
        }
    }

    fn commits_exist(&self) -> bool {
        fs::read_dir(self.folder.join("refs/robo")).is_ok_and(|mut refs| refs.next().is_some())
    }

    /// [`BareClone::last`] for who does not hold the lock. Another robo may be in the middle of
    /// [`BareClone::mend`], or have died there: then the last commit is in the clone that it put
    /// aside, unless that has come back meanwhile.
    fn kept(&self, source: &Source) -> Result<Option<Snapshot>, Flaw> {
        for folder in [&self.folder, &self.aside(), &self.folder] {
            if let Some(snapshot) = last_in(folder, source)? {
                return Ok(Some(snapshot));
            }
        }
        Ok(None)
    }

    /// The last commit fetched for `source`, if there is one.
    fn last(&self, source: &Source) -> Result<Option<Snapshot>, Flaw> {
        last_in(&self.folder, source)
    }

    /// Puts many packs into one, now and then. A failure costs nothing but space.
    fn keep_house(&self, lock: &Lock) {
        let is_pack = |entry: &fs::DirEntry| {
            entry.path().extension().is_some_and(|extension| extension == "pack")
        };
        let packs = fs::read_dir(self.folder.join("objects/pack"))
            .map_or(0, |entries| entries.flatten().filter(is_pack).count());
        if packs > PACKS {
            let git =
                Git { env: self.env, person: self.person, folder: &self.folder, limit: self.limit };
            let _ = git.gc(lock);
        }
    }

    fn damaged(&self, source: &Source, flaw: Flaw) -> Error {
        match flaw {
            Flaw::Wrong(error) => error,
            Flaw::Damaged(cause) => Error::failed(format!(
                "cannot read the last commit of {}: the clone in {} is damaged",
                source.display_name(),
                plain(&self.env.display(&self.folder))
            ))
            .because(plain(cause.message()).into_owned())
            .hint("run it without '--offline' to fetch the repo anew"),
        }
    }
}

fn never_fetched(source: &Source) -> Error {
    Error::failed(format!("{} was never fetched, and robo is offline", source.display_name()))
        .hint("run it once without '--offline'")
}

fn unreadable(source: &Source, cause: &git2::Error) -> Flaw {
    Flaw::Wrong(
        Error::failed(format!("{} has a commit that cannot be read", source.display_name()))
            .because(plain(cause.message()).into_owned())
            .hint("'git fsck' in a clone of it says more; that is the platform team's to mend"),
    )
}

fn is_success(outcome: &Outcome) -> bool {
    outcome.status.is_some_and(|status| status.success())
}

/// Whether Ctrl-C ended it: by the signal, or by its status as a shell tells it.
fn is_interrupted(status: std::process::ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if status.signal() == Some(nix::sys::signal::Signal::SIGINT as i32) {
            return true;
        }
    }
    status.code() == Some(130)
}
