//! An Okta org: its users, its apps, its policies.

use serde::{Deserialize, Serialize};

use super::oauth::CLIENT;
use super::{Factor, OAuth, Saml};

/// The org.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Okta {
    /// The users.
    pub users: Vec<User>,
    /// The apps.
    pub apps: Vec<App>,
    /// `v1` is Classic, `idx` Identity Engine: it has sign-ins in the browser, and takes no state
    /// token of a page at `/api/v1/authn`.
    pub pipeline: String,
    /// Whether an Identity Engine org lets people sign in at `/api/v1/authn`.
    pub authn: bool,
    /// Whether its apps take the session token that they get for it.
    pub session_tokens: bool,
    /// Its authorization server.
    pub oauth: OAuth,
    /// For how many seconds after each request a state token is good.
    pub state_token_seconds: i64,
    /// For how many seconds a session token is good.
    pub session_token_seconds: i64,
    /// For how many seconds a session is good.
    pub session_seconds: i64,
    /// After so many refused passwords a user is locked out.
    pub lock_after: u32,
    /// Whether a user who is locked out is told so (`LOCKED_OUT`) or just refused (401).
    pub show_lockout: bool,
    /// After so many wrong codes in one transaction the user is locked (E0000069).
    pub lock_after_codes: u32,
    /// Whether the policy lets devices be remembered.
    pub remember_device: bool,
    /// For how many minutes; 0 says nothing of the time.
    pub remember_minutes: u32,
    /// Between two messages to one phone so many seconds have to pass.
    pub resend_seconds: i64,
    /// How many requests a minute one endpoint takes.
    pub rate_limit: u32,
    /// Whether a page for which one has to be signed in redirects to the login page, or is it.
    pub login_redirect: bool,
}

impl Default for Okta {
    fn default() -> Self {
        Self {
            users: vec![User::default()],
            apps: vec![App::default()],
            pipeline: "v1".to_owned(),
            authn: true,
            session_tokens: true,
            oauth: OAuth::default(),
            state_token_seconds: 300,
            session_token_seconds: 300,
            session_seconds: 7200,
            lock_after: 10,
            show_lockout: false,
            lock_after_codes: 5,
            remember_device: true,
            remember_minutes: 0,
            resend_seconds: 30,
            rate_limit: 600,
            login_redirect: true,
        }
    }
}

/// A user.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The login name.
    pub login: String,
    /// The password.
    pub password: String,
    /// What stands in the way of a session once the password was right.
    pub state: LoginState,
    /// The second factors. Without one none is asked for.
    pub factors: Vec<Factor>,
}

impl Default for User {
    fn default() -> Self {
        Self {
            login: "you@acme.com".to_owned(),
            password: "Tr0ub4dor&3 simulated".to_owned(),
            state: LoginState::Normal,
            factors: vec![Factor::push()],
        }
    }
}

/// What stands in the way of a session once the password was right.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginState {
    /// Nothing but the factors, if there are any.
    #[default]
    Normal,
    /// `PASSWORD_WARN`, behind the factors, which can be skipped; whether it was asked for or not.
    PasswordWarn,
    /// `PASSWORD_EXPIRED`, behind the factors.
    PasswordExpired,
    /// `PASSWORD_RESET`.
    PasswordReset,
    /// `RECOVERY`.
    Recovery,
    /// `RECOVERY_CHALLENGE`.
    RecoveryChallenge,
    /// `LOCKED_OUT`, or a 401 where the policy hides that.
    LockedOut,
    /// `MFA_ENROLL`.
    MfaEnroll,
    /// `MFA_ENROLL` that can be skipped.
    MfaEnrollOptional,
    /// `MFA_ENROLL_ACTIVATE`.
    MfaEnrollActivate,
    /// `UNAUTHENTICATED`.
    Unauthenticated,
    /// The account is not active: 401.
    Inactive,
    /// A status that nobody knows.
    Unknown(String),
}

/// An app that signs in to AWS.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    /// Its link.
    pub path: String,
    /// Its name.
    pub label: String,
    /// Whether the user gets in.
    pub access: Access,
    /// The clients that may sign people in to it (Allowed Web SSO Clients).
    pub clients: Vec<String>,
    /// What the ID token's `amr` has to have.
    pub amr: Vec<String>,
    /// How old the sign-in in the browser may be, in seconds.
    pub new_sign_in_seconds: Option<i64>,
    /// Whether the sign-in has to come from a device that the org knows, which none by a code
    /// does.
    pub device_bound: bool,
    /// What it asserts.
    pub saml: Saml,
}

impl Default for App {
    fn default() -> Self {
        let path = "/home/amazon_aws/0oa1sim2ula3tor4/272".to_owned();
        Self {
            path,
            label: "AWS Account Federation".to_owned(),
            access: Access::Assigned,
            clients: vec![CLIENT.to_owned()],
            amr: Vec::new(),
            new_sign_in_seconds: None,
            device_bound: false,
            saml: Saml::default(),
        }
    }
}

impl App {
    /// Okta's id of it, which is in its link.
    pub fn id(&self) -> String {
        self.path.split('/').nth(3).unwrap_or_default().to_owned()
    }
}

/// Whether a user who is signed in gets into an app.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Yes.
    #[default]
    Assigned,
    /// No: a page says that the app is not assigned (403).
    NotAssigned,
    /// There is no such app (404).
    NotFound,
    /// After one more factor: a step-up page.
    StepUp,
}
