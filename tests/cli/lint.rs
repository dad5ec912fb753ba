//! `dotfiles.lint`: what it finds, in `tests/cases/lint`, and how it says so.
//!
//! A case is a folder with a `repo` and with `want`: what the command prints, and its exit code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::{Strategy as _, any, prop};
use robo::lint::finding::Severity;
use robo::lint::rules::RULES;
use serde_json::{Value, json};

use crate::common::Sandbox;

/// Rules whose case would be too large to be kept as files.
const ELSEWHERE: [&str; 2] = ["too-many-files", "unsigned"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of a folder of this repo in the sandbox's home, links and all.
fn copied(sandbox: &Sandbox, folder: &str, to: &str) -> PathBuf {
    let to = sandbox.path(to);
    let from = root().join(folder);
    sandbox.program("cp", [Path::new("-R"), &from, &to]).run().exits(0);
    to
}

fn cases() -> Vec<(String, String)> {
    let folders = fs::read_dir(root().join("tests/cases/lint")).unwrap();
    let mut cases: Vec<(String, String)> = folders
        .map(|folder| {
            let folder = folder.unwrap().path();
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(folder.join("want")).unwrap_or_default())
        })
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn each_case_is_told_as_it_should_be() {
    let mut wrong = Vec::new();
    for (name, want) in cases() {
        let sandbox = Sandbox::new();
        copied(&sandbox, &format!("tests/cases/lint/{name}/repo"), "repo");
        let before = sandbox.files();
        let output = sandbox.robo(["dotfiles.lint", "repo"]).run();
        let told = format!("{}{}exit {}\n", output.stdout, output.stderr, output.status);
        if told != want {
            wrong.push(format!("== {name}\n-- told\n{told}-- want\n{want}"));
        }
        assert!(!told.contains('\u{1b}'), "{name}: {told}");
        assert_eq!(sandbox.files(), before, "{name}: something was run, or written");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_case() {
    let wants: String = cases().into_iter().map(|(_, want)| want).collect();
    let missing: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !wants.contains(&format!("[{code}]\n")) && !ELSEWHERE.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case in tests/cases/lint finds {missing:?}");
}

#[test]
fn the_readme_of_the_sample_has_the_rules() {
    let readme = fs::read_to_string(root().join("dotfiles/README.md")).unwrap();
    let rows: String = RULES
        .iter()
        .map(|rule| {
            let severity = if rule.severity == Severity::Error { "error" } else { "warning" };
            format!("| `{}` | {severity} | {} |\n", rule.code, rule.about)
        })
        .collect();
    assert!(readme.contains(&rows), "the table of rules in dotfiles/README.md has to be:\n{rows}");
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len(), "two rules of one name");
}

#[test]
fn the_sample_is_clean() {
    let sandbox = Sandbox::new();
    let repo = copied(&sandbox, "dotfiles", "dotfiles");
    let output = sandbox.robo(["dotfiles.lint"]).folder(&repo).run().exits(0);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.starts_with("Nothing wrong in "), "{output}");
    let output = sandbox.robo(["dotfiles.lint", "--json"]).folder(&repo).run().exits(0);
    assert_eq!(output.stdout, "[]\n");
}

#[test]
fn a_file_that_is_not_committed_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/aws/teams/data.config", "[profile a]\nsource_profile = b\n");
    let output = sandbox.robo(["dotfiles.lint", "repo"]).run().exits(3);
    assert!(output.stdout.contains("[missing-source]"), "{output}");
}

#[test]
fn json_is_an_array_of_findings() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/robo.toml", "team_evn = 'x'\n");
    sandbox.write("repo/aws/teams/my team.config", "");
    sandbox.write("repo/aws/teams/data.config", "[profile a]\nregion \u{1b}[31m\n");
    let output = sandbox.robo(["dotfiles.lint", "--json", "repo"]).run().exits(3);
    assert!(!output.stdout.contains('\u{1b}'), "{output}");
    let found: Value = serde_json::from_str(&output.stdout).unwrap();
    let want = json!([
        {
            "severity": "error",
            "code": "config-syntax",
            "file": "aws/teams/data.config",
            "line": 2,
            "message": "a line without '='",
            "hint": "aws.config refuses the whole file until the line is mended",
        },
        {
            "severity": "error",
            "code": "team-name",
            "file": "aws/teams/my team.config",
            "line": null,
            "message": "the file is left out: 'my team' is no team name: letters, digits, '.', \
                        '_' and '-', a letter or digit first, no '..'",
            "hint": null,
        },
        {
            "severity": "warning",
            "code": "unknown-setting",
            "file": "robo.toml",
            "line": 1,
            "message": "unknown key 'team_evn' (did you mean 'team_env'?)",
            "hint": null,
        },
    ]);
    assert_eq!(found, want);
}

#[test]
fn github_gets_a_command_a_finding_with_the_path_in_its_checkout() {
    let sandbox = Sandbox::new();
    sandbox.write("src/dot,files/aws/teams/data.config", "[profile a]\nregion = 100%\n");
    sandbox.write("src/dot,files/tasks/nobody.yml", "a: {command: x}\n");
    let want = "::error file=dot%2Cfiles/aws/teams/data.config,line=2,title=wrong-region::'100%25' \
                is not the name of an AWS region%0Ahint: a region is written like eu-west-1\n\
                ::warning file=dot%2Cfiles/aws/teams/data.config,line=2,title=held-back::[profile \
                a] region is held back from everybody: it sends requests elsewhere%0Ahint: \
                everybody who wants it has to say 'robo aws.config --allow region'; '--allow \
                held-back' here if that is meant\n\
                ::warning file=dot%2Cfiles/tasks/nobody.yml,title=orphan-tasks::nobody gets these \
                tasks: there is no team 'nobody'%0Ahint: tasks/<team>.yml is that team's; \
                everybody's tasks are in robo.yml\n";
    let github = ["dotfiles.lint", "--github"];
    let output = sandbox.robo(github.into_iter().chain(["dot,files"]));
    let output = output.folder(sandbox.path("src")).run().exits(3);
    assert_eq!(output.stdout, want);
    let output = sandbox.robo(github).folder(sandbox.path("src/dot,files"));
    let output = output.env("GITHUB_WORKSPACE", sandbox.path("src")).run().exits(3);
    assert_eq!(output.stdout, want);
}

#[test]
fn what_is_allowed_is_left_out() {
    let sandbox = Sandbox::new();
    let team = "[profile a]\nfrobnicate = 1\ncredential_process = x\n";
    sandbox.write("repo/aws/teams/data.config", team);
    let lint = |allow: &[&str]| {
        let args = ["dotfiles.lint", "repo"].into_iter().chain(allow.iter().copied());
        sandbox.robo(args).run()
    };
    lint(&[]).exits(3);
    let output = lint(&["--allow", "held-back"]).exits(3);
    assert!(output.stdout.contains("[unknown-key]"), "{output}");
    assert!(!output.stdout.contains("[held-back]"), "{output}");
    lint(&["--allow", "held-back", "--allow", "unknown-key"]).exits(0);
    let output = lint(&["--allow", "unknown-keys"]).exits(2);
    assert!(output.stderr.contains("did you mean 'unknown-key'"), "{output}");
}

#[test]
fn a_folder_that_cannot_be_read_is_a_failure_and_no_finding() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    for (folder, why) in [("nowhere", "No such file"), ("file", "Not a directory")] {
        let output = sandbox.robo(["dotfiles.lint", folder]).run().exits(1);
        let said = format!("error: cannot read the folder {folder}\n");
        assert!(output.stderr.starts_with(&said) && output.stderr.contains(why), "{output}");
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn a_pipe_and_a_large_file_are_told_and_not_read() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/aws/teams/data.config", "[profile a]\nregion = eu-west-1\n");
    sandbox.program("mkfifo", ["repo/aws/shared.config", "repo/robo.toml"]).run().exits(0);
    sandbox.write("repo/aws/catalog.toml", vec![b'#'; (5 << 20) + 1]);
    sandbox.write("repo/robo.yml", vec![b'#'; (1 << 20) + 1]);
    let output = sandbox.robo(["dotfiles.lint", "repo"]).run().exits(3);
    let want = "aws/catalog.toml\n  error: it has 5242881 bytes, and 5242880 (5 MiB) is the most \
                that robo reads [unreadable-file]\n\n\
                aws/shared.config\n  error: it is not an ordinary file [unreadable-file]\n\n\
                robo.toml\n  error: it is not an ordinary file [unreadable-file]\n\n\
                robo.yml\n  1: error: the file goes on, and 1 MiB is the most that is read \
                [task-syntax]\n";
    assert!(output.stdout.starts_with(want), "{output}");
}

#[test]
fn more_files_of_tasks_than_are_taken_over_are_told() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/aws/teams/data.config", "[profile a]\nregion = eu-west-1\n");
    sandbox.write("repo/robo.yml", "a: {command: x}\n");
    for number in 0..=500 {
        sandbox.write(format!("repo/tasks/files/{number}"), "");
    }
    let output = sandbox.robo(["dotfiles.lint", "repo"]).run().exits(3);
    let want = "tasks\n  error: there are more than 500 files below tasks/ [too-many-files]\n";
    assert!(output.stdout.starts_with(want), "{output}");
}

#[test]
fn secrets_are_not_shown() {
    let sandbox = Sandbox::new();
    let team = "[profile a]\naws_secret_acess_key = s3cr3t\naws_session_token s3cr3t\n";
    sandbox.write("repo/aws/teams/data.config", team);
    for format in [&[][..], &["--json"], &["--github"]] {
        let args = ["dotfiles.lint", "repo"].iter().chain(format);
        let output = sandbox.robo(args).run().exits(3);
        assert!(!format!("{output}").contains("s3cr3t"), "{output}");
    }
}

/// Work that grows with the square of a file's size would not end here.
#[test]
fn large_files_of_nothing_but_mistakes_cost_no_more_than_their_size() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("aws/teams")).unwrap();
    fs::create_dir(folder.path().join("tasks")).unwrap();
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    let number = 10_000;
    let chain: String = (0..number)
        .map(|at| {
            format!("[profile p{at}]\nsource_profile = p{}\nrole_arn = x\nkey{at} = 1\n", at + 1)
        })
        .collect();
    write("aws/teams/chain.config", &chain);
    let lost: String =
        (0..number).map(|at| format!("[profile p{at}]\nsource_profile = lost{at}\n")).collect();
    write("aws/teams/lost.config", &lost);
    write("aws/teams/lines.config", &" x\n".repeat(20_000));
    let mut catalog =
        "[hub]\naccount = 'ops'\n[accounts]\nops = { id = '999999999999' }\n".to_owned();
    for at in 0..500 {
        catalog += &format!("a{at} = {{ id = '{at:012}' }}\n");
    }
    catalog += "[roles]\n";
    for at in 0..500 {
        catalog += &format!("r{at} = {{ policies = ['p'] }}\n");
    }
    for at in 0..500 {
        catalog += &format!("[teams.t{at}]\nokta_group = 'g'\n");
        catalog += &format!("grants = [{{ roles = 'r{at}', accounts = '*' }}]\n");
    }
    write("aws/catalog.toml", &catalog);
    let mut tasks: String = (0..number)
        .map(|at| format!("t{at}: {{command: '{{{{.m.v{at}}}}}', profile: p-{at}}}\n"))
        .collect();
    tasks += "variables:\n  m:\n";
    (0..number).for_each(|at| tasks += &format!("    w{at}: x\n"));
    write("robo.yml", &tasks);
    let asked: String =
        (0..number).map(|at| format!("    {{{{or .a{at} 1}}}}{{{{.b{at}}}}}\n")).collect();
    write("tasks/chain.yml", &format!("t:\n  command: |\n{asked}"));
    let report = robo::lint::lint(folder.path(), &[]).unwrap();
    assert!(report.findings.len() > 6 * number, "{}", report.findings.len());
    assert_eq!(report.teams, 503);
}

/// Texts of the characters that mean something in one of the files, and of any bytes.
fn content() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    let meaning = "[\\[\\]{}=:#;\"'a-e \\n\\t,.*$()-]{0,80}".prop_map(String::into_bytes);
    proptest::prop_oneof![meaning, prop::collection::vec(any::<u8>(), 0..80)]
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 128,
        ..proptest::test_runner::Config::default()
    })]
    #[test]
    fn no_content_ends_in_a_panic(contents in prop::array::uniform5(content())) {
        let folder = tempfile::tempdir().unwrap();
        let paths =
            ["robo.toml", "robo.yml", "aws/catalog.toml", "aws/shared.config", "aws/teams/a.config"];
        fs::create_dir_all(folder.path().join("aws/teams")).unwrap();
        for (path, content) in paths.iter().zip(contents) {
            fs::write(folder.path().join(path), content).unwrap();
        }
        robo::lint::lint(folder.path(), &[]).unwrap();
    }
}
