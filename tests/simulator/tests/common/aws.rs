//! Requests to STS, signed by the AWS SDK's own signer.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use super::{Answer, World};

pub(crate) const HUB: &str = "arn:aws:iam::111111111111:role/okta-hub";
pub(crate) const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/okta";
pub(crate) const DEV: &str = "arn:aws:iam::222222222222:role/dev";
pub(crate) const READER: &str = "arn:aws:iam::444444444444:role/data/reader";

/// Credentials as a client has them.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Keys {
    pub(crate) fn of(answer: &Answer) -> Self {
        Self {
            id: answer.xml("AccessKeyId"),
            secret: answer.xml("SecretAccessKey"),
            token: Some(answer.xml("SessionToken")),
        }
    }
}

/// How a request is signed.
pub(crate) struct Signing {
    pub(crate) region: &'static str,
    pub(crate) service: &'static str,
    /// Seconds that the signer's clock is off.
    pub(crate) off: i64,
    /// A header that is spoilt after the signing.
    pub(crate) spoil: Option<&'static str>,
    pub(crate) get: bool,
}

impl Default for Signing {
    fn default() -> Self {
        Self { region: "us-east-1", service: "sts", off: 0, spoil: None, get: false }
    }
}

impl World {
    /// `AssumeRoleWithSAML` with more parameters, or others.
    pub(crate) fn assume_with_saml(&self, assertion: &str, others: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("Action", "AssumeRoleWithSAML"),
            ("Version", "2011-06-15"),
            ("RoleArn", HUB),
            ("PrincipalArn", PROVIDER),
            ("SAMLAssertion", assertion),
        ];
        for other in others {
            fields.retain(|(name, _)| *name != other.0);
            fields.push(*other);
        }
        self.form(&self.sim.sts_url(), &fields)
    }

    /// The hub's credentials.
    pub(crate) fn hub(&self) -> Keys {
        Keys::of(&self.assume_with_saml(&self.assertion(), &[]))
    }

    /// `AssumeRole` with more parameters, or others.
    pub(crate) fn assume(&self, keys: &Keys, role: &str, others: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("RoleArn", role), ("RoleSessionName", "you@acme.com")];
        for other in others {
            fields.retain(|(name, _)| *name != other.0);
            fields.push(*other);
        }
        self.signed(keys, "AssumeRole", &fields, &Signing::default())
    }

    pub(crate) fn identity(&self, keys: &Keys, signing: &Signing) -> Answer {
        self.signed(keys, "GetCallerIdentity", &[], signing)
    }

    /// A signed request.
    pub(crate) fn signed(
        &self,
        keys: &Keys,
        action: &str,
        fields: &[(&str, &str)],
        signing: &Signing,
    ) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("Action", action), ("Version", "2011-06-15")])
            .extend_pairs(fields)
            .finish();
        let base = format!("{}/", self.sim.sts_url());
        let (method, url, body) = if signing.get {
            ("GET", format!("{base}?{form}"), String::new())
        } else {
            ("POST", base, form)
        };
        let mut headers = vec![
            (
                "content-type".to_owned(),
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            ),
            ("host".to_owned(), self.sim.sts_url().trim_start_matches("http://").to_owned()),
        ];
        headers.extend(signature(keys, signing, method, &url, &headers, &body));
        for (name, value) in &mut headers {
            if signing.spoil == Some(name) {
                value.push('0');
            }
        }
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if signing.get {
            self.get_with(&url, &headers)
        } else {
            self.post(&url, &headers, &body).unwrap()
        }
    }
}

/// The headers that sign a request.
fn signature(
    keys: &Keys,
    signing: &Signing,
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &str,
) -> Vec<(String, String)> {
    let token = keys.token.clone();
    let identity = Credentials::new(&keys.id, &keys.secret, token, None, "test").into();
    let now = SystemTime::now();
    let off = Duration::from_secs(signing.off.unsigned_abs());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(signing.region)
        .name(signing.service)
        .time(if signing.off < 0 { now - off } else { now + off })
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request =
        SignableRequest::new(method, url, pairs, SignableBody::Bytes(body.as_bytes())).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let signed = instructions.headers();
    signed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
