//! What tj/robo 0.8 prints, robo prints, byte for byte.
//!
//! A case is a folder in `tests/cases/tasks`: `robo.yml`, files beside it, and a `transcript` of
//! commands (`$ …`), what each writes to stdout, and its exit status where that is not 0 (`? …`).
//! `%no newline` stands behind an output that does not end with one.
//!
//! The transcripts are tj/robo 0.8.0's own (bb74799, with go-yaml 2.2.2), but for what it does
//! badly: the exit status of a task, `variables` that are no texts (it prints `<int Value>`), and
//! an `exec` that has steps behind it, after which it does not go on.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::common::Sandbox;

#[test]
fn every_transcript_is_what_happens() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/tasks");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(&cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 20, "{} cases", folders.len());
    let differing: Vec<String> = folders.iter().filter_map(|case| check(case)).collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// What happens in a case, if it is not what its transcript says.
fn check(case: &Path) -> Option<String> {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("case");
    copy(case, &folder);
    let programs = sandbox.path("programs");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_robo"), programs.join("robo")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());

    let want = fs::read_to_string(case.join("transcript")).unwrap();
    let mut happens = String::new();
    for command in want.lines().filter_map(|line| line.strip_prefix("$ ")) {
        // With -c, only the file counts.
        let line = match command.strip_prefix("robo") {
            Some(rest) => format!("robo -c robo.yml{rest}"),
            None => command.to_owned(),
        };
        let output = sandbox.program("sh", ["-c", &line]).env("PATH", &path).folder(&folder).run();
        happens += &format!("$ {command}\n{}", output.stdout);
        if !happens.ends_with('\n') {
            happens += "\n%no newline\n";
        }
        if output.status != 0 {
            happens += &format!("? {}\n", output.status);
        }
    }
    let name = case.file_name().unwrap().to_string_lossy();
    (happens != want).then(|| format!("== {name}: instead of\n{want}\n-- happens\n{happens}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
