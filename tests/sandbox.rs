//! The sandbox that all end-to-end tests stand on really seals, and the sample repo really reads.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test is itself the outside world; one of these runs another and reads its output"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::botocore::Botocore;
use common::{Sandbox, Upstream};

#[test]
fn a_child_sees_the_environment_of_the_sandbox_and_nothing_else() {
    let sandbox = Sandbox::new();
    let output = sandbox.program("env", ["-0"]).env("SEGMENT_TEAM", "data").run().exits(0);
    let mut names: Vec<&str> = output
        .stdout
        .split_terminator('\0')
        .map(|variable| variable.split_once('=').unwrap().0)
        .filter(|name| *name != "LLVM_PROFILE_FILE")
        .collect();
    names.sort_unstable();
    let sealed =
        ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "HOME", "PATH", "SEGMENT_TEAM", "TMPDIR"];
    assert_eq!(names, sealed);
    assert!(output.stdout.contains(&format!("HOME={}\0", sandbox.home().display())));
}

#[test]
fn a_child_starts_in_its_empty_home() {
    let sandbox = Sandbox::new();
    let output = sandbox.program("pwd", [""; 0]).run().exits(0);
    assert_eq!(sandbox.redact(&output.stdout), "<home>\n");
    assert_eq!(sandbox.files(), []);
}

/// Proven from within a terminal, because `cargo test` itself may run without one: there a plain
/// child can open `/dev/tty`, one that is started as the sandbox starts it cannot.
#[test]
fn a_child_has_no_controlling_terminal() {
    let sandbox = Sandbox::new();
    let open = ": </dev/tty";
    assert_ne!(sandbox.program("sh", ["-c", open]).run().status, 0);

    let here = std::env::current_exe().unwrap();
    let run = |program: &str, variable: &str| {
        let inner = sandbox.program("sh", ["-c", program, "sh"]).arg(&here);
        inner.env(variable, "1").pty().wait()
    };
    let (status, screen) = run("sh -c ': </dev/tty' && echo open", "UNUSED");
    assert_eq!((status, screen.as_str()), (0, "open\n"));

    let again = r#""$1" --exact inner_child_is_sealed --nocapture"#;
    let (status, screen) = run(again, "ROBO_TEST_INNER");
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("inner: sealed"), "{screen}");
}

/// Runs on the terminal of the test above, and is empty otherwise.
#[test]
fn inner_child_is_sealed() {
    if std::env::var_os("ROBO_TEST_INNER").is_none() {
        return;
    }
    assert!(fs::File::open("/dev/tty").is_ok(), "this test has no terminal itself");
    let output = Sandbox::new().program("sh", ["-c", ": </dev/tty"]).run();
    assert_ne!(output.status, 0, "{output}");
    println!("inner: sealed");
}

#[test]
fn a_run_gives_the_status_both_streams_and_the_signal() {
    let sandbox = Sandbox::new();
    let output = sandbox.program("sh", ["-c", "cat; echo no >&2; exit 3"]).stdin("hello\n").run();
    assert_eq!(output.to_string(), "exit 3\n--- stdout\nhello\n--- stderr\nno\n");
    assert_eq!(sandbox.program("sh", ["-c", "kill -TERM $$"]).run().status, 128 + 15);
    let deaf = sandbox.program("true", [""; 0]).stdin(vec![b'x'; 1 << 20]).run();
    assert_eq!(deaf.status, 0);
}

#[test]
fn a_spawned_child_is_the_program_itself() {
    let sandbox = Sandbox::new();
    let child = sandbox.program("sh", ["-c", "echo $$"]).spawn();
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{id}\n"));
}

#[test]
fn a_terminal_is_read_and_typed_into() {
    let sandbox = Sandbox::new();
    let script = r#"
        printf 'a \033[31mred\033[0m word\n'
        printf 'who? '; read name </dev/tty; echo "hello, $name"
        test -t 0 && test -t 1 && test -t 2 && stty size
        printf 'more? '; read more; echo "never: $more"
    "#;
    let mut pty = sandbox.program("sh", ["-c", script]).pty();
    pty.expect("a red word\nwho? ").send_line("jo").expect("hello, jo").expect("24 80");
    pty.expect("more? ").send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 128 + 2, "{screen}");
    assert!(pty.raw().contains("\x1b[31m"));
    assert!(!screen.contains("never"));
}

#[test]
fn an_upstream_has_the_same_commits_in_every_run() {
    let commits = || {
        let sandbox = Sandbox::new();
        let upstream = Upstream::new(&sandbox);
        let first = upstream.commit("first", [("aws/teams/data.config", "[profile hub]\n")]);
        let second = upstream.edit("second", "aws/teams/data.config", "hub", "nabe");
        let third = upstream.remove("third", ["aws"]);
        assert_eq!(upstream.git(["log", "--format=%an %s %ct"]).lines().count(), 3);
        let clone = sandbox.program("git", ["clone", "--quiet", &upstream.url(), "c"]).run();
        assert_eq!(clone.status, 0, "{clone}");
        [first, second, third]
    };
    let ids = commits();
    assert_eq!(ids, commits());
    assert_ne!(ids[0], ids[2]);
}

#[test]
fn what_differs_from_run_to_run_is_redacted() {
    let sandbox = Sandbox::new();
    let home = sandbox.path(".aws/config");
    let text = format!(
        "{}: 3f2c1ab, {} (2 hours ago), config-20261122T181700Z at 2026-11-22T18:17:00Z; 111111111111",
        home.display(),
        "0123456789abcdef0123456789abcdef01234567"
    );
    assert_eq!(
        sandbox.redact(&text),
        "<home>/.aws/config: <commit>, <commit> (<ago>), config-<time> at <time>; 111111111111"
    );
}

#[test]
fn files_and_backups_are_found() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.backups(), [] as [PathBuf; 0]);
    sandbox.write_config("[profile mine]\n");
    assert_eq!(sandbox.read_config(), "[profile mine]\n");
    let folder = sandbox.state().join("backups");
    fs::create_dir_all(&folder).unwrap();
    for name in ["config-20261123T000000Z", "config-20261122T181700Z", "other"] {
        fs::write(folder.join(name), "").unwrap();
    }
    let names: Vec<_> =
        sandbox.backups().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["config-20261122T181700Z", "config-20261123T000000Z"]);
    assert_eq!(sandbox.files().len(), 4);
}

#[test]
fn botocore_reads_the_sample_repo_and_refuses_a_duplicate() {
    let Some(botocore) = Botocore::find() else { return };
    let sandbox = Sandbox::new();
    sandbox.write_config("[profile a]\nx = 1\nX = 2\n");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("dotfiles");
    let made = sandbox.root().join("made");
    let render = ["dotfiles.render", "--all", "--dir"];
    let folders = [sample.to_str().unwrap(), "--out", made.to_str().unwrap()];
    sandbox.robo(render.into_iter().chain(folders)).run().exits(0);
    let mut paths = vec![sandbox.config_path(), sample.join("aws/shared.config")];
    for team in ["foundation", "data", "fpa"] {
        paths.push(made.join(format!("{team}.config")));
    }
    let read = botocore.read(&paths);
    let error = read[0]["error"].as_str().unwrap();
    assert!(error.contains("option 'x' in section 'profile a' already exists"), "{error}");
    assert_eq!(read[1]["sections"]["okta"]["aws_saml_url"], "home/amazon_aws/0oa1b2c3d4/272");
    assert_eq!(read[2]["profiles"]["dev"]["source_profile"], "hub");
    assert_eq!(read[3]["profiles"]["dev"]["s3"]["max_concurrent_requests"], "40");
    assert_eq!(read[3]["sections"]["okta"]["aws_saml_url"], "home/amazon_aws/0oa5e6f7g8/272");
    let hub = "arn:aws:iam::111111111111:role/fpa";
    assert_eq!(read[4]["profiles"]["hub"]["role_arn"], hub);
}
