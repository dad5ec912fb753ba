//! From tokens to an assertion: what is sent where, and every refusal with what mends it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json as value;

use super::*;
use crate::okta::stage::{Stage, html, json, redirect, refusal};
use crate::sys::http::Response;

const XML: &str = r#"<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"><a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"><a:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><a:AttributeValue>arn:aws:iam::111111111111:role/r,arn:aws:iam::111111111111:saml-provider/okta</a:AttributeValue></a:Attribute></a:Assertion></p:Response>"#;

fn page() -> Response {
    let value = STANDARD.encode(XML);
    html(
        200,
        &format!(
            r#"<form action="https://signin.aws.amazon.com/saml"><input name="SAMLResponse" value="{value}"></form>"#
        ),
    )
}

fn tokens(amr: &[&str]) -> Tokens {
    let payload = URL_SAFE_NO_PAD.encode(value!({ "amr": amr }).to_string());
    Tokens {
        access: "at".to_owned().into(),
        identity: format!("h.{payload}.s").into(),
        expires: "2026-11-23T13:00:00Z".parse().unwrap(),
        client_id: "0oac".to_owned(),
        may_list: true,
        name: None,
    }
}

fn web_sso_token() -> Response {
    json(
        200,
        &value!({ "access_token": "sso", "issued_token_type": "urn:okta:oauth:token-type:web_sso_token" }),
    )
}

fn run(stage: &Stage) -> Result<Assertion, ExchangeError> {
    stage.okta().saml_by_tokens(&tokens(&["pwd", "mfa"]), "0oaapp")
}

#[test]
fn the_access_token_acts_for_the_subject_of_the_id_token() {
    let stage = Stage::new(vec![web_sso_token(), page()]);
    assert_eq!(run(&stage).unwrap().roles.len(), 1);
    let log = stage.log();
    let sent: Vec<(String, String)> =
        url::form_urlencoded::parse(log[0].split_once("token ").unwrap().1.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
    let get =
        |name: &str| sent.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(get("actor_token"), Some("at"));
    assert_eq!(get("actor_token_type"), Some("urn:ietf:params:oauth:token-type:access_token"));
    assert!(get("subject_token").unwrap().starts_with("h."));
    assert_eq!(get("subject_token_type"), Some("urn:ietf:params:oauth:token-type:id_token"));
    assert_eq!(get("audience"), Some("urn:okta:apps:0oaapp"));
    assert_eq!(log[1], "POST /login/token/sso token=sso");
    assert_eq!(log.len(), 2);
}

#[test]
fn the_token_goes_by_get_only_where_post_is_not_taken() {
    for no in [html(404, ""), html(405, "")] {
        let stage = Stage::new(vec![web_sso_token(), no, page()]);
        run(&stage).unwrap();
        assert_eq!(stage.log()[2], "GET /login/token/sso?token=sso");
    }
    // Redirects are followed within the org.
    let stage = Stage::new(vec![web_sso_token(), redirect("/app/amazon_aws/x/sso/saml"), page()]);
    run(&stage).unwrap();
    assert_eq!(stage.log()[2], "GET /app/amazon_aws/x/sso/saml");
    let stage = Stage::new(vec![web_sso_token(), redirect("https://evil.test/")]);
    assert!(matches!(run(&stage), Err(ExchangeError::Other(_))));
    stage.log();
}

#[test]
fn a_refused_exchange_names_what_whoever_runs_okta_has_to_change() {
    let assurance = "The application's assurance requirements are not met by the 'subject_token'.";
    let no = |status, error: &str, words: &str| {
        json(status, &value!({ "error": error, "error_description": words }))
    };
    for (answer, kind, want, hints) in [
        (
            no(400, "invalid_grant", assurance),
            "weak",
            "asks for a stronger sign-in",
            &["no stricter", "every time", "device state"][..],
        ),
        (
            no(400, "invalid_grant", "The subject_token' is invalid"),
            "spent",
            "any more",
            &["again"],
        ),
        (no(400, "invalid_target", "no"), "other", "does not let the client", &["Allowed Web SSO"]),
        (
            no(400, "invalid_grant", "other"),
            "weak",
            "does not let the client",
            &["Allowed Web SSO"],
        ),
        (no(401, "invalid_client", "no"), "other", "does not know the client", &["okta_client_id"]),
        (no(400, "unauthorized_client", "no"), "other", "does not let the client", &["grants"]),
        (no(403, "access_denied", "no"), "other", "does not let you use the client", &["assign"]),
        (refusal(500, "E0000009"), "other", "trouble of its own", &["status.okta.com"]),
        (html(502, ""), "other", "something else than Okta", &["try again"]),
        (json(200, &value!({})), "other", "gave no token for the app", &[]),
    ] {
        let stage = Stage::new(vec![answer]);
        let got = run(&stage).unwrap_err();
        let is = match &got {
            ExchangeError::Spent(_) => "spent",
            ExchangeError::Weak(_) => "weak",
            ExchangeError::Other(_) => "other",
        };
        assert_eq!(is, kind, "{got:?}");
        let error = got.into_error();
        assert!(error.message().contains(want), "{want}: {error}");
        for hint in hints {
            assert!(error.hints().iter().any(|one| one.contains(hint)), "{hint}: {error:?}");
        }
        assert_eq!(stage.log().len(), 1);
    }
    let answer = no(400, "invalid_grant", assurance);
    let stage = Stage::new(vec![answer]);
    let error = stage.okta().saml_by_tokens(&tokens(&["pwd"]), "0oaapp").unwrap_err().into_error();
    assert!(error.hints()[0].contains("one factor alone"), "{:?}", error.hints());
}

#[test]
fn a_page_that_is_none_of_the_app_s_is_told() {
    for (answer, want) in [
        (html(200, r#"<form><input type="password"></form>"#), "asks to sign in again"),
        (html(200, "<a href='/login/step-up/x'>"), "asks for more"),
        (html(403, "you are not assigned to this"), "does not let your account use"),
        (html(200, ""), "empty page"),
    ] {
        let stage = Stage::new(vec![web_sso_token(), answer]);
        let Err(ExchangeError::Other(error)) = run(&stage) else { panic!("{want}") };
        assert!(error.message().contains(want), "{want}: {error}");
    }
}

#[test]
fn of_the_apps_those_for_aws_are_listed() {
    let app =
        |name: &str, id: &str| value!({ "appName": name, "appInstanceId": id, "label": "AWS" });
    let list = value!([
        app("amazon_aws", "0oa1"),
        app("google", "0oa2"),
        app("amazon_aws", "0oa3/../x"),
        { "appName": "amazon_aws" },
        7,
        app("amazon_aws", "0oa4"),
    ]);
    let stage = Stage::new(vec![json(200, &list)]);
    let apps = stage.okta().aws_apps(&tokens(&[])).unwrap();
    let ids: Vec<&str> = apps.iter().map(|app| app.id.as_str()).collect();
    assert_eq!(ids, ["0oa1", "0oa4"]);
    assert_eq!(stage.log(), ["GET /api/v1/users/me/appLinks"]);
    let stage = Stage::new(vec![refusal(401, "E0000011")]);
    assert!(matches!(stage.okta().aws_apps(&tokens(&[])), Err(ExchangeError::Spent(_))));
    let stage = Stage::new(vec![refusal(403, "E0000006")]);
    let error = stage.okta().aws_apps(&tokens(&[])).unwrap_err().into_error();
    assert!(error.hints().iter().any(|hint| hint.contains("okta.users.read.self")));
}
