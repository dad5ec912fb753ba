//! Completion of task names, in every shell's own protocol. Nothing of a file is run for it.

use crate::common::Sandbox;

const FILE: &str = "\
deploy:
  summary: put it there
  command: touch ran
describe:
  summary: on {{ .x }}
  command: touch ran
variables: {x: $(touch ran)}
";

/// What a shell is offered for the last of `words`.
fn offered(sandbox: &Sandbox, shell: &str, words: &[&str]) -> Vec<String> {
    let index = words.len().to_string();
    let run = sandbox.robo(["--", "robo"]).args(words).env("ROBO_COMPLETE", shell);
    let run = run.env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
    let output = run
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .run()
        .exits(0);
    assert_eq!(output.stderr, "");
    output.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn names_of_tasks_are_completed_in_every_shell() {
    let sandbox = Sandbox::new();
    sandbox.write("robo.yml", FILE);
    let name = |line: &str| line.split(['\t', ':']).next().unwrap_or_default().trim().to_owned();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let names: Vec<String> =
            offered(&sandbox, shell, &["de"]).iter().map(|line| name(line)).collect();
        assert_eq!(names, ["deploy", "describe"], "{shell}");
        let names: Vec<String> =
            offered(&sandbox, shell, &["help", "dep"]).iter().map(|line| name(line)).collect();
        assert_eq!(names, ["deploy"], "{shell}");
        let names: Vec<String> =
            offered(&sandbox, shell, &["aws.li"]).iter().map(|line| name(line)).collect();
        assert_eq!(names, ["aws.list"], "{shell}");
    }
    let fish = offered(&sandbox, "fish", &["dep"]);
    assert_eq!(fish, ["deploy\tput it there"]);
    assert!(!sandbox.path("ran").exists());
}

#[test]
fn with_c_it_is_that_file_s_names() {
    let sandbox = Sandbox::new();
    sandbox.write("robo.yml", FILE);
    sandbox.write("other.yml", "other:\n  command: x\n");
    assert_eq!(offered(&sandbox, "bash", &["-c", "other.yml", "oth"]), ["other"]);
    for typed in [&["-c", "other.yml"][..], &["--config=other.yml"], &["-qcother.yml"]] {
        let offered = |word| offered(&sandbox, "bash", &[typed, &[word]].concat());
        assert_eq!(offered("oth"), ["other"], "{typed:?}");
        assert_eq!(offered("dep"), [""; 0], "{typed:?}");
        // What is robo's otherwise is a task's name here.
        assert_eq!(offered("aws"), [""; 0], "{typed:?}");
        assert_eq!(offered("vari"), ["variables"], "{typed:?}");
    }
}

#[test]
fn files_are_offered_behind_a_task_and_no_flags_of_robo_s() {
    let sandbox = Sandbox::new();
    sandbox.write("robo.yml", FILE);
    sandbox.write("some-file", "");
    for before in [&["deploy"][..], &["deploy", "--verbose", "-c"], &["--no-input", "deploy"]] {
        let offered = |word| offered(&sandbox, "bash", &[before, &[word]].concat());
        assert_eq!(offered("some"), ["some-file"], "{before:?}");
        for flag in ["-", "--", "--no", "-c", "--he"] {
            assert_eq!(offered(flag), [""; 0], "{before:?} {flag}");
        }
    }
    let before = offered(&sandbox, "bash", &["--no"]);
    assert_eq!(before, ["--no-input"]);
    assert_eq!(offered(&sandbox, "bash", &["aws.list", "--no"]), ["--no-input"]);
}

#[test]
fn a_name_that_a_shell_would_take_for_more_is_not_offered() {
    let sandbox = Sandbox::new();
    let names = [
        "dep;touch x",
        "dep$(touch x)",
        "dep loy",
        "dep'",
        "dep\\e[2J",
        "dep\\nx",
        "dep`x`",
        "dep>x",
    ];
    let evil: String = names.iter().map(|name| format!("\"{name}\": {{command: x}}\n")).collect();
    sandbox.write(
        "robo.yml",
        format!("{evil}\"-dep\": {{command: x}}\n{FILE}dép.loy-1_x: {{command: x}}\n"),
    );
    for shell in ["bash", "fish", "zsh"] {
        let mut offered = offered(&sandbox, shell, &["d"]);
        offered.retain(|line| !line.starts_with("dotfiles."));
        let offered = offered.join("\n");
        for name in ["deploy", "describe", "dép.loy-1_x"] {
            assert!(offered.contains(name), "{offered}");
        }
        assert!(
            !offered.contains("touch x") && !offered.contains("dep ") && !offered.contains("2J"),
            "{offered}"
        );
        assert_eq!(offered.lines().count(), 3, "{offered}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_no_error_of_the_shell() {
    let sandbox = Sandbox::new();
    sandbox.write("robo.yml", "a: [\n");
    assert_eq!(offered(&sandbox, "bash", &["aws.lis"]), ["aws.list"]);
    assert_eq!(offered(&sandbox, "bash", &["-c", "nowhere.yml", "x"]), [""; 0]);
}
