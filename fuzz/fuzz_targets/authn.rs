//! Whatever an org answers to a sign-in by password, it comes to an end, the password is sent a few
//! times at most and to the org alone, and nobody is shown a secret. The first byte says how.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::okta::{Credentials, MfaChoice, SignInError};
use robo_fuzz::{
    HOST, PASSWORD, SECRETS, Stage, answers, cookies, is_for_aws, knows_a_secret, may_be_shown,
};

fuzz_target!(|input: &[u8]| {
    if knows_a_secret(input) {
        return;
    }
    let Some((how, rest)) = input.split_first() else { return };
    let bit = |at: u8| how >> at & 1 == 1;
    let mfa = MfaChoice {
        remember_device: bit(0),
        duo_device: bit(1).then(|| "token".to_owned()),
        factor_type: bit(2).then(|| if bit(3) { "token" } else { "push" }.to_owned()),
        ..MfaChoice::default()
    };
    let mut kept = cookies();
    if bit(4) {
        kept.dt = None;
    }
    let stage = Stage::anywhere(answers(rest));
    let okta = stage.okta();
    let mut credentials = Credentials::new("jo@acme.com", &PASSWORD.to_owned().into());
    let signed_in = okta.sign_in(&mut credentials, &mfa, &mut kept);

    let passwords = sent(&stage, PASSWORD);
    assert!(passwords.iter().all(|path| !path.contains(PASSWORD)), "a password in an address");
    let asked: usize = passwords.iter().filter(|path| *path == "/api/v1/authn").count();
    assert!(asked <= 2, "the password was sent {asked} times");
    match signed_in {
        Ok(signed_in) => {
            may_be_shown(&signed_in);
            let app = format!("https://{HOST}/home/amazon_aws/0oa1/272").parse().expect("a URL");
            let token = &signed_in.session_token;
            match okta.saml_by_token(&app, token, (&credentials, &mfa), &mut kept) {
                Ok(granted) => is_for_aws(&granted.assertion),
                Err(error) => may_be_shown(&error),
            }
        }
        Err(SignInError::PasswordRefused(error)) => {
            assert_eq!(asked, passwords.len(), "sent on after it was refused: {error:?}");
        }
        Err(error) => {
            let error = error.into_error();
            may_be_shown(&error);
            assert!(!error.message().is_empty());
        }
    }
    // A session has no part in a sign-in.
    let session = SECRETS[1];
    assert!(sent(&stage, session).is_empty());
});

/// The paths of the requests whose address or body has `text`.
fn sent(stage: &Stage, text: &str) -> Vec<String> {
    let asked = stage.asked().into_iter().filter(|request| {
        request.url.as_str().contains(text) || String::from_utf8_lossy(&request.body).contains(text)
    });
    asked.map(|request| request.url.path().to_owned()).collect()
}
