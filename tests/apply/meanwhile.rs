//! Somebody else writes the file while robo does.

use std::cell::Cell;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use robo::config::apply::{Apply, Outcome};
use robo::sys::files::{Disk, Files};

use crate::home::{Home, OLD, base};

/// The real disk, and somebody who saves the config right before the chosen step.
struct Edited<'a> {
    home: &'a Home,
    at: usize,
    step: Cell<usize>,
    /// Whether the new content had been put in place by then; none before the chosen step.
    too_late: Cell<Option<bool>>,
    put: Cell<bool>,
}

const EDIT: &str = "# saved meanwhile\n";

impl Edited<'_> {
    fn step<T>(&self, act: impl FnOnce() -> T) -> T {
        self.step.set(self.step.get() + 1);
        if self.step.get() == self.at {
            self.too_late.set(Some(self.put.get()));
            self.home.edit(EDIT);
        }
        act()
    }
}

impl Files for Edited<'_> {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.step(|| Disk.create_folder(folder))
    }
    fn write_new(&self, path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<()> {
        self.step(|| Disk.write_new(path, bytes, like))
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.step(|| Disk.sync_file(path))
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step(|| Disk.sync_folder(folder))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to == self.home.target.real() {
            // Nobody can be kept from saving in this very instant.
            self.put.set(true);
            return Disk.rename(from, to);
        }
        self.step(|| Disk.rename(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|| Disk.remove(path))
    }
    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.step(|| Disk.remove_folder(folder))
    }
    fn make_executable(&self, path: &Path) -> io::Result<()> {
        self.step(|| Disk.make_executable(path))
    }
}

#[test]
fn what_is_saved_while_robo_writes_is_not_overwritten() {
    for old in [None, Some(OLD)] {
        for at in 1.. {
            let home = Home::new(old, false);
            let too_late = Cell::new(None);
            let (step, put) = (Cell::new(0), Cell::new(false));
            let files = Edited { home: &home, at, step, too_late, put };
            let outcome = home.write(&files, "# new\n", Some(&base("new"))).unwrap();
            let overtaken = matches!(outcome, Outcome::Overtaken);
            let Some(too_late) = files.too_late.get() else {
                assert!(at > 10 && !overtaken, "step {at}");
                break;
            };
            let case = format!("old file {old:?}, step {at}, {outcome:?}");
            assert_eq!(overtaken, !too_late, "{case}");
            assert_eq!(home.content().as_deref(), Some(EDIT), "{case}");
            let want = if too_late { Some("new") } else { old.map(|_| "old") };
            assert_eq!(home.applied().as_deref(), want, "{case}");
            assert_eq!(home.leftovers(), Vec::<PathBuf>::new(), "{case}");
        }
    }
}

#[test]
fn a_file_that_becomes_a_link_meanwhile_is_not_replaced() {
    let home = Home::new(Some(OLD), false);
    let apply = Apply::begin(&Disk, &home.state, &home.target, || {}).unwrap();
    let (path, moved) = (home.target.real(), home.state.join("moved"));
    fs::rename(path, &moved).unwrap();
    symlink(&moved, path).unwrap();
    let outcome = apply.write(b"# new\n", None, Timestamp::UNIX_EPOCH).unwrap();
    assert!(matches!(outcome, Outcome::Overtaken));
    assert!(path.is_symlink());
    assert_eq!(fs::read_to_string(moved).unwrap(), OLD);
    assert_eq!(home.leftovers(), Vec::<PathBuf>::new());
}
