//! The door to the console: credentials become a link that signs a browser in.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::aws::credentials::Credentials;
use crate::aws::destination::Page;
use crate::aws::endpoint::checked;
use crate::aws::partition::Partition;
use crate::aws::problem::unanswered;
use crate::error::{Error, Kind, Result};
use crate::sys::http::{Http, Request, Response};
use crate::sys::secret::{ExposeSecret as _, Secret};

/// What the console is to be opened with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Console<'a> {
    /// The region; one of another partition than the credentials' is left aside.
    pub region: Option<&'a str>,
    /// The page to go to.
    pub page: Page<'a>,
    /// The address that AWS sends a person to once the session has ended: the Okta app's.
    pub issuer: Option<&'a str>,
    /// How long the console's session is to last. By itself it lasts as long as the credentials;
    /// AWS refuses this for credentials of a role that another role assumed.
    pub duration: Option<Duration>,
    /// Whether to leave the console of another account first.
    pub logout_first: bool,
    /// `AWS_ENDPOINT_URL_SIGNIN`: the sign-in server, where it is another than AWS's.
    pub endpoint: Option<&'a str>,
}

/// A link into the console.
#[derive(Clone, Debug)]
pub struct Login {
    /// The link. It works for 15 minutes, once, and for whoever has it: a secret.
    pub url: Secret,
    /// Whether AWS would not have the duration that was asked for.
    pub duration_refused: bool,
}

/// An answer has some two thousand bytes.
const LIMIT: u64 = 64 << 10;

/// A link that opens the console as the role of `credentials`.
///
/// The credentials go in the body of a `POST`, and in a URL only where the server takes no `POST`:
/// a URL is more easily kept by what it passes through. (The IAM user guide, "Enable custom
/// identity broker access to the AWS console", has the fields.)
///
/// # Errors
/// [`Kind::AwsRefused`] when AWS does not take the credentials, [`Kind::Unreachable`] when there
/// is no answer of AWS, [`Kind::Failed`] when region or page are wrong.
pub fn login_url(
    http: &dyn Http,
    credentials: &Credentials,
    console: &Console<'_>,
) -> Result<Login> {
    let (partition, region, destination) = place(&credentials.assumed_role_arn, console)?;
    let server = server(partition, region, console)?;

    let (token, duration_refused) =
        token(http, &below(&server, "federation"), credentials, console)?;
    let mut url = below(&server, "federation");
    url.query_pairs_mut().append_pair("Action", "login");
    if let Some(issuer) = console.issuer {
        url.query_pairs_mut().append_pair("Issuer", issuer);
    }
    url.query_pairs_mut()
        .append_pair("Destination", destination.as_str())
        .append_pair("SigninToken", token.expose_secret());
    if console.logout_first {
        let mut logout = below(&server, "oauth");
        logout
            .query_pairs_mut()
            .append_pair("Action", "logout")
            .append_pair("redirect_uri", url.as_str());
        url = logout;
    }
    Ok(Login { url: String::from(url).into(), duration_refused })
}

/// Whether there is such a page for a role: it can be told before anybody signs in.
///
/// # Errors
/// [`Kind::Failed`] when region or page are wrong.
pub fn check(role_arn: &str, console: &Console<'_>) -> Result<()> {
    place(role_arn, console).map(|_| ())
}

/// The partition of a role, the region in it, and the page there.
fn place<'a>(arn: &str, console: &Console<'a>) -> Result<(&'static Partition, &'a str, Url)> {
    let partition = Partition::of_arn(arn)?;
    let region = partition.region_or_default(console.region)?;
    Ok((partition, region, console.page.url(partition, region)?))
}

/// The sign-in server. A token is good at the server that gave it only.
fn server(partition: &'static Partition, region: &str, console: &Console<'_>) -> Result<Url> {
    if let Some(endpoint) = console.endpoint {
        return checked(endpoint, "AWS_ENDPOINT_URL_SIGNIN");
    }
    let host = if console.logout_first {
        partition.regional_signin_host(partition.default_region)
    } else {
        partition.signin_host(region)
    };
    checked(&format!("https://{host}/"), "the region")
}

fn below(server: &Url, name: &str) -> Url {
    let mut url = server.clone();
    url.set_path(&format!("{}/{name}", server.path().trim_end_matches('/')));
    url
}

/// The token that stands for the credentials in a link, and whether the duration was refused.
///
/// A refused duration and bad credentials both show as status 400, and a `POST` that is not taken
/// may show as anything: each is left out in turn before the credentials are to blame.
fn token(
    http: &dyn Http,
    url: &Url,
    credentials: &Credentials,
    console: &Console<'_>,
) -> Result<(Secret, bool)> {
    let asked = console.duration.map(|duration| duration.as_secs().to_string());
    let mut failure = None;
    for make in [post, get] {
        for duration in asked.as_deref().map(Some).into_iter().chain([None]) {
            let response = http
                .send(&make(url, &fields(credentials, duration)))
                .map_err(|error| unanswered("sign in to the AWS console", error))?;
            match read(&response, url) {
                Ok(token) => return Ok((token, asked.is_some() && duration.is_none())),
                Err(error) if is_busy(response.status) => return Err(error),
                Err(error) => failure = Some(error),
            }
            match response.status {
                400 => {}
                405 => break,
                // It is not about the way it was asked: the keys go into no URL for that.
                _ => return Err(failure.unwrap_or_else(|| no_answer(url))),
            }
        }
    }
    Err(failure.unwrap_or_else(|| no_answer(url)))
}

fn no_answer(url: &Url) -> Error {
    Error::failed(doing(url, "there was no answer"))
}

type Fields<'a> = Vec<(&'a str, String)>;

fn fields<'a>(credentials: &Credentials, duration: Option<&str>) -> Fields<'a> {
    let session = json!({
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key.expose_secret(),
        "sessionToken": credentials.session_token.expose_secret(),
    });
    let mut fields =
        vec![("Action", "getSigninToken".to_owned()), ("Session", session.to_string())];
    fields.extend(duration.map(|duration| ("SessionDuration", duration.to_owned())));
    fields
}

fn post(url: &Url, fields: &Fields<'_>) -> Request {
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    Request { limit: LIMIT, ..Request::form(url.clone(), fields) }
        .header("Accept", "application/json")
}

fn get(url: &Url, fields: &Fields<'_>) -> Request {
    let mut url = url.clone();
    url.query_pairs_mut().extend_pairs(fields);
    Request { limit: LIMIT, ..Request::get(url).header("Accept", "application/json") }
}

#[derive(Deserialize)]
struct Token {
    #[serde(rename = "SigninToken")]
    signin_token: String,
}

fn read(response: &Response, url: &Url) -> Result<Secret> {
    if response.status != 200 {
        return Err(refused(response.status, url));
    }
    let odd = |cause: Error| {
        Error::new(Kind::Unreachable, doing(url, "what answered is not AWS"))
            .because(cause)
            .hint("a proxy or a network's own sign-in page may be in between")
    };
    let token = response.json::<Token>().map_err(odd)?.signin_token;
    if token.is_empty() {
        return Err(odd(Error::failed("the sign-in token is empty")));
    }
    Ok(token.into())
}

fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 500..=599)
}

fn refused(status: u16, url: &Url) -> Error {
    let error = match status {
        400 | 401 | 403 => Error::new(Kind::AwsRefused, doing(url, "AWS refused the credentials"))
            .hint("'robo aws.logout', then run it again"),
        _ if is_busy(status) => Error::new(Kind::AwsRefused, doing(url, "AWS is too busy"))
            .hint("try again in a minute"),
        _ => Error::new(Kind::Unreachable, doing(url, "what answered is not AWS"))
            .hint("a proxy or a network's own sign-in page may be in between"),
    };
    error.because(format!("the answer has status {status}"))
}

fn doing(url: &Url, why: &str) -> String {
    format!("cannot sign in to the AWS console at {}: {why}", url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests;
