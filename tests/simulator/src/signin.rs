//! The sign-in endpoint: `/federation` and `/oauth`.
//!
//! Source: the IAM User Guide, "Enable custom identity broker access to the AWS console".

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use crate::bytes;
use crate::clock;
use crate::http::{Reply, Request};
use crate::sts::Session;
use crate::world::State;

/// Sign-in tokens: until when each is good, and the partition it is for.
pub(crate) type Tokens = HashMap<String, (Timestamp, String)>;

/// `getSigninToken`, `login`, `logout`, or the path.
pub(crate) fn endpoint(request: &Request) -> String {
    request.fields().get("Action").cloned().unwrap_or_else(|| request.path.clone())
}

pub(crate) fn handle(state: &mut State, request: &Request) -> Reply {
    let action = endpoint(request);
    let result = match (request.path.as_str(), action.as_str()) {
        ("/federation", "getSigninToken") => get_token(state, request),
        ("/federation", "login") if request.method == "GET" => login(state, request),
        ("/oauth", "logout") if request.method == "GET" => Ok(logout(request)),
        ("/federation", _) => Err(refused("Invalid Action")),
        _ => Err(Reply::html(404, "<html><body>Not Found</body></html>")),
    };
    result.unwrap_or_else(|refused| refused)
}

/// A refusal, as a page: the endpoint has no other words.
fn refused(words: &str) -> Reply {
    let page =
        format!("<html><head><title>Error: {words}</title></head><body>{words}</body></html>");
    Reply::html(400, page)
}

/// Trades credentials of a role's session for a sign-in token.
fn get_token(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    if request.method == "POST" && !state.scenario.signin.post {
        return Err(Reply::html(405, "<html><body>Method Not Allowed</body></html>"));
    }
    let fields = request.fields();
    let given = fields.get("Session").cloned().unwrap_or_default();
    let given: Value = serde_json::from_str(&given).map_err(|_| refused("Invalid Session"))?;
    let part = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
    let now = state.now();
    let session = state.sts.get(part("sessionId")).filter(|session| {
        session.secret_access_key == part("sessionKey")
            && session.session_token == part("sessionToken")
            && session.expires > now
    });
    let session = session.ok_or_else(|| refused("Invalid Session"))?;
    check_duration(session, fields.get("SessionDuration").map(String::as_str))?;
    let partition = session.arn.split(':').nth(1).unwrap_or_default().to_owned();
    let token = state.record.issued(bytes::base64url(bytes::random(300)));
    let expires = clock::after(now, state.scenario.signin.token_seconds);
    state.signin.insert(token.clone(), (expires, partition));
    Ok(Reply::json(200, &json!({ "SigninToken": token })))
}

/// A console session of another length than the credentials' is not for a role that was assumed by
/// another role.
fn check_duration(session: &Session, asked: Option<&str>) -> Result<(), Reply> {
    let Some(asked) = asked else { return Ok(()) };
    let fits = asked.parse().is_ok_and(|seconds: u32| (900..=43200).contains(&seconds));
    if fits && !session.chained { Ok(()) } else { Err(refused("Invalid SessionDuration")) }
}

/// Opens the console: once for each token.
fn login(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let token = request.query("SigninToken").unwrap_or_default();
    let now = state.now();
    let known = state.signin.remove(&token).filter(|(expires, _)| *expires > now);
    let (_, partition) = known.ok_or_else(|| refused("Invalid SigninToken"))?;
    let target = request.query("Destination").unwrap_or_default();
    let parsed = Url::parse(&target).map_err(|_| refused("Invalid Destination"))?;
    if !is_console(&parsed, &partition) {
        return Err(refused("Invalid Destination"));
    }
    let cookie = state.record.issued(bytes::token(60));
    Ok(Reply::redirect(target).cookie("aws-creds", &cookie))
}

/// Whether that is a page of the partition's console, or of this machine.
fn is_console(url: &Url, partition: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    if matches!(host, "localhost" | "127.0.0.1") {
        return true;
    }
    let console = match partition {
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        "aws-cn" => "console.amazonaws.cn",
        _ => "console.aws.amazon.com",
    };
    url.scheme() == "https" && (host == console || host.ends_with(&format!(".{console}")))
}

/// Ends the console's session, and goes on to where the query says.
fn logout(request: &Request) -> Reply {
    let target = request.query("redirect_uri");
    Reply::redirect(target.unwrap_or_else(|| "https://aws.amazon.com/".to_owned()))
        .without_cookie("aws-creds")
}
