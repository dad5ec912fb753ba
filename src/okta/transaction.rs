//! The transaction object that each answer of `/api/v1/authn` is.

use serde_json::Value;

use crate::error::{Error, Kind};
use crate::okta::domain::Domain;
use crate::okta::factor::Factor;
use crate::okta::words::cut;
use crate::sys::secret::Secret;

/// One answer: where the sign-in stands, and where it can go. Holds tokens, so it is never shown.
///
/// It is read leniently, value by value: orgs differ in what they leave out.
pub(super) struct Transaction(pub(super) Value);

/// Where a sign-in stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Status {
    Success,
    Unauthenticated,
    MfaRequired,
    MfaChallenge,
    MfaEnroll,
    MfaEnrollActivate,
    PasswordWarn,
    PasswordExpired,
    PasswordReset,
    Recovery,
    LockedOut,
    /// One that is not documented.
    Other(String),
}

impl Transaction {
    pub(super) fn status(&self) -> Status {
        match self.text("/status") {
            Some("SUCCESS") => Status::Success,
            Some("UNAUTHENTICATED") => Status::Unauthenticated,
            Some("MFA_REQUIRED") => Status::MfaRequired,
            Some("MFA_CHALLENGE") => Status::MfaChallenge,
            Some("MFA_ENROLL") => Status::MfaEnroll,
            Some("MFA_ENROLL_ACTIVATE") => Status::MfaEnrollActivate,
            Some("PASSWORD_WARN") => Status::PasswordWarn,
            Some("PASSWORD_EXPIRED") => Status::PasswordExpired,
            Some("PASSWORD_RESET") => Status::PasswordReset,
            Some("RECOVERY" | "RECOVERY_CHALLENGE") => Status::Recovery,
            Some("LOCKED_OUT") => Status::LockedOut,
            other => Status::Other(cut(other.unwrap_or("none"), 40)),
        }
    }

    pub(super) fn state_token(&self) -> Option<Secret> {
        self.text("/stateToken").map(|token| token.to_owned().into())
    }

    pub(super) fn session_token(&self) -> Option<Secret> {
        self.text("/sessionToken").map(|token| token.to_owned().into())
    }

    /// How the factor is getting on: `WAITING`, `REJECTED` and so on.
    pub(super) fn factor_result(&self) -> Option<&str> {
        self.text("/factorResult")
    }

    /// The factors to choose from.
    pub(super) fn factors(&self) -> Vec<Factor> {
        let list = self.0.pointer("/_embedded/factors").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Factor::read).collect()
    }

    /// The factor that is being challenged.
    pub(super) fn factor(&self) -> Option<Factor> {
        self.0.pointer("/_embedded/factor").and_then(Factor::read)
    }

    /// Whether the org's policy lets a device be remembered.
    pub(super) fn may_remember_device(&self) -> bool {
        self.0
            .pointer("/_embedded/policy/allowRememberDevice")
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// The number that the person has to choose on their phone, once there is one.
    pub(super) fn number_to_match(&self) -> Option<String> {
        let place = "/_embedded/factor/_embedded/challenge/correctAnswer";
        match self.0.pointer(place)? {
            Value::Number(number) => Some(cut(&number.to_string(), 10)),
            Value::String(text) if !text.is_empty() => Some(cut(text, 10)),
            _ => None,
        }
    }

    /// The address of a link. `resend` is a list, of which the first is taken.
    pub(super) fn link(&self, name: &str) -> Option<&str> {
        let link = self.0.pointer(&format!("/_links/{name}"))?;
        let link = link.as_array().map_or(Some(link), |list| list.first())?;
        link.get("href")?.as_str()
    }

    /// The text at a place (RFC 6901).
    pub(super) fn text(&self, place: &str) -> Option<&str> {
        self.0.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

/// The error for a status in which the sign-in cannot go on here.
pub(super) fn stuck(status: &Status, domain: &Domain) -> Error {
    let browser = format!("sign in at https://{domain} in the browser");
    let (message, hint) = match status {
        Status::PasswordExpired => (
            "your Okta password has expired".to_owned(),
            format!("change it at https://{domain}, then 'robo aws.add' stores the new one"),
        ),
        Status::PasswordReset => (
            "Okta wants your password to be reset".to_owned(),
            format!("do it at https://{domain}, then 'robo aws.add' stores the new one"),
        ),
        Status::PasswordWarn => {
            ("Okta warns that your password expires soon, and does not go on".to_owned(), browser)
        }
        Status::Recovery => (
            "your Okta account is being recovered".to_owned(),
            format!("{browser} and finish that"),
        ),
        Status::LockedOut => (
            "your Okta account is locked".to_owned(),
            format!("unlock it at https://{domain}, wait, or ask whoever runs Okta"),
        ),
        Status::MfaEnroll => (
            "Okta wants you to set up a second factor first".to_owned(),
            format!("{browser} and set one up, best Okta Verify"),
        ),
        Status::MfaEnrollActivate => (
            "a second factor at Okta is set up half-way".to_owned(),
            format!("{browser} and finish that"),
        ),
        Status::Unauthenticated => {
            ("Okta asks for the password again".to_owned(), "try again".to_owned())
        }
        Status::Success => ("Okta gave no session".to_owned(), browser),
        Status::MfaRequired | Status::MfaChallenge => {
            ("Okta asks for a second factor again and again".to_owned(), browser)
        }
        Status::Other(name) => (
            format!("Okta asks for a step that robo does not know: {name}"),
            format!("{browser} to see what it is"),
        ),
    };
    Error::new(Kind::OktaRefused, format!("{message} ({domain})")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_sentence() {
        let domain = Domain::parse("acme.okta.com").unwrap();
        let mut sentences = std::collections::BTreeSet::new();
        for name in [
            "SUCCESS",
            "UNAUTHENTICATED",
            "MFA_REQUIRED",
            "MFA_ENROLL",
            "MFA_ENROLL_ACTIVATE",
            "PASSWORD_WARN",
            "PASSWORD_EXPIRED",
            "PASSWORD_RESET",
            "RECOVERY",
            "LOCKED_OUT",
            "NEW",
        ] {
            let transaction = Transaction(serde_json::json!({ "status": name }));
            let error = stuck(&transaction.status(), &domain);
            assert_eq!(error.kind(), Kind::OktaRefused);
            assert!(error.message().ends_with("(acme.okta.com)") && error.hints().len() == 1);
            assert!(sentences.insert(error.message().to_owned()), "{name}");
        }
        assert!(sentences.iter().any(|sentence| sentence.contains("NEW")));
    }

    #[test]
    fn odd_answers_are_read_as_far_as_they_go() {
        for odd in [
            serde_json::json!({}),
            serde_json::json!({ "status": 1, "_links": [], "_embedded": "x", "stateToken": "" }),
            serde_json::json!({ "_links": { "next": {}, "resend": [] }, "_embedded": { "factors": [1, {}] } }),
        ] {
            let odd = Transaction(odd);
            assert_eq!(odd.status(), Status::Other("none".to_owned()));
            assert!(odd.state_token().is_none() && odd.factors().is_empty());
            assert!(odd.link("next").is_none() && odd.link("resend").is_none());
        }
    }

    #[test]
    fn links_and_numbers_are_found() {
        let transaction = Transaction(serde_json::json!({
            "_links": { "next": { "href": "n" }, "resend": [{ "href": "r" }, { "href": "s" }] },
            "_embedded": { "factor": { "_embedded": { "challenge": { "correctAnswer": 92 } } } },
        }));
        assert_eq!(transaction.link("next"), Some("n"));
        assert_eq!(transaction.link("resend"), Some("r"));
        assert_eq!(transaction.number_to_match().as_deref(), Some("92"));
    }
}
