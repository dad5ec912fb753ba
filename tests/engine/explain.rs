//! `aws.explain` and `aws.doctor`: how things stand, and what mends them.

use serde_json::{Value, json};

use crate::common::office::USER;
use crate::common::{Office, Upstream};

#[test]
fn it_tells_the_whole_way_before_and_after() {
    let office = Office::signed_up(|s| s.user().factors.clear());
    let redact =
        |text: &str| text.replace(&office.simulator.okta_host(), "<okta>").replace("59 min", "1 h");
    let cold = office.robo(["aws.explain", "reader"]).run().exits(0);
    let want = "\
reader  yours, ~/.aws/config:17
  Okta  <okta> · home/amazon_aws/0oa1sim2ula3tor4/272 · you@acme.com · password not checked yet
        signing in by password: no okta_client_id is configured
  1 SAML    arn:aws:iam::111111111111:role/okta-hub        1 h  not cached
  2 assume  arn:aws:iam::222222222222:role/dev             1 h  not cached, as you@acme.com
  3 assume  arn:aws:iam::444444444444:role/data/reader     1 h  not cached, as you@acme.com
";
    let shown = redact(&cold.stdout);
    assert!(shown.starts_with(want), "{shown}");
    assert_eq!(office.simulator.counts().all(), 0, "nobody is asked");
    for line in [
        "okta_domain      <okta>",
        "aws_saml_url     home/amazon_aws/0oa1sim2ula3tor4/272",
        "region           eu-west-1",
    ] {
        assert!(shown.contains(line), "{line:?} is not in\n{shown}");
    }

    office.robo(["aws.exec", "reader", "--", "true"]).run().exits(0);
    let warm = redact(&office.robo(["aws.explain", "reader"]).run().exits(0).stdout);
    assert!(warm.contains("password stored (key store: file) · session kept"), "{warm}");
    assert!(warm.contains("\n        signing in by password: Classic\n"), "{warm}");
    assert_eq!(warm.matches("cached for another 1 h").count(), 3, "{warm}");
    for secret in office.simulator.secrets() {
        assert!(!warm.contains(&secret), "{warm}");
    }
}

#[test]
fn json_has_the_same_for_programs() {
    let office = Office::without_factors();
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let args = ["aws.explain", "dev", "--json", "-t", "2h", "--region", "us-west-2"];
    let told = office.robo(args).env("AWS_ASSUME_ROLE_TTL", "3h").run().exits(0).json();
    assert_eq!(told["profile"], "dev");
    assert_eq!(told["source"]["from"], "mine");
    assert_eq!(told["source"]["line"], 8);
    assert_eq!(told["okta"]["username"], USER);
    assert_eq!(told["okta"]["session"], true);
    assert_eq!(
        (&told["okta"]["pipeline"], &told["okta"]["way"]),
        (&json!("v1"), &json!("password"))
    );
    assert_eq!(told["okta"]["key_store"], "file");
    let step = |at: usize| &told["steps"][at];
    assert_eq!(step(0)["via"], "SAML");
    assert_eq!(step(0)["role_arn"], "arn:aws:iam::111111111111:role/okta-hub");
    assert_eq!((&step(0)["seconds"], &step(1)["seconds"]), (&json!(7200), &json!(3600)));
    // Of another length nothing is cached.
    assert_eq!((&step(0)["cached_until"], &step(1)["session_name"]), (&Value::Null, &json!(USER)));
    let from = |key: &str, value: &str| {
        let all = told["values"].as_array().unwrap();
        let found = all.iter().find(|one| one["key"] == key && one["value"] == value);
        found.unwrap_or_else(|| panic!("{told:#}"))["from"].as_str().unwrap().to_owned()
    };
    assert_eq!(from("session_ttl", "2 h"), "--session-ttl");
    assert_eq!(from("assume_role_ttl", "1 h"), "$AWS_ASSUME_ROLE_TTL");
    assert_eq!(from("region", "us-west-2"), "--region");
    assert_eq!(from("role_arn", "arn:aws:iam::222222222222:role/dev"), "profile 'dev'");
    assert_eq!(from("aws_saml_url", "home/amazon_aws/0oa1sim2ula3tor4/272"), "[okta]");
    let notes = told["notes"].as_array().unwrap();
    assert!(notes.len() == 1 && notes[0].as_str().unwrap().contains("is cut to 1 h"), "{notes:?}");
}

#[test]
fn a_team_s_profile_names_its_commit_and_what_was_changed() {
    let office = Office::without_factors();
    let config = office.sandbox.read_config();
    std::fs::remove_file(office.sandbox.config_path()).unwrap();
    let upstream = Upstream::of_team(&office.sandbox, &config);
    let commit = upstream.push(&format!("{config}\n[profile more]\nsource_profile = dev\n"));
    upstream.config(["--yes"]).run().exits(0);
    office.edit_config("region = eu-west-1", "region = eu-north-1");
    let config = office.sandbox.read_config();
    office.sandbox.write_config(config + "\n[profile own]\nsource_profile = dev\n");

    let told = |profile: &str| {
        office.robo(["aws.explain", profile, "--json"]).run().exits(0).json()["source"].clone()
    };
    let dev = told("dev");
    assert_eq!((&dev["from"], &dev["commit"]), (&json!("team"), &json!(commit)));
    assert_eq!(dev["url"], upstream.url());
    assert_eq!(dev["changed_by_you"], json!(["region"]));
    assert_eq!(told("more")["changed_by_you"], json!([]));
    assert_eq!((&told("own")["from"], &told("own")["commit"]), (&json!("mine"), &Value::Null));
    let human = office.robo(["aws.explain", "dev"]).run().exits(0).stdout;
    let first = format!("from {} @ {}, ~/.aws/config:", upstream.url(), &commit[..7]);
    assert!(human.contains(&first) && human.contains("; region changed by you"), "{human}");
}

#[test]
fn a_chain_that_leads_nowhere_is_told_in_full() {
    let office = Office::without_factors();
    let cases = [
        ("source_profile = dev\n", "source_profile = reader\n", "reader"),
        ("source_profile = dev\n", "source_profile = gone\n", "gone"),
        ("aws_saml_url = home", "saml = home", "leads to no Okta app"),
        ("role/data/reader", "user/reader", "is not the ARN of a role"),
    ];
    for (old, new, says) in cases {
        let before = office.sandbox.read_config();
        office.edit_config(old, new);
        for command in ["aws.explain", "aws.env"] {
            let output = office.robo([command, "reader"]).run().exits(1).says(says);
            assert!(output.stderr.contains("  hint: "), "{output}");
        }
        office.sandbox.write_config(before);
    }
}

/// The marks of `aws.doctor`, by what was looked at.
fn marks(stdout: &str) -> Vec<(String, String)> {
    let lines = stdout.lines().filter(|line| !line.starts_with(' '));
    let part = |line: &str, range: std::ops::Range<usize>| line[range].trim().to_owned();
    lines.map(|line| (part(line, 4..17), part(line, 0..2))).collect()
}

#[test]
fn the_doctor_says_what_is_amiss_and_what_mends_it() {
    let office = Office::with(|s| s.user().factors.clear());
    let doctor = |args: &[&str], status: i32| {
        let output = office.robo(["aws.doctor"]).args(args).run().exits(status);
        assert_eq!(output.stderr, "");
        output.stdout
    };
    let mark = |stdout: &str, what: &str| {
        let found = marks(stdout).into_iter().find(|(name, _)| name == what);
        found.unwrap_or_else(|| panic!("no {what} in\n{stdout}")).1
    };
    let fresh = doctor(&[], 0);
    for (what, want) in [
        ("git", "ok"),
        ("dotfiles repo", "--"),
        ("AWS config", "ok"),
        ("Okta hosts", "ok"),
        ("key store", "--"),
        ("Okta account", "--"),
        ("network", "ok"),
        ("terminal", "--"),
    ] {
        assert_eq!(mark(&fresh, what), want, "{what}\n{fresh}");
    }
    assert!(fresh.contains("robo aws.add"), "{fresh}");

    office.store_password("wrong");
    office.robo(["aws.env", "dev"]).run().exits(5);
    let refused = doctor(&[], 1);
    assert_eq!(
        (mark(&refused, "Okta account"), mark(&refused, "key store")),
        ("!!".to_owned(), "ok".to_owned())
    );
    assert!(refused.contains("Okta refused the stored password"), "{refused}");

    // The clock of this machine is wrong, or nobody answers at all.
    office.store_password(crate::common::office::PASSWORD);
    office.simulator.scenario(|s| s.clock_offset = 3600);
    let late = doctor(&[], 1);
    assert!(late.contains("clock is") && late.contains("set the clock"), "{late}");
    office.simulator.scenario(|s| {
        s.clock_offset = 0;
        s.tls.okta = robo_simulator::scenario::Certificate::Untrusted;
    });
    assert_eq!(mark(&doctor(&[], 1), "network"), "!!");
    let offline = doctor(&["--offline"], 0);
    assert!(!offline.contains("network"), "{offline}");

    // A config that nobody can read.
    let config = office.sandbox.read_config();
    office.sandbox.write_config(format!("{config}\nnonsense\n"));
    let broken = doctor(&["--offline"], 1);
    assert_eq!(mark(&broken, "AWS config"), "!!");
    assert!(broken.contains("~/.aws/config:"), "{broken}");
}
