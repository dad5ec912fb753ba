//! Whatever the console's sign-in server answers, the link leads to AWS and holds the token that was
//! given, whole; keys are in no address unless a POST was not taken, and in no error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::aws::Credentials;
use robo::aws::signin::{Console, login_url};
use robo::sys::secret::ExposeSecret as _;
use robo_fuzz::{PASSWORD, Stage, TOKEN, answers, begin, knows_a_secret, may_be_shown};
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    if knows_a_secret(input) {
        return;
    }
    let Some((how, rest)) = input.split_first() else { return };
    let credentials = Credentials {
        access_key_id: "ASIAHUB".to_owned(),
        // The stage would mind them if they were its own secrets: they do belong here.
        secret_access_key: PASSWORD.to_ascii_uppercase().into(),
        session_token: TOKEN.to_ascii_uppercase().into(),
        obtained: begin(),
        expiration: begin(),
        assumed_role_arn: "arn:aws:sts::111111111111:assumed-role/hub/jo@acme.com".to_owned(),
    };
    let console = Console {
        duration: (how & 1 == 1).then(|| std::time::Duration::from_secs(3600)),
        logout_first: how & 2 == 2,
        ..Console::default()
    };
    let answers = answers(rest);
    let stage = Stage::anywhere(answers.clone());
    let login = login_url(&stage, &credentials, &console);
    let asked = stage.asked();
    assert!((1..=4).contains(&asked.len()));
    let key = PASSWORD.to_ascii_uppercase();
    let not_taken = |status: u16| matches!(status, 400 | 405);
    for (at, request) in asked.iter().enumerate() {
        let host = request.url.host_str().unwrap_or_default();
        assert!(host.ends_with("signin.aws.amazon.com"), "asks {host}");
        if request.url.as_str().contains(&key) {
            assert!(at > 0 && answers[..at].iter().all(|answer| not_taken(answer.status)));
        }
    }
    match login {
        Ok(login) => {
            let url: url::Url = login.url.expose_secret().parse().expect("a URL");
            assert!(url.scheme() == "https");
            assert!(url.host_str().is_some_and(|host| host.ends_with("signin.aws.amazon.com")));
            let field = |url: &url::Url, name: &str| {
                url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
            };
            let inner = field(&url, "redirect_uri").map(|url| url.parse().expect("a URL"));
            let token = field(inner.as_ref().unwrap_or(&url), "SigninToken").expect("a token");
            let given: Value =
                serde_json::from_slice(&answers[asked.len() - 1].body).expect("JSON");
            assert_eq!(given["SigninToken"].as_str(), Some(token.as_str()));
            assert!(!token.is_empty() && !url.as_str().contains(&key));
        }
        Err(error) => {
            may_be_shown(&error);
            assert!(!format!("{error:?}").contains(&key));
        }
    }
});
