//! Signing in in the browser: device authorization, token exchange, web SSO.

use std::os::unix::fs::PermissionsExt as _;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use regex::Regex;
use robo_simulator::scenario::Access;
use robo_simulator::{App, Counts, Fault, Scenario};

use crate::common::office::{PASSPHRASE, PASSWORD, USER};
use crate::common::{Office, Output, PATIENCE};
use crate::wording::{HUB, failed};

/// The line that configures the simulator's client.
pub(crate) const CLIENT: &str = "okta_client_id = 0oasim2cli3ent4";

/// An office whose org runs on Identity Engine and answers no password; nothing is stored.
pub(crate) fn office(change: impl FnOnce(&mut Scenario)) -> Office {
    let office = Office::with(|scenario| {
        scenario.okta.pipeline = "idx".to_owned();
        scenario.okta.authn = false;
        change(scenario);
        // Where a test wants a password taken, it says so.
        if scenario.user().factors.is_empty() {
            scenario.okta.authn = true;
        }
    });
    with_client(&office);
    office
}

/// Configures the client.
pub(crate) fn with_client(office: &Office) {
    office.edit_config("[okta]\n", &format!("[okta]\n{CLIENT}\n"));
}

/// What is said, with `<code>` for the code.
fn said(office: &Office, output: &Output) -> String {
    let text = office.wording(&output.stderr);
    Regex::new(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b").unwrap().replace_all(&text, "<code>").into_owned()
}

const INVITED: &str = "Okta: sign in at https://<okta>/activate with the code <code>\n\
                       Okta: waiting for you to sign in in the browser.\n";

/// What is said of who signs in, at first and later.
fn signed_in(first: bool) -> String {
    let kept = "It is kept as the Okta account 'default'; 'robo aws.logout --all --account default' forgets it.\n";
    let kept = if first { kept } else { "" };
    format!("{INVITED}Okta: signed in as you@acme.com at <okta>.\n{kept}")
}

/// A whole sign-in, with the first role.
const WHOLE: &str = "authorize token token sso saml";

#[test]
fn a_cold_login_asks_for_no_password_and_makes_no_call_too_many() {
    let office = office(|_| {});
    let run = ["aws.exec", "reader", "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"];
    let output = office.robo(run).run().exits(0);
    assert_eq!(output.stdout, "arn:aws:iam::444444444444:role/data/reader\n");
    assert_eq!(said(&office, &output), signed_in(true));
    let counts = office.simulator.counts();
    assert_eq!(office.calls_since(0), format!("{WHOLE} role role"));
    assert_eq!(counts.all(), 8, "what it runs on, and these: {counts:?}");
    assert_eq!((counts.connections("okta"), counts.early_polls), (1, 0));
    assert!(counts.passwords.is_empty(), "{counts:?}");
    // The session's name on each hop is who signed in.
    let roles = office.simulator.calls().into_iter().filter(|call| call.endpoint == "AssumeRole");
    for call in roles {
        assert_eq!(call.parameters.get("RoleSessionName").map(String::as_str), Some(USER));
    }
    // Warm, and no call at all.
    for profile in ["reader", "dev", "okta-hub"] {
        let output = office.robo(["aws.exec", profile, "--", "true"]).run().exits(0);
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    }
    assert_eq!(office.simulator.counts().all(), counts.all());
}

#[test]
fn the_sign_in_is_used_again_until_it_dies() {
    let office = office(|_| {});
    office.robo(HUB).run().exits(0);
    let before = office.simulator.calls().len();
    assert_eq!(office.robo(HUB).run().exits(0).stderr, "");
    assert_eq!(office.calls_since(before), "token sso saml");
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(
        (&story["okta"]["username"], &story["okta"]["way"]),
        (&USER.into(), &"device".into())
    );
    assert!(story["okta"]["signed_in_until"].is_string(), "{story:#}");
    let story = office.robo(["aws.explain", "dev"]).run().exits(0).stdout;
    assert!(
        story.contains("you@acme.com · signed in\n        signing in in the browser"),
        "{story}"
    );
    // Okta takes it no more: once again, and no more than that.
    office.simulator.end_sessions();
    let before = office.simulator.calls().len();
    let output = office.robo(HUB).run().exits(0);
    assert_eq!(said(&office, &output), signed_in(false));
    assert_eq!(office.calls_since(before), format!("token {WHOLE}"));
    // One that is too short to be of use is not begun with.
    office.simulator.scenario(|scenario| scenario.okta.oauth.token_seconds = 30);
    office.simulator.end_sessions();
    office.robo(HUB).run().exits(0);
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(before), WHOLE);
}

#[test]
fn any_number_of_commands_sign_in_once() {
    let office = office(|_| {});
    let hold = office.simulator.hold("okta POST /oauth2/v1/token");
    let children: Vec<_> = ["dev", "prod", "reader", "okta-hub", "dev", "prod", "reader", "dev"]
        .map(|profile| office.robo(["aws.credentials", profile]).spawn())
        .into();
    let begun = |counts: &Counts| counts.device_codes == 1 && counts.device_polls == 0;
    assert!(office.simulator.wait_for(begun, PATIENCE));
    hold.release();
    for child in children {
        let output = Output::new(&child.wait_with_output().unwrap());
        assert_eq!(output.exits(0).json()["Version"], 1);
    }
    let counts = office.simulator.counts();
    assert_eq!((counts.device_codes, counts.exchanges), (1, 1), "{counts:?}");
    assert_eq!(counts.okta("GET /.well-known/okta-organization"), 1, "{counts:?}");
    assert_eq!((counts.sts("AssumeRoleWithSAML"), counts.sts("AssumeRole")), (1, 3), "{counts:?}");
}

#[test]
fn who_waits_for_a_sign_in_that_is_refused_is_refused_with_it() {
    let office = office(|s| s.okta.oauth.device.polls = vec!["denied".to_owned()]);
    let hold = office.simulator.hold("okta POST /oauth2/v1/token");
    let first = office.robo(HUB).spawn();
    assert!(office.simulator.wait_for(|counts| counts.device_codes == 1, PATIENCE));
    let others = ["dev", "prod"].map(|profile| {
        let mut pty = office.robo(["aws.credentials", profile]).pty();
        pty.expect("Another robo is signing in at");
        pty
    });
    hold.release();
    Output::new(&first.wait_with_output().unwrap()).exits(5).says("refused in the browser");
    for mut other in others {
        let (status, screen) = other.wait();
        assert_eq!(status, 5, "{screen}");
        assert!(screen.contains("refused in the browser"), "{screen}");
    }
    assert_eq!(office.simulator.counts().device_codes, 1);
}

#[test]
fn each_end_has_its_sentence_and_its_next_step() {
    let office = office(|_| {});
    let cases = [
        ("denied", 600, "the sign-in was refused in the browser (<okta>)", "if that was not you"),
        ("expired", 600, "nobody signed in in the browser before the code ran out", "a new code"),
        ("pending", 2, "nobody signed in in the browser before the code ran out", "a new code"),
    ];
    for (poll, seconds, sentence, hint) in cases {
        office.simulator.scenario(|scenario| {
            let device = &mut scenario.okta.oauth.device;
            (device.polls, device.seconds) = (vec![poll.to_owned()], seconds);
        });
        let output = office.robo(HUB).run().exits(5);
        let text = said(&office, &output);
        assert!(text.starts_with(&format!("{INVITED}error: {sentence}")), "{text}");
        assert!(text.contains(hint), "{text}");
        assert_eq!(office.simulator.counts().early_polls, 0);
    }
    // Nobody is known by it, and nothing kept.
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(story["okta"]["username"], serde_json::Value::Null);
}

#[test]
fn a_sign_in_that_does_not_do_for_the_app_names_what_to_change_at_okta() {
    let cases: [(fn(&mut App), fn(&mut Scenario), &str, &str); 5] = [
        (
            |app| app.amr = vec!["mfa".to_owned()],
            |scenario| scenario.okta.oauth.amr = vec!["pwd".to_owned()],
            "asks for a stronger sign-in",
            "the sign-in had one factor alone",
        ),
        (
            |app| app.amr = vec!["hwk".to_owned()],
            |_| {},
            "asks for a stronger sign-in",
            "may be no stricter than",
        ),
        (
            |app| app.new_sign_in_seconds = Some(-1),
            |_| {},
            "asks for a stronger sign-in",
            "asks for a new sign-in 'every time'",
        ),
        (|app| app.device_bound = true, |_| {}, "asks for a stronger sign-in", "has to be 'Any'"),
        (|app| app.clients.clear(), |_| {}, "does not let the client", "Allowed Web SSO Client"),
    ];
    let office = office(|_| {});
    for (at, (app, scenario_too, sentence, hint)) in cases.into_iter().enumerate() {
        let before = office.simulator.counts();
        office.simulator.scenario(|scenario| {
            scenario.okta.apps[0] = App::default();
            app(&mut scenario.okta.apps[0]);
            scenario_too(scenario);
        });
        office.simulator.end_sessions();
        for _ in 0..2 {
            let output = office.robo(HUB).run().exits(5).says(sentence);
            output.says(hint).says("cause: inv");
        }
        let after = office.simulator.counts();
        // What is fresh is not tried twice; the next run has a stronger one made, but where it is
        // the app that does not know the client.
        let codes = if at == 4 { 1 } else { 2 };
        assert_eq!(after.device_codes - before.device_codes, codes, "{hint}");
        office.simulator.scenario(|scenario| scenario.okta.oauth = Default::default());
    }
}

#[test]
fn an_app_that_is_refused_leaves_the_sign_in_to_the_others() {
    let office = office(|_| {});
    office.robo(HUB).run().exits(0);
    office.simulator.scenario(|scenario| scenario.okta.apps[0].clients.clear());
    office.robo(HUB).run().exits(5).says("does not let the client");
    // Nobody comes for a stronger one.
    office.simulator.scenario(|scenario| {
        scenario.okta.apps[0] = App { amr: vec!["hwk".to_owned()], ..App::default() };
        scenario.okta.oauth.device.polls = vec!["expired".to_owned()];
    });
    office.robo(HUB).run().exits(5).says("before the code ran out");
    assert_eq!(office.simulator.counts().device_codes, 2);
    office.simulator.scenario(|scenario| scenario.okta.apps[0] = App::default());
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(before), "token sso saml");
}

#[test]
fn who_waits_is_told_where_to_sign_in_and_begins_anew_where_nobody_did() {
    let office = office(|s| s.okta.oauth.device.polls = vec!["expired".to_owned()]);
    let hold = office.simulator.hold("okta POST /oauth2/v1/token");
    let holder = office.robo(["--no-input", "aws.credentials", "dev"]).spawn();
    let begun = |count: u64| move |counts: &Counts| counts.device_codes == count;
    assert!(office.simulator.wait_for(begun(1), PATIENCE));
    let browser = browser(&office);
    let mut waiting =
        office.robo(["aws.exec", "dev", "--", "echo", "ran"]).env("BROWSER", &browser).pty();
    waiting.expect("Another robo is signing in at");
    waiting.expect("another robo waits for it: sign in at https://").expect("with the code ");
    assert!(!office.sandbox.path("arguments").exists(), "it opens nothing");
    let anew = office.simulator.hold("okta POST /oauth2/v1/device/authorize");
    hold.release();
    let output = Output::new(&holder.wait_with_output().unwrap()).exits(5);
    let output = output.says("before the code ran out");
    let code = Regex::new(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b").unwrap();
    let code = code.find(&output.stderr).unwrap().as_str();
    assert!(waiting.screen().contains(code), "{}", waiting.screen());
    office
        .simulator
        .scenario(|scenario| scenario.okta.oauth.device.polls = vec!["approved".to_owned()]);
    anew.release();
    waiting.expect(KEEP).send_line("y");
    waiting.expect("ran\n");
    assert_eq!(waiting.wait().0, 0);
    assert_eq!(office.simulator.counts().device_codes, 2);
    for lock in std::fs::read_dir(office.sandbox.state().join("locks")).unwrap() {
        let word = std::fs::read_to_string(lock.unwrap().path()).unwrap();
        assert!(!word.contains("activate"), "{word}");
    }
}

#[test]
fn whoever_signs_in_in_the_browser_has_to_be_the_account_s_user() {
    let office = office(|s| s.okta.oauth.device.login = "else@acme.com".to_owned());
    office.store_password(PASSWORD);
    let output = office.robo(["aws.credentials", "dev"]).run().exits(5);
    let output = output.says(
        "else@acme.com signed in in the browser, but the Okta account 'default' is you@acme.com",
    );
    output.says("sign out of https://").says("okta_account_name");
    let counts = office.simulator.counts();
    assert_eq!((counts.exchanges, counts.sts("AssumeRoleWithSAML")), (0, 0));
    // What they gave is of no use here, and not left alive.
    assert_eq!(counts.okta("POST /oauth2/v1/revoke"), 1);
    // As an account of its own it is welcome; the first one's is another sign-in.
    office.edit_config("[profile prod]\n", "[profile prod]\nokta_account_name = side\n");
    office.robo(["aws.credentials", "prod"]).run().exits(0);
    let story = office.robo(["aws.explain", "prod", "--json"]).run().exits(0).json();
    assert_eq!(
        (&story["okta"]["account"], &story["okta"]["username"]),
        (&"side".into(), &"else@acme.com".into())
    );
    office.simulator.scenario(|s| s.okta.oauth.device.login = "YOU@acme.com".to_owned());
    office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(office.simulator.counts().sts("AssumeRoleWithSAML"), 2);
}

#[test]
fn without_an_app_in_the_config_the_one_of_the_list_is_taken() {
    let office = office(|_| {});
    let app = "aws_saml_url = home/amazon_aws/0oa1sim2ula3tor4/272\n";
    office.edit_config(app, "");
    office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(office.calls_since(0), "authorize token appLinks token sso saml role");
    // Said by its id, the list is not asked for, and nothing more than needed may be seen.
    office.edit_config("[okta]\n", "[okta]\nokta_app_id = 0oa1sim2ula3tor4\n");
    office.robo(["aws.logout"]).run().exits(0);
    office.simulator.scenario(|scenario| {
        scenario.okta.oauth.clients[0].scopes = vec!["okta.apps.sso".to_owned()];
    });
    let before = office.simulator.calls().len();
    office.robo(["aws.credentials", "dev"]).run().exits(0);
    assert_eq!(office.calls_since(before), format!("{WHOLE} role"));
    // A client that may not ask for the list.
    office.edit_config("okta_app_id = 0oa1sim2ula3tor4\n", "");
    let output = office.robo(["aws.credentials", "dev", "--no-cache"]).run().exits(5);
    output.says("ask for all that robo needs").says("okta_app_id");
}

#[test]
fn of_several_apps_one_is_picked_or_named() {
    let second = || App {
        path: "/home/amazon_aws/0oa2second/272".to_owned(),
        label: "AWS China".to_owned(),
        ..App::default()
    };
    let office = office(|scenario| scenario.okta.apps.push(second()));
    office.edit_config("aws_saml_url = home/amazon_aws/0oa1sim2ula3tor4/272\n", "");
    let output = office.robo(["aws.credentials", "dev"]).run().exits(4);
    let output = output.says("gives you@acme.com 2 apps for AWS, and the profile names none");
    output
        .says("okta_app_id = 0oa1sim2ula3tor4   in the profile: AWS Account Federation")
        .says("okta_app_id = 0oa2second   in the profile: AWS China");
    let mut pty = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).pty();
    pty.expect("Which AWS app?").expect("AWS China").send("fed").expect("> AWS Account Federation");
    pty.send("\r").expect("'okta_app_id = 0oa1sim2ula3tor4' in the profile answers that for good.");
    pty.expect("ran\n");
    assert_eq!(pty.wait().0, 0);
    // The pick is this profile's alone.
    office.robo(["aws.credentials", "prod"]).run().exits(4);
    assert_eq!(office.simulator.counts().device_codes, 1);
    office.simulator.scenario(|scenario| {
        for app in &mut scenario.okta.apps {
            app.access = Access::NotAssigned;
        }
    });
    let output = office.robo(["aws.credentials", "prod"]).run().exits(5);
    output.says("gives you@acme.com no app for AWS").says("assign the AWS Account Federation app");
}

/// What a newcomer is asked.
const KEEP: &str = "Keep you@acme.com as the Okta account 'default'? [Y/n]";

/// A browser: keeps what it is started with, goes where it is led on this machine, and tells the
/// simulator that it has arrived.
const BROWSER: &str = r#"#!/bin/bash
printf '%s\n' "$@" >"$HOME/arguments"
visit() {
    rest=${1#http://} && host=${rest%%/*}
    exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
    printf 'GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "${rest#*/}" "$host" >&3
    while IFS= read -r -u 3 line && line=${line%$'\r'} && [[ -n $line ]]; do
        [[ ${line,,} == location:* ]] && printf '%s\n' "${line#*: }" >"$HOME/led-to"
    done
    exec 3>&-
}
visit "$1"
visit "$AWS_ENDPOINT_URL_STS/arrived"
"#;

fn browser(office: &Office) -> String {
    office.sandbox.write("browser", BROWSER);
    let path = office.sandbox.path("browser");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_browser_is_led_to_the_page_and_its_arguments_tell_nothing() {
    let office = office(|_| {});
    let browser = browser(&office);
    let hold = office.simulator.hold("okta POST /oauth2/v1/token");
    let mut pty =
        office.robo(["aws.exec", "dev", "--", "echo", "ran"]).env("BROWSER", &browser).pty();
    let arrived = |calls: &[robo_simulator::Call]| calls.iter().any(|call| call.path == "/arrived");
    assert!(office.simulator.wait_for_calls(arrived, PATIENCE));
    hold.release();
    pty.expect(KEEP).send("\r").expect("ran\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    let text = |name: &str| String::from_utf8(office.sandbox.read(name)).unwrap();
    assert!(text("arguments").starts_with("http://127.0.0.1:"), "{}", text("arguments"));
    let host = office.simulator.okta_host();
    let page = format!("https://{host}/activate?user_code=");
    let code = text("led-to").trim().strip_prefix(&page).unwrap().to_owned();
    assert!(screen.contains(&code) && !text("arguments").contains(&code), "{screen}");
    // With a picture of it, for a phone.
    assert!(pty.raw().contains("\x1b[30;107m  █▀▀▀▀▀█ "), "{screen}");
}

#[test]
fn no_browser_is_opened_against_one_s_will() {
    for args in [["--no-browser"], ["--no-input"]] {
        let office = office(|_| {});
        let browser = browser(&office);
        let mut pty = office.robo(HUB).args(args).env("BROWSER", &browser).pty();
        if args == ["--no-browser"] {
            pty.expect(KEEP).send("\r");
        }
        let (status, screen) = pty.wait();
        assert_eq!(status, 0, "{screen}");
        assert!(screen.contains("with the code "), "{screen}");
        // A picture is for who is there to look at it.
        assert_eq!(screen.contains('█'), args == ["--no-browser"], "{screen}");
        assert!(!office.sandbox.path("arguments").exists());
    }
    // One that cannot be started stops nothing, and neither does a small terminal.
    let office = office(|_| {});
    let hold = office.simulator.hold("okta POST /oauth2/v1/device/authorize");
    let mut pty =
        office.robo(["aws.exec", "dev", "--", "echo", "ran"]).env("BROWSER", "/nowhere").pty();
    assert!(office.simulator.wait_for(|counts| counts.all() == 2, PATIENCE));
    pty.resize(30, 24);
    hold.release();
    pty.expect("Keep").send("\r").expect("ran\n");
    let (status, screen) = pty.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains('█'), "{screen}");
}

#[test]
fn nobody_is_sent_to_another_host() {
    let office =
        office(|s| s.okta.oauth.device.page = Some("https://evil.example/activate".to_owned()));
    let browser = browser(&office);
    let output = office.robo(HUB).env("BROWSER", &browser).run().exits(1);
    output.says("leads to another host, evil.example").never_says("with the code");
    assert!(!office.sandbox.path("arguments").exists());
}

#[test]
fn a_host_that_nobody_agreed_to_is_not_even_asked() {
    let office = office(|_| {});
    office.sandbox.write(
        "settings/robo/settings.toml",
        "[trust]\ndotfiles = \"https://git.example.com/dotfiles\"\n",
    );
    let run = office.robo(HUB).env("XDG_CONFIG_HOME", office.sandbox.path("settings"));
    let output = run.run().exits(4);
    failed(
        &Output { stderr: office.wording(&output.stderr), ..output },
        4,
        "error: <okta> is no host that you agreed to sign in at\n  \
         hint: if it is your company's: robo aws.add --domain <okta>\n",
    );
    assert_eq!(office.simulator.counts().all(), 0);
}

#[test]
fn ctrl_c_ends_the_wait_at_once() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let office = office(|s| s.okta.oauth.device.polls = vec!["pending".to_owned()]);
        let child = office.robo(HUB).spawn();
        assert!(office.simulator.wait_for(|counts| counts.device_polls == 1, PATIENCE));
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        let output = Output::new(&child.wait_with_output().unwrap()).exits(130);
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn logging_out_ends_the_sign_in_at_okta() {
    let office = office(|_| {});
    office.robo(HUB).run().exits(0);
    let output = office.robo(["aws.logout"]).run().exits(0);
    // The browser's own session is not robo's to end.
    let output = output.says("Ended robo's sign-in as you@acme.com").never_says("Okta session");
    output.says("the browser's own goes on");
    assert_eq!(office.simulator.counts().okta("POST /oauth2/v1/revoke"), 1);
    let before = office.simulator.calls().len();
    office.robo(HUB).run().exits(0);
    assert_eq!(office.calls_since(before), WHOLE);
    // With --all the account that the browser named goes too.
    let output = office.robo(["aws.logout", "--all"]).run().exits(0);
    output.says("Forgot the account of you@acme.com").never_says("password");
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(story["okta"]["username"], serde_json::Value::Null);
}

#[test]
fn where_nothing_can_be_kept_it_works_all_the_same() {
    let office = office(|_| {});
    let memory = ["aws.exec", "dev", "-b", "memory", "--", "true"];
    office.robo(memory).run().exits(0);
    assert_eq!(office.calls_since(0), format!("{WHOLE} role"), "one sign-in in the browser");
    office.robo(memory).run().exits(0);
    assert_eq!(office.simulator.counts().device_codes, 2);
}

#[test]
fn a_client_that_is_not_set_up_is_told_with_what_is_missing() {
    let office = office(|_| {});
    let cases: [(fn(&mut robo_simulator::scenario::Client), &str, &str); 4] = [
        (
            |client| client.id = "0oaother".to_owned(),
            "does not know the client",
            "check okta_client_id",
        ),
        (|client| client.device = false, "to use device authorization", "turns on the grants"),
        (
            |client| client.token_exchange = false,
            "use the grant Token Exchange",
            "turns on the grants",
        ),
        (|client| client.scopes.clear(), "ask for all that robo needs", "Okta API Scopes"),
    ];
    for (change, sentence, hint) in cases {
        office.simulator.scenario(|scenario| {
            scenario.okta.oauth = Default::default();
            change(&mut scenario.okta.oauth.clients[0]);
        });
        // What a client was given before is not of interest here.
        office.simulator.end_sessions();
        let output = office.robo(HUB).run().exits(5);
        let sentence = sentence.replace("to use device", "use device");
        output.says(&sentence).says(hint);
    }
    // Classic has none of it.
    office.simulator.scenario(|scenario| scenario.okta.pipeline = "v1".to_owned());
    let output = office.robo(HUB).args(["--okta-auth", "device"]).run().exits(5);
    output.says("it may not run on Identity Engine").says("okta_auth = password");
}

#[test]
fn no_secret_of_the_browser_s_way_is_left_anywhere() {
    let office = office(|s| s.okta.oauth.device.polls = vec!["pending".into(), "approved".into()]);
    let mut said = String::new();
    let mut hear = |output: Output| {
        said += &output.stderr;
        output
    };
    hear(office.robo(["aws.exec", "dev", "-v", "--", "true"]).run().exits(0));
    hear(office.robo(["aws.explain", "dev", "-v"]).run().exits(0));
    office.simulator.end_sessions();
    hear(office.robo(HUB).arg("-v").run().exits(0));
    for fault in [
        Fault::on("okta POST /oauth2/v1/token").page(200, "<html>"),
        Fault::on("okta POST /oauth2/v1/token").truncate(20),
        Fault::on("okta POST /oauth2/v1/device/authorize").truncate(20),
        Fault::on("okta POST /login/token/sso").page(500, "no"),
        Fault::on("okta POST /login/token/sso").page(405, "no"),
        Fault::on("okta POST /login/token/sso").redirect("https://evil.example/?x=1"),
        Fault::on("okta GET /login/token/sso").page(500, "no"),
    ] {
        office.simulator.scenario(|scenario| scenario.faults = vec![fault.clone()]);
        hear(office.robo(HUB).arg("-v").run());
    }
    office.simulator.scenario(|scenario| scenario.faults.clear());
    hear(office.robo(["aws.logout", "-v"]).run().exits(0));
    office.simulator.scenario(|scenario| scenario.okta.oauth.device.polls.remove(0));
    hear(office.robo(["aws.exec", "dev", "-v", "--", "true"]).run().exits(0));
    let mut secrets = office.simulator.secrets();
    secrets.push(PASSPHRASE.to_owned());
    assert!(secrets.iter().any(|secret| secret.starts_with("sso")), "{secrets:?}");
    assert!(secrets.iter().filter(|secret| secret.starts_with("eyJ")).count() >= 4);
    for secret in secrets {
        assert!(!said.contains(&secret), "{secret} was said:\n{said}");
        for (path, content) in office.sandbox.files() {
            let found = content.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!found, "{secret} lies in {}", path.display());
        }
    }
}
