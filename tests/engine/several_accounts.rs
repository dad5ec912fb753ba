//! Two Okta accounts on one machine.

use robo_simulator::User;

use crate::common::Office;
use crate::common::office::{PASSWORD, USER};

const OTHER: &str = "contractor@acme.com";

/// `default` is [`USER`], `side` is [`OTHER`]; the profile `prod` signs in with the latter.
fn office() -> Office {
    let office = Office::signed_up(|s| {
        s.user().factors.clear();
        let other = User { login: OTHER.to_owned(), factors: Vec::new(), ..User::default() };
        s.okta.users.push(other);
    });
    office.edit_config("[profile prod]\n", "[profile prod]\nokta_account_name = side\n");
    let add = ["aws.add", "--account", "side", "--username", OTHER, "--password-stdin"];
    office.robo(add).stdin(PASSWORD).run().exits(0);
    office
}

fn whoami(office: &Office, args: &[&str]) -> String {
    let output = office.robo(["aws.explain", "--json"]).args(args).run().exits(0);
    output.json()["okta"]["username"].as_str().unwrap().to_owned()
}

#[test]
fn each_profile_signs_in_with_its_own() {
    let office = office();
    for (args, user) in [
        (["dev"].as_slice(), USER),
        (&["prod"], OTHER),
        (&["dev", "--account", "side"], OTHER),
        (&["prod", "--account", "default"], USER),
    ] {
        assert_eq!(whoami(&office, args), user, "{args:?}");
        office.robo(["aws.env"]).args(args).run().exits(0);
    }
    let counts = office.simulator.counts();
    assert_eq!(counts.passwords(USER).accepted, 1, "one session each: {counts:?}");
    assert_eq!(counts.passwords(OTHER).accepted, 2, "the one of aws.add too");
    // Neither has the other's credentials, of whatever role.
    assert_eq!(counts.sts("AssumeRole"), 4);
}

#[test]
fn logout_of_one_leaves_the_other() {
    let office = office();
    for profile in ["dev", "prod"] {
        office.robo(["aws.exec", profile, "--", "true"]).run().exits(0);
    }
    let before = office.simulator.counts().all();
    let output = office.robo(["aws.logout", "--account", "side"]).run().exits(0);
    let output = output.says(OTHER).says("Forgot 2 cached credentials").never_says(USER);
    assert_eq!(output.stdout, "");
    assert_eq!(office.simulator.counts().all(), before + 1);
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert_eq!(office.simulator.counts().all(), before + 1, "dev is still warm");
    let output = office.robo(["aws.logout", "--account", "sid"]).run().exits(1);
    output.says("no Okta account 'sid' is stored").says("did you mean 'side'?");
    let output = office.robo(["aws.logout", "--account", "side", "--all"]).run().exits(0);
    output.says("Forgot the password of contractor@acme.com");
    let output = office.robo(["aws.exec", "prod", "--", "true"]).run().exits(125);
    output.says("side").says("robo aws.add");
}

#[test]
fn several_without_a_default_are_a_question_of_which() {
    let office = office();
    office.robo(["aws.logout", "--all", "--account", "default"]).run().exits(0);
    // One is left, so it is the one.
    assert_eq!(whoami(&office, &["dev"]), OTHER);
    let add = ["aws.add", "--account", "main", "--username", USER, "--password-stdin"];
    office.robo(add).stdin(PASSWORD).run().exits(0);
    let output = office.robo(["aws.env", "dev"]).run();
    let output = output.exits(1).says("which Okta account? There are main, side");
    output.says("--account NAME");
    office.robo(["aws.env", "dev", "--account", "main"]).run().exits(0);
}

#[test]
fn an_account_of_another_host_does_not_fit() {
    let office = office();
    let elsewhere = ["aws.add", "--domain", "other.okta.com", "--account", "else", "--no-verify"];
    let run = office.robo(elsewhere).args(["--username", USER, "--password-stdin"]);
    run.stdin(PASSWORD).run().exits(0);
    let before = office.simulator.counts().all();
    let output = office.robo(["aws.env", "dev", "--account", "else"]).run().exits(1);
    let host = office.simulator.okta_host();
    let text = format!(
        "the Okta account 'else' is at other.okta.com, but this profile signs in at {host}"
    );
    output.says(&text).says("okta_account_name");
    assert_eq!(office.simulator.counts().all(), before);
}
