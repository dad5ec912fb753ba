//! How many backups are kept, and that no writer takes another's.

use std::fs;

use jiff::Timestamp;
use robo::config::apply::Apply;
use robo::config::backups::Backups;
use robo::config::target::Target;
use robo::sys::env::Env;
use robo::sys::files::{Disk, Files};

use crate::faults::{Fault, Faulty};
use crate::home::{Home, OLD, written};

#[test]
fn the_fifty_newest_backups_are_kept() {
    let home = Home::new(Some(OLD), false);
    for number in 0..60 {
        let apply = Apply::begin(&Disk, &home.state, &home.target, || {}).unwrap();
        let now = Timestamp::from_second(1_800_000_000 + number / 2).unwrap();
        written(apply.write(format!("# {number}\n").as_bytes(), None, now));
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
        written(apply.write(content.as_bytes(), None, now)).unwrap()
    };
    for number in 0..60 {
        write(&format!("# {number}\n"), 1_800_000_000 + number);
    }
    let backup = write("# after\n", 1_700_000_000);
    assert_eq!(fs::read_to_string(backup).unwrap(), "# 59\n");
    assert_eq!(Backups::new(&home.state).list().unwrap().len(), 50);
}

#[test]
fn what_a_run_that_died_over_its_backup_left_is_gone_with_the_next() {
    let files_in = |home: &Home, folder: &str| {
        let entries = fs::read_dir(home.state.join(folder)).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    for fault in [Fault::KillBefore, Fault::KillDuring] {
        for at in 1.. {
            let home = Home::new(Some(OLD), false);
            let files = Faulty::new(fault, at);
            let write = |files: &dyn Files, second: i64| {
                let apply = Apply::begin(files, &home.state, &home.target, || {})?;
                apply.write(b"# new\n", None, Timestamp::from_second(second).unwrap())
            };
            let _ = write(&files, 1_800_000_000);
            written(write(&Disk, 1_800_000_060));
            let backups = files_in(&home, "backups");
            let notes: Vec<String> = backups.iter().map(|name| format!("{name}.toml")).collect();
            let case = format!("{fault:?} at step {at}");
            assert!(backups.iter().all(|name| name.starts_with("config-")), "{case}: {backups:?}");
            assert_eq!(files_in(&home, "backup-notes"), notes, "{case}");
            if !files.reached() {
                break;
            }
        }
    }
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
        written(apply.write(b"# new\n", None, Timestamp::UNIX_EPOCH));
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
