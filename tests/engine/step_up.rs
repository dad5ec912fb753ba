//! An app that asks for one more factor of its own.

use robo_simulator::scenario::Access;
use robo_simulator::{Factor, Fault, LoginState, Scenario};

use crate::common::Office;
use crate::common::office::{PASSWORD, USER};
use crate::wording::HUB;

const ASKS: &str = "Okta: the AWS app asks for one more step of its own.\n";

/// Signed up, where the app wants a push of its own; it is accepted at once.
fn office(change: impl FnOnce(&mut Scenario)) -> Office {
    Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        scenario.okta.apps[0].access = Access::StepUp;
        change(scenario);
    })
}

#[test]
fn the_app_s_own_factor_is_answered_and_the_password_sent_once() {
    let office = office(|_| {});
    let output = office.robo(HUB).run().exits(0);
    let push = "Okta: push sent to your phone.\n";
    assert_eq!(output.stderr, format!("{push}{ASKS}{push}"));
    // A sign-in, the app that wants more, its own step, and the app again.
    assert_eq!(office.calls_since(0), "authn verify verify app app authn verify verify app saml");
    let counts = office.simulator.counts();
    assert_eq!((counts.passwords(USER).accepted, counts.pushes), (1, 2));
    // The session has met the app's wish: nothing is asked again.
    let before = office.simulator.calls().len();
    assert_eq!(office.robo(HUB).run().exits(0).stderr, "");
    assert_eq!(office.calls_since(before), "app saml");
}

#[test]
fn a_session_that_is_there_already_needs_no_password_for_it() {
    let office = office(|scenario| scenario.okta.apps[0].access = Access::Assigned);
    office.robo(HUB).run().exits(0);
    office.simulator.scenario(|scenario| scenario.okta.apps[0].access = Access::StepUp);
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(before), "app authn verify verify app saml");
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 1);
}

#[test]
fn an_enrolment_that_the_app_s_step_offers_is_left_for_later() {
    let office = office(|scenario| scenario.okta.apps[0].access = Access::Assigned);
    office.robo(HUB).run().exits(0);
    let offer = |state: LoginState| {
        office.simulator.scenario(|scenario| {
            scenario.okta.apps[0].access = Access::StepUp;
            scenario.user().state = state;
        });
        let before = office.simulator.calls().len();
        (office.robo(HUB).run(), office.calls_since(before))
    };
    // One that cannot wait is told.
    let (output, calls) = offer(LoginState::MfaEnroll);
    output.exits(5).says("Okta wants you to set up a second factor first");
    assert_eq!(calls, "app authn verify verify cancel");
    let (output, calls) = offer(LoginState::MfaEnrollOptional);
    output.exits(0);
    assert_eq!(calls, "app authn verify verify skip app saml");
}

#[test]
fn an_app_that_wants_the_password_again_gets_it() {
    let office = office(|scenario| scenario.user().factors.clear());
    let output = office.robo(HUB).run().exits(0);
    assert_eq!(output.stderr, ASKS);
    assert_eq!(office.calls_since(0), "authn app app authn authn app saml");
    assert_eq!(office.simulator.counts().passwords(USER).refused, 0);
}

#[test]
fn a_password_that_the_app_s_step_refused_is_not_sent_there_again() {
    let office = office(|scenario| scenario.user().factors.clear());
    // The third is the step's password.
    office.simulator.scenario(|scenario| {
        let third = Fault::on("okta POST /api/v1/authn").nth(3);
        scenario.faults = vec![third.okta_error("E0000004")];
    });
    for calls in ["authn app app authn authn cancel", "app authn cancel authn app app authn cancel"]
    {
        let before = office.simulator.calls().len();
        office.robo(HUB).run().exits(5).says("once more, and refused it");
        assert_eq!(office.calls_since(before), calls);
    }
    // The password itself is a good one, and may be asked about anew.
    office.store_password(PASSWORD);
    office.robo(HUB).run().exits(0);
}

#[test]
fn a_refused_step_fails_without_another_password() {
    let office = office(|scenario| {
        scenario.user().factors[0].pushes =
            vec![vec!["SUCCESS".to_owned()], vec!["REJECTED".to_owned()]];
        scenario.okta.apps[0].access = Access::Assigned;
    });
    office.robo(HUB).run().exits(0);
    office.simulator.scenario(|scenario| {
        scenario.okta.apps[0].access = Access::StepUp;
        *scenario.factor() = Factor::push().polls(["REJECTED"]);
    });
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(5).says("the push was rejected on the phone");
    assert_eq!(office.calls_since(before), "app authn verify verify cancel");
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 1);
}

#[test]
fn a_step_that_is_to_be_typed_wants_somebody_there() {
    let office = office(|scenario| scenario.user().factors = vec![Factor::totp()]);
    let mut pty = office.robo(["aws.exec", "okta-hub", "--", "echo", "ran"]).pty();
    pty.expect("Code from Okta Verify:").send_line("480362");
    pty.expect("one more step of its own").expect("Code from Okta Verify:");
    office.simulator.scenario(|scenario| scenario.factor().codes = vec!["480363".to_owned()]);
    pty.send_line("480363").expect("ran\n");
    assert_eq!(pty.wait().0, 0);
    // Without anybody a code that is handed in does for the sign-in, and not for the app too.
    office.simulator.end_sessions();
    let code = office.simulator.scenario(|scenario| {
        scenario.factor().codes = vec!["480364".to_owned()];
        "480364"
    });
    let output = office.robo(HUB).args(["--mfa-code", code]).run().exits(4);
    output.says("Okta asks for Okta Verify (code), and nobody is there to type it");
    assert_eq!(office.simulator.counts().codes_refused, 0, "it was not sent twice");
}

#[test]
fn identity_engine_takes_no_state_token_of_a_page_and_that_is_told() {
    let office = office(|scenario| scenario.okta.pipeline = "idx".to_owned());
    let output = office.robo(HUB).run().exits(5);
    let output = output.says("does not let robo sign in with a password");
    output
        .says("asks for another sign-in step of its own, which robo cannot answer here")
        .says("Native");
    assert_eq!(office.calls_since(0), "authn verify verify app app authn");
}

#[test]
fn a_stale_session_is_never_sent_beside_a_fresh_token() {
    // Classic ignores the token for the sake of a stale sid, which the simulator does too.
    let office = office(|scenario| scenario.okta.apps[0].access = Access::Assigned);
    office.robo(HUB).run().exits(0);
    office.simulator.end_sessions();
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(before), "app authn verify verify app app saml");
}

#[test]
fn a_device_is_never_shown_for_another_user() {
    let office = office(|scenario| {
        scenario.okta.apps[0].access = Access::Assigned;
        let mut other = scenario.okta.users[0].clone();
        other.login = "else@acme.com".to_owned();
        scenario.okta.users.push(other);
    });
    office.edit_config("[okta]\n", "[okta]\nmfa_remember_device = true\n");
    office.robo(HUB).run().exits(0);
    let add = ["aws.add", "--account", "side", "--username", "else@acme.com", "--password-stdin"];
    office.robo(add).stdin(PASSWORD).run().exits(0);
    office.robo(HUB).args(["--account", "side"]).run().exits(0);
    office.simulator.end_sessions();
    let before = office.simulator.counts().pushes;
    for account in ["default", "side"] {
        office.robo(HUB).args(["--account", account]).run().exits(0);
    }
    let counts = office.simulator.counts();
    assert_eq!((counts.foreign_devices, counts.pushes), (0, before), "each is remembered");
}
