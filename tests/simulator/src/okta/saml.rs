//! The assertion that an app makes.

use jiff::Timestamp;

use crate::bytes;
use crate::clock;
use crate::scenario::{Order, Saml, SamlRole};
use crate::world::State;

/// What STS has to know of an assertion that was made here. There is no real signature on it: that
/// it is one of these, byte for byte, is what stands for the signature.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) recipient: String,
    pub(crate) issued: Timestamp,
    pub(crate) session_ends: Option<Timestamp>,
    pub(crate) session_name: String,
    pub(crate) source_identity: Option<String>,
    pub(crate) roles: Vec<SamlRole>,
}

const ISSUER: &str = "http://www.okta.com/exksim2ula3tor4";
const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes";

/// Makes an assertion about `login`; gives it as a form has it.
pub(super) fn issue(state: &mut State, saml: &Saml, login: &str) -> String {
    let issued = clock::after(state.now(), -saml.age);
    let assertion = Issued {
        subject: login.to_owned(),
        issuer: ISSUER.to_owned(),
        audience: saml.audience.clone(),
        recipient: saml.destination.clone(),
        issued,
        session_ends: saml.session_not_on_or_after.map(|seconds| clock::after(issued, seconds)),
        session_name: saml.session_name.clone().unwrap_or_else(|| login.to_owned()),
        source_identity: saml.source_identity.clone(),
        roles: saml.roles.clone(),
    };
    if let Some(raw) = &saml.raw_xml {
        return state.record.issued(bytes::base64(raw));
    }
    let encoded = state.record.issued(bytes::base64(xml(saml, &assertion)));
    state.okta.assertions.insert(encoded.clone(), assertion);
    encoded
}

/// Text in XML.
fn escape(text: &str) -> String {
    let pairs = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")];
    pairs.iter().fold(text.to_owned(), |text, (plain, escaped)| text.replace(plain, escaped))
}

fn xml(saml: &Saml, assertion: &Issued) -> String {
    let (id, at) = (bytes::token(20), clock::millis(assertion.issued));
    let expires = clock::millis(clock::after(assertion.issued, 300));
    let [issuer, subject, audience, recipient] =
        [&assertion.issuer, &assertion.subject, &assertion.audience, &assertion.recipient]
            .map(|text| escape(text));
    let session_ends = assertion.session_ends.map_or_else(String::new, |time| {
        format!(" SessionNotOnOrAfter=\"{}\"", clock::millis(time))
    });
    let attributes = attributes(saml, assertion);
    let signature = signature(&id);
    format!(
        r##"<?xml version="1.0" encoding="UTF-8"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{recipient}" ID="id{id}" IssueInstant="{at}" Version="2.0"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{issuer}</saml2:Issuer>{signature}<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status><saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="id{id}a" IssueInstant="{at}" Version="2.0"><saml2:Issuer>{issuer}</saml2:Issuer><saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">{subject}</saml2:NameID><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData NotOnOrAfter="{expires}" Recipient="{recipient}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="{at}" NotOnOrAfter="{expires}"><saml2:AudienceRestriction><saml2:Audience>{audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="{at}" SessionIndex="id{id}s"{session_ends}><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement>{attributes}</saml2:AttributeStatement></saml2:Assertion></saml2p:Response>"##
    )
}

fn signature(id: &str) -> String {
    let (digest, value) = (bytes::base64(bytes::random(32)), bytes::base64(bytes::random(256)));
    format!(
        r##"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#id{id}"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"##
    )
}

fn attributes(saml: &Saml, assertion: &Issued) -> String {
    let roles = assertion.roles.iter().map(|SamlRole { role, provider }| {
        let (first, second) = match saml.order {
            Order::RoleFirst => (role, provider),
            Order::ProviderFirst => (provider, role),
        };
        if saml.blanks { format!(" {first} , {second} ") } else { format!("{first},{second}") }
    });
    let roles: Vec<String> = roles.collect();
    let mut out = String::new();
    if !roles.is_empty() {
        out.push_str(&attribute("Role", &roles));
    }
    out.push_str(&attribute("RoleSessionName", std::slice::from_ref(&assertion.session_name)));
    if let Some(seconds) = saml.session_duration {
        out.push_str(&attribute("SessionDuration", &[seconds.to_string()]));
    }
    if let Some(identity) = &assertion.source_identity {
        out.push_str(&attribute("SourceIdentity", std::slice::from_ref(identity)));
    }
    out
}

/// The types' namespaces stand once, here: with Okta's own way, on each value, an assertion of 400
/// roles would be longer than STS takes.
fn attribute(name: &str, values: &[String]) -> String {
    let value = |value: &String| {
        let value = escape(value);
        format!(r#"<saml2:AttributeValue xsi:type="xs:string">{value}</saml2:AttributeValue>"#)
    };
    let values: String = values.iter().map(value).collect();
    let format = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
    format!(
        r#"<saml2:Attribute xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Name="{ATTRIBUTES}/{name}" NameFormat="{format}">{values}</saml2:Attribute>"#
    )
}
