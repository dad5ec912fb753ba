//! From a session to an assertion: cookies, redirects, and every page that comes instead.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::okta::stage::{Stage, html, json, redirect, refusal};
use crate::okta::{Assertion, Cookies, Credentials, MfaChoice, SignInError};
use crate::sys::http::Response;
use crate::{Error, Kind, Result};

const APP: &str = "https://acme.okta.com/home/amazon_aws/0oa1/272";

const XML: &str = r#"<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"><a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"><a:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><a:AttributeValue>arn:aws:iam::111111111111:role/r,arn:aws:iam::111111111111:saml-provider/okta</a:AttributeValue></a:Attribute></a:Assertion></p:Response>"#;

fn page(action: &str) -> Response {
    let value = STANDARD.encode(XML).replace('=', "&#x3d;").replace('+', "&#x2b;");
    html(
        200,
        &format!(
            r#"<html><body><form id="appForm" action="{action}" method="POST"><input value="{value}" type="hidden" name="SAMLResponse"/><input name="RelayState" type="hidden" value=""/></form></body></html>"#
        ),
    )
}

fn good() -> Response {
    page("https&#x3a;&#x2f;&#x2f;signin.aws.amazon.com&#x2f;saml")
}

fn session() -> Cookies {
    Cookies {
        sid: Some("s".to_owned().into()),
        dt: Some("d".to_owned().into()),
        ..Cookies::default()
    }
}

fn by_session(stage: &Stage, cookies: &mut Cookies) -> Result<Option<Assertion>> {
    let granted =
        stage.okta().saml_by_session(&Url::parse(APP).unwrap(), &MfaChoice::default(), cookies)?;
    Ok(granted.map(|granted| granted.assertion))
}

fn by_token(stage: &Stage, cookies: &mut Cookies) -> Result<Assertion> {
    let credentials = Credentials::new("jo", &"pw".to_owned().into());
    let (app, mfa) = (Url::parse(APP).unwrap(), MfaChoice::default());
    let with = (&credentials, &mfa);
    let granted = stage.okta().saml_by_token(&app, &"hush".to_owned().into(), with, cookies);
    granted.map(|granted| granted.assertion).map_err(SignInError::into_error)
}

#[test]
fn a_session_gives_an_assertion_in_one_request() {
    let stage = Stage::new(vec![good().with("set-cookie", "sid=t; Path=/")]);
    let mut cookies = session();
    let assertion = by_session(&stage, &mut cookies).unwrap().unwrap();
    assert_eq!(assertion.roles[0].role_arn, "arn:aws:iam::111111111111:role/r");
    assert_eq!(assertion.destination.as_str(), "https://signin.aws.amazon.com/saml");
    assert_eq!(stage.log(), ["GET /home/amazon_aws/0oa1/272 [sid=s; DT=d]"]);
    assert_eq!(cookies.header().as_deref(), Some("sid=t; DT=d"));
}

#[test]
fn without_a_session_nothing_is_asked() {
    let mut cookies = Cookies { dt: Some("d".to_owned().into()), ..Cookies::default() };
    assert!(by_session(&Stage::new(vec![]), &mut cookies).unwrap().is_none());
}

#[test]
fn a_token_goes_into_one_address_and_the_old_session_is_dropped_first() {
    let stage = Stage::new(vec![
        redirect("/app/amazon_aws/0oa1/sso/saml").with("set-cookie", "sid=new; Path=/"),
        good(),
    ]);
    let mut cookies = session();
    by_token(&stage, &mut cookies).unwrap();
    let want = [
        "GET /home/amazon_aws/0oa1/272?sessionToken=hush [DT=d]",
        "GET /app/amazon_aws/0oa1/sso/saml [sid=new; DT=d]",
    ];
    assert_eq!(stage.log(), want);
    assert_eq!(cookies.header().as_deref(), Some("sid=new; DT=d"));
}

#[test]
fn a_session_that_is_over_is_none_and_dropped() {
    for answer in [
        redirect("/login/login.htm?fromURI=%2Fapp"),
        redirect("https://acme.okta.com/signin"),
        redirect("https://sso.other.test/login"),
        html(200, "<form id=sign-in><input type=password name=password></form>"),
        html(200, "<script>var signIn = new OktaSignIn(config)</script>"),
        html(401, ""),
        refusal(403, "E0000005"),
    ] {
        let stage = Stage::new(vec![answer]);
        let mut cookies = session();
        assert!(by_session(&stage, &mut cookies).unwrap().is_none());
        assert_eq!(cookies.header().as_deref(), Some("DT=d"));
        stage.log();
    }
}

#[test]
fn an_app_that_wants_more_is_none_and_the_session_stays() {
    for answer in [
        redirect("/login/step-up/redirect"),
        redirect("/signin/verify/okta/push"),
        html(200, "<script>location='/login/step-up/redirect'; stateToken</script>"),
        html(200, "<a href='/login/step-up/x'> stateToken = '' </a> \"stateToken\": \"\\xZZ\""),
    ] {
        let stage = Stage::new(vec![answer]);
        let mut cookies = session();
        assert!(by_session(&stage, &mut cookies).unwrap().is_none());
        assert!(cookies.has_session());
        stage.log();
    }
}

/// What Okta says to a state token, and where it leads in the end.
fn stands_at(status: &str) -> Response {
    let next = serde_json::json!({ "href": APP });
    let body =
        serde_json::json!({ "status": status, "stateToken": "00a-b", "_links": { "next": next } });
    json(200, &body)
}

#[test]
fn the_state_token_of_a_page_is_found_as_it_is_meant() {
    for page in [
        redirect("/login/step-up/redirect?stateToken=00a-b"),
        html(200, "<script>location='/login/step-up/redirect?stateToken=00a\\x2Db'</script>"),
        html(200, "<script>var stateToken = '00a\\x2Db';</script><a href='/login/step-up/x'>"),
        html(200, "stateToken; {\"stateToken\":\"00a\\u002Db\"} href='\\/login\\/step-up\\/x'"),
    ] {
        let stage = Stage::new(vec![page, stands_at("SUCCESS"), good()]);
        let mut cookies = session();
        assert!(by_session(&stage, &mut cookies).unwrap().is_some());
        let want = [
            "GET /home/amazon_aws/0oa1/272 [sid=s; DT=d]",
            "! Okta: the AWS app asks for one more step of its own.",
            r#"POST /api/v1/authn {"stateToken":"00a-b"} [DT=d]"#,
            "GET /home/amazon_aws/0oa1/272 [sid=s; DT=d]",
        ];
        assert_eq!(stage.log(), want);
    }
}

#[test]
fn the_app_s_own_step_may_want_the_password_or_be_none_for_here() {
    let page = || redirect("/login/step-up/redirect?stateToken=00a-b");
    // By a session alone there is no password at hand: a fresh sign-in is.
    let stage = Stage::new(vec![page(), stands_at("UNAUTHENTICATED"), html(200, "")]);
    assert!(by_session(&stage, &mut session()).unwrap().is_none());
    assert!(stage.log().last().unwrap().contains("/cancel"));
    // After one there is.
    let answers = vec![page(), stands_at("UNAUTHENTICATED"), stands_at("SUCCESS"), good()];
    let stage = Stage::new(answers);
    by_token(&stage, &mut session()).unwrap();
    let log = stage.log();
    assert_eq!(
        log[3],
        r#"POST /home/amazon_aws/0oa1/272 {"password":"pw","stateToken":"00a-b","username":"jo"} [DT=d]"#
    );
    // Identity Engine takes no state token of a page's.
    let stage = Stage::new(vec![page(), refusal(401, "E0000011")]);
    let error = by_token(&stage, &mut session()).unwrap_err();
    assert!(error.message().contains("robo cannot answer here"), "{error}");
    stage.log();
    // Circles are left.
    let stage = Stage::new(vec![page(), stands_at("SUCCESS"), page()]);
    let error = by_token(&stage, &mut session()).unwrap_err();
    assert!(error.message().contains("again, right after"), "{error}");
    let mut answers = vec![page()];
    answers.extend((0..9).map(|_| stands_at("UNAUTHENTICATED")));
    answers.push(html(200, ""));
    let stage = Stage::new(answers);
    assert!(by_token(&stage, &mut session()).unwrap_err().message().contains("circles"));
    stage.log();
}

#[test]
fn each_page_without_an_assertion_has_its_sentence() {
    let long = format!("<title>{}</title>", "x".repeat(5000));
    let cases = [
        (redirect("/login/login.htm"), Kind::OktaRefused, "sign in again"),
        (redirect("/login/step-up/redirect"), Kind::OktaRefused, "another sign-in step"),
        (redirect("https://evil.test/x?y=hush"), Kind::Failed, "evil.test"),
        (redirect("http://acme.okta.com/x"), Kind::Failed, "https"),
        (
            html(200, "<h1>You are not assigned this app</h1>"),
            Kind::OktaRefused,
            "not let your account",
        ),
        (html(403, "<title>403</title>"), Kind::OktaRefused, "not let your account"),
        (refusal(403, "E0000058"), Kind::OktaRefused, "another sign-in step"),
        (refusal(404, "E0000007"), Kind::OktaRefused, "does not find"),
        (
            html(404, "<title>Page Not Found</title>"),
            Kind::OktaRefused,
            "no such app: /home/amazon_aws/0oa1/272",
        ),
        (html(500, "<title>Oops</title>"), Kind::Failed, "status 500"),
        (html(200, ""), Kind::Failed, "an empty page"),
        (html(200, "  \n"), Kind::Failed, "an empty page"),
        (html(200, "\0\u{1b}[2J<<<>>"), Kind::Failed, "without a SAML assertion"),
        (html(200, &long), Kind::Failed, "without a SAML assertion"),
        (
            html(200, "<form action=/x><input name=SAMLResponse value=x></form>"),
            Kind::Failed,
            "not AWS",
        ),
    ];
    for (answer, kind, want) in cases {
        let shown = String::from_utf8_lossy(&answer.body).chars().take(60).collect::<String>();
        let stage = Stage::new(vec![answer]);
        let error = by_token(&stage, &mut session()).unwrap_err();
        assert!(error.message().contains(want), "{shown}: {error}");
        assert_eq!(error.kind(), kind, "{shown}: {error}");
        assert!(!error.hints().is_empty(), "{shown}");
        assert!(everything(&error).len() < 1000 && !everything(&error).contains("hush"), "{shown}");
        stage.log();
    }
}

fn everything(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    format!("{error} {cause:?} {:?}", error.hints())
}

#[test]
fn an_assertion_is_for_aws_only() {
    for action in [
        "https://signin.aws.amazon.com/saml",
        "https://eu-west-1.signin.aws.amazon.com/saml",
        "https://signin.aws.amazon.com/saml/acs/SAMLSP1",
        "https://signin.amazonaws-us-gov.com/saml",
        "https://us-gov-west-1.signin.amazonaws-us-gov.com/saml",
        "https://signin.amazonaws.cn/saml",
        "https://signin.aws.amazon.com:443/saml",
    ] {
        let stage = Stage::new(vec![page(action)]);
        assert!(by_session(&stage, &mut session()).unwrap().is_some(), "{action}");
    }
    for action in [
        "http://signin.aws.amazon.com/saml",
        "https://signin.aws.amazon.com/federation",
        "https://signin.aws.amazon.com:444/saml",
        "https://signin.aws.amazon.com.evil.test/saml",
        "https://evilsignin.aws.amazon.com/saml",
        "https://a.b.signin.aws.amazon.com/saml",
        "https://x@signin.aws.amazon.com/saml",
        "https://acme.okta.com/saml",
        "/saml",
        "",
        "javascript:alert(1)",
    ] {
        let stage = Stage::new(vec![page(action)]);
        let error = by_session(&stage, &mut session()).unwrap_err();
        assert!(error.message().contains("not AWS"), "{action}: {error}");
    }
}

#[test]
fn circles_are_left() {
    let stage = Stage::new((0..11).map(|_| redirect("/home/amazon_aws/0oa1/272")).collect());
    let error = by_session(&stage, &mut session()).unwrap_err();
    assert!(error.message().contains("in circles"), "{error}");
    assert_eq!(stage.log().len(), 11);
}

#[test]
fn a_redirect_to_nowhere_does_not_send_a_token_again() {
    let own = format!("{APP}?sessionToken=hush");
    for to in ["", "  \t", "#top", " #", "https:", "?sessionToken=hush", own.as_str()] {
        let stage = Stage::new(vec![redirect(to)]);
        let error = by_token(&stage, &mut session()).unwrap_err();
        assert!(error.message().contains("in circles"), "{to}: {error}");
        assert_eq!(stage.log(), ["GET /home/amazon_aws/0oa1/272?sessionToken=hush [DT=d]"]);
    }
}

#[test]
fn a_dropped_connection_is_not_asked_twice() {
    let stage = Stage::new(vec![]).dropping(0);
    let error = by_token(&stage, &mut session()).unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert_eq!(stage.log().len(), 1);
}

#[test]
fn signing_out_ends_the_session_once() {
    for status in [204, 404, 401] {
        let stage = Stage::new(vec![html(status, "")]);
        stage.okta().sign_out(&session()).unwrap();
        assert_eq!(stage.log(), ["DELETE /api/v1/sessions/me [sid=s; DT=d]"]);
    }
    Stage::new(vec![]).okta().sign_out(&Cookies::default()).unwrap();
    assert!(Stage::new(vec![html(500, "")]).okta().sign_out(&session()).is_err());
}
