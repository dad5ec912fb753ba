//! Session tokens, sessions, and the cookies that stand for them.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{error, json_body, origin, page};
use crate::bytes;
use crate::clock;
use crate::http::{Reply, Request};
use crate::world::State;

/// A session token: good once, and for some minutes.
pub(super) struct SessionToken {
    login: String,
    expires: Timestamp,
}

/// A session, known by its `sid`.
pub(super) struct Session {
    pub(super) login: String,
    expires: Timestamp,
    /// The apps for which one more factor was answered.
    pub(super) stepped_up: HashSet<String>,
}

impl SessionToken {
    pub(super) fn issue(state: &mut State, login: &str) -> String {
        let token = state.record.issued(format!("20111{}", bytes::token(40)));
        let expires = clock::after(state.now(), state.scenario.okta.session_token_seconds);
        let own = Self { login: login.to_owned(), expires };
        state.okta.session_tokens.insert(token.clone(), own);
        token
    }

    /// Uses the token up; the login it was for, if it was still good.
    fn redeem(state: &mut State, token: &str) -> Option<String> {
        let (now, found) = (state.now(), state.okta.session_tokens.remove(token)?);
        (found.expires > now).then_some(found.login)
    }
}

/// Begins a session by a session token; gives the `sid`.
pub(super) fn begin(state: &mut State, token: &str) -> Option<String> {
    let login = SessionToken::redeem(state, token)?;
    let sid = state.record.issued(format!("102{}", bytes::token(24)));
    let expires = clock::after(state.now(), state.scenario.okta.session_seconds);
    let session = Session { login, expires, stepped_up: HashSet::new() };
    state.okta.sessions.insert(sid.clone(), session);
    Some(sid)
}

/// The login of the session of that `sid`, if it lasts still.
pub(super) fn login(state: &State, sid: &str) -> Option<String> {
    let session = state.okta.sessions.get(sid)?;
    (session.expires > state.now()).then(|| session.login.clone())
}

/// Adds the `DT` cookie to an answer, where the request had none.
pub(super) fn with_device(state: &mut State, request: &Request, reply: Reply) -> Reply {
    if request.cookie("DT").is_some() {
        return reply;
    }
    let device = state.record.issued(format!("DI0{}", bytes::token(22)));
    state.okta.devices.insert(device.clone(), HashMap::new());
    reply.cookie("DT", &device)
}

/// `GET /api/v1/sessions/me`.
pub(super) fn me(state: &State, request: &Request) -> Result<Reply, Reply> {
    let sid = request.cookie("sid").filter(|sid| login(state, sid).is_some());
    let sid = sid.ok_or_else(none)?;
    Ok(Reply::json(200, &shown(state, sid)))
}

/// `DELETE /api/v1/sessions/me`.
pub(super) fn end(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let sid = request.cookie("sid").ok_or_else(none)?;
    state.okta.sessions.remove(sid).ok_or_else(none)?;
    Ok(Reply::empty(204).without_cookie("sid"))
}

fn none() -> Reply {
    error("E0000007", &["Not found: Resource not found: me (Session)"])
}

/// `POST /api/v1/sessions`: a session token for a `sid`, without a browser.
pub(super) fn create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let body = json_body(request)?;
    let token = body.get("sessionToken").and_then(Value::as_str).unwrap_or_default();
    let sid = begin(state, token).ok_or_else(|| error("E0000004", &[]))?;
    Ok(Reply::json(200, &shown(state, &sid)))
}

fn shown(state: &State, sid: &str) -> Value {
    let session = &state.okta.sessions[sid];
    json!({
        "id": sid,
        "userId": "00usim2ula3tor4",
        "login": session.login,
        "expiresAt": clock::millis(session.expires),
        "status": "ACTIVE",
        "mfaActive": false,
    })
}

/// `GET /login/sessionCookieRedirect?token=&redirectUrl=`: only to the org itself, as no other
/// origin is trusted here. A bad token leads there too, without a session.
pub(super) fn cookie_redirect(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let target = request.query("redirectUrl").unwrap_or_default();
    let own = target.strip_prefix(&origin(request)).is_some_and(|rest| rest.starts_with('/'));
    if !own {
        return Err(page::error(400, "The redirect URL is not a trusted origin."));
    }
    let sid = request.query("token").and_then(|token| begin(state, &token));
    let mut reply = with_device(state, request, Reply::redirect(target));
    if let Some(sid) = sid {
        reply = reply.cookie("sid", &sid);
    }
    Ok(reply)
}
