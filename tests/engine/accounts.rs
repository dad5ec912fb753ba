//! Storing, showing, checking and forgetting Okta accounts.

use robo_simulator::{Factor, LoginState, Scenario};

use crate::common::office::{PASSWORD, USER};
use crate::common::{Office, Upstream};

const ADD: [&str; 4] = ["aws.add", "--username", USER, "--password-stdin"];

fn quick(scenario: &mut Scenario) {
    *scenario.factor() = Factor::push().polls(["SUCCESS"]);
}

#[test]
fn a_password_is_checked_before_it_is_stored_and_rings_no_phone() {
    let office = Office::with(quick);
    let output = office.robo(ADD).stdin("wrong").run().exits(5);
    assert!(output.stderr.contains("Okta refused the password of you@acme.com"), "{output}");
    office.robo(["aws.credentials", "dev", "--no-input"]).run().exits(4);
    let output = office.robo(ADD).stdin(format!("{PASSWORD}\n")).run().exits(0);
    assert!(output.stderr.contains("Okta takes it"), "{output}");
    let counts = office.simulator.counts();
    assert_eq!((counts.pushes, counts.okta("POST /api/v1/authn")), (0, 2), "{counts:?}");
    assert_eq!(counts.cancelled, 1, "what was begun is called off: {counts:?}");
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn states_of_the_account_are_told_when_it_is_added() {
    let cases = [(LoginState::PasswordExpired, "expired"), (LoginState::LockedOut, "lock")];
    for (state, word) in cases {
        let office = Office::with(|scenario| {
            scenario.user().factors.clear();
            scenario.user().state = state;
            scenario.okta.show_lockout = true;
        });
        let output = office.robo(ADD).stdin(PASSWORD).run().exits(5);
        assert!(output.stderr.to_lowercase().contains(word), "{output}");
        assert!(output.stderr.contains("hint:"), "{output}");
    }
}

#[test]
fn stdin_has_to_hold_one_password() {
    let office = Office::with(quick);
    for (stdin, word) in [("", "nothing"), ("\n", "nothing"), ("a\nb\n", "more than one line")] {
        let output = office.robo(ADD).stdin(stdin).run().exits(2);
        assert!(output.stderr.contains(word), "{output}");
    }
    assert_eq!(office.simulator.counts().all(), 0);
    office.robo(["aws.add", "--username", USER]).run().exits(4);
    office.robo(["aws.add", "--password-stdin"]).stdin(PASSWORD).run().exits(4);
}

#[test]
fn a_refused_password_is_never_sent_again() {
    let office = Office::signed_up(quick);
    office.simulator.scenario(|scenario| scenario.user().password = "changed".to_owned());
    let output = office.robo(["aws.credentials", "dev"]).run().exits(5);
    assert!(output.stderr.contains("Okta refused the password"), "{output}");
    for command in [["aws.credentials", "dev"], ["aws.credentials", "prod"], ["aws.env", "dev"]] {
        let output = office.robo(command).run().exits(5);
        assert!(output.stderr.contains("it will not be sent again"), "{output}");
    }
    assert_eq!(office.simulator.counts().passwords(USER).refused, 1);
    let output = office.robo(["aws.doctor", "--offline"]).run().exits(1);
    assert!(output.stdout.contains("Okta refused the stored password"), "{output}");
    let output = office.robo(["aws.explain", "dev"]).run().exits(0);
    assert!(output.stdout.contains("password refused"), "{output}");
    // A person types the new one: it is stored once it has worked.
    let mut terminal = office.robo(["aws.exec", "dev", "--", "true"]).pty();
    terminal.expect("Okta password of you@acme.com").send_line("wrong again");
    // The same once more is not sent.
    terminal.expect("refused").expect("Okta password of you@acme.com").send_line("wrong again");
    terminal.expect("before").expect("Okta password of you@acme.com").send_line("changed");
    assert_eq!(terminal.wait().0, 0);
    assert_eq!(office.simulator.counts().passwords(USER).refused, 2);
    office.robo(["aws.exec", "dev", "--no-cache", "--", "true"]).run().exits(0);
}

#[test]
fn the_first_run_asks_for_everything_and_keeps_what_worked() {
    let office = Office::with(quick);
    let mut terminal = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).pty();
    terminal.expect("Okta username (").send_line(USER);
    terminal.expect("Okta password of you@acme.com").send_line(PASSWORD);
    terminal.expect("ran");
    let (status, screen) = terminal.wait();
    assert_eq!(status, 0, "{screen}");
    assert!(!screen.contains(PASSWORD), "{screen}");
    office.simulator.end_sessions();
    office.robo(["aws.exec", "dev", "--no-cache", "--", "true"]).run().exits(0);
}

#[test]
fn a_host_that_was_not_agreed_to_gets_no_password() {
    let office = Office::signed_up(quick);
    let upstream = Upstream::new(&office.sandbox);
    let team = office.config();
    upstream.commit("first", [("aws/teams/foundation.config", team.as_str())]);
    office.sandbox.write_config("");
    let config = ["aws.config", "--yes", "--team", "foundation", "--dotfiles"];
    office.robo(config).arg(upstream.url()).run().exits(0);
    // A host that the repo put into the config, and that is pinned no more.
    let settings = ".config/robo/settings.toml";
    let pinned = String::from_utf8(office.sandbox.read(settings)).unwrap();
    let host = office.simulator.okta_host();
    assert!(pinned.contains(&host), "{pinned}");
    office.sandbox.write(settings, pinned.replace(&host, "acme.okta.com"));
    let output = office.robo(["aws.credentials", "dev"]).run().exits(4);
    assert!(output.stderr.contains(&format!("{host} is no host that you agreed to")), "{output}");
    assert_eq!(office.simulator.counts().all(), 0);
    let ask = || {
        let mut terminal = office.robo(["aws.exec", "dev", "--", "true"]).pty();
        terminal.expect("trusted: acme.okta.com").expect("Sign in to Okta at");
        terminal
    };
    assert_eq!(ask().send_line("n").wait().0, 125);
    assert_eq!(office.simulator.counts().all(), 0);
    assert_eq!(ask().send_line("y").wait().0, 0);
    // It is pinned now, beside the other.
    let pinned = String::from_utf8(office.sandbox.read(settings)).unwrap();
    assert!(pinned.contains(&host) && pinned.contains("acme.okta.com"), "{pinned}");
    office.robo(["aws.exec", "dev", "--no-cache", "--", "true"]).run().exits(0);
}

#[test]
fn several_accounts_live_side_by_side() {
    let office = Office::signed_up(quick);
    let output =
        office.robo(["aws.exec", "dev", "--account", "nobody", "--", "true"]).run().exits(125);
    assert!(output.stderr.contains("hint:"), "{output}");
    let add = ["aws.add", "--username", USER, "--password-stdin", "--account", "work"];
    office.robo(add).stdin(PASSWORD).run().exits(0);
    office.edit_config("[okta]\n", "[okta]\nokta_account_name = work\n");
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(story["okta"]["account"], "work");
    let output = office.robo(["aws.logout", "--account", "wrk"]).run().exits(1);
    assert!(output.stderr.contains("did you mean 'work'"), "{output}");
    office.robo(["aws.logout", "--account", "work", "--all"]).run().exits(0);
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(story["okta"]["account"], serde_json::Value::Null);
    // The other account is still there.
    office.edit_config("okta_account_name = work\n", "");
    let story = office.robo(["aws.explain", "dev", "--json"]).run().exits(0).json();
    assert_eq!(story["okta"]["account"], "default");
    assert_eq!(story["okta"]["password"], "proven");
}

#[test]
fn explain_tells_who_says_what() {
    let office = Office::signed_up(quick);
    let upstream = Upstream::new(&office.sandbox);
    let (host, app) = (office.simulator.okta_host(), "home/amazon_aws/0oa1sim2ula3tor4/272");
    let team = format!(
        "[okta]\nokta_domain = {host}\naws_saml_url = {app}\nsession_ttl = 2h\n\n[profile dev]\n\
         role_arn = arn:aws:iam::222222222222:role/dev\nsource_profile = okta-hub\nregion = eu-west-1\n\n\
         [profile okta-hub]\nrole_arn = arn:aws:iam::111111111111:role/okta-hub\n"
    );
    upstream.commit("first", [("aws/teams/foundation.config", team.as_str())]);
    let config = ["aws.config", "--yes", "--team", "foundation", "--dotfiles"];
    office.robo(config).arg(upstream.url()).run().exits(0);
    office.edit_config("region = eu-west-1", "region = eu-north-1");
    office.robo(["aws.exec", "dev", "-t", "2h", "--", "true"]).run().exits(0);
    let output = office.robo(["aws.explain", "dev"]).run().exits(0);
    for words in [
        "region changed by you",
        "1 SAML    arn:aws:iam::111111111111:role/okta-hub",
        "2 assume  arn:aws:iam::222222222222:role/dev",
        "cached for another 1 h",
        "as you@acme.com",
        "session_ttl",
        "[okta]",
    ] {
        assert!(output.stdout.contains(words), "{words}: {output}");
    }
    let story = office.robo(["aws.explain", "dev", "--json", "-a", "20m"]).run().exits(0).json();
    assert_eq!(story["source"]["from"], "team");
    assert_eq!(story["source"]["changed_by_you"], serde_json::json!(["region"]));
    assert_eq!(story["steps"][0]["seconds"], 7200);
    assert_eq!(story["steps"][1]["seconds"], 1200);
    assert_eq!(story["steps"][1]["cached_until"], serde_json::Value::Null);
}

#[test]
fn doctor_names_what_mends_it() {
    let office = Office::with(quick);
    let output = office.robo(["aws.doctor"]).run().exits(0);
    for words in ["robo aws.add", "robo aws.config", "answers"] {
        assert!(output.stdout.contains(words), "{words}: {output}");
    }
    office.store_password(PASSWORD);
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let output = office.robo(["aws.doctor"]).run().exits(0);
    assert!(output.stdout.contains("password stored"), "{output}");
    office.simulator.scenario(|scenario| scenario.clock_offset = 3600);
    let output = office.robo(["aws.doctor"]).run().exits(1);
    assert!(output.stdout.contains("clock is"), "{output}");
    let output = office.robo(["aws.doctor"]).env("SSL_CERT_FILE", "/nowhere").run().exits(1);
    assert!(output.stdout.contains("certificate"), "{output}");
    office.sandbox.write_config("not an ini file");
    let output = office.robo(["aws.doctor", "--offline"]).run().exits(1);
    assert!(output.stdout.contains("~/.aws/config:1"), "{output}");
}
