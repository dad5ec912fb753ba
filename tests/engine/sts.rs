//! What AWS is asked, and what it says no to.

use jiff::Timestamp;
use robo_simulator::{Factor, Fault, Role, Scenario};

use crate::common::Office;

const HUB: &str = "arn:aws:iam::111111111111:role/okta-hub";
const DEV: &str = "arn:aws:iam::222222222222:role/dev";

pub(crate) fn office(change: impl FnOnce(&mut Scenario)) -> Office {
    Office::signed_up(|scenario| {
        *scenario.factor() = Factor::push().polls(["SUCCESS"]);
        change(scenario);
    })
}

/// Runs `aws.credentials PROFILE`, which must end with `status`, print nothing, and say each of
/// `words`, a hint among them.
#[track_caller]
pub(crate) fn refused(office: &Office, profile: &str, status: i32, words: &[&str]) {
    let output = office.robo(["aws.credentials", profile]).run().exits(status);
    assert_eq!(output.stdout, "", "{output}");
    for word in words.iter().chain(&["hint:"]) {
        assert!(output.stderr.contains(word), "{word:?} is missing:\n{output}");
    }
    for secret in office.simulator.secrets() {
        assert!(!output.stderr.contains(&secret), "a secret is shown:\n{output}");
    }
}

#[test]
fn a_no_names_the_roles_and_the_next_step() {
    let no = |code: &'static str, status: u16| {
        move |scenario: &mut Scenario| {
            let fault = Fault::on("sts AssumeRole").aws_error(status, code, "the words of AWS");
            scenario.faults.push(fault);
        }
    };
    type Case<'a> = (&'a str, Box<dyn FnOnce(&mut Scenario)>, &'a [&'a str]);
    let cases: Vec<Case<'_>> = vec![
        (
            "a role that does not trust the hub",
            Box::new(|scenario| scenario.role(DEV).trust.clear()),
            &["AWS did not let", HUB, DEV, "profile 'dev'", "AccessDenied"],
        ),
        (
            "a role that is not there",
            Box::new(|scenario| scenario.sts.roles.retain(|role| role.arn != DEV)),
            &["AWS did not let", HUB, DEV, "AccessDenied"],
        ),
        (
            "a role that wants an external id",
            Box::new(|scenario| scenario.role(DEV).external_id = Some("wanted".to_owned())),
            &["AWS did not let", "external_id"],
        ),
        ("a region", Box::new(no("RegionDisabledException", 403)), &["RegionDisabledException"]),
        ("a policy", Box::new(no("PackedPolicyTooLarge", 400)), &["PackedPolicyTooLarge"]),
        ("unknown", Box::new(no("SomethingNew", 400)), &["SomethingNew", "the words of AWS"]),
    ];
    for (what, change, words) in cases {
        let office = office(change);
        refused(&office, "dev", 6, words);
        assert_eq!(office.simulator.counts().sts("AssumeRole"), 1, "{what}");
        // aws.exec's own failures are 125, and nothing is run.
        let output = office.robo(["aws.exec", "dev", "--", "echo", "ran"]).run().exits(125);
        assert_eq!(output.stdout, "", "{what}");
    }
}

#[test]
fn the_first_role_s_no_is_told_too() {
    let cases = [
        ("ExpiredTokenException", 400, "ExpiredTokenException"),
        ("InvalidIdentityToken", 400, "InvalidIdentityToken"),
        ("IDPRejectedClaim", 403, "IDPRejectedClaim"),
        ("AccessDenied", 403, "AccessDenied"),
    ];
    for (code, status, word) in cases {
        let office = office(|scenario| {
            let fault = Fault::on("sts AssumeRoleWithSAML").aws_error(status, code, "words");
            scenario.faults.push(fault);
        });
        refused(&office, "okta-hub", 6, &[word]);
    }
}

#[test]
fn a_session_longer_than_the_role_allows_is_an_hour() {
    let office = office(|scenario| scenario.role(HUB).max_session = 3600);
    office.edit_config("[profile okta-hub]\n", "[profile okta-hub]\nsession_ttl = 12h\n");
    let output = office.robo(["aws.exec", "okta-hub", "--", "true"]).run().exits(0);
    assert!(output.stderr.contains("does not allow sessions of 12 h"), "{output}");
    assert_eq!(office.simulator.counts().sts("AssumeRoleWithSAML"), 2);
    // It is cached all the same.
    let output = office.robo(["aws.exec", "okta-hub", "--", "true"]).run().exits(0);
    assert_eq!(output.stderr, "");
    assert_eq!(office.simulator.counts().sts("AssumeRoleWithSAML"), 2);
}

#[test]
fn a_hop_is_never_asked_for_more_than_an_hour() {
    let office = office(|scenario| scenario.role(DEV).max_session = 43200);
    office.edit_config("[okta]\n", "[okta]\nassume_role_ttl = 12h\n");
    let output = office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert!(output.stderr.contains("assume_role_ttl = 12h is cut to 1 h"), "{output}");
    let output = office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    assert_eq!(output.stderr, "", "a warm command says nothing");
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 1);
}

#[test]
fn a_busy_aws_is_asked_again() {
    let office = office(|scenario| {
        scenario.faults.push(Fault::on("sts AssumeRole").first(2).aws_error(
            400,
            "Throttling",
            "x",
        ));
        let fault =
            Fault::on("sts AssumeRoleWithSAML").first(1).aws_error(503, "ServiceUnavailable", "x");
        scenario.faults.push(fault);
    });
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
    let counts = office.simulator.counts();
    assert_eq!((counts.sts("AssumeRoleWithSAML"), counts.sts("AssumeRole")), (2, 3), "{counts:?}");
}

#[test]
fn a_wrong_clock_is_noticed_told_and_reckoned_with() {
    let cases = [
        (3600, "SignatureDoesNotMatch", "1 h behind AWS's"),
        (-3600, "SignatureDoesNotMatch", "1 h ahead of AWS's"),
        (600, "RequestExpired", "10 min behind AWS's"),
        (-600, "RequestTimeTooSkewed", "10 min ahead of AWS's"),
    ];
    for (offset, code, words) in cases {
        let office = office(|scenario| {
            scenario.clock_offset = offset;
            scenario.sts.skew_code = code.to_owned();
        });
        let output = office.robo(["aws.credentials", "dev"]).run().exits(0);
        assert!(output.stderr.contains(words), "{output}");
        // Signed once more with AWS's time, and no more often.
        assert_eq!(office.simulator.counts().sts("AssumeRole"), 2, "{offset}");
        // It ends in an hour by this machine's clock, which is all that SDKs look at.
        let ends: Timestamp = output.json()["Expiration"].as_str().unwrap().parse().unwrap();
        let left = ends.duration_since(Timestamp::now()).as_mins();
        assert!((55..=65).contains(&left), "{left} min: {output}");
        let output = office.robo(["aws.credentials", "dev"]).run().exits(0);
        assert_eq!(output.stderr, "", "a warm command says nothing");
    }
}

#[test]
fn a_wrong_signature_is_not_the_clock_s_fault() {
    let office = office(|scenario| {
        let fault = Fault::on("sts AssumeRole").aws_error(403, "SignatureDoesNotMatch", "words");
        scenario.faults.push(fault);
    });
    refused(&office, "dev", 6, &["AWS refused", "SignatureDoesNotMatch: words"]);
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 1);
}

#[test]
fn what_is_no_answer_of_aws_is_unreachable() {
    let faults: [(&str, fn(Fault) -> Fault); 5] = [
        ("a page", |fault| fault.page(200, "<html>sign in to the wifi</html>")),
        ("noise", |fault| fault.garbage(500)),
        ("cut off", |fault| fault.truncate(100)),
        ("empty", |fault| fault.page(200, "")),
        ("another page", |fault| fault.redirect("https://evil.example/")),
    ];
    for (what, fault) in faults {
        let office = office(|scenario| scenario.faults.push(fault(Fault::on("sts AssumeRole"))));
        let output = office.robo(["aws.credentials", "dev"]).run();
        assert_eq!((output.status, output.stdout.as_str()), (7, ""), "{what}: {output}");
        assert!(output.stderr.contains("hint:"), "{what}: {output}");
    }
}

#[test]
fn names_and_ids_reach_aws() {
    let office = office(|scenario| {
        *scenario.role(DEV) = Role::new(DEV).trusts(HUB).external_id("the-id");
    });
    let role = format!("role_arn = {DEV}\n");
    let keys = "external_id = the-id\nrole_session_name = me-at-work\nsource_identity = true\n";
    office.edit_config(&role, &format!("{role}{keys}"));
    let output = office.robo(["aws.explain", "dev", "--json"]).run().exits(0);
    assert_eq!(output.json()["steps"][1]["session_name"], "me-at-work");
    office.robo(["aws.exec", "dev", "--", "true"]).run().exits(0);
}

#[test]
fn a_flag_goes_before_the_environment_before_the_profile() {
    let office = office(|_| {});
    let prod = "arn:aws:iam::333333333333:role/prod";
    let role = |run: crate::common::Run| run.run().exits(0).stdout;
    let exec = ["aws.exec", "dev", "-r", prod, "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"];
    assert_eq!(role(office.robo(exec)), format!("{prod}\n"));
    let exec = ["aws.exec", "dev", "--", "printenv", "AWS_OKTA_ASSUMED_ROLE_ARN"];
    assert_eq!(role(office.robo(exec).env("AWS_ASSUME_ROLE_ARN", prod)), format!("{prod}\n"));
    assert_eq!(role(office.robo(exec)), format!("{DEV}\n"));
    let json = |run: crate::common::Run| run.run().exits(0).json();
    let explain = ["aws.explain", "dev", "--json", "-t", "2h"];
    let story = json(office.robo(explain).env("AWS_SESSION_TTL", "3h"));
    assert_eq!(story["steps"][0]["seconds"], 7200);
    let story = json(office.robo(&explain[..3]).env("AWS_SESSION_TTL", "3h"));
    assert_eq!(story["steps"][0]["seconds"], 10800);
}

#[test]
fn a_chain_may_be_of_any_length() {
    let office = office(|scenario| {
        for depth in 1..=6 {
            let source = if depth == 1 { DEV.to_owned() } else { deep(depth - 1) };
            scenario.sts.roles.push(Role::new(&deep(depth)).trusts(&source));
        }
    });
    let mut config = office.config();
    for depth in 1..=6 {
        let source = if depth == 1 { "dev".to_owned() } else { format!("deep{}", depth - 1) };
        let role = deep(depth);
        config +=
            &format!("\n[profile deep{depth}]\nrole_arn = {role}\nsource_profile = {source}\n");
    }
    office.sandbox.write_config(&config);
    office.robo(["aws.exec", "deep6", "--", "true"]).run().exits(0);
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 7);
    // Each hop of it is warm by itself.
    office.robo(["aws.exec", "deep3", "--", "true"]).run().exits(0);
    assert_eq!(office.simulator.counts().sts("AssumeRole"), 7);

    office.sandbox.write_config(config.replace("source_profile = deep5", "source_profile = deep6"));
    refused(&office, "deep6", 1, &["names itself as its source_profile"]);
    office
        .sandbox
        .write_config(config.replace("source_profile = dev\n", "source_profile = deep6\n"));
    refused(&office, "deep6", 1, &["leads in a circle", "deep1", "deep6"]);
    office
        .sandbox
        .write_config(config.replace("source_profile = dev\n", "source_profile = gone\n"));
    refused(&office, "deep6", 1, &["source_profile = gone, which is not there"]);
}

fn deep(depth: usize) -> String {
    format!("arn:aws:iam::555555555555:role/deep{depth}")
}
