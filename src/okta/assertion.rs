//! The SAML assertion that Okta makes for AWS, and the roles that it names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};
use url::Url;

use crate::error::{Error, Result};
use crate::okta::words::cut;
use crate::sys::secret::{ExposeSecret, Secret};

/// A SAML assertion, to be given to STS at once: AWS takes it for some five minutes.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The base64 text as it came, which is what STS wants.
    pub encoded: Secret,
    /// The roles that it lets one assume, in its order, without repetition.
    pub roles: Vec<SamlRole>,
    /// What it names beside them that cannot be assumed, and why.
    pub unusable: Vec<UnusableRole>,
    /// The session name that AWS will use: 2 to 64 characters of `[\w+=,.@-]`.
    pub session_name: Option<String>,
    /// The source identity that AWS will set.
    pub source_identity: Option<String>,
    /// For how many seconds a *console* session by this assertion would last (900 to 43200); it
    /// does not govern STS.
    pub session_duration: Option<u32>,
    /// The AWS sign-in page that the assertion is for; tells the partition.
    pub destination: Url,
}

/// A role, and the identity provider in its account that vouches for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SamlRole {
    /// The role's ARN; it may have a path.
    pub role_arn: String,
    /// The SAML provider's ARN.
    pub provider_arn: String,
}

/// A value of the assertion's role attribute that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnusableRole {
    /// The value, or the role's ARN where there is one.
    pub value: String,
    /// Why not, as the end of a sentence.
    pub reason: &'static str,
}

/// STS takes no longer one (API reference of AssumeRoleWithSAML).
const LONGEST: usize = 100_000;

/// The attributes' names; GovCloud's and China's assertions use the same.
const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";

/// The namespace of SAML 2.0 assertions.
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

impl Assertion {
    /// Reads the base64 text of a `SAMLResponse`, posted to `destination`.
    ///
    /// # Errors
    /// When it is too long for AWS, is not a SAML response, or is not readable at all. Nothing of
    /// its content is in the error.
    pub fn read(encoded: Secret, destination: Url) -> Result<Self> {
        let text = encoded.expose_secret();
        if text.len() > LONGEST {
            return Err(Error::failed(format!(
                "Okta's SAML assertion is too long for AWS: {} characters, of which AWS takes {LONGEST}",
                text.len()
            ))
            .hint("it names too many roles or groups: ask whoever runs Okta to assign fewer"));
        }
        let packed: String = text.split_ascii_whitespace().collect();
        let xml = STANDARD.decode(packed).map_err(|_| unreadable("it is not base64"))?;
        let xml = String::from_utf8(xml).map_err(|_| unreadable("it is not UTF-8"))?;
        // A document with a DTD is refused, which is the parser's default.
        let document = Document::parse(&xml).map_err(|_| unreadable("it is not sound XML"))?;
        check(&document)?;

        let (roles, unusable) = roles(&document);
        let single = |name: &str| values(&document, name).into_iter().find(|v| !v.is_empty());
        let session_duration = single("SessionDuration").and_then(|text| text.parse().ok());
        Ok(Self {
            roles,
            unusable,
            session_name: single("RoleSessionName"),
            source_identity: single("SourceIdentity"),
            session_duration: session_duration.filter(|s| (900..=43_200).contains(s)),
            destination,
            encoded,
        })
    }
}

fn unreadable(why: &str) -> Error {
    Error::failed(format!("Okta's SAML assertion cannot be read: {why}"))
        .hint("try again; if it stays so, ask whoever runs the AWS app in Okta")
}

/// Whether it is a response that says yes, and shows what it says.
fn check(document: &Document<'_>) -> Result<()> {
    let root = document.root_element();
    if root.tag_name().name() != "Response" {
        return Err(unreadable("it is not a SAML response"));
    }
    let status = root.descendants().find(|node| node.tag_name().name() == "StatusCode");
    let status = status.and_then(|node| node.attribute("Value")).unwrap_or_default();
    if !status.is_empty() && !status.ends_with(":Success") {
        return Err(Error::failed("Okta's SAML response says no")
            .because(cut(status, 200))
            .hint("ask whoever runs the AWS app in Okta"));
    }
    let has = |name: &str| root.descendants().any(|node| node.has_tag_name((SAML, name)));
    if !has("Assertion") {
        return Err(unreadable(if has("EncryptedAssertion") {
            "it is encrypted, so its roles cannot be seen"
        } else {
            "there is no assertion in it"
        }));
    }
    Ok(())
}

/// The values of one of AWS's attributes, whatever prefix its namespace has.
fn values(document: &Document<'_>, name: &str) -> Vec<String> {
    let attribute = |node: &Node<'_, '_>| {
        node.has_tag_name((SAML, "Attribute"))
            && node.attribute("Name").and_then(|full| full.strip_prefix(ATTRIBUTES)) == Some(name)
    };
    let values = document.descendants().filter(attribute).flat_map(|node| node.children());
    values
        .filter(|node| node.has_tag_name((SAML, "AttributeValue")))
        .map(|node| node.text().unwrap_or_default().trim().to_owned())
        .collect()
}

fn roles(document: &Document<'_>) -> (Vec<SamlRole>, Vec<UnusableRole>) {
    let (mut roles, mut unusable) = (Vec::new(), Vec::new());
    for value in values(document, "Role") {
        match role(&value) {
            Ok(role) if roles.contains(&role) => {}
            Ok(role) => roles.push(role),
            Err(reason) => unusable.push(reason),
        }
    }
    (roles, unusable)
}

/// Reads `role,provider` or `provider,role`: both are seen.
fn role(value: &str) -> Result<SamlRole, UnusableRole> {
    let unusable = |value: &str, reason| UnusableRole { value: cut(value, 300), reason };
    let mut parts = value.split(',').map(str::trim);
    let (Some(one), Some(other), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(unusable(value, "is not a role and a provider"));
    };
    // The resource is the sixth field, and may have any printable character in it.
    let names = |arn: &str, kind: &str| {
        let resource = arn.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
        arn.bytes().all(|byte| byte.is_ascii_graphic())
            && resource.is_some_and(|resource| resource.starts_with(kind))
    };
    let is_role = |arn: &str| names(arn, "role/");
    let is_provider = |arn: &str| names(arn, "saml-provider/");
    let (role, provider) = match (one, other) {
        (role, provider) if is_role(role) && is_provider(provider) => (role, provider),
        (provider, role) if is_role(role) && is_provider(provider) => (role, provider),
        _ => return Err(unusable(value, "is not a role and a provider")),
    };
    let name = role.rsplit('/').next().unwrap_or_default();
    if name.starts_with("AWSReservedSSO_") {
        return Err(unusable(role, "belongs to IAM Identity Center and cannot be assumed by SAML"));
    }
    Ok(SamlRole { role_arn: role.to_owned(), provider_arn: provider.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_xml(xml: &str) -> Result<Assertion> {
        let destination = Url::parse("https://signin.aws.amazon.com/saml").unwrap();
        Assertion::read(STANDARD.encode(xml).into(), destination)
    }

    fn response(attributes: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol">
            <saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>
            <x:Assertion xmlns:x="urn:oasis:names:tc:SAML:2.0:assertion"><x:AttributeStatement>
            {attributes}</x:AttributeStatement></x:Assertion></saml2p:Response>"#
        )
    }

    fn attribute(name: &str, values: &[&str]) -> String {
        let values: String = values
            .iter()
            .map(|value| format!("<x:AttributeValue>{value}</x:AttributeValue>"))
            .collect();
        format!(
            r#"<x:Attribute Name="https://aws.amazon.com/SAML/Attributes/{name}">{values}</x:Attribute>"#
        )
    }

    const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/okta";

    #[test]
    fn roles_are_read_in_either_order() {
        let role = "arn:aws-us-gov:iam::111111111111:role/path/of/foundation";
        let assertion = read_xml(&response(&attribute(
            "Role",
            &[
                &format!("{role},{PROVIDER}"),
                &format!(" {PROVIDER} ,\n {role} "),
                &format!("{PROVIDER},arn:aws:iam::2:role/b"),
                &format!("arn:aws:iam::2:role/aws-reserved/AWSReservedSSO_Admin_1,{PROVIDER}"),
                "arn:aws:iam::3:role/alone",
                &format!("{PROVIDER},{PROVIDER}"),
                "",
            ],
        )))
        .unwrap();
        let roles: Vec<&str> = assertion.roles.iter().map(|role| role.role_arn.as_str()).collect();
        assert_eq!(roles, [role, "arn:aws:iam::2:role/b"]);
        assert!(assertion.roles.iter().all(|role| role.provider_arn == PROVIDER));
        let reasons: Vec<&str> = assertion.unusable.iter().map(|role| role.reason).collect();
        assert_eq!(reasons.len(), 4);
        assert!(reasons[0].contains("Identity Center"), "{reasons:?}");
    }

    #[test]
    fn the_other_attributes_are_read() {
        let all = attribute("RoleSessionName", &["jo@acme.com"])
            + &attribute("SessionDuration", &[" 28800 "])
            + &attribute("SourceIdentity", &["jo"])
            + &attribute("Role", &[]);
        let assertion = read_xml(&response(&all)).unwrap();
        assert_eq!(assertion.session_name.as_deref(), Some("jo@acme.com"));
        assert_eq!(assertion.session_duration, Some(28_800));
        assert_eq!(assertion.source_identity.as_deref(), Some("jo"));
        assert!(assertion.roles.is_empty());
        for odd in ["60", "99999", "-1", "x", ""] {
            let odd = read_xml(&response(&attribute("SessionDuration", &[odd]))).unwrap();
            assert_eq!(odd.session_duration, None);
        }
        let foreign = r#"<x:Attribute Name="https://evil.test/SAML/Attributes/Role"><x:AttributeValue>arn:aws:iam::1:role/a,arn:aws:iam::1:saml-provider/a</x:AttributeValue></x:Attribute>"#;
        assert!(read_xml(&response(foreign)).unwrap().roles.is_empty());
    }

    #[test]
    fn a_role_is_told_from_a_provider_by_its_place() {
        let provider = "arn:aws:iam::1:saml-provider/a:role/b";
        let role = "arn:aws:iam::1:role/a:saml-provider/b";
        for value in [format!("{role},{provider}"), format!("{provider},{role}")] {
            let assertion = read_xml(&response(&attribute("Role", &[&value]))).unwrap();
            let want = SamlRole { role_arn: role.to_owned(), provider_arn: provider.to_owned() };
            assert_eq!(assertion.roles, [want], "{value}");
        }
        for odd in ["arn:aws:iam::1:role/a b", "arn:aws:iam::1:role/\u{202e}", "arn:x:role/a"] {
            let value = format!("{odd},{PROVIDER}");
            let assertion = read_xml(&response(&attribute("Role", &[&value]))).unwrap();
            assert!(assertion.roles.is_empty() && assertion.unusable.len() == 1, "{odd}");
        }
    }

    #[test]
    fn four_hundred_roles_are_fine() {
        let values: Vec<String> =
            (0..400).map(|n| format!("arn:aws:iam::{n:012}:role/r,{PROVIDER}")).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(read_xml(&response(&attribute("Role", &values))).unwrap().roles.len(), 400);
    }

    #[test]
    fn what_is_not_an_assertion_is_an_error() {
        let deep = "<a>".repeat(12_000);
        let nested = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
        let encrypted = response("").replace("x:Assertion", "x:EncryptedAssertion");
        let denied = response("").replace("status:Success", "status:Responder");
        let cases = [
            ("", "not sound XML"),
            ("<html/>", "not a SAML response"),
            ("<Response/>", "no assertion"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><Response>&b;</Response>", "not sound XML"),
            (deep.as_str(), "not sound XML"),
            (nested.as_str(), "not a SAML response"),
            (encrypted.as_str(), "encrypted"),
            (denied.as_str(), "says no"),
        ];
        for (xml, want) in cases {
            let error = read_xml(xml).unwrap_err();
            assert!(error.message().contains(want), "{error}");
        }
        let destination = Url::parse("https://signin.aws.amazon.com/saml").unwrap();
        for (text, want) in [
            ("=not base64=".to_owned(), "base64"),
            ("/w==".to_owned(), "UTF-8"),
            ("A".repeat(100_001), "too long"),
        ] {
            let error = Assertion::read(text.into(), destination.clone()).unwrap_err();
            assert!(error.message().contains(want), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_value_is_too_odd(value in r"(arn:|:role/|:saml-provider/|AWSReservedSSO_|[a-z,:/ ]|\PC){0,30}") {
            match role(&value) {
                Ok(role) => proptest::prop_assert!(role.role_arn.contains(":role/")),
                Err(unusable) => proptest::prop_assert!(!unusable.reason.is_empty()),
            }
        }
    }
}
