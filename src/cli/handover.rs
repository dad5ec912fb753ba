//! Credentials as other programs take them: in the environment, or as JSON.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::Serialize;

use crate::cli::choose::MFA_CODE;
use crate::cli::store::PASSPHRASE;
use crate::engine::Session;
use crate::sys::env::Env;
use crate::sys::secret::ExposeSecret as _;

/// What could outrank the credentials in an SDK, or mislead a program about whose they are.
const REMOVED: [&str; 13] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CREDENTIAL_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_OKTA_PROFILE",
    "AWS_ACCOUNT_ID",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
];

/// The variables of a session, in the order in which they are printed.
pub(super) struct Environment {
    set: Vec<(&'static str, String)>,
}

impl Environment {
    pub(super) fn new(profile: &str, session: &Session) -> Self {
        let credentials = &session.credentials;
        let token = credentials.session_token.expose_secret();
        let mut set = vec![
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.expose_secret().to_owned()),
            ("AWS_SESSION_TOKEN", token.to_owned()),
            // botocore looks at this one first.
            ("AWS_SECURITY_TOKEN", token.to_owned()),
            ("AWS_CREDENTIAL_EXPIRATION", rfc3339(session)),
        ];
        if let Some(region) = &session.region {
            set.push(("AWS_REGION", region.clone()));
            set.push(("AWS_DEFAULT_REGION", region.clone()));
        }
        set.push(("AWS_OKTA_PROFILE", profile.to_owned()));
        set.push(("AWS_OKTA_ASSUMED_ROLE_ARN", session.role_arn.clone()));
        if let Some(name) = role_name(session) {
            set.push(("AWS_OKTA_ASSUMED_ROLE", name));
        }
        let seconds = credentials.expiration.as_second().to_string();
        set.push(("AWS_OKTA_SESSION_EXPIRATION", seconds));
        Self { set }
    }

    /// What is set.
    pub(super) fn set(&self) -> &[(&'static str, String)] {
        &self.set
    }

    /// What has to be unset where it is set.
    pub(super) fn removed(&self) -> impl Iterator<Item = &'static str> {
        let set = |name: &&str| self.set.iter().any(|(key, _)| key == name);
        REMOVED.into_iter().filter(move |name| !set(name))
    }

    /// The whole environment of a child of a process with `env`.
    pub(super) fn over(&self, env: &Env) -> BTreeMap<OsString, OsString> {
        let mut all: BTreeMap<OsString, OsString> =
            env.vars().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        // robo's own secrets are no business of the child's.
        for name in REMOVED.into_iter().chain([PASSPHRASE, MFA_CODE]) {
            all.remove(&OsString::from(name));
        }
        all.extend(self.set.iter().map(|(key, value)| (OsString::from(key), value.into())));
        all
    }
}

/// The JSON of `credential_process` (AWS SDKs and tools reference guide), version 1.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProcessCredentials {
    version: u8,
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
}

impl ProcessCredentials {
    pub(super) fn new(session: &Session) -> Self {
        let credentials = &session.credentials;
        Self {
            version: 1,
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.expose_secret().to_owned(),
            session_token: credentials.session_token.expose_secret().to_owned(),
            expiration: rfc3339(session),
            account_id: credentials.assumed_role_arn.split(':').nth(4).map(str::to_owned),
        }
    }
}

fn rfc3339(session: &Session) -> String {
    session.credentials.expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Administrator` of `arn:aws:sts::222222222222:assumed-role/Administrator/you@acme.com`, as
/// aws-okta has it.
fn role_name(session: &Session) -> Option<String> {
    session.credentials.assumed_role_arn.split('/').nth(1).map(str::to_owned)
}
