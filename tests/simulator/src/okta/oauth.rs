//! The org's authorization server: device authorization, tokens, and their exchange for an app's.
//!
//! Facts are from RFC 8628, RFC 8693 and Okta's guides to them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{error, origin, page, saml};
use crate::bytes;
use crate::clock;
use crate::http::{Reply, Request};
use crate::scenario::{Access, App, Client};
use crate::world::State;

/// What the authorization server knows beside the scenario.
#[derive(Default)]
pub(super) struct Server {
    codes: HashMap<String, Code>,
    access: HashMap<String, Token>,
    identity: HashMap<String, Token>,
    web_sso: HashMap<String, WebSso>,
}

/// A device code that somebody may sign in for.
struct Code {
    client: String,
    scope: String,
    user_code: String,
    expires: Timestamp,
    interval: i64,
    last: Timestamp,
    polls: usize,
    opened: bool,
}

/// An access token or an ID token.
#[derive(Clone)]
struct Token {
    client: String,
    scope: String,
    login: String,
    amr: Vec<String>,
    issued: Timestamp,
    expires: Timestamp,
}

/// A token for one app, good once.
struct WebSso {
    login: String,
    app: App,
}

impl Server {
    /// Makes all tokens invalid.
    pub(super) fn end_sign_ins(&mut self) {
        self.access.clear();
        self.identity.clear();
    }
}

type Fields = BTreeMap<String, String>;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Routes a request below `/oauth2/v1`, which on Classic is not for devices.
pub(super) fn handle(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    if state.scenario.okta.pipeline != "idx" {
        return Err(error("E0000022", &[]));
    }
    if request.content_type() != "application/x-www-form-urlencoded" {
        return Err(no("invalid_request", "The content type is not that of a form."));
    }
    let fields = request.fields();
    let client = client(state, &fields)?;
    match (request.path.as_str(), get(&fields, "grant_type")) {
        ("/oauth2/v1/device/authorize", _) => authorize(state, request, &fields, &client),
        ("/oauth2/v1/token", DEVICE_CODE) => poll(state, request, &fields, &client),
        ("/oauth2/v1/token", EXCHANGE) => exchange(state, &fields, &client),
        ("/oauth2/v1/token", _) => Err(no("unsupported_grant_type", "The grant is not known.")),
        ("/oauth2/v1/revoke", _) => {
            state.okta.oauth.access.remove(get(&fields, "token"));
            Ok(Reply::empty(200))
        }
        _ => Err(error("E0000022", &[])),
    }
}

fn get<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

/// An error as OAuth has it.
fn no(code: &str, words: &str) -> Reply {
    let status = if code == "invalid_client" { 401 } else { 400 };
    Reply::json(status, &json!({ "error": code, "error_description": words }))
}

fn client(state: &State, fields: &Fields) -> Result<Client, Reply> {
    let clients = state.scenario.okta.oauth.clients.iter();
    let found = clients.clone().find(|client| client.id == get(fields, "client_id")).cloned();
    found.ok_or_else(|| no("invalid_client", "Invalid value for 'client_id' parameter."))
}

fn authorize(
    state: &mut State,
    request: &Request,
    fields: &Fields,
    client: &Client,
) -> Result<Reply, Reply> {
    if !client.device {
        return Err(no("unauthorized_client", "The client is not authorized to use the grant."));
    }
    let scope = get(fields, "scope");
    let known = |one: &str| {
        matches!(one, "openid" | "profile" | "email") || client.scopes.iter().any(|own| own == one)
    };
    if !scope.split(' ').all(known) || !scope.split(' ').any(|one| one == "openid") {
        return Err(no("invalid_scope", "One or more scopes are not configured."));
    }
    let device = state.scenario.okta.oauth.device.clone();
    let device_code = state.record.issued(bytes::token(40));
    let user_code = format!("{}-{}", bytes::upper(4), bytes::upper(4));
    let now = state.now();
    let code = Code {
        client: client.id.clone(),
        scope: scope.to_owned(),
        user_code: user_code.clone(),
        expires: clock::after(now, device.seconds),
        interval: i64::try_from(device.interval).unwrap_or(i64::MAX),
        last: now,
        polls: 0,
        opened: false,
    };
    state.okta.oauth.codes.insert(device_code.clone(), code);
    state.record.counts.device_codes += 1;
    let page = device.page.unwrap_or_else(|| format!("{}/activate", origin(request)));
    Ok(Reply::json(
        200,
        &json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": device.seconds,
            "interval": device.interval,
        }),
    ))
}

/// `GET /activate`: the page at which people sign in for a device.
pub(super) fn activate(state: &mut State, request: &Request) -> Reply {
    let user_code = request.query("user_code").unwrap_or_default();
    for code in state.okta.oauth.codes.values_mut() {
        code.opened |= code.user_code == user_code;
    }
    page::login(&origin(request), "/activate")
}

fn poll(
    state: &mut State,
    request: &Request,
    fields: &Fields,
    client: &Client,
) -> Result<Reply, Reply> {
    let now = state.now();
    state.record.counts.device_polls += 1;
    let polls = state.scenario.okta.oauth.device.polls.clone();
    let device_code = get(fields, "device_code").to_owned();
    let codes = &mut state.okta.oauth.codes;
    let Some(code) = codes.get_mut(&device_code).filter(|code| code.client == client.id) else {
        return Err(no("invalid_grant", "The device code is invalid or was used."));
    };
    if code.expires <= now {
        return Err(no("expired_token", "The device code has expired."));
    }
    // A little early is on time: clocks differ.
    let due = clock::after(code.last, code.interval).as_millisecond() - 100;
    let early = now.as_millisecond() < due;
    code.last = now;
    if early {
        code.interval += 5;
        state.record.counts.early_polls += 1;
        return Err(no("slow_down", "The client polls too often."));
    }
    let said = polls.get(code.polls).or(polls.last()).cloned().unwrap_or_default();
    code.polls += 1;
    match said.as_str() {
        "approved" => {}
        "when-opened" if code.opened => {}
        "slow_down" => {
            code.interval += 5;
            return Err(no("slow_down", "The client polls too often."));
        }
        "denied" => return Err(no("access_denied", "The end user denied the authorization.")),
        "expired" => return Err(no("expired_token", "The device code has expired.")),
        _ => return Err(no("authorization_pending", "The authorization is pending.")),
    }
    let code = codes.remove(&device_code).expect("it was there");
    Ok(tokens(state, request, code))
}

/// Signs the person in: an access token and an ID token.
fn tokens(state: &mut State, request: &Request, code: Code) -> Reply {
    let (now, oauth) = (state.now(), state.scenario.okta.oauth.clone());
    let token = Token {
        client: code.client,
        scope: code.scope,
        login: oauth.device.login.clone(),
        amr: oauth.amr,
        issued: now,
        expires: clock::after(now, oauth.token_seconds),
    };
    let mut claims = json!({
        "sub": oauth.device.subject,
        "iss": origin(request),
        "aud": token.client,
        "iat": now.as_second(),
        "exp": token.expires.as_second(),
        "auth_time": now.as_second(),
        "amr": token.amr,
    });
    if oauth.device.named && token.scope.split(' ').any(|scope| scope == "profile") {
        claims["preferred_username"] = token.login.as_str().into();
    }
    let part = |value: &Value| bytes::base64url(value.to_string());
    let header = part(&json!({ "alg": "RS256", "kid": "sim" }));
    let signature = bytes::base64url(bytes::random(64));
    let identity = format!("{header}.{}.{signature}", part(&claims));
    let identity = state.record.issued(identity);
    let access = state.record.issued(format!("eyJ{}", bytes::token(80)));
    state.okta.oauth.access.insert(access.clone(), token.clone());
    state.okta.oauth.identity.insert(identity.clone(), token.clone());
    state.record.counts.sessions += 1;
    Reply::json(
        200,
        &json!({
            "token_type": "Bearer",
            "expires_in": oauth.token_seconds,
            "access_token": access,
            "scope": token.scope,
            "id_token": identity,
        }),
    )
}

/// The tokens of a sign-in for a token of an app. The actor is the access token, the subject the
/// ID token, never the other way round.
fn exchange(state: &mut State, fields: &Fields, client: &Client) -> Result<Reply, Reply> {
    state.record.counts.exchanges += 1;
    if !client.token_exchange {
        return Err(no("unauthorized_client", "The client is not authorized to use the grant."));
    }
    let wanted = [
        ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("requested_token_type", "urn:okta:oauth:token-type:web_sso_token"),
    ];
    if let Some((name, _)) = wanted.iter().find(|(name, value)| get(fields, name) != *value) {
        return Err(no("invalid_request", &format!("'{name}' is not supported.")));
    }
    let now = state.now();
    let good = |token: &&Token| token.expires > now && token.client == client.id;
    let server = &state.okta.oauth;
    let actor = server.access.get(get(fields, "actor_token")).filter(good).cloned();
    let subject = server.identity.get(get(fields, "subject_token")).filter(good).cloned();
    let actor = actor.ok_or_else(|| no("invalid_grant", "The 'actor_token' is invalid."))?;
    let subject = subject.ok_or_else(|| no("invalid_grant", "The 'subject_token' is invalid."))?;
    if !actor.scope.split(' ').any(|scope| scope == "okta.apps.sso") {
        return Err(no("invalid_grant", "The 'actor_token' lacks the scope okta.apps.sso."));
    }
    let audience = get(fields, "audience").strip_prefix("urn:okta:apps:").unwrap_or_default();
    let apps = state.scenario.okta.apps.iter();
    let app = apps.clone().find(|app| app.id() == audience).cloned();
    let Some(app) = app.filter(|app| app.clients.contains(&client.id)) else {
        return Err(no("invalid_target", "The client may not sign people in to that app."));
    };
    let aged = now.as_second() - subject.issued.as_second();
    let met = app.amr.iter().all(|one| subject.amr.contains(one))
        && app.new_sign_in_seconds.is_none_or(|seconds| aged <= seconds)
        && !app.device_bound;
    if !met {
        let words = "The application's assurance requirements are not met by the 'subject_token'.";
        return Err(no("invalid_grant", words));
    }
    let token = state.record.issued(format!("sso{}", bytes::token(60)));
    let web_sso = WebSso { login: subject.login, app };
    state.okta.oauth.web_sso.insert(token.clone(), web_sso);
    Ok(Reply::json(
        200,
        &json!({
            "token_type": "N_A",
            "expires_in": 300,
            "access_token": token,
            "issued_token_type": "urn:okta:oauth:token-type:web_sso_token",
        }),
    ))
}

/// `/login/token/sso`: the app's page for its token.
pub(super) fn sso(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    if request.method == "POST" && !state.scenario.okta.oauth.sso_by_post {
        return Err(error("E0000022", &[]));
    }
    let fields = request.fields();
    let Some(WebSso { login, app }) = state.okta.oauth.web_sso.remove(get(&fields, "token")) else {
        return Ok(page::login(&origin(request), ""));
    };
    if app.access == Access::NotAssigned {
        return Ok(page::not_assigned());
    }
    let assertion = saml::issue(state, &app.saml, &login);
    Ok(page::saml(&app.saml.destination, &assertion))
}

/// `GET /oauth2/v1/userinfo`: whom an access token speaks for.
pub(super) fn user_info(state: &State, request: &Request) -> Result<Reply, Reply> {
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let now = state.now();
    let token = bearer.and_then(|bearer| state.okta.oauth.access.get(bearer));
    let token = token.filter(|token| token.expires > now).ok_or_else(|| error("E0000011", &[]))?;
    let mut claims = json!({ "sub": state.scenario.okta.oauth.device.subject });
    if state.scenario.okta.oauth.device.told {
        claims["preferred_username"] = token.login.as_str().into();
    }
    Ok(Reply::json(200, &claims))
}

/// `GET /api/v1/users/me/appLinks`: the person's apps, those that are not for AWS among them.
pub(super) fn app_links(state: &State, request: &Request) -> Result<Reply, Reply> {
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let now = state.now();
    let token = bearer.and_then(|bearer| state.okta.oauth.access.get(bearer));
    let token = token.filter(|token| token.expires > now).ok_or_else(|| error("E0000011", &[]))?;
    if !token.scope.split(' ').any(|scope| scope == "okta.users.read.self") {
        return Err(error("E0000006", &[]));
    }
    let origin = origin(request);
    let entry = |name: &str, id: &str, label: &str, path: &str| {
        json!({
            "id": "00usim2ula3tor4", "label": label, "linkUrl": format!("{origin}{path}"),
            "appName": name, "appInstanceId": id, "hidden": false,
        })
    };
    let mut links = vec![entry("google", "0oaother", "Mail", "/home/google/0oaother/50")];
    let apps = state.scenario.okta.apps.iter().filter(|app| app.access == Access::Assigned);
    links.extend(apps.map(|app| entry("amazon_aws", &app.id(), &app.label, &app.path)));
    Ok(Reply::json(200, &Value::Array(links)))
}
