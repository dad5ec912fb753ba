//! The store of the shared commands: whatever fails, a reader finds the old set or the new one,
//! whole, and the next run leaves nothing behind.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use robo::sys::files::{Disk, Files};
use robo::tasks::shared::{Accepted, Origin, SharedFile, SharedStore};

use crate::faults::{FAULTS, Fault, Faulty};

fn set(files: &[(&str, &str, bool)]) -> Vec<SharedFile> {
    let file = |(path, text, executable): &(&str, &str, bool)| SharedFile {
        path: (*path).to_owned(),
        bytes: text.as_bytes().to_vec(),
        executable: *executable,
    };
    files.iter().map(file).collect()
}

fn origin(commit: &str) -> Origin {
    let (url, name, team) = ("https://git.test/acme/dotfiles", "acme/dotfiles", "data");
    Origin {
        url: url.to_owned(),
        name: name.to_owned(),
        team: team.to_owned(),
        commit: commit.to_owned(),
        ..Origin::default()
    }
}

/// A state folder, and what was accepted in it.
struct State {
    folder: tempfile::TempDir,
    store: SharedStore,
}

impl State {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SharedStore::new(folder.path());
        Self { folder, store }
    }

    fn accept(&self, files: &dyn Files, commit: &str, set: &[SharedFile]) -> robo::Result<()> {
        self.store.accept(files, &origin(commit), set, || {})
    }

    fn accepted(&self) -> Option<Accepted> {
        self.store.load().unwrap()
    }

    /// The commit that was accepted; its files are read, and found to be `set`.
    #[track_caller]
    fn is(&self, commit: &str, set: &[SharedFile]) -> bool {
        let Some(accepted) = self.accepted() else { return false };
        if accepted.origin().commit != commit {
            return false;
        }
        assert!(accepted.is_whole() && accepted.matches(set), "{accepted:?}");
        for file in set {
            let known = accepted.file(&file.path).unwrap();
            assert_eq!(accepted.read(known).unwrap(), file.bytes);
        }
        true
    }

    fn tasks(&self) -> PathBuf {
        self.folder.path().join("tasks")
    }

    /// What is beside the record.
    fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.tasks()).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name != "accepted.toml")
            .collect();
        names.sort();
        names
    }
}

fn old() -> Vec<SharedFile> {
    set(&[("robo.yml", "a: 1\n", false), ("tasks/run.sh", "#!/bin/sh\n", true)])
}

fn new() -> Vec<SharedFile> {
    set(&[
        ("robo.yml", "a: 2\n", false),
        ("tasks/lib/x/common.sh", "x\n", false),
        ("tasks/run.sh", "#!/bin/sh\necho new\n", true),
    ])
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_was_accepted_is_read_back_as_it_was_and_is_private() {
    let state = State::new();
    assert!(state.accepted().is_none());
    state.accept(&Disk, "one", &new()).unwrap();
    assert!(state.is("one", &new()));
    let accepted = state.accepted().unwrap();
    assert_eq!(accepted.origin(), &origin("one"));
    let modes = ["", "tasks", "tasks/lib/x", "robo.yml", "tasks/run.sh", "tasks/lib/x/common.sh"]
        .map(|path| mode(&accepted.folder().join(path)));
    assert_eq!(modes, [0o700, 0o700, 0o700, 0o600, 0o700, 0o600]);
    assert_eq!((mode(&state.tasks()), mode(&state.tasks().join("accepted.toml"))), (0o700, 0o600));
    assert!(!accepted.matches(&old()));
    let not_executable: Vec<SharedFile> =
        new().into_iter().map(|file| SharedFile { executable: false, ..file }).collect();
    assert!(!accepted.matches(&not_executable));
}

#[test]
fn a_reader_finds_the_old_set_or_the_new_one_whatever_fails() {
    for fault in FAULTS {
        for at in 1.. {
            let state = State::new();
            state.accept(&Disk, "old", &old()).unwrap();
            let files = Faulty::new(fault, at);
            let outcome = state.accept(&files, "new", &new());
            let case = format!("{fault:?} at step {at}: {outcome:?}");
            if !files.reached() {
                outcome.unwrap();
                assert!(at > 20, "{at} steps only");
                break;
            }
            let is_new = state.is("new", &new());
            assert!(is_new || state.is("old", &old()), "{case}");
            assert!(outcome.is_err() || is_new, "{case}");
            // The next run finishes the job, and clears up.
            state.accept(&Disk, "new", &new()).unwrap();
            assert!(state.is("new", &new()), "{case}");
            assert_eq!(state.beside().len(), 2, "the present and the one before; {case}");
        }
    }
}

#[test]
fn a_first_set_is_absent_or_whole() {
    for fault in FAULTS {
        for at in 1.. {
            let state = State::new();
            let files = Faulty::new(fault, at);
            let outcome = state.accept(&files, "new", &new());
            let is_new = state.is("new", &new());
            assert!(is_new || state.accepted().is_none(), "{fault:?} at step {at}");
            if !files.reached() {
                outcome.unwrap();
                break;
            }
        }
    }
}

#[test]
fn only_the_folder_before_the_present_one_stays() {
    let state = State::new();
    let sets = ["1", "2", "3"].map(|text| set(&[("robo.yml", text, false)]));
    let folders = sets.clone().map(|set| {
        state.accept(&Disk, "x", &set).unwrap();
        state.accepted().unwrap().folder().to_owned()
    });
    assert_eq!(folders.clone().map(|folder| folder.exists()), [false, true, true]);
    // Back again: what was the one before is the present one, and the other way round.
    state.accept(&Disk, "x", &sets[1]).unwrap();
    assert_eq!(folders.clone().map(|folder| folder.exists()), [false, true, true]);
    // Another commit with the same files is no other set.
    state.accept(&Disk, "y", &sets[1]).unwrap();
    assert!(state.is("y", &sets[1]));
    assert_eq!(folders.map(|folder| folder.exists()), [false, true, true]);
}

#[test]
fn a_run_that_only_keeps_up_takes_nothing_back_that_was_accepted_meanwhile() {
    let state = State::new();
    let keep_up = |commit| state.store.keep_up(&Disk, &origin(commit), &old(), || {}).unwrap();
    keep_up("one");
    assert!(state.accepted().is_none());
    state.accept(&Disk, "one", &old()).unwrap();
    keep_up("two");
    assert!(state.is("two", &old()));
    state.accept(&Disk, "three", &new()).unwrap();
    keep_up("four");
    assert!(state.is("three", &new()));
}

#[test]
fn nothing_to_accept_forgets_what_was_accepted() {
    for at in 1..=3 {
        let state = State::new();
        state.accept(&Disk, "old", &old()).unwrap();
        let outcome = state.accept(&Faulty::new(Fault::KillBefore, at), "new", &[]);
        assert!(state.accepted().is_none() || state.is("old", &old()));
        assert_eq!(outcome.is_ok(), at == 3);
        state.accept(&Disk, "new", &[]).unwrap();
        assert!(state.accepted().is_none());
    }
}

#[test]
fn half_written_and_foreign_things_are_removed_and_no_link_is_followed() {
    let state = State::new();
    let precious = state.folder.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "x").unwrap();
    fs::create_dir_all(state.tasks().join(".abc.robo-new/deep/er")).unwrap();
    fs::write(state.tasks().join(".abc.robo-new/deep/er/file"), "half").unwrap();
    fs::write(state.tasks().join(".accepted.toml.robo-new"), "half").unwrap();
    fs::create_dir_all(state.tasks().join("older")).unwrap();
    symlink(&precious, state.tasks().join("older/link")).unwrap();
    symlink(&precious, state.tasks().join(".link")).unwrap();
    state.accept(&Disk, "new", &new()).unwrap();
    assert_eq!(state.beside().len(), 1, "{:?}", state.beside());
    assert_eq!(fs::read_to_string(precious.join("file")).unwrap(), "x");
}

#[test]
fn a_copy_that_somebody_changed_is_told_and_mended() {
    type Damage = fn(&Path);
    let damages: [Damage; 5] = [
        |folder| fs::write(folder.join("robo.yml"), "a: 6\n").unwrap(),
        |folder| fs::write(folder.join("robo.yml"), "a".repeat(20 << 20)).unwrap(),
        |folder| fs::remove_file(folder.join("tasks/run.sh")).unwrap(),
        |folder| {
            fs::remove_file(folder.join("robo.yml")).unwrap();
            fs::create_dir(folder.join("robo.yml")).unwrap();
        },
        |folder| {
            let plain = fs::Permissions::from_mode(0o600);
            fs::set_permissions(folder.join("tasks/run.sh"), plain).unwrap();
        },
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let state = State::new();
        state.accept(&Disk, "old", &old()).unwrap();
        let accepted = state.accepted().unwrap();
        damage(accepted.folder());
        assert!(!accepted.is_whole(), "damage {number}");
        let failed = accepted.files().iter().find_map(|file| accepted.read(file).err());
        if let Some(error) = &failed {
            assert_eq!(error.hints(), ["robo aws.config puts back what you accepted"]);
        }
        assert_eq!(failed.is_some(), number < 4, "damage {number}");
        state.accept(&Disk, "old", &old()).unwrap();
        assert!(state.is("old", &old()), "damage {number}");
    }
}

#[test]
fn a_record_that_cannot_be_understood_is_an_error_and_is_replaced() {
    let state = State::new();
    state.accept(&Disk, "old", &old()).unwrap();
    let record = state.tasks().join("accepted.toml");
    let good = fs::read_to_string(&record).unwrap();
    let sha = good.lines().find(|line| line.starts_with("sha256")).unwrap();
    let damaged = [
        String::new(),
        "folder = 1".to_owned(),
        good[..good.len() / 2].to_owned(),
        good.replace(sha, &format!("sha256 = \"{}\"", "0".repeat(64))),
        good.replace("folder = \"", "folder = \"../"),
    ];
    for text in damaged {
        fs::write(&record, &text).unwrap();
        let error = state.store.load().expect_err(&text);
        assert!(error.hints()[0].starts_with("robo aws.config mends it"), "{error}");
        state.accept(&Disk, "new", &new()).unwrap();
        assert!(state.is("new", &new()), "{text}");
        state.accept(&Disk, "old", &old()).unwrap();
    }
    fs::remove_dir_all(state.accepted().unwrap().folder()).unwrap();
    state.store.load().expect_err("the folder is gone");
}

#[test]
fn a_path_that_leaves_the_folder_is_never_written() {
    for path in ["../x", "/etc/x", "a/../../x", "", "."] {
        let state = State::new();
        state.accept(&Disk, "old", &old()).unwrap();
        state.accept(&Disk, "new", &set(&[(path, "x", false)])).expect_err(path);
        assert!(state.is("old", &old()), "{path:?}");
        assert!(!state.folder.path().join("x").exists() && !state.tasks().join("x").exists());
    }
}
