//! Nobody there, and a password or a code handed in: for that sign-in alone, and sent once.

use std::os::unix::fs::PermissionsExt as _;

use robo_simulator::{Factor, Scenario};

use crate::common::Office;
use crate::common::office::{PASSWORD, USER};
use crate::wording::HUB;

const CODE: &str = "480362";

fn totp(scenario: &mut Scenario) {
    scenario.user().factors = vec![Factor::totp()];
}

fn push_and_totp(scenario: &mut Scenario) {
    scenario.user().factors = vec![Factor::push(), Factor::totp(), Factor::sms()];
}

#[test]
fn a_password_on_stdin_is_for_this_sign_in_alone() {
    let office = Office::with(|scenario| scenario.user().factors.clear());
    let run = || office.robo(HUB).args(["--username", USER, "--password-stdin"]);
    run().stdin(format!("{PASSWORD}\n")).run().exits(0);
    // Neither it nor the account is stored.
    let output = office.robo(HUB).run().exits(4);
    output.says("no Okta account for localhost").says("is stored");
    // The session is, so the next one is not even sent.
    run().stdin("nonsense").run().exits(0);
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 1);
    assert_eq!(office.simulator.counts().passwords(USER).refused, 0);
}

#[test]
fn the_command_never_finds_the_password_on_its_stdin() {
    let office = Office::signed_up(|scenario| scenario.user().factors.clear());
    for _ in 0..2 {
        // The second time nobody signs in at all.
        let run = ["aws.exec", "dev", "--password-stdin", "--", "cat"];
        let output = office.robo(run).stdin(PASSWORD).run().exits(0);
        assert_eq!(output.stdout, "");
    }
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 1);
}

#[test]
fn a_password_that_is_refused_is_refused_and_the_stored_one_stays() {
    let office = Office::signed_up(|scenario| scenario.user().factors.clear());
    let given = |password: &str| office.robo(HUB).arg("--password-stdin").stdin(password).run();
    given("a wrong one").exits(5).says("Okta refused the password of you@acme.com");
    office.robo(HUB).run().exits(0);
    // The stored one, refused, is not sent again from stdin either.
    office.simulator.scenario(|scenario| scenario.user().password = "changed".to_owned());
    office.simulator.end_sessions();
    given(PASSWORD).exits(5);
    let refused = office.simulator.counts().passwords(USER).refused;
    given(PASSWORD).exits(5).says("was refused by Okta before");
    assert_eq!(office.simulator.counts().passwords(USER).refused, refused);
    given("changed").exits(0);
}

#[test]
fn who_hands_in_a_password_is_not_sent_to_a_browser() {
    let office = crate::in_browser::office(|scenario| scenario.user().factors.clear());
    let run = || office.robo(HUB).arg("--password-stdin").stdin(PASSWORD);
    run().run().exits(4).says("no Okta account for").says("--username");
    run().args(["--username", USER]).run().exits(0);
    assert_eq!(office.calls_since(0), "authn app app saml");
    // Where the org takes none, that is said, and nobody is waited for.
    office.simulator.end_sessions();
    office.simulator.scenario(|scenario| scenario.okta.authn = false);
    let output = run().args(["--username", USER]).run().exits(5);
    output.says("does not let robo sign in with a password").says("without --password-stdin");
    assert_eq!(office.simulator.counts().device_codes, 0);
}

#[test]
fn stdin_has_to_hold_one_password() {
    let office = Office::signed_up(|scenario| scenario.user().factors.clear());
    for (stdin, word) in [("", "nothing"), ("\n", "nothing"), ("a\nb\n", "more than one line")] {
        let output = office.robo(HUB).arg("--password-stdin").stdin(stdin).run().exits(2);
        output.says(word).says("robo aws.credentials dev --password-stdin");
    }
    office.robo(HUB).args(["--username", " "]).run().exits(2).says("--username is empty");
    assert_eq!(office.simulator.counts().all(), 0);
}

#[test]
fn a_code_that_is_handed_in_answers_the_second_factor() {
    for by_variable in [false, true] {
        // Who hands in a code means a factor that has codes.
        let office = Office::signed_up(push_and_totp);
        let run = office.robo(["aws.exec", "dev"]);
        let run = match by_variable {
            false => run.args(["--mfa-code", "480 362"]),
            true => run.env("ROBO_MFA_CODE", CODE),
        };
        let output = run.args(["--", "printenv", "ROBO_MFA_CODE"]).run().exits(1);
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""), "{output}");
        assert_eq!(office.calls_since(0), "authn verify app app saml role");
    }
}

#[test]
fn a_code_is_sent_once() {
    let office = Office::signed_up(totp);
    let output = office.robo(HUB).args(["--mfa-code", "111111"]).run().exits(5);
    output.says("Okta did not accept the code or answer").says("hint:");
    assert_eq!(office.calls_since(0), "authn verify cancel");
    // Not even where Okta forgets the sign-in and it is begun once more.
    let before = office.simulator.calls().len();
    let fault = robo_simulator::Fault::on("okta POST /api/v1/authn/factors/…/verify");
    office.simulator.scenario(|s| s.faults = vec![fault.okta_error("E0000011").first(1)]);
    let output = office.robo(HUB).args(["--mfa-code", CODE]).run().exits(4);
    output.says("nobody is there to type it").says("the code that was handed in is used up");
    assert_eq!(office.calls_since(before), "authn verify authn cancel");
    // Somebody who is there is asked for another.
    office.simulator.scenario(|s| s.faults.clear());
    let run = ["aws.exec", "okta-hub", "--mfa-code", "111111", "--", "echo", "ran"];
    let mut pty = office.robo(run).pty();
    pty.expect("did not accept").expect("Code from Okta Verify:").send_line(CODE).expect("ran\n");
    assert_eq!(pty.wait().0, 0);
}

#[test]
fn what_is_no_code_is_not_sent() {
    let office = Office::signed_up(totp);
    for code in ["hunter2", "12345", "1234567", "", "٤٨٠٣٦٢"] {
        let output = office.robo(HUB).args(["--mfa-code", code]).run().exits(2);
        output.says("is no code of Okta Verify (code): it was not sent").says("6 digits");
    }
    assert_eq!(office.simulator.counts().codes_refused, 0);
    // A factor without codes is no use for one: nothing is typed into it.
    let office = Office::signed_up(|scenario| scenario.user().factors = vec![Factor::question()]);
    let output = office.robo(HUB).args(["--mfa-code", CODE]).run().exits(4);
    output
        .says("a security question, and nobody is there to type it")
        .says("answers only what shows codes by itself");
}

/// A program that prints codes, one after the other, and the last for ever.
fn program(office: &Office, script: &str) -> String {
    office.sandbox.write("code", format!("#!/bin/sh\n{script}\n"));
    let path = office.sandbox.path("code");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_refused_password_is_not_sent_again_by_the_next_run() {
    let office = Office::with(|scenario| scenario.user().factors.clear());
    let run = |password: &str| {
        let args = ["--username", USER, "--password-stdin"];
        office.robo(HUB).args(args).stdin(password).run()
    };
    run("a wrong one").exits(5).says("Okta refused the password");
    for _ in 0..2 {
        run("a wrong one").exits(5).says("Okta refused this very password").says("not sent again");
    }
    assert_eq!(office.simulator.counts().passwords(USER).refused, 1);
    run(PASSWORD).exits(0);
    // Nor is it after that; nothing of it can be read anywhere.
    office.simulator.end_sessions();
    run("a wrong one").exits(5).says("not sent again");
    assert_eq!(office.simulator.counts().passwords(USER).refused, 1);
}

#[test]
fn who_hands_a_password_in_by_hand_is_told_what_is_waited_for() {
    let office = Office::with(|scenario| scenario.user().factors.clear());
    let mut pty = office.robo(HUB).args(["--username", USER, "--password-stdin"]).pty();
    pty.expect("type the password, then Enter and Ctrl-D").expect("without --password-stdin");
    pty.send_line(PASSWORD).send_ctrl_d();
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
}

#[test]
fn a_command_that_is_none_stops_no_sign_in_that_needs_no_code() {
    let office = Office::signed_up(|scenario| scenario.user().factors.clear());
    office.edit_config("[okta]\n", "[okta]\nmfa_code_command = it's\n");
    office.robo(HUB).run().exits(0);
    office.simulator.end_sessions();
    office.simulator.scenario(totp);
    office.robo(HUB).run().exits(1).says("is not a command").says("it comes from");
}

#[test]
fn a_program_can_print_the_code() {
    let office = Office::signed_up(push_and_totp);
    office.simulator.scenario(|scenario| scenario.user().factors[1].reusable = true);
    let script =
        "echo ran >>$HOME/ran; echo \"$1\" >>$HOME/ran; env >$HOME/environment; echo 480362";
    let program = program(&office, script);
    // It is the person's own config: no repo put it there.
    let line = format!("[okta]\nmfa_code_command = '{program}' 'a b'\n");
    office.edit_config("[okta]\n", &line);
    office.robo(HUB).run().exits(0);
    assert_eq!(office.sandbox.read("ran"), b"ran\na b\n", "once, and no shell");
    let environment = String::from_utf8(office.sandbox.read("environment")).unwrap();
    assert!(!environment.contains(crate::common::office::PASSPHRASE), "{environment}");
    let story = office.robo(["aws.explain", "dev"]).run().exits(0).stdout;
    assert!(story.contains("mfa_code_command"), "{story}");
    // A warm one does not run it.
    office.robo(["aws.credentials", "dev"]).run().exits(0);
    office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(office.sandbox.read("ran"), b"ran\na b\n");
    // The flag goes before the config, a code before a program.
    office.simulator.end_sessions();
    office.robo(HUB).args(["--mfa-code-command", "false"]).run().exits(1).says("ended with");
    office.robo(HUB).args(["--mfa-code", CODE]).run().exits(0);
    assert_eq!(office.sandbox.read("ran"), b"ran\na b\n");
}

#[test]
fn a_program_that_gives_no_code_is_told() {
    let office = Office::signed_up(totp);
    let cases = [
        ("echo a-secret-that-is-no-code", 1, "is no code of Okta Verify (code)"),
        ("echo 480362; echo 480363", 1, "did not print one line of text"),
        ("true", 1, "did not print one line of text"),
        ("echo 480362; exit 3", 1, "ended with exit status: 3"),
        ("echo 111111", 5, "did not accept the code"),
    ];
    for (script, status, words) in cases {
        let program = program(&office, script);
        let output = office.robo(HUB).args(["--mfa-code-command", &program]).run();
        output.exits(status).says(words).never_says("a-secret");
    }
    for (command, words) in
        [("/nowhere", "cannot be run"), ("'", "is not a command"), (" ", "is not a command")]
    {
        let output = office.robo(HUB).args(["--mfa-code-command", command]).run().exits(1);
        output.says(words).says("hint:");
    }
    let both = ["--mfa-code", CODE, "--mfa-code-command", "x"];
    office.robo(HUB).args(both).run().exits(2);
    assert_eq!(office.simulator.counts().codes_refused, 1);
}

#[test]
fn a_program_that_hangs_ends_with_ctrl_c() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let office = Office::signed_up(totp);
    // It tells the simulator that it runs.
    let script = "exec 3<>/dev/tcp/${AWS_ENDPOINT_URL_STS#http://127.0.0.1:}; sleep 1000";
    let script = script.replace("/dev/tcp/${", "/dev/tcp/127.0.0.1/${");
    let program = program(&office, &format!("exec bash -c '{script}'"));
    let child = office.robo(HUB).args(["--mfa-code-command", &program]).spawn();
    let runs = |counts: &robo_simulator::Counts| counts.connections("sts") == 1;
    assert!(office.simulator.wait_for(runs, crate::common::PATIENCE));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    let output = crate::common::Output::new(&child.wait_with_output().unwrap());
    output.exits(130);
}
