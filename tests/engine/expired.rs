//! A password that has expired, changed at the terminal where Okta allows it.

use robo_simulator::{Factor, Fault, LoginState, Scenario};

use crate::common::Office;
use crate::common::office::{PASSWORD, USER};
use crate::wording::HUB;

const NEW: &str = "a brand-new passphrase";

fn expired(scenario: &mut Scenario) {
    scenario.user().factors.clear();
    scenario.user().state = LoginState::PasswordExpired;
}

#[test]
fn it_is_changed_in_place_and_the_new_one_stored() {
    let office = Office::signed_up(|scenario| {
        expired(scenario);
        scenario.user().factors = vec![Factor::push().polls(["SUCCESS"])];
    });
    let mut pty = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).pty();
    pty.expect("Okta: your password has expired.");
    // The old one once more, two that differ, and one that Okta's policy does not take.
    pty.expect("New Okta password of you@acme.com (").send_line(PASSWORD);
    pty.expect("That is the old one.").expect("New Okta password").send_line("one way");
    pty.expect("The same once more:").send_line("another").expect("The two differ.");
    pty.expect("New Okta password").send_line("short").expect("once more:").send_line("short");
    pty.expect("does not take that for a password").expect("at least 8 characters");
    pty.expect("New Okta password").send_line(NEW).expect("once more:").send_line(NEW);
    pty.expect("Okta: your password is changed.").expect("ran\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    for secret in [NEW, "short", "another", PASSWORD] {
        assert!(!screen.contains(secret) || secret == "another", "{screen}");
    }
    let calls = "authn verify verify change_password change_password app app saml role";
    assert_eq!(office.calls_since(0), calls);
    // It is what is sent from now on, and nobody is asked.
    office.simulator.end_sessions();
    let before = office.simulator.counts().passwords(USER);
    office.robo(HUB).run().exits(0);
    let after = office.simulator.counts().passwords(USER);
    assert_eq!((after.accepted - before.accepted, after.refused), (1, 0));
}

#[test]
fn where_nobody_is_there_it_is_told() {
    let office = Office::signed_up(expired);
    let output = office.robo(HUB).run().exits(5);
    output.says("your Okta password has expired").says("change it at https://");
    assert_eq!(office.simulator.counts().password_changes, 0);
}

#[test]
fn a_change_that_worked_is_kept_whatever_comes_after_it() {
    let office = Office::signed_up(expired);
    // The app fails, once the password is another one.
    office
        .simulator
        .scenario(|scenario| scenario.faults = vec![Fault::on("okta GET /home*").page(500, "no")]);
    let mut pty = office.robo(["aws.exec", "dev", "--", "true"]).pty();
    pty.expect("New Okta password").send_line(NEW).expect("once more:").send_line(NEW);
    let (status, screen) = pty.wait();
    assert_eq!(status, 125, "{screen}");
    office.simulator.scenario(|scenario| scenario.faults.clear());
    office.robo(HUB).run().exits(0);
    assert_eq!(office.simulator.counts().passwords(USER).refused, 0);
}

#[test]
fn a_change_that_may_or_may_not_have_worked_is_told_as_such() {
    let office = Office::signed_up(expired);
    let fault = Fault::on("okta POST /api/v1/authn/credentials/change_password");
    let fault = fault.drop(robo_simulator::scenario::Drop::After);
    office.simulator.scenario(|scenario| scenario.faults = vec![fault]);
    let mut pty = office.robo(["aws.exec", "dev", "--", "true"]).pty();
    pty.expect("New Okta password").send_line(NEW).expect("once more:").send_line(NEW);
    pty.expect("the password may be changed already");
    assert_eq!(pty.wait().0, 125);
    assert_eq!(office.simulator.counts().password_changes, 1, "it is not sent twice");
}

#[test]
fn a_policy_that_nothing_meets_ends_it() {
    let office = Office::signed_up(expired);
    let mut pty = office.robo(["aws.exec", "dev", "--", "true"]).pty();
    for number in 0..5 {
        let new = format!("no{number}");
        pty.expect("New Okta password").send_line(&new).expect("once more:").send_line(&new);
    }
    pty.expect("5 new passwords that Okta does not take").expect("which shows the rules");
    assert_eq!(pty.wait().0, 125);
    let counts = office.simulator.counts();
    assert_eq!((counts.password_changes, counts.cancelled), (5, 1));
}

#[test]
fn a_password_that_was_given_for_once_has_no_successor_that_is_kept() {
    let office = Office::with(expired);
    let run = ["aws.exec", "dev", "--username", USER, "--password-stdin", "--", "true"];
    // stdin is the terminal here: the password is its first line, and Ctrl-D ends it.
    let mut pty = office.robo(run).pty();
    pty.send_line(PASSWORD).send_ctrl_d();
    pty.expect("New Okta password").send_line(NEW).expect("once more:").send_line(NEW);
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    office.robo(HUB).run().exits(4);
}

#[test]
fn aws_add_has_it_changed_too_and_stores_the_new_one() {
    let office = Office::with(expired);
    let mut pty = office.robo(["aws.add", "--username", USER]).pty();
    pty.expect("Okta password of you@acme.com (").send_line(PASSWORD);
    pty.expect("Okta: your password has expired.").expect("New Okta password").send_line(NEW);
    pty.expect("once more:").send_line(NEW).expect("Okta: your password is changed.");
    pty.expect("Stored the Okta sign-in of you@acme.com");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(NEW) && !screen.contains(PASSWORD), "{screen}");
    assert_eq!(office.calls_since(0), "authn change_password");
    office.robo(HUB).run().exits(0);
    assert_eq!(office.simulator.counts().passwords(USER).refused, 0);
}

#[test]
fn a_change_in_aws_add_that_was_stopped_leaves_nothing() {
    let office = Office::with(expired);
    let mut pty = office.robo(["aws.add", "--username", USER]).pty();
    pty.expect("Okta password of you@acme.com (").send_line(PASSWORD);
    pty.expect("New Okta password").send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    assert_eq!(office.calls_since(0), "authn cancel");
    office.robo(HUB).run().exits(4).says("no Okta account");
}
