//! Which second factor is answered, and whether one is asked for at all.

use robo_simulator::{Factor, Fault, Scenario};

use crate::common::{Office, Run};
use crate::wording::{HUB, NO_KEY, failed};

/// Two that need no typing: Okta's push and Duo's.
fn two(scenario: &mut Scenario) {
    scenario.user().factors =
        vec![Factor::push().polls(["SUCCESS"]), Factor::duo().polls(["SUCCESS"])];
}

const OKTA: &str = "Okta: push sent to your phone.\n";
const DUO: &str = "Duo: push sent to your phone.\n";

/// Runs up to where Okta is asked for a factor, which has to be that one. Okta refuses then, so
/// that nobody waits for a phone.
#[track_caller]
fn asks_for(office: &Office, run: Run, factor: &str, change: impl FnOnce(&mut Scenario)) {
    office.turn_to(|scenario| {
        change(scenario);
        let verify = Fault::on("okta POST /api/v1/authn/factors/…/verify");
        scenario.faults = vec![verify.okta_error("E0000006")];
    });
    let before = office.simulator.calls().len();
    run.run().exits(5);
    let calls = office.simulator.calls();
    let asked = calls[before..].iter().find(|call| call.path.ends_with("/verify")).unwrap();
    assert_eq!(asked.path, format!("/api/v1/authn/factors/{factor}/verify"));
}

#[test]
fn a_flag_goes_before_the_environment_the_profile_and_the_org() {
    let office = Office::signed_up(|_| {});
    let config = office.sandbox.read_config();
    // What flag, environment, profile, source profile and [okta] say, and who is asked.
    let cases = [
        (["DUO", "OKTA", "OKTA", "OKTA", "OKTA"], "webduo"),
        (["", "DUO", "OKTA", "OKTA", "OKTA"], "webduo"),
        (["", "", "DUO", "OKTA", "OKTA"], "webduo"),
        (["", "", "", "DUO", "OKTA"], "webduo"),
        (["", "", "", "", "DUO"], "webduo"),
        (["OKTA", "DUO", "DUO", "DUO", "DUO"], "pushokta"),
        (["", "okta", "DUO", "DUO", "DUO"], "pushokta"),
    ];
    for (key, flag, variable) in [
        ("mfa_provider", "--mfa-provider", "AWS_OKTA_MFA_PROVIDER"),
        ("mfa_factor_type", "--mfa-factor-type", "AWS_OKTA_MFA_FACTOR_TYPE"),
    ] {
        for (said, want) in cases {
            let kind = |word: &str| match (key, word) {
                ("mfa_factor_type", "DUO") => "web".to_owned(),
                ("mfa_factor_type", "OKTA") => "push".to_owned(),
                ("mfa_factor_type", "okta") => "PUSH".to_owned(),
                _ => word.to_owned(),
            };
            let [on_the_line, environment, profile, source, org] = said.map(kind);
            let mut config = config.clone();
            for (section, word) in
                [("[profile dev]", &profile), ("[profile okta-hub]", &source), ("[okta]", &org)]
            {
                if !word.is_empty() {
                    config = config.replace(section, &format!("{section}\n{key} = {word}"));
                }
            }
            office.sandbox.write_config(config);
            let mut run = office.robo(["aws.credentials", "dev", "--no-cache"]);
            if !on_the_line.is_empty() {
                run = run.arg(flag).arg(on_the_line);
            }
            if !environment.is_empty() {
                run = run.env(variable, environment);
            }
            asks_for(&office, run, want, two);
        }
    }
}

#[test]
fn the_one_that_was_used_last_is_taken_without_a_question() {
    let office = Office::signed_up(two);
    let by_flag = ["--mfa-provider", "DUO"];
    let output = office.robo(HUB.iter().chain(&by_flag)).run().exits(0);
    assert_eq!(output.stderr, DUO);
    office.simulator.end_sessions();
    assert_eq!(office.robo(HUB).run().exits(0).stderr, DUO);
    // It has been set up anew since, under another id.
    asks_for(&office, office.robo(HUB), "another", |scenario| {
        two(scenario);
        scenario.user().factors[1].id = "another".to_owned();
    });
    // It is there no more.
    asks_for(&office, office.robo(HUB), "pushokta", |scenario| {
        two(scenario);
        scenario.user().factors.pop();
    });
}

#[test]
fn several_are_picked_from_on_a_terminal_and_the_pick_is_remembered() {
    let office = Office::signed_up(|scenario| {
        two(scenario);
        scenario.user().factors.extend([Factor::totp(), Factor::sms(), Factor::webauthn()]);
    });
    let on_a_terminal = || office.robo(["aws.exec", "okta-hub", "--no-cache", "--", "true"]).pty();
    let mut pty = on_a_terminal();
    pty.expect(&format!("Okta: a security key is left out: {NO_KEY}.\n"));
    pty.expect("Second factor").expect("Okta Verify (push)").expect("Duo");
    pty.expect("Okta Verify (code, totp)").expect("a text message to +1 XXX-XXX-1337 (sms)");
    // What flags call a factor finds it, too.
    pty.send("sms").expect("> a text message").send("\x7f\x7f\x7f");
    pty.send("totp").expect("> Okta Verify (code, totp)").send("\r");
    pty.expect("Code from Okta Verify: ").send_line("480362");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert_eq!(office.simulator.counts().pushes, 0);

    office.simulator.end_sessions();
    office.simulator.scenario(|scenario| scenario.user().factors[2].reusable = true);
    let mut pty = on_a_terminal();
    // Used once, the code is used up, so it is another one now.
    office
        .simulator
        .scenario(|scenario| scenario.user().factors[2].codes = vec!["555555".to_owned()]);
    pty.expect("Code from Okta Verify: ").send_line("555555");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains("Second factor"), "{screen}");
}

#[test]
fn no_key_is_lost_between_two_that_the_picker_reads() {
    let office = Office::signed_up(|scenario| {
        two(scenario);
        scenario.user().factors.push(Factor::totp());
    });
    let mut pty = office.robo(["aws.exec", "okta-hub", "--no-cache", "--", "true"]).pty();
    pty.expect("Second factor").expect("Okta Verify (code, totp)");
    // A terminal that edits lines between two keys would take a backspace for itself.
    for key in ["z", "\x7f"].repeat(200) {
        pty.send(key);
        assert!((0..1000).all(|_| !pty.edits_lines()), "after {key:?}");
    }
    pty.send("totp").expect("> Okta Verify (code, totp)").send("\r");
    pty.expect("Code from Okta Verify: ");
    assert!(pty.edits_lines(), "a question of one line");
    pty.send_line("480362");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
}

#[test]
fn a_factor_that_is_not_set_up_names_those_that_are() {
    let office = Office::signed_up(|_| {});
    let run = |args: &[&str]| {
        let (output, calls) = office.try_with(HUB.iter().chain(args), two);
        assert!(calls.ends_with("authn cancel"), "{calls}");
        output
    };
    for (args, asked) in [
        (&["--mfa-provider", "GOOGLE"][..], "GOOGLE"),
        (&["--mfa-factor-type", "sms"], "sms"),
        (&["--mfa-provider", "OKTA", "--mfa-factor-type", "web"], "OKTA web"),
        (&["--mfa-factor-type", "\u{1b}[2J"], "\\u{1b}[2J"),
    ] {
        failed(
            &run(args),
            1,
            &format!(
                "error: the second factor '{asked}' is not set up for you at <okta>\n  \
                 hint: Okta Verify (push): --mfa-provider OKTA --mfa-factor-type push\n  \
                 hint: Duo: --mfa-provider DUO --mfa-factor-type web\n"
            ),
        );
    }
}

#[test]
fn what_a_terminal_cannot_do_is_left_out_and_where_nothing_is_left_that_is_said() {
    let office = Office::signed_up(|_| {});
    let old = "it is a security key of the kind that browsers have given up: set it up anew, as a WebAuthn one";
    let page =
        "it opens another provider's page (Duo's Universal Prompt, for one), which needs a browser";
    let (output, _) = office.try_with(HUB, |scenario| {
        scenario.user().factors = vec![
            Factor::u2f(),
            Factor::webauthn(),
            Factor::claims_provider(),
            Factor::push().polls(["SUCCESS"]),
        ];
    });
    let expected = format!(
        "Okta: a security key (U2F) is left out: {old}.\n\
         Okta: a security key is left out: {NO_KEY}.\n\
         Okta: CUSTOM in the browser is left out: {page}.\n{OKTA}"
    );
    assert_eq!(output.exits(0).stderr, expected);

    let (output, calls) = office.try_with(HUB, |scenario| {
        scenario.user().factors = vec![Factor::webauthn(), Factor::claims_provider()];
    });
    failed(
        &output,
        5,
        &format!(
            "error: Okta's second factor cannot be answered in a terminal: a security key, CUSTOM in the browser\n  \
             hint: a security key: {NO_KEY}\n  \
             hint: CUSTOM in the browser: {page}\n  \
             hint: set up Okta Verify (push or code) at https://<okta>/enduser/settings, or ask whoever runs Okta\n"
        ),
    );
    assert!(calls.ends_with("authn cancel"), "{calls}");
}

#[test]
fn a_device_is_remembered_where_that_is_wished_and_okta_lets_it() {
    // Settings, `mfa_remember_device` under [okta], what Okta's policy says; whether it is.
    let cases = [
        (None, None, true, false),
        (Some("true"), None, true, true),
        (None, Some("true"), true, true),
        (Some("false"), Some("true"), true, false),
        (Some("true"), None, false, false),
    ];
    for (settings, config, policy, remembered) in cases {
        let office = Office::signed_up(|scenario| {
            scenario.user().factors = vec![Factor::question()];
            scenario.okta.remember_device = policy;
        });
        if let Some(value) = settings {
            let settings = format!("remember_device = {value}\n");
            office.sandbox.write("settings/robo/settings.toml", settings);
        }
        if let Some(value) = config {
            office.edit_config("[okta]\n", &format!("[okta]\nmfa_remember_device = {value}\n"));
        }
        let folder = office.sandbox.path("settings");
        let robo = || office.robo(HUB).env("XDG_CONFIG_HOME", &folder);
        let mut pty = robo().pty();
        pty.expect("Name of your first stuffed animal? ").send_line("Sir Reginald Fluff");
        let (status, screen) = pty.wait();
        assert_eq!(status, 0, "{screen}");

        // The next time nobody is there to answer. Forgetting the session keeps the device.
        let case = format!("{settings:?} {config:?} {policy}");
        let (exit, calls) =
            if remembered { (0, "authn app app saml") } else { (4, "authn cancel") };
        office.simulator.end_sessions();
        for _ in 0..2 {
            let before = office.simulator.calls().len();
            robo().run().exits(exit);
            assert_eq!(office.calls_since(before).trim_start_matches("app "), calls, "{case}");
            office.robo(["aws.logout"]).run().exits(0);
        }
    }
}
