//! Security keys: both forms of the challenge, what a key is asked and what Okta is sent, and every
//! way in which it can fail.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json as value};
use sha2::{Digest as _, Sha256};

use crate::okta::MfaChoice;
use crate::okta::second_factor::tests::{
    after_password, cancelled, factor, fails, passes, required, run, success,
};
use crate::okta::stage::{Stage, json, refusal};
use crate::sys::http::Response;
use crate::sys::security_key::{KeyFailure, Signed};
use crate::{Error, Kind};

/// `challenge` in base64 for URLs.
const CHALLENGE: &str = "Y2hhbGxlbmdl";

fn credential(id: &str) -> Value {
    value!({ "profile": { "credentialId": id } })
}

/// What Okta answers with when one key is challenged: the challenge within the factor.
fn of_one(id: &str, challenge: Value) -> Value {
    let mut factor = credential(id);
    factor["_embedded"]["challenge"] = challenge;
    in_transaction(value!({ "factor": factor }))
}

/// When it is asked by the type: all keys, and the challenge beside them.
fn of_all(ids: &[&str], challenge: Value) -> Value {
    let factors: Vec<Value> = ids.iter().map(|id| credential(id)).collect();
    let mut embedded = value!({ "factor": factors });
    embedded["challenge"] = challenge;
    in_transaction(embedded)
}

fn in_transaction(embedded: Value) -> Value {
    let mut transaction = value!({
        "status": "MFA_CHALLENGE", "stateToken": "st", "factorResult": "CHALLENGE",
        "_links": {
            "next": { "name": "verify", "href": "https://acme.okta.com/next" },
            "prev": { "href": "https://acme.okta.com/prev" },
        },
    });
    transaction["_embedded"] = embedded;
    transaction
}

fn plain() -> Value {
    value!({ "challenge": CHALLENGE, "userVerification": "preferred" })
}

fn one_key() -> Response {
    required(&[("FIDO", "webauthn")])
}

/// What a key signs when it was touched, and when it has asked for the PIN too.
fn signed(flags: u8) -> Signed {
    let mut authenticator_data = Sha256::digest("acme.okta.com").to_vec();
    authenticator_data.extend([flags, 0, 0, 0, 7]);
    // Bytes that the two alphabets of base64 write differently.
    Signed { authenticator_data, signature: vec![0xfb, 0xff, 0xfe, 0x01] }
}

const TOUCHED: u8 = 0x01;
const VERIFIED: u8 = 0x05;

#[test]
fn what_is_signed_is_what_a_browser_would_have_signed_and_is_sent_in_standard_base64() {
    let stage = Stage::new(vec![one_key(), json(200, &of_one("a2V5LTE", plain())), success()])
        .with_person(&[])
        .with_key(vec![Ok(signed(TOUCHED))]);
    assert_eq!(passes(&stage).factor_type, "webauthn");
    let log = after_password(&stage);
    assert_eq!(
        log[..2],
        [
            r#"POST /webauthn {"stateToken":"st"}"#,
            "key: Preferred https://acme.okta.com acme.okta.com by key-1",
        ]
    );
    let sent: Value = serde_json::from_str(log[2].strip_prefix("POST /next ").unwrap()).unwrap();
    let bytes = |name: &str| STANDARD.decode(sent[name].as_str().unwrap()).unwrap();
    assert_eq!(
        String::from_utf8(bytes("clientData")).unwrap(),
        r#"{"type":"webauthn.get","challenge":"Y2hhbGxlbmdl","origin":"https://acme.okta.com","crossOrigin":false}"#
    );
    assert_eq!(bytes("authenticatorData"), signed(TOUCHED).authenticator_data);
    assert_eq!(sent["signatureData"], "+//+AQ==");
    assert_eq!(sent["stateToken"], "st");
    assert_eq!(log.len(), 3);
}

#[test]
fn a_challenge_is_read_in_each_of_its_forms() {
    let with = |extra: Value| {
        let mut challenge = plain();
        challenge.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        of_one("a2V5LTE", challenge)
    };
    let app_id = |app_id: &str| with(value!({ "extensions": { "appid": app_id } }));
    let plainly = "Preferred https://acme.okta.com acme.okta.com by key-1";
    let cases = [
        (of_one("a2V5LTE", plain()), plainly),
        (of_all(&["a2V5LTE"], plain()), plainly),
        (
            of_all(&["a2V5LTE", "a2V5LTI"], plain()),
            "Preferred https://acme.okta.com acme.okta.com by key-1 key-2",
        ),
        // One that cannot be read does not cost the others.
        (of_all(&["%%", "a2V5LTE", ""], plain()), plainly),
        (
            in_transaction(
                value!({ "factor": [{}, credential("a2V5LTE"), 7], "challenge": plain() }),
            ),
            plainly,
        ),
        (of_one("a2V5LTE=", plain()), plainly),
        (
            with(value!({ "userVerification": "discouraged" })),
            "Discouraged https://acme.okta.com acme.okta.com by key-1",
        ),
        (
            with(value!({ "userVerification": "required" })),
            "Required https://acme.okta.com acme.okta.com by key-1",
        ),
        (with(value!({ "userVerification": 7 })), plainly),
        (with(value!({ "extensions": null })), plainly),
        // An org may have its keys at the whole of its domain.
        (with(value!({ "rpId": "okta.com" })), "Preferred https://acme.okta.com okta.com by key-1"),
        (with(value!({ "rpId": "ACME.okta.com" })), plainly),
        // A key from the days of U2F is known by another name.
        (
            app_id("https://acme.okta.com"),
            "Preferred https://acme.okta.com acme.okta.com or https://acme.okta.com by key-1",
        ),
        // But by no other site's.
        (app_id("https://evil.test"), plainly),
        (app_id("http://acme.okta.com"), plainly),
        (app_id("acme.okta.com"), plainly),
    ];
    for (challenge, want) in cases {
        let answers = vec![one_key(), json(200, &challenge), success()];
        let stage = Stage::new(answers).with_person(&[]).with_key(vec![Ok(signed(VERIFIED))]);
        passes(&stage);
        assert_eq!(after_password(&stage)[1], format!("key: {want}"), "{challenge}");
    }
}

#[test]
fn a_challenge_that_makes_no_sense_is_put_to_no_key() {
    let cases = [
        (in_transaction(value!({ "factor": credential("a2V5LTE") })), "there is no challenge"),
        (in_transaction(value!({})), "there is no challenge"),
        (of_one("a2V5LTE", value!({})), "its challenge is no base64"),
        (of_one("a2V5LTE", value!({ "challenge": "" })), "its challenge is no base64"),
        (of_one("a2V5LTE", value!({ "challenge": 7 })), "its challenge is no base64"),
        (of_one("a2V5LTE", value!({ "challenge": "no base64!" })), "its challenge is no base64"),
        (of_one("", plain()), "the name of its key is no base64"),
        (of_one("no base64!", plain()), "the name of its key is no base64"),
        (of_all(&["%", "§"], plain()), "the name of its key is no base64"),
        (of_all(&[], plain()), "it names no key"),
        (in_transaction(value!({ "factor": {}, "challenge": plain() })), "it names no key"),
        (
            in_transaction(value!({ "factor": { "profile": null }, "challenge": plain() })),
            "it names no key",
        ),
        (in_transaction(value!({ "challenge": plain() })), "it names no key"),
    ];
    for (challenge, want) in cases {
        let stage =
            Stage::new(vec![one_key(), json(200, &challenge), cancelled()]).with_key(vec![]);
        let error = fails(&stage);
        assert_eq!(error.kind(), Kind::OktaRefused);
        assert_eq!(
            error.message(),
            format!("what Okta asks of the security key makes no sense (acme.okta.com): {want}"),
            "{challenge}"
        );
        assert_eq!(stage.log().len(), 3, "nothing but the challenge, and that it is abandoned");
    }
}

#[test]
fn no_key_signs_for_another_site() {
    for rp_id in ["evil.test", "com", "kta.com", "x.acme.okta.com", "acme.okta.com.evil.test", ""] {
        let mut challenge = plain();
        challenge["rpId"] = rp_id.into();
        let answers = vec![one_key(), json(200, &of_one("a2V5LTE", challenge)), cancelled()];
        let stage = Stage::new(answers).with_key(vec![]);
        let error = fails(&stage);
        assert!(error.message().ends_with(&format!("it is for another site, {rp_id}")), "{error}");
    }
}

#[test]
fn several_keys_are_one_factor_that_any_of_them_answers() {
    let key = |id: &str| {
        let mut key = factor("FIDO", "webauthn");
        key["id"] = id.into();
        key["_links"]["verify"]["href"] =
            format!("https://acme.okta.com/api/v1/authn/factors/{id}/verify").into();
        key
    };
    let factors = [key("k1"), factor("OKTA", "push"), key("k2")];
    let choice = value!({ "status": "MFA_REQUIRED", "stateToken": "st", "_embedded": { "factors": factors } });
    let answers =
        vec![json(200, &choice), json(200, &of_all(&["a2V5LTE", "a2V5LTI"], plain())), success()];
    let stage =
        Stage::new(answers).with_person(&["security key"]).with_key(vec![Ok(signed(TOUCHED))]);
    assert_eq!(passes(&stage).id, "k1");
    let log = after_password(&stage);
    assert_eq!(
        log[..3],
        [
            "? Second factor: a security key | Okta Verify (push)",
            r#"POST /api/v1/authn/factors/webauthn/verify {"stateToken":"st"}"#,
            "key: Preferred https://acme.okta.com acme.okta.com by key-1 key-2",
        ]
    );
}

/// The log of an attempt that failed by `failure`, and the error.
fn failing(failure: KeyFailure) -> (Error, Vec<String>) {
    let answers = vec![one_key(), json(200, &of_one("a2V5LTE", plain())), cancelled()];
    let stage = Stage::new(answers).with_key(vec![Err(failure)]);
    (fails(&stage), after_password(&stage))
}

#[test]
fn each_failure_of_a_key_has_its_sentence_and_leaves_the_sign_in() {
    let other = || KeyFailure::Other(Error::failed("the bus is on fire").hint("call somebody"));
    let cases = [
        (KeyFailure::NotRegistered, "this security key is not set up for you at acme.okta.com"),
        (KeyFailure::TimedOut, "the security key was not touched in time"),
        (KeyFailure::Removed, "the security key is gone"),
        (KeyFailure::Declined, "the security key did not sign"),
        (
            KeyFailure::CannotVerify,
            "Okta wants the security key to ask for its PIN, and it has none",
        ),
        (KeyFailure::PinLocked, "the security key takes no more PINs for now"),
        (KeyFailure::PinBlocked, "the security key's PIN is blocked"),
        (other(), "the bus is on fire"),
    ];
    for (failure, want) in cases {
        let (error, log) = failing(failure);
        assert!(error.message().starts_with(want), "{error}");
        assert_eq!(error.hints().len(), 1, "{error}");
        assert_eq!(log[2..], [r#"POST /api/v1/authn/cancel {"stateToken":"st"}"#]);
    }
}

#[test]
fn who_leaves_or_is_not_there_is_not_asked_to_try_again() {
    for kind in [Kind::Interrupted, Kind::NeedsAnswer] {
        let answers = vec![one_key(), json(200, &of_one("a2V5LTE", plain())), cancelled()];
        let stage = Stage::new(answers)
            .with_person(&[])
            .with_key(vec![Err(KeyFailure::Other(Error::new(kind, "stopped")))]);
        assert_eq!(fails(&stage).kind(), kind);
        assert_eq!(stage.log().last().unwrap(), r#"POST /api/v1/authn/cancel {"stateToken":"st"}"#);
    }
}

#[test]
fn a_refused_signature_and_a_wrong_key_are_tried_again_without_a_new_password() {
    let again = || vec![one_key(), json(200, &of_one("a2V5LTE", plain()))];
    let mut answers = again();
    answers.push(refusal(403, "E0000068"));
    answers.extend(again());
    answers.extend(again());
    answers.push(success());
    let outcomes = vec![Ok(signed(TOUCHED)), Err(KeyFailure::NotRegistered), Ok(signed(TOUCHED))];
    let stage = Stage::new(answers).with_person(&["a", "a"]).with_key(outcomes);
    passes(&stage);
    let log = stage.log_without(&["key", "POST /next"]);
    let challenge = r#"POST /webauthn {"stateToken":"st"}"#;
    let back = r#"POST /prev {"stateToken":"st"}"#;
    let want = [
        challenge,
        "? Okta: what the security key signed was not accepted (acme.okta.com). Try it (a)gain, or (s)top?",
        back,
        challenge,
        "? Okta: this security key is not set up for you at acme.okta.com. Try it (a)gain, or (s)top?",
        back,
        challenge,
    ];
    assert_eq!(log[1..], want);
}

#[test]
fn a_refusal_that_nobody_can_answer_tells_what_okta_said() {
    let answers = vec![
        one_key(),
        json(200, &of_one("a2V5LTE", plain())),
        refusal(403, "E0000068"),
        cancelled(),
    ];
    let stage = Stage::new(answers).with_key(vec![Ok(signed(TOUCHED))]);
    let error = fails(&stage);
    assert_eq!(error.message(), "what the security key signed was not accepted (acme.okta.com)");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "E0000068: Summary");
    assert_eq!(error.kind(), Kind::OktaRefused);
    stage.log();
}

#[test]
fn a_key_that_verified_nobody_is_told_of_before_okta_refuses_it() {
    let required = value!({ "challenge": CHALLENGE, "userVerification": "required" });
    for data in [signed(TOUCHED).authenticator_data, Vec::new()] {
        let answers = vec![one_key(), json(200, &of_one("a2V5LTE", required.clone())), cancelled()];
        let outcome = Signed { authenticator_data: data, ..signed(TOUCHED) };
        let stage = Stage::new(answers).with_key(vec![Ok(outcome)]);
        assert!(fails(&stage).message().contains("to ask for its PIN, and it has none"));
        assert_eq!(stage.log().len(), 4, "nothing of it is sent");
    }
}

#[test]
fn where_nobody_can_type_a_pin_none_is_asked_for_unless_okta_insists() {
    for (wish, want) in [("preferred", "Discouraged"), ("required", "Required")] {
        let challenge = value!({ "challenge": CHALLENGE, "userVerification": wish });
        let answers = vec![one_key(), json(200, &of_one("a2V5LTE", challenge)), success()];
        let stage = Stage::new(answers).with_key(vec![Ok(signed(VERIFIED))]);
        passes(&stage);
        assert!(after_password(&stage)[1].starts_with(&format!("key: {want} ")));
    }
}

#[test]
fn a_key_is_chosen_by_name_and_by_its_older_one_and_by_nobody_only_if_no_phone_is_there() {
    let asked = |factor_type: &str| MfaChoice {
        factor_type: Some(factor_type.to_owned()),
        ..MfaChoice::default()
    };
    let push = ("OKTA", "push");
    let key = ("FIDO", "webauthn");
    let sms = ("OKTA", "sms");
    for (factors, mfa, want) in [
        (vec![push, key], asked("webauthn"), "/webauthn"),
        (vec![push, key], asked("WebAuthn"), "/webauthn"),
        (vec![push, key], asked("u2f"), "/webauthn"),
        (vec![push, key], MfaChoice::default(), "/push"),
        (vec![sms, key], MfaChoice::default(), "/webauthn"),
        (vec![key], MfaChoice::default(), "/webauthn"),
    ] {
        let stage = Stage::new(vec![required(&factors), refusal(403, "E0000006"), cancelled()]);
        let stage = stage.with_key(vec![]);
        assert!(run(&stage, &mfa).is_err());
        let log = stage.log_without(&["!"]);
        assert!(log[1].starts_with(&format!("POST {want} ")), "{factors:?} {mfa:?}: {log:?}");
    }
}

#[test]
fn without_a_key_at_hand_the_factor_is_passed_over() {
    let stage = Stage::new(vec![required(&[("OKTA", "push"), ("FIDO", "webauthn")]), success()]);
    let stage = stage.with_person(&[]);
    assert_eq!(passes(&stage).factor_type, "push");
    assert_eq!(after_password(&stage)[0], "! Okta: a security key is left out: no key is here.");
    // Asked for, or the only one: the reason is the answer.
    let stage = Stage::new(vec![one_key(), cancelled()]).with_person(&[]);
    let error = fails(&stage);
    assert!(error.message().contains("cannot be answered in a terminal"), "{error}");
    assert_eq!(error.hints()[0], "a security key: no key is here");
}
