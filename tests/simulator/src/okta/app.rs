//! An app's link: the page with the assertion, for who is signed in.

use super::session::{self, with_device};
use super::transaction::{Stage, Transaction, user};
use super::{origin, page, saml};
use crate::http::{Reply, Request};
use crate::scenario::{Access, App};
use crate::world::State;

/// `GET /home/amazon_aws/<app>/<n>`, with a `sid` or with a session token as `sessionToken` or
/// `onetimetoken`.
///
/// A `sid` that is sent counts alone: a token beside it is not even looked at, be the `sid` stale
/// or not, as Okta Classic does unless an administrator chose otherwise.
pub(super) fn open(state: &mut State, request: &Request) -> Reply {
    let app = state.scenario.okta.apps.iter().find(|app| app.path == request.path).cloned();
    let Some(app) = app.filter(|app| app.access != Access::NotFound) else {
        return page::not_found();
    };
    let idx = state.scenario.okta.pipeline == "idx";
    let takes = !idx || state.scenario.okta.session_tokens;
    let token = ["sessionToken", "onetimetoken"]
        .iter()
        .find_map(|name| request.query(name))
        .filter(|_| takes);
    let reply = match (request.cookie("sid").map(str::to_owned), token) {
        (Some(sid), _) => match session::login(state, &sid) {
            Some(login) => signed_in(state, request, &app, &sid, &login),
            None => sign_in(state, request).without_cookie("sid"),
        },
        (None, Some(token)) => match session::begin(state, &token) {
            Some(sid) => {
                Reply::redirect(format!("{}{}", origin(request), app.path)).cookie("sid", &sid)
            }
            None => sign_in(state, request),
        },
        (None, None) => sign_in(state, request),
    };
    with_device(state, request, reply)
}

/// Whoever is not signed in is sent to the login page, or shown it.
fn sign_in(state: &State, request: &Request) -> Reply {
    let origin = origin(request);
    if !state.scenario.okta.login_redirect {
        return page::login(&origin, &request.path);
    }
    let from: String = url::form_urlencoded::byte_serialize(request.path.as_bytes()).collect();
    Reply::redirect(format!("{origin}/login/login.htm?fromURI={from}"))
}

fn signed_in(state: &mut State, request: &Request, app: &App, sid: &str, login: &str) -> Reply {
    let stepped_up = state.okta.sessions[sid].stepped_up.contains(&app.path);
    match app.access {
        Access::NotAssigned => return page::not_assigned(),
        Access::StepUp if !stepped_up => {
            let asks = user(state, login).is_some_and(|user| !user.factors.is_empty());
            let stage = if asks { Stage::MfaRequired } else { Stage::Unauthenticated };
            let mut tx = Transaction::begin(state, login, stage);
            tx.step_up = Some((sid.to_owned(), app.path.clone()));
            tx.keep(state);
            let page = page::step_up(&origin(request), &tx.token);
            return page;
        }
        _ => {}
    }
    if let Some(raw) = &app.saml.raw_page {
        return Reply::html(200, raw.clone());
    }
    let assertion = saml::issue(state, &app.saml, login);
    page::saml(&app.saml.destination, &assertion)
}
