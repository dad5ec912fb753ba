//! What STS may answer, and what comes of it.

use std::io::ErrorKind;

use super::*;
use crate::aws::external_id::ExternalId;
use crate::aws::problem::Problem;
use crate::aws::session_name::SessionName;
use crate::aws::testing::{Jumping, Script, answer, answer_at, broken, credentials, now};

const HUB: &str = "arn:aws:iam::111111111111:role/hub";
const SPOKE: &str = "arn:aws:iam::222222222222:role/spoke";
const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/okta";
const ASSERTION: &str = "PHNhbWxwOlJlc3BvbnNlPg+/==";

/// A good answer to `action`, whose credentials last an hour.
fn given(action: &str) -> String {
    let until = now() + SignedDuration::from_hours(1);
    format!(
        "<?xml version=\"1.0\"?>\n<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">
           <{action}Result>
             <AssumedRoleUser>
               <Arn>arn:aws:sts::111111111111:assumed-role/hub/jo@acme.com</Arn>
               <AssumedRoleId>AROA:jo@acme.com</AssumedRoleId>
             </AssumedRoleUser>
             <Credentials>
               <AccessKeyId>ASIANEW</AccessKeyId>
               <SecretAccessKey>new-secret</SecretAccessKey>
               <SessionToken>new/token+==</SessionToken>
               <Expiration>{until}</Expiration>
             </Credentials>
           </{action}Result>
         </{action}Response>"
    )
}

fn refusal(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>x</RequestId></ErrorResponse>"
    )
}

fn endpoint() -> Endpoint {
    Endpoint {
        url: "https://sts.eu-west-1.amazonaws.com/".parse().unwrap(),
        region: "eu-west-1".to_owned(),
    }
}

fn with_saml(http: &Script, clock: &Jumping) -> Result<Credentials, StsError> {
    Sts::new(http, clock, endpoint()).assume_role_with_saml(&AssumeRoleWithSaml {
        role_arn: HUB,
        provider_arn: PROVIDER,
        assertion: &Secret::from(ASSERTION),
        duration: Duration::from_secs(43_200),
    })
}

fn chained(sts: &Sts<'_>) -> Result<Credentials, StsError> {
    sts.assume_role(
        &credentials("hub"),
        &AssumeRole {
            role_arn: SPOKE,
            session_name: &SessionName::of_login("jo@acme.com"),
            duration: Duration::from_secs(3600),
            external_id: Some(&ExternalId::parse("acme:42").unwrap()),
            source_identity: Some(&SessionName::of_login("jo")),
        },
    )
}

/// The refusal of a chained request whose answers are these.
fn refused(answers: impl IntoIterator<Item = Result<Response>>) -> StsError {
    let (http, clock) = (Script::of(answers), Jumping::default());
    chained(&Sts::new(&http, &clock, endpoint())).unwrap_err()
}

#[test]
fn an_assertion_becomes_credentials_without_a_signature() {
    let (http, clock) =
        (Script::of([answer(200, &given("AssumeRoleWithSAML"))]), Jumping::default());
    let got = with_saml(&http, &clock).unwrap();
    assert_eq!(got.access_key_id, "ASIANEW");
    assert_eq!(got.secret_access_key.expose_secret(), "new-secret");
    assert_eq!(got.session_token.expose_secret(), "new/token+==");
    assert_eq!((got.obtained, got.expiration), (now(), now() + SignedDuration::from_hours(1)));
    assert_eq!(got.assumed_role().unwrap().session, "jo@acme.com");

    let want = [
        ("Action", "AssumeRoleWithSAML"),
        ("Version", "2011-06-15"),
        ("RoleArn", HUB),
        ("PrincipalArn", PROVIDER),
        ("SAMLAssertion", ASSERTION),
        ("DurationSeconds", "43200"),
    ];
    assert_eq!(http.form(0), want.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(http.header(0, "authorization"), None);
}

#[test]
fn a_chained_request_is_signed_and_complete() {
    let (http, clock) = (Script::of([answer(200, &given("AssumeRole"))]), Jumping::default());
    let sts = Sts::new(&http, &clock, endpoint());
    chained(&sts).unwrap();
    let want = [
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", SPOKE),
        ("RoleSessionName", "jo@acme.com"),
        ("DurationSeconds", "3600"),
        ("ExternalId", "acme:42"),
        ("SourceIdentity", "jo"),
    ];
    assert_eq!(http.form(0), want.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let authorization = http.header(0, "authorization").unwrap();
    assert!(authorization.contains("/eu-west-1/sts/aws4_request"), "{authorization}");
    assert_eq!(sts.clock_note(), None);
}

#[test]
fn a_caller_learns_who_it_is() {
    let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::1:x</Arn>\
                <UserId>AROA:jo</UserId><Account>111111111111</Account></GetCallerIdentityResult>\
                </GetCallerIdentityResponse>";
    let (http, clock) = (Script::of([answer(200, body)]), Jumping::default());
    let sts = Sts::new(&http, &clock, endpoint());
    let identity = sts.get_caller_identity(&credentials("hub")).unwrap();
    assert_eq!((identity.account.as_str(), identity.user_id.as_str()), ("111111111111", "AROA:jo"));
}

#[test]
fn each_refusal_has_its_problem_and_a_next_step() {
    let long = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    let chain = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
                 by role chaining.";
    let cases = [
        (400, "ValidationError", long, Problem::TooLong, Problem::TooLong),
        (400, "ValidationError", chain, Problem::TooLong, Problem::TooLong),
        (400, "ValidationError", "1 validation error detected", Problem::Other, Problem::Other),
        (403, "AccessDenied", "is not authorized", Problem::Denied, Problem::Denied),
        (
            400,
            "ExpiredTokenException",
            "too old",
            Problem::ExpiredAssertion,
            Problem::ExpiredCredentials,
        ),
        (403, "ExpiredToken", "is expired", Problem::ExpiredAssertion, Problem::ExpiredCredentials),
        (403, "InvalidClientTokenId", "", Problem::UnknownCredentials, Problem::UnknownCredentials),
        (400, "InvalidIdentityToken", "bad", Problem::InvalidAssertion, Problem::InvalidAssertion),
        (403, "IDPRejectedClaim", "no", Problem::RejectedClaim, Problem::RejectedClaim),
        (400, "PackedPolicyTooLarge", "", Problem::PolicyTooLarge, Problem::PolicyTooLarge),
        (403, "RegionDisabledException", "", Problem::RegionDisabled, Problem::RegionDisabled),
        (403, "SignatureDoesNotMatch", "odd", Problem::Other, Problem::Other),
        (400, "MalformedPolicyDocument", "", Problem::Other, Problem::Other),
        (418, "SomethingNew", "", Problem::Other, Problem::Other),
    ];
    for (status, code, message, with_assertion, with_credentials) in cases {
        let reply = || [answer(status, &refusal(code, message))];
        let (http, clock) = (Script::of(reply()), Jumping::default());
        let saml = with_saml(&http, &clock).unwrap_err();
        let chain = refused(reply());
        assert_eq!((saml.problem, chain.problem), (with_assertion, with_credentials), "{code}");
        for error in [saml, chain] {
            assert_eq!((error.code.as_str(), error.message.as_str()), (code, message));
            let error = Error::from(error);
            assert_eq!(error.kind(), Kind::AwsRefused);
            assert!(error.message().starts_with("cannot assume arn:aws:iam::"), "{error}");
            assert!(!error.hints().is_empty(), "{code}");
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.starts_with(code), "{cause}");
        }
    }
}

#[test]
fn a_busy_server_is_asked_again_for_a_while() {
    let busy = [
        (400, refusal("Throttling", "Rate exceeded")),
        (400, refusal("ThrottlingException", "Rate exceeded")),
        (503, refusal("RequestLimitExceeded", "")),
        (429, String::new()),
        (503, "<html>busy</html>".to_owned()),
        (500, refusal("InternalFailure", "")),
    ];
    for (status, body) in &busy {
        let answers =
            [answer(*status, body), answer(*status, body), answer(200, &given("AssumeRole"))];
        let (http, clock) = (Script::of(answers), Jumping::default());
        chained(&Sts::new(&http, &clock, endpoint())).unwrap();
        assert_eq!(clock.slept.borrow().len(), 2, "{status} {body}");

        let (http, clock) = (Script::of((0..5).map(|_| answer(*status, body))), Jumping::default());
        let error = with_saml(&http, &clock).unwrap_err();
        assert_eq!((error.problem, http.count()), (Problem::Throttled, 5), "{status} {body}");
        assert!(clock.slept.borrow().iter().sum::<Duration>() <= Duration::from_secs(20));
        let error = Error::from(error);
        assert!(error.message().ends_with("AWS is too busy, 5 times in a row"), "{error}");
        assert_eq!(error.kind(), Kind::AwsRefused);
    }
}

#[test]
fn a_wait_that_the_server_asks_for_is_kept_or_given_up() {
    for (seconds, tries) in [("9", 3), ("60", 1), ("soon", 5)] {
        let reply = || {
            answer(429, "").map(|mut response| {
                response.headers.push(("retry-after".to_owned(), seconds.to_owned()));
                response
            })
        };
        let (http, clock) = (Script::of((0..5).map(|_| reply())), Jumping::default());
        assert_eq!(with_saml(&http, &clock).unwrap_err().problem, Problem::Throttled);
        assert_eq!(http.count(), tries, "{seconds}");
    }
}

#[test]
fn whoever_waits_can_stop_it() {
    for (waits, requests) in [(0, 0), (1, 1)] {
        let http = Script::of((0..5).map(|_| answer(429, "")));
        let clock = Jumping::default();
        clock.patience.set(waits);
        let error = with_saml(&http, &clock).unwrap_err();
        assert_eq!(
            (error.problem, Error::from(error).kind()),
            (Problem::Interrupted, Kind::Interrupted)
        );
        assert_eq!(http.count(), requests, "{waits}");
    }
}

#[test]
fn a_connection_that_breaks_is_tried_once_more() {
    let good = || answer(200, &given("AssumeRole"));
    let cases = [
        (vec![broken(ErrorKind::ConnectionReset), good()], 2, true),
        (vec![broken(ErrorKind::UnexpectedEof), good()], 2, true),
        (vec![broken(ErrorKind::BrokenPipe), broken(ErrorKind::BrokenPipe)], 2, false),
        (vec![broken(ErrorKind::ConnectionRefused)], 1, false),
        (vec![broken(ErrorKind::TimedOut)], 1, false),
        (vec![Err(Error::new(Kind::Unreachable, "certificate not trusted"))], 1, false),
    ];
    for (answers, requests, works) in cases {
        let (http, clock) = (Script::of(answers), Jumping::default());
        let outcome = chained(&Sts::new(&http, &clock, endpoint()));
        assert_eq!((http.count(), outcome.is_ok()), (requests, works));
        if let Err(error) = outcome {
            assert_eq!(error.problem, Problem::Unreachable);
            let error = Error::from(error);
            assert_eq!(error.kind(), Kind::Unreachable);
            assert_eq!(error.message(), format!("cannot assume {SPOKE}"));
        }
    }
}

#[test]
fn a_wrong_clock_is_made_up_for() {
    let codes = [
        "RequestExpired",
        "SignatureDoesNotMatch",
        "RequestTimeTooSkewed",
        "InvalidSignatureException",
    ];
    for (code, minutes) in codes.into_iter().zip([7, -7, 125, -125]) {
        let server = now() + SignedDuration::from_mins(minutes);
        let answers = [
            answer_at(server, 403, &refusal(code, "Signature expired")),
            answer_at(server, 200, &given("AssumeRole")),
        ];
        let (http, clock) = (Script::of(answers), Jumping::default());
        let sts = Sts::new(&http, &clock, endpoint());
        let got = chained(&sts).unwrap();
        let signed_at = http.header(1, "x-amz-date").unwrap();
        assert_eq!(signed_at, server.strftime("%Y%m%dT%H%M%SZ").to_string());
        // By this machine's clock, which everything on it goes by.
        let ends = now() + SignedDuration::from_mins(60 - minutes);
        assert_eq!(got.expiration, ends);
        let note = sts.clock_note().unwrap();
        assert!(note.starts_with("this machine's clock is "), "{note}");
        assert_eq!(note.contains("behind"), minutes > 0, "{note}");
    }
}

#[test]
fn a_clock_that_stays_wrong_is_told_by_how_much() {
    let server = now() + SignedDuration::from_mins(125);
    let reply = || answer_at(server, 403, &refusal("SignatureDoesNotMatch", "Signature expired"));
    let error = refused([reply(), reply()]);
    assert_eq!(error.problem, Problem::Clock);
    let text = Error::from(error).message().to_owned();
    assert!(text.ends_with("this machine's clock is 2 h 5 min behind AWS's"), "{text}");

    // A clock within what AWS takes is not to blame, and nor is one whose difference is unknown.
    let near = now() + SignedDuration::from_mins(3);
    let bad = refusal("SignatureDoesNotMatch", "odd");
    assert_eq!(refused([answer_at(near, 403, &bad)]).problem, Problem::Other);
    assert_eq!(refused([answer(403, &bad)]).problem, Problem::Other);
}

#[test]
fn what_is_no_answer_of_sts_is_told_so() {
    let good = given("AssumeRole");
    let without = |tag: &str| {
        let (start, end) = (format!("<{tag}>"), format!("</{tag}>"));
        let (before, rest) = good.split_once(&start).unwrap();
        format!("{before}{}", rest.split_once(&end).unwrap().1)
    };
    let dtd = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>";
    let cases = [
        (String::new(), "is not XML"),
        ("<html><p>Sign in to the wifi</html>".to_owned(), "is not XML"),
        (good[..good.len() / 2].to_owned(), "is not XML"),
        (dtd.to_owned(), "is not XML"),
        ("<a/>".repeat(2_000), "is not XML"),
        (format!("<x>{}</x>", "<a/>".repeat(2_000)), "is not XML"),
        ("\u{0}\u{1}\u{fffd}".to_owned(), "is not XML"),
        (given("AssumeRoleWithSAML"), "has no Expiration"),
        (without("AccessKeyId"), "has no AccessKeyId"),
        (without("SecretAccessKey"), "has no SecretAccessKey"),
        (without("SessionToken"), "has no SessionToken"),
        (without("Expiration"), "has no Expiration"),
        (without("AssumedRoleUser"), "has no Arn"),
        (good.replace("ASIANEW", ""), "has an odd AccessKeyId"),
        (good.replace("new/token", "new\ntoken"), "has an odd SessionToken"),
        (good.replace("<Expiration>", "<Expiration>x"), "has an Expiration that is no time"),
    ];
    for (body, want) in cases {
        let error = refused([answer(200, &body)]);
        assert_eq!(error.problem, Problem::Garbled, "{body}");
        let error = Error::from(error);
        assert_eq!(error.kind(), Kind::Unreachable);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(want), "{cause} for {body}");
        assert!(!format!("{error:?}").contains("new-secret"));
    }
    for (status, body) in [(302, ""), (404, "<html>no</html>"), (403, "<Error/>"), (204, "")] {
        let error = refused([answer(status, body)]);
        assert_eq!(error.problem, Problem::Garbled, "{status}");
        assert_eq!(Error::from(error).kind(), Kind::Unreachable);
    }
    let too_large = Err(Error::failed("the answer is larger than 256 kB"));
    assert_eq!(refused([too_large]).problem, Problem::Garbled);
}

#[test]
fn no_error_repeats_a_secret() {
    let token = "x".repeat(300);
    let echo = format!(
        "The Canonical String should have been\nx-amz-security-token:token-of-hub\n{token} end {ASSERTION} \
         PHNhbWxwOlJlc3BvbnNlPg%2B%2F%3D%3D {}",
        "long words ".repeat(200)
    );
    let reply = || answer(400, &refusal("ValidationError", &echo));
    let (http, clock) = (Script::of([reply()]), Jumping::default());
    let saml = with_saml(&http, &clock).unwrap_err();
    let chain = refused([reply()]);
    assert!(!chain.message.contains("token-of-hub"), "{}", chain.message);
    assert!(!saml.message.contains(ASSERTION) && !saml.message.contains("%2B"), "{}", saml.message);
    for error in [saml, chain] {
        assert!(error.message.chars().count() <= 401, "{}", error.message);
        let shown = format!("{error:?}");
        assert!(!shown.contains(&token) && shown.contains(" end "), "{shown}");
    }
}
