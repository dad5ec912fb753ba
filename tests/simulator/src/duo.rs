//! Duo's traditional frame, as a program drives it that is not a browser.
//!
//! Duo documents none of it; this is what the tools that drove it sent and got.

use std::collections::HashMap;

use serde_json::json;

use crate::bytes;
use crate::http::{Reply, Request};
use crate::scenario::Factor;
use crate::world::State;

/// What Duo knows: requests that Okta signed, and how far each is.
#[derive(Default)]
pub(crate) struct Frame {
    expected: HashMap<String, Expected>,
    /// The half of the request that is Duo's, by `sid`.
    sids: HashMap<String, String>,
    attempts: HashMap<String, Attempt>,
    /// Cookies that were given out, each with the half of the request that it answers.
    cookies: HashMap<String, String>,
}

#[derive(Clone)]
struct Expected {
    login: String,
    factor: String,
    pushes: usize,
}

/// One try: a push, a call or a passcode.
#[derive(Clone)]
struct Attempt {
    sid: String,
    push: usize,
    polls: usize,
    /// What a passcode came to at once.
    decided: Option<bool>,
}

impl Frame {
    /// Takes note of a request that Okta signed: `TX|…:APP|…`.
    pub(crate) fn expect(&mut self, signature: &str, login: &str, factor: &Factor) {
        let own = signature.split(':').next().unwrap_or_default().to_owned();
        let (login, factor) = (login.to_owned(), factor.id.clone());
        self.expected.insert(own, Expected { login, factor, pushes: 0 });
    }

    /// Whether that cookie was given out for that request; once.
    pub(crate) fn redeem(&mut self, cookie: &str, tx: &str) -> bool {
        self.cookies.remove(cookie).is_some_and(|own| own == tx)
    }
}

/// The method and path; a transaction's id in it as `…`.
pub(crate) fn endpoint(request: &Request) -> String {
    let path = match request.path.strip_prefix("/frame/status/") {
        Some(_) => "/frame/status/…",
        None => &request.path,
    };
    format!("{} {path}", request.method)
}

pub(crate) fn handle(state: &mut State, request: &Request) -> Reply {
    let result = match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/frame/web/v1/auth") => auth(state, request),
        ("GET", "/frame/prompt") => show_prompt(state, request),
        ("POST", "/frame/prompt") => prompt(state, request),
        ("POST", "/frame/status") => status(state, request),
        ("POST", path) if path.starts_with("/frame/status/") => result(state, request),
        _ => Err(Reply::text(404, "not found")),
    };
    result.unwrap_or_else(|refused| refused)
}

/// `stat: FAIL`, with a status of 200, as the frame's own script expects it.
fn fail(message: &str) -> Reply {
    Reply::json(200, &json!({ "stat": "FAIL", "message": message, "code": 40002 }))
}

fn ok(response: &serde_json::Value) -> Reply {
    Reply::json(200, &json!({ "stat": "OK", "response": response }))
}

fn field(request: &Request, name: &str) -> String {
    request.fields().get(name).cloned().unwrap_or_default()
}

/// Opens the frame for a request that Okta signed.
fn auth(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let denied = || {
        Reply::html(
            403,
            "<html><body><h1>Access denied. The username you have entered cannot authenticate with Duo Security.</h1></body></html>",
        )
    };
    let tx = field(request, "tx");
    if !state.duo.expected.contains_key(&tx) || field(request, "parent").is_empty() {
        return Err(denied());
    }
    let given = field(request, "sid");
    if state.scenario.duo.hidden_fields && state.duo.sids.get(&given) != Some(&tx) {
        let sid = state.record.issued(bytes::base64(bytes::random(30)));
        state.duo.sids.insert(sid.clone(), tx);
        let page = format!(
            "<html><body><form method=\"POST\" id=\"endpoint-health-form\">\
             <input type=\"hidden\" name=\"sid\" value=\"{}\">\
             <input type=\"hidden\" name=\"certs_url\" value=\"https://certs.duo.invalid/\">\
             </form></body></html>",
            sid.replace('=', "&#x3d;").replace('+', "&#x2b;")
        );
        return Ok(Reply::html(200, page));
    }
    let sid = if given.is_empty() {
        state.record.issued(bytes::base64(bytes::random(30)))
    } else {
        given
    };
    state.duo.sids.insert(sid.clone(), tx);
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("sid", &sid).finish();
    Ok(Reply::redirect(format!("/frame/prompt?{query}")))
}

/// The request that a `sid` belongs to.
fn request_of(state: &State, sid: &str) -> Result<String, Reply> {
    state.duo.sids.get(sid).cloned().ok_or_else(|| fail("Your session has expired."))
}

fn show_prompt(state: &State, request: &Request) -> Result<Reply, Reply> {
    request_of(state, &field(request, "sid"))?;
    let devices = &state.scenario.duo.devices;
    let options: String = devices
        .iter()
        .map(|(name, label)| format!("<option value=\"{name}\">{label}</option>"))
        .collect();
    let page = format!(
        "<html><body><form method=\"POST\" action=\"/frame/prompt\" id=\"login-form\">\
         <select name=\"device\">{options}</select>\
         <input type=\"hidden\" name=\"factor\" value=\"Duo Push\"><input name=\"passcode\"></form></body></html>"
    );
    Ok(Reply::html(200, page))
}

/// The factor that the request was signed for.
fn factor(state: &State, tx: &str) -> Result<Factor, Reply> {
    let gone = || fail("This request is no longer valid.");
    let expected = state.duo.expected.get(tx).ok_or_else(gone)?;
    let mut users = state.scenario.okta.users.iter();
    let user = users.find(|user| user.login == expected.login).ok_or_else(gone)?;
    user.factors.iter().find(|factor| factor.id == expected.factor).cloned().ok_or_else(gone)
}

/// Sends a push, calls, or takes a passcode.
fn prompt(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let sid = field(request, "sid");
    let tx = request_of(state, &sid)?;
    let (device, kind) = (field(request, "device"), field(request, "factor"));
    let knows = state.scenario.duo.devices.contains_key(&device) || device == "token";
    if !knows && kind != "Passcode" {
        return Err(fail("That device is not known."));
    }
    let factor = factor(state, &tx)?;
    let decided = match kind.as_str() {
        "Duo Push" | "Phone Call" => None,
        "Passcode" => {
            let code = field(request, "passcode");
            let right = factor.codes.contains(&code);
            state.record.counts.codes_refused += u64::from(!right);
            Some(right)
        }
        _ => return Err(fail("That factor is not known.")),
    };
    let expected = state.duo.expected.get_mut(&tx).expect("looked up above");
    match kind.as_str() {
        "Duo Push" => {
            expected.pushes += 1;
            state.record.counts.pushes += 1;
        }
        "Phone Call" => {
            expected.pushes += 1;
            state.record.counts.codes_sent += 1;
        }
        _ => {}
    }
    let attempt = Attempt { sid, push: expected.pushes, polls: 0, decided };
    let id = bytes::uuid();
    state.duo.attempts.insert(id.clone(), attempt);
    Ok(ok(&json!({ "txid": id })))
}

/// Says how a try stands.
fn status(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let (sid, id) = (field(request, "sid"), field(request, "txid"));
    let tx = request_of(state, &sid)?;
    let factor = factor(state, &tx)?;
    let attempt = state.duo.attempts.get_mut(&id).filter(|attempt| attempt.sid == sid);
    let attempt = attempt.ok_or_else(|| fail("That transaction is not known."))?;
    attempt.polls += 1;
    state.record.counts.polls += 1;
    let result = match attempt.decided {
        Some(true) => "SUCCESS".to_owned(),
        Some(false) => "REJECTED".to_owned(),
        None => factor.result(attempt.push, attempt.polls),
    };
    let passcode = attempt.decided.is_some();
    Ok(match result.as_str() {
        "WAITING" => ok(&json!({
            "status_code": "pushed", "status": "Pushed a login request to your device...",
        })),
        "SUCCESS" => allowed(state, &id, &tx),
        "TIMEOUT" => ok(&json!({
            "result": "FAILURE", "status_code": "timeout", "reason": "Login timed out",
            "status": "Login timed out.",
        })),
        _ if passcode => ok(&json!({
            "result": "FAILURE", "status_code": "deny", "reason": "Invalid passcode",
            "status": "Incorrect passcode. Please try again.",
        })),
        _ => ok(&json!({
            "result": "FAILURE", "status_code": "deny", "reason": "User denied new user request",
            "status": "Login request denied.",
        })),
    })
}

fn allowed(state: &mut State, id: &str, tx: &str) -> Reply {
    let mut response = json!({
        "result": "SUCCESS", "status_code": "allow", "reason": "User approved",
        "status": "Success. Logging you in...",
    });
    if state.scenario.duo.result_url {
        response["result_url"] = format!("/frame/status/{id}").into();
    } else {
        response["cookie"] = cookie(state, tx).into();
    }
    ok(&response)
}

/// The cookie that Okta takes; for who has not fetched it yet.
fn result(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let sid = field(request, "sid");
    let tx = request_of(state, &sid)?;
    let id = request.path.trim_start_matches("/frame/status/").to_owned();
    let attempt = state.duo.attempts.get(&id).filter(|attempt| attempt.sid == sid).cloned();
    let attempt = attempt.ok_or_else(|| fail("That transaction is not known."))?;
    let pushed = || factor(state, &tx).map(|factor| factor.result(attempt.push, attempt.polls));
    let success = match attempt.decided {
        Some(right) => right,
        None => pushed()? == "SUCCESS",
    };
    if !success {
        return Err(fail("Not approved yet."));
    }
    state.duo.attempts.remove(&id);
    let cookie = cookie(state, &tx);
    Ok(ok(&json!({ "cookie": cookie, "parent": "https://acme.okta.com/" })))
}

fn cookie(state: &mut State, tx: &str) -> String {
    let cookie = format!("AUTH|{}|{}", bytes::base64(bytes::random(45)), bytes::hex_token(40));
    let cookie = state.record.issued(cookie);
    state.duo.cookies.insert(cookie.clone(), tx.to_owned());
    cookie
}
