//! Which value wins, and what is refused.

use std::fmt::Write as _;

use super::*;
use crate::engine::value::Overrides;
use crate::ini::Document;

const CONFIG: &str = "\
[okta]
okta_domain = acme.okta.com
aws_saml_url = home/amazon_aws/0oa1/272
session_ttl = 12h
mfa_provider = OKTA

[profile hub]
role_arn = arn:aws:iam::111111111111:role/foundation
mfa_factor_type = push

[profile dev]
source_profile = hub
role_arn = arn:aws:iam::222222222222:role/Administrator
region = eu-west-1
assume_role_ttl = 12h
external_id = of-dev

[profile deep]
source_profile = dev
role_arn = arn:aws:iam::333333333333:role/path/Deep
role_session_name = me
source_identity = true
duration_seconds = 1800

[profile alias]
source_profile = dev
region = us-east-2

[profile pick]
region = us-east-1

[profile china]
aws_saml_url = https://acme.okta.cn/home/x/1
okta_account_name = china
role_arn = arn:aws-cn:iam::444444444444:role/cn
duration_seconds = 900

[profile keys]
aws_access_key_id = AKIA
";

fn resolve(config: &str, name: &str, asked: &Asked) -> Result<Request> {
    let profiles = Profiles::read(&Document::parse(config)).unwrap();
    let chain = profiles.chain(name, |_| false).unwrap();
    Request::resolve(&profiles, &chain, asked)
}

fn asked(flags: &[(&'static str, &str)]) -> Asked {
    let mut overrides = Overrides::default();
    for (key, value) in flags {
        overrides.add(key, Some(*value), Origin::Flag("--flag"));
    }
    Asked { overrides, ..Asked::default() }
}

/// A request in a few words.
fn told(request: &Request) -> String {
    let mut told = String::new();
    for step in &request.steps {
        let role = step
            .role_arn
            .as_ref()
            .map_or("?", |role| role.value.rsplit('/').next().unwrap_or_default());
        let _ = write!(told, "{role} {}", duration::shown(step.duration.value));
        if let Some(id) = &step.external_id {
            let _ = write!(told, " id={}", id.as_str());
        }
        if let Some(name) = &step.session_name {
            let _ = write!(told, " as={}", name.value);
        }
        if step.source_identity.is_some() {
            told.push_str(" source");
        }
        told.push_str(" > ");
    }
    let region = request.region.as_ref().map_or("-", |region| region.value.as_str());
    told + region
}

#[test]
fn a_chain_is_walked_from_its_root() {
    let cases = [
        ("hub", "foundation 12 h > -"),
        ("dev", "foundation 12 h > Administrator 1 h id=of-dev > eu-west-1"),
        // An external id is of one role alone; the ttl goes up the chain, and is cut.
        (
            "deep",
            "foundation 12 h > Administrator 1 h id=of-dev > Deep 30 min as=me source > eu-west-1",
        ),
        ("alias", "foundation 12 h > Administrator 1 h id=of-dev > us-east-2"),
        ("pick", "? 12 h > us-east-1"),
        // Its own duration_seconds is nearer than the ttl of [okta].
        ("china", "cn 15 min > -"),
    ];
    for (name, want) in cases {
        let request = resolve(CONFIG, name, &Asked::default()).unwrap();
        assert_eq!(told(&request), want, "{name}");
    }
}

#[test]
fn a_flag_goes_before_everything() {
    type Case<'a> = (&'a [(&'static str, &'a str)], &'a str, &'a str);
    let cases: [Case<'_>; 5] = [
        (&[("session_ttl", "15m")], "hub", "foundation 15 min > -"),
        (
            &[("assume_role_ttl", "20m")],
            "dev",
            "foundation 12 h > Administrator 20 min id=of-dev > eu-west-1",
        ),
        (
            &[("region", "eu-north-1")],
            "dev",
            "foundation 12 h > Administrator 1 h id=of-dev > eu-north-1",
        ),
        (
            &[("role_arn", "arn:aws:iam::222222222222:role/Other")],
            "dev",
            "foundation 12 h > Other 1 h id=of-dev > eu-west-1",
        ),
        (
            &[("role_arn", "arn:aws:iam::111111111111:role/Picked")],
            "pick",
            "Picked 12 h > us-east-1",
        ),
    ];
    for (flags, name, want) in cases {
        let request = resolve(CONFIG, name, &asked(flags)).unwrap();
        assert_eq!(told(&request), want, "{flags:?} {name}");
    }
}

#[test]
fn the_environments_region_comes_after_the_profiles() {
    let region = Value::new("ap-south-1".to_owned(), Origin::Environment("AWS_REGION"));
    let asked = Asked { region: Some(region), ..Asked::default() };
    for (name, want) in [("dev", "eu-west-1"), ("hub", "ap-south-1")] {
        let request = resolve(CONFIG, name, &asked).unwrap();
        assert_eq!(request.region.unwrap().value, want);
    }
}

#[test]
fn each_value_tells_where_it_is_from() {
    let request = resolve(CONFIG, "deep", &asked(&[("mfa_duo_device", "phone2")])).unwrap();
    let okta = &request.okta;
    let cases = [
        (okta.domain.as_ref(), "acme.okta.com", "[okta]"),
        (okta.app.as_ref(), "home/amazon_aws/0oa1/272", "[okta]"),
        (okta.provider.as_ref(), "OKTA", "[okta]"),
        (okta.factor_type.as_ref(), "push", "profile 'hub'"),
        (okta.duo_device.as_ref(), "phone2", "--flag"),
        (request.region.as_ref(), "eu-west-1", "profile 'dev'"),
    ];
    for (value, want, origin) in cases {
        let value = value.unwrap();
        assert_eq!((value.value.as_str(), value.origin.to_string().as_str()), (want, origin));
    }
    let china = resolve(CONFIG, "china", &Asked::default()).unwrap();
    assert_eq!(china.okta.account.unwrap().value, "china");
}

#[test]
fn what_cannot_be_had_is_cut_and_told() {
    let notes = |name: &str, flags: &[(&'static str, &str)]| {
        resolve(CONFIG, name, &asked(flags)).unwrap().notes
    };
    assert_eq!(
        notes("dev", &[]),
        [
            "profile 'dev': assume_role_ttl = 12h is cut to 1 h: AWS gives a role that another role assumes 1 h at most"
        ]
    );
    assert_eq!(
        notes("hub", &[("session_ttl", "90h")]),
        ["--flag: session_ttl = 90h is cut to 12 h: AWS gives 12 h at most"]
    );
    assert!(notes("hub", &[]).is_empty());
}

#[test]
fn a_value_that_cannot_be_right_is_refused_by_its_name() {
    let role =
        "[okta]\naws_saml_url = x\n[profile p]\nrole_arn = arn:aws:iam::111111111111:role/x\n";
    let cases = [
        (
            format!("{role}session_ttl = soon\n"),
            "profile 'p': session_ttl = soon is not a duration such as 45m, 1h or 1h30m",
        ),
        (
            format!("{role}session_ttl = 1m\n"),
            "profile 'p': session_ttl = 1m is less than 15 minutes",
        ),
        (
            format!("{role}duration_seconds = 1h\n"),
            "profile 'p': duration_seconds = 1h is not a number of seconds",
        ),
        (format!("{role}external_id = x\n"), "external"),
        (format!("{role}role_session_name = a b\n"), "'a b' cannot be a role_session_name"),
        (format!("{role}source_identity = a b\n"), "'a b' cannot be a source_identity"),
        (
            "[okta]\naws_saml_url = x\n[profile p]\nrole_arn = nonsense\n".to_owned(),
            "profile 'p': role_arn = nonsense is not the ARN of a role",
        ),
        (
            "[profile p]\nrole_arn = arn:aws:iam::111111111111:role/x\n".to_owned(),
            "profile 'p' leads to no Okta app: neither it, nor its source profiles, nor [okta] has aws_saml_url",
        ),
        (
            CONFIG.replace("[profile keys]", "[profile p]"),
            "profile 'p' does not begin at Okta: profile 'p' has credentials of its own (aws_access_key_id)",
        ),
    ];
    for (config, want) in cases {
        let error = resolve(&config, "p", &Asked::default()).unwrap_err();
        assert!(error.message().contains(want), "{want}: {error}");
        assert!(!error.hints().is_empty(), "{want}");
    }
    let asked = Asked { min_ttl: Some("x".to_owned()), ..Asked::default() };
    assert_eq!(resolve(CONFIG, "dev", &asked).unwrap_err().kind(), crate::Kind::Usage);
}

#[test]
fn an_empty_value_unsets_what_stands_further_up() {
    let config = CONFIG.replace("region = us-east-2", "mfa_factor_type =\nregion = us-east-2");
    let request = resolve(&config, "alias", &Asked::default()).unwrap();
    assert_eq!(request.okta.factor_type, None);
}

#[test]
fn a_services_section_names_the_address_of_sts() {
    let config = "[okta]\naws_saml_url = x\n[profile p]\nservices = local\nrole_arn = arn:aws:iam::111111111111:role/x\n[services local]\nsts =\n  endpoint_url = http://127.0.0.1:1\ns3 =\n  endpoint_url = http://127.0.0.1:2\n";
    let request = resolve(config, "p", &Asked::default()).unwrap();
    assert_eq!(request.steps[0].sts.service_url.as_deref(), Some("http://127.0.0.1:1"));
}

#[test]
fn an_address_on_the_key_s_own_line_is_no_address() {
    // No SDK reads it so, and neither does the vetting of what a repo brings.
    let config = "[okta]\naws_saml_url = x\nservices = s\n[profile p]\nrole_arn = arn:aws:iam::111111111111:role/x\n[services s]\nsts = endpoint_url = https://evil.example\n";
    let request = resolve(config, "p", &Asked::default()).unwrap();
    assert_eq!(request.steps[0].sts.service_url, None);
}

#[test]
fn a_region_goes_nowhere_unless_it_is_one() {
    let asked = asked(&[("region", "x$(id)")]);
    assert_eq!(resolve(CONFIG, "dev", &asked).unwrap_err().kind(), Kind::Usage);
    let config = CONFIG.replace("region = eu-west-1", "region = eu west");
    assert_eq!(resolve(&config, "dev", &Asked::default()).unwrap_err().kind(), Kind::Failed);
}

#[test]
fn of_two_ways_to_name_the_app_the_nearer_one_counts() {
    const OKTA: &str = "[okta]\naws_saml_url = home/amazon_aws/0oaOkta/272\nokta_app_id = 0oaId\n";
    const LINK: &str = "aws_saml_url = home/amazon_aws/0oaLink/272\n";
    const ID: &str = "okta_app_id = 0oaOwn\n";
    for (hub, own, want) in [
        ("", "", "0oaId"),
        ("", LINK, "0oaLink"),
        (LINK, "", "0oaLink"),
        (LINK, ID, "0oaOwn"),
        (ID, LINK, "0oaLink"),
        ("", &format!("{LINK}{ID}"), "0oaOwn"),
    ] {
        let config = format!(
            "{OKTA}[profile hub]\nrole_arn = arn:aws:iam::111111111111:role/x\n{hub}\
             [profile p]\nsource_profile = hub\nrole_arn = arn:aws:iam::111111111111:role/y\n{own}"
        );
        let request = resolve(&config, "p", &Asked::default()).unwrap();
        assert_eq!(request.okta.app_id().unwrap().value, want, "{hub} {own}");
    }
}
