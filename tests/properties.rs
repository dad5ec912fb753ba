//! What is true of every document and of every merge.
//!
//! The cases are the same in every run. What one of them finds becomes a folder in
//! `tests/cases/merge`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a property that cannot be checked fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::configs::{bytes, own, team, three};
use common::merging::{applied, merge};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use robo::config::diff;
use robo::config::merge::Take;
use robo::config::plan::{Change, Plan};
use robo::config::profiles::Profiles;
use robo::config::sdk;
use robo::config::section::SectionId;
use robo::config::tree::Tree;
use robo::config::unit::Unit;
use robo::ini::{Document, Property};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn take() -> impl Strategy<Value = Take> {
    prop_oneof![Just(Take::Mine), Just(Take::Team)]
}

fn planned(base: &str, theirs: &str, mine: &[u8], take: Take) -> Plan {
    merge(base, theirs.as_bytes(), mine, take).unwrap().plan
}

fn tree(text: &[u8]) -> Tree {
    Tree::read(&Document::parse(text), "f")
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn any_bytes_come_back(text in bytes()) {
        let document = Document::parse(text.0.clone());
        prop_assert_eq!(&document.to_bytes(), &text.0);
        prop_assert_eq!(document.edit().finish(), text.0);
    }

    #[test]
    fn any_file_comes_back(text in own(20)) {
        prop_assert_eq!(Document::parse(text.0.clone()).to_bytes(), text.0);
    }

    #[test]
    fn any_bytes_can_be_read_compared_and_merged(
        base in bytes(), theirs in bytes(), team in team(), mine in bytes(), take in take(),
    ) {
        let base = String::from_utf8_lossy(&base).into_owned();
        for theirs in [&*theirs, team.as_bytes()] {
            if let Ok(merged) = merge(&base, theirs, &mine, take) {
                diff::diff(&mine, &merged.plan.after);
                let again = merge(&merged.plan.next_base, theirs, &merged.plan.after, take);
                let again = again.unwrap().plan;
                prop_assert!(again.is_empty() && again.conflicts.is_empty(), "{:?}", show(&again));
            }
        }
        if let Ok(profiles) = Profiles::read(&Document::parse(mine.0)) {
            profiles.chain_errors(|_| false);
        }
    }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn what_only_i_have_stays(files in three(), take in take()) {
        let (base, theirs, mine) = files;
        let base = applied(base.as_bytes()).unwrap();
        let plan = planned(&base, &theirs, &mine, take);
        let (teams, after) = ([tree(base.as_bytes()), tree(theirs.as_bytes())], units(&plan.after));
        for (name, lines) in units(&mine) {
            let (section, key) = &name;
            let known = |team: &Tree| team.get(section).is_some_and(|s| s.get(key).is_some());
            if !teams.iter().any(known) {
                prop_assert_eq!(after.get(&name), Some(&lines), "[{}] {}", section, key);
            }
        }
    }

    #[test]
    fn a_comment_of_mine_stays(files in three()) {
        let (base, theirs, mine) = files;
        let base = applied(base.as_bytes()).unwrap();
        let plan = planned(&base, &theirs, &mine, Take::Mine);
        let (before, after) = (comments(&mine), comments(&plan.after));
        let teams = comments(base.as_bytes());
        for (comment, count) in before.iter().filter(|(comment, _)| !teams.contains_key(*comment)) {
            prop_assert!(after.get(comment).is_some_and(|left| left >= count), "{}", comment);
        }
    }

    #[test]
    fn lines_that_are_not_meant_stay_as_they_are_and_where_they_are(
        files in three(), take in take(),
    ) {
        let (base, theirs, mine) = files;
        let base = applied(base.as_bytes()).unwrap();
        let plan = planned(&base, &theirs, &mine, take);
        let after = lines(&plan.after);
        let mut rest = after.iter();
        for line in unmeant(&base, &mine, &plan) {
            let found = rest.any(|other| {
                // A last line without an ending gets one when something comes below it, and a lone
                // CR is CRLF once nothing stands between it and a blank line of LF.
                let open = other.trim_end_matches(['\n', '\r']) == line;
                let fused = line.ends_with('\r') && other.strip_suffix('\n') == Some(&line);
                *other == line || open || fused
            });
            prop_assert!(found, "{:?} is not where it was in {:?}", line, after);
        }
    }

    #[test]
    fn a_second_time_there_is_nothing_to_do_or_ask(files in three(), take in take()) {
        let (base, theirs, mine) = files;
        let base = applied(base.as_bytes()).unwrap();
        let first = planned(&base, &theirs, &mine, take);
        let second = planned(&first.next_base, &theirs, &first.after, Take::Team);
        prop_assert!(second.is_empty(), "{:?}", show(&second));
        prop_assert!(second.changes.is_empty() && second.conflicts.is_empty());
        prop_assert_eq!(second.next_base, first.next_base);
    }

    #[test]
    fn a_file_that_is_all_the_team_s_becomes_what_the_team_has(old in team(), new in team()) {
        let fresh = planned("", &old, b"", Take::Mine);
        let plan = planned(&fresh.next_base, &new, &fresh.after, Take::Mine);
        prop_assert!(plan.conflicts.is_empty());
        prop_assert_eq!(meaning(&plan.after), meaning(new.as_bytes()));
    }

    #[test]
    fn what_came_goes_without_a_trace(theirs in team(), mine in own(5)) {
        let mine = [&*mine, b"\n# the end\n"].concat();
        let theirs = apart(&theirs, &mine);
        let there = planned("", &theirs, &mine, Take::Mine);
        let back = planned(&there.next_base, "", &there.after, Take::Mine);
        prop_assert_eq!(String::from_utf8(back.after), String::from_utf8(mine));
    }

    #[test]
    fn what_readers_understood_they_understand_still(files in three(), take in take()) {
        let (base, theirs, mine) = files;
        let base = applied(base.as_bytes()).unwrap();
        let plan = planned(&base, &theirs, &mine, take);
        let (before, after) = (Document::parse(mine.0), Document::parse(plan.after.clone()));
        for (what, count) in troubles(&after) {
            let old = troubles(&before).get(&what).copied().unwrap_or(0);
            prop_assert!(count <= old, "new: {}", what);
        }
        if sdk::read(&before).is_ok() {
            prop_assert!(sdk::read(&after).is_ok(), "{:?}", sdk::read(&after));
        }
        if dialects_agree(&before) {
            prop_assert!(dialects_agree(&after), "{:?}", show(&plan));
        }
    }
}

/// The after as text, for a message.
fn show(plan: &Plan) -> String {
    String::from_utf8_lossy(&plan.after).into_owned()
}

/// Each property of the sections that readers agree on, with its lines.
fn units(text: &[u8]) -> BTreeMap<(SectionId, String), Vec<String>> {
    let document = Document::parse(text);
    let mut units = BTreeMap::new();
    for section in document.sections().iter().filter(|section| section.line().is_some()) {
        let id = SectionId::parse(section.name());
        for property in section.properties() {
            let name = (id.clone(), property.key().to_lowercase());
            units.insert(name, property_lines(&document, property));
        }
    }
    units
}

/// The lines of a property that are not blank, without endings.
fn property_lines(document: &Document, property: &Property) -> Vec<String> {
    numbers(document, property).map(|number| document.line(number).into_owned()).collect()
}

/// The numbers of the lines of a property that are not blank.
fn numbers(document: &Document, property: &Property) -> impl Iterator<Item = usize> {
    (property.line()..=document.line_count())
        .filter(|number| !document.line(*number).trim_matches([' ', '\t']).is_empty())
        .take(1 + document.continuation(property).len())
}

fn comments(text: &[u8]) -> HashMap<String, usize> {
    let mut comments = HashMap::new();
    let document = Document::parse(text);
    for number in 1..=document.line_count() {
        let line = document.line(number).trim().to_owned();
        if line.starts_with(['#', ';']) {
            *comments.entry(line).or_default() += 1;
        }
    }
    comments
}

/// The lines with their endings.
fn lines(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let mut lines: Vec<String> = Vec::new();
    for piece in text.split_inclusive(['\n', '\r']) {
        match lines.last_mut() {
            Some(last) if piece == "\n" && last.ends_with('\r') => last.push('\n'),
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

/// The lines of mine that the plan has no business with: neither blank, nor of a property that
/// changes, nor a comment that is the team's, nor the header of a section that goes.
fn unmeant(base: &str, mine: &[u8], plan: &Plan) -> Vec<String> {
    let document = Document::parse(mine);
    let left = tree(&plan.after);
    let mut meant = BTreeSet::new();
    for section in document.sections() {
        let id = SectionId::parse(section.name());
        if left.get(&id).is_none() {
            meant.extend(section.line());
        }
        for property in section.properties() {
            let key = property.key().to_lowercase();
            let is_it = |change: &Change| change.section == id && change.key.as_ref() == Some(&key);
            if plan.changes.iter().any(is_it) {
                meant.extend(numbers(&document, property));
            }
        }
    }
    let teams = comments(base.as_bytes());
    let all = lines(mine).into_iter().enumerate();
    all.filter(|(index, line)| {
        !meant.contains(&(index + 1))
            && !line.trim_matches([' ', '\t', '\r', '\n']).is_empty()
            && !teams.contains_key(line.trim())
    })
    .map(|(_, line)| line)
    .collect()
}

/// Sections, keys and values, in any order and spacing.
fn meaning(text: &[u8]) -> BTreeMap<SectionId, BTreeMap<String, Vec<String>>> {
    let value = |unit: &Unit| {
        let mut lines: Vec<String> = unit.text().lines().map(str::to_owned).collect();
        if unit.is_nested() {
            lines.sort();
        }
        lines
    };
    let tree = tree(text);
    let sections = tree.sections().iter();
    sections
        .map(|section| {
            let units = section.units.iter().map(|unit| (unit.name().to_owned(), value(unit)));
            (section.id.clone(), units.collect())
        })
        .collect()
}

/// Those of the team's sections that have no key in common with mine, nor meet one of mine that
/// has no keys at all.
fn apart(theirs: &str, mine: &[u8]) -> String {
    let mine = tree(mine);
    let apart = |section: &&str| {
        tree(section.as_bytes()).sections().iter().all(|section| {
            mine.get(&section.id).is_none_or(|own| {
                !own.units.is_empty() && section.units.iter().all(|u| own.get(u.name()).is_none())
            })
        })
    };
    theirs.split_inclusive("\n\n").filter(apart).collect()
}

/// What readers stumble over, how often.
fn troubles(document: &Document) -> HashMap<String, usize> {
    let mut troubles = HashMap::new();
    for trouble in Tree::read(document, "f").troubles() {
        let what = trouble.what.replace(|c: char| c.is_ascii_digit(), "");
        *troubles.entry(what).or_default() += 1;
    }
    troubles
}

/// Whether the AWS CLI's dialect and the SDKs' give the same keys and values.
fn dialects_agree(document: &Document) -> bool {
    let Ok(sections) = sdk::read(document) else { return false };
    let tree = Tree::read(document, "f");
    let python = |unit: &Unit| {
        let text = unit.text();
        let lines = text.lines().enumerate();
        let kept: Vec<&str> = lines
            .filter(|(number, line)| *number == 0 || !line.starts_with(['#', ';']))
            .map(|(_, line)| line)
            .collect();
        (unit.key.to_lowercase(), kept.join("\n"))
    };
    let cli: Vec<_> = tree.sections().iter().flat_map(|s| &s.units).map(python).collect();
    let sdk: Vec<_> = sections
        .into_iter()
        .flat_map(|s| s.properties)
        .map(|(key, value, _)| (key, value))
        .collect();
    tree.troubles().is_empty() && cli == sdk
}
