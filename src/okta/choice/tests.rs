//! Which factor is answered: the one asked for, used last, picked, or the only one that will do.

use crate::okta::second_factor::tests::{
    after_password, cancelled, fails, passes, required, run, success,
};
use crate::okta::stage::{Stage, refusal};
use crate::okta::{FactorId, MfaChoice};
use crate::{Error, Kind};

const ALL: [(&str, &str); 5] = [
    ("OKTA", "push"),
    ("OKTA", "token:software:totp"),
    ("OKTA", "sms"),
    ("DUO", "web"),
    ("FIDO", "webauthn"),
];

fn asked(provider: Option<&str>, factor_type: Option<&str>) -> MfaChoice {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    MfaChoice { provider: owned(provider), factor_type: owned(factor_type), ..MfaChoice::default() }
}

fn last(provider: &str, factor_type: &str, id: &str) -> MfaChoice {
    let id = FactorId { provider: provider.into(), factor_type: factor_type.into(), id: id.into() };
    MfaChoice { last: Some(id), ..MfaChoice::default() }
}

/// The address that the choice leads to, or the error.
fn chosen(
    factors: &[(&str, &str)],
    mfa: &MfaChoice,
    lines: Option<&[&str]>,
) -> Result<String, Error> {
    // The server forgets the sign-in as soon as a factor is chosen, twice.
    let gone = || refusal(403, "E0000006");
    let stage = Stage::new(vec![required(factors), gone(), cancelled()]);
    let stage = match lines {
        Some(lines) => stage.with_person(lines),
        None => stage,
    };
    let error = run(&stage, mfa).unwrap_err().into_error();
    if !error.message().contains("permit") {
        return Err(error);
    }
    let log = stage.log_without(&["?", "!"]);
    Ok(log[1].split(' ').nth(1).unwrap().to_owned())
}

#[test]
fn by_what_was_asked_for_or_used_last() {
    let cases = [
        (asked(Some("okta"), Some("PUSH")), "/push"),
        (asked(None, Some("push")), "/push"),
        (asked(None, Some("sms")), "/sms"),
        (asked(None, Some("token:software:totp")), "/token:software:totp"),
        (asked(None, Some("token")), "/token:software:totp"),
        (asked(None, Some("totp")), "/token:software:totp"),
        (asked(Some("DUO"), None), "/web"),
        (asked(Some("duo"), Some("push")), "/web"),
        (asked(Some("DUO"), Some("web")), "/web"),
        (last("OKTA", "sms", "id-sms"), "/sms"),
        (last("OKTA", "push", "another"), "/push"),
    ];
    for (mfa, want) in cases {
        let got = chosen(&ALL, &mfa, Some(&["123456"])).unwrap();
        assert_eq!(got, want, "{mfa:?}");
    }
    // What was asked for goes before what was used last; that decides among several.
    let okta = MfaChoice { last: last("OKTA", "sms", "id-sms").last, ..asked(Some("OKTA"), None) };
    assert_eq!(chosen(&ALL, &okta, Some(&["123456"])).unwrap(), "/sms");
    let push = MfaChoice { last: last("OKTA", "sms", "id-sms").last, ..asked(None, Some("push")) };
    assert_eq!(chosen(&ALL, &push, None).unwrap(), "/push");
}

#[test]
fn what_a_terminal_cannot_do_is_left_out_with_a_reason() {
    let factors = [("OKTA", "push"), ("FIDO", "webauthn"), ("X", "claims_provider")];
    let stage = Stage::new(vec![required(&factors), success()]).with_person(&[]);
    passes(&stage);
    let log = after_password(&stage);
    assert!(log[0].starts_with("! Okta: a security key is left out: "), "{log:?}");
    assert!(log[1].contains("Universal Prompt"), "{log:?}");

    let unable = [("FIDO", "u2f"), ("FIDO", "webauthn"), ("DUO", "claims_provider"), ("A", "b")];
    let error = chosen(&unable, &MfaChoice::default(), Some(&[])).unwrap_err();
    assert_eq!(error.kind(), Kind::OktaRefused);
    assert!(error.message().contains("cannot be answered in a terminal"), "{error}");
    assert_eq!(error.hints().len(), 5, "a reason for each, and what to do");
    let error = chosen(&[], &MfaChoice::default(), Some(&[])).unwrap_err();
    assert!(error.message().contains("none is set up"), "{error}");
    let error = chosen(&ALL, &asked(None, Some("webauthn")), Some(&[])).unwrap_err();
    assert!(error.hints()[0].contains("security key"), "{error:?}");
}

#[test]
fn what_is_not_set_up_names_what_is() {
    for mfa in
        [asked(Some("GOOGLE"), None), asked(None, Some("call")), asked(Some("OKTA"), Some("x"))]
    {
        let error = chosen(&ALL[..3], &mfa, Some(&[])).unwrap_err();
        assert!(error.message().contains("is not set up"), "{error}");
        assert_eq!(
            error.hints()[0],
            "Okta Verify (push): --mfa-provider OKTA --mfa-factor-type push"
        );
    }
}

#[test]
fn with_nobody_there_only_what_needs_no_typing_will_do() {
    let none = MfaChoice::default();
    assert_eq!(chosen(&ALL[..3], &none, None).unwrap(), "/push");
    let error = chosen(&ALL, &none, None).unwrap_err();
    assert_eq!(error.kind(), Kind::NeedsAnswer);
    assert!(error.hints()[0].ends_with("--mfa-provider OKTA --mfa-factor-type push"), "{error:?}");
    // And no message is sent that nobody could type in.
    for kind in ["sms", "question", "token:software:totp"] {
        let stage = Stage::new(vec![required(&[("OKTA", kind)]), cancelled()]);
        assert_eq!(fails(&stage).kind(), Kind::NeedsAnswer);
        assert_eq!(stage.log().len(), 2);
    }
}
