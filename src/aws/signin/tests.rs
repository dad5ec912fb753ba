//! What is sent to the sign-in server, and what its answers come to.

use super::*;
use crate::aws::testing::{Script, answer, broken, credentials};
use crate::sys::http::Method;

const TOKEN: &str = r#"{"SigninToken":"the-token"}"#;

fn query(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

fn value(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

fn link(login: &Login) -> Url {
    Url::parse(login.url.expose_secret()).unwrap()
}

#[test]
fn credentials_go_by_post_and_come_back_as_a_link() {
    let http = Script::of([answer(200, TOKEN)]);
    let console = Console {
        region: Some("eu-west-1"),
        page: Page::Service("s3"),
        issuer: Some("https://acme.okta.com/home/amazon_aws/0oa/272"),
        ..Console::default()
    };
    let login = login_url(&http, &credentials("hub"), &console).unwrap();

    let asked = http.asked.borrow()[0].clone();
    assert_eq!(asked.method, Method::Post);
    assert_eq!(asked.url.as_str(), "https://eu-west-1.signin.aws.amazon.com/federation");
    let form = http.form(0);
    assert_eq!(value(&form, "Action").unwrap(), "getSigninToken");
    assert_eq!(value(&form, "SessionDuration"), None);
    let session: serde_json::Value =
        serde_json::from_str(&value(&form, "Session").unwrap()).unwrap();
    let want = json!({
        "sessionId": "ASIAHUB", "sessionKey": "secret-of-hub", "sessionToken": "token-of-hub"
    });
    assert_eq!(session, want);

    let url = link(&login);
    assert_eq!(url.host_str(), Some("eu-west-1.signin.aws.amazon.com"));
    let pairs = query(&url);
    let want = [
        ("Action", "login"),
        ("Issuer", "https://acme.okta.com/home/amazon_aws/0oa/272"),
        ("Destination", "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"),
        ("SigninToken", "the-token"),
    ];
    assert_eq!(pairs, want.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert!(!login.duration_refused);
    assert!(!format!("{login:?}").contains("the-token"));
}

#[test]
fn what_is_refused_is_left_out_in_turn() {
    // Statuses in order; the methods with P or G, in lower case without a duration; refused?
    let cases: [(bool, &[u16], &str, Option<bool>); 12] = [
        (false, &[200], "p", Some(false)),
        (true, &[200], "P", Some(false)),
        (true, &[400, 200], "Pp", Some(true)),
        (true, &[400, 400, 200], "PpG", Some(false)),
        (true, &[400, 400, 400, 200], "PpGg", Some(true)),
        (true, &[400, 400, 400, 400], "PpGg", None),
        (false, &[400, 200], "pg", Some(false)),
        (false, &[400, 400], "pg", None),
        (true, &[405, 200], "PG", Some(false)),
        (true, &[405, 400, 200], "PGg", Some(true)),
        (false, &[302], "p", None),
        (false, &[503], "p", None),
    ];
    for (asked, statuses, methods, refused) in cases {
        let answers =
            statuses.iter().map(|&status| answer(status, if status == 200 { TOKEN } else { "" }));
        let http = Script::of(answers);
        let duration = asked.then_some(Duration::from_secs(7200));
        let console = Console { duration, ..Console::default() };
        let login = login_url(&http, &credentials("hub"), &console);
        let seen: String = http.asked.borrow().iter().map(kind).collect();
        assert_eq!(seen, methods, "{statuses:?}");
        assert_eq!(login.ok().map(|login| login.duration_refused), refused, "{statuses:?}");
    }
}

/// `P` or `G`, in lower case without a duration.
fn kind(request: &Request) -> char {
    let text = match request.method {
        Method::Post => String::from_utf8(request.body.clone()).unwrap(),
        _ => request.url.query().unwrap().to_owned(),
    };
    match (request.method, text.contains("SessionDuration=7200")) {
        (Method::Post, true) => 'P',
        (Method::Post, false) => 'p',
        (_, true) => 'G',
        (_, false) => 'g',
    }
}

#[test]
fn a_failure_says_what_to_do_and_no_secret() {
    let cases = [
        (answer(400, "secret-of-hub"), Kind::AwsRefused, "AWS refused the credentials"),
        (answer(403, ""), Kind::AwsRefused, "AWS refused the credentials"),
        (answer(429, ""), Kind::AwsRefused, "AWS is too busy"),
        (answer(500, ""), Kind::AwsRefused, "AWS is too busy"),
        (answer(302, ""), Kind::Unreachable, "what answered is not AWS"),
        (answer(200, "<html>sign in to the wifi</html>"), Kind::Unreachable, "is not AWS"),
        (answer(200, "{}"), Kind::Unreachable, "what answered is not AWS"),
        (answer(200, r#"{"SigninToken":""}"#), Kind::Unreachable, "what answered is not AWS"),
        (answer(200, r#"{"SigninToken":"hal"#), Kind::Unreachable, "what answered is not AWS"),
    ];
    for (reply, kind, words) in cases {
        let again = reply.as_ref().map(Clone::clone).map_err(|_| unreachable!());
        let http = Script::of([reply, again]);
        let error = login_url(&http, &credentials("hub"), &Console::default()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(words), "{error}");
        assert!(!error.hints().is_empty(), "{error}");
        let shown = format!("{error:?}");
        assert!(!shown.contains("secret-of-hub") && !shown.contains("token-of-hub"), "{shown}");
    }
    let http = Script::of([broken(std::io::ErrorKind::ConnectionRefused)]);
    let error = login_url(&http, &credentials("hub"), &Console::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
}

#[test]
fn leaving_another_account_first_uses_one_host_for_everything() {
    let http = Script::of([answer(200, TOKEN)]);
    let console = Console { logout_first: true, region: Some("eu-west-1"), ..Console::default() };
    let url = link(&login_url(&http, &credentials("hub"), &console).unwrap());
    let host = "us-east-1.signin.aws.amazon.com";
    assert_eq!(http.asked.borrow()[0].url.host_str(), Some(host));
    assert_eq!((url.host_str(), url.path()), (Some(host), "/oauth"));
    let pairs = query(&url);
    assert_eq!(value(&pairs, "Action").unwrap(), "logout");
    let inner = Url::parse(&value(&pairs, "redirect_uri").unwrap()).unwrap();
    assert_eq!((inner.host_str(), inner.path()), (Some(host), "/federation"));
    let destination = value(&query(&inner), "Destination").unwrap();
    assert!(destination.starts_with("https://eu-west-1.console.aws.amazon.com/"));
}

#[test]
fn partition_and_override_decide_the_host() {
    let cases = [
        ("aws", None, None, "https://signin.aws.amazon.com/federation"),
        ("aws", Some("cn-north-1"), None, "https://signin.aws.amazon.com/federation"),
        ("aws-us-gov", None, None, "https://signin.amazonaws-us-gov.com/federation"),
        ("aws-cn", Some("cn-north-1"), None, "https://signin.amazonaws.cn/federation"),
        ("aws", None, Some("http://127.0.0.1:9/x/"), "http://127.0.0.1:9/x/federation"),
    ];
    for (partition, region, endpoint, want) in cases {
        let http = Script::of([answer(200, TOKEN)]);
        let mut some = credentials("hub");
        some.assumed_role_arn = format!("arn:{partition}:sts::111111111111:assumed-role/a/b");
        let console = Console { region, endpoint, ..Console::default() };
        let url = link(&login_url(&http, &some, &console).unwrap());
        assert_eq!(http.asked.borrow()[0].url.as_str(), want);
        assert!(url.as_str().starts_with(want), "both steps at one server");
    }
    for console in [
        Console { endpoint: Some("http://signin.example"), ..Console::default() },
        Console { region: Some("nowhere"), ..Console::default() },
        Console { page: Page::Address("https://evil.example"), ..Console::default() },
    ] {
        let http = Script::default();
        assert!(login_url(&http, &credentials("hub"), &console).is_err(), "{console:?}");
        assert_eq!(http.count(), 0, "nothing is sent");
    }
}
