//! The flags that choose credentials, on every command that needs some; and the environment's say.

use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::complete;
use crate::engine::request::{Asked, ENDPOINT_URL, ENDPOINT_URL_SIGNIN, ENDPOINT_URL_STS};
use crate::engine::value::{Origin, Overrides, Value};
use crate::settings::Settings;

/// The flags. aws-okta's have the same names and letters.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Credentials")]
pub(super) struct Choose {
    /// How long the session of the first role, the one that Okta gives, shall be: 15m to 12h
    /// [env: AWS_SESSION_TTL]
    #[arg(short = 't', long, value_name = "DURATION")]
    session_ttl: Option<String>,
    /// How long the session of each role after it shall be: 15m to 1h [env: AWS_ASSUME_ROLE_TTL]
    #[arg(short = 'a', long, value_name = "DURATION")]
    assume_role_ttl: Option<String>,
    /// The role, instead of the profile's own [env: AWS_ASSUME_ROLE_ARN]
    #[arg(short = 'r', long, value_name = "ARN")]
    assume_role_arn: Option<String>,
    /// Whose second factor to use: OKTA, DUO, GOOGLE, … [env: AWS_OKTA_MFA_PROVIDER]
    #[arg(long, value_name = "PROVIDER")]
    mfa_provider: Option<String>,
    /// Which kind: push, token:software:totp, sms, … [env: AWS_OKTA_MFA_FACTOR_TYPE]
    #[arg(long, value_name = "TYPE")]
    mfa_factor_type: Option<String>,
    /// Duo's device: phone1, phone2, u2f, token [env: AWS_OKTA_MFA_DUO_DEVICE]
    #[arg(long, value_name = "DEVICE")]
    mfa_duo_device: Option<String>,
    /// The stored Okta account to sign in with
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::nothing))]
    account: Option<String>,
    #[command(flatten)]
    pub(super) backend: BackendFlag,
    /// The AWS region, instead of the profile's
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Get new credentials when the cached ones are good for less than this [default: 15m]
    #[arg(long, value_name = "DURATION")]
    min_ttl: Option<String>,
    /// Pass over cached credentials, and keep none
    #[arg(long)]
    no_cache: bool,
}

/// `--backend`, also on commands that choose no credentials.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct BackendFlag {
    /// Where the key of all secrets rests: keychain, file or memory [env: ROBO_BACKEND]
    #[arg(short = 'b', long, value_name = "STORE")]
    pub(super) backend: Option<String>,
}

impl Choose {
    /// What was asked for: flags first, then the environment, then what only the settings say.
    pub(super) fn asked(&self, app: &App, settings: &Settings) -> Asked {
        let mut overrides = Overrides::default();
        for (key, flag, value, variable) in [
            ("session_ttl", "--session-ttl", &self.session_ttl, "AWS_SESSION_TTL"),
            ("assume_role_ttl", "--assume-role-ttl", &self.assume_role_ttl, "AWS_ASSUME_ROLE_TTL"),
            ("role_arn", "--assume-role-arn", &self.assume_role_arn, "AWS_ASSUME_ROLE_ARN"),
            ("mfa_provider", "--mfa-provider", &self.mfa_provider, "AWS_OKTA_MFA_PROVIDER"),
            (
                "mfa_factor_type",
                "--mfa-factor-type",
                &self.mfa_factor_type,
                "AWS_OKTA_MFA_FACTOR_TYPE",
            ),
            ("mfa_duo_device", "--mfa-duo-device", &self.mfa_duo_device, "AWS_OKTA_MFA_DUO_DEVICE"),
        ] {
            overrides.add(key, value.clone(), Origin::Flag(flag));
            overrides.add(key, app.env.text(variable), Origin::Environment(variable));
        }
        overrides.add("okta_account_name", self.account.clone(), Origin::Flag("--account"));
        overrides.add("region", self.region.clone(), Origin::Flag("--region"));
        for (key, variable) in [
            ("sts_regional_endpoints", "AWS_STS_REGIONAL_ENDPOINTS"),
            ("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT"),
            ("ignore_configured_endpoint_urls", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
            (ENDPOINT_URL_STS, ENDPOINT_URL_STS),
            (ENDPOINT_URL_SIGNIN, ENDPOINT_URL_SIGNIN),
            (ENDPOINT_URL, ENDPOINT_URL),
        ] {
            overrides.add(key, app.env.text(variable), Origin::Environment(variable));
        }
        let remember = settings.remember_device.map(|yes| yes.to_string());
        overrides.add("mfa_remember_device", remember, Origin::Settings);
        let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|variable| {
            Some(Value::new(app.env.text(variable)?, Origin::Environment(variable)))
        });
        Asked { overrides, region, min_ttl: self.min_ttl.clone(), no_cache: self.no_cache }
    }
}
