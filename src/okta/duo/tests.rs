//! Duo's frame, in each of its ways, and all that it can answer instead.

use serde_json::{Value, json as value};

use crate::okta::stage::{Stage, html, json, redirect};
use crate::okta::{Cookies, Credentials, MfaChoice, SignInError, SignedIn};
use crate::sys::http::Response;
use crate::{Error, Kind};

const DUO: &str = "https://api-1.duosecurity.com";

fn required(kind: &str) -> Response {
    let factor = value!({
        "id": "dsf1", "provider": "DUO", "factorType": kind,
        "_links": { "verify": { "href": "https://acme.okta.com/verify" } },
    });
    json(
        200,
        &value!({ "status": "MFA_REQUIRED", "stateToken": "st", "_embedded": { "factors": [factor] } }),
    )
}

fn challenge(verification: &Value) -> Response {
    json(
        200,
        &value!({
            "status": "MFA_CHALLENGE", "stateToken": "st", "factorResult": "WAITING",
            "_embedded": { "factor": { "_embedded": { "verification": verification } } },
            "_links": {
                "next": { "href": "https://acme.okta.com/poll" },
                "prev": { "href": "https://acme.okta.com/prev" },
            },
        }),
    )
}

fn handed_over() -> Response {
    challenge(&value!({
        "host": "api-1.duosecurity.com", "signature": "TX|a=:APP|b=",
        "_links": { "complete": { "href": "https://acme.okta.com/duo/complete" } },
    }))
}

fn opened() -> Response {
    redirect("/frame/prompt?sid=s%3D1")
}

fn said(response: &Value) -> Response {
    json(200, &value!({ "stat": "OK", "response": response }))
}

fn prompted() -> Response {
    said(&value!({ "txid": "t" }))
}

fn status(code: &str, result: &str) -> Response {
    said(&value!({ "status_code": code, "status": "In words", "result": result }))
}

fn allowed() -> Response {
    said(&value!({ "status_code": "allow", "result": "SUCCESS", "cookie": "AUTH|c=" }))
}

fn success() -> Response {
    json(200, &value!({ "status": "SUCCESS", "sessionToken": "session" }))
}

fn run(stage: &Stage, mfa: &MfaChoice) -> Result<SignedIn, SignInError> {
    stage.okta().sign_in(
        &mut Credentials::new("jo", &"pw".to_owned().into()),
        mfa,
        &mut Cookies::default(),
    )
}

fn fails(answers: Vec<Response>) -> Error {
    let stage = Stage::new(answers);
    let error = run(&stage, &MfaChoice::default()).unwrap_err().into_error();
    stage.log();
    error
}

#[test]
fn a_push_goes_through_duo_and_back() {
    let answers = vec![
        required("web"),
        handed_over(),
        opened(),
        prompted(),
        status("pushed", ""),
        said(
            &value!({ "status_code": "allow", "result": "SUCCESS", "result_url": "/frame/status/t" }),
        ),
        said(&value!({ "cookie": "AUTH|c=" })),
        html(200, ""),
        challenge(&Value::Null),
        success(),
    ];
    let stage = Stage::new(answers);
    let signed_in = run(&stage, &MfaChoice::default()).unwrap();
    assert_eq!(signed_in.factor.unwrap().factor_type, "web");
    let parent = "https%3A%2F%2Facme.okta.com%2Fsignin%2Fverify%2Fduo%2Fweb";
    let tx = "TX%7Ca%3D";
    let want = [
        r#"POST /verify {"stateToken":"st"}"#.to_owned(),
        format!(
            "POST {DUO}/frame/web/v1/auth?tx={tx}&parent={parent}&v=2.1 tx={tx}&parent={parent}"
        ),
        format!(
            "POST {DUO}/frame/prompt sid=s%3D1&device=phone1&factor=Duo+Push&out_of_date=False&days_out_of_date=0"
        ),
        "… Duo: push sent to your phone.".to_owned(),
        "sleep 500ms".to_owned(),
        format!("POST {DUO}/frame/status sid=s%3D1&txid=t"),
        "sleep 2s".to_owned(),
        format!("POST {DUO}/frame/status sid=s%3D1&txid=t"),
        format!("POST {DUO}/frame/status/t sid=s%3D1"),
        "POST /duo/complete id=dsf1&sig_response=AUTH%7Cc%3D%3AAPP%7Cb%3D&stateToken=st".to_owned(),
        r#"POST /poll {"stateToken":"st"}"#.to_owned(),
        "sleep 2s".to_owned(),
        r#"POST /poll {"stateToken":"st"}"#.to_owned(),
    ];
    assert_eq!(stage.log()[1..], want);
}

#[test]
fn a_page_before_the_prompt_is_posted_back() {
    let page = html(
        200,
        r#"<form><input type=hidden name="sid" value="s&#x3d;1"><input name=certs_url value="/c"></form>"#,
    );
    let stage = Stage::new(vec![
        required("web"),
        handed_over(),
        page,
        opened(),
        prompted(),
        allowed(),
        html(200, ""),
        success(),
    ]);
    run(&stage, &MfaChoice::default()).unwrap();
    assert!(stage.log()[3].ends_with("&v=2.1 sid=s%3D1&certs_url=%2Fc"));
}

#[test]
fn the_way_and_the_device_are_chosen_without_a_menu() {
    let choice = |factor_type: Option<&str>, device: Option<&str>| MfaChoice {
        factor_type: factor_type.map(str::to_owned),
        duo_device: device.map(str::to_owned),
        ..MfaChoice::default()
    };
    for (kind, mfa, want) in [
        ("web", choice(None, Some("phone2")), "device=phone2&factor=Duo+Push"),
        ("web", choice(Some("push"), None), "device=phone1&factor=Duo+Push"),
        ("web", choice(Some("call"), None), "device=phone1&factor=Phone+Call"),
        ("web", choice(Some("passcode"), None), "device=phone1&factor=Passcode&passcode=123456"),
        ("web", choice(Some("web"), Some("token")), "device=token&factor=Passcode&passcode=123456"),
        ("push", choice(None, None), "device=phone1&factor=Duo+Push"),
        ("call", choice(None, None), "device=phone1&factor=Phone+Call"),
        ("sms", choice(None, None), "device=phone1&factor=Passcode&passcode=123456"),
    ] {
        let answers = vec![
            required(kind),
            handed_over(),
            opened(),
            prompted(),
            allowed(),
            html(200, ""),
            success(),
        ];
        let stage = Stage::new(answers).with_person(&["123 456"]);
        run(&stage, &mfa).unwrap();
        let log = stage.log();
        assert!(log.iter().any(|line| line.contains(want)), "{kind} {mfa:?}: {log:#?}");
    }
}

#[test]
fn duo_s_no_is_told() {
    let refused = || json(200, &value!({ "stat": "FAIL", "message": "Unknown device" }));
    for (answers, want) in [
        (vec![prompted(), status("deny", "FAILURE")], "answered with no"),
        (vec![prompted(), status("timeout", "FAILURE")], "not answered in time"),
        (vec![prompted(), status("fraud", "FAILURE")], "fraud"),
        (vec![prompted(), status("new", "FAILURE")], "Duo said no"),
        (vec![refused()], "did not accept"),
        (vec![prompted(), refused()], "did not accept"),
        (
            vec![
                prompted(),
                said(&value!({ "result": "SUCCESS", "result_url": "/r" })),
                said(&value!({})),
            ],
            "without saying how",
        ),
    ] {
        let mut all = vec![required("web"), handed_over(), opened()];
        all.extend(answers);
        all.push(html(200, ""));
        let error = fails(all);
        assert!(error.message().contains(want), "{error}");
        assert_eq!(error.kind(), Kind::OktaRefused);
    }
}

#[test]
fn a_wrong_passcode_is_not_taken_for_a_push_that_was_refused() {
    let wrong = status("deny", "FAILURE");
    let stage = Stage::new(vec![
        required("web"),
        handed_over(),
        opened(),
        prompted(),
        wrong,
        required("web"),
        handed_over(),
        opened(),
        prompted(),
        allowed(),
        html(200, ""),
        success(),
    ]);
    let stage = stage.with_person(&["1", "a", "2"]);
    let mfa = MfaChoice { factor_type: Some("passcode".to_owned()), ..MfaChoice::default() };
    run(&stage, &mfa).unwrap();
    let question = "? Okta: Duo did not accept that code. Try it (a)gain, or (s)top?".to_owned();
    assert!(stage.log().contains(&question));
}

#[test]
fn what_is_not_the_old_frame_says_so() {
    let odd = |verification: Value| vec![required("web"), challenge(&verification), html(200, "")];
    let mut cases = vec![
        odd(Value::Null),
        odd(value!({ "host": "api-1.duosecurity.com", "signature": "none" })),
        odd(
            value!({ "host": "http://evil", "signature": "a:b", "_links": { "complete": { "href": "/x" } } }),
        ),
    ];
    for page in
        [html(200, "<h1>Universal Prompt</h1>"), html(404, ""), redirect("/frame/v4/auth?x=1")]
    {
        cases.push(vec![required("web"), handed_over(), page, html(200, "")]);
    }
    cases.push(vec![required("web"), handed_over(), opened(), html(200, "<html>"), html(200, "")]);
    for answers in cases {
        let error = fails(answers);
        assert!(error.message().contains("cannot be asked from a terminal"), "{error}");
        assert!(error.hints()[0].contains("Universal Prompt"), "{error:?}");
    }
}

#[test]
fn neither_side_leads_elsewhere() {
    let elsewhere = redirect("https://evil.test/frame/prompt?sid=hush");
    let error = fails(vec![required("web"), handed_over(), elsewhere, html(200, "")]);
    assert!(error.message().contains("evil.test") && !error.message().contains("hush"), "{error}");

    let away = challenge(&value!({
        "host": "api-1.duosecurity.com", "signature": "TX:APP",
        "_links": { "complete": { "href": "https://evil.test/complete" } },
    }));
    let error = fails(vec![required("web"), away, html(200, "")]);
    assert!(error.message().contains("evil.test"), "{error}");
}

#[test]
fn a_look_that_duo_holds_back_too_long_is_taken_again() {
    let answers = vec![
        required("web"),
        handed_over(),
        opened(),
        prompted(),
        allowed(),
        html(200, ""),
        success(),
    ];
    run(&Stage::new(answers).dropping(4), &MfaChoice::default()).unwrap();
}
