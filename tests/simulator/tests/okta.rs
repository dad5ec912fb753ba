//! Okta: states, factors, tokens and cookies, and what is refused.

mod common;

use common::{AUTHN, LOGIN, World};
use robo_simulator::{Factor, LoginState, Scenario};
use serde_json::{Value, json};

fn with_factor(factor: Factor) -> World {
    let mut scenario = Scenario::default();
    scenario.user().factors = vec![factor];
    World::with(scenario)
}

#[test]
fn a_push_is_accepted_at_the_second_poll_and_leads_to_an_assertion() {
    let world = World::new();
    let assertion = world.assertion();
    assert!(assertion.starts_with("PD94"), "{assertion}");
    let counts = world.sim.counts();
    assert_eq!((counts.pushes, counts.polls, counts.sessions), (1, 2, 1));
    assert_eq!(counts.okta(AUTHN), 1);
    assert_eq!(counts.okta("POST /api/v1/authn/factors/…/verify"), 3);
    assert_eq!(counts.okta("GET /home/amazon_aws/…"), 2);
    assert_eq!(counts.passwords(LOGIN).accepted, 1);
    assert_eq!(counts.handshakes("okta"), 1, "one connection for all of it");
    assert!(world.sim.secrets().contains(&assertion));
}

#[test]
fn what_is_not_as_it_has_to_be_is_refused() {
    let world = World::new();
    let authn = world.url("/api/v1/authn");
    let json = ("Content-Type", "application/json");
    let body = json!({ "username": LOGIN, "password": "x" }).to_string();
    let brief =
        |headers: &[(&str, &str)], body: &str| world.post(&authn, headers, body).unwrap().brief();
    assert_eq!(brief(&[("Content-Type", "text/plain")], &body), "400 E0000021");
    assert_eq!(brief(&[json], "{"), "400 E0000003");
    assert_eq!(brief(&[json], "{}"), "400 E0000001");
    assert_eq!(brief(&[json], &body), "401 E0000004");
    assert_eq!(brief(&[json, ("Host", "evil.example")], &body), "404");
    assert_eq!(world.get(&authn, "").unwrap().brief(), "405 E0000022");
    assert_eq!(
        world.okta("/api/v1/authn", &json!({ "stateToken": "00x" })).brief(),
        "401 E0000011"
    );
    let (state, verify) = world.factor();
    let no_agent = [json, ("User-Agent", "")];
    let push = world.post(&verify, &no_agent, &json!({ "stateToken": state }).to_string()).unwrap();
    assert_eq!(push.brief(), "400 E0000001");
    let other = verify.replace("/push", "/other");
    assert_eq!(world.okta(&other, &json!({ "stateToken": state })).brief(), "404 E0000007");
    assert_eq!(world.sim.counts().passwords(LOGIN).refused, 1);
    assert_eq!(world.sim.counts().pushes, 0);
}

#[test]
fn each_state_has_its_status_and_its_links() {
    let cases = [
        (LoginState::Normal, "200 MFA_REQUIRED", ""),
        (LoginState::PasswordReset, "200 PASSWORD_RESET", "resetPassword"),
        (LoginState::Recovery, "200 RECOVERY", "answer"),
        (LoginState::RecoveryChallenge, "200 RECOVERY_CHALLENGE", "verify"),
        (LoginState::LockedOut, "401 E0000004", ""),
        (LoginState::MfaEnroll, "200 MFA_ENROLL", ""),
        (LoginState::MfaEnrollActivate, "200 MFA_ENROLL_ACTIVATE", "poll"),
        (LoginState::Unauthenticated, "200 UNAUTHENTICATED", "authenticate"),
        (LoginState::Inactive, "401 E0000004", ""),
        (LoginState::Unknown("NEWS".to_owned()), "200 NEWS", ""),
    ];
    let world = World::new();
    for (state, brief, next) in cases {
        world.sim.scenario(|scenario| scenario.user().state = state.clone());
        let answer = world.log_in("");
        assert_eq!(answer.brief(), brief, "{state:?}");
        assert_eq!(answer.json()["_links"]["next"]["name"].as_str().unwrap_or_default(), next);
    }
    world.sim.scenario(|scenario| {
        scenario.user().state = LoginState::LockedOut;
        scenario.okta.show_lockout = true;
    });
    let shown = world.log_in("");
    assert_eq!(shown.brief(), "200 LOCKED_OUT");
    assert_eq!(shown.json()["stateToken"], Value::Null);
}

#[test]
fn states_behind_the_factors_come_behind_them_and_some_can_be_skipped() {
    let world = World::new();
    world.sim.scenario(|scenario| scenario.user().factors.clear());
    for (state, brief, skipped) in [
        (LoginState::Normal, "200 SUCCESS", "401 E0000011"),
        (LoginState::PasswordExpired, "200 PASSWORD_EXPIRED", "403 E0000079"),
        (LoginState::PasswordWarn, "200 PASSWORD_WARN", "200 SUCCESS"),
        (LoginState::MfaEnrollOptional, "200 MFA_ENROLL", "200 SUCCESS"),
    ] {
        world.sim.scenario(|scenario| scenario.user().state = state);
        let answer = world.log_in("");
        assert_eq!(answer.brief(), brief);
        let body = json!({ "stateToken": answer.json()["stateToken"] });
        assert_eq!(world.okta("/api/v1/authn/skip", &body).brief(), skipped, "after {brief}");
    }
}

#[test]
fn an_expired_password_is_told_behind_the_factor_and_can_be_changed() {
    let world = World::new();
    world.sim.scenario(|scenario| {
        scenario.user().state = LoginState::PasswordExpired;
        scenario.factor().pushes = vec![vec!["SUCCESS".to_owned()]];
    });
    let (state, verify) = world.factor();
    let mut body = json!({ "stateToken": state });
    world.okta(&verify, &body);
    let expired = world.okta(&verify, &body);
    assert_eq!(expired.brief(), "200 PASSWORD_EXPIRED");
    let change = expired.json()["_links"]["next"]["href"].as_str().unwrap().to_owned();
    body["newPassword"] = "a new passphrase".into();
    assert_eq!(world.okta(&change, &body).brief(), "403 E0000014");
    body["oldPassword"] = "Tr0ub4dor&3 simulated".into();
    assert_eq!(world.okta(&change, &body).brief(), "200 SUCCESS");
    assert_eq!(world.sim.current_scenario().user().password, "a new passphrase");
}

#[test]
fn a_password_refused_too_often_locks_the_user_out() {
    let world = World::new();
    world.sim.scenario(|scenario| scenario.okta.lock_after = 2);
    let wrong = json!({ "username": LOGIN, "password": "wrong" });
    for _ in 0..2 {
        assert_eq!(world.okta("/api/v1/authn", &wrong).brief(), "401 E0000004");
    }
    assert_eq!(world.log_in("").brief(), "401 E0000004", "hidden");
    world.sim.scenario(|scenario| scenario.okta.show_lockout = true);
    assert_eq!(world.log_in("").brief(), "200 LOCKED_OUT");
    assert!(world.sim.secrets().contains(&"wrong".to_owned()));
}

#[test]
fn a_push_ends_as_the_scenario_says_and_can_be_sent_again() {
    let polls = ["WAITING", "REJECTED"];
    let world = with_factor(Factor::push().number(92).polls(polls));
    world.sim.scenario(|scenario| scenario.factor().pushes.push(vec!["SUCCESS".to_owned()]));
    let (state, verify) = world.factor();
    let body = json!({ "stateToken": state });
    let number = |answer: &Value| {
        answer["_embedded"]["factor"]["_embedded"]["challenge"]["correctAnswer"].clone()
    };
    let sent = world.okta(&verify, &body).json();
    assert_eq!((sent["factorResult"].as_str(), number(&sent)), (Some("WAITING"), Value::Null));
    let first = world.okta(&verify, &body).json();
    assert_eq!((first["factorResult"].as_str(), number(&first)), (Some("WAITING"), json!(92)));
    let rejected = world.okta(&verify, &body).json();
    assert_eq!(rejected["factorResult"], "REJECTED");
    assert_eq!(rejected["status"], "MFA_CHALLENGE");
    let resend = rejected["_links"]["resend"][0]["href"].as_str().unwrap();
    assert_eq!(world.okta(resend, &body).brief(), "200 MFA_CHALLENGE");
    assert_eq!(world.okta(&verify, &body).brief(), "200 SUCCESS");
    assert_eq!(world.sim.counts().pushes, 2);
}

#[test]
fn a_code_is_refused_and_asked_again_by_the_same_state_token() {
    let mut factor = Factor::totp();
    factor.late_codes = vec!["111111".to_owned()];
    let world = with_factor(factor);
    let (state, verify) = world.factor();
    let answer =
        |code: &str| world.okta(&verify, &json!({ "stateToken": state, "passCode": code })).brief();
    assert_eq!(answer(""), "400 E0000001");
    assert_eq!(answer("000000"), "403 E0000068");
    assert_eq!(answer("111111"), "403 E0000083");
    assert_eq!(answer("480362"), "200 SUCCESS");
    let (state, verify) = world.factor();
    let again = world.okta(&verify, &json!({ "stateToken": state, "passCode": "480362" }));
    assert_eq!(again.brief(), "403 E0000082");
    assert_eq!(world.sim.counts().codes_refused, 3);
}

#[test]
fn too_many_wrong_codes_lock_the_user() {
    let world = with_factor(Factor::totp());
    let (state, verify) = world.factor();
    let wrong = json!({ "stateToken": state, "passCode": "000000" });
    for _ in 1..5 {
        assert_eq!(world.okta(&verify, &wrong).brief(), "403 E0000068");
    }
    assert_eq!(world.okta(&verify, &wrong).brief(), "403 E0000069");
    assert_eq!(world.log_in("").brief(), "401 E0000004");
}

#[test]
fn a_message_is_sent_and_not_again_at_once() {
    for (factor, early) in [
        (Factor::sms(), "429 E0000109"),
        (Factor::call(), "429 E0000133"),
        (Factor::email(), "429 E0000118"),
    ] {
        let world = with_factor(factor);
        let (state, verify) = world.factor();
        let body = json!({ "stateToken": state });
        let sent = world.okta(&verify, &body);
        assert_eq!(sent.brief(), "200 MFA_CHALLENGE");
        let resend = sent.json()["_links"]["resend"][0]["href"].as_str().unwrap().to_owned();
        assert_eq!(world.okta(&resend, &body).brief(), early);
        world.sim.scenario(|scenario| scenario.clock_offset += 31);
        assert_eq!(world.okta(&resend, &body).brief(), "200 MFA_CHALLENGE");
        let code = json!({ "stateToken": state, "passCode": "480362" });
        assert_eq!(world.okta(&verify, &code).brief(), "200 SUCCESS");
        assert_eq!(world.sim.counts().codes_sent, 2);
    }
}

#[test]
fn the_other_factors_take_their_answers() {
    let answer = |factor: Factor, extra: Value| {
        let world = with_factor(factor);
        let (state, verify) = world.factor();
        let mut body = extra;
        body["stateToken"] = state;
        world.okta(&verify, &body).brief()
    };
    assert_eq!(answer(Factor::question(), json!({ "answer": "no" })), "403 E0000068");
    assert_eq!(
        answer(Factor::question(), json!({ "answer": "Sir Reginald Fluff" })),
        "200 SUCCESS"
    );
    let yubikey = Factor::yubikey();
    let code = yubikey.codes[0].clone();
    assert_eq!(answer(yubikey, json!({ "passCode": code })), "200 SUCCESS");
    assert_eq!(answer(Factor::rsa(), json!({ "passCode": "480362" })), "200 SUCCESS");
    assert_eq!(answer(Factor::claims_provider(), json!({})), "200 MFA_CHALLENGE");
    assert_eq!(answer(Factor::webauthn(), json!({})), "200 MFA_CHALLENGE");
}

#[test]
fn an_rsa_token_may_want_the_next_code_too() {
    let mut factor = Factor::rsa();
    factor.next_code = Some("777777".to_owned());
    let world = with_factor(factor);
    let (state, verify) = world.factor();
    let first = world.okta(&verify, &json!({ "stateToken": state, "passCode": "480362" })).json();
    assert_eq!(
        (&first["status"], &first["factorResult"]),
        (&json!("MFA_CHALLENGE"), &json!("CHALLENGE"))
    );
    let next = json!({ "stateToken": state, "nextPassCode": "777777" });
    assert_eq!(world.okta(&verify, &next).brief(), "200 SUCCESS");
}

#[test]
fn a_state_token_expires_can_go_back_and_can_be_cancelled() {
    let world = World::new();
    let (state, verify) = world.factor();
    let body = json!({ "stateToken": state });
    assert_eq!(world.okta("/api/v1/authn/previous", &body).brief(), "403 E0000079");
    assert_eq!(world.okta(&verify, &body).brief(), "200 MFA_CHALLENGE");
    assert_eq!(world.okta("/api/v1/authn/previous", &body).brief(), "200 MFA_REQUIRED");
    assert_eq!(world.okta("/api/v1/authn/cancel", &body).status, 200);
    assert_eq!(world.okta(&verify, &body).brief(), "401 E0000011");
    assert_eq!(world.sim.counts().cancelled, 1);
    let (state, verify) = world.factor();
    world.sim.scenario(|scenario| scenario.clock_offset += 301);
    assert_eq!(world.okta(&verify, &json!({ "stateToken": state })).brief(), "401 E0000011");
}

#[test]
fn a_session_token_is_good_once_and_for_five_minutes() {
    let world = World::new();
    let token = world.session_token();
    let create =
        |token: &str| world.okta("/api/v1/sessions", &json!({ "sessionToken": token })).brief();
    assert_eq!(create(&token), "200 ACTIVE");
    assert_eq!(create(&token), "401 E0000004");
    let token = world.session_token();
    world.sim.scenario(|scenario| scenario.clock_offset += 301);
    assert_eq!(create(&token), "401 E0000004");
}

#[test]
fn a_stale_sid_makes_the_app_ignore_the_token() {
    let world = World::new();
    let url = format!("{}?onetimetoken={}", world.sim.app_url(), world.session_token());
    let stale = world.get(&url, "sid=102stale").unwrap();
    assert_eq!(stale.status, 302);
    assert!(stale.header("location").unwrap().contains("/login/login.htm?fromURI="));
    assert_eq!(stale.cookie("sid").as_deref(), Some("\"\""));
    let fresh = world.get(&url, "").unwrap();
    assert_eq!(fresh.header("location"), Some(world.sim.app_url().as_str()), "not used up");
    let sid = format!("sid={}", fresh.cookie("sid").unwrap());
    assert!(!world.get(&world.sim.app_url(), &sid).unwrap().assertion().is_empty());
    let me = world.url("/api/v1/sessions/me");
    assert_eq!(world.get(&me, &sid).unwrap().brief(), "200 ACTIVE");
    assert_eq!(world.delete(&me, &sid).status, 204);
    assert_eq!(world.get(&me, &sid).unwrap().brief(), "404 E0000007");
}

#[test]
fn a_session_comes_by_a_redirect_within_the_org_alone() {
    let world = World::new();
    let redirect = |token: &str, to: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("token", token), ("redirectUrl", to)])
            .finish();
        world.get(&world.url(&format!("/login/sessionCookieRedirect?{query}")), "").unwrap()
    };
    let token = world.session_token();
    assert_eq!(redirect(&token, "https://evil.example/").status, 400);
    let good = redirect(&token, &world.sim.app_url());
    assert_eq!((good.status, good.cookie("sid").is_some()), (302, true));
    assert_eq!(redirect(&token, &world.sim.app_url()).cookie("sid"), None);
}

#[test]
fn a_device_is_remembered_if_it_had_its_cookie_before_the_password() {
    let world = World::new();
    let device = world.get(&world.url("/login/login.htm"), "").unwrap().cookie("DT").unwrap();
    let device = format!("DT={device}");
    for (cookies, brief) in [("", "200 MFA_REQUIRED"), (device.as_str(), "200 SUCCESS")] {
        let answer = world.log_in(cookies).json();
        let verify =
            answer["_embedded"]["factors"][0]["_links"]["verify"]["href"].as_str().unwrap();
        let body = json!({ "stateToken": answer["stateToken"] });
        for _ in 0..3 {
            world.okta_as(&format!("{verify}?rememberDevice=true"), &body, cookies);
        }
        assert_eq!(world.log_in(&device).brief(), brief, "with {cookies:?} before");
    }
    assert_eq!(world.log_in("DT=another").brief(), "200 MFA_REQUIRED");
}

#[test]
fn an_app_that_is_not_assigned_or_not_there_or_wants_more_says_so() {
    use robo_simulator::scenario::Access;
    let world = World::new();
    let url = format!("{}?sessionToken={}", world.sim.app_url(), world.session_token());
    let sid = format!("sid={}", world.get(&url, "").unwrap().cookie("sid").unwrap());
    let open = |access: Access| {
        world.sim.scenario(|scenario| scenario.okta.apps[0].access = access);
        world.get(&world.sim.app_url(), &sid).unwrap()
    };
    assert_eq!(open(Access::NotAssigned).status, 403);
    assert_eq!(open(Access::NotFound).status, 404);
    let step_up = open(Access::StepUp);
    let token =
        step_up.body.split("var stateToken = '").nth(1).unwrap().split('\'').next().unwrap();
    assert!(step_up.body.contains("/login/step-up/"));
    let body = json!({ "stateToken": token });
    assert_eq!(world.okta("/api/v1/authn", &body).brief(), "200 MFA_REQUIRED");
    for _ in 0..3 {
        world.okta("/api/v1/authn/factors/pushokta/verify", &body);
    }
    assert!(!open(Access::StepUp).assertion().is_empty());
}

#[test]
fn an_endpoint_takes_so_many_requests_a_minute() {
    let world = World::new();
    world.sim.scenario(|scenario| scenario.okta.rate_limit = 2);
    let first = world.log_in("");
    assert_eq!(first.header("x-rate-limit-remaining"), Some("1"));
    world.log_in("");
    let limited = world.log_in("");
    assert_eq!(limited.brief(), "429 E0000047");
    assert!(limited.header("x-rate-limit-reset").is_some() && limited.header("date").is_some());
    world.sim.scenario(|scenario| scenario.clock_offset += 61);
    assert_eq!(world.log_in("").brief(), "200 MFA_REQUIRED");
}
