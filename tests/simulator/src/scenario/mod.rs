//! What is so in the simulated world, and what goes wrong in it.
//!
//! Everything has a default, so that a test or a TOML file says only what matters to it:
//!
//! ```
//! let scenario = robo_simulator::Scenario::from_toml(r#"
//!     clock_offset = 600
//!
//!     [[okta.users]]
//!     login = "you@acme.com"
//!     password = "correct horse"
//!
//!     [[okta.users.factors]]
//!     id = "opf1"
//!     factor_type = "push"
//!     provider = "OKTA"
//!     pushes = [["WAITING", "TIMEOUT"], ["WAITING", "SUCCESS"]]
//!     number = 92
//!
//!     [[sts.roles]]
//!     arn = "arn:aws:iam::111111111111:role/okta-hub"
//!     trust = ["arn:aws:iam::111111111111:saml-provider/okta"]
//!     max_session = 43200
//!
//!     [[faults]]
//!     on = "sts AssumeRole"
//!     to = 2
//!     aws_error = { status = 400, code = "Throttling", message = "Rate exceeded" }
//! "#)?;
//! assert_eq!(scenario.okta.users[0].factors[0].number, Some(92));
//! # Ok::<(), String>(())
//! ```

mod factor;
mod fault;
mod fido;
mod oauth;
mod okta;
mod saml;
mod sts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use factor::Factor;
pub(crate) use fault::fits;
pub use fault::{Answer, AwsError, Drop, Fault};
pub use fido::Fido;
pub use oauth::{Client, Device, OAuth};
pub use okta::{Access, App, LoginState, Okta, User};
pub use saml::{Order, Saml, SamlRole};
pub use sts::{IamUser, Role, Sts};

/// The whole of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The simulator's clock is the machine's and so many seconds: what expires expires earlier,
    /// and a signature made by the machine's clock is off by as much.
    pub clock_offset: i64,
    /// Okta.
    pub okta: Okta,
    /// Duo.
    pub duo: Duo,
    /// STS.
    pub sts: Sts,
    /// The sign-in endpoint.
    pub signin: Signin,
    /// Certificates.
    pub tls: Tls,
    /// The forward proxy.
    pub proxy: Proxy,
    /// What goes wrong. All faults that fit a request hit it; where two say different things, the
    /// later one's word counts.
    pub faults: Vec<Fault>,
}

impl Scenario {
    /// Reads a scenario in TOML.
    ///
    /// # Errors
    /// The parser's words, for what is not TOML or not in a scenario.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// The first user, whom the default scenario has alone.
    ///
    /// # Panics
    /// When there is none.
    pub fn user(&mut self) -> &mut User {
        &mut self.okta.users[0]
    }

    /// The first user's first factor.
    ///
    /// # Panics
    /// When there is none.
    pub fn factor(&mut self) -> &mut Factor {
        &mut self.okta.users[0].factors[0]
    }

    /// What the first app asserts.
    ///
    /// # Panics
    /// When there is no app.
    pub fn saml(&mut self) -> &mut Saml {
        &mut self.okta.apps[0].saml
    }

    /// The role of that ARN.
    ///
    /// # Panics
    /// When there is none.
    pub fn role(&mut self, arn: &str) -> &mut Role {
        let role = self.sts.roles.iter_mut().find(|role| role.arn == arn);
        role.unwrap_or_else(|| panic!("the scenario has no role {arn}"))
    }
}

/// Duo's frame. How a push is answered stands with the factor, as for Okta's own.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Duo {
    /// The devices, by the name that the prompt's form has for them, with what it shows.
    pub devices: BTreeMap<String, String>,
    /// The first answer is a page with hidden fields that has to be sent again, instead of a
    /// redirect.
    pub hidden_fields: bool,
    /// A success gives a `result_url` to fetch the cookie from, instead of the cookie.
    pub result_url: bool,
    /// The host that Okta names, if not the simulator's own.
    pub host: Option<String>,
}

impl Default for Duo {
    fn default() -> Self {
        let devices = [("phone1", "iOS (XXX-XXX-1234)"), ("phone2", "Android (XXX-XXX-9876)")];
        let own = |(name, label): (&str, &str)| (name.to_owned(), label.to_owned());
        let devices = devices.into_iter().map(own).collect();
        Self { devices, hidden_fields: false, result_url: true, host: None }
    }
}

/// The sign-in endpoint.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signin {
    /// Whether `getSigninToken` may be a `POST`; otherwise that is a 405, and `GET` is what works.
    pub post: bool,
    /// For how many seconds a sign-in token is good.
    pub token_seconds: i64,
}

impl Default for Signin {
    fn default() -> Self {
        Self { post: true, token_seconds: 900 }
    }
}

/// Which certificate a server shows.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificate {
    /// One that the test CA vouches for.
    #[default]
    Good,
    /// One of a CA that nobody trusts.
    Untrusted,
    /// One that ran out long ago.
    Expired,
    /// One for another name.
    WrongName,
}

/// Certificates. A change counts from the next connection on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Okta's.
    pub okta: Certificate,
    /// Duo's.
    pub duo: Certificate,
    /// That of STS.
    pub sts: Certificate,
    /// The sign-in endpoint's.
    pub signin: Certificate,
    /// More names that the certificates are for. Read at the start alone.
    pub names: Vec<String>,
}

/// The forward proxy.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proxy {
    /// Refuse every tunnel with this status: 407 wants a password, 403 forbids.
    pub refuse: Option<u16>,
    /// The `user:password` that it wants; without it, or with another, 407.
    pub credentials: Option<String>,
    /// `host:port` → the service that plays it (`okta`, `duo`, `sts`, `signin`). Anything else is
    /// connected to when it is on loopback, and refused with 502 when it is not.
    pub routes: BTreeMap<String, String>,
}
