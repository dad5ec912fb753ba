//! The door to the console: credentials become a link that signs a browser in.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::aws::credentials::Credentials;
use crate::aws::destination::Page;
use crate::aws::endpoint::checked;
use crate::aws::partition::Partition;
use crate::aws::problem::unanswered;
use crate::error::{Error, Kind, Result};
use crate::sys::http::{Http, Request, Response};
use crate::sys::secret::{ExposeSecret as _, Secret};

/// What the console is to be opened with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Console<'a> {
    /// The region; one of another partition than the credentials' is left aside.
    pub region: Option<&'a str>,
    /// The page to go to.
    pub page: Page<'a>,
    /// The address that AWS sends a person to once the session has ended: the Okta app's.
    pub issuer: Option<&'a str>,
    /// How long the console's session is to last. By itself it lasts as long as the credentials;
    /// AWS refuses this for credentials of a role that another role assumed.
    pub duration: Option<Duration>,
    /// Whether to leave the console of another account first.
    pub logout_first: bool,
    /// `AWS_ENDPOINT_URL_SIGNIN`: the sign-in server, where it is another than AWS's.
    pub endpoint: Option<&'a str>,
}

/// A link into the console.
#[derive(Clone, Debug)]
pub struct Login {
    /// The link. It works for 15 minutes, once, and for whoever has it: a secret.
    pub url: Secret,
    /// Whether AWS would not have the duration that was asked for.
    pub duration_refused: bool,
}

/// An answer has some two thousand bytes.
const LIMIT: u64 = 64 << 10;

/// A link that opens the console as the role of `credentials`.
///
/// The credentials go in the body of a `POST`, and in a URL only where the server takes no `POST`:
/// a URL is more easily kept by what it passes through. (The IAM user guide, "Enable custom
/// identity broker access to the AWS console", has the fields.)
///
/// # Errors
/// [`Kind::AwsRefused`] when AWS does not take the credentials, [`Kind::Unreachable`] when there
/// is no answer of AWS, [`Kind::Failed`] when region or page are wrong.
pub fn login_url(
    http: &dyn Http,
    credentials: &Credentials,
    console: &Console<'_>,
) -> Result<Login> {
    let (partition, region, destination) = place(&credentials.assumed_role_arn, console)?;
    let server = server(partition, region, console)?;

    let (token, duration_refused) =
        token(http, &below(&server, "federation"), credentials, console)?;
    let mut url = below(&server, "federation");
    url.query_pairs_mut().append_pair("Action", "login");
    if let Some(issuer) = console.issuer {
        url.query_pairs_mut().append_pair("Issuer", issuer);
    }
    url.query_pairs_mut()
        .append_pair("Destination", destination.as_str())
        .append_pair("SigninToken", token.expose_secret());
    if console.logout_first {
        let mut logout = below(&server, "oauth");
        logout
            .query_pairs_mut()
            .append_pair("Action", "logout")
            .append_pair("redirect_uri", url.as_str());
        url = logout;
    }
    Ok(Login { url: String::from(url).into(), duration_refused })
}

/// Whether there is such a page for a role: it can be told before anybody signs in.
///
/// # Errors
/// [`Kind::Failed`] when region or page are wrong.
pub fn check(role_arn: &str, console: &Console<'_>) -> Result<()> {
    place(role_arn, console).map(|_| ())
}

/// The partition of a role, the region in it, and the page there.
fn place<'a>(arn: &str, console: &Console<'a>) -> Result<(&'static Partition, &'a str, Url)> {
    let partition = Partition::of_arn(arn)?;
    let region = partition.region_or_default(console.region)?;
    Ok((partition, region, console.page.url(partition, region)?))
}

/// The sign-in server. A token is good at the server that gave it only.
fn server(partition: &'static Partition, region: &str, console: &Console<'_>) -> Result<Url> {
    if let Some(endpoint) = console.endpoint {
        return checked(endpoint, "AWS_ENDPOINT_URL_SIGNIN");
    }
    let host = if console.logout_first {
        partition.regional_signin_host(partition.default_region)
    } else {
        partition.signin_host(region)
    };
    checked(&format!("https://{host}/"), "the region")
}

fn below(server: &Url, name: &str) -> Url {
    let mut url = server.clone();
    url.set_path(&format!("{}/{name}", server.path().trim_end_matches('/')));
    url
}

/// The token that stands for the credentials in a link, and whether the duration was refused.
///
/// A refused duration and bad credentials both show as status 400, and a `POST` that is not taken
/// may show as anything: each is left out in turn before the credentials are to blame.
fn token(
    http: &dyn Http,
    url: &Url,
    credentials: &Credentials,
    console: &Console<'_>,
) -> Result<(Secret, bool)> {
    let asked = console.duration.map(|duration| duration.as_secs().to_string());
    let mut failure = None;
    for make in [post, get] {
        for duration in asked.as_deref().map(Some).into_iter().chain([None]) {
            let response = http
                .send(&make(url, &fields(credentials, duration)))
                .map_err(|error| unanswered("sign in to the AWS console", error))?;
            match read(&response, url) {
                Ok(token) => return Ok((token, asked.is_some() && duration.is_none())),
                Err(error) if is_busy(response.status) => return Err(error),
                Err(error) => failure = Some(error),
            }
            match response.status {
                400 => {}
                405 => break,
                // It is not about the way it was asked: the keys go into no URL for that.
                _ => return Err(failure.unwrap_or_else(|| no_answer(url))),
            }
        }
    }
    Err(failure.unwrap_or_else(|| no_answer(url)))
}

fn no_answer(url: &Url) -> Error {
    Error::failed(doing(url, "there was no answer"))
}

type Fields<'a> = Vec<(&'a str, String)>;

fn fields<'a>(credentials: &Credentials, duration: Option<&str>) -> Fields<'a> {
    let session = json!({
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key.expose_secret(),
        "sessionToken": credentials.session_token.expose_secret(),
    });
    let mut fields =
        vec![("Action", "getSigninToken".to_owned()), ("Session", session.to_string())];
    fields.extend(duration.map(|duration| ("SessionDuration", duration.to_owned())));
    fields
}

fn post(url: &Url, fields: &Fields<'_>) -> Request {
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    Request { limit: LIMIT, ..Request::form(url.clone(), fields) }
        .header("Accept", "application/json")
}

fn get(url: &Url, fields: &Fields<'_>) -> Request {
    let mut url = url.clone();
    url.query_pairs_mut().extend_pairs(fields);
    Request { limit: LIMIT, ..Request::get(url).header("Accept", "application/json") }
}

#[derive(Deserialize)]
struct Token {
    #[serde(rename = "SigninToken")]
    signin_token: String,
}

fn read(response: &Response, url: &Url) -> Result<Secret> {
    if response.status != 200 {
        return Err(refused(response.status, url));
    }
    let odd = |cause: Error| {
        Error::new(Kind::Unreachable, doing(url, "what answered is not AWS"))
            .because(cause)
            .hint("a proxy or a network's own sign-in page may be in between")
    };
    let token = response.json::<Token>().map_err(odd)?.signin_token;
    if token.is_empty() {
        return Err(odd(Error::failed("the sign-in token is empty")));
    }
    Ok(token.into())
}

fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 500..=599)
}

fn refused(status: u16, url: &Url) -> Error {
    let error = match status {
        400 | 401 | 403 => Error::new(Kind::AwsRefused, doing(url, "AWS refused the credentials"))
            .hint("'robo aws.logout', then run it again"),
        _ if is_busy(status) => Error::new(Kind::AwsRefused, doing(url, "AWS is too busy"))
            .hint("try again in a minute"),
        _ => Error::new(Kind::Unreachable, doing(url, "what answered is not AWS"))
            .hint("a proxy or a network's own sign-in page may be in between"),
    };
    error.because(format!("the answer has status {status}"))
}

fn doing(url: &Url, why: &str) -> String {
    format!("cannot sign in to the AWS console at {}: {why}", url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
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
            let answers = statuses
                .iter()
                .map(|&status| answer(status, if status == 200 { TOKEN } else { "" }));
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
        let console =
            Console { logout_first: true, region: Some("eu-west-1"), ..Console::default() };
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
}
