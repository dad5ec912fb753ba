//! OAuth at the org's own authorization server: its requests, and how it says no.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Kind, Result};
use crate::okta::cookies::Cookies;
use crate::okta::org::Org;
use crate::okta::refusal::Refusal;
use crate::okta::words::cut;
use crate::sys::http::{Request, Response};

/// Why there was no token.
#[derive(Debug)]
pub(super) enum Denial {
    /// An error as OAuth has it (RFC 6749, 5.2).
    OAuth(OAuthError),
    /// An error as Okta has it elsewhere.
    Okta(Refusal),
    /// There was no answer, or none that makes sense; or the person stopped it.
    Broke(Error),
}

impl From<Error> for Denial {
    fn from(error: Error) -> Self {
        Denial::Broke(error)
    }
}

/// `error` and `error_description` of an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct OAuthError {
    pub(super) status: u16,
    pub(super) error: String,
    pub(super) description: String,
}

impl OAuthError {
    fn read(answer: &Response) -> Option<Self> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Body {
            error: String,
            error_description: String,
        }
        let body: Body = answer.json().ok()?;
        (answer.status >= 400 && !body.error.is_empty()).then(|| Self {
            status: answer.status,
            error: cut(&body.error, 60),
            description: cut(&body.error_description, 300),
        })
    }

    /// Okta's own words.
    pub(super) fn words(&self) -> String {
        match self.description.as_str() {
            "" => self.error.clone(),
            description => format!("{}: {description}", self.error),
        }
    }

    /// Whether its words have `text`, which is in lower case.
    pub(super) fn mentions(&self, text: &str) -> bool {
        self.description.to_lowercase().contains(text)
    }
}

/// Posts a form to the org's own authorization server (`/oauth2/v1`, never `/oauth2/default`),
/// and gives the JSON of the answer.
pub(super) fn post(org: &Org<'_>, path: &str, fields: &[(&str, &str)]) -> Result<Value, Denial> {
    let request = Request::form(org.domain.at(path), fields.iter().copied())
        .header("Accept", "application/json");
    let answer = org.send(request, None, &mut Cookies::default())?;
    read(org, &answer)
}

/// The JSON of an answer that is a good one.
pub(super) fn read(org: &Org<'_>, answer: &Response) -> Result<Value, Denial> {
    if let Some(error) = OAuthError::read(answer) {
        return Err(Denial::OAuth(error));
    }
    if let Some(refusal) = Refusal::read(answer) {
        return Err(Denial::Okta(refusal));
    }
    let value: Option<Value> = answer.json().ok();
    match value.filter(|_| (200..300).contains(&answer.status)) {
        Some(value) => Ok(value),
        None => Err(Denial::Broke(org.nonsense(answer))),
    }
}

/// What whoever runs Okta has to set up for signing in without a password.
pub const SETUP: [&str; 3] = [
    "whoever runs Okta adds an OIDC app of the type Native, with the grants Authorization Code, Device Authorization and Token Exchange and the API scope okta.apps.sso",
    "its client id becomes an Allowed Web SSO Client of the AWS Account Federation app",
    "and is written as 'okta_client_id = 0oa…' under [okta] ('client_id' in robo.toml)",
];

impl Denial {
    /// The error to show; `what` is what the client was to be given.
    pub(super) fn error(self, org: &Org<'_>, client_id: &str, what: &str) -> Error {
        let domain = org.domain;
        let error = match self {
            Denial::Broke(error) => return error,
            Denial::Okta(refusal) if matches!(refusal.code.as_str(), "E0000022" | "E0000007") => {
                return Error::new(
                    Kind::OktaRefused,
                    format!("{domain} offers no {what}: it may not run on Identity Engine"),
                )
                .because(refusal.words())
                .hint("'okta_auth = password' in the profile signs in with a password");
            }
            Denial::Okta(refusal) => return refusal.error(domain),
            Denial::OAuth(error) => error,
        };
        let refused = |message: String| Error::new(Kind::OktaRefused, message);
        let client = cut(client_id, 60);
        let told = match error.error.as_str() {
            "invalid_client" => refused(format!("{domain} does not know the client {client}"))
                .hint("check okta_client_id: it is the client id of the Native app in Okta, which has no secret"),
            "unauthorized_client" => {
                refused(format!("{domain} does not let the client {client} use {what}")).hint(
                    "whoever runs Okta turns on the grants Device Authorization and Token Exchange in that app",
                )
            }
            "invalid_scope" => {
                refused(format!("{domain} does not let the client {client} ask for all that robo needs"))
                    .hint("whoever runs Okta grants it okta.apps.sso (and, where no okta_app_id is configured, okta.apps.read and okta.users.read.self), under 'Okta API Scopes'")
            }
            "access_denied" => refused(format!("{domain} does not let you use the client {client}"))
                .hint("ask whoever runs Okta to assign the app with that client id to you"),
            _ if error.status >= 500 => Error::failed(format!("Okta has trouble of its own ({domain})"))
                .hint("see https://status.okta.com, then try again"),
            _ => refused(format!("{domain} gives no {what} to the client {client}"))
                .hint("ask whoever runs Okta at your company"),
        };
        told.because(error.words())
    }
}
