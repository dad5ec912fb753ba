//! A whole day of use, and then a search for each secret that was in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use robo_simulator::{Call, Factor, Fault};

use crate::common::office::{PASSPHRASE, PASSWORD, USER};
use crate::common::{Office, Output, PATIENCE};

#[test]
fn no_secret_is_left_anywhere() {
    let office = Office::with(|scenario| {
        scenario.user().factors = vec![
            Factor::push().polls(["WAITING", "SUCCESS"]).number(92),
            Factor::totp(),
            Factor::question(),
        ];
    });
    let mut said = String::new();
    let mut hear = |output: Output, with_stdout: bool| {
        said += &output.stderr;
        if with_stdout {
            said += &output.stdout;
        }
    };
    let add = ["aws.add", "--username", USER, "--password-stdin"];
    hear(office.robo(add).stdin("a wrong password").run().exits(5), true);
    hear(office.robo(add).stdin(PASSWORD).run().exits(0), true);
    // The child sees its credentials, and prints something else.
    let script = "test -n \"$AWS_SECRET_ACCESS_KEY\" && echo ran";
    let push = ["--mfa-factor-type", "push", "-v"];
    let exec = ["aws.exec", "reader"].into_iter().chain(push);
    hear(office.robo(exec.chain(["--", "sh", "-c", script])).run().exits(0), true);
    hear(office.robo(["aws.explain", "reader"]).run().exits(0), true);
    hear(office.robo(["aws.explain", "reader", "--json"]).run().exits(0), true);
    hear(office.robo(["aws.doctor", "-v"]).run(), true);
    hear(office.robo(["aws.list", "--json"]).run().exits(0), true);
    // These print secrets, since that is what they are for.
    hear(office.robo(["aws.env", "dev", "-v"]).run().exits(0), false);
    hear(office.robo(["aws.credentials", "dev", "-v"]).run().exits(0), false);
    hear(office.robo(["aws.login", "dev", "--stdout", "-v"]).run().exits(0), false);
    // Whatever goes wrong says nothing of them either.
    for fault in [
        Fault::on("sts AssumeRole").aws_error(403, "AccessDenied", "no"),
        Fault::on("sts AssumeRole").page(200, "<html>"),
        Fault::on("signin*").page(400, "no"),
        Fault::on("okta GET*").page(500, "no"),
        Fault::on("okta POST*").okta_error("E0000011"),
        Fault::on("okta POST*").truncate(10),
        Fault::on("*").redirect("https://evil.example/?q=1"),
    ] {
        office.simulator.scenario(|scenario| scenario.faults = vec![fault.clone()]);
        hear(office.robo(["aws.credentials", "prod", "--no-cache", "-v"]).run(), false);
        hear(office.robo(["aws.login", "prod", "--stdout", "-v"]).run(), false);
    }
    office.simulator.scenario(|scenario| scenario.faults.clear());
    office.simulator.end_sessions();
    let exec = ["aws.exec", "prod", "--no-cache"].into_iter().chain(push);
    hear(office.robo(exec.chain(["--", "true"])).run().exits(0), true);

    let mut secrets = office.simulator.secrets();
    secrets.push(PASSPHRASE.to_owned());
    assert!(secrets.len() > 20, "the simulator has seen a whole session: {secrets:?}");
    for secret in secrets.iter().filter(|secret| secret.len() >= 6) {
        assert!(!said.contains(secret), "{secret} was said:\n{said}");
        for (path, content) in office.sandbox.files() {
            let found = content.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!found, "{secret} lies in {}", path.display());
        }
    }
}

/// Everything below a folder, and the folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let inside = entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] });
    inside.chain([folder.to_owned()]).collect()
}

#[test]
fn what_is_kept_is_its_owner_s_alone_whatever_the_umask() {
    let office = Office::with(|scenario| scenario.user().factors.clear());
    let careless = |args: &[&str]| {
        let script = ["-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_robo")];
        office.inside(office.sandbox.program("sh", script)).args(args)
    };
    let add = ["aws.add", "--username", USER, "--password-stdin"];
    careless(&add).stdin(PASSWORD).run().exits(0);
    careless(&["aws.exec", "dev", "--", "true"]).run().exits(0);
    let home = office.sandbox.home();
    let folders = [".config/robo", ".local/state/robo", ".cache/robo"];
    let kept: Vec<_> = folders.iter().flat_map(|folder| below(&home.join(folder))).collect();
    assert!(kept.len() >= 10, "{kept:?}");
    for path in kept {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        assert!(!path.to_string_lossy().contains(USER), "{}", path.display());
    }
    let left = fs::read_dir(office.sandbox.root().join("tmp")).unwrap().count();
    assert_eq!(left, 0, "nothing is left in the folder for temporary files");
}

#[test]
fn no_process_shows_a_secret_in_its_arguments() {
    let office = Office::without_factors();
    let args = ["aws.exec", "dev", "--no-cache", "--", "true"];
    for endpoint in ["okta GET /home*", "sts AssumeRoleWithSAML", "sts AssumeRole"] {
        let held = office.simulator.hold(endpoint);
        let before = office.simulator.calls().len();
        let mut child = office.robo(args).spawn();
        let there = |calls: &[Call]| calls.len() > before && calls.last().unwrap().status.is_none();
        assert!(office.simulator.wait_for_calls(there, PATIENCE));
        let secrets = office.simulator.secrets();
        for process in fs::read_dir("/proc").into_iter().flatten() {
            let Ok(shown) = fs::read(process.unwrap().path().join("cmdline")) else { continue };
            let shown = String::from_utf8_lossy(&shown);
            for secret in secrets.iter().filter(|secret| secret.len() >= 6) {
                assert!(!shown.contains(secret.as_str()), "{secret} is in {shown}");
            }
        }
        held.release();
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn what_is_typed_on_a_terminal_is_not_shown() {
    let office = Office::with(|scenario| scenario.user().factors = vec![Factor::question()]);
    let mut terminal = office.robo(["aws.exec", "dev", "-v", "--", "true"]).pty();
    terminal.expect("Okta username").send_line(USER);
    terminal.expect("Okta password").send_line("a wrong password");
    terminal.expect("Okta password").send_line(PASSWORD);
    terminal.expect("stuffed animal?").send_line("not Mister Fluff");
    terminal.expect("stuffed animal?").send_line("Sir Reginald Fluff");
    let (status, screen) = terminal.wait();
    assert_eq!(status, 0, "{screen}");
    let secrets = office.simulator.secrets();
    for typed in ["a wrong password", PASSWORD, "not Mister Fluff", "Sir Reginald Fluff"] {
        assert!(secrets.iter().any(|secret| secret == typed), "{typed} did not arrive");
    }
    for secret in secrets {
        assert!(!screen.contains(&secret), "{secret} is in\n{screen}");
    }
}
