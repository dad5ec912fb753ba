//! Whatever an answer sets, cookies go to the org alone, whole or not at all, and survive the
//! vault. The first line is where the answer leads, the others are cookies.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robo::okta::{Cookies, MfaChoice};
use robo::sys::http::Response;
use robo_fuzz::{HOST, Stage, cookies, knows_a_secret, may_be_shown};

fuzz_target!(|text: &str| {
    if knows_a_secret(text.as_bytes()) {
        return;
    }
    let mut lines = text.split('\n');
    let location = lines.next().unwrap_or_default();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![header("location", location)];
    headers.extend(lines.map(|line| header("set-cookie", line)));
    let redirect = Response { status: 302, headers, body: Vec::new() };

    // The stage looks at each request that is made of them.
    let stage = Stage::new(vec![redirect.clone(), redirect]);
    let app = format!("https://{HOST}/home/amazon_aws/0oa1/272").parse().expect("a URL");
    let mut kept = cookies();
    if let Err(error) = stage.okta().saml_by_session(&app, &MfaChoice::default(), &mut kept) {
        may_be_shown(&error);
    }
    assert!(stage.asked().len() <= 3);
    let json = serde_json::to_value(&kept).expect("cookies are JSON");
    let back: Cookies = serde_json::from_value(json.clone()).expect("as they were");
    assert_eq!(serde_json::to_value(&back).expect("cookies are JSON"), json);
    assert_eq!(back.has_session(), kept.has_session());
    assert!(format!("{kept:?}").len() < 200, "a cookie is shown");
    let _ = stage.okta().sign_out(&kept);
});
