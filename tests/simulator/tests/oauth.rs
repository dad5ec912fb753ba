//! Sign-ins in the browser: what is given, and what is refused.

mod common;

use common::World;
use robo_simulator::Scenario;
use serde_json::Value;

const CLIENT: &str = "0oasim2cli3ent4";
const SCOPE: &str = "openid profile okta.apps.sso okta.apps.read okta.users.read.self";

fn idx(change: impl FnOnce(&mut Scenario)) -> World {
    let mut scenario = Scenario::default();
    scenario.okta.pipeline = "idx".to_owned();
    scenario.okta.oauth.device.interval = 0;
    change(&mut scenario);
    World::with(scenario)
}

/// Posts a form as the client; gives the status and the JSON.
fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let mut all = vec![("client_id", CLIENT)];
    all.extend(fields);
    let answer = world.form(&world.url(path), &all);
    let json = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer.status, json)
}

fn refused(answer: &(u16, Value)) -> String {
    let (status, json) = answer;
    let word = json["error"].as_str().or(json["errorCode"].as_str()).unwrap_or_default();
    format!("{status} {word}")
}

fn authorize(world: &World) -> Value {
    let (status, json) = post(world, "/oauth2/v1/device/authorize", &[("scope", SCOPE)]);
    assert_eq!(status, 200, "{json}");
    json
}

fn poll(world: &World, code: &Value) -> (u16, Value) {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let fields = [("grant_type", grant), ("device_code", code["device_code"].as_str().unwrap())];
    post(world, "/oauth2/v1/token", &fields)
}

fn signed_in(world: &World) -> (String, String) {
    let (status, json) = poll(world, &authorize(world));
    assert_eq!(status, 200, "{json}");
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("access_token"), text("id_token"))
}

fn exchange(world: &World, actor: &str, subject: &str, app: &str) -> (u16, Value) {
    let audience = format!("urn:okta:apps:{app}");
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("actor_token", actor),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("subject_token", subject),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("requested_token_type", "urn:okta:oauth:token-type:web_sso_token"),
        ("audience", audience.as_str()),
    ];
    post(world, "/oauth2/v1/token", &fields)
}

const APP: &str = "0oa1sim2ula3tor4";

#[test]
fn a_sign_in_leads_to_an_assertion_once() {
    let world = idx(|_| {});
    let (access, identity) = signed_in(&world);
    let (status, json) = exchange(&world, &access, &identity, APP);
    assert_eq!(status, 200, "{json}");
    let token = json["access_token"].as_str().unwrap();
    let sso = world.url("/login/token/sso");
    assert!(world.form(&sso, &[("token", token)]).body.contains("SAMLResponse"));
    assert!(!world.form(&sso, &[("token", token)]).body.contains("SAMLResponse"), "it is used up");
    let bearer = format!("Bearer {access}");
    let links = world.url("/api/v1/users/me/appLinks");
    let links = world.get_with(&links, &[("Authorization", &bearer)]);
    assert!(links.body.contains(APP) && links.body.contains("google"), "{links:?}");
    let secrets = world.sim.secrets();
    for secret in [&access, &identity, token] {
        assert!(secrets.iter().any(|known| known == secret), "{secret}");
    }
    let counts = world.sim.counts();
    assert_eq!((counts.device_codes, counts.device_polls, counts.exchanges), (1, 1, 1));
}

#[test]
fn tokens_that_are_swapped_or_dead_or_for_another_app_are_refused() {
    let world = idx(|_| {});
    let (access, identity) = signed_in(&world);
    assert_eq!(refused(&exchange(&world, &identity, &access, APP)), "400 invalid_grant");
    assert_eq!(refused(&exchange(&world, &access, &identity, "0oaother")), "400 invalid_target");
    world.sim.scenario(|scenario| scenario.okta.apps[0].amr = vec!["hwk".to_owned()]);
    assert_eq!(refused(&exchange(&world, &access, &identity, APP)), "400 invalid_grant");
    world.sim.scenario(|scenario| scenario.okta.apps[0].clients.clear());
    assert_eq!(refused(&exchange(&world, &access, &identity, APP)), "400 invalid_target");
    world.sim.scenario(|scenario| scenario.clock_offset = 4000);
    assert_eq!(refused(&exchange(&world, &access, &identity, APP)), "400 invalid_grant");
}

#[test]
fn each_poll_is_told_what_the_scenario_says() {
    let polls = ["pending", "slow_down", "when-opened", "denied", "expired"];
    let world = idx(|scenario| {
        scenario.okta.oauth.device.polls = polls.map(str::to_owned).to_vec();
    });
    let code = authorize(&world);
    assert_eq!(refused(&poll(&world, &code)), "400 authorization_pending");
    assert_eq!(refused(&poll(&world, &code)), "400 slow_down");
    // From there on it has to be five seconds.
    assert_eq!(refused(&poll(&world, &code)), "400 slow_down");
    assert_eq!(world.sim.counts().early_polls, 1);
    for want in ["authorization_pending", "access_denied", "expired_token"] {
        world.sim.scenario(|scenario| scenario.clock_offset += 20);
        assert_eq!(refused(&poll(&world, &code)), format!("400 {want}"));
    }
    world.sim.scenario(|scenario| scenario.clock_offset += 600);
    assert_eq!(refused(&poll(&world, &code)), "400 expired_token");
    // Opened, it is approved, and used up.
    world
        .sim
        .scenario(|scenario| scenario.okta.oauth.device.polls = vec!["when-opened".to_owned()]);
    let code = authorize(&world);
    assert_eq!(refused(&poll(&world, &code)), "400 authorization_pending");
    let page = code["verification_uri_complete"].as_str().unwrap();
    assert_eq!(world.get(page, "").unwrap().status, 200);
    assert_eq!(poll(&world, &code).0, 200);
    assert_eq!(refused(&poll(&world, &code)), "400 invalid_grant");
}

#[test]
fn a_client_may_no_more_than_it_was_granted() {
    let world = idx(|scenario| {
        scenario.okta.oauth.clients[0].scopes = vec!["okta.apps.sso".to_owned()];
    });
    let path = "/oauth2/v1/device/authorize";
    assert_eq!(refused(&post(&world, path, &[("scope", SCOPE)])), "400 invalid_scope");
    world.sim.scenario(|scenario| scenario.okta.oauth.clients[0].device = false);
    assert_eq!(refused(&post(&world, path, &[("scope", "openid")])), "400 unauthorized_client");
    world.sim.scenario(|scenario| scenario.okta.oauth.clients.clear());
    assert_eq!(refused(&post(&world, path, &[("scope", "openid")])), "401 invalid_client");
    world.sim.scenario(|scenario| scenario.okta.pipeline = "v1".to_owned());
    assert_eq!(refused(&post(&world, path, &[("scope", "openid")])), "405 E0000022");
}
