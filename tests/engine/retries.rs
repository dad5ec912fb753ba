//! A second factor that is refused, and what is done then: never a second password.

use std::thread;
use std::time::Duration;

use robo_simulator::Factor;

use crate::common::{Office, Pty, USER};
use crate::wording::{HUB, failed};

fn on_a_terminal(office: &Office) -> Pty {
    office.robo(["aws.exec", "okta-hub", "--no-cache", "--", "echo", "done"]).pty()
}

#[test]
fn each_end_of_a_push_has_its_sentence_and_ends_the_sign_in() {
    let clock = "is the clock right on the device that shows the code?";
    let cases = [
        (
            "REJECTED",
            "the push was rejected on the phone\n",
            "if that was not you, somebody else tried to sign in: tell your security team",
        ),
        (
            "TIMEOUT",
            "the push was not answered in time\n",
            "is the phone at hand and online? Run it again for another push",
        ),
        ("CANCELLED", "the second factor was cancelled\n", "run it again to be asked anew"),
        (
            "ERROR",
            "Okta could not ask for the second factor\n",
            "try again, or choose another factor",
        ),
        ("PASSCODE_REPLAYED", "that code was used before\n", "wait for the next one"),
        ("TIME_WINDOW_EXCEEDED", "that code is from another moment\n", clock),
        (
            "NEW\u{1b}[2J",
            "Okta did not accept the second factor\n  cause: NEW\\u{1b}[2J\n",
            "try again",
        ),
    ];
    // All at once, for each waits half a second.
    thread::scope(|scope| {
        for (result, sentence, hint) in cases {
            scope.spawn(move || {
                let push = Factor::push().polls([result]);
                let office = Office::signed_up(|scenario| *scenario.factor() = push);
                let told = "Okta: push sent to your phone.\n";
                let stderr = format!("{told}error: {sentence}  hint: {hint}\n");
                failed(&office.robo(HUB).run(), 5, &stderr);
                assert_eq!(office.calls_since(0), "authn verify verify cancel", "{result}");
            });
        }
    });
}

#[test]
fn a_rejected_push_is_sent_again_or_left_as_the_person_says() {
    let office = Office::signed_up(|_| {});
    let reject = |first: &str| {
        let mut push = Factor::push();
        push.pushes = vec![vec![first.to_owned()], vec!["SUCCESS".to_owned()]];
        push
    };
    let question = "Try it (a)gain, or (s)top? ";
    let cases = [
        ("REJECTED", "a", 0, "authn verify verify previous verify verify app app saml", 2),
        // One that ran out is the same push, sent once more.
        ("TIMEOUT", "a", 0, "authn verify verify resend verify app app saml", 2),
        ("REJECTED", "s", 125, "authn verify verify cancel", 1),
    ];
    for (result, answer, exit, calls, pushes) in cases {
        office.turn_to(|scenario| *scenario.factor() = reject(result));
        let before = (office.simulator.calls().len(), office.simulator.counts().pushes);
        let mut pty = on_a_terminal(&office);
        pty.expect("Okta: the push was ").expect(question).send_line(answer);
        let (status, screen) = pty.wait();
        assert_eq!(status, exit, "{screen}");
        assert_eq!(office.calls_since(before.0).trim_start_matches("app "), calls);
        assert_eq!(office.simulator.counts().pushes - before.1, pushes);
    }
}

#[test]
fn another_factor_takes_the_place_of_one_that_was_refused() {
    let office = Office::signed_up(|scenario| {
        scenario.user().factors = vec![Factor::push().polls(["REJECTED"]), Factor::totp()];
    });
    let mut pty = office
        .robo(["aws.exec", "okta-hub", "--mfa-factor-type", "push", "--", "echo", "done"])
        .pty();
    pty.expect("Try it (a)gain, take an(o)ther factor, or (s)top? ").send_line("o");
    pty.expect("Second factor").expect("Okta Verify (code, totp)").send("code");
    pty.expect("> Okta Verify (code, totp)").send("\r");
    pty.expect("Code from Okta Verify: ").send_line("480362");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert_eq!(office.calls_since(0), "authn verify verify previous verify app app saml");
}

#[test]
fn ctrl_c_while_a_phone_is_waited_for_takes_the_push_back() {
    for signal in ["INT", "TERM", "HUP"] {
        let office = Office::signed_up(|scenario| {
            *scenario.factor() = Factor::push().polls(["WAITING"]);
        });
        let mut pty = on_a_terminal(&office);
        pty.expect("Okta: push sent to your phone.");
        if signal == "INT" {
            pty.send_ctrl_c();
        } else {
            let process = pty.id().to_string();
            office.sandbox.program("kill", [&format!("-{signal}"), &process]).run().exits(0);
        }
        let (status, screen) = pty.wait();
        assert_eq!(status, 130, "{signal} {screen}");
        assert!(!screen.contains("done"), "{screen}");
        let counts = office.simulator.counts();
        assert_eq!(
            (counts.okta("POST /api/v1/authn/cancel"), counts.cancelled),
            (1, 1),
            "{signal}"
        );
        assert_eq!((counts.okta("POST /api/v1/authn"), counts.pushes), (1, 1), "{signal}");
    }
}

#[test]
fn ctrl_c_while_okta_does_not_answer_does_not_wait_for_it() {
    let office = Office::signed_up(|_| {});
    let held = office.simulator.hold("okta POST /api/v1/authn/factors/…/verify");
    let mut pty = on_a_terminal(&office);
    let verify =
        |counts: &robo_simulator::Counts| counts.okta("POST /api/v1/authn/factors/…/verify") == 1;
    assert!(office.simulator.wait_for(verify, Duration::from_secs(60)));
    pty.send_ctrl_c();
    let (status, screen) = pty.wait();
    assert_eq!(status, 130, "{screen}");
    drop(held);
}

#[test]
fn ctrl_c_at_a_question_leaves_nothing_at_okta_and_the_terminal_as_it_was() {
    let office = Office::signed_up(|scenario| scenario.user().factors = vec![Factor::question()]);
    // A shell that goes on after robo, and shows whether the terminal still echoes.
    let shell = "stty echo; \"$0\" aws.credentials okta-hub; code=$?; stty -a | grep -o -- '-\\?echo ' ; echo \"ended $code\"";
    let robo = env!("CARGO_BIN_EXE_robo");
    let mut pty = office.inside(office.sandbox.program("sh", ["-ic", shell, robo])).pty();
    pty.expect("Name of your first stuffed animal? ").send("Sir Reg").send_ctrl_c();
    pty.expect("ended 130");
    let (_, screen) = pty.wait();
    assert!(screen.contains("\necho \n") && !screen.contains("Sir Reg"), "{screen}");
    let counts = office.simulator.counts();
    assert_eq!((counts.cancelled, counts.okta("POST /api/v1/authn")), (1, 1));
}

#[test]
fn a_wrong_code_is_asked_again_without_another_password() {
    let office = Office::signed_up(|scenario| {
        let mut totp = Factor::totp();
        totp.late_codes = vec!["222222".to_owned()];
        scenario.user().factors = vec![totp];
    });
    let mut pty = on_a_terminal(&office);
    pty.expect("Code from Okta Verify: ").send_line("111111");
    pty.expect("Okta did not accept the code or answer (").expect("Code from Okta Verify: ");
    pty.send_line("222222");
    pty.expect("Okta: that code is from another moment (").expect("Code from Okta Verify: ");
    pty.send_line("480362").expect("done");
    assert_eq!(pty.wait().0, 0);
    assert_eq!(office.calls_since(0), "authn verify verify verify app app saml");

    // The next one is a code that was used before.
    office.simulator.end_sessions();
    office.simulator.scenario(|scenario| scenario.factor().codes.push("650713".to_owned()));
    let mut pty = on_a_terminal(&office);
    pty.expect("Code from Okta Verify: ").send_line("480362");
    pty.expect("Okta: that code was used before (").expect("Code from Okta Verify: ");
    pty.send_line("650713").expect("done");
    assert_eq!(pty.wait().0, 0);
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 2);
}

#[test]
fn five_wrong_codes_stop_before_okta_locks_the_account() {
    let office = Office::signed_up(|scenario| {
        scenario.user().factors = vec![Factor::totp()];
        scenario.okta.lock_after_codes = 6;
    });
    let mut pty = office.robo(HUB).pty();
    for _ in 0..5 {
        pty.expect("Code from Okta Verify: ").send_line("111111");
    }
    let (status, screen) = pty.wait();
    assert_eq!(status, 5, "{screen}");
    let told = "error: 5 wrong codes from Okta Verify (code)\n  \
                cause: Okta did not accept the code or answer (<okta>)\n";
    let screen = office.wording(&screen);
    assert!(screen.contains(told), "{screen}");
    assert!(screen.ends_with("  hint: no more are sent now: a few more would lock the account\n"));
    assert_eq!(office.calls_since(0), "authn verify verify verify verify verify cancel");
}

#[test]
fn an_account_that_wrong_codes_locked_is_told_as_such() {
    let office = Office::signed_up(|scenario| {
        scenario.user().factors = vec![Factor::totp()];
        scenario.okta.lock_after_codes = 2;
    });
    let mut pty = office.robo(HUB).pty();
    for _ in 0..2 {
        pty.expect("Code from Okta Verify: ").send_line("111111");
    }
    let (status, screen) = pty.wait();
    assert_eq!(status, 5, "{screen}");
    assert!(
        screen.contains("error: your Okta account is locked: too many wrong codes ("),
        "{screen}"
    );
    assert_eq!(office.simulator.counts().passwords(USER).accepted, 1);
}
