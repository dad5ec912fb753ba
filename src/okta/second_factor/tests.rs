//! Every factor of a classic org, answered, refused, and answered in another way.

use serde_json::{Value, json as value};

use crate::okta::stage::{Stage, html, json, refusal};
use crate::okta::{Cookies, Credentials, FactorId, MfaChoice, SignInError, SignedIn};
use crate::sys::http::Response;
use crate::{Error, Kind};

/// A factor as Okta lists it.
pub(in crate::okta) fn factor(provider: &str, kind: &str) -> Value {
    value!({
        "id": format!("id-{kind}"), "provider": provider, "factorType": kind, "vendorName": provider,
        "profile": { "phoneNumber": "+1 XXX-1234", "email": "j@x", "questionText": "First pet?" },
        "_links": { "verify": { "href": format!("https://acme.okta.com/{kind}") } },
    })
}

/// Okta wants one of `factors`.
pub(in crate::okta) fn required(factors: &[(&str, &str)]) -> Response {
    let factors: Vec<Value> = factors.iter().map(|(p, t)| factor(p, t)).collect();
    let body = value!({ "status": "MFA_REQUIRED", "stateToken": "st", "_embedded": { "factors": factors } });
    json(200, &body)
}

/// A challenge that stands at `result`, on which `number` is to be matched.
fn challenge(result: &str, number: Option<u32>) -> Response {
    let mut body = value!({
        "status": "MFA_CHALLENGE", "stateToken": "st", "factorResult": result,
        "_links": {
            "next": { "name": "poll", "href": "https://acme.okta.com/next" },
            "prev": { "href": "https://acme.okta.com/prev" },
            "resend": [{ "href": "https://acme.okta.com/resend" }],
        },
    });
    if let Some(number) = number {
        body["_embedded"]["factor"]["_embedded"]["challenge"]["correctAnswer"] = number.into();
    }
    json(200, &body)
}

fn waiting() -> Response {
    challenge("WAITING", None)
}

pub(in crate::okta) fn success() -> Response {
    json(200, &value!({ "status": "SUCCESS", "sessionToken": "session" }))
}

pub(in crate::okta) fn cancelled() -> Response {
    html(200, "")
}

pub(in crate::okta) fn run(stage: &Stage, mfa: &MfaChoice) -> Result<SignedIn, SignInError> {
    stage.okta().sign_in(
        &mut Credentials::new("jo", &"pw".to_owned().into()),
        mfa,
        &mut Cookies::default(),
    )
}

#[track_caller]
pub(in crate::okta) fn passes(stage: &Stage) -> FactorId {
    run(stage, &MfaChoice::default()).unwrap().factor.unwrap()
}

#[track_caller]
pub(in crate::okta) fn fails(stage: &Stage) -> Error {
    run(stage, &MfaChoice::default()).unwrap_err().into_error()
}

/// What happened after the password was sent.
#[track_caller]
pub(in crate::okta) fn after_password(stage: &Stage) -> Vec<String> {
    stage.log().split_off(1)
}

#[test]
fn a_push_is_looked_at_within_half_a_second_and_then_every_two() {
    let numbers = [
        challenge("WAITING", Some(92)),
        challenge("WAITING", Some(92)),
        challenge("WAITING", Some(7)),
    ];
    let mut answers = vec![required(&[("OKTA", "push")]), waiting()];
    answers.extend(numbers);
    answers.push(success());
    let stage = Stage::new(answers);
    let id = passes(&stage);
    assert_eq!(
        (id.provider.as_str(), id.factor_type.as_str(), id.id.as_str()),
        ("OKTA", "push", "id-push")
    );
    let look = r#"POST /next {"stateToken":"st"}"#;
    let want = [
        r#"POST /push {"stateToken":"st"}"#,
        "… Okta: push sent to your phone.",
        "sleep 500ms",
        look,
        "… Okta: push sent to your phone. Answer 92 there.",
        "sleep 2s",
        look,
        "sleep 2s",
        look,
        "… Okta: push sent to your phone. Answer 7 there.",
        "sleep 2s",
        look,
    ];
    assert_eq!(after_password(&stage), want);
}

#[test]
fn a_final_answer_is_final() {
    for (result, want) in [
        ("REJECTED", "rejected on the phone"),
        ("TIMEOUT", "not answered in time"),
        ("CANCELLED", "was cancelled"),
        ("ERROR", "could not ask"),
        ("PASSCODE_REPLAYED", "used before"),
        ("TIME_WINDOW_EXCEEDED", "another moment"),
        ("NEWLY_INVENTED", "did not accept"),
    ] {
        let answers =
            vec![required(&[("OKTA", "push")]), waiting(), challenge(result, None), cancelled()];
        let stage = Stage::new(answers);
        let error = fails(&stage);
        assert!(error.message().contains(want), "{result}: {error}");
        assert_eq!(error.kind(), Kind::OktaRefused);
        assert_eq!(stage.log_without(&["…"]).len(), 5, "nothing is waited for after {result}");
    }
}

#[test]
fn a_push_that_nobody_answers_is_given_up_after_five_minutes() {
    let mut answers = vec![required(&[("OKTA", "push")])];
    answers.extend((0..152).map(|_| waiting()));
    answers.push(cancelled());
    let stage = Stage::new(answers);
    let error = fails(&stage);
    assert!(error.message().contains("not answered in time"), "{error}");
    let log = stage.log();
    assert_eq!(log.iter().filter(|line| *line == "sleep 2s").count(), 150);
    assert_eq!(log.last().unwrap(), r#"POST /api/v1/authn/cancel {"stateToken":"st"}"#);
}

#[test]
fn a_failed_push_is_tried_again_by_a_person_s_leave() {
    // The same push by its own link, where Okta gives one.
    let answers = vec![required(&[("OKTA", "push")]), challenge("TIMEOUT", None), success()];
    let stage = Stage::new(answers).with_person(&["a"]);
    passes(&stage);
    let log = stage.log_without(&["…"]);
    assert_eq!(log[2], "? Okta: the push was not answered in time. Try it (a)gain, or (s)top?");
    assert_eq!(log[3], r#"POST /resend {"stateToken":"st"}"#);

    // Another factor, by way of the choice.
    let both = || required(&[("OKTA", "push"), ("GOOGLE", "token:software:totp")]);
    let answers = vec![both(), challenge("REJECTED", None), both(), success()];
    let stage = Stage::new(answers).with_person(&["push", "o", "Google", "123 456"]);
    assert_eq!(passes(&stage).provider, "GOOGLE");
    let want = [
        "? Second factor: Okta Verify (push) | Google Authenticator (code, totp)",
        r#"POST /push {"stateToken":"st"}"#,
        "? Okta: the push was rejected on the phone. Try it (a)gain, take an(o)ther factor, or (s)top?",
        r#"POST /prev {"stateToken":"st"}"#,
        "? Second factor: Okta Verify (push) | Google Authenticator (code, totp)",
        "? Code from Google Authenticator:",
        r#"POST /token:software:totp {"passCode":"123456","stateToken":"st"}"#,
    ];
    assert_eq!(stage.log_without(&["…"]).split_off(1), want);

    // The same one anew, and then enough.
    let one = || required(&[("OKTA", "push")]);
    let no = || challenge("REJECTED", None);
    let stage = Stage::new(vec![one(), no(), one(), no(), cancelled()]).with_person(&["a", "s"]);
    assert!(fails(&stage).message().contains("rejected"));
    stage.log();
}

#[test]
fn a_dropped_look_does_not_cost_the_push() {
    let stage = Stage::new(vec![required(&[("OKTA", "push")]), waiting(), success()]).dropping(2);
    passes(&stage);
    let answers = vec![required(&[("OKTA", "push")]), waiting(), html(502, ""), success()];
    assert_eq!(fails_or_passes(answers), Some(Kind::Failed), "a page is not a lost connection");
    let answers =
        vec![required(&[("OKTA", "push")]), waiting(), refusal(500, "E0000009"), success()];
    assert_eq!(fails_or_passes(answers), None);
    let gone = Stage::new(vec![required(&[("OKTA", "push")]), waiting()]);
    let gone = gone.dropping(2).dropping(2).dropping(2);
    assert_eq!(fails(&gone).kind(), Kind::Unreachable);
}

fn fails_or_passes(answers: Vec<Response>) -> Option<Kind> {
    let stage = Stage::new(answers);
    run(&stage, &MfaChoice::default()).err().map(|error| error.into_error().kind())
}

#[test]
fn codes_are_asked_for_by_what_shows_them() {
    let yubikey = "ccccccbchvthlivuitriujjifivbvtrjkjfirllluurj";
    for (provider, kind, question, code) in [
        ("OKTA", "token:software:totp", "Code from Okta Verify:", "123 456"),
        ("GOOGLE", "token:software:totp", "Code from Google Authenticator:", "123 456"),
        ("CUSTOM", "token:hotp", "Code from CUSTOM:", "12 34"),
        ("YUBICO", "token:hardware", "Touch your YubiKey:", yubikey),
        ("RSA", "token", "Code from RSA SecurID:", "pin1 234"),
        ("SYMANTEC", "token", "Code from Symantec VIP:", "12 34"),
    ] {
        // What can be no code is not sent, however often it is typed.
        let nonsense = ["wrong", "1", "", "r", "123.456"].map(|line| match line {
            "" => "x".repeat(100),
            line => line.to_owned(),
        });
        let mut lines: Vec<&str> = nonsense.iter().map(String::as_str).collect();
        if kind == "token" {
            lines.retain(|line| *line != "wrong");
        }
        let asked = lines.len() + 1;
        lines.push(code);
        let stage = Stage::new(vec![required(&[(provider, kind)]), success()]).with_person(&lines);
        passes(&stage);
        let code: String = code.split(' ').collect();
        let post = format!(r#"POST /{kind} {{"passCode":"{code}","stateToken":"st"}}"#);
        let mut log = after_password(&stage);
        assert_eq!(log.pop().unwrap(), post);
        let question = format!("? {question}");
        assert_eq!(log.iter().filter(|line| **line == question).count(), asked, "{log:?}");
        assert!(
            log.iter().all(|line| *line == question || line.starts_with("! That was not sent"))
        );
    }
}

#[test]
fn a_wrong_code_is_asked_again_without_a_new_password() {
    for code in ["E0000068", "E0000082", "E0000083"] {
        let answers =
            vec![required(&[("OKTA", "token:software:totp")]), refusal(403, code), success()];
        let stage = Stage::new(answers).with_person(&["111111", "222222"]);
        passes(&stage);
        let log = after_password(&stage);
        assert!(log[2].starts_with("! "), "{log:?}");
        assert_eq!(log[4], r#"POST /token:software:totp {"passCode":"222222","stateToken":"st"}"#);
    }
    let replayed = challenge("PASSCODE_REPLAYED", None);
    let answers = vec![required(&[("OKTA", "token:software:totp")]), replayed, success()];
    passes(&Stage::new(answers).with_person(&["111111", "222222"]));
}

/// A program that prints these codes, each time the next one, and the last for ever.
fn printing(folder: &std::path::Path, codes: &str) -> MfaChoice {
    let text = "n=$(cat \"$1\" 2>/dev/null || echo 1); echo $((n+1)) >\"$1\"; [ $n -lt $# ] || n=$(($#-1)); shift $n; echo \"$1\"";
    let count = folder.join("count");
    let command = format!("sh -c '{text}' code {} {codes}", count.display());
    let code = crate::okta::GivenCode::program(&command, "a test");
    MfaChoice { code: Some(std::rc::Rc::new(code)), ..MfaChoice::default() }
}

#[test]
fn a_program_is_asked_once_more_where_its_code_was_of_another_moment() {
    for (code, again) in [("E0000082", true), ("E0000083", true), ("E0000068", false)] {
        let folder = tempfile::tempdir().unwrap();
        let mfa = printing(folder.path(), "111111 222222 333333");
        let refused = || refusal(403, code);
        let mut answers = vec![required(&[("OKTA", "token:software:totp")]), refused()];
        answers.extend(again.then(refused));
        answers.push(cancelled());
        let stage = Stage::new(answers);
        run(&stage, &mfa).unwrap_err();
        let log = stage.log();
        let sent = |code: &str| log.iter().any(|line| line.contains(&format!("\"{code}\"")));
        assert_eq!(
            (sent("111111"), sent("222222"), sent("333333")),
            (true, again, false),
            "{log:?}"
        );
    }
}

#[test]
fn a_program_that_prints_no_other_code_leaves_what_okta_said() {
    let folder = tempfile::tempdir().unwrap();
    let mfa = printing(folder.path(), "111111");
    let totp = required(&[("OKTA", "token:software:totp")]);
    let stage = Stage::new(vec![totp, refusal(403, "E0000083"), cancelled()]);
    let Err(SignInError::Other(error)) = run(&stage, &mfa) else { panic!("it is refused") };
    assert_eq!(error.message(), "that code is from another moment (acme.okta.com)");
    assert_eq!(error.kind(), Kind::OktaRefused);
    stage.log();
}

#[test]
fn five_wrong_codes_are_enough() {
    let mut answers = vec![required(&[("OKTA", "token:software:totp")])];
    answers.extend((0..5).map(|_| refusal(403, "E0000068")));
    answers.push(cancelled());
    let stage =
        Stage::new(answers).with_person(&["111111", "222222", "333333", "444444", "555555"]);
    let error = fails(&stage);
    assert_eq!(error.message(), "5 wrong codes from Okta Verify (code)");
    assert_eq!(stage.log().last().unwrap(), r#"POST /api/v1/authn/cancel {"stateToken":"st"}"#);

    let locked =
        vec![required(&[("OKTA", "token:software:totp")]), refusal(403, "E0000069"), cancelled()];
    let stage = Stage::new(locked).with_person(&["111111"]);
    assert!(fails(&stage).message().contains("locked"), "a lock is not asked again");
}

#[test]
fn a_token_out_of_step_shows_its_next_code_too() {
    let says = json(
        403,
        &value!({ "errorCode": "E0000068", "errorSummary": "Enter the next token code" }),
    );
    for answer in [waiting(), challenge("CHALLENGE", None), says] {
        let stage = Stage::new(vec![required(&[("RSA", "token")]), answer, success()]);
        let stage = stage.with_person(&["111111", "222222"]);
        passes(&stage);
        let log = after_password(&stage);
        assert_eq!(log[3], "? The token's next code:");
        assert_eq!(
            log[4],
            r#"POST /token {"nextPassCode":"222222","passCode":"111111","stateToken":"st"}"#
        );
    }
}

#[test]
fn a_sent_code_can_be_sent_again() {
    for (kind, name) in [
        ("sms", "a text message to +1 XXX-1234"),
        ("call", "a phone call to +1 XXX-1234"),
        ("email", "an email to j@x"),
    ] {
        let answers = vec![
            required(&[("OKTA", kind)]),
            waiting(),
            refusal(429, "E0000109"),
            waiting(),
            refusal(403, "E0000068"),
            success(),
        ];
        let stage = Stage::new(answers).with_person(&["r", "R", "111111", "222222"]);
        passes(&stage);
        let question = format!("? Code from {name} (r sends it again):");
        let resend = r#"POST /resend {"stateToken":"st"}"#;
        let want = [
            &format!(r#"POST /{kind} {{"stateToken":"st"}}"#),
            &question,
            resend,
            "! Okta sent a text message less than 30 seconds ago (acme.okta.com).",
            &question,
            resend,
            "! Okta: sent again.",
            &question,
            r#"POST /next {"passCode":"111111","stateToken":"st"}"#,
            "! Okta did not accept the code or answer (acme.okta.com).",
            &question,
            r#"POST /next {"passCode":"222222","stateToken":"st"}"#,
        ];
        assert_eq!(after_password(&stage), want);
    }
}

#[test]
fn a_code_that_was_sent_a_moment_ago_is_still_asked_for() {
    let answers = vec![required(&[("OKTA", "sms")]), refusal(429, "E0000109"), success()];
    let stage = Stage::new(answers).with_person(&["111111"]);
    passes(&stage);
    assert_eq!(after_password(&stage)[3], r#"POST /sms {"passCode":"111111","stateToken":"st"}"#);
}

#[test]
fn a_question_is_answered_unseen() {
    let answers = vec![required(&[("OKTA", "question")]), refusal(403, "E0000068"), success()];
    let stage = Stage::new(answers).with_person(&["Rex", "Max"]);
    passes(&stage);
    let log = after_password(&stage);
    assert_eq!(log[0], "? First pet? (unseen)");
    assert_eq!(log[4], r#"POST /question {"answer":"Max","stateToken":"st"}"#);
}
