//! The browser's sign-in as it is waited for: how often it is asked, and every way that it ends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json as value};

use super::*;
use crate::okta::stage::{Stage, html, json, refusal};
use crate::sys::http::Response;
use crate::sys::secret::ExposeSecret as _;

const AUTHORIZE: &str =
    "POST /oauth2/v1/device/authorize client_id=0oac&scope=openid+profile+okta.apps.sso";
const LOOK: &str = "POST /oauth2/v1/token client_id=0oac&device_code=dc&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";
const INVITED: &str = "! Okta: sign in at https://acme.okta.com/activate with the code WXYZ-ABCD";
const WAITING: &str = "… Okta: waiting for you to sign in in the browser.";

fn invitation(change: impl FnOnce(&mut Value)) -> Response {
    let mut body = value!({
        "device_code": "dc", "user_code": "WXYZ-ABCD",
        "verification_uri": "https://acme.okta.com/activate",
        "verification_uri_complete": "https://acme.okta.com/activate?user_code=WXYZ-ABCD",
        "expires_in": 600, "interval": 5,
    });
    change(&mut body);
    json(200, &body)
}

fn plain() -> Response {
    invitation(|_| {})
}

fn no(error: &str) -> Response {
    json(400, &value!({ "error": error, "error_description": "Words." }))
}

fn tokens() -> Response {
    id_token(&value!({ "preferred_username": "jo@acme.com", "sub": "00u" }))
}

/// Tokens whose ID token has `claims` beside what it must have.
fn id_token(claims: &Value) -> Response {
    let mut claims = claims.clone();
    (claims["iss"], claims["aud"]) = ("https://acme.okta.com".into(), "0oac".into());
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    let id_token = format!("h.{payload}.s");
    json(200, &value!({ "access_token": "at", "id_token": id_token, "expires_in": 3600 }))
}

fn run(stage: &Stage) -> Result<Tokens> {
    let client = Client { id: "0oac", lists_apps: false };
    let signed_in = stage.okta().sign_in_by_browser(client, &|_| None, &|_| ());
    signed_in.map_err(BrowserError::into_error)
}

#[test]
fn the_org_s_interval_is_kept_and_slowed_down_when_it_says_so() {
    let answers = [
        plain(),
        no("authorization_pending"),
        no("slow_down"),
        no("authorization_pending"),
        no("slow_down"),
        tokens(),
    ];
    let stage = Stage::new(answers.into());
    let tokens = run(&stage).unwrap();
    assert_eq!(tokens.user().as_deref(), Some("jo@acme.com"));
    assert_eq!(tokens.access.expose_secret(), "at");
    let want = [
        AUTHORIZE,
        INVITED,
        WAITING,
        "sleep 5s",
        LOOK,
        "sleep 5s",
        LOOK,
        "sleep 10s",
        LOOK,
        "sleep 10s",
        LOOK,
        "sleep 15s",
        LOOK,
    ];
    assert_eq!(stage.log(), want);
}

#[test]
fn an_interval_is_never_nothing_and_the_end_never_far() {
    for (interval, want) in
        [(value!(0), "sleep 1s"), (value!("x"), "sleep 5s"), (value!(7), "sleep 7s")]
    {
        let stage = Stage::new(vec![invitation(|body| body["interval"] = interval), tokens()]);
        run(&stage).unwrap();
        assert_eq!(stage.log()[3], want);
    }
    // The code is good for 8 s: a look at 5 s, and one at the end.
    let pending = || no("authorization_pending");
    let stage =
        Stage::new(vec![invitation(|body| body["expires_in"] = 8.into()), pending(), pending()]);
    let error = run(&stage).unwrap_err();
    assert!(error.message().contains("before the code ran out"), "{error}");
    assert_eq!(error.kind(), Kind::OktaRefused);
    let slept: Vec<String> =
        stage.log().into_iter().filter(|line| line.starts_with("sleep")).collect();
    assert_eq!(slept, ["sleep 5s", "sleep 3s"]);
    // An org that says "for ever" is not believed.
    let forever = invitation(|body| body["expires_in"] = u64::MAX.into());
    let mut answers = vec![forever];
    answers.extend((0..360).map(|_| pending()));
    let stage = Stage::new(answers);
    assert!(run(&stage).unwrap_err().message().contains("ran out"));
    stage.log();
}

#[test]
fn each_end_has_its_sentence() {
    for (answer, kind, want) in [
        (no("expired_token"), Kind::OktaRefused, "ran out"),
        (no("access_denied"), Kind::OktaRefused, "refused in the browser"),
        (no("invalid_grant"), Kind::OktaRefused, "gives no token"),
        (json(200, &value!({ "access_token": "at" })), Kind::Failed, "no id_token"),
        (
            json(200, &value!({ "access_token": "at", "id_token": "x" })),
            Kind::Failed,
            "cannot be read",
        ),
    ] {
        let stage = Stage::new(vec![plain(), answer]);
        let error = run(&stage).unwrap_err();
        assert!(error.message().contains(want), "{want}: {error}");
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(stage.log().len(), 5, "nothing is asked after that");
    }
    let stage = Stage::new(vec![plain(), no("authorization_pending")]).stopped_after(7);
    assert_eq!(run(&stage).unwrap_err().kind(), Kind::Interrupted);
    stage.log();
}

#[test]
fn a_dropped_look_does_not_cost_the_sign_in() {
    let stage = Stage::new(vec![plain(), tokens()]).dropping(1).dropping(1);
    run(&stage).unwrap();
    let stage = Stage::new(vec![plain()]).dropping(1).dropping(1).dropping(1);
    assert_eq!(run(&stage).unwrap_err().kind(), Kind::Unreachable);
}

#[test]
fn what_passes_does_not_cost_the_sign_in_and_is_asked_about_less_often() {
    let limited = || refusal(429, "E0000047").with("x-rate-limit-reset", "4102444800");
    for trouble in [
        refusal(500, "E0000009"),
        json(503, &value!({ "error": "temporarily_unavailable" })),
        html(502, "<title>Bad Gateway</title>"),
        html(200, "<title>Proxy</title>"),
        refusal(429, "E0000047"),
    ] {
        let again = || copy(&trouble);
        let stage = Stage::new(vec![
            plain(),
            again(),
            again(),
            again(),
            no("authorization_pending"),
            tokens(),
        ]);
        run(&stage).unwrap();
        let slept: Vec<String> =
            stage.log().into_iter().filter(|line| line.starts_with("sleep")).collect();
        assert_eq!(slept, ["sleep 5s", "sleep 10s", "sleep 15s", "sleep 20s", "sleep 20s"]);
    }
    // It ends with the code, a rate limit that asks for years too; and says what was in the way.
    let stage = Stage::new(vec![plain(), limited(), limited()]);
    let error = run(&stage).unwrap_err();
    assert!(error.message().contains("before the code ran out"), "{error}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("too many requests"), "{cause}");
    stage.log();
}

fn copy(answer: &Response) -> Response {
    Response { status: answer.status, headers: Vec::new(), body: answer.body.clone() }
}

#[test]
fn an_org_that_does_not_let_the_client_is_told_with_what_mends_it() {
    for (answer, want, hint) in [
        (no("invalid_client"), "does not know the client 0oac", "check okta_client_id"),
        (no("unauthorized_client"), "does not let the client 0oac use", "turns on the grants"),
        (no("invalid_scope"), "ask for all that robo needs", "okta.apps.sso"),
        (no("access_denied"), "does not let you use the client", "assign"),
        (refusal(405, "E0000022"), "may not run on Identity Engine", "okta_auth = password"),
        (html(404, "gone"), "something else than Okta", "okta"),
        (invitation(|body| body["device_code"] = Value::Null), "no device_code", "Okta domain"),
    ] {
        let stage = Stage::new(vec![answer]);
        let error = run(&stage).unwrap_err();
        assert!(error.message().contains(want), "{want}: {error}");
        assert!(error.hints().iter().any(|one| one.contains(hint)), "{:?}", error.hints());
        assert_eq!(stage.log(), [AUTHORIZE]);
    }
}

#[test]
fn nobody_is_sent_to_another_host() {
    for key in ["verification_uri", "verification_uri_complete"] {
        for address in ["https://evil.test/activate", "http://acme.okta.com/activate", "file:///x"]
        {
            let stage = Stage::new(vec![invitation(|body| body[key] = address.into())]);
            let error = run(&stage).unwrap_err();
            assert_eq!(stage.log(), [AUTHORIZE], "{address} is not shown: {error}");
        }
    }
}

#[test]
fn the_browser_is_given_the_address_with_the_code() {
    let stage = Stage::new(vec![plain(), tokens()]);
    let opened = std::cell::RefCell::new(Vec::new());
    let client = Client { id: "0oac", lists_apps: true };
    let open = |address: &Secret| {
        opened.borrow_mut().push(address.expose_secret().to_owned());
        None
    };
    stage.okta().sign_in_by_browser(client, &open, &|_| ()).unwrap();
    assert_eq!(*opened.borrow(), ["https://acme.okta.com/activate?user_code=WXYZ-ABCD"]);
    let log = stage.log();
    assert!(log[0].ends_with("okta.apps.sso+okta.apps.read+okta.users.read.self"), "{log:?}");
}

#[test]
fn a_name_that_the_id_token_lacks_is_asked_for() {
    let nameless = || id_token(&value!({ "sub": "00u", "email": "jo@home.example" }));
    for (status, body, want) in [
        (200, value!({ "sub": "00u", "preferred_username": "jo@acme.com" }), Some("jo@acme.com")),
        (200, value!({ "sub": "00other", "preferred_username": "al@acme.com" }), None),
        (200, value!({ "preferred_username": "al@acme.com" }), None),
        (200, value!({ "sub": "00u" }), None),
        (403, value!({ "error": "insufficient_scope" }), None),
        (500, value!({}), None),
    ] {
        let stage = Stage::new(vec![plain(), nameless(), json(status, &body)]);
        let tokens = run(&stage);
        assert_eq!(stage.log().last().unwrap(), "GET /oauth2/v1/userinfo", "{body}");
        match want {
            Some(name) => assert_eq!(tokens.unwrap().user().as_deref(), Some(name)),
            None => {
                let error = tokens.unwrap_err();
                assert!(error.message().contains("does not say who signed in"), "{error}");
            }
        }
    }
}
