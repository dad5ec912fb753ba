//! What an app asserts about a user.

use serde::{Deserialize, Serialize};

/// The assertion and the page that it comes in.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Saml {
    /// The roles with their providers.
    pub roles: Vec<SamlRole>,
    /// Which of the two ARNs of a role comes first.
    pub order: Order,
    /// Put blanks around the ARNs.
    pub blanks: bool,
    /// The session name, if not the user's login.
    pub session_name: Option<String>,
    /// The source identity.
    pub source_identity: Option<String>,
    /// The length of the console's session, in seconds.
    pub session_duration: Option<u32>,
    /// In how many seconds the session at Okta ends, which caps that of AWS.
    pub session_not_on_or_after: Option<i64>,
    /// The assertion was issued so many seconds ago.
    pub age: i64,
    /// Where the page sends it, and its recipient.
    pub destination: String,
    /// Its audience.
    pub audience: String,
    /// This instead of the assertion's XML. STS does not know it.
    pub raw_xml: Option<String>,
    /// This instead of the page.
    pub raw_page: Option<String>,
}

/// The account that Okta federates into, in the default scenario.
const HUB: &str = "111111111111";

impl Default for Saml {
    fn default() -> Self {
        Self {
            roles: vec![SamlRole::new("aws", HUB, "okta-hub")],
            order: Order::default(),
            blanks: false,
            session_name: None,
            source_identity: None,
            session_duration: None,
            session_not_on_or_after: None,
            age: 0,
            destination: "https://signin.aws.amazon.com/saml".to_owned(),
            audience: "urn:amazon:webservices".to_owned(),
            raw_xml: None,
            raw_page: None,
        }
    }
}

impl Saml {
    /// Roles `role-1` … `role-count` of one account, behind `okta-hub`.
    #[must_use]
    pub fn with_more_roles(mut self, count: usize) -> Self {
        let more = (1..=count).map(|number| SamlRole::new("aws", HUB, &format!("role-{number}")));
        self.roles.extend(more);
        self
    }
}

/// A role that may be taken, and by which provider.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SamlRole {
    /// The role's ARN.
    pub role: String,
    /// The provider's ARN.
    pub provider: String,
}

impl SamlRole {
    /// The role of that name (which may have a path) by the account's provider `okta`.
    pub fn new(partition: &str, account: &str, name: &str) -> Self {
        let arn = |rest: &str| format!("arn:{partition}:iam::{account}:{rest}");
        Self { role: arn(&format!("role/{name}")), provider: arn("saml-provider/okta") }
    }
}

/// Which ARN comes first in a `Role` value.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The role's.
    #[default]
    RoleFirst,
    /// The provider's.
    ProviderFirst,
}
