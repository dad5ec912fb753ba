//! The three-way merge, case by case: each folder in `tests/cases/merge` is one.
//!
//! `base` (none: a first run), `theirs` and `mine` go in, `want` has to come out, byte for byte.
//! What is asked, left alone and held back has to be what `conflicts` and `held` (`section key`)
//! and `left_alone` (`mine:line: what`) say, a line each; nothing, where there is no such file.
//! `options` may hold `conflicts = mine` or `conflicts = team`, and comments on the case.
//!
//! Every case is merged a second time, from where the first one led: that must change nothing and
//! ask nothing.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a case that cannot be read fails")]

mod common;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use common::merging::{Merged, applied, merge};
use robo::config::merge::Take;
use robo::config::plan::Tally;
use robo::config::tree::Tree;
use robo::ini::Document;
use similar::TextDiff;

/// One folder of files.
struct Case {
    folder: PathBuf,
}

#[test]
fn every_case_comes_out_as_wanted() {
    let cases = Case::all();
    assert!(cases.len() > 100, "only {} cases in tests/cases/merge", cases.len());
    let failures: Vec<String> = cases.iter().filter_map(|case| case.check().err()).collect();
    let (failed, all) = (failures.len(), cases.len());
    assert!(failures.is_empty(), "{failed} of {all} cases:\n\n{}", failures.join("\n"));
}

impl Case {
    fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/merge");
        let mut folders: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        folders.into_iter().map(|folder| Self { folder }).collect()
    }

    /// The file of that name; empty when there is none.
    fn read(&self, name: &str) -> Vec<u8> {
        let path = self.folder.join(name);
        if path.exists() { fs::read(path).unwrap() } else { Vec::new() }
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    fn take(&self) -> Option<Take> {
        let options = self.text("options");
        let mut lines = options.lines().filter(|line| !line.starts_with('#'));
        let take = lines.next().map(|line| match line {
            "conflicts = mine" => Take::Mine,
            "conflicts = team" => Take::Team,
            _ => panic!("{}/options: {line}", self.folder.display()),
        });
        assert_eq!(lines.next(), None, "{}/options", self.folder.display());
        take
    }

    /// Says what is not as it should be.
    fn check(&self) -> Result<(), String> {
        let (theirs, mine, base) = (self.read("theirs"), self.read("mine"), self.text("base"));
        let mut wrong = Wrong::default();
        let rendered = Tree::read(&Document::parse(base.as_str()), "base").render();
        wrong.compare("base, which robo itself would write like this", &base, &rendered);

        let take = self.take();
        let first = match merge(&base, &theirs, &mine, take.unwrap_or(Take::Mine)) {
            Ok(first) => first,
            Err(error) => {
                wrong.say(&format!("theirs is refused: {error}"));
                return wrong.end(&self.folder);
            }
        };
        wrong.compare("after", &show(&self.read("want")), &show(&first.plan.after));
        wrong.compare("conflicts", &self.text("conflicts"), &conflicts(&first));
        wrong.compare("left_alone", &self.text("left_alone"), &left_alone(&first));
        wrong.compare("held", &self.text("held"), &held(&first));
        if take.is_some() && first.plan.conflicts.is_empty() {
            wrong.say("options decide conflicts, and there are none");
        }
        wrong.compare("before", &show(&mine), &show(&first.plan.before));
        if first.plan.changes.is_empty() && first.plan.tally != only_yours(&first) {
            wrong.say("no changes, but a tally of some");
        }

        let base = &first.plan.next_base;
        let second = merge(base, &theirs, &first.plan.after, Take::Team).unwrap();
        let (want, got) = (show(&first.plan.after), show(&second.plan.after));
        wrong.compare("after a second time", &want, &got);
        wrong.compare("conflicts a second time", "", &conflicts(&second));
        wrong.compare("held a second time", &held(&first), &held(&second));
        wrong.compare("next base a second time", base, &second.plan.next_base);
        if !second.plan.is_empty() || !second.plan.changes.is_empty() {
            wrong.say(&format!("changes a second time: {:?}", second.plan.changes));
        }
        if second.plan.tally != only_yours(&second) {
            wrong.say(&format!("tally a second time: {:?}", second.plan.tally));
        }
        wrong.end(&self.folder)
    }
}

#[derive(Default)]
struct Wrong(String);

impl Wrong {
    fn say(&mut self, what: &str) {
        writeln!(self.0, "  {what}").unwrap();
    }

    fn compare(&mut self, name: &str, want: &str, got: &str) {
        if want != got {
            self.say(&format!("{name} (- wanted, + got):"));
            let diff = TextDiff::from_lines(want, got).unified_diff().to_string();
            diff.lines().filter(|line| !line.starts_with("@@")).for_each(|line| self.say(line));
        }
    }

    fn end(self, folder: &Path) -> Result<(), String> {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if self.0.is_empty() { Ok(()) } else { Err(format!("{name}\n{}", self.0)) }
    }
}

/// Bytes so that each can be seen; a line for a line.
fn show(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' => text.push_str("$\n"),
                '\r' => text.push_str("\\r\n"),
                '\u{feff}' => text.push_str("<BOM>"),
                '\t' => text.push_str("\\t"),
                other => text.push(other),
            }
        }
        chunk.invalid().iter().for_each(|byte| write!(text, "\\x{byte:02x}").unwrap());
    }
    text
}

fn conflicts(merged: &Merged) -> String {
    let conflicts = merged.plan.conflicts.iter();
    conflicts.map(|(conflict, _)| format!("{} {}\n", conflict.section, conflict.key)).collect()
}

fn left_alone(merged: &Merged) -> String {
    merged
        .plan
        .left_alone
        .iter()
        .map(|trouble| format!("{}: {}\n", trouble.place, trouble.what))
        .collect()
}

fn held(merged: &Merged) -> String {
    merged.held.iter().map(|held| format!("{} {}\n", held.section, held.key)).collect()
}

fn only_yours(merged: &Merged) -> Tally {
    Tally { yours: merged.plan.tally.yours, ..Tally::default() }
}

#[test]
fn a_decided_conflict_is_asked_again_only_when_the_team_changes_it_again() {
    let text = |value: &str| format!("[profile a]\nregion = {value}\n");
    let [base, team, mine] = ["x", "y", "z"].map(text);
    let first = merge(&base, team.as_bytes(), mine.as_bytes(), Take::Mine).unwrap().plan;
    assert_eq!((first.conflicts.len(), first.is_empty()), (1, true));

    let again = merge(&first.next_base, team.as_bytes(), &first.after, Take::Team).unwrap().plan;
    assert_eq!((again.conflicts.len(), again.is_empty()), (0, true));

    let newer = text("w");
    let third = merge(&first.next_base, newer.as_bytes(), &first.after, Take::Team).unwrap().plan;
    assert_eq!((third.conflicts.len(), third.after), (1, newer.into_bytes()));
}

#[test]
fn a_held_back_key_is_no_part_of_the_base() {
    let team = "[profile a]\ncredential_process = x\nregion = y\n";
    assert_eq!(applied(team.as_bytes()).unwrap(), "[profile a]\nregion = y\n");
}

#[test]
fn a_section_that_was_left_alone_is_merged_once_it_is_mended() {
    let base = "[profile a]\nregion = x\n";
    let team = "[profile a]\nregion = y\n";
    let broken = b"[profile a]\nregion = x\nregion = x\n";
    let first = merge(base, team.as_bytes(), broken, Take::Mine).unwrap().plan;
    assert_eq!((first.is_empty(), first.next_base.as_str()), (true, base));
    let mended = merge(&first.next_base, team.as_bytes(), base.as_bytes(), Take::Mine).unwrap();
    assert_eq!(mended.plan.after, team.as_bytes());
}
