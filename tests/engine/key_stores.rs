//! Where the key rests: chosen, remembered, out of reach.

use robo_simulator::Factor;

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, Run};

fn office() -> Office {
    Office::with(|scenario| *scenario.factor() = Factor::push().polls(["SUCCESS"]))
}

/// Without what an office chooses for its tests.
fn unchosen(run: Run) -> Run {
    run.without_env("ROBO_BACKEND").without_env("ROBO_FILE_PASSPHRASE")
}

fn settings(office: &Office) -> String {
    std::fs::read_to_string(office.sandbox.path(".config/robo/settings.toml")).unwrap_or_default()
}

#[test]
fn the_keychain_is_chosen_where_there_is_one() {
    let office = office();
    let there = ["dbus-run-session", "gnome-keyring-daemon"].into_iter().all(|program| {
        let which = ["-c", &format!("command -v {program}")];
        office.sandbox.program("sh", which).run().status == 0
    });
    if !there {
        assert!(std::env::var_os("ROBO_TEST_KEYCHAIN").is_none(), "gnome-keyring is not installed");
        eprintln!("skipped: no gnome-keyring here");
        return;
    }
    let robo = env!("CARGO_BIN_EXE_robo");
    let script = format!(
        "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null && \
         printf %s '{PASSWORD}' | {robo} aws.add --username {USER} --password-stdin && \
         {robo} aws.exec reader -- echo ran && {robo} aws.exec reader -- echo again && {robo} aws.doctor"
    );
    std::fs::create_dir(office.sandbox.path("run")).unwrap();
    let session = office.sandbox.program("dbus-run-session", ["--", "sh", "-c", &script]);
    let session = session.env("XDG_RUNTIME_DIR", office.sandbox.path("run"));
    let output = unchosen(office.inside(session)).run().exits(0);
    assert!(output.stdout.contains("ran\nagain\n"), "{output}");
    assert!(output.stdout.contains("keychain: it opens"), "{output}");
    assert!(settings(&office).contains("backend = \"keychain\""), "{}", settings(&office));
    assert_eq!(office.simulator.counts().pushes, 1);
    // Outside of the session its key is out of reach: that is said, and nothing is overwritten.
    let output = unchosen(office.robo(["aws.credentials", "reader"])).run();
    assert_ne!(output.status, 0);
    assert!(
        output.stderr.contains("keychain") && output.stderr.contains("--backend file"),
        "{output}"
    );
}

#[test]
fn a_file_is_chosen_where_there_is_a_passphrase_for_it() {
    let office = office();
    let add = ["aws.add", "--username", USER, "--password-stdin", "--no-verify"];
    let run = office.robo(add).without_env("ROBO_BACKEND").stdin(PASSWORD);
    run.run().exits(0);
    assert!(settings(&office).contains("backend = \"file\""), "{}", settings(&office));
    let ran = office.robo(["aws.exec", "dev", "--", "true"]).without_env("ROBO_BACKEND");
    assert_eq!(ran.run().exits(0).stderr.lines().count(), 1, "the push alone");
}

#[test]
fn with_nothing_at_all_each_run_is_for_itself() {
    let office = office();
    let add = ["aws.add", "--username", USER, "--password-stdin", "--no-verify"];
    let output = unchosen(office.robo(add).stdin(PASSWORD)).run().exits(1);
    assert!(output.stderr.contains("nowhere to keep it"), "{output}");
    let output = unchosen(office.robo(["aws.credentials", "dev"])).run().exits(4);
    assert!(output.stderr.contains("robo aws.add"), "{output}");
    let own = |(path, _): &(std::path::PathBuf, _)| path.to_string_lossy().contains("vault");
    assert!(!office.sandbox.files().iter().any(own));
}

#[test]
fn memory_asks_each_time_and_leaves_nothing() {
    let office = office();
    let exec = ["aws.exec", "dev", "--backend", "memory", "--", "echo", "ran"];
    for round in 1..=2 {
        let mut terminal = unchosen(office.robo(exec)).pty();
        terminal.expect("Okta username").send_line(USER);
        terminal.expect("Okta password").send_line(PASSWORD);
        assert_eq!(terminal.expect("ran").wait().0, 0);
        assert_eq!(office.simulator.counts().pushes, round);
    }
    let own = |(path, _): &(std::path::PathBuf, _)| {
        let path = path.to_string_lossy();
        path.contains("vault") || path.contains("credentials")
    };
    assert!(!office.sandbox.files().iter().any(own));
}

#[test]
fn a_key_store_that_is_not_known_is_a_mistake_of_the_command_line() {
    let office = office();
    let output = office.robo(["aws.credentials", "dev", "-b", "pass"]).run().exits(2);
    assert!(output.stderr.contains("keychain") && output.stderr.contains("memory"), "{output}");
    let run = office.robo(["aws.credentials", "dev"]).without_env("ROBO_BACKEND");
    let output = run.env("AWS_OKTA_BACKEND", "pass").run().exits(2);
    assert!(output.stderr.contains("AWS_OKTA_BACKEND"), "{output}");
    // aws-okta's names mean the keychain, which is not here.
    let run = unchosen(office.robo(["aws.credentials", "dev"]));
    let output = run.env("AWS_OKTA_BACKEND", "secret-service").run();
    assert_ne!(output.status, 0);
    assert!(output.stderr.contains("--backend file"), "{output}");
    // The wrong passphrase is named, not asked for for ever.
    office.store_password(PASSWORD);
    let key = office.sandbox.read(".local/state/robo/master-key");
    let other = self::office();
    other.sandbox.write(".local/state/robo/master-key", key);
    let run = other.robo(["aws.credentials", "dev"]).env("ROBO_FILE_PASSPHRASE", "another");
    assert_eq!(run.run().stdout, "");
}
