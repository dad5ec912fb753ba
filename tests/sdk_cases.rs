//! The AWS SDKs' reading of a config file, case by case: `tests/cases/sdk/profiles.toml`.
//!
//! The cases say anew what `aws-runtime` 1.10 (the AWS SDK for Rust, Apache-2.0) is tested by:
//! `test-data/profile-parser-tests.json`, from the specification that all AWS SDKs share.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a case that cannot be read fails")]

mod common;

use std::collections::BTreeMap;

use common::Sandbox;
use robo::config::profiles::Profiles;
use robo::ini::Document;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    file: String,
    /// The line that is refused; else the profiles.
    refused: Option<usize>,
    #[serde(default)]
    profiles: BTreeMap<String, BTreeMap<String, String>>,
}

#[test]
fn the_library_reads_what_the_sdks_read() {
    for case in cases() {
        let read = Profiles::read(&Document::parse(case.file.as_str()));
        match (read, case.refused) {
            (Ok(profiles), None) => {
                let list = profiles.list().iter();
                let read: BTreeMap<_, _> = list
                    .map(|profile| (profile.name.clone(), profile.properties.clone()))
                    .collect();
                assert_eq!(read, case.profiles, "{}", case.name);
            }
            (Err(refusal), Some(line)) => assert_eq!(refusal.line, line, "{}", case.name),
            (read, _) => panic!("{}: {read:?}", case.name),
        }
    }
}

#[test]
fn the_binary_lists_what_the_sdks_read() {
    let sandbox = Sandbox::new();
    for case in cases() {
        sandbox.write_config(&case.file);
        let output = sandbox.robo(["aws.list", "--json"]).run();
        let told = format!("{}\n{output}", case.name);
        if let Some(line) = case.refused {
            assert_eq!((output.status, output.stdout.as_str()), (1, ""), "{told}");
            assert!(output.stderr.contains(&format!("~/.aws/config:{line}:")), "{told}");
            continue;
        }
        assert_eq!(output.status, 0, "{told}");
        let listed: Vec<Listed> = serde_json::from_str(&output.stdout).unwrap();
        let profiles: BTreeMap<_, _> =
            listed.into_iter().map(|profile| (profile.name, profile.properties)).collect();
        assert_eq!(profiles, case.profiles, "{told}");
    }
}

/// What the test looks at of an entry of `aws.list --json`.
#[derive(Deserialize)]
struct Listed {
    name: String,
    properties: BTreeMap<String, String>,
}

fn cases() -> Vec<Case> {
    let cases: Cases = toml::from_str(include_str!("cases/sdk/profiles.toml")).unwrap();
    assert!(cases.case.len() > 50, "only {} cases", cases.case.len());
    cases.case
}
