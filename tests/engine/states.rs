//! Where a sign-in at Okta can stand, and every error that it can answer: a sentence, a next step,
//! the exit code, and nothing sent twice.

use robo_simulator::{Factor, Fault, LoginState};

use crate::common::{Office, USER};
use crate::wording::{HUB, failed};

#[test]
fn each_state_in_which_okta_stops_has_its_sentence_and_its_next_step() {
    let office = Office::signed_up(|_| {});
    let browser = "sign in at https://<okta> in the browser";
    let change = "at https://<okta>, then 'robo aws.add' stores the new one";
    let cases = [
        (
            LoginState::PasswordExpired,
            "your Okta password has expired (<okta>)",
            format!("change it {change}"),
        ),
        (
            LoginState::PasswordReset,
            "Okta wants your password to be reset (<okta>)",
            format!("do it {change}"),
        ),
        (
            LoginState::Recovery,
            "your Okta account is being recovered (<okta>)",
            format!("{browser} and finish that"),
        ),
        (
            LoginState::RecoveryChallenge,
            "your Okta account is being recovered (<okta>)",
            format!("{browser} and finish that"),
        ),
        (
            LoginState::MfaEnroll,
            "Okta wants you to set up a second factor first (<okta>)",
            format!("{browser} and set one up, best Okta Verify"),
        ),
        (
            LoginState::MfaEnrollActivate,
            "a second factor at Okta is set up half-way (<okta>)",
            format!("{browser} and finish that"),
        ),
        (
            LoginState::Unauthenticated,
            "Okta asks for the password again (<okta>)",
            "try again".to_owned(),
        ),
        (
            LoginState::Unknown("NEWER_\u{1b}[2JTHAN_ROBO".to_owned()),
            "Okta asks for a step that robo does not know: NEWER_\\u{1b}[2JTHAN_ROBO (<okta>)",
            format!("{browser} to see what it is"),
        ),
    ];
    for (state, sentence, hint) in cases {
        let (output, calls) = office.try_with(HUB, |scenario| {
            scenario.user().state = state;
            scenario.user().factors.clear();
        });
        failed(&output, 5, &format!("error: {sentence}\n  hint: {hint}\n"));
        // What was begun is ended; a session that is over was tried before it.
        assert_eq!(calls.trim_start_matches("app "), "authn cancel", "{sentence}");
    }
    assert_eq!(office.simulator.counts().passwords(USER).refused, 0);
}

#[test]
fn what_can_be_left_for_later_is_skipped() {
    let office = Office::signed_up(|_| {});
    for state in [LoginState::PasswordWarn, LoginState::MfaEnrollOptional] {
        let (output, calls) = office.try_with(HUB, |scenario| {
            scenario.user().state = state;
            scenario.user().factors.clear();
        });
        assert_eq!(output.exits(0).stderr, "");
        assert_eq!(calls.trim_start_matches("app "), "authn skip app app saml");
    }
}

#[test]
fn a_password_that_has_expired_is_known_only_behind_the_second_factor() {
    let office = Office::signed_up(|scenario| {
        scenario.user().state = LoginState::PasswordExpired;
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
    });
    let output = office.robo(HUB).run().exits(5);
    assert!(output.stderr.contains("your Okta password has expired"), "{output}");
    assert_eq!(office.calls_since(0), "authn verify verify cancel");
    // It was right, so a changed one is all that is missing.
    office.simulator.scenario(|scenario| {
        scenario.user().state = LoginState::Normal;
        scenario.user().password = "a newer one".to_owned();
    });
    office.store_password("a newer one");
    office.robo(HUB).run().exits(0);
}

#[test]
fn a_locked_account_that_okta_shows_is_told_as_such() {
    let office = Office::signed_up(|scenario| {
        scenario.user().state = LoginState::LockedOut;
        scenario.okta.show_lockout = true;
    });
    let output = office.robo(HUB).run();
    assert_eq!(output.status, 5);
    assert_eq!(
        office.wording(&output.stderr),
        "error: your Okta account is locked (<okta>)\n  \
         hint: unlock it at https://<okta>, wait, or ask whoever runs Okta\n"
    );
    assert_eq!(office.calls_since(0), "authn");
    // The password was not what was wrong: once the account is free it is good again.
    office.simulator.scenario(|scenario| {
        scenario.user().state = LoginState::Normal;
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
    });
    office.robo(HUB).run().exits(0);
}

const ADMIN: &str = "ask whoever runs Okta at your company";
const UNLOCK: &str = "unlock it at https://<okta>, wait, or ask whoever runs Okta at your company";

/// Code, exit code, sentence, next step.
const CODES: [(&str, i32, &str, &str); 20] = [
    ("E0000001", 5, "Okta found the request not valid", ADMIN),
    ("E0000003", 1, "Okta could not read the request", "is it an Okta domain?"),
    ("E0000005", 5, "Okta does not know the session any more", "try again"),
    ("E0000006", 5, "Okta does not permit this account to do that", ADMIN),
    ("E0000007", 5, "Okta does not find what was asked for", ADMIN),
    ("E0000009", 1, "Okta has trouble of its own", "see https://status.okta.com, then try again"),
    ("E0000011", 5, "the sign-in at Okta ran out of time", "try again"),
    ("E0000014", 5, "Okta did not change the credentials", ADMIN),
    ("E0000015", 5, "Okta does not offer this to your account", ADMIN),
    (
        "E0000058",
        5,
        "the app asks for a second factor of its own",
        "sign in to it in the browser once, or ask whoever runs Okta",
    ),
    ("E0000068", 5, "Okta did not accept the code or answer", "try again"),
    ("E0000069", 5, "your Okta account is locked: too many wrong codes", UNLOCK),
    ("E0000070", 5, "Okta still waits for an acknowledgement", "try again"),
    ("E0000079", 5, "Okta did not expect this step now", "try again"),
    ("E0000082", 5, "that code was used before", "wait for the next one"),
    (
        "E0000083",
        5,
        "that code is from another moment",
        "is the clock right on the device that shows the code?",
    ),
    (
        "E0000109",
        5,
        "Okta sent a text message less than 30 seconds ago",
        "use that one, or wait half a minute",
    ),
    (
        "E0000118",
        5,
        "Okta sent an email less than 30 seconds ago",
        "use the code in it, or wait half a minute",
    ),
    ("E0000119", 5, "your Okta account is locked", UNLOCK),
    ("E0000133", 5, "Okta called less than 30 seconds ago", "use that code, or wait half a minute"),
];

/// What is said before the password goes out a second time.
const AGAIN: &str = "Okta: it forgot this sign-in; beginning it once more.\n";

#[test]
fn each_error_of_okta_s_ends_the_sign_in_with_its_sentence() {
    let office = Office::signed_up(|_| {});
    for (code, exit, sentence, hint) in CODES {
        for (endpoint, calls) in [
            ("okta POST /api/v1/authn", "authn"),
            ("okta POST /api/v1/authn/factors/…/verify", "authn verify cancel"),
        ] {
            let (output, made) = office.try_with(HUB, |scenario| {
                scenario.faults = vec![Fault::on(endpoint).okta_error(code)];
            });
            assert_eq!((output.status, output.stdout.as_str()), (exit, ""), "{code} {output}");
            let again = if code == "E0000011" { AGAIN } else { "" };
            // There was no state token that could have run out.
            let (sentence, hint) = match (code, calls) {
                ("E0000011", "authn") => (
                    "Okta takes no password from robo",
                    "try again; if it stays so, ask whoever runs Okta whether one may sign in by password",
                ),
                _ => (sentence, hint),
            };
            let begins = format!("{again}error: {sentence} (<okta>)\n  cause: {code}: ");
            let ends = format!(" (error id <id>)\n  hint: {hint}\n");
            assert!(output.stderr.starts_with(&begins), "{code} {output}");
            assert!(output.stderr.ends_with(&ends), "{code} {output}");
            let calls = match (code, calls) {
                // Okta has forgotten the sign-in: it is begun once more, and no more than that.
                ("E0000011", "authn") => "authn authn",
                ("E0000011", _) => "authn verify authn verify",
                // Where the sign-in stands is looked up once, which sends no password.
                ("E0000079", "authn verify cancel") => "authn verify authn verify cancel",
                _ => calls,
            };
            assert_eq!(made, calls, "{code} at {endpoint}");
        }
    }
    let passwords = office.simulator.counts().passwords(USER);
    assert_eq!((passwords.accepted, passwords.refused), (21, 0));
}

#[test]
fn a_device_that_okta_does_not_like_any_more_is_forgotten_once() {
    // The first sign-in brings the device cookie.
    let office = Office::signed_up(|scenario| scenario.user().factors.clear());
    office.robo(HUB).run().exits(0);
    for code in ["E0000001", "E0000005", "E0000006", "E0000011"] {
        let fault = Fault::on("okta POST /api/v1/authn").okta_error(code).first(1);
        let (output, calls) = office.try_with(HUB, |scenario| {
            scenario.faults = vec![fault];
            scenario.user().factors.clear();
        });
        assert_eq!(output.exits(0).stderr, AGAIN, "{code}");
        assert_eq!(calls, "app authn authn app app saml", "{code}");
    }
}

#[test]
fn a_state_token_that_ran_out_begins_the_sign_in_once_more() {
    let office = Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        let fault = Fault::on("okta POST /api/v1/authn/factors/…/verify").okta_error("E0000011");
        scenario.faults = vec![fault.nth(2)];
    });
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(0), "authn verify verify authn verify verify app app saml");
}
