//! Roles, users and rules of AWS's accounts.

use serde::{Deserialize, Serialize};

/// STS and what it knows of IAM.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sts {
    /// The roles.
    pub roles: Vec<Role>,
    /// Users with long-term keys.
    pub users: Vec<IamUser>,
    /// Regions in which STS is not active; `*` is all. What is not signed names no region and is
    /// refused by `*` alone.
    pub disabled_regions: Vec<String>,
    /// The code of a refusal for a wrong clock: STS says `SignatureDoesNotMatch`, other services
    /// `RequestExpired` or `RequestTimeTooSkewed`.
    pub skew_code: String,
    /// Credentials are good for so many seconds, whatever was asked for.
    pub credential_seconds: Option<i64>,
    /// How many characters a session token has.
    pub token_length: usize,
}

impl Default for Sts {
    fn default() -> Self {
        let hub = "arn:aws:iam::111111111111:role/okta-hub";
        Self {
            roles: vec![
                Role::new(hub)
                    .trusts("arn:aws:iam::111111111111:saml-provider/okta")
                    .max_session(43200),
                Role::new("arn:aws:iam::222222222222:role/dev").trusts(hub),
                Role::new("arn:aws:iam::333333333333:role/prod").trusts(hub),
                Role::new("arn:aws:iam::444444444444:role/data/reader")
                    .trusts("arn:aws:iam::222222222222:role/dev"),
            ],
            users: Vec::new(),
            disabled_regions: Vec::new(),
            skew_code: "SignatureDoesNotMatch".to_owned(),
            credential_seconds: None,
            token_length: 900,
        }
    }
}

/// A role.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Who may assume it: ARNs of SAML providers, roles, users; an account's root for all in it.
    pub trust: Vec<String>,
    /// The longest session, in seconds.
    pub max_session: u32,
    /// The external id that has to be given.
    pub external_id: Option<String>,
    /// Whether a source identity may be set (`sts:SetSourceIdentity`).
    pub source_identity: bool,
    /// Whether a session may be tagged (`sts:TagSession`).
    pub tags: bool,
}

impl Default for Role {
    fn default() -> Self {
        Self {
            arn: String::new(),
            trust: Vec::new(),
            max_session: 3600,
            external_id: None,
            source_identity: true,
            tags: true,
        }
    }
}

impl Role {
    /// A role that trusts nobody yet and has sessions of an hour.
    pub fn new(arn: &str) -> Self {
        Self { arn: arn.to_owned(), ..Self::default() }
    }

    /// Adds somebody who may assume it.
    #[must_use]
    pub fn trusts(mut self, principal: &str) -> Self {
        self.trust.push(principal.to_owned());
        self
    }

    /// Sets the longest session, in seconds.
    #[must_use]
    pub fn max_session(mut self, seconds: u32) -> Self {
        self.max_session = seconds;
        self
    }

    /// Wants an external id.
    #[must_use]
    pub fn external_id(mut self, id: &str) -> Self {
        self.external_id = Some(id.to_owned());
        self
    }
}

/// A user with long-term keys.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct IamUser {
    /// The user's ARN.
    pub arn: String,
    /// The access key id (`AKIA…`).
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
}
