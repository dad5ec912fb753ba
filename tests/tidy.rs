//! Rules that no lint knows, run over the source.
//!
//! Each rule is a function from text to complaints, so that it can be shown to complain; each
//! complaint names a place and says what to do.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a rule that cannot be checked fails")]

mod common;

use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::Chars;

use common::Sandbox;
use regex::Regex;

/// Which modules a module may use (ARCHITECTURE.md, "Arrows").
const ARROWS: [(&str, &[&str]); 17] = [
    ("error", &[]),
    ("sys", &["error"]),
    ("diff", &["sys", "error"]),
    ("ini", &["sys", "error"]),
    ("config", &["ini", "diff", "sys", "error"]),
    ("dotfiles", &["sys", "error"]),
    ("settings", &["sys", "error"]),
    ("ui", &["diff", "sys", "error"]),
    ("okta", &["sys", "error"]),
    ("aws", &["sys", "error"]),
    ("store", &["sys", "error"]),
    ("engine", &["okta", "aws", "store", "config", "sys", "error"]),
    ("catalog", &["config", "sys", "error"]),
    ("tasks", &["sys", "error"]),
    ("lint", &["catalog", "aws", "config", "ini", "dotfiles", "tasks", "sys", "error"]),
    (
        "cli",
        &[
            "ui", "lint", "engine", "catalog", "config", "ini", "diff", "dotfiles", "tasks",
            "settings", "okta", "aws", "store", "sys", "error",
        ],
    ),
    ("main", &["cli", "error"]),
];

/// A file longer than this holds more than one idea.
const MOST_LINES: usize = 400;

#[test]
fn arrows_point_one_way() {
    let files = source_files("src");
    report(&files.iter().flat_map(|(path, text)| arrows(path, text)).collect::<Vec<_>>());
}

#[test]
fn every_file_says_what_it_is_for() {
    let files = ["src", "tests", "benches", "examples"].into_iter().flat_map(source_files);
    let silent = files.filter_map(|(path, text)| says_what_it_is_for(&path, &text));
    report(&silent.collect::<Vec<_>>());
}

#[test]
fn no_file_is_too_long() {
    let files = ["src", "tests/simulator"].into_iter().flat_map(source_files);
    report(&files.filter_map(|(path, text)| too_long(&path, &text)).collect::<Vec<_>>());
}

/// SECURITY.md shows what holds by tests; each has to be there.
#[test]
fn every_test_that_security_md_names_is_there() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let named = Regex::new(r"`((?:src|tests)/[a-z_/]+\.rs)::([a-z0-9_]+)`").unwrap();
    let tests: Vec<(&str, &str)> =
        named.captures_iter(&text).map(|found| found.extract::<2>().1.into()).collect();
    assert!(tests.len() > 40, "this rule finds {} tests in SECURITY.md", tests.len());
    let gone: Vec<String> = tests
        .iter()
        .filter(|(file, test)| {
            let text = fs::read_to_string(root().join(file)).unwrap_or_default();
            !text.contains(&format!("#[test]\nfn {test}() {{"))
                && !text.contains(&format!("    #[test]\n    fn {test}() {{"))
        })
        .map(|(file, test)| format!("SECURITY.md: there is no test {test} in {file}"))
        .collect();
    report(&gone);
}

#[test]
fn every_command_stands_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_else(|error| {
        panic!("README.md: {error}; it names every command, so write it first")
    });
    let help = Sandbox::new().robo(["--help"]).run().exits(0);
    let commands = commands(&help.stdout);
    assert!(
        commands.iter().any(|command| command == "aws.config"),
        "`robo --help` lists no `aws.config`; this rule cannot find the commands in:\n{help}"
    );
    report(&missing_commands(&commands, &readme));
}

#[test]
fn names_say_what_a_thing_is() {
    let files = ["src", "tests", "benches", "examples"].into_iter().flat_map(source_files);
    report(&files.flat_map(|(path, text)| vague_names(&path, &text)).collect::<Vec<_>>());
}

#[test]
fn nothing_unfinished_or_local_is_tracked() {
    if !root().join(".git").exists() {
        return; // A source archive: git tracks nothing in it.
    }
    let files = tracked_files();
    assert!(files.iter().any(|path| path == "Cargo.toml"), "git lists no files here");
    let complaints = files
        .iter()
        // A file may be gone from the work tree before its removal is committed.
        .filter_map(|path| fs::read(root().join(path)).ok().map(|bytes| (path, bytes)))
        .flat_map(|(path, bytes)| unfinished_or_local(path, &String::from_utf8_lossy(&bytes)));
    report(&complaints.collect::<Vec<_>>());
}

/// Complains of a `crate::`, `super::` or `robo::` path in `path` (below `src/`) that goes against
/// [`ARROWS`]. Comments may name anything, and so may tests.
fn arrows(path: &str, text: &str) -> Vec<String> {
    let inside: Vec<&str> =
        path.trim_start_matches("src/").trim_end_matches(".rs").split('/').collect();
    let module = inside[0];
    if module == "lib" || path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
        return vec![format!(
            "{path}: the module `{module}` has no arrows; add it to ARROWS in tests/tidy.rs and to ARCHITECTURE.md"
        )];
    };
    // How many `super` lead from the code in this file to the crate's root.
    let depth = inside.len() - usize::from(inside.ends_with(&["mod"]));
    let mut complaints = Vec::new();
    for (line, used) in uses(text, depth) {
        let target = used.split("::").next().unwrap_or_default();
        let known = ARROWS.iter().any(|(name, _)| *name == target);
        if target == module || !known || allowed.contains(&target) {
            continue;
        }
        complaints.push(format!(
            "{path}:{line}: `{module}` may not use `{used}`; move the code to where the arrow allows it, or hand the value in (ARCHITECTURE.md, \"Arrows\")"
        ));
    }
    complaints
}

/// The paths from the crate's root that code uses, each with its line: `a::b` for `crate::a::b`,
/// for `robo::a::b` and for as many `super::` as lead to the root. `crate::{a, b::{c, d}}` gives
/// all three.
fn uses(text: &str, depth: usize) -> Vec<(usize, String)> {
    let code = without_tests(&without_comments(text));
    let root =
        Regex::new(r"(?:^|[^\w:$])(?:crate|robo|(super(?:\s*::\s*super)*))\s*::\s*").unwrap();
    let mut found = Vec::new();
    for start in root.captures_iter(&code) {
        if start.get(1).is_some_and(|supers| supers.as_str().matches("super").count() != depth) {
            continue;
        }
        let end = start.get(0).unwrap().end();
        let line = code[..end].matches('\n').count() + 1;
        paths(&mut code[end..].chars().peekable(), "", &mut |path| found.push((line, path)));
    }
    found
}

/// Reads one path, or one tree of them, and hands on each with `prefix` before it.
fn paths(code: &mut Peekable<Chars<'_>>, prefix: &str, found: &mut impl FnMut(String)) {
    let mut path = prefix.to_owned();
    loop {
        while code.next_if(|character| character.is_whitespace()).is_some() {}
        match code.peek() {
            Some('{') => {
                while code.next_if(|&character| character == '{' || character == ',').is_some() {
                    paths(code, &path, &mut *found);
                    while code.next_if(|&character| character != ',' && character != '}').is_some()
                    {
                    }
                }
                code.next();
                return;
            }
            Some(':') => {
                code.next();
            }
            Some(character) if character.is_alphanumeric() || *character == '_' => {
                if !path.is_empty() {
                    path.push_str("::");
                }
                while let Some(character) = code.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    path.push(character);
                }
                while code.next_if(|character| character.is_whitespace()).is_some() {}
                if code.peek() != Some(&':') {
                    return found(path);
                }
            }
            // After the last comma of a tree.
            Some('}') if path == prefix => return,
            _ => return found(path),
        }
    }
}

/// `text` with each line comment blanked, its line kept.
fn without_comments(text: &str) -> String {
    let blank = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(blank).collect::<Vec<_>>().join("\n")
}

/// `text` up to its `#[cfg(test)]` module, which closes a file.
fn without_tests(text: &str) -> String {
    let tests = Regex::new(r"(?m)^#\[cfg\(test\)\]\s*mod\s+\w+\s*\{").unwrap();
    text[..tests.find(text).map_or(text.len(), |tests| tests.start())].to_owned()
}

fn says_what_it_is_for(path: &str, text: &str) -> Option<String> {
    (!text.starts_with("//! ")).then(|| {
        format!("{path}:1: begin the file with `//! ` and a sentence that says what it is for")
    })
}

fn too_long(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > MOST_LINES).then(|| {
        format!("{path}: {lines} lines, and {MOST_LINES} are the most; split it by noun into files of one idea each")
    })
}

/// The dotted names at the start of the lines of a help text.
fn commands(help: &str) -> Vec<String> {
    let name = Regex::new(r"(?m)^\s+([a-z]+\.[a-z]+(?:[.-][a-z]+)*)\b").unwrap();
    name.captures_iter(help).map(|found| found[1].to_owned()).collect()
}

fn missing_commands(commands: &[String], readme: &str) -> Vec<String> {
    let stands = |command: &str| {
        Regex::new(&format!(r"\b{}\b", regex::escape(command))).unwrap().is_match(readme)
    };
    commands
        .iter()
        .filter(|command| !stands(command))
        .map(|command| format!("README.md: say what `robo {command}` does"))
        .collect()
}

/// Complains of types and modules that are named for nothing in particular.
fn vague_names(path: &str, text: &str) -> Vec<String> {
    let vague = Regex::new(
        r"\b(?:struct|enum|trait|type|union)\s+(\w*(?:Manager|Helper|Util)\w*)|\bmod\s+(\w*(?:manager|helper|util)\w*)",
    )
    .unwrap();
    let advice = "name it for what it is or gives: `Vault`, not `SecretManager`";
    let code = without_comments(text);
    let mut complaints: Vec<String> = vague
        .captures_iter(&code)
        .map(|found| {
            let name = found.get(1).or(found.get(2)).unwrap();
            let line = code[..name.start()].matches('\n').count() + 1;
            format!("{path}:{line}: `{}`: {advice}", name.as_str())
        })
        .collect();
    let file = Path::new(path).file_stem().unwrap_or_default().to_string_lossy();
    if ["manager", "helper", "util"].iter().any(|word| file.contains(word)) {
        complaints.push(format!("{path}: {advice}"));
    }
    complaints
}

/// Complains of what should not be committed.
fn unfinished_or_local(path: &str, text: &str) -> Vec<String> {
    // Put together here, so that this file does not complain of itself.
    let unwanted = [
        (concat!("/", "work/"), "a path of one machine; make it relative"),
        (concat!("to", "do!"), "finish it, or return an error that says what is not there yet"),
    ];
    let mut complaints = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (word, advice) in unwanted {
            if line.contains(word) {
                complaints.push(format!("{path}:{}: `{word}`: {advice}", number + 1));
            }
        }
    }
    complaints
}

#[track_caller]
fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All `.rs` files below `folder`, with their text, by their path from the package's root.
fn source_files(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// What git tracks, by path from the package's root. The source may well be somebody else's than
/// the user who runs the tests, in a container for one; git minds that unless it is told not to.
fn tracked_files() -> Vec<String> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root())
        .output()
        .unwrap();
    let names = String::from_utf8(output.stdout).unwrap();
    names.split_terminator('\0').map(str::to_owned).collect()
}

mod rules {
    //! Every rule finds what it is there to find, and lets the rest be.

    use super::*;

    fn used(path: &str, text: &str) -> usize {
        arrows(path, text).len()
    }

    #[test]
    fn an_arrow_against_the_stream_is_found() {
        let complaints = arrows("src/ini/parse.rs", "//! x\n\nuse crate::config::Profile;\n");
        assert_eq!(complaints.len(), 1);
        assert!(
            complaints[0].starts_with("src/ini/parse.rs:3: `ini` may not use `config::Profile`")
        );
        assert_eq!(used("src/sys/env.rs", "fn f() { crate::ui::say(); }"), 1);
        assert_eq!(
            used("src/sys/env.rs", "use crate::{\n    error::{Error, Kind},\n    ui,\n};"),
            1
        );
        assert_eq!(used("src/sys/env.rs", "use super::super::ui;"), 1);
        assert_eq!(used("src/sys/mod.rs", "use super::ui;"), 1);
        assert_eq!(used("src/error.rs", "use super::sys;"), 1);
        assert_eq!(used("src/main.rs", "use robo::{cli, sys};"), 1);
        assert_eq!(used("src/new/mod.rs", ""), 1);
    }

    #[test]
    fn an_arrow_with_the_stream_is_let_be() {
        assert_eq!(used("src/config/plan.rs", "use crate::ini::Document;\nuse super::ui;"), 0);
        assert_eq!(used("src/config/plan.rs", "use crate::config::Plan;"), 0);
        assert_eq!(used("src/sys/env.rs", "/// As in [`crate::ui`].\n// crate::ui"), 0);
        assert_eq!(used("src/sys/env.rs", "use crate::{Error, Result};"), 0);
        assert_eq!(used("src/sys/env.rs", "#[cfg(test)]\nmod tests {\n    use crate::ui;\n}"), 0);
        assert_eq!(used("src/main.rs", "fn main() { robo::cli::main() }"), 0);
        assert_eq!(used("src/lib.rs", "pub use crate::ui;"), 0);
    }

    #[test]
    fn the_terminal_knows_nothing_of_the_config() {
        assert_eq!(used("src/ui/diff.rs", "use crate::diff::{DiffLine, Hunk};"), 0);
        assert_eq!(used("src/ui/diff.rs", "use crate::config::{Change, apply};"), 1 + 1);
        assert_eq!(used("src/ui/diff.rs", "use crate::config;"), 1);
    }

    #[test]
    fn the_arrows_have_no_circle() {
        let may = |from: &str, to: &str| {
            ARROWS.iter().any(|(name, allowed)| *name == from && allowed.contains(&to))
        };
        for (from, allowed) in ARROWS {
            for to in allowed {
                assert!(!may(to, from), "{from} and {to} use each other");
            }
        }
    }

    #[test]
    fn a_file_without_its_sentence_is_found() {
        assert!(says_what_it_is_for("a.rs", "use x;\n//! late\n").is_some());
        assert!(says_what_it_is_for("a.rs", "//! What it is for.\n").is_none());
    }

    #[test]
    fn a_long_file_is_found() {
        assert!(too_long("a.rs", &"x\n".repeat(MOST_LINES + 1)).is_some());
        assert!(too_long("a.rs", &"x\n".repeat(MOST_LINES)).is_none());
    }

    #[test]
    fn a_command_that_the_readme_forgot_is_found() {
        let help = "robo aws.exec is\n\nCommands:\n  aws.config   merge\n  aws.add      store\n";
        let commands = commands(help);
        assert_eq!(commands, ["aws.config", "aws.add"]);
        assert_eq!(missing_commands(&commands, "`robo aws.config`, aws.address").len(), 1);
    }

    #[test]
    fn a_vague_name_is_found() {
        let found = |text: &str| vague_names("src/a.rs", text).len();
        assert_eq!(found(concat!("pub struct Secret", "Manager;")), 1);
        assert_eq!(found(concat!("mod string_", "utils;\nenum Hel", "perKind {}")), 2);
        assert_eq!(found("struct Vault; // not a struct Manager\nlet helper = 1;"), 0);
        assert_eq!(vague_names("src/path_util.rs", "").len(), 1);
    }

    #[test]
    fn what_is_unfinished_or_local_is_found() {
        let text = ["fine", concat!("x = ", "\"/", "work/a\""), concat!("to", "do!()")].join("\n");
        let complaints = unfinished_or_local("a.rs", &text);
        assert_eq!(complaints.len(), 2);
        assert!(complaints[0].starts_with("a.rs:2: "));
        assert!(complaints[1].starts_with("a.rs:3: "));
    }
}
