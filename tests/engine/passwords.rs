//! Passwords: one that Okta refused is never sent again, and one that is typed is stored once it
//! worked.

use std::time::Duration;

use robo_simulator::{Counts, LoginState, Scenario};

use crate::common::{Office, Output, PASSWORD, Pty, USER};
use crate::wording::{HUB, failed};

fn no_factor(scenario: &mut Scenario) {
    scenario.user().factors.clear();
}

/// An office with a wrong password in its vault.
fn mistyped() -> Office {
    let office = Office::with(no_factor);
    office.store_password("wrong one");
    office
}

#[track_caller]
fn refused_so_far(office: &Office, count: u64) {
    assert_eq!(office.simulator.counts().passwords(USER).refused, count);
}

const REFUSED: &str = "error: Okta refused the password of you@acme.com (<okta>)\n  \
    cause: E0000004: Authentication failed (error id <id>)\n  \
    hint: it will not be sent again. 'robo aws.add' stores a new one; a few refusals lock the account\n  \
    hint: if the password is right, the account may be locked or inactive, or a sign-on policy in the way: Okta says the same to each\n";

const BEFORE: &str = "error: the stored password of you@acme.com (<okta>) was refused by Okta before\n  \
    hint: it will not be sent again: 'robo aws.add' stores a new one\n  \
    hint: a few refusals lock the account; once it is right again, 'robo aws.add --no-verify' stores the same one\n";

fn run(office: &Office, args: &[&str]) -> Output {
    let output = office.robo(args).run();
    Output { stderr: office.wording(&output.stderr), ..output }
}

#[test]
fn a_stored_password_that_okta_refused_is_never_sent_again() {
    let office = mistyped();
    failed(&run(&office, &HUB), 5, REFUSED);
    // Not from another profile, another command, without the cache or with --no-input.
    for args in [
        &HUB[..],
        &["aws.credentials", "reader"],
        &["aws.env", "prod"],
        &["aws.login", "dev", "--stdout"],
        &["--no-input", "aws.credentials", "dev"],
    ] {
        failed(&run(&office, args), 5, BEFORE);
    }
    failed(&run(&office, &["aws.exec", "dev", "--", "true"]), 125, BEFORE);
    assert_eq!(office.calls_since(0), "authn");
}

#[test]
fn a_new_password_takes_the_place_of_a_refused_one() {
    let office = mistyped();
    run(&office, &HUB).exits(5);
    let add = ["aws.add", "--username", USER, "--password-stdin"];
    // Another wrong one is not stored, and the account does not go with it.
    let output = office.robo(add).stdin("another wrong one").run();
    let output = Output { stderr: office.wording(&output.stderr), ..output };
    failed(&output, 5, REFUSED);
    failed(&run(&office, &HUB), 5, BEFORE);
    let output = office.robo(add).stdin(PASSWORD).run().exits(0);
    assert!(output.stderr.contains("(Okta takes it)"), "{output}");
    run(&office, &HUB).exits(0);
    refused_so_far(&office, 2);
}

#[test]
fn a_person_is_asked_for_a_new_password_which_is_stored_once_it_worked() {
    let office = mistyped();
    run(&office, &HUB).exits(5);
    let mut pty = office.robo(HUB).pty();
    pty.expect("the stored password of you@acme.com").expect("was refused by Okta before\n");
    pty.expect("Okta password of you@acme.com (").expect("): ").send_line("wrong too");
    pty.expect("Okta refused the password of you@acme.com (").expect("\n");
    // The wrong one was not stored, the right one is.
    pty.expect("Okta password of you@acme.com (").expect("): ").send_line(PASSWORD);
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(PASSWORD) && !screen.contains("wrong too"), "{screen}");
    refused_so_far(&office, 2);
    office.simulator.end_sessions();
    run(&office, &HUB).exits(0);
    refused_so_far(&office, 2);
}

fn type_passwords(pty: &mut Pty, passwords: &[&str]) {
    for password in passwords {
        pty.expect("Okta password of you@acme.com (").expect("): ").send_line(password);
    }
}

#[test]
fn three_wrong_passwords_are_enough() {
    let office = mistyped();
    let mut pty = office.robo(HUB).pty();
    // The stored one was the first of four that Okta refused.
    type_passwords(&mut pty, &["one", "two", "three"]);
    let (status, screen) = pty.wait();
    assert_eq!(status, 5, "{screen}");
    assert!(office.wording(&screen).ends_with(REFUSED), "{screen}");
    refused_so_far(&office, 4);
    failed(&run(&office, &HUB), 5, BEFORE);
    refused_so_far(&office, 4);
}

#[test]
fn the_first_password_is_asked_for_and_stored_with_its_account() {
    let office = Office::with(no_factor);
    let mut pty = office.robo(HUB).pty();
    pty.expect("Okta username (").expect("): ").send_line(USER);
    type_passwords(&mut pty, &["wrong", PASSWORD]);
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    office.simulator.end_sessions();
    assert_eq!(run(&office, &HUB).exits(0).stderr, "");
    refused_so_far(&office, 1);
}

#[test]
fn a_locked_account_that_okta_hides_reads_like_a_wrong_password_and_is_left_alone() {
    let office = Office::signed_up(|scenario| scenario.user().state = LoginState::LockedOut);
    failed(&run(&office, &HUB), 5, REFUSED);
    failed(&run(&office, &HUB), 5, BEFORE);
    // It is free again; the same password is typed, and is good again.
    office.simulator.scenario(|scenario| {
        scenario.user().state = LoginState::Normal;
        no_factor(scenario);
    });
    failed(&run(&office, &HUB), 5, BEFORE);
    // Who types it is told how it is stored all the same.
    let mut pty = office.robo(HUB).pty();
    pty.expect("Okta password of").send_line(PASSWORD);
    pty.expect("it was not sent again").expect("'robo aws.add --no-verify' stores it");
    pty.expect("Okta password of").send_ctrl_c();
    assert_eq!(pty.wait().0, 130);
    assert_eq!(office.calls_since(0), "authn");
    office.store_password(PASSWORD);
    run(&office, &HUB).exits(0);
}

#[test]
fn a_password_that_is_stored_while_an_older_one_is_refused_stays() {
    let office = mistyped();
    let held = office.simulator.hold("okta POST /api/v1/authn");
    let child = office.robo(HUB).spawn();
    let asked = |counts: &Counts| counts.okta("POST /api/v1/authn") == 1;
    assert!(office.simulator.wait_for(asked, Duration::from_secs(60)));
    office.store_password(PASSWORD);
    held.release();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(5));
    run(&office, &HUB).exits(0);
}

#[test]
fn wrong_passwords_do_not_lock_an_account_by_themselves() {
    let office = Office::with(|scenario| {
        no_factor(scenario);
        scenario.okta.lock_after = 3;
    });
    office.store_password("wrong one");
    // However often a script tries.
    for _ in 0..5 {
        run(&office, &HUB).exits(5);
    }
    office.store_password(PASSWORD);
    run(&office, &HUB).exits(0);
}

#[test]
fn what_is_wrong_with_another_thing_does_not_cost_the_password() {
    use robo_simulator::Fault;
    use robo_simulator::scenario::Drop;

    let office = Office::signed_up(no_factor);
    let authn = || Fault::on("okta POST /api/v1/authn");
    for (fault, exit) in [
        (authn().rate_limit(0), 0),
        (authn().okta_error("E0000009"), 1),
        (authn().drop(Drop::Before), 7),
        (authn().drop(Drop::After), 7),
        (authn().page(403, "<title>Blocked by the proxy</title>"), 1),
        (authn().page(401, "{\"error\":\"access_denied\"}"), 1),
    ] {
        let (output, calls) = office.try_with(HUB, |scenario| {
            no_factor(scenario);
            scenario.faults = vec![fault.first(1)];
        });
        assert_eq!(output.status, exit, "{output}");
        assert_eq!(output.stderr.contains("hint: "), exit != 0, "{output}");
        if exit != 0 {
            assert_eq!(calls.trim_start_matches("app "), "authn", "{output}");
        }
        office.try_with(HUB, no_factor).0.exits(0);
    }
}
