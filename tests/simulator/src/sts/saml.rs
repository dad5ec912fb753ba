//! `AssumeRoleWithSAML`: unsigned; the assertion says who it is.

use super::session::{Session, Wanted, partition};
use super::{Fields, check, error, xml};
use crate::bytes;
use crate::http::Reply;
use crate::okta::Issued;
use crate::world::State;

/// An assertion has to be used within so many seconds.
const REDEEMED_WITHIN: i64 = 300;

pub(super) fn assume(state: &mut State, fields: &Fields) -> Result<Reply, Reply> {
    let role = check::required(fields, "RoleArn", (20, 2048))?;
    let provider = check::required(fields, "PrincipalArn", (20, 2048))?;
    let assertion = check::required(fields, "SAMLAssertion", (4, 100_000))?;
    let asked = check::duration(fields)?;
    if state.scenario.sts.disabled_regions.iter().any(|region| region == "*") {
        return Err(region_disabled(super::session::account(role)));
    }
    let assertion = redeem(state, assertion, role)?;
    let pair = assertion.roles.iter().any(|pair| pair.role == role && pair.provider == provider);
    let known = state.scenario.sts.roles.iter().find(|known| known.arn == role);
    let trusted = known.filter(|known| {
        known.trust.iter().any(|trusted| trusted == provider)
            && !role.contains("/AWSReservedSSO_")
            && (assertion.source_identity.is_none() || known.source_identity)
    });
    let Some(trusted) = trusted.filter(|_| pair) else {
        let words = "Not authorized to perform sts:AssumeRoleWithSAML";
        return Err(error(403, "AccessDenied", words));
    };
    check::session_length(asked, trusted.max_session)?;
    // The session at Okta may end before the one that was asked for.
    let left = assertion.session_ends.map(|ends| ends.as_second() - state.now().as_second());
    let wanted = Wanted {
        role,
        name: &assertion.session_name,
        seconds: left.map_or(asked, |left| left.min(asked)),
        source_identity: assertion.source_identity.clone(),
        chained: false,
    };
    let session = Session::issue(state, wanted);
    Ok(xml::result("AssumeRoleWithSAML", &answer(&session, &assertion, provider)))
}

fn answer(session: &Session, assertion: &Issued, provider: &str) -> String {
    let mut out = xml::element("Audience", &assertion.recipient);
    out.push_str(&xml::credentials(session));
    out.push_str(&xml::element("Issuer", &assertion.issuer));
    // A hash of issuer, account and provider; nobody can tell which here.
    let qualifier = bytes::base64(&bytes::sha256(format!("{}{provider}", assertion.issuer))[..20]);
    out.push_str(&xml::element("NameQualifier", &qualifier));
    out.push_str(&xml::element("PackedPolicySize", "1"));
    if let Some(identity) = &session.source_identity {
        out.push_str(&xml::element("SourceIdentity", identity));
    }
    out.push_str(&xml::element("Subject", &assertion.subject));
    out.push_str(&xml::element("SubjectType", "unspecified"));
    out
}

pub(super) fn region_disabled(account: &str) -> Reply {
    let words = format!(
        "STS is not activated in this region for account:{account}. Your account administrator \
         can activate STS in this region using the IAM Console."
    );
    error(403, "RegionDisabledException", &words)
}

/// The assertion behind its encoded form, if it is one that was made here, for AWS, just now.
fn redeem(state: &State, encoded: &str, role: &str) -> Result<Issued, Reply> {
    let invalid = |words: &str| error(400, "InvalidIdentityToken", words);
    if bytes::from_base64(encoded).is_none() {
        return Err(invalid("Invalid base64 SAMLResponse"));
    }
    let assertion = state.okta.assertions.get(encoded);
    let assertion = assertion.ok_or_else(|| invalid("Response signature invalid"))?;
    if assertion.audience != "urn:amazon:webservices" {
        return Err(invalid("The audience of the assertion is not AWS"));
    }
    if !recipient_fits(&assertion.recipient, partition(role)) {
        return Err(invalid("The recipient of the assertion is not AWS's sign-in endpoint"));
    }
    let age = state.now().as_second() - assertion.issued.as_second();
    if age > REDEEMED_WITHIN || assertion.session_ends.is_some_and(|ends| ends <= state.now()) {
        let words = "Token must be redeemed within 5 minutes of issuance";
        return Err(error(400, "ExpiredTokenException", words));
    }
    if check::pattern(&assertion.session_name, "RoleSessionName", "+=,.@-").is_err()
        || !(2..=64).contains(&assertion.session_name.len())
    {
        return Err(invalid("RoleSessionName is required in AuthnResponse"));
    }
    Ok(assertion.clone())
}

/// Whether that is the `/saml` of the partition's sign-in endpoint.
fn recipient_fits(recipient: &str, partition: &str) -> bool {
    let host = match partition {
        "aws-us-gov" => "signin.amazonaws-us-gov.com",
        "aws-cn" => "signin.amazonaws.cn",
        _ => "signin.aws.amazon.com",
    };
    let found = recipient.strip_prefix("https://").and_then(|rest| rest.strip_suffix("/saml"));
    found.is_some_and(|found| found == host || found.ends_with(&format!(".{host}")))
}
