//! AWS says no: why, to whom, and what to do about it.

use robo_simulator::scenario::{Answer, Drop, SamlRole};
use robo_simulator::{Fault, Scenario};

use crate::common::office::USER;
use crate::sts::{office, refused};

const HUB: &str = "arn:aws:iam::111111111111:role/okta-hub";
const DEV: &str = "arn:aws:iam::222222222222:role/dev";
const PROD: &str = "arn:aws:iam::333333333333:role/prod";

#[test]
fn a_first_role_that_cannot_be_had_says_why() {
    const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/okta";
    type Case<'a> = (&'a str, Box<dyn FnOnce(&mut Scenario)>, i32, &'a [&'a str], u64);
    const RESERVED: &str = "arn:aws:iam::111111111111:role/AWSReservedSSO_Admin_1";
    let cases: Vec<Case<'_>> = vec![
        (
            "an old assertion",
            Box::new(|scenario| scenario.saml().age = 400),
            6,
            &["Okta's assertion is too old", "ExpiredTokenException", "run it again"],
            1,
        ),
        (
            "a role that does not trust the provider",
            Box::new(|scenario| scenario.role(HUB).trust.clear()),
            6,
            &[HUB, "does not let this Okta app", "AccessDenied", "SAML provider"],
            1,
        ),
        (
            "a role that AWS does not know",
            Box::new(|scenario| scenario.sts.roles.retain(|role| role.arn != HUB)),
            6,
            &[HUB, "AccessDenied"],
            1,
        ),
        (
            "an app for somebody else",
            Box::new(|scenario| scenario.saml().audience = "urn:somebody".to_owned()),
            6,
            &["AWS does not believe Okta's assertion", "InvalidIdentityToken", "metadata"],
            1,
        ),
        (
            "STS is nowhere active",
            Box::new(|scenario| scenario.sts.disabled_regions = vec!["*".to_owned()]),
            6,
            &["has not activated STS in us-east-1", "RegionDisabledException", "--region"],
            1,
        ),
        (
            "other roles",
            Box::new(|scenario| {
                scenario.saml().roles = vec![
                    SamlRole::new("aws", "111111111111", "one"),
                    SamlRole::new("aws", "111111111111", "path/two"),
                ];
            }),
            5,
            &[USER, HUB, ":role/one, ", ":role/path/two\n", "profile 'okta-hub'", "-r ROLE_ARN"],
            0,
        ),
        (
            "400 other roles",
            Box::new(|scenario| {
                let mut saml = scenario.saml().clone().with_more_roles(400);
                saml.roles.remove(0);
                *scenario.saml() = saml;
            }),
            5,
            &[HUB, ":role/role-1, ", "and 390 more"],
            0,
        ),
        (
            "no role",
            Box::new(|scenario| scenario.saml().roles.clear()),
            5,
            &[HUB, "has no role at all"],
            0,
        ),
        (
            "Identity Center's own",
            Box::new(move |scenario| {
                let role = SamlRole { role: RESERVED.to_owned(), provider: PROVIDER.to_owned() };
                scenario.saml().roles = vec![role];
            }),
            5,
            &[HUB, RESERVED, "belongs to IAM Identity Center"],
            0,
        ),
    ];
    for (what, change, status, words, calls) in cases {
        let office = office(change);
        refused(&office, "okta-hub", status, words);
        let counts = office.simulator.counts();
        assert_eq!(counts.sts("AssumeRoleWithSAML"), calls, "{what}");
        // The sign-in itself worked: nobody is asked again.
        refused(&office, "okta-hub", status, words);
        assert_eq!(office.simulator.counts().pushes, 1, "{what}");
    }
}

#[test]
fn a_region_without_sts_is_left_for_another() {
    let office = office(|scenario| scenario.sts.disabled_regions = vec!["eu-west-1".to_owned()]);
    refused(&office, "dev", 6, &["has not activated STS in eu-west-1", DEV, "--region"]);
    office.robo(["aws.credentials", "dev", "--region", "eu-west-2"]).run().exits(0);
    assert_eq!(office.simulator.counts().pushes, 1);
}

#[test]
fn a_source_identity_that_cannot_be_set_is_named() {
    let role = format!("role_arn = {DEV}\n");
    let without = office(|scenario| scenario.role(DEV).source_identity = false);
    without.edit_config(&role, &format!("{role}source_identity = true\n"));
    refused(&without, "dev", 6, &["AccessDenied", "sts:SetSourceIdentity"]);
    // It stays the same along a chain.
    let changed = office(|_| {});
    changed.edit_config(&role, &format!("{role}source_identity = somebody\n"));
    let source = "source_profile = dev\n";
    changed.edit_config(source, &format!("{source}source_identity = another\n"));
    refused(&changed, "reader", 6, &["AccessDenied", DEV, "profile 'reader'"]);
}

#[test]
fn an_aws_that_stays_busy_is_left_in_peace() {
    let busy = |scenario: &mut Scenario| {
        let mut fault = Fault::on("sts AssumeRole");
        let body = "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message>\
                    </Error></ErrorResponse>";
        // Longer than anybody would wait at a prompt.
        let headers = vec![("Retry-After".to_owned(), "60".to_owned())];
        let (content_type, body) = ("text/xml".to_owned(), body.to_owned());
        fault.answer = Some(Answer { status: 429, content_type, body, headers });
        scenario.faults.push(fault);
    };
    let office = office(busy);
    refused(&office, "dev", 6, &["AWS is too busy", "Throttling: Rate exceeded", "in a minute"]);
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 1);
}

#[test]
fn a_dropped_connection_is_tried_once_more() {
    for when in [Drop::Before, Drop::After] {
        let fault = || Fault::on("sts AssumeRole").drop(when);
        let office = office(|scenario| scenario.faults.push(fault().first(1)));
        office.robo(["aws.credentials", "dev"]).run().exits(0);
        assert_eq!(office.simulator.counts().sts("AssumeRole"), 2, "{when:?}");
        office.simulator.scenario(|scenario| scenario.faults = vec![fault()]);
        refused(&office, "prod", 7, &["cannot assume", PROD, "127.0.0.1:", "broke off"]);
        assert_eq!(office.simulator.counts().sts("AssumeRole"), 4, "{when:?}");
    }
}

#[test]
fn a_role_on_the_way_that_has_ended_is_had_anew() {
    for code in ["ExpiredToken", "InvalidClientTokenId"] {
        let office = office(|_| {});
        office.robo(["aws.credentials", "okta-hub"]).run().exits(0);
        let ended = || Fault::on("sts AssumeRole").aws_error(403, code, "words");
        office.simulator.scenario(|scenario| scenario.faults.push(ended().first(1)));
        office.robo(["aws.credentials", "dev"]).run().exits(0);
        let counts = office.simulator.counts();
        let calls = (counts.sts("AssumeRoleWithSAML"), counts.sts("AssumeRole"), counts.pushes);
        assert_eq!(calls, (2, 2, 1), "{code}: {counts:?}");
        // What does not help is not done over and over.
        office.simulator.scenario(|scenario| scenario.faults = vec![ended()]);
        refused(&office, "prod", 6, &[code, PROD]);
        let counts = office.simulator.counts();
        let calls = (counts.sts("AssumeRoleWithSAML"), counts.sts("AssumeRole"), counts.pushes);
        assert_eq!(calls, (3, 4, 1), "{code}: {counts:?}");
    }
}

#[test]
fn words_of_aws_are_shown_cut_and_without_control_characters() {
    let office = office(|scenario| {
        let words = format!("\u{9b}31m evil\u{202e} {}", "long ".repeat(10_000));
        scenario.faults.push(Fault::on("sts AssumeRole").aws_error(403, "AccessDenied", &words));
    });
    let output = office.robo(["aws.credentials", "dev"]).run().exits(6);
    assert!(output.stderr.contains("31m evil"), "{output}");
    assert!(output.stderr.len() < 2_000, "{output}");
    assert!(!output.stderr.contains(['\u{9b}', '\u{202e}']), "{output}");
}

#[test]
fn a_role_that_is_none_is_refused_before_anybody_is_asked() {
    let office = office(|_| {});
    let role = format!("role_arn = {DEV}\n");
    for wrong in ["nonsense", "arn:aws:iam::222222222222:user/dev", "arn:aws:iam::2:role/dev"] {
        office.edit_config(&role, &format!("role_arn = {wrong}\n"));
        refused(&office, "dev", 1, &["profile 'dev'", wrong, "is not the ARN of a role"]);
        office.edit_config(&format!("role_arn = {wrong}\n"), &role);
    }
    let output = office.robo(["aws.credentials", "dev", "-r", "nonsense"]).run().exits(1);
    assert!(output.stderr.contains("--assume-role-arn"), "{output}");
    assert_eq!(office.simulator.counts().all(), 0);
}
