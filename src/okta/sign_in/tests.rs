//! Signing in: states, refusals, restarts, rate limits and what is cancelled.

use serde_json::{Value, json as value};

use super::*;
use crate::okta::stage::{Stage, html, json, redirect, refusal};
use crate::sys::http::Response;
use crate::sys::secret::ExposeSecret;

const AUTHN: &str = r#"POST /api/v1/authn {"options":{"multiOptionalFactorEnroll":false,"warnBeforePasswordExpired":false},"password":"pw","username":"jo"}"#;
const CANCEL: &str = r#"POST /api/v1/authn/cancel {"stateToken":"st"}"#;

fn state(status: &str) -> Response {
    json(200, &value!({ "status": status, "stateToken": "st" }))
}

fn success() -> Response {
    json(200, &value!({ "status": "SUCCESS", "sessionToken": "session" }))
}

/// `MFA_REQUIRED` with factors given as provider and type.
fn required(factors: &[(&str, &str)]) -> Response {
    let factors = factors.iter().map(|(provider, kind)| {
        let verify = format!("https://acme.okta.com/verify/{kind}");
        value!({ "id": kind, "provider": provider, "factorType": kind, "_links": { "verify": { "href": verify } } })
    });
    json(
        200,
        &value!({ "status": "MFA_REQUIRED", "stateToken": "st", "_embedded": { "factors": factors.collect::<Vec<Value>>() } }),
    )
}

fn run(stage: &Stage, mfa: &MfaChoice, cookies: &mut Cookies) -> Result<SignedIn, SignInError> {
    stage.okta().sign_in(&mut Credentials::new("jo", &"pw".to_owned().into()), mfa, cookies)
}

fn plain(stage: &Stage) -> Result<SignedIn, SignInError> {
    run(stage, &MfaChoice::default(), &mut Cookies::default())
}

#[track_caller]
fn other(result: Result<SignedIn, SignInError>) -> Error {
    match result {
        Err(SignInError::Other(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_password_alone_is_one_request() {
    let stage = Stage::new(vec![success()]);
    let signed_in = plain(&stage).unwrap();
    assert_eq!(signed_in.session_token.expose_secret(), "session");
    assert_eq!(signed_in.factor, None);
    assert_eq!(stage.log(), [AUTHN]);
}

#[test]
fn each_state_that_leads_nowhere_is_told_and_cancelled() {
    for (status, want) in [
        ("PASSWORD_EXPIRED", "has expired"),
        ("PASSWORD_RESET", "to be reset"),
        ("PASSWORD_WARN", "expires soon"),
        ("RECOVERY", "recovered"),
        ("RECOVERY_CHALLENGE", "recovered"),
        ("MFA_ENROLL", "set up a second factor"),
        ("MFA_ENROLL_ACTIVATE", "half-way"),
        ("UNAUTHENTICATED", "password again"),
        ("SOMETHING_NEW", "SOMETHING_NEW"),
    ] {
        let stage = Stage::new(vec![state(status), html(200, "")]);
        let error = other(plain(&stage));
        assert!(error.message().contains(want), "{status}: {error}");
        assert_eq!(error.kind(), Kind::OktaRefused);
        assert_eq!(stage.log(), [AUTHN, CANCEL], "{status}");
    }
    // There is no state token, so there is nothing to cancel.
    for body in [value!({ "status": "LOCKED_OUT" }), value!({ "status": "SUCCESS" })] {
        let stage = Stage::new(vec![json(200, &body)]);
        assert_eq!(other(plain(&stage)).kind(), Kind::OktaRefused);
        assert_eq!(stage.log(), [AUTHN]);
    }
}

#[test]
fn what_can_be_skipped_is_skipped() {
    for status in ["PASSWORD_WARN", "MFA_ENROLL"] {
        let skippable = json(
            200,
            &value!({ "status": status, "stateToken": "st", "_links": { "skip": { "href": "https://acme.okta.com/api/v1/authn/skip" } } }),
        );
        let stage = Stage::new(vec![skippable, success()]);
        plain(&stage).unwrap();
        assert_eq!(stage.log()[1], r#"POST /api/v1/authn/skip {"stateToken":"st"}"#);
    }
}

#[test]
fn a_refused_password_is_sent_once_and_told_apart() {
    let stage = Stage::new(vec![refusal(401, "E0000004")]);
    let Err(SignInError::PasswordRefused(error)) = plain(&stage) else { panic!() };
    assert_eq!(error.message(), "Okta refused the password of jo (acme.okta.com)");
    assert_eq!(error.kind(), Kind::OktaRefused);
    assert!(error.hints()[0].contains("'robo aws.add'"));
    assert_eq!(stage.log(), [AUTHN]);
}

#[test]
fn a_sign_in_that_okta_forgot_is_begun_once_more() {
    let push = || required(&[("OKTA", "push")]);
    let stage = Stage::new(vec![push(), refusal(401, "E0000011"), push(), success()]);
    assert!(plain(&stage).unwrap().factor.is_some());
    assert_eq!(stage.log_without(&["…"]).iter().filter(|line| *line == AUTHN).count(), 2);

    let stage =
        Stage::new(vec![push(), refusal(401, "E0000011"), push(), refusal(401, "E0000011")]);
    let error = other(plain(&stage));
    assert!(error.message().contains("ran out of time"), "{error}");
    assert_eq!(stage.log_without(&["…", "!"]).len(), 4, "and not a third time");
}

#[test]
fn a_device_that_okta_does_not_like_is_left_out_once() {
    let mut cookies = Cookies { dt: Some("d".to_owned().into()), ..Cookies::default() };
    let stage = Stage::new(vec![refusal(403, "E0000005"), success()]);
    run(&stage, &MfaChoice::default(), &mut cookies).unwrap();
    assert_eq!(stage.log_without(&["!"]), [format!("{AUTHN} [DT=d]"), AUTHN.to_owned()]);
    assert!(cookies.dt.is_none());

    // A wrong password says nothing about the device.
    let mut cookies = Cookies { dt: Some("d".to_owned().into()), ..Cookies::default() };
    let stage = Stage::new(vec![refusal(401, "E0000004")]);
    run(&stage, &MfaChoice::default(), &mut cookies).unwrap_err();
    assert!(cookies.dt.is_some());
}

#[test]
fn a_device_to_remember_is_known_before_the_password_is_sent() {
    let mfa = MfaChoice { remember_device: true, ..MfaChoice::default() };
    let mut allowed: Value = required(&[("OKTA", "push")]).json().unwrap();
    allowed["_embedded"]["policy"] = value!({ "allowRememberDevice": true });
    for (answer, query) in
        [(json(200, &allowed), "?rememberDevice=true"), (required(&[("OKTA", "push")]), "")]
    {
        let page = html(200, "").with("set-cookie", "DT=d; Path=/").with("set-cookie", "sid=no");
        let stage = Stage::new(vec![page, answer, success()]);
        let mut cookies = Cookies::default();
        run(&stage, &mfa, &mut cookies).unwrap();
        let want = [
            "GET /login/login.htm".to_owned(),
            format!("{AUTHN} [DT=d]"),
            format!(r#"POST /verify/push{query} {{"stateToken":"st"}} [DT=d]"#),
        ];
        assert_eq!(stage.log_without(&["…"]), want);
        assert!(!cookies.has_session());
    }
}

#[test]
fn a_session_that_is_there_has_no_part_in_a_sign_in() {
    let sid = Some("s".to_owned().into());
    let mut cookies = Cookies { sid, dt: Some("d".to_owned().into()), ..Cookies::default() };
    let stage = Stage::new(vec![success().with("set-cookie", "DT=e")]);
    run(&stage, &MfaChoice::default(), &mut cookies).unwrap();
    assert_eq!(stage.log(), [format!("{AUTHN} [DT=d]")]);
    assert_eq!(cookies.header().as_deref(), Some("sid=s; DT=e"));
}

#[test]
fn a_link_to_another_host_is_not_followed() {
    for link in ["https://evil.test/verify", "http://acme.okta.com/verify", "//evil.test/x"] {
        let mut body: Value = required(&[("OKTA", "push")]).json().unwrap();
        body["_embedded"]["factors"][0]["_links"]["verify"]["href"] = link.into();
        let stage = Stage::new(vec![json(200, &body), html(200, "")]);
        let error = other(plain(&stage));
        assert!(error.message().contains("evil.test") || error.message().contains("https"));
        assert_eq!(stage.log(), [AUTHN, CANCEL]);
    }
}

#[test]
fn a_rate_limit_is_waited_for_by_the_server_s_clock() {
    let limited = |seconds: i64| {
        let reset = 1_800_000_000 + seconds;
        refusal(429, "E0000047")
            .with("x-rate-limit-reset", &reset.to_string())
            .with("date", "Fri, 15 Jan 2027 08:00:00 GMT")
    };
    let stage = Stage::new(vec![limited(10), limited(5), success()]);
    plain(&stage).unwrap();
    let log = stage.log();
    assert_eq!(log[1], "… Okta: too many requests; waiting 11 s as it asks.");
    assert_eq!((log[2].as_str(), log[5].as_str()), ("sleep 11s", "sleep 6s"));

    // 30 seconds in all, and no more.
    for answers in [vec![limited(10), limited(19)], vec![limited(300)]] {
        let stage = Stage::new(answers);
        let error = other(plain(&stage));
        assert!(error.message().contains("too many requests"), "{error}");
        assert_eq!(error.kind(), Kind::OktaRefused);
        stage.log();
    }
    // Without a time it is tried every five seconds.
    let plain_429 = || html(429, "busy");
    let stage = Stage::new(vec![plain_429(), plain_429(), success()]);
    plain(&stage).unwrap();
    assert_eq!(stage.log_without(&["POST", "…"]), ["sleep 5s", "sleep 5s"]);
}

#[test]
fn an_answer_that_is_not_okta_s_is_told() {
    let cases = [
        (html(502, "<title>Bad Gateway</title>"), "status 502", "outages"),
        (html(200, "<title>Welcome to the hotel</title>"), "status 200", "proxy's page"),
        (html(404, ""), "status 404", "domain"),
        (html(200, "[]"), "status 200", "domain"),
        (redirect("https://evil.test/authn?x=hush"), "evil.test", "domain"),
    ];
    for (answer, want, hint) in cases {
        let stage = Stage::new(vec![answer]);
        let error = other(plain(&stage));
        assert!(error.message().contains(want), "{error}");
        assert!(error.hints().iter().any(|line| line.contains(hint)), "{error:?}");
        assert!(!format!("{error:?}").contains("hush"));
        assert_eq!(stage.log(), [AUTHN]);
    }
}

#[test]
fn a_server_that_leads_in_circles_is_left() {
    let again = || {
        json(
            200,
            &value!({ "status": "PASSWORD_WARN", "stateToken": "st", "_links": { "skip": { "href": "/skip" } } }),
        )
    };
    let mut answers: Vec<Response> = (0..=STEPS).map(|_| again()).collect();
    answers.push(html(200, ""));
    let stage = Stage::new(answers);
    assert!(other(plain(&stage)).message().contains("circles"));
}

#[test]
fn an_unexpected_step_is_looked_at_once() {
    let stage =
        Stage::new(vec![required(&[("OKTA", "push")]), refusal(403, "E0000079"), success()]);
    plain(&stage).unwrap();
    assert_eq!(stage.log_without(&["…"])[2], r#"POST /api/v1/authn {"stateToken":"st"}"#);
}

#[test]
fn ctrl_c_cancels_at_okta_too() {
    let waiting = || {
        json(
            200,
            &value!({ "status": "MFA_CHALLENGE", "stateToken": "st", "factorResult": "WAITING", "_links": { "next": { "href": "/poll" } } }),
        )
    };
    let answers =
        vec![required(&[("OKTA", "push")]), waiting(), waiting(), waiting(), html(200, "")];
    let stage = Stage::new(answers).stopped_after(3);
    assert_eq!(other(plain(&stage)).kind(), Kind::Interrupted);
    assert_eq!(stage.log().last().unwrap(), CANCEL);

    let answers = vec![required(&[("OKTA", "token:software:totp")]), html(200, "")];
    let stage = Stage::new(answers).with_person(&["^C"]);
    assert_eq!(other(plain(&stage)).kind(), Kind::Interrupted);
    assert_eq!(stage.log().last().unwrap(), CANCEL);
}

#[test]
fn what_cannot_be_reached_is_not_asked_to_cancel() {
    let stage = Stage::new(vec![required(&[("OKTA", "push")])]).dropping(1);
    assert_eq!(other(plain(&stage)).kind(), Kind::Unreachable);
    assert_eq!(stage.log().len(), 2);
}
