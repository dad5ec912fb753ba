//! Fault injection: every single step of writing fails, or is the last one before the process dies.
//! The file is then the old one or the new one, the next run knows which, whatever the file's owner
//! did to it in between, and finishes the job.

use std::cell::Cell;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use robo::config::apply::Apply;
use robo::config::backups::Backups;
use robo::config::base::Base;
use robo::sys::files::{Disk, Files};

use crate::home::{Home, OLD, base, written};

/// What happens at the chosen step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The step fails, as on a full disk; later ones work.
    Fail,
    /// The process is killed before the step: it and all later ones have no effect.
    KillBefore,
    /// The process is killed in the step: a write is torn, anything else has happened.
    KillDuring,
}

/// The real disk, until the chosen step.
pub(crate) struct Faulty {
    fault: Fault,
    at: usize,
    step: Cell<usize>,
}

impl Faulty {
    /// The first step is number 1.
    pub(crate) fn new(fault: Fault, at: usize) -> Self {
        Self { fault, at, step: Cell::new(0) }
    }

    fn step(&self, act: impl Fn() -> io::Result<()>, torn: impl Fn()) -> io::Result<()> {
        self.step.set(self.step.get() + 1);
        let full = || Err(io::Error::from(io::ErrorKind::StorageFull));
        match (self.step.get().cmp(&self.at), self.fault) {
            (std::cmp::Ordering::Less, _) | (std::cmp::Ordering::Greater, Fault::Fail) => act(),
            (std::cmp::Ordering::Equal, Fault::KillDuring) => {
                torn();
                full()
            }
            _ => full(),
        }
    }

    pub(crate) fn reached(&self) -> bool {
        self.step.get() >= self.at
    }
}

impl Files for Faulty {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.step(|| Disk.create_folder(folder), || drop(Disk.create_folder(folder)))
    }
    fn write_new(&self, path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
        let half = &bytes[..bytes.len() / 2];
        self.step(|| Disk.write_new(path, bytes, like), || drop(Disk.write_new(path, half, None)))
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.step(|| Disk.sync_file(path), || drop(Disk.sync_file(path)))
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step(|| Disk.sync_folder(folder), || drop(Disk.sync_folder(folder)))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|| Disk.rename(from, to), || drop(Disk.rename(from, to)))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|| Disk.remove(path), || drop(Disk.remove(path)))
    }
    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.step(|| Disk.remove_folder(folder), || drop(Disk.remove_folder(folder)))
    }
    fn make_executable(&self, path: &Path) -> io::Result<()> {
        self.step(|| Disk.make_executable(path), || drop(Disk.make_executable(path)))
    }
}

/// The record of an announcement that was not made; the next announcement takes its place.
fn is_a_torn_record(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".pending.toml.robo-new")
}

/// Goes through every step; gives how many there were.
fn every_step(old: Option<&str>, linked: bool, new_base: Option<&Base>, fault: Fault) -> usize {
    let new = "[profile new]\nregion = eu-central-1\n";
    for at in 1.. {
        let home = Home::new(old, linked);
        let files = Faulty::new(fault, at);
        let outcome = home.write(&files, new, new_base);
        if !files.reached() {
            written(outcome);
            return at - 1;
        }
        let case = format!("{fault:?} at step {at}: {outcome:?}");
        let content = home.content();
        let is_new = content.as_deref() == Some(new);
        assert!(is_new || content.as_deref() == old, "{case}: {content:?}");

        // What was applied is what the content says, even before anything is mended.
        let applied = home.applied();
        let new_commit = new_base.map(|base| base.origin.commit.clone());
        let want = if is_new { new_commit.clone() } else { old.map(|_| "old".to_owned()) };
        assert_eq!(applied, want, "{case}");

        // Somebody who clears up beside the file makes no replacement of it.
        if !is_new && old.is_some() {
            let _ = fs::remove_file(home.target.real().with_file_name(".config.robo-new"));
            assert_eq!(home.applied(), want, "{case}, then cleared up");
            drop(Apply::begin(&Disk, &home.state, &home.target, || {}).unwrap());
            assert_eq!(home.applied(), want, "{case}, then cleared up and recovered");
        }

        // A backup that is listed is whole.
        for backup in Backups::new(&home.state).list().unwrap() {
            let kept = fs::read_to_string(&backup.path).unwrap();
            assert!(kept.is_empty() || Some(kept.as_str()) == old, "{case}: {kept:?}");
        }

        // An edit of the file by its owner changes nothing about what was applied to it.
        home.edit("# edited\n");
        assert_eq!(home.applied(), want, "{case}, then edited");
        let apply = Apply::begin(&Disk, &home.state, &home.target, || {}).unwrap();
        let applied = apply.base().unwrap().map(|base| base.origin.commit);
        drop(apply);
        assert_eq!(applied, want, "{case}, then edited and recovered");
        assert_eq!(home.applied(), want, "{case}, then edited and recovered");
        let left = home.leftovers();
        assert!(left.iter().all(|path| is_a_torn_record(path)), "{case}: {left:?}");

        // The next run clears up and finishes the job.
        written(home.write(&Disk, new, new_base));
        assert_eq!(home.content().as_deref(), Some(new), "{case}");
        assert_eq!(home.applied(), new_commit, "{case}");
        assert_eq!(home.leftovers(), Vec::<PathBuf>::new(), "{case}");
        if old.is_some() {
            let mode = fs::metadata(home.target.real()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o640, "{case}");
            let link = fs::symlink_metadata(home.target.path()).unwrap().is_symlink();
            assert_eq!(link, linked, "{case}");
        }
    }
    unreachable!("the loop ends with its return")
}

pub(crate) const FAULTS: [Fault; 3] = [Fault::Fail, Fault::KillBefore, Fault::KillDuring];

#[test]
fn an_existing_file_is_the_old_one_or_the_new_one() {
    for fault in FAULTS {
        let steps = every_step(Some(OLD), false, Some(&base("new")), fault);
        // Note, backup, announcement, file: at least folder, write, flush, rename, flush each.
        assert!(steps >= 20, "{steps} steps only");
    }
}

#[test]
fn a_first_file_is_absent_or_whole() {
    for fault in FAULTS {
        assert!(every_step(None, false, Some(&base("new")), fault) >= 10);
    }
}

#[test]
fn a_link_stays_a_link_whatever_fails() {
    for fault in FAULTS {
        every_step(Some(OLD), true, Some(&base("new")), fault);
    }
}

#[test]
fn putting_back_a_file_that_nobody_applied_leaves_no_base() {
    for fault in FAULTS {
        every_step(Some(OLD), false, None, fault);
    }
}

/// A run that died right before the rename, then one that dies in turn while it takes that back.
#[test]
fn taking_back_can_be_cut_short_too() {
    for fault in FAULTS {
        for at in 1.. {
            let home = Home::new(Some(OLD), false);
            home.die_before_the_rename();
            let files = Faulty::new(fault, at);
            let outcome = Apply::begin(&files, &home.state, &home.target, || {}).map(drop);
            let case = format!("{fault:?} at step {at}: {outcome:?}");
            assert_eq!(home.applied().as_deref(), Some("old"), "{case}");
            assert_eq!(outcome.is_err(), files.reached(), "{case}");
            drop(Apply::begin(&Disk, &home.state, &home.target, || {}).unwrap());
            assert_eq!(home.applied().as_deref(), Some("old"), "{case}");
            assert_eq!(home.content().as_deref(), Some(OLD), "{case}");
            assert_eq!(home.leftovers(), Vec::<PathBuf>::new(), "{case}");
            if !files.reached() {
                assert!(at > 3);
                break;
            }
        }
    }
}
