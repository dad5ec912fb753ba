//! What a catalogue speaks of: accounts, roles, teams, and what is granted.

use std::collections::BTreeMap;
use std::time::Duration;

/// A value, and where it is said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// The line of its key, from 1.
    pub line: usize,
}

/// `[okta]`: where everybody signs in. The manifest and the config files may say it as well.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Okta {
    /// The host of the org, such as `acme.okta.com`.
    pub domain: Option<Said<String>>,
    /// The AWS app: the path of its embed link, or the whole of it.
    pub app: Option<Said<String>>,
    /// The client id of the native app that robo is to Okta's Identity Engine.
    pub client_id: Option<Said<String>>,
}

/// `[hub]`: the account that Okta federates into.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hub {
    /// The name of the account.
    pub account: Said<String>,
    /// The name of the SAML provider there.
    pub saml_provider: Said<String>,
    /// How long a session of a hub role is.
    pub session: Option<Said<Session>>,
    /// The name of the hub's profile.
    pub profile: Said<String>,
}

/// `[profiles]`: how profiles are named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Naming {
    /// `{account}-{role}`
    pub pattern: Said<String>,
    /// The role whose profile has the name of the account alone.
    pub default_role: Option<Said<String>>,
    /// The region of accounts that name none.
    pub region: Option<Said<String>>,
}

/// The length of a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// As it is written: `1h30m`.
    pub text: String,
    /// What that means.
    pub length: Duration,
}

/// An AWS account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// Its name, unique in the catalogue.
    pub name: String,
    /// Its id, 12 digits.
    pub id: String,
    /// Its own region.
    pub region: Option<Said<String>>,
    /// Its partition: `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`.
    pub partition: &'static str,
    /// All else that is said of it: `env = "prod"`.
    pub tags: BTreeMap<String, String>,
    /// Where it stands.
    pub line: usize,
}

/// A role that the spoke accounts have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Role {
    /// Its name in the catalogue, and in the names of profiles.
    pub name: String,
    /// The name of the role in IAM.
    pub iam_name: String,
    /// What it may do.
    pub policies: Vec<Policy>,
    /// How long a session is, an hour at most: AWS gives no more to who comes from another role.
    pub session: Option<Said<Session>>,
    /// Where it stands.
    pub line: usize,
}

/// A managed policy: the name of one of AWS's, with its path, or a whole ARN.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// As it is written: `job-function/Billing`.
    pub text: String,
    /// Where it stands.
    pub line: usize,
}

impl Policy {
    /// The partition and the account of a policy that is written as an ARN; the account is `aws`
    /// for one of AWS's own.
    pub fn owner(&self) -> Option<(&str, &str)> {
        let mut parts = self.text.strip_prefix("arn:")?.split(':');
        let partition = parts.next()?;
        Some((partition, parts.nth(2)?))
    }

    /// Its ARN in a partition.
    pub fn arn(&self, partition: &str) -> String {
        if self.text.starts_with("arn:") {
            self.text.clone()
        } else {
            format!("arn:{partition}:iam::aws:policy/{}", self.text)
        }
    }
}

/// A team.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// The Okta group whose members are the team.
    pub okta_group: Said<String>,
    /// The name of its IAM role in the hub.
    pub hub_role: Said<String>,
    /// What it may do in the hub itself.
    pub hub_policies: Vec<Policy>,
    /// IAM statements of its own for the hub role.
    pub hub_statements: Vec<Said<serde_json::Value>>,
    /// What it may do elsewhere.
    pub grants: Vec<Grant>,
    /// Where it stands.
    pub line: usize,
}

/// Roles in accounts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// The roles, as indices into [`super::Catalog::roles`], in order.
    pub roles: Vec<usize>,
    /// The accounts, as indices into [`super::Catalog::accounts`], in order; exceptions are out.
    pub accounts: Vec<usize>,
    /// Where it stands.
    pub line: usize,
}

/// A role that a team can get into.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach<'a> {
    /// The account.
    pub account: &'a Account,
    /// The role there.
    pub role: &'a Role,
    /// Which of the team's grants give it, as indices into [`Team::grants`]; at least one.
    pub grants: Vec<usize>,
}
