//! STS: signatures, rules and errors.

mod common;

use common::World;
use common::aws::{DEV, HUB, Keys, PROVIDER, READER, Signing};
use robo_simulator::scenario::{IamUser, Order, SamlRole};
use robo_simulator::{Role, Scenario};

#[test]
fn a_chain_of_roles_ends_with_the_last_one() {
    let world = World::new();
    let dev = world.assume(&world.hub(), DEV, &[]);
    assert_eq!(dev.xml("Arn"), "arn:aws:sts::222222222222:assumed-role/dev/you@acme.com");
    let reader = world.assume(&Keys::of(&dev), READER, &[("DurationSeconds", "900")]);
    let keys = Keys::of(&reader);
    let identity = world.identity(&keys, &Signing::default());
    // A path is not part of it.
    assert_eq!(identity.xml("Arn"), "arn:aws:sts::444444444444:assumed-role/reader/you@acme.com");
    assert_eq!(identity.xml("Account"), "444444444444");
    assert_eq!(world.identity(&keys, &Signing { get: true, ..Signing::default() }).status, 200);
    let counts = world.sim.counts();
    assert_eq!((counts.sts("AssumeRoleWithSAML"), counts.sts("AssumeRole")), (1, 2));
    let secrets = world.sim.secrets();
    assert!(secrets.contains(&keys.secret) && secrets.contains(keys.token.as_ref().unwrap()));
}

#[test]
fn a_signature_has_to_be_right_of_now_and_by_good_credentials() {
    let world = World::new();
    let hub = world.hub();
    let identity = |keys: &Keys, signing: Signing| world.identity(keys, &signing).aws();
    let usual = Signing::default;
    assert_eq!(identity(&hub, usual()), "200");
    assert_eq!(identity(&hub, Signing { off: 299, ..usual() }), "200");
    for signing in [
        Signing { off: 310, ..usual() },
        Signing { off: -310, ..usual() },
        Signing { service: "iam", ..usual() },
        Signing { region: "", ..usual() },
        Signing { spoil: Some("authorization"), ..usual() },
        Signing { spoil: Some("content-type"), ..usual() },
    ] {
        assert_eq!(identity(&hub, signing), "403 SignatureDoesNotMatch");
    }
    let stranger = Keys { id: "ASIAIOSFODNN7EXAMPLE".to_owned(), ..hub.clone() };
    assert_eq!(identity(&stranger, usual()), "403 InvalidClientTokenId");
    let wrong = Keys { secret: "wrong".to_owned(), ..hub.clone() };
    assert_eq!(identity(&wrong, usual()), "403 SignatureDoesNotMatch");
    let token = Keys { token: None, ..hub.clone() };
    assert_eq!(identity(&token, usual()), "403 InvalidClientTokenId");
    let unsigned = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")];
    let unsigned = world.form(&world.sim.sts_url(), &unsigned);
    assert_eq!(unsigned.aws(), "403 MissingAuthenticationToken");
    world.sim.scenario(|scenario| scenario.clock_offset += 3601);
    assert_eq!(identity(&hub, Signing { off: 3601, ..usual() }), "403 ExpiredToken");
}

#[test]
fn the_words_for_a_wrong_clock_name_both_times() {
    let world = World::new();
    let hub = world.hub();
    let early = world.identity(&hub, &Signing { off: -600, ..Signing::default() });
    assert!(early.body.contains("Signature expired: ") && early.body.contains("- 5 min."));
    world.sim.scenario(|scenario| scenario.sts.skew_code = "RequestExpired".to_owned());
    let late = world.identity(&hub, &Signing { off: 600, ..Signing::default() });
    assert_eq!(late.aws(), "403 RequestExpired");
    assert!(late.body.contains("Signature not yet current: "));
}

type Change = fn(&mut Scenario);

#[test]
fn an_assertion_has_to_be_okta_s_for_aws_of_now_and_name_the_role() {
    let world = World::new();
    let assume = |others: &[(&str, &str)]| world.assume_with_saml(&world.assertion(), others).aws();
    assert_eq!(assume(&[]), "200");
    assert_eq!(assume(&[("RoleArn", DEV)]), "403 AccessDenied");
    assert_eq!(assume(&[("PrincipalArn", &PROVIDER.replace("okta", "other"))]), "403 AccessDenied");
    assert_eq!(assume(&[("SAMLAssertion", "!!!!")]), "400 InvalidIdentityToken");
    assert_eq!(assume(&[("SAMLAssertion", "PHg+PC94Pg==")]), "400 InvalidIdentityToken");
    assert_eq!(assume(&[("RoleArn", "short")]), "400 ValidationError");
    assert_eq!(assume(&[("SAMLAssertion", &"A".repeat(100_001))]), "400 ValidationError");
    let cases: [(Change, &str); 5] = [
        (|scenario| scenario.saml().age = 301, "400 ExpiredTokenException"),
        (|scenario| scenario.saml().audience = "me".to_owned(), "400 InvalidIdentityToken"),
        (
            |scenario| scenario.saml().destination = "https://evil.example/saml".to_owned(),
            "400 InvalidIdentityToken",
        ),
        (
            |scenario| scenario.saml().session_name = Some("a b".to_owned()),
            "400 InvalidIdentityToken",
        ),
        (
            |scenario| scenario.saml().session_not_on_or_after = Some(-1),
            "400 ExpiredTokenException",
        ),
    ];
    for (change, expected) in cases {
        let mut scenario = Scenario::default();
        change(&mut scenario);
        world.sim.set_scenario(scenario);
        assert_eq!(assume(&[]), expected);
    }
}

#[test]
fn an_assertion_of_four_hundred_roles_is_short_enough() {
    let mut scenario = Scenario::default();
    *scenario.saml() = scenario.saml().clone().with_more_roles(400);
    let world = World::with(scenario);
    let assertion = world.assertion();
    assert!(assertion.len() < 100_000, "{}", assertion.len());
    assert_eq!(world.assume_with_saml(&assertion, &[]).aws(), "200");
}

#[test]
fn sso_s_own_roles_cannot_be_taken_by_an_assertion() {
    let arn = "arn:aws:iam::111111111111:role/aws-reserved/AWSReservedSSO_Admin_0123";
    let mut scenario = Scenario::default();
    scenario.saml().roles.push(SamlRole { role: arn.to_owned(), provider: PROVIDER.to_owned() });
    scenario.saml().order = Order::ProviderFirst;
    scenario.sts.roles.push(Role::new(arn).trusts(PROVIDER));
    let world = World::with(scenario);
    let assertion = world.assertion();
    assert_eq!(world.assume_with_saml(&assertion, &[("RoleArn", arn)]).aws(), "403 AccessDenied");
}

#[test]
fn a_session_is_as_long_as_the_role_and_the_way_to_it_allow() {
    let world = World::new();
    let saml = |seconds: &str| {
        let answer = world.assume_with_saml(&world.assertion(), &[("DurationSeconds", seconds)]);
        (answer.aws(), answer.body)
    };
    assert_eq!(saml("43200").0, "200");
    for seconds in ["899", "43201"] {
        assert_eq!(saml(seconds).0, "400 ValidationError");
    }
    world.sim.scenario(|scenario| scenario.role(HUB).max_session = 3600);
    let (code, body) = saml("3601");
    assert_eq!(code, "400 ValidationError");
    assert!(body.contains("exceeds the MaxSessionDuration set for this role."));

    world.sim.scenario(|scenario| scenario.role(DEV).max_session = 43200);
    let chained = world.assume(&world.hub(), DEV, &[("DurationSeconds", "3601")]);
    assert_eq!(chained.aws(), "400 ValidationError");
    assert!(chained.body.contains("the 1 hour session limit for roles assumed by role chaining"));
    assert_eq!(world.assume(&world.hub(), DEV, &[("DurationSeconds", "3600")]).aws(), "200");
}

#[test]
fn the_session_at_okta_caps_that_of_aws() {
    let world = World::new();
    world.sim.scenario(|scenario| scenario.saml().session_not_on_or_after = Some(1000));
    let hub = world.hub();
    assert_eq!(world.identity(&hub, &Signing::default()).aws(), "200");
    world.sim.scenario(|scenario| scenario.clock_offset += 1001);
    let later = Signing { off: 1001, ..Signing::default() };
    assert_eq!(world.identity(&hub, &later).aws(), "403 ExpiredToken");
}

#[test]
fn a_user_with_long_term_keys_may_have_a_longer_session() {
    let arn = "arn:aws:iam::222222222222:user/ci";
    let keys =
        Keys { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), secret: "long".to_owned(), token: None };
    let mut scenario = Scenario::default();
    scenario.sts.users = vec![IamUser {
        arn: arn.to_owned(),
        access_key_id: keys.id.clone(),
        secret_access_key: keys.secret.clone(),
    }];
    *scenario.role(DEV) =
        Role::new(DEV).trusts("arn:aws:iam::222222222222:root").max_session(43200);
    let world = World::with(scenario);
    assert_eq!(world.identity(&keys, &Signing::default()).xml("Arn"), arn);
    assert_eq!(world.assume(&keys, DEV, &[("DurationSeconds", "43200")]).aws(), "200");
}

#[test]
fn a_role_is_for_who_it_trusts_with_the_external_id_it_wants() {
    let world = World::new();
    let hub = world.hub();
    assert_eq!(world.assume(&hub, READER, &[]).aws(), "403 AccessDenied");
    assert_eq!(
        world.assume(&hub, "arn:aws:iam::999999999999:role/x", &[]).aws(),
        "403 AccessDenied"
    );
    world.sim.scenario(|scenario| scenario.role(DEV).external_id = Some("acme/1".to_owned()));
    assert_eq!(world.assume(&hub, DEV, &[]).aws(), "403 AccessDenied");
    assert_eq!(world.assume(&hub, DEV, &[("ExternalId", "acme/2")]).aws(), "403 AccessDenied");
    assert_eq!(world.assume(&hub, DEV, &[("ExternalId", "acme/1")]).aws(), "200");
}

#[test]
fn parameters_are_checked() {
    let world = World::new();
    let hub = world.hub();
    for (name, value) in [
        ("RoleSessionName", "x"),
        ("RoleSessionName", "a b"),
        ("RoleSessionName", "you:me"),
        ("ExternalId", "a b"),
        ("ExternalId", "x"),
        ("SourceIdentity", "ü"),
        ("TokenCode", "12345"),
        ("DurationSeconds", "60"),
        ("RoleArn", "arn:aws:iam::222222222222:user/dev"),
    ] {
        assert_eq!(
            world.assume(&hub, DEV, &[(name, value)]).aws(),
            "400 ValidationError",
            "{name}={value}"
        );
    }
    let long = "x".repeat(65);
    assert_eq!(world.assume(&hub, DEV, &[("RoleSessionName", &long)]).aws(), "400 ValidationError");
    assert_eq!(
        world.signed(&hub, "AssumeRoles", &[], &Signing::default()).aws(),
        "400 InvalidAction"
    );
}

#[test]
fn a_source_identity_stays_for_the_whole_chain() {
    let world = World::new();
    world.sim.scenario(|scenario| scenario.saml().source_identity = Some("you".to_owned()));
    let hub = world.hub();
    let dev = world.assume(&hub, DEV, &[]);
    assert_eq!(dev.xml("SourceIdentity"), "you");
    assert_eq!(world.assume(&hub, DEV, &[("SourceIdentity", "you")]).aws(), "200");
    assert_eq!(world.assume(&hub, DEV, &[("SourceIdentity", "other")]).aws(), "403 AccessDenied");
    world.sim.scenario(|scenario| scenario.role(DEV).source_identity = false);
    assert_eq!(world.assume(&hub, DEV, &[]).aws(), "403 AccessDenied");
}

#[test]
fn a_region_in_which_sts_is_not_active_refuses() {
    let world = World::new();
    let hub = world.hub();
    world.sim.scenario(|scenario| scenario.sts.disabled_regions = vec!["af-south-1".to_owned()]);
    let region = |region| world.identity(&hub, &Signing { region, ..Signing::default() }).aws();
    assert_eq!(region("af-south-1"), "403 RegionDisabledException");
    assert_eq!(region("eu-west-1"), "200");
    let assertion = world.assertion();
    world.sim.scenario(|scenario| scenario.sts.disabled_regions = vec!["*".to_owned()]);
    assert_eq!(world.assume_with_saml(&assertion, &[]).aws(), "403 RegionDisabledException");
}

#[test]
fn credentials_of_another_partition_are_as_good() {
    let mut scenario = Scenario::default();
    let role = SamlRole::new("aws-us-gov", "111111111111", "teams/hub");
    scenario.sts.roles = vec![Role::new(&role.role).trusts(&role.provider)];
    scenario.saml().destination = "https://signin.amazonaws-us-gov.com/saml".to_owned();
    scenario.saml().roles = vec![role.clone()];
    let world = World::with(scenario);
    let pair = [("RoleArn", role.role.as_str()), ("PrincipalArn", role.provider.as_str())];
    let hub = world.assume_with_saml(&world.assertion(), &pair);
    let arn = "arn:aws-us-gov:sts::111111111111:assumed-role/hub/you@acme.com";
    assert_eq!(hub.xml("Arn"), arn);
    world.sim.scenario(|scenario| {
        scenario.saml().destination = "https://signin.aws.amazon.com/saml".to_owned();
    });
    assert_eq!(world.assume_with_saml(&world.assertion(), &pair).aws(), "400 InvalidIdentityToken");
}
