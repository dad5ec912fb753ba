//! What all commands share: names, flags, help, versions, completion, and safety of the terminal.

use std::fs;

use crate::common::{Output, Run, Sandbox, TEAM, Upstream};

#[test]
fn robo_alone_lists_its_commands() {
    let sandbox = Sandbox::new();
    let output = sandbox.robo([""; 0]).run().exits(0);
    assert_eq!(output.stderr, "");
    let names: Vec<&str> =
        output.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let commands = [
        "aws.add",
        "aws.config",
        "aws.credentials",
        "aws.doctor",
        "aws.env",
        "aws.exec",
        "aws.explain",
        "aws.list",
        "aws.login",
        "aws.logout",
        "aws.restore",
        "dotfiles.access",
        "dotfiles.lint",
        "dotfiles.render",
        "dotfiles.terraform",
        "help",
        "variables",
    ];
    assert_eq!(names, commands);
    assert_eq!(sandbox.files(), []);
}

#[test]
fn the_version_is_told_in_both_ways() {
    let sandbox = Sandbox::new();
    let version = env!("CARGO_PKG_VERSION");
    for (args, want) in [
        ("-v", format!("{version}\n")),
        ("--verbose", format!("{version}\n")),
        ("--version", format!("robo {version}\n")),
        ("-V", format!("robo {version}\n")),
    ] {
        let output = sandbox.robo([args]).run().exits(0);
        assert_eq!((output.stdout, output.stderr), (want, String::new()), "{args}");
    }
    // As tj/robo, whatever file was named.
    sandbox.write("robo.yml", "t: {command: x}\n");
    let output = sandbox.robo(["-c", "robo.yml", "-v"]).run().exits(0);
    assert_eq!(output.stdout, format!("{version}\n"));
}

#[test]
fn an_unknown_command_or_flag_is_exit_2_with_the_nearest() {
    let sandbox = Sandbox::new();
    let output = sandbox.robo(["aws.conifg"]).run().exits(2);
    assert_eq!(output.stdout, "");
    output.says("error: there is no task 'aws.conifg'").says("'aws.config'");
    let output = sandbox.robo(["aws.config", "--dry-rnu"]).run().exits(2);
    output.says("error: unexpected argument '--dry-rnu' found").says("'--dry-run'");
    sandbox
        .robo(["aws.config", "--on-conflict", "no"])
        .run()
        .exits(2)
        .says("ask, team, mine, fail");
    sandbox.robo(["aws.restore", "x", "--json"]).run().exits(2);
}

#[test]
fn help_is_no_mistake() {
    let sandbox = Sandbox::new();
    for args in [&["--help"][..], &["-h"], &["aws.config", "--help"], &["help", "aws.list"]] {
        let output = sandbox.robo(args).run().exits(0);
        assert!(output.stdout.contains("Usage: robo"), "{output}");
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let url = upstream.url();
    let own = ["--dry-run", "--team", "foundation", "--dotfiles", &url];
    for flags in [&["-v"][..], &["--verbose"], &["--color", "always"], &["--no-input"]] {
        let before = sandbox.robo(flags).arg("aws.config");
        let before = own.iter().fold(before, Run::arg).run().exits(0);
        let after = own.iter().fold(sandbox.robo(["aws.config"]), Run::arg);
        let after = flags.iter().fold(after, Run::arg).run().exits(0);
        assert_eq!(before, after);
        assert_eq!(
            before.stderr.contains("fetching file://"),
            flags[0].starts_with("-v") || flags[0] == "--verbose"
        );
        assert_eq!(before.stderr.contains('\x1b'), flags[0] == "--color");
    }
}

#[test]
fn no_input_is_exit_4_even_on_a_terminal() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::of_team(&sandbox, TEAM);
    let runs = [
        upstream.config(["--no-input"]),
        upstream.config([""; 0]).env("ROBO_NO_INPUT", "1"),
        upstream.config(["--on-conflict", "ask"]).env("ROBO_NO_INPUT", "yes"),
    ];
    for run in runs {
        let (status, screen) = run.pty().wait();
        assert_eq!(status, 4, "{screen}");
        assert!(screen.contains("nobody is there"), "{screen}");
    }
    let (status, screen) = upstream.config(["--no-input"]).without_env("SEGMENT_TEAM").pty().wait();
    assert_eq!(status, 2, "{screen}");
    // Not set to a yes, it is not set.
    let mut pty = upstream.config([""; 0]).env("ROBO_NO_INPUT", "0").pty();
    pty.expect("[y/N]").send_line("n");
    assert_eq!(pty.wait().0, 1);
}

#[test]
fn each_shell_has_a_completion_script() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = sandbox.robo(["--completions", shell]).run().exits(0);
        assert!(output.stdout.contains("ROBO_COMPLETE"), "{shell}: {output}");
        assert_eq!(output.stderr, "");
    }
    sandbox.robo(["--completions", "tcsh"]).run().exits(2);
}

/// What bash offers for `words`, the last of which is being typed.
fn completed(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let bin = sandbox.root().join("bin");
    if !bin.exists() {
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_robo"), bin.join("robo")).unwrap();
    }
    let script = format!(
        "PATH='{}':$PATH\nsource <(robo --completions bash)\n\
         COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMP_TYPE=9\n\
         entry=$(complete -p robo) && [[ $entry =~ -F\\ ([^ ]+) ]]\n\
         \"${{BASH_REMATCH[1]}}\" robo \"${{@: -1}}\" \"${{@: -2:1}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        bin.display()
    );
    let args = ["-c", &script, "bash", "robo"].into_iter().chain(words.iter().copied());
    let output = sandbox.program("bash", args).run().exits(0);
    assert_eq!(output.stderr, "");
    output.stdout.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn bash_completes_commands_teams_and_backups() {
    let sandbox = Sandbox::new();
    if sandbox.program("sh", ["-c", "command -v bash"]).run().status != 0 {
        return;
    }
    let upstream = Upstream::new(&sandbox);
    upstream.copy_sample();
    assert_eq!(
        completed(&sandbox, &["aws.config", "--team", "f"]),
        [""],
        "nothing was fetched yet"
    );
    sandbox.write_config("[profile mine]\n");
    upstream.config(["--yes"]).run().exits(0);
    assert_eq!(completed(&sandbox, &["aws.c"]), ["aws.config", "aws.credentials"]);
    assert_eq!(completed(&sandbox, &["aws.exec", "m"]), ["mine"]);
    assert_eq!(completed(&sandbox, &["aws.login", "de"]), ["dev"]);
    assert_eq!(completed(&sandbox, &["aws.config", "--team", "f"]), ["foundation", "fpa"]);
    assert_eq!(completed(&sandbox, &["aws.config", "--on-conflict", "te"]), ["team"]);
    let backup = sandbox.backups().pop().unwrap();
    assert_eq!(
        completed(&sandbox, &["aws.restore", "conf"]),
        [backup.file_name().unwrap().to_str().unwrap()]
    );
}

/// What steers a terminal or hides what is there: ESC, a C1 control, and a bidirectional override.
const EVIL: &str = "\u{1b}[2J\u{9b}31m\u{202e}";

#[track_caller]
fn harmless(output: &Output) {
    for text in [&output.stdout, &output.stderr] {
        let evil =
            text.chars().find(|c| EVIL.contains(*c) && *c != '[' && !c.is_ascii_alphanumeric());
        assert_eq!(evil, None, "{output:?}");
    }
}

#[test]
fn what_steers_a_terminal_comes_out_of_a_repo_written_out() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    let team = format!(
        "# {EVIL}comment\n[profile name]\noutput = {EVIL}value\ncredential_process = {EVIL}x\n\
         # plain\nregion = x\n"
    );
    let manifest = format!(
        "\"{}unknown\" = 1\n",
        EVIL.replace('\u{1b}', "\\u001b").replace('\u{9b}', "\\u009b")
    );
    upstream.commit(
        &format!("subject {EVIL}"),
        [("aws/teams/foundation.config", team), ("robo.toml", manifest)],
    );
    let author = format!("--author={EVIL}evil <e@x>");
    upstream.git(["commit", "--quiet", "--amend", "--no-edit", &author]);
    let shown = upstream.config(["--yes", "--json"]).run().exits(0);
    harmless(&shown);
    assert!(shown.stderr.contains("subject \\u{1b}[2J\\u{9b}31m\\u{202e}"), "{shown}");
    let value = shown.json()["held_back"][0]["value"].clone();
    assert_eq!(value, format!("{EVIL}value"), "the program gets it as it is");
    assert_eq!(sandbox.read_config(), "[profile name]\n# plain\nregion = x\n");
    shown.says("held back: [profile name] output = \\u{1b}");
    harmless(&sandbox.robo(["aws.list"]).run().exits(0));
    harmless(&sandbox.robo(["aws.list", "--json"]).run().exits(0));
    upstream.push(&format!("[profile {EVIL}name]\nregion = x\n"));
    harmless(&upstream.config(["--yes"]).run().exits(1));
    upstream.push(&format!("[profile x]\n{EVIL} no equals sign\n"));
    harmless(&upstream.config(["--yes"]).run().exits(1));
    upstream.push(&format!("[profile a]\nsource_profile = {EVIL}gone\n"));
    harmless(&upstream.config(["--yes"]).run().exits(1));
}

#[test]
fn what_steers_a_terminal_in_the_name_of_a_file_is_written_out() {
    let sandbox = Sandbox::new();
    let upstream = Upstream::new(&sandbox);
    upstream.commit(
        "teams",
        [("aws/teams/data.config", ""), (&format!("aws/teams/{EVIL}.config"), "")],
    );
    let output = upstream.config(["--yes"]).run().exits(1);
    harmless(&output);
    let output = upstream.config(["--yes"]).without_env("SEGMENT_TEAM").run().exits(2);
    harmless(&output);
    output.says("warning: aws/teams/\\u{1b}");
}

#[test]
fn what_steers_a_terminal_in_my_own_file_is_written_out() {
    let sandbox = Sandbox::new();
    sandbox.write_config(format!(
        "[profile {EVIL}]\nregion = {EVIL}\n[profile dev]\nregion = {EVIL}\n"
    ));
    let upstream = Upstream::of_team(&sandbox, TEAM);
    harmless(&sandbox.robo(["aws.list"]).run().exits(0));
    harmless(&upstream.config([""; 0]).run().exits(4));
    harmless(&upstream.config(["--yes"]).run().exits(0));
    sandbox.write_config(format!("[profile a]\n{EVIL}\n"));
    harmless(&sandbox.robo(["aws.list"]).run().exits(1));
}
