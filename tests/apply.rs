//! Fault injection through the file layer: every single step of writing fails, or is the last one
//! before the process dies. The file is then the old one or the new one, the next run knows which,
//! and finishes the job.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::cell::Cell;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use robo::config::apply::Apply;
use robo::config::backups::Backups;
use robo::config::base::{Base, BaseStore, Origin};
use robo::config::target::Target;
use robo::sys::env::Env;
use robo::sys::files::{Disk, Files};

/// What happens at the chosen step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// The step fails, as on a full disk; later ones work.
    Fail,
    /// The process is killed before the step: it and all later ones have no effect.
    KillBefore,
    /// The process is killed in the step: a write is torn, anything else has happened.
    KillDuring,
}

/// The real disk, until the chosen step.
struct Faulty {
    fault: Fault,
    at: usize,
    step: Cell<usize>,
}

impl Faulty {
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

    fn reached(&self) -> bool {
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
}

/// A home with a config, a state folder and what was applied to it.
struct Home {
    _folder: tempfile::TempDir,
    state: PathBuf,
    target: Target,
}

fn base(commit: &str) -> Base {
    let origin = Origin { commit: commit.to_owned(), ..Origin::default() };
    Base { origin, config: format!("# {commit}\n") }
}

impl Home {
    /// `old` is the content of the config; with `linked` the config is a symbolic link to it.
    fn new(old: Option<&str>, linked: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_owned();
        let state = home.join("state");
        let aws = home.join(".aws");
        if let Some(old) = old {
            let real = if linked { home.join("dotfiles/config") } else { aws.join("config") };
            Disk.create_folder(real.parent().unwrap()).unwrap();
            Disk.create_folder(&aws).unwrap();
            Disk.write_new(&real, b"", None).unwrap();
            fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
            if linked {
                symlink("../dotfiles/config", aws.join("config")).unwrap();
            }
            let target = Target::find(&Env::from_vars([("HOME", &home)])).unwrap();
            let apply = Apply::begin(&Disk, &state, &target, || {}).unwrap();
            apply.write(old.as_bytes(), Some(&base("old")), Timestamp::UNIX_EPOCH).unwrap();
        }
        let target = Target::find(&Env::from_vars([("HOME", &home)])).unwrap();
        Self { _folder: folder, state, target }
    }

    fn write(&self, files: &dyn Files, new: &str, base: Option<&Base>) -> robo::Result<()> {
        let apply = Apply::begin(files, &self.state, &self.target, || {})?;
        apply.write(new.as_bytes(), base, Timestamp::UNIX_EPOCH).map(drop)
    }

    fn content(&self) -> Option<String> {
        self.target.read().unwrap().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    fn applied(&self) -> Option<String> {
        let content = self.target.read().unwrap();
        let store = BaseStore::new(&self.state, &self.target);
        store.load(content.as_deref()).unwrap().map(|base| base.origin.commit)
    }

    /// Files beside the config, and robo's records of what is still to come true.
    fn leftovers(&self) -> Vec<PathBuf> {
        let beside = self.target.real().parent().unwrap();
        [beside, &self.state.join("bases")]
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                name.ends_with(".robo-new") || name.ends_with(".pending.toml")
            })
            .collect()
    }
}

/// Goes through every step; gives how many there were.
fn every_step(old: Option<&str>, linked: bool, new_base: Option<&Base>, fault: Fault) -> usize {
    let new = "[profile new]\nregion = eu-central-1\n";
    for at in 1.. {
        let home = Home::new(old, linked);
        let files = Faulty { fault, at, step: Cell::new(0) };
        let outcome = home.write(&files, new, new_base);
        if !files.reached() {
            outcome.unwrap();
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

        // A backup that is listed is whole.
        for backup in Backups::new(&home.state).list().unwrap() {
            let kept = fs::read_to_string(&backup.path).unwrap();
            assert!(kept.is_empty() || Some(kept.as_str()) == old, "{case}: {kept:?}");
        }

        // The next run clears up and finishes the job.
        home.write(&Disk, new, new_base).unwrap();
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

const OLD: &str = "# mine\n[default]\nregion = eu-west-1\n";
const FAULTS: [Fault; 3] = [Fault::Fail, Fault::KillBefore, Fault::KillDuring];

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

#[test]
fn the_fifty_newest_backups_are_kept() {
    let home = Home::new(Some(OLD), false);
    for number in 0..60 {
        let apply = Apply::begin(&Disk, &home.state, &home.target, || {}).unwrap();
        let now = Timestamp::from_second(1_800_000_000 + number / 2).unwrap();
        apply.write(format!("# {number}\n").as_bytes(), None, now).unwrap();
    }
    let backups = Backups::new(&home.state).list().unwrap();
    assert_eq!(backups.len(), 50);
    // Two in each second: the second of them is the newer one.
    assert_eq!(backups[0].name, "config-20270115T080029Z-2");
    assert_eq!(fs::read_to_string(&backups[0].path).unwrap(), "# 58\n");
    assert_eq!(backups[49].name, "config-20270115T080005Z");
    assert_eq!(fs::read_dir(home.state.join("backup-notes")).unwrap().count(), 50);
}

#[test]
fn a_clock_that_was_set_back_costs_no_backup_that_was_just_made() {
    let home = Home::new(Some(OLD), false);
    let write = |content: &str, second: i64| {
        let apply = Apply::begin(&Disk, &home.state, &home.target, || {}).unwrap();
        let now = Timestamp::from_second(second).unwrap();
        apply.write(content.as_bytes(), None, now).unwrap().unwrap()
    };
    for number in 0..60 {
        write(&format!("# {number}\n"), 1_800_000_000 + number);
    }
    let backup = write("# after\n", 1_700_000_000);
    assert_eq!(fs::read_to_string(backup).unwrap(), "# 59\n");
    assert_eq!(Backups::new(&home.state).list().unwrap().len(), 50);
}

#[test]
fn writers_of_different_files_take_no_backup_from_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let write = |number: usize| {
        let path = home.join(format!("config-{number}"));
        fs::write(&path, format!("# {number}\n")).unwrap();
        let target = Target::find(&Env::from_vars([("AWS_CONFIG_FILE", &path)])).unwrap();
        let apply = Apply::begin(&Disk, &home.join("state"), &target, || {}).unwrap();
        apply.write(b"# new\n", None, Timestamp::UNIX_EPOCH).unwrap();
    };
    std::thread::scope(|scope| {
        for number in 0..8 {
            let write = &write;
            scope.spawn(move || write(number));
        }
    });
    let backups = Backups::new(&home.join("state")).list().unwrap();
    let mut kept: Vec<String> =
        backups.iter().map(|backup| fs::read_to_string(&backup.path).unwrap()).collect();
    kept.sort();
    assert_eq!(kept, (0..8).map(|number| format!("# {number}\n")).collect::<Vec<_>>());
}
