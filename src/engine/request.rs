//! What to get credentials for: a profile of the AWS config, resolved once and for all.
//!
//! Flags, environment, the profile, the profiles up its chain, `[okta]` and the defaults are
//! weighed here, in this order, and nowhere else. What comes out is checked: below, nobody asks
//! where a value came from or whether it can be right.

use std::time::Duration;

use crate::aws::endpoint::{self, Wishes};
use crate::aws::{Endpoint, ExternalId, SessionName};
use crate::engine::value::{Overrides, Value};
use crate::engine::way::Auth;
use crate::error::Result;
use crate::okta::Client;
use crate::sys::secret::Secret;

/// Everything that selects credentials, but for who signs in.
#[derive(Clone, Debug)]
pub struct Request {
    /// The profile's name.
    pub profile: String,
    /// Where and how to sign in.
    pub okta: OktaRequest,
    /// The roles on the way: first the one that Okta's SAML assertion gives, then each that the
    /// one before it assumes. Never empty.
    pub steps: Vec<Step>,
    /// The region for the child; none when nobody says.
    pub region: Option<Value>,
    /// Cached credentials must be good for longer than this (at most half of their lifetime).
    pub min_ttl: Duration,
    /// Whether cached credentials are passed over, and new ones not kept.
    pub no_cache: bool,
    /// The endpoint of the console's sign-in, where the environment names one.
    pub signin_url: Option<String>,
    /// What was changed because it could not be had, in words.
    pub notes: Vec<String>,
}

/// Where and how to sign in to Okta.
#[derive(Clone, Debug)]
pub struct OktaRequest {
    /// The org's host, where the config names one.
    pub domain: Option<Value>,
    /// The stored account to sign in with, where one is named.
    pub account: Option<Value>,
    /// The app that federates into AWS: a path of the org, or a whole URL. Only a sign-in in the
    /// browser can do without.
    pub app: Option<Value>,
    /// Okta's id of that app, where it is said by itself.
    pub app_id: Option<Value>,
    /// The client that robo is to the org, for signing in in the browser.
    pub client_id: Option<Value>,
    /// The way to sign in that is asked for.
    pub auth: Value<Auth>,
    /// What is given for this sign-in alone.
    pub given: Given,
    /// Which of several Okta sessions to use (`okta_session_cookie_key`).
    pub session_key: Option<Value>,
    /// The factor's provider, as aws-okta has it: `OKTA`, `DUO`, `GOOGLE`, ….
    pub provider: Option<Value>,
    /// The factor's type: `push`, `token:software:totp`, `sms`, ….
    pub factor_type: Option<Value>,
    /// Duo's device: `phone1` (unless set), `phone2`, `u2f`, `token`.
    pub duo_device: Option<Value>,
    /// Whether Okta is asked to remember this device.
    pub remember_device: bool,
}

/// Answers to what Okta may ask, given for one sign-in and not kept.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The user's name, in the place of that of a stored account.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// A code of the second factor.
    pub code: Option<Secret>,
    /// A program that prints one (`mfa_code_command`).
    pub code_command: Option<Value>,
}

impl OktaRequest {
    /// The client that signs in in the browser, where one is configured.
    pub(super) fn client(&self) -> Option<Client<'_>> {
        let id = &self.client_id.as_ref()?.value;
        Some(Client { id, lists_apps: self.app_id().is_none() })
    }

    /// Okta's id of the app: said by itself, or the one in the app's link, which is
    /// `/home/amazon_aws/<id>/<number>`.
    pub fn app_id(&self) -> Option<Value> {
        if let Some(id) = &self.app_id {
            return Some(id.clone());
        }
        let app = self.app.as_ref()?;
        let path = app.value.split_once("://").map_or(app.value.as_str(), |(_, rest)| rest);
        let mut parts = path.split(['/', '?']).skip_while(|part| *part != "home");
        let (_home, _name, id) = (parts.next()?, parts.next()?, parts.next()?);
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then(|| app.with(id.to_owned()))
    }
}

/// One role on the way.
#[derive(Clone, Debug)]
pub struct Step {
    /// The profile that names it.
    pub profile: String,
    /// The role; none when it is to be picked from the assertion (the first step only).
    pub role_arn: Option<Value>,
    /// How long the credentials shall be good for.
    pub duration: Value<Duration>,
    /// `RoleSessionName`; the Okta user's name unless it is set.
    pub session_name: Option<Value<SessionName>>,
    /// `SourceIdentity`, where one is asked for.
    pub source_identity: Option<SourceIdentity>,
    /// `ExternalId`.
    pub external_id: Option<ExternalId>,
    /// What bears on the STS endpoint.
    pub sts: StsChoice,
}

/// `source_identity` of a profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SourceIdentity {
    /// `true`: whoever signed in to Okta.
    OktaUser,
    /// This very text.
    Text(SessionName),
}

/// What bears on the STS endpoint.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StsChoice {
    /// The region.
    pub region: Option<String>,
    /// `sts_regional_endpoints`: `legacy` or `regional`.
    pub regional: Option<String>,
    /// `use_fips_endpoint`.
    pub fips: Option<String>,
    /// `AWS_ENDPOINT_URL_STS`.
    pub env_service_url: Option<String>,
    /// `AWS_ENDPOINT_URL`.
    pub env_url: Option<String>,
    /// The URL that a `services` section gives for STS.
    pub service_url: Option<String>,
    /// The profile's own `endpoint_url`.
    pub profile_url: Option<String>,
    /// `ignore_configured_endpoint_urls`.
    pub ignore_urls: Option<String>,
}

/// What is asked for, as it was typed: the parts of it that no profile says.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Flags and environment.
    pub overrides: Overrides,
    /// The region of the environment (`AWS_REGION`, `AWS_DEFAULT_REGION`), which a profile's own
    /// overrules.
    pub region: Option<Value>,
    /// `--min-ttl`.
    pub min_ttl: Option<String>,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--username`, `--password-stdin` and the like. [`Given::code_command`] is looked for in
    /// [`Asked::overrides`] and the config.
    pub given: Given,
}

/// The variables of the AWS SDKs that name endpoints; in [`Overrides`] by their own names.
pub const ENDPOINT_URL_STS: &str = "AWS_ENDPOINT_URL_STS";
/// For all services.
pub const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// For the console's sign-in.
pub const ENDPOINT_URL_SIGNIN: &str = "AWS_ENDPOINT_URL_SIGNIN";

impl StsChoice {
    /// STS for a role.
    pub(super) fn endpoint(&self, role_arn: &str) -> Result<Endpoint> {
        endpoint::sts(role_arn, &self.wishes())
    }

    /// The address that takes the place of AWS's own, if one does.
    pub(super) fn elsewhere(&self) -> Result<Option<String>> {
        Ok(endpoint::configured(&self.wishes())?.map(|(url, _)| url.to_owned()))
    }

    fn wishes(&self) -> Wishes<'_> {
        Wishes {
            flag: None,
            sts_variable: self.env_service_url.as_deref(),
            variable: self.env_url.as_deref(),
            services: self.service_url.as_deref(),
            profile: self.profile_url.as_deref(),
            ignore_configured: self.ignore_urls.as_deref(),
            regional_endpoints: self.regional.as_deref(),
            fips: self.fips.as_deref(),
            region: self.region.as_deref(),
        }
    }
}
