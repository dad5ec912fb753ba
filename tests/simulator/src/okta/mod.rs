//! An Okta org, Classic or of Identity Engine.
//!
//! Facts are from Okta's Authentication API reference and its session cookie guide. What they do
//! not say is played as plainly as possible.

mod app;
mod authn;
mod code;
mod duo;
mod error;
mod fido;
mod limits;
mod oauth;
mod page;
mod saml;
mod session;
mod shape;
mod transaction;
mod verify;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::json;

use crate::http::{Reply, Request};
use crate::tls::NAMES;
use crate::world::State;

pub(crate) use error::error;
pub(crate) use limits::rate_limited;
pub(crate) use saml::Issued;

use session::{Session, SessionToken};
use transaction::Transaction;

/// What the org knows beside the scenario.
#[derive(Default)]
pub(crate) struct Org {
    transactions: HashMap<String, Transaction>,
    session_tokens: HashMap<String, SessionToken>,
    sessions: HashMap<String, Session>,
    /// Each `DT` that was given out, with the users whom it need not be asked again for, and
    /// until when.
    devices: HashMap<String, HashMap<String, Timestamp>>,
    refused_passwords: HashMap<String, u32>,
    locked: HashSet<String>,
    used_codes: HashSet<(String, String, String)>,
    /// The last counter of each security key, by its public key.
    key_counters: HashMap<String, u32>,
    sent: HashMap<(String, String), Timestamp>,
    windows: limits::Windows,
    oauth: oauth::Server,
    /// Assertions by what they look like in a form.
    pub(crate) assertions: HashMap<String, Issued>,
}

impl Org {
    pub(crate) fn end_sessions(&mut self) {
        self.sessions.clear();
        self.oauth.end_sign_ins();
    }
}

const APPS: &str = "/home/";

/// The method and path, ids in it as `…`.
pub(crate) fn endpoint(request: &Request) -> String {
    let mut parts: Vec<&str> = request.path.split('/').collect();
    if request.path.starts_with("/api/v1/authn/factors/") {
        parts[5] = "…";
    } else if request.path.starts_with(APPS) {
        parts.truncate(4);
        parts[3..].fill("…");
    }
    format!("{} {}", request.method, parts.join("/"))
}

pub(crate) fn handle(state: &mut State, request: &Request) -> Reply {
    if !knows_host(state, request.host()) {
        return page::not_found();
    }
    let headers = match limits::take(state, &endpoint(request)) {
        Ok(headers) => headers,
        Err(refused) => return refused,
    };
    let mut reply = route(state, request).unwrap_or_else(|refused| refused);
    reply.headers.extend(headers);
    let request_id = crate::bytes::token(24);
    reply.header("X-Okta-Request-Id", request_id).header("Cache-Control", "no-cache, no-store")
}

/// Only a name that a certificate is for, and the port that was listened on; a name that the
/// scenario added may come through the proxy, at the usual port.
fn knows_host(state: &State, host: &str) -> bool {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "443"));
    let added = state.scenario.tls.names.iter().any(|added| added == name);
    (NAMES.contains(&name) && port == state.ports.okta.to_string())
        || (added && (port == "443" || port == state.ports.okta.to_string()))
}

/// The origin that the client spoke to; links stay within it.
fn origin(request: &Request) -> String {
    format!("https://{}", request.host())
}

fn route(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let path = request.path.as_str();
    match (request.method.as_str(), path) {
        ("GET", "/.well-known/okta-organization") => Ok(organization(state, request)),
        ("GET", "/" | "/login/login.htm" | "/login/default" | "/signin") => {
            Ok(session::with_device(state, request, page::login(&origin(request), "")))
        }
        ("GET", "/activate") => Ok(oauth::activate(state, request)),
        ("POST" | "GET", "/login/token/sso") => oauth::sso(state, request),
        ("GET", "/api/v1/users/me/appLinks") => oauth::app_links(state, request),
        ("GET", "/oauth2/v1/userinfo") => oauth::user_info(state, request),
        ("POST", _) if path.starts_with("/oauth2/v1/") => oauth::handle(state, request),
        ("GET", "/login/sessionCookieRedirect") => session::cookie_redirect(state, request),
        ("GET", "/api/v1/sessions/me") => session::me(state, request),
        ("DELETE", "/api/v1/sessions/me") => session::end(state, request),
        ("POST", "/api/v1/sessions") => session::create(state, request),
        ("GET", _) if path.starts_with(APPS) => Ok(app::open(state, request)),
        ("POST", _) if path == "/api/v1/authn" || path.starts_with("/api/v1/authn/") => {
            authn::handle(state, request)
        }
        // These are there, for another method.
        (_, "/api/v1/authn" | "/api/v1/sessions" | "/api/v1/sessions/me") => {
            Err(error("E0000022", &[]))
        }
        _ if path.starts_with("/api/v1/authn/") => Err(error("E0000022", &[])),
        _ if path.starts_with("/api/") => {
            Err(error("E0000007", &[&format!("Not found: Resource not found: {path} (Endpoint)")]))
        }
        _ => Err(page::not_found()),
    }
}

fn organization(state: &State, request: &Request) -> Reply {
    let origin = origin(request);
    Reply::json(
        200,
        &json!({
            "id": "00osim2ula3tor4",
            "_links": { "organization": { "href": origin } },
            "pipeline": state.scenario.okta.pipeline,
            "settings": { "analyticsCollectionEnabled": false, "bugReportingEnabled": true },
        }),
    )
}

/// The body of an API call, which has to be JSON and say so.
fn json_body(request: &Request) -> Result<serde_json::Value, Reply> {
    if request.content_type() != "application/json" {
        return Err(error("E0000021", &[]));
    }
    request.json().ok_or_else(|| error("E0000003", &[]))
}
