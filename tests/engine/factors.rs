//! Every second factor that a terminal can answer, from the password to the role.

use robo_simulator::{Factor, Scenario};

use crate::common::{Office, Pty};
use crate::wording::HUB;

/// A session of the hub role on a terminal, and what it says it is.
const SHOWN: [&str; 5] = ["aws.exec", "okta-hub", "--no-cache", "--", "printenv"];
const ROLE: &str = "AWS_OKTA_ASSUMED_ROLE";

fn on_a_terminal(office: &Office) -> Pty {
    office.robo(SHOWN).arg(ROLE).pty()
}

/// Waits for the end, which has to be the role; gives the screen.
#[track_caller]
fn done(mut pty: Pty) -> String {
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.ends_with("okta-hub\n"), "{screen}");
    screen
}

#[test]
fn a_code_is_asked_for_by_the_name_of_what_shows_it() {
    let office = Office::signed_up(|_| {});
    let yubikey = Factor::yubikey().codes[0].clone();
    let cases = [
        (Factor::totp(), "Code from Okta Verify: ", "480362"),
        (Factor::google(), "Code from Google Authenticator: ", " 480 362 "),
        (Factor::new("token:hotp", "CUSTOM"), "Code from CUSTOM: ", "480362"),
        (Factor::yubikey(), "Touch your YubiKey: ", &yubikey),
        (Factor::rsa(), "Code from RSA SecurID: ", "480362"),
        (Factor::new("token", "SYMANTEC"), "Code from Symantec VIP: ", "480362"),
    ];
    for (factor, question, code) in cases {
        office.turn_to(|scenario| scenario.user().factors = vec![factor]);
        let before = office.simulator.calls().len();
        let mut pty = on_a_terminal(&office);
        pty.expect(question).send_line(code);
        done(pty);
        // No request but the one with the code.
        let calls = office.calls_since(before);
        assert_eq!(calls.trim_start_matches("app "), "authn verify app app saml", "{question}");
    }
}

#[test]
fn a_code_that_okta_sends_is_sent_once_unless_it_is_asked_for_again() {
    let office = Office::signed_up(|_| {});
    let cases = [
        (Factor::sms(), "Code from a text message to +1 XXX-XXX-1337 (r sends it again): "),
        (Factor::call(), "Code from a phone call to +1 XXX-XXX-1337 (r sends it again): "),
        (Factor::email(), "Code from an email to y...u@acme.com (r sends it again): "),
    ];
    for (factor, question) in cases {
        for (again, calls, sent) in [
            (false, "authn verify verify app app saml", 1),
            (true, "authn verify resend verify app app saml", 2),
        ] {
            office.turn_to(|scenario| {
                scenario.user().factors = vec![factor.clone()];
                scenario.user().factors[0].reusable = true;
                scenario.okta.resend_seconds = 0;
            });
            let before = (office.simulator.calls().len(), office.simulator.counts().codes_sent);
            let mut pty = on_a_terminal(&office);
            pty.expect(question);
            if again {
                pty.send_line("r").expect("Okta: sent again.\n").expect(question);
            }
            pty.send_line("480362");
            done(pty);
            assert_eq!(office.calls_since(before.0).trim_start_matches("app "), calls);
            assert_eq!(office.simulator.counts().codes_sent - before.1, sent, "{question}");
        }
    }
}

#[test]
fn a_code_that_was_sent_a_moment_ago_is_still_good() {
    let office = Office::signed_up(|_| {});
    let cases = [
        (Factor::sms(), "Okta sent a text message less than 30 seconds ago (<okta>).\n"),
        (Factor::call(), "Okta called less than 30 seconds ago (<okta>).\n"),
        (Factor::email(), "Okta sent an email less than 30 seconds ago (<okta>).\n"),
    ];
    for (factor, told) in cases {
        office.turn_to(|scenario| scenario.user().factors = vec![factor]);
        let before = office.simulator.counts();
        // It is sent, and its reader leaves.
        let mut pty = on_a_terminal(&office);
        pty.expect("(r sends it again): ").send_ctrl_c();
        assert_eq!(pty.wait().0, 130);
        // The second time, and when it is asked for once more.
        let mut pty = on_a_terminal(&office);
        pty.expect("(r sends it again): ").send_line("r");
        pty.expect("(r sends it again): ").send_line("480362");
        let screen = office.wording(&done(pty));
        assert_eq!(screen.matches(told).count(), 2, "{screen}");
        let after = office.simulator.counts();
        assert_eq!(
            (after.codes_sent - before.codes_sent, after.cancelled - before.cancelled),
            (1, 1)
        );
    }
}

#[test]
fn a_token_that_is_out_of_step_shows_its_next_code_too() {
    let office = Office::signed_up(|scenario| {
        let mut rsa = Factor::rsa();
        rsa.next_code = Some("915027".to_owned());
        scenario.user().factors = vec![rsa];
    });
    let mut pty = on_a_terminal(&office);
    pty.expect("Code from RSA SecurID: ").send_line("480362");
    pty.expect("Okta: the token is out of step; wait until it shows another code.\n");
    pty.expect("The token's next code: ").send_line("915 027");
    done(pty);
    assert_eq!(office.calls_since(0), "authn verify verify app app saml");
}

#[test]
fn the_answer_to_a_question_is_not_shown() {
    let office = Office::signed_up(|scenario| scenario.user().factors = vec![Factor::question()]);
    let mut pty = on_a_terminal(&office);
    pty.expect("Name of your first stuffed animal? ").send_line("somebody else");
    pty.expect("Okta did not accept the code or answer")
        .expect("Name of your first stuffed animal? ");
    pty.send_line("Sir Reginald Fluff");
    let screen = done(pty);
    assert!(!screen.contains("Sir Reginald") && !screen.contains("somebody else"), "{screen}");
    assert_eq!(office.calls_since(0), "authn verify verify app app saml");
}

#[test]
fn the_number_to_match_is_shown_as_soon_as_it_is_known_and_when_it_changes() {
    let office = Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().number(92).polls(["WAITING"]);
    });
    let mut pty = on_a_terminal(&office);
    pty.expect("Okta: push sent to your phone.").expect("Answer 92 there.");
    office.simulator.scenario(|scenario| scenario.factor().number = Some(7));
    pty.expect("Answer 7 there.").send_ctrl_c();
    assert_eq!(pty.wait().0, 130);
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn a_push_needs_no_terminal_and_its_number_is_told_on_stderr() {
    let office = Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().number(92).polls(["WAITING", "SUCCESS"]);
    });
    let output = office.robo(HUB).run().exits(0);
    assert_eq!(
        output.stderr,
        "Okta: push sent to your phone.\nOkta: push sent to your phone. Answer 92 there.\n"
    );
    assert_eq!(output.json()["Version"], 1);
}

fn duo(scenario: &mut Scenario, polls: &[&str]) {
    scenario.user().factors = vec![Factor::duo().polls(polls.iter().copied())];
}

/// The calls of a sign-in by Duo, after the password: Okta hands over, Duo asks, Okta hears of it.
const DUO: &str = "authn verify auth prompt status … duoCallback verify app app saml";

#[test]
fn duo_pushes_without_a_question() {
    let office = Office::signed_up(|scenario| duo(scenario, &["SUCCESS"]));
    let output = office.robo(HUB).run().exits(0);
    assert_eq!(output.stderr, "Duo: push sent to your phone.\n");
    assert_eq!(office.calls_since(0), DUO);
    assert_eq!((office.simulator.counts().pushes, office.simulator.counts().codes_sent), (1, 0));
}

#[test]
fn duo_s_frame_is_understood_in_each_of_its_forms() {
    let office = Office::signed_up(|_| {});
    for (hidden_fields, result_url, calls) in [
        (true, true, "auth auth prompt status …"),
        (true, false, "auth auth prompt status"),
        (false, false, "auth prompt status"),
    ] {
        let (output, made) = office.try_with(HUB, |scenario| {
            duo(scenario, &["SUCCESS"]);
            (scenario.duo.hidden_fields, scenario.duo.result_url) = (hidden_fields, result_url);
        });
        output.exits(0);
        let made = made.trim_start_matches("app ");
        assert_eq!(made, DUO.replace("auth prompt status …", calls));
    }
}

#[test]
fn duo_calls_or_takes_a_passcode_where_that_is_asked_for() {
    let office = Office::signed_up(|_| {});
    let call: &[&str] = &["--mfa-factor-type", "call"];
    office.turn_to(|scenario| duo(scenario, &["SUCCESS"]));
    let output = office.robo(HUB.iter().chain(call)).run().exits(0);
    assert_eq!(output.stderr, "Duo: calling your phone.\n");
    assert_eq!((office.simulator.counts().pushes, office.simulator.counts().codes_sent), (0, 1));

    for ways in [["--mfa-factor-type", "passcode"], ["--mfa-duo-device", "token"]] {
        office.turn_to(|scenario| {
            duo(scenario, &[]);
            scenario.factor().codes.push("7104862".to_owned());
        });
        let mut pty =
            office.robo(["aws.exec"].iter().chain(&ways).chain(&SHOWN[1..])).arg(ROLE).pty();
        pty.expect("Code from Duo: ").send_line("7104862");
        done(pty);
    }
    assert_eq!(office.simulator.counts().pushes, 0);
}

#[test]
fn duo_asks_the_device_that_is_named() {
    let office = Office::signed_up(|_| {});
    let only = |scenario: &mut Scenario| {
        duo(scenario, &["SUCCESS"]);
        scenario.duo.devices.remove("phone1");
    };
    let refused = |status: &str| {
        format!(
            "error: Duo did not accept that\n  cause: {status}\n  hint: is --mfa-duo-device right, and the phone enrolled? phone1 is the first one\n"
        )
    };
    let (output, calls) = office.try_with(HUB, only);
    crate::wording::failed(&output, 5, &refused("That device is not known."));
    assert!(calls.ends_with("authn verify auth prompt cancel"), "{calls}");
    // The profile names the other one.
    office.edit_config("[profile okta-hub]\n", "[profile okta-hub]\nmfa_duo_device = phone2\n");
    office.try_with(HUB, only).0.exits(0);
}

#[test]
fn what_duo_refuses_is_told_and_ends_the_sign_in() {
    let office = Office::signed_up(|_| {});
    let security = "if that was not you, somebody else tried to sign in: tell your security team";
    let cases = [
        ("REJECTED", "Duo's question was answered with no", "Login request denied.", security),
        (
            "TIMEOUT",
            "Duo was not answered in time",
            "Login timed out.",
            "is the phone at hand and online?",
        ),
    ];
    for (result, sentence, status, hint) in cases {
        let (output, calls) = office.try_with(HUB, |scenario| duo(scenario, &[result]));
        crate::wording::failed(
            &output,
            5,
            &format!(
                "Duo: push sent to your phone.\nerror: {sentence}\n  cause: {status}\n  hint: {hint}\n"
            ),
        );
        assert!(calls.ends_with("authn verify auth prompt status cancel"), "{calls}");
    }
}
