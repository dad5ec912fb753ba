//! Whatever an org answers to a sign-in in the browser, a person is sent to the org alone, the
//! tokens are that org's and for this client, go to the org alone and survive the vault.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use libfuzzer_sys::fuzz_target;
use robo::okta::{Client, Tokens};
use robo::sys::clock::Clock as _;
use robo::sys::secret::{ExposeSecret as _, Secret};
use robo_fuzz::{HOST, Stage, answers, is_for_aws, knows_a_secret, may_be_shown};
use serde_json::Value;

const CLIENT: &str = "0oaclient";

fuzz_target!(|input: &[u8]| {
    if knows_a_secret(input) {
        return;
    }
    let stage = Stage::new(answers(input));
    let okta = stage.okta();
    if let Ok(pipeline) = okta.discover() {
        assert!(pipeline.is_none() || stage.asked().len() <= 2);
    }
    let own = format!("https://{HOST}/");
    let open = |address: &Secret| {
        assert!(address.expose_secret().starts_with(&own), "a browser is sent elsewhere");
        None
    };
    let client = Client { id: CLIENT, lists_apps: true };
    let told = |invited: &robo::okta::Invited| assert!(invited.address.starts_with(&own));
    let tokens = match okta.sign_in_by_browser(client, &open, &told) {
        Ok(tokens) => tokens,
        Err(error) => return may_be_shown(&error.into_error()),
    };
    is_of_the_org(&tokens);
    assert!(tokens.expires <= stage.now() + SignedDuration::from_hours(24));
    assert!(tokens.user().is_some_and(|user| !user.is_empty()), "whose are they?");

    let json = serde_json::to_string(&tokens).expect("tokens are JSON");
    let back: Tokens = serde_json::from_str(&json).expect("as they were");
    assert_eq!(serde_json::to_string(&back).expect("tokens are JSON"), json);
    assert_eq!((back.user(), back.subject()), (tokens.user(), tokens.subject()));

    match okta.aws_apps(&tokens) {
        Ok(apps) => {
            let plain = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
            assert!(apps.iter().all(|app| plain(&app.id)));
        }
        Err(error) => may_be_shown(&error),
    }
    match okta.saml_by_tokens(&tokens, "0oaapp") {
        Ok(assertion) => is_for_aws(&assertion),
        Err(error) => may_be_shown(&error),
    }
    let _ = okta.revoke(&tokens);
});

fn is_of_the_org(tokens: &Tokens) {
    let payload = tokens.identity.expose_secret().split('.').nth(1).expect("a payload");
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).expect("base64");
    let claims: Value = serde_json::from_slice(&payload).expect("JSON");
    let issuer = claims["iss"].as_str().expect("an issuer").trim().to_ascii_lowercase();
    assert!(issuer.contains(HOST) || !issuer.contains("://"), "of {issuer}");
    let audience = &claims["aud"];
    let mut several = audience.as_array().into_iter().flatten();
    assert!(audience == CLIENT || several.any(|one| one == CLIENT), "for {audience}");
}
