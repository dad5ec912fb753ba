//! Whatever an org answers for an app, an assertion is found only in a form that goes to AWS, and
//! cookies and session token go to the org alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::okta::{Assertion, Credentials, MfaChoice};
use robo::sys::secret::ExposeSecret as _;
use robo_fuzz::{
    HOST, PASSWORD, Stage, TOKEN, answers, cookies, is_for_aws, knows_a_secret, may_be_shown,
};

fuzz_target!(|input: &[u8]| {
    if knows_a_secret(input) {
        return;
    }
    let answers = answers(input);
    let found = |text: &str| answers.iter().any(|answer| answer.text().contains(text));
    // A name may be written in entities.
    let has_form = found("SAMLResponse") || found("&");
    let app = format!("https://{HOST}/home/amazon_aws/0oa1/272").parse().expect("a URL");
    let mfa = MfaChoice::default();

    let stage = Stage::anywhere(answers.clone());
    let mut kept = cookies();
    match stage.okta().saml_by_session(&app, &mfa, &mut kept) {
        Ok(Some(granted)) => {
            assert!(has_form, "an assertion without a form");
            is_for_aws(&granted.assertion);
            let Assertion { encoded, destination, roles, .. } = granted.assertion;
            let again = Assertion::read(encoded.clone(), destination).expect("read twice");
            assert_eq!(again.roles, roles);
            assert_eq!(again.encoded.expose_secret(), encoded.expose_secret());
        }
        Ok(None) => {}
        Err(error) => may_be_shown(&error),
    }
    may_be_shown(&kept);

    let busy = answers.iter().filter(|answer| answer.status == 429).count();
    let stage = Stage::anywhere(answers);
    let credentials = Credentials::new("jo@acme.com", &PASSWORD.to_owned().into());
    let token = TOKEN.to_owned().into();
    match stage.okta().saml_by_token(&app, &token, (&credentials, &mfa), &mut cookies()) {
        Ok(granted) => is_for_aws(&granted.assertion),
        Err(error) => may_be_shown(&error),
    }
    let with_token = stage.asked().into_iter().filter(|asked| asked.url.as_str().contains(TOKEN));
    // It works once, and did not where there were too many requests.
    assert!((1..=1 + busy).contains(&with_token.count()), "a token works once");
});
