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
    // robo's own variable goes before aws-okta's, and the flag before both.
    let run = unchosen(office.robo(["aws.credentials", "dev"])).env("AWS_OKTA_BACKEND", "pass");
    run.env("ROBO_BACKEND", "memory").run().exits(4);
    let run = unchosen(office.robo(["aws.credentials", "dev", "-b", "memory"]));
    run.env("ROBO_BACKEND", "pass").run().exits(4);
    office.sandbox.write(".config/robo/settings.toml", "backend = \"pass\"\n");
    let output = unchosen(office.robo(["aws.credentials", "dev"])).run();
    output.says("it comes from 'backend' in robo's settings");
}

#[test]
fn a_keychain_that_is_out_of_reach_is_not_given_up_for_something_else() {
    let office = office();
    for run in [
        office.robo(["aws.env", "dev", "-b", "keychain"]),
        office.robo(["aws.env", "dev"]).env("ROBO_BACKEND", "keychain"),
        unchosen(office.robo(["aws.env", "dev"])).env("AWS_OKTA_BACKEND", "kwallet"),
    ] {
        run.run().exits(1).says("error: the keychain cannot be reached").says("--backend memory");
    }
    assert_eq!(settings(&office), "");
    office.sandbox.write(".config/robo/settings.toml", "backend = \"keychain\"\n");
    let env = || unchosen(office.robo(["aws.env", "dev"]));
    env().run().exits(1).says("error: the keychain cannot be reached");
    // A person can go on, and knows what that means.
    let mut terminal = env().pty();
    terminal.expect("the keychain cannot be reached from here: stored passwords are out of reach");
    assert_eq!(terminal.expect("Okta username").send_ctrl_c().wait().0, 130);
}

#[test]
fn what_is_asked_for_once_is_not_what_is_remembered() {
    let office = Office::without_factors();
    unchosen(office.robo(["aws.env", "dev", "-b", "memory"])).run().exits(4);
    assert!(settings(&office).starts_with("backend = \"file\"\n"), "{}", settings(&office));
}
