//! What reaches AWS: roles, names, ids, lengths, regions, endpoints, and who decides them.

use std::collections::BTreeMap;

use robo_simulator::scenario::SamlRole;
use robo_simulator::{Factor, Role, Scenario, Simulator};

use crate::common::office::USER;
use crate::common::{Office, Run};

const HUB: &str = "arn:aws:iam::111111111111:role/okta-hub";
const DEV: &str = "arn:aws:iam::222222222222:role/dev";
const PROD: &str = "arn:aws:iam::333333333333:role/prod";

fn office(change: impl FnOnce(&mut Scenario)) -> Office {
    Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        change(scenario);
    })
}

/// What STS was asked so far: the value of `name` in each call, `-` where there is none.
fn asked(simulator: &Simulator, name: &str) -> Vec<String> {
    let calls = simulator.calls().into_iter().filter(|call| call.service == "sts");
    let value = |parameters: BTreeMap<String, String>| parameters.get(name).cloned();
    calls.map(|call| value(call.parameters).unwrap_or_else(|| "-".to_owned())).collect()
}

#[test]
fn names_and_ids_reach_the_role_that_they_are_for() {
    let office = office(|scenario| {
        scenario.role(DEV).external_id = Some("acme:dev/1".to_owned());
        // It trusts this one session of the role before it.
        let session = "arn:aws:sts::222222222222:assumed-role/dev/me-at-work";
        scenario.role("arn:aws:iam::444444444444:role/data/reader").trust =
            vec![session.to_owned()];
    });
    let role = format!("role_arn = {DEV}\n");
    let keys = "external_id = acme:dev/1\nrole_session_name = me-at-work\nsource_identity = true\n";
    office.edit_config(&role, &format!("{role}{keys}"));
    office.robo(["aws.credentials", "reader"]).run().exits(0);
    let cases = [
        ("Action", ["AssumeRoleWithSAML", "AssumeRole", "AssumeRole"]),
        ("RoleArn", [HUB, DEV, "arn:aws:iam::444444444444:role/data/reader"]),
        // An external id is of one role alone; names go down the chain.
        ("ExternalId", ["-", "acme:dev/1", "-"]),
        ("RoleSessionName", ["-", "me-at-work", "me-at-work"]),
        ("SourceIdentity", ["-", USER, USER]),
    ];
    for (name, want) in cases {
        assert_eq!(asked(&office.simulator, name), want, "{name}");
    }
}

#[test]
fn a_session_goes_by_the_name_of_who_signed_in() {
    let long = format!("{}@acme.com", "x".repeat(70));
    let cases = [(USER, USER), ("acme\\jo o'neill", "acme-jo-o-neill"), (long.as_str(), "")];
    for (login, want) in cases {
        let office = Office::with(|scenario| {
            scenario.user().login = login.to_owned();
            *scenario.factor() = Factor::push().polls(["SUCCESS"]);
            // What Okta asserts is its own business.
            scenario.saml().session_name = Some("okta-says".to_owned());
        });
        let add = ["aws.add", "--password-stdin", "--no-verify", "--username", login];
        office.robo(add).stdin(crate::common::office::PASSWORD).run().exits(0);
        office.robo(["aws.credentials", "dev"]).run().exits(0);
        let name = asked(&office.simulator, "RoleSessionName").pop().unwrap();
        assert!(name.len() <= 64 && (want.is_empty() || name == want), "{login}: {name}");
    }
}

#[test]
fn lengths_are_decided_by_flag_environment_and_profile_in_this_order() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], [&'a str; 2]);
    let cases: [Case<'_>; 7] = [
        ("", &[], &[], ["3600", "3600"]),
        ("session_ttl = 2h\nassume_role_ttl = 30m\n", &[], &[], ["7200", "1800"]),
        ("session_ttl = 2h\n", &[("AWS_SESSION_TTL", "3h")], &[], ["10800", "3600"]),
        ("session_ttl = 2h\n", &[("AWS_SESSION_TTL", "3h")], &["-t", "4h"], ["14400", "3600"]),
        ("assume_role_ttl = 45m\n", &[("AWS_ASSUME_ROLE_TTL", "40m")], &[], ["3600", "2400"]),
        ("", &[("AWS_ASSUME_ROLE_TTL", "40m")], &["-a", "1200s"], ["3600", "1200"]),
        ("", &[], &["-t", "900s", "-a", "12h"], ["900", "3600"]),
    ];
    for (keys, variables, flags, want) in cases {
        let office = office(|_| {});
        office.edit_config("[okta]\n", &format!("[okta]\n{keys}"));
        let run = office.robo(["aws.credentials", "dev"].iter().chain(flags));
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value));
        run.run().exits(0);
        let got = asked(&office.simulator, "DurationSeconds");
        assert_eq!(got, want, "{keys} {variables:?} {flags:?}");
    }
}

#[test]
fn the_region_is_the_flag_s_the_profile_s_or_the_environment_s() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], [&'a str; 2]);
    // What `dev` is signed for, and what its child sees.
    let cases: [Case<'_>; 6] = [
        ("dev", &[], &[], ["eu-west-1", "eu-west-1"]),
        ("dev", &[("AWS_REGION", "us-west-2")], &[], ["eu-west-1", "eu-west-1"]),
        ("dev", &[], &["--region", "eu-north-1"], ["eu-north-1", "eu-north-1"]),
        ("prod", &[], &[], ["us-east-1", ""]),
        ("prod", &[("AWS_DEFAULT_REGION", "us-west-2")], &[], ["us-west-2", "us-west-2"]),
        (
            "prod",
            &[("AWS_DEFAULT_REGION", "us-west-2"), ("AWS_REGION", "eu-west-3")],
            &[],
            ["eu-west-3", "eu-west-3"],
        ),
    ];
    for (profile, variables, flags, [signed, child]) in cases {
        let office = office(|_| {});
        let words = ["aws.exec", profile].into_iter().chain(flags.iter().copied());
        let run =
            office.robo(words.chain(["--", "sh", "-c", "echo $AWS_REGION $AWS_DEFAULT_REGION"]));
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value));
        let output = run.run().exits(0);
        let seen: Vec<&str> = output.stdout.split_whitespace().collect();
        let want = if child.is_empty() { vec![] } else { vec![child, child] };
        assert_eq!(seen, want, "{profile} {variables:?} {flags:?}");
        assert_eq!(asked(&office.simulator, "Region")[1], signed, "{profile} {variables:?}");
    }
    let office = office(|_| {});
    let run = office.robo(["aws.credentials", "dev", "--region", "evil.example/"]);
    let output = run.run().exits(2);
    assert!(output.stderr.contains("evil.example/") && output.stderr.contains("hint:"), "{output}");
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 0);
}

#[test]
fn the_role_is_the_flag_s_the_environment_s_or_the_profile_s() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], &'a [&'a str]);
    let cases: [Case<'_>; 5] = [
        ("dev", &[], &[], &[HUB, DEV]),
        ("dev", &[("AWS_ASSUME_ROLE_ARN", PROD)], &[], &[HUB, PROD]),
        ("dev", &[("AWS_ASSUME_ROLE_ARN", "nonsense")], &["-r", PROD], &[HUB, PROD]),
        ("plain", &[], &["-r", PROD], &[HUB, PROD]),
        // Without a role of its own it is its source.
        ("plain", &[], &[], &[HUB]),
    ];
    for (profile, variables, flags, want) in cases {
        let office = office(|_| {});
        let config = office.config() + "\n[profile plain]\nsource_profile = okta-hub\n";
        office.sandbox.write_config(config);
        let run = office.robo(["aws.credentials", profile].iter().chain(flags));
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value));
        run.run().exits(0);
        let got = asked(&office.simulator, "RoleArn");
        assert_eq!(got, want, "{profile} {variables:?} {flags:?}");
    }
}

#[test]
fn other_partitions_have_regions_and_sign_in_pages_of_their_own() {
    let cases = [
        ("aws-cn", "https://signin.amazonaws.cn/saml", "cn-northwest-1", "cn-north-1"),
        (
            "aws-us-gov",
            "https://signin.amazonaws-us-gov.com/saml",
            "us-gov-west-1",
            "us-gov-east-1",
        ),
    ];
    for (partition, destination, default, other) in cases {
        let arn = |account: &str, role: &str| format!("arn:{partition}:iam::{account}:role/{role}");
        let (hub, spoke) = (arn("111111111111", "hub"), arn("222222222222", "spoke"));
        let office = office(|scenario| {
            let saml = SamlRole::new(partition, "111111111111", "hub");
            let roles = [Role::new(&hub).trusts(&saml.provider), Role::new(&spoke).trusts(&hub)];
            scenario.sts.roles.extend(roles);
            scenario.saml().roles = vec![saml];
            scenario.saml().destination = destination.to_owned();
        });
        let config = office.config()
            + &format!("\n[profile hub]\nrole_arn = {hub}\n")
            + &format!("\n[profile spoke]\nrole_arn = {spoke}\nsource_profile = hub\n");
        office.sandbox.write_config(config);
        office.robo(["aws.credentials", "spoke"]).run().exits(0);
        assert_eq!(asked(&office.simulator, "Region"), ["-", default]);
        // A region of another partition is left aside.
        let run = office.robo(["aws.credentials", "spoke", "-a", "20m"]);
        run.env("AWS_REGION", "eu-west-1").run().exits(0);
        let run = office.robo(["aws.credentials", "spoke", "-a", "25m"]);
        run.env("AWS_REGION", other).run().exits(0);
        assert_eq!(asked(&office.simulator, "Region"), ["-", default, default, other]);
    }
}

/// The variable of the service, the one for all, the profile's services, the profile.
#[test]
fn the_nearest_endpoint_is_asked() {
    let office = office(|_| {});
    let (sts, closed) = (office.simulator.sts_url(), "http://127.0.0.1:1");
    let without = || {
        let run = office.robo(["aws.credentials", "okta-hub", "--no-cache"]);
        run.without_env("AWS_ENDPOINT_URL_STS")
    };
    let config = |own: &str, services: &str| {
        office.config().replace(
            "[profile okta-hub]\n",
            &format!("[services some]\nsts =\n  {services}\n\n[profile okta-hub]\n{own}\n"),
        )
    };
    let set = |run: Run, name: &str, url: &str| run.env(name, url);
    let url = |url: &str| format!("endpoint_url = {url}");
    let some = |own: &str| format!("services = some\n{own}");
    let runs: [(&str, String, Run); 4] = [
        (
            "AWS_ENDPOINT_URL_STS",
            config(&some(&url(closed)), &url(closed)),
            set(set(without(), "AWS_ENDPOINT_URL", closed), "AWS_ENDPOINT_URL_STS", &sts),
        ),
        (
            "AWS_ENDPOINT_URL",
            config(&some(&url(closed)), &url(closed)),
            set(without(), "AWS_ENDPOINT_URL", &sts),
        ),
        ("services", config(&some(&url(closed)), &url(&sts)), without()),
        ("endpoint_url", config(&url(&sts), &url(closed)), without()),
    ];
    for (what, config, run) in runs {
        office.sandbox.write_config(config);
        let before = office.simulator.counts().sts("AssumeRoleWithSAML");
        run.run().exits(0);
        assert_eq!(office.simulator.counts().sts("AssumeRoleWithSAML"), before + 1, "{what}");
    }
}
