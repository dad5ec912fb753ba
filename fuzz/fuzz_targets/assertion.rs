//! Any XML is an assertion or none; what is read of it is the namespace's own, and is read the same
//! from what is written of it.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use robo::okta::Assertion;
use robo_fuzz::is_for_aws;

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const NAMES: &str = "https://aws.amazon.com/SAML/Attributes/";

fuzz_target!(|xml: &str| {
    let Ok(assertion) = read(xml) else { return };
    is_for_aws(&assertion);
    // A name may be written in entities.
    assert!(xml.contains(SAML) || xml.contains('&'), "of another namespace");
    if !assertion.roles.is_empty() || assertion.session_name.is_some() {
        assert!(xml.contains(NAMES) || xml.contains('&'), "of another's attributes");
    }
    assert!(assertion.session_duration.is_none_or(|seconds| (900..=43_200).contains(&seconds)));
    assert!(!xml.contains("<!ENTITY") || xml.contains("<!--") || xml.contains("<![CDATA["));

    let again = read(&written(&assertion)).expect("what is written is right");
    assert_eq!(again.roles, assertion.roles);
    assert_eq!(again.session_name, assertion.session_name);
    assert_eq!(again.source_identity, assertion.source_identity);
    assert_eq!(again.session_duration, assertion.session_duration);
    assert!(again.unusable.is_empty());
});

fn read(xml: &str) -> robo::Result<Assertion> {
    let destination = "https://signin.aws.amazon.com/saml".parse().expect("a URL");
    Assertion::read(STANDARD.encode(xml).into(), destination)
}

fn written(assertion: &Assertion) -> String {
    let roles = assertion
        .roles
        .iter()
        .map(|role| attribute("Role", &format!("{},{}", role.provider_arn, role.role_arn)));
    let text = |name, text: &Option<String>| text.as_deref().map(|text| attribute(name, text));
    let seconds = assertion.session_duration.map(|seconds| seconds.to_string());
    let attributes: String = roles
        .chain(text("RoleSessionName", &assertion.session_name))
        .chain(text("SourceIdentity", &assertion.source_identity))
        .chain(text("SessionDuration", &seconds))
        .collect();
    format!("<Response><Assertion xmlns=\"{SAML}\">{attributes}</Assertion></Response>")
}

/// Every character as a number: what is meant as text stays text.
fn attribute(name: &str, value: &str) -> String {
    let value: String = value.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    format!(
        "<Attribute Name=\"{NAMES}{name}\"><AttributeValue>{value}</AttributeValue></Attribute>"
    )
}
