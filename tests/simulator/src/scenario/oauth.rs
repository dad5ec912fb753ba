//! What an Identity Engine org has for signing in in a browser.

use serde::{Deserialize, Serialize};

/// The org's authorization server.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OAuth {
    /// The clients.
    pub clients: Vec<Client>,
    /// How a sign-in in the browser goes.
    pub device: Device,
    /// For how many seconds access and ID tokens are good.
    pub token_seconds: i64,
    /// How people sign in in the browser: the ID token's `amr`.
    pub amr: Vec<String>,
    /// Whether `/login/token/sso` takes a POST, or a GET alone.
    pub sso_by_post: bool,
}

/// An app of the type Native, as which a program signs people in.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The `okta.*` scopes that are granted.
    pub scopes: Vec<String>,
    /// Whether it has the grant Device Authorization.
    pub device: bool,
    /// Whether it has the grant Token Exchange.
    pub token_exchange: bool,
}

/// How a sign-in in the browser goes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Device {
    /// How many seconds have to be between two polls; one that comes earlier is slowed down.
    pub interval: u64,
    /// For how many seconds the code is good.
    pub seconds: i64,
    /// What polls are told, one after the other, the last for ever: `pending`, `slow_down`,
    /// `denied`, `expired`, `approved`; `when-opened` is approved once the page was opened with
    /// the code.
    pub polls: Vec<String>,
    /// Who signs in in the browser.
    pub login: String,
    /// Whether the org says so: `preferred_username` in the ID token.
    pub named: bool,
    /// Whether it does so at `/oauth2/v1/userinfo`.
    pub told: bool,
    /// Okta's id of who signs in: `sub` in the ID token.
    pub subject: String,
    /// The page that it sends people to, if not its own.
    pub page: Option<String>,
}

impl Default for OAuth {
    fn default() -> Self {
        Self {
            clients: vec![Client::default()],
            device: Device::default(),
            token_seconds: 3600,
            amr: vec!["pwd".to_owned(), "mfa".to_owned()],
            sso_by_post: true,
        }
    }
}

/// The id of the default client.
pub(super) const CLIENT: &str = "0oasim2cli3ent4";

impl Default for Client {
    fn default() -> Self {
        let scopes = ["okta.apps.sso", "okta.apps.read", "okta.users.read.self"];
        Self {
            id: CLIENT.to_owned(),
            scopes: scopes.map(str::to_owned).to_vec(),
            device: true,
            token_exchange: true,
        }
    }
}

impl Default for Device {
    fn default() -> Self {
        Self {
            interval: 1,
            seconds: 600,
            polls: vec!["approved".to_owned()],
            login: "you@acme.com".to_owned(),
            named: true,
            told: true,
            subject: "00usim2ula3tor4".to_owned(),
            page: None,
        }
    }
}
