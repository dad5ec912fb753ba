//! `/api/v1/authn` but for the factors: the password, and ways out of a state.

use serde_json::{Value, json};

use super::session::SessionToken;
use super::transaction::{Stage, Transaction, user};
use super::{Org, error, json_body, origin, shape, verify};
use crate::clock;
use crate::http::{Reply, Request};
use crate::scenario::{LoginState, User};
use crate::world::State;

/// Routes a `POST` below `/api/v1/authn`.
pub(super) fn handle(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let rest = request.path.trim_start_matches("/api/v1/authn").trim_matches('/');
    let parts: Vec<&str> = rest.split('/').collect();
    if let ["factors", id, "lifecycle", "duoCallback"] = parts[..] {
        return super::duo::complete(state, request, id);
    }
    let body = json_body(request)?;
    if state.scenario.okta.pipeline == "idx" && !state.scenario.okta.authn {
        return Err(error("E0000011", &[]));
    }
    match parts[..] {
        [""] => start(state, request, &body),
        ["cancel"] => cancel(state, &body),
        ["previous"] => previous(state, request, &body),
        ["skip"] => skip(state, request, &body),
        ["credentials", "change_password"] => change_password(state, request, &body),
        ["factors", id, "verify"] => verify::verify(state, request, &body, id),
        ["factors", id, "verify", "resend"] => verify::resend(state, request, &body, id),
        _ => Err(error("E0000022", &[])),
    }
}

/// A string of the body.
pub(super) fn text<'a>(body: &'a Value, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}

fn start(state: &mut State, request: &Request, body: &Value) -> Result<Reply, Reply> {
    let (login, token) = (text(body, "username"), text(body, "stateToken"));
    if let (None, Some(token)) = (login, token) {
        return resume(state, request, token);
    }
    let Some(login) = login.filter(|login| !login.is_empty()) else {
        return Err(error("E0000001", &["username: The field cannot be left blank"]));
    };
    let Some(password) = text(body, "password") else {
        return Err(error("E0000001", &["password: The field cannot be left blank"]));
    };
    let user = check_password(state, request, login, password)?;
    let step_up = token.and_then(|token| state.okta.transactions.get(token)).cloned();
    if let Some(mut tx) = step_up.filter(|tx| tx.step_up.is_some() && tx.login == user.login) {
        tx.stage = Stage::MfaRequired;
        if user.factors.is_empty() {
            return after_factors(state, request, tx);
        }
        tx.keep(state);
        return show(state, request, &tx);
    }
    begin(state, request, &user, token.is_some())
}

/// A state token alone asks how things stand; one of a step-up page begins a step-up.
fn resume(state: &mut State, request: &Request, token: &str) -> Result<Reply, Reply> {
    let tx = Transaction::take(state, Some(token))?;
    tx.keep(state);
    if state.scenario.okta.pipeline == "idx" && tx.step_up.is_some() {
        return Err(error("E0000011", &[]));
    }
    show(state, request, &tx)
}

/// The user, if the password is right. A user who does not exist is refused like a wrong password,
/// and so is one who is locked out, where the policy hides that.
fn check_password(
    state: &mut State,
    request: &Request,
    login: &str,
    password: &str,
) -> Result<User, Reply> {
    let found = user(state, login);
    let login = found.as_ref().map_or(login, |user| &user.login).to_owned();
    let counts = state.record.counts.passwords.entry(login.clone()).or_default();
    let may = |user: &User| user.password == password && user.state != LoginState::Inactive;
    if let Some(user) = found.clone().filter(|user| may(user) && !locked(&state.okta, user)) {
        counts.accepted += 1;
        state.okta.refused_passwords.remove(&login);
        return Ok(user);
    }
    counts.refused += 1;
    let refused = state.okta.refused_passwords.entry(login.clone()).or_default();
    *refused += 1;
    if *refused >= state.scenario.okta.lock_after {
        state.okta.locked.insert(login);
    }
    let shown = state.scenario.okta.show_lockout;
    if shown && found.is_some_and(|user| locked(&state.okta, &user)) {
        let unlock = shape::link(&origin(request), "/api/v1/authn/recovery/unlock");
        let body = json!({ "status": "LOCKED_OUT", "_embedded": {}, "_links": { "next": unlock } });
        return Err(Reply::json(200, &body));
    }
    Err(error("E0000004", &[]))
}

fn locked(org: &Org, user: &User) -> bool {
    user.state == LoginState::LockedOut || org.locked.contains(&user.login)
}

fn begin(
    state: &mut State,
    request: &Request,
    user: &User,
    authenticates: bool,
) -> Result<Reply, Reply> {
    let device = request.cookie("DT").map(str::to_owned);
    let now = state.now();
    let remembered = device.as_ref().is_some_and(|device| {
        let users = state.okta.devices.get(device);
        users.and_then(|users| users.get(&user.login)).is_some_and(|until| *until > now)
    });
    // One that knows somebody else alone breaks a sign-in in ways that are not documented.
    let foreign = device.as_ref().and_then(|device| state.okta.devices.get(device));
    if foreign.is_some_and(|users| !users.is_empty() && !users.contains_key(&user.login)) {
        state.record.counts.foreign_devices += 1;
    }
    let stage = match &user.state {
        LoginState::PasswordReset => Stage::PasswordReset,
        LoginState::Recovery => Stage::Recovery,
        LoginState::RecoveryChallenge => Stage::RecoveryChallenge,
        LoginState::MfaEnroll => Stage::MfaEnroll { optional: false },
        LoginState::MfaEnrollOptional => Stage::MfaEnroll { optional: true },
        LoginState::MfaEnrollActivate => Stage::MfaEnrollActivate,
        LoginState::Unauthenticated if !authenticates => Stage::Unauthenticated,
        LoginState::Unknown(status) => Stage::Unknown(status.clone()),
        _ => Stage::MfaRequired,
    };
    let asks = !user.factors.is_empty() && !remembered;
    let mut tx = Transaction::begin(state, &user.login, stage);
    tx.device = device;
    if tx.stage == Stage::MfaRequired && !asks {
        return after_factors(state, request, tx);
    }
    tx.keep(state);
    show(state, request, &tx)
}

/// What comes once all factors are answered.
pub(super) fn after_factors(
    state: &mut State,
    request: &Request,
    mut tx: Transaction,
) -> Result<Reply, Reply> {
    let user = tx.user(state)?;
    let stage = match (&user.state, tx.step_up.is_some()) {
        (LoginState::PasswordWarn, false) => Some(Stage::PasswordWarn),
        (LoginState::PasswordExpired, false) => Some(Stage::PasswordExpired),
        // At a sign-in these come first.
        (LoginState::MfaEnroll, true) => Some(Stage::MfaEnroll { optional: false }),
        (LoginState::MfaEnrollOptional, true) => Some(Stage::MfaEnroll { optional: true }),
        _ => None,
    };
    if let Some(stage) = stage {
        (tx.stage, tx.factor, tx.result) = (stage, None, None);
        tx.keep(state);
        return show(state, request, &tx);
    }
    succeed(state, request, &tx, &user)
}

/// `SUCCESS`: a session token, or for a step-up the way back to the app.
fn succeed(
    state: &mut State,
    request: &Request,
    tx: &Transaction,
    user: &User,
) -> Result<Reply, Reply> {
    state.okta.transactions.remove(&tx.token);
    state.record.counts.sessions += 1;
    let mut body = json!({ "status": "SUCCESS", "_embedded": { "user": shape::person(user) } });
    if let Some((sid, path)) = &tx.step_up {
        if let Some(session) = state.okta.sessions.get_mut(sid) {
            session.stepped_up.insert(path.clone());
        }
        let mut next = shape::link(&origin(request), path);
        next["name"] = "original".into();
        next["hints"]["allow"] = json!(["GET"]);
        (body["type"], body["_links"]) = ("SESSION_STEP_UP".into(), json!({ "next": next }));
        body["stateToken"] = tx.token.as_str().into();
        return Ok(Reply::json(200, &body));
    }
    let token = SessionToken::issue(state, &user.login);
    let expires = clock::after(state.now(), state.scenario.okta.session_token_seconds);
    body["expiresAt"] = clock::millis(expires).into();
    body["sessionToken"] = token.into();
    Ok(Reply::json(200, &body))
}

/// The transaction as it stands.
pub(super) fn show(state: &State, request: &Request, tx: &Transaction) -> Result<Reply, Reply> {
    let user = tx.user(state)?;
    let body = shape::transaction(tx, &user, &state.scenario.okta, &origin(request));
    Ok(Reply::json(200, &body))
}

fn cancel(state: &mut State, body: &Value) -> Result<Reply, Reply> {
    Transaction::take(state, text(body, "stateToken"))?;
    state.record.counts.cancelled += 1;
    Ok(Reply::json(200, &json!({ "relayState": null })))
}

/// Runs `step` on the transaction of the body; whatever comes of it, the transaction goes on.
fn step(
    state: &mut State,
    body: &Value,
    step: impl FnOnce(&mut Transaction) -> bool,
) -> Result<Transaction, Reply> {
    let mut tx = Transaction::take(state, text(body, "stateToken"))?;
    let allowed = step(&mut tx);
    tx.keep(state);
    if allowed { Ok(tx) } else { Err(error("E0000079", &[])) }
}

fn previous(state: &mut State, request: &Request, body: &Value) -> Result<Reply, Reply> {
    let tx = step(state, body, |tx| {
        let allowed = tx.stage == Stage::MfaChallenge;
        if allowed {
            tx.forget_factor();
        }
        allowed
    })?;
    show(state, request, &tx)
}

fn skip(state: &mut State, request: &Request, body: &Value) -> Result<Reply, Reply> {
    let tx = step(state, body, |tx| {
        matches!(tx.stage, Stage::PasswordWarn | Stage::MfaEnroll { optional: true })
    })?;
    let user = tx.user(state)?;
    succeed(state, request, &tx, &user)
}

fn change_password(state: &mut State, request: &Request, body: &Value) -> Result<Reply, Reply> {
    let tx =
        step(state, body, |tx| matches!(tx.stage, Stage::PasswordWarn | Stage::PasswordExpired))?;
    let user = tx.user(state)?;
    let (old, new) = (text(body, "oldPassword"), text(body, "newPassword"));
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    state.record.counts.password_changes += 1;
    if old != user.password || new.len() < 8 {
        return Err(error(
            "E0000014",
            &["Password requirements were not met. Password requirements: at least 8 characters."],
        ));
    }
    let users = state.scenario.okta.users.iter_mut();
    for known in users.filter(|known| known.login == user.login) {
        (known.password, known.state) = (new.to_owned(), LoginState::Normal);
    }
    succeed(state, request, &tx, &user)
}
