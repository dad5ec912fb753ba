//! What robo writes means the same to other readers: every `want` of the merge cases, and the
//! outcome of generated merges.
//!
//! * botocore (the AWS CLI) against [`Tree`]: all files that robo finds no fault with; and against
//!   [`Profiles`]: those of them that the SDKs read too.
//! * `rust-ini`: the files without what it cannot know of an AWS config: an inline comment behind a
//!   value (to it a part of the value, to the SDKs not), `key : value`, comments inside of a value,
//!   a blank line inside of a block, a value that goes on below a first line that is not empty, and
//!   a lone CR (no line end to it). Escapes and quotes are switched off.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a file that cannot be compared fails")]
#![allow(clippy::disallowed_methods, reason = "files for botocore to read")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::botocore::Botocore;
use common::configs::three;
use common::merging::{applied, merge};
use ini::{Ini, ParseOption};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use robo::config::merge::Take;
use robo::config::profiles::Profiles;
use robo::config::section::SectionId;
use robo::config::tree::{self, Tree};
use robo::config::unit::Unit;
use robo::ini::{Document, Section};
use serde_json::{Map, Value, json};

const GENERATED: usize = 200;

/// A file as robo left it, and where it comes from.
struct Written {
    name: String,
    bytes: Vec<u8>,
}

#[test]
fn botocore_reads_what_robo_reads() {
    let Some(botocore) = Botocore::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let files = everything();
    let paths: Vec<_> = (0..files.len()).map(|n| folder.path().join(n.to_string())).collect();
    for (path, file) in paths.iter().zip(&files) {
        fs::write(path, &file.bytes).unwrap();
    }
    let (mut compared, mut refused) = (0, 0);
    for (file, theirs) in files.iter().zip(botocore.read(&paths)) {
        let tree = Tree::read(&Document::parse(file.bytes.clone()), "f");
        let fails = theirs.get("error").is_some();
        if tree.troubles().is_empty() {
            assert!(!fails, "{}: {theirs}\n{}", file.name, file.shown());
            assert_eq!(
                as_botocore_has_it(&tree),
                plain(&theirs),
                "{}\n{}",
                file.name,
                file.shown()
            );
            compared += 1;
        } else if fails {
            refused += 1;
        }
    }
    assert!(compared > GENERATED && refused > 10, "compared {compared}, refused {refused}");
}

#[test]
fn botocore_and_the_sdks_grammar_find_the_same_profiles() {
    let Some(botocore) = Botocore::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let agreed = |file: &Written| Profiles::read(&file.document()).is_ok();
    let sound = |file: &Written| Tree::read(&file.document(), "f").troubles().is_empty();
    let files: Vec<_> = everything().into_iter().filter(|f| agreed(f) && sound(f)).collect();
    let paths: Vec<_> = (0..files.len()).map(|n| folder.path().join(n.to_string())).collect();
    for (path, file) in paths.iter().zip(&files) {
        fs::write(path, &file.bytes).unwrap();
    }
    for (file, theirs) in files.iter().zip(botocore.read(&paths)) {
        let profiles = Profiles::read(&file.document()).unwrap();
        let ours: Map<String, Value> = profiles
            .list()
            .iter()
            .map(|profile| {
                let properties = profile.properties.iter();
                let value = |value: &String| without_comment(&Value::from(value.as_str()));
                let properties: Map<_, _> =
                    properties.map(|(k, v)| (k.clone(), value(v))).collect();
                (profile.name.clone(), Value::from(properties))
            })
            .collect();
        // Names that only botocore takes.
        let passed_over = |name: &str| {
            let mut ignored = profiles.ignored().iter();
            ignored.any(|(_, header)| SectionId::parse(header).as_profile() == Some(name))
        };
        let theirs: Map<String, Value> = theirs["profiles"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| !passed_over(name))
            .map(|(name, properties)| {
                let properties = properties.as_object().unwrap().iter();
                let properties = properties.map(|(k, v)| (k.clone(), without_comment(v)));
                (name.clone(), properties.collect::<Map<_, _>>().into())
            })
            .collect();
        assert_eq!(Value::from(ours), Value::from(theirs), "{}\n{}", file.name, file.shown());
    }
    assert!(files.len() > GENERATED / 2, "only {} files", files.len());
}

#[test]
fn rust_ini_reads_what_robo_reads() {
    let options = || ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        enabled_indented_mutiline_value: false,
        enabled_preserve_key_leading_whitespace: true,
    };
    let mut compared = 0;
    for file in everything().iter().filter(|file| file.is_for_rust_ini()) {
        let text = str::from_utf8(&file.bytes).unwrap();
        let read = Ini::load_from_str_opt(text, options());
        let read = read.unwrap_or_else(|error| panic!("{}: {error}\n{text}", file.name));
        let theirs: BTreeMap<SectionId, BTreeMap<String, String>> = read
            .iter()
            .filter_map(|(section, properties)| {
                let keys = properties.iter().map(|(key, value)| (key.to_lowercase(), value.into()));
                Some((SectionId::parse(section?), keys.collect()))
            })
            .collect();
        let tree = Tree::read(&file.document(), "f");
        let ours = tree.sections().iter().map(|section| {
            let keys =
                section.units.iter().map(|unit| (unit.name().to_owned(), unit.value.clone()));
            (section.id.clone(), keys.collect())
        });
        assert_eq!(ours.collect::<BTreeMap<_, _>>(), theirs, "{}\n{text}", file.name);
        compared += 1;
    }
    assert!(compared > 60, "only {compared} files that rust-ini can read");
}

/// A value as both dialects have it: without what only one of them takes for a comment. A nested
/// block, which the SDKs leave to their caller, is nothing.
fn without_comment(value: &Value) -> Value {
    let text = match value.as_str() {
        Some(text) if !text.starts_with('\n') => text,
        _ => return Value::Null,
    };
    let bare = |line: &str| {
        let end = [" #", " ;"].iter().filter_map(|mark| line.find(mark)).min();
        line[..end.unwrap_or(line.len())].trim_end().to_owned()
    };
    let lines = text.lines().filter(|line| !line.starts_with(['#', ';']));
    lines.map(bare).collect::<Vec<_>>().join("\n").into()
}

/// What every `want` holds and every generated merge leads to.
fn everything() -> Vec<Written> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/merge");
    let mut all: Vec<Written> = fs::read_dir(cases)
        .unwrap()
        .map(|case| case.unwrap().path())
        .map(|case| Written {
            name: case.file_name().unwrap().to_string_lossy().into_owned(),
            bytes: fs::read(case.join("want")).unwrap(),
        })
        .collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    let mut runner = TestRunner::deterministic();
    for number in 0..GENERATED {
        let (base, theirs, mine) = three().new_tree(&mut runner).unwrap().current();
        let base = applied(base.as_bytes()).unwrap();
        let take = [Take::Mine, Take::Team][number % 2];
        let bytes = merge(&base, theirs.as_bytes(), &mine, take).unwrap().plan.after;
        all.push(Written { name: format!("generated merge {number}"), bytes });
        let bytes = merge("", theirs.as_bytes(), b"", take).unwrap().plan.after;
        all.push(Written { name: format!("generated first run {number}"), bytes });
    }
    all
}

impl Written {
    fn document(&self) -> Document {
        Document::parse(self.bytes.clone())
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Whether there is nothing in it that `rust-ini` cannot know.
    fn is_for_rust_ini(&self) -> bool {
        let document = self.document();
        let plain = |line: &str| {
            let comment = line.starts_with(['#', ';']);
            comment || !(line.starts_with([' ', '\t']) || line.contains(['#', ';']))
        };
        let properties = || document.sections().iter().flat_map(Section::properties);
        Tree::read(&document, "f").troubles().is_empty()
            && !self.bytes.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n')
            && self.bytes.last() != Some(&b'\r')
            && (1..=document.line_count()).all(|number| plain(&document.line(number)))
            && properties().all(|property| !property.has_colon())
    }
}

/// The sections as `botocore.configloader.build_profile_map` has them, values as
/// `raw_config_parse` gives them.
fn as_botocore_has_it(tree: &Tree) -> Value {
    let mut all = json!({"profiles": {}, "sso_sessions": {}, "services": {}, "sections": {}});
    for section in tree.sections() {
        let group = match section.id.kind() {
            "profile" => "profiles",
            "sso-session" => "sso_sessions",
            "services" => "services",
            _ => "sections",
        };
        // A header that begins like one of these and names no single word is dropped.
        let name =
            if group == "sections" { section.id.to_string() } else { section.id.name().into() };
        let dropped = ["profile", "sso-session", "services"].iter().any(|k| name.starts_with(k));
        if group != "sections" || !dropped {
            all[group][&name] = values(section);
        }
    }
    all
}

fn values(section: &tree::Section) -> Value {
    let value = |unit: &Unit| {
        if unit.is_nested() {
            let nested = unit.nested().map(|(key, value)| (key, Value::from(value)));
            return Value::from(nested.collect::<Map<_, _>>());
        }
        let text = unit.text();
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let rest = lines.filter(|line| !line.starts_with(['#', ';']));
        Value::from(std::iter::once(first).chain(rest).collect::<Vec<_>>().join("\n"))
    };
    section
        .units
        .iter()
        .map(|unit| (unit.name().to_owned(), value(unit)))
        .collect::<Map<_, _>>()
        .into()
}

/// botocore's answer with the keys of nested blocks in lower case: it keeps their case, and looks
/// them up in lower case.
fn plain(read: &Value) -> Value {
    let mut read = read.clone();
    for group in ["profiles", "sso_sessions", "services", "sections"] {
        for section in read[group].as_object_mut().into_iter().flatten() {
            for (_, value) in section.1.as_object_mut().into_iter().flatten() {
                if let Some(nested) = value.as_object() {
                    *value = nested.iter().map(|(k, v)| (k.to_lowercase(), v.clone())).collect();
                }
            }
        }
    }
    read
}
