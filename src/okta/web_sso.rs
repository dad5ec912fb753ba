//! From the tokens of a sign-in in the browser to the SAML assertion of an app: token exchange
//! (RFC 8693), and Okta's web SSO by token.

use serde_json::Value;

use crate::error::{Error, Kind, Result};
use crate::okta::assertion::Assertion;
use crate::okta::cookies::Cookies;
use crate::okta::oauth::{self, Denial, OAuthError};
use crate::okta::org::Org;
use crate::okta::saml::{self, Outcome};
use crate::okta::tokens::Tokens;
use crate::okta::words::cut;
use crate::sys::http::Request;
use crate::sys::secret::{ExposeSecret as _, Secret};

/// An app of the person's that federates into AWS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AwsApp {
    /// Okta's id of it (`okta_app_id`).
    pub id: String,
    /// Its name.
    pub label: String,
}

/// Why the tokens gave no assertion.
#[derive(Debug)]
pub enum ExchangeError {
    /// Okta does not take these tokens any more: fresh ones may do.
    Spent(Error),
    /// They are good, but not enough for this app: a sign-in of now may be.
    Weak(Error),
    /// Anything else.
    Other(Error),
}

impl From<Error> for ExchangeError {
    fn from(error: Error) -> Self {
        ExchangeError::Other(error)
    }
}

impl ExchangeError {
    /// The error to show.
    pub fn into_error(self) -> Error {
        let (ExchangeError::Spent(error)
        | ExchangeError::Weak(error)
        | ExchangeError::Other(error)) = self;
        error
    }
}

/// More apps are no list to pick from.
const MOST: usize = 1000;

/// The person's apps that federate into AWS.
pub(super) fn apps(org: &Org<'_>, tokens: &Tokens) -> Result<Vec<AwsApp>, ExchangeError> {
    let request = Request::get(org.domain.at("/api/v1/users/me/appLinks"))
        .header("Accept", "application/json")
        .header("Authorization", format!("Bearer {}", tokens.access.expose_secret()));
    let answer = org.send(request, None, &mut Cookies::default())?;
    let status = answer.status;
    let list = oauth::read(org, &answer).map_err(|denial| {
        let error = denial.error(org, &tokens.client_id, "list of apps");
        match status {
            401 => ExchangeError::Spent(error),
            403 => ExchangeError::Other(error.hint("whoever runs Okta grants okta.users.read.self to the client, or okta_app_id names the app")),
            _ => ExchangeError::Other(error),
        }
    })?;
    let entries = list.as_array().into_iter().flatten().take(MOST);
    let app = |entry: &Value| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let id = text("appInstanceId").filter(|id| is_id(id))?;
        let aws = text("appName") == Some("amazon_aws");
        aws.then(|| AwsApp { id: id.to_owned(), label: cut(text("label").unwrap_or(id), 100) })
    };
    Ok(entries.filter_map(app).collect())
}

/// What an id of Okta's is made of.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 60 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The assertion of the app with that id.
pub(super) fn saml(
    org: &Org<'_>,
    tokens: &Tokens,
    app_id: &str,
) -> Result<Assertion, ExchangeError> {
    org.prompt.detail(&format!("Okta: exchanging the sign-in for one to the app {app_id}."));
    let token = exchange(org, tokens, app_id)?;
    let mut cookies = Cookies::default();
    let url = org.domain.at("/login/token/sso");
    let fields = [("token", token.expose_secret())];
    let post = Request::form(url.clone(), fields).header("Accept", "text/html");
    let answer = org.send(post, None, &mut cookies)?;
    let outcome = if matches!(answer.status, 404 | 405) {
        // An address is more often logged than a body, so this is only for orgs that want it so.
        org.prompt.detail("Okta: it does not take the token by POST; by GET, then.");
        let mut url = url;
        url.query_pairs_mut().append_pair("token", token.expose_secret());
        saml::ask(org, url, &mut cookies)?
    } else {
        saml::follow(org, url, answer, &mut cookies)?
    };
    let domain = org.domain;
    let error = match outcome {
        Outcome::Assertion(assertion) => return Ok(assertion),
        Outcome::SignIn => Error::new(
            Kind::OktaRefused,
            format!("{domain} asks to sign in again, right after it was done in the browser"),
        )
        .hint("try again; if it stays so, ask whoever runs Okta: is the client an Allowed Web SSO Client of the AWS app?"),
        Outcome::StepUp(_) => Error::new(
            Kind::OktaRefused,
            format!("the AWS app at {domain} asks for more than the sign-in in the browser had"),
        )
        .hint("whoever runs Okta makes the policy of the client's app as strict as that of the AWS app"),
        Outcome::Elsewhere(error) | Outcome::No(error) => error,
    };
    Err(error.into())
}

/// The token for the app. The access token acts, for the subject of the ID token.
fn exchange(org: &Org<'_>, tokens: &Tokens, app_id: &str) -> Result<Secret, ExchangeError> {
    let audience = format!("urn:okta:apps:{app_id}");
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", tokens.client_id.as_str()),
        ("actor_token", tokens.access.expose_secret()),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("subject_token", tokens.identity.expose_secret()),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("requested_token_type", "urn:okta:oauth:token-type:web_sso_token"),
        ("audience", audience.as_str()),
    ];
    let answer = match oauth::post(org, "/oauth2/v1/token", &fields) {
        Ok(answer) => answer,
        Err(Denial::OAuth(error)) if matches!(error.status, 400 | 401) => {
            let why = match error.error.as_str() {
                "invalid_grant" if is_over(&error) => ExchangeError::Spent,
                "invalid_grant" => ExchangeError::Weak,
                // The app, or the client: no other tokens change that.
                _ => ExchangeError::Other,
            };
            return Err(why(told(org, tokens, app_id, error)));
        }
        Err(denial) => return Err(denial.error(org, &tokens.client_id, "token exchange").into()),
    };
    let token = answer.get("access_token").and_then(Value::as_str).filter(|text| !text.is_empty());
    token.map(|token| Secret::from(token.to_owned())).ok_or_else(|| {
        Error::failed(format!("{} gave no token for the app {app_id}", org.domain)).into()
    })
}

/// Whether Okta says that the tokens themselves are good no more.
fn is_over(error: &OAuthError) -> bool {
    error.mentions("expired") || error.mentions("_token' is invalid")
}

/// The sentence for an exchange that Okta refused, and what mends it at Okta.
fn told(org: &Org<'_>, tokens: &Tokens, app_id: &str, error: OAuthError) -> Error {
    let domain = org.domain;
    let refused = |message: String| Error::new(Kind::OktaRefused, message).because(error.words());
    let client = &tokens.client_id;
    if error.error == "invalid_grant" && error.mentions("assurance") {
        let asked = refused(format!(
            "the AWS app at {domain} asks for a stronger sign-in than the one in the browser was"
        ));
        let asked = if tokens.had_second_factor() == Some(false) {
            asked.hint(format!("the sign-in had one factor alone: whoever runs Okta makes the sign-in policy of the app of {client} ask for two, as the AWS app's does"))
        } else {
            asked.hint(format!("whoever runs Okta compares the two sign-in policies: that of the AWS app may be no stricter than that of the app of {client}"))
        };
        return asked
            .hint("if the AWS app's rule asks for a new sign-in 'every time', it has to be a span of time: the sign-in in the browser is minutes old by then")
            .hint("if the AWS app's rule has a device state, it has to be 'Any': a sign-in by a code cannot prove which device it is from");
    }
    match error.error.as_str() {
        "invalid_grant" if is_over(&error) => {
            refused(format!("{domain} does not take the sign-in in the browser any more"))
                .hint("run it again")
        }
        "invalid_grant" | "invalid_target" | "access_denied" => refused(format!(
            "{domain} does not let the client {client} sign you in to the app {app_id}"
        ))
        .hint(format!("whoever runs Okta lists {client} as an Allowed Web SSO Client of the AWS Account Federation app (Sign On)"))
        .hint("check okta_app_id (or the id in aws_saml_url), and that the app is assigned to you"),
        _ => Denial::OAuth(error).error(org, client, "the grant Token Exchange"),
    }
}

/// Ends a sign-in at Okta: its access token is good no more.
pub(super) fn revoke(org: &Org<'_>, tokens: &Tokens) -> Result<()> {
    let fields = [
        ("client_id", tokens.client_id.as_str()),
        ("token", tokens.access.expose_secret()),
        ("token_type_hint", "access_token"),
    ];
    let request = Request::form(org.domain.at("/oauth2/v1/revoke"), fields);
    let answer = org.send(request, None, &mut Cookies::default())?;
    match answer.status {
        // One that is dead already is fine (RFC 7009, 2.2).
        200..=299 | 400 | 401 => Ok(()),
        _ => Err(org.nonsense(&answer)),
    }
}

#[cfg(test)]
mod tests;
