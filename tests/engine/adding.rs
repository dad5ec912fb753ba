//! `aws.add` and `aws.logout`: what is stored of an Okta account, and what is forgotten.

use robo_simulator::scenario::Drop;
use robo_simulator::{Fault, LoginState};

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, Output, Run};

const VERIFIED: [&str; 4] = ["aws.add", "--username", USER, "--password-stdin"];

fn add(office: &Office, password: &str) -> Run {
    office.robo(VERIFIED).stdin(password)
}

/// What `aws.explain` knows of the account of `dev`.
#[track_caller]
fn known(office: &Office) -> serde_json::Value {
    office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json()["okta"].clone()
}

#[test]
fn a_password_is_stored_once_okta_took_it_and_no_phone_rings() {
    let office = Office::with(|_| {});
    for password in [PASSWORD.to_owned(), format!("{PASSWORD}\n"), format!("{PASSWORD}\r\n")] {
        let output = add(&office, &password).run().exits(0);
        let host = office.simulator.okta_host();
        let want = format!(
            "Stored the Okta sign-in of you@acme.com at {host} (Okta takes it).\n\n\
             Next: robo aws.exec PROFILE -- aws sts get-caller-identity\n"
        );
        assert_eq!((output.stdout.as_str(), output.stderr), ("", want));
    }
    let counts = office.simulator.counts();
    assert_eq!((counts.pushes, counts.passwords(USER).accepted), (0, 3), "{counts:?}");
    assert_eq!(counts.cancelled, 3, "no transaction is left open");
    assert_eq!(known(&office)["password"], "proven");
}

#[test]
fn what_okta_refuses_is_not_stored() {
    let cases: [(LoginState, &str, i32, &str); 6] = [
        (LoginState::Normal, "wrong", 5, "password"),
        (LoginState::Inactive, PASSWORD, 5, "password"),
        (LoginState::LockedOut, PASSWORD, 5, "locked"),
        (LoginState::PasswordExpired, PASSWORD, 5, "expired"),
        (LoginState::PasswordReset, PASSWORD, 5, "password"),
        (LoginState::Unknown("ODD_STATE".to_owned()), PASSWORD, 5, "ODD_STATE"),
    ];
    for (state, password, status, says) in cases {
        let office = Office::with(|s| {
            s.okta.show_lockout = true;
            s.user().state = state.clone();
            s.user().factors.clear();
        });
        let output = add(&office, password).run().exits(status).says(says);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("  hint: "), "{state:?}\n{output}");
        assert_eq!(known(&office)["account"], serde_json::Value::Null, "{state:?}");
        let passwords = office.simulator.counts().passwords(USER);
        assert_eq!(passwords.accepted + passwords.refused, 1, "{state:?}: sent once");
    }
}

#[test]
fn an_older_password_survives_a_newer_one_that_is_wrong() {
    let office = Office::with(|s| s.user().factors.clear());
    add(&office, PASSWORD).run().exits(0);
    add(&office, "a slip of the finger").run().exits(5);
    assert_eq!(known(&office)["password"], "proven");
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
}

#[test]
fn a_server_that_is_not_okta_gets_the_password_once_and_nothing_is_stored() {
    let on = || Fault::on("okta POST /api/v1/authn");
    let cases = [
        (on().drop(Drop::Before), 7),
        (on().page(503, "busy"), 1),
        (on().page(200, "<html>wifi</html>"), 1),
        (on().redirect("https://evil.example/"), 1),
    ];
    for (fault, status) in cases {
        let office = Office::with(|s| s.faults = vec![fault.clone()]);
        let output = add(&office, PASSWORD).run().exits(status);
        assert!(output.stderr.contains("  hint: "), "{output}");
        assert_eq!(known(&office)["account"], serde_json::Value::Null);
        assert_eq!(office.simulator.counts().okta("POST /api/v1/authn"), 1, "sent once");
    }
}

#[test]
fn unchecked_is_unproven_until_a_sign_in_proves_it() {
    let office = Office::signed_up(|s| s.user().factors.clear());
    assert_eq!(office.simulator.counts().all(), 0, "Okta was not asked");
    assert_eq!(known(&office)["password"], "unproven");
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert_eq!(known(&office)["password"], "proven");
}

#[test]
fn a_wrong_one_stored_unchecked_is_sent_once_and_never_again() {
    let office = Office::with(|s| s.user().factors.clear());
    office.store_password("wrong");
    for _ in 0..3 {
        office.robo(["aws.env", "dev"]).run().exits(5).says("robo aws.add");
    }
    assert_eq!(office.simulator.counts().passwords(USER).refused, 1);
    assert_eq!(known(&office)["password"], "refused");
    office.robo(["aws.doctor"]).run().exits(1);
    office.store_password(PASSWORD);
    office.robo(["aws.env", "dev"]).run().exits(0);
}

#[test]
fn a_terminal_is_asked_and_the_password_does_not_show() {
    let office = Office::with(|s| s.user().factors.clear());
    let host = office.simulator.okta_host();
    let mut pty = office.robo(["aws.add"]).pty();
    pty.expect(&format!("Okta username ({host}): ")).send_line("").expect("with something");
    pty.expect("Okta username").send_line(" you@acme.com ");
    pty.expect(&format!("Okta password of you@acme.com ({host}): ")).send_line(PASSWORD);
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("Okta takes it") && !screen.contains("Tr0ub4dor"), "{screen}");
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
}

#[test]
fn who_stops_it_is_not_told_how_it_goes_without_a_terminal() {
    let office = Office::with(|_| {});
    for answers in [&[][..], &[USER]] {
        let mut pty = office.robo(["aws.add"]).pty();
        pty.expect("Okta username");
        for answer in answers {
            pty.send_line(answer).expect("Okta password");
        }
        pty.send_ctrl_c();
        let (status, screen) = pty.wait();
        assert_eq!(status, 130, "{screen}");
        assert!(screen.ends_with("error: stopped: nothing was changed\n"), "{screen}");
    }
}

#[test]
fn what_is_missing_or_odd_is_told_without_asking_okta() {
    let office = Office::with(|_| {});
    let cases: [(&[&str], &str, i32, &str); 9] = [
        (&["--password-stdin"], PASSWORD, 4, "--username you@acme.com"),
        (&["--username", USER], PASSWORD, 4, "--password-stdin reads it from stdin"),
        (&["--username", " ", "--password-stdin"], PASSWORD, 2, "--username is empty"),
        (&["--username", USER, "--password-stdin"], "", 2, "found nothing on stdin"),
        (&["--username", USER, "--password-stdin"], "\n", 2, "found nothing on stdin"),
        (&["--username", USER, "--password-stdin"], "a\nb\n", 2, "found more than one line"),
        (&["--username", USER, "--password-stdin", "--domain", "a b"], "x", 2, "a b"),
        (
            &["--username", USER, "--password-stdin", "--domain", "http://x.okta.com"],
            "x",
            2,
            "http",
        ),
        (&["--username", USER, "--password-stdin", "-b", "safe"], "x", 2, "safe"),
    ];
    for (args, stdin, status, says) in cases {
        let output = office.robo(["aws.add"]).args(args).stdin(stdin).run();
        let output = output.exits(status).says(says);
        assert!(!output.stderr.contains(PASSWORD), "{output}");
    }
    let long = "x".repeat(5000);
    add(&office, &long).run().exits(2).says("found more than a password can have on stdin");
    // Whatever the host is to be: nothing says.
    office.sandbox.write_config("[profile dev]\nregion = eu-west-1\n");
    add(&office, PASSWORD).run().exits(2).says("robo aws.add --domain acme.okta.com");
    assert_eq!(office.simulator.counts().all(), 0);
}

#[test]
fn a_typed_host_is_pinned() {
    let office = Office::with(|s| s.user().factors.clear());
    let host = office.simulator.okta_host();
    // The config names none; it is the settings that remember it.
    office.edit_config(&format!("okta_domain = {host}\n"), "");
    let add = add(&office, PASSWORD).args(["--domain", &host.to_uppercase()]);
    add.run().exits(0).says(&format!("at {host}"));
    let settings = String::from_utf8(office.sandbox.read(".config/robo/settings.toml")).unwrap();
    assert!(settings.contains(&format!("okta_domains = [\"{host}\"]")), "{settings}");
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
}

#[test]
fn logout_ends_the_session_and_forgets_credentials_but_no_password() {
    let office = Office::without_factors();
    office.robo(["aws.exec", "reader", "--", "true"]).run().exits(0);
    let host = office.simulator.okta_host();
    let output = office.robo(["aws.logout"]).run().exits(0);
    let want = format!(
        "Ended the Okta session of you@acme.com at {host}.\nForgot 3 cached credentials of AWS.\n"
    );
    assert_eq!((output.stdout.as_str(), output.stderr), ("", want));
    let counts = office.simulator.counts();
    assert_eq!(counts.granted["okta DELETE /api/v1/sessions/me"], 1, "{counts:?}");
    let known_now = known(&office);
    assert_eq!((&known_now["session"], &known_now["password"]), (&false.into(), &"proven".into()));

    // Nothing left to forget, and nothing that is asked.
    let output = office.robo(["aws.logout"]).run().exits(0);
    assert_eq!(output.stderr, "Forgot 0 cached credentials of AWS.\n");
    assert_eq!(office.simulator.counts().total("okta"), counts.total("okta"));
    // The next command signs in anew, by itself.
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 2);
}

#[test]
fn logout_all_forgets_the_account_too() {
    let office = Office::without_factors();
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    office.robo(["aws.logout", "--all"]).run().exits(0).says("Forgot the password of you@acme.com");
    assert_eq!(known(&office)["account"], serde_json::Value::Null);
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(125).says("robo aws.add");
    office.robo(["aws.logout", "--all"]).run().exits(0);
}

#[test]
fn a_session_that_cannot_be_ended_is_forgotten_all_the_same() {
    for fault in [Fault::on("okta*").drop(Drop::Before), Fault::on("okta*").page(500, "no")] {
        let office = Office::without_factors();
        office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
        office.simulator.scenario(|s| s.faults = vec![fault]);
        let output: Output = office.robo(["aws.logout"]).run().exits(0);
        let output = output.says("was forgotten, but could not be ended at");
        assert!(!output.stderr.contains("Ended"), "{output}");
        assert_eq!(known(&office)["session"], false);
    }
}

#[test]
fn a_refused_password_of_nobody_stored_can_be_forgotten_by_name() {
    let office = Office::with(|scenario| scenario.user().factors.clear());
    let add = || {
        let args = ["aws.add", "--username", USER, "--password-stdin"];
        office.robo(args).stdin("mistyped").run().exits(5)
    };
    add();
    add().says("this very password of you@acme.com");
    assert_eq!(office.simulator.counts().passwords(USER).refused, 1);
    // Without --all passwords are left alone.
    office.robo(["aws.logout", "--account", USER]).run().exits(0).never_says("the password");
    add().says("this very password of you@acme.com");
    let output = office.robo(["aws.logout", "--account", USER, "--all"]).run().exits(0);
    output.says("Forgot the password of you@acme.com");
    add();
    assert_eq!(office.simulator.counts().passwords(USER).refused, 2);
}

#[test]
fn a_password_from_stdin_that_was_refused_can_be_forgotten_by_its_user_s_name() {
    let office = Office::with(|scenario| scenario.user().factors.clear());
    let run = |says: &str| {
        let args = ["aws.credentials", "dev", "--username", USER, "--password-stdin"];
        office.robo(args).stdin("mistyped").run().exits(5).says(says);
    };
    let (sent, not_sent) = ("Okta refused the password of", "this very password of you@acme.com");
    let logout = |args: &[&str]| office.robo(["aws.logout"]).args(args).run().exits(0);
    run(sent);
    run(not_sent);
    logout(&["--account", USER]).never_says("the password");
    run(not_sent);
    logout(&["--account", USER, "--all"]).says("Forgot the password of you@acme.com");
    run(sent);
    logout(&["--all"]).says("Forgot the password of you@acme.com");
    run(sent);
    assert_eq!(office.simulator.counts().passwords(USER).refused, 3);
}

#[test]
fn an_org_that_takes_no_password_is_told_as_such() {
    let office = Office::with(|scenario| {
        scenario.okta.pipeline = "idx".to_owned();
        scenario.okta.authn = false;
    });
    let output = add(&office, PASSWORD).run().exits(5).says("takes no password from robo");
    output.says("with okta_client_id").says("robo aws.doctor").never_says("ran out of time");
    assert_eq!(office.simulator.counts().okta("POST /api/v1/authn"), 1);
    assert_eq!(known(&office)["account"], serde_json::Value::Null);
}
