//! The flags that choose credentials, on every command that needs some; and the environment's say.

use clap_complete::engine::ArgValueCompleter;

use crate::cli::app::App;
use crate::cli::{complete, stdin};
use crate::engine::request::{Asked, ENDPOINT_URL, ENDPOINT_URL_SIGNIN, ENDPOINT_URL_STS, Given};
use crate::engine::value::{Origin, Overrides, Value};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::sys::secret::Secret;

/// The variable with a code of the second factor.
pub(super) const MFA_CODE: &str = "ROBO_MFA_CODE";

/// How a password gets onto stdin.
const HOW: &str = "printf %s \"$PASSWORD\" | robo aws.credentials dev --password-stdin";

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
    /// Your name at Okta, instead of a stored account's
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Read the Okta password from stdin, for this sign-in alone: it is not stored
    #[arg(long)]
    password_stdin: bool,
    /// The second factor's code, for who has one already; other users of the machine see flags
    /// [env: ROBO_MFA_CODE]
    #[arg(long, value_name = "CODE")]
    mfa_code: Option<String>,
    /// A program that prints the second factor's code
    #[arg(long, value_name = "COMMAND", conflicts_with = "mfa_code")]
    mfa_code_command: Option<String>,
    /// How to sign in: by password, or by a code in the browser (device) [default: auto, as the
    /// org has it]
    #[arg(long, value_name = "WAY", value_parser = ["auto", "password", "device"])]
    okta_auth: Option<String>,
    /// Open no browser to sign in: the address and its code are shown in any case
    #[arg(long)]
    pub(super) no_browser: bool,
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
    ///
    /// # Errors
    /// When a password is to come from stdin and does not.
    pub(super) fn asked(&self, app: &App, settings: &Settings) -> Result<Asked> {
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
        let (code_command, flag) = (self.mfa_code_command.clone(), "--mfa-code-command");
        overrides.add("mfa_code_command", code_command, Origin::Flag(flag));
        overrides.add("okta_auth", self.okta_auth.clone(), Origin::Flag("--okta-auth"));
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
        let (min_ttl, given) = (self.min_ttl.clone(), self.given(app)?);
        Ok(Asked { overrides, region, min_ttl, no_cache: self.no_cache, given })
    }

    /// What is given for this sign-in alone. stdin is read whether there will be one or not: the
    /// command of `aws.exec` must not find a password there.
    fn given(&self, app: &App) -> Result<Given> {
        let password =
            self.password_stdin.then(|| stdin::password(HOW, app.ui.prompt())).transpose()?;
        let code = self
            .mfa_code
            .clone()
            .or_else(|| self.mfa_code_command.is_none().then(|| app.env.text(MFA_CODE)).flatten());
        let username = self.username.as_ref().map(|name| name.trim().to_owned());
        if username.as_ref().is_some_and(String::is_empty) {
            return Err(Error::usage("--username is empty"));
        }
        Ok(Given { username, password, code: code.map(Secret::from), code_command: None })
    }
}
