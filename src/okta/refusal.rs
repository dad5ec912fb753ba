//! What Okta says when it says no, and what to do about it.

use serde::Deserialize;

use crate::error::{Error, Kind};
use crate::okta::domain::Domain;
use crate::okta::words::cut;
use crate::sys::http::Response;

/// An error of Okta's: `errorCode`, `errorSummary`, `errorCauses` and `errorId` of its answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    summary: String,
    causes: Vec<String>,
    id: String,
}

/// Why a request had no good answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Okta answered, and said no.
    Said(Refusal),
    /// There was no answer, or none that makes sense; or the person stopped it.
    Broke(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Broke(error)
    }
}

impl Failure {
    /// The error to show, where nothing better is known.
    pub(super) fn error(self, domain: &Domain) -> Error {
        match self {
            Failure::Said(refusal) => refusal.error(domain),
            Failure::Broke(error) => error,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    error_code: String,
    error_summary: String,
    error_id: String,
    error_causes: Vec<Cause>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Cause {
    error_summary: String,
}

impl Refusal {
    /// The error in `answer`, if it is one in Okta's form.
    pub(super) fn read(answer: &Response) -> Option<Self> {
        let body: Body = answer.json().ok()?;
        let code = body.error_code;
        // E0000004 and the like; anything else is not Okta's.
        if !code.starts_with('E') || code.len() > 20 {
            return None;
        }
        let causes =
            body.error_causes.into_iter().take(5).map(|cause| cut(&cause.error_summary, 300));
        Some(Self {
            status: answer.status,
            code,
            summary: cut(&body.error_summary, 300),
            causes: causes.collect(),
            id: cut(&body.error_id, 60),
        })
    }

    /// Okta's own words, with the code and the number that an admin finds it by.
    pub(super) fn words(&self) -> String {
        let mut words = format!("{}: {}", self.code, self.summary);
        for cause in self.causes.iter().filter(|cause| !cause.is_empty()) {
            words.push_str("; ");
            words.push_str(cause);
        }
        if !self.id.is_empty() {
            words.push_str(&format!(" (error id {})", self.id));
        }
        words
    }

    /// Whether it says that a code, an answer or a security key was wrong, which may be tried
    /// again with the same state token.
    pub(super) fn is_wrong_code(&self) -> bool {
        matches!(self.code.as_str(), "E0000068" | "E0000082" | "E0000083")
    }

    /// Whether it says that a code was sent less than 30 seconds ago.
    pub(super) fn is_too_soon(&self) -> bool {
        self.status == 429 && self.code != RATE_LIMIT
    }

    /// Whether its words have `text`, which is in lower case.
    pub(super) fn mentions(&self, text: &str) -> bool {
        self.words().to_lowercase().contains(text)
    }

    /// The error to show: a sentence and a next step for each code.
    pub(super) fn error(&self, domain: &Domain) -> Error {
        let again = "try again";
        let admin = "ask whoever runs Okta at your company";
        let unlock = format!("unlock it at https://{domain}, wait, or {admin}");
        let (kind, message, hint) = match self.code.as_str() {
            "E0000001" => (Kind::OktaRefused, "Okta found the request not valid", admin),
            "E0000003" => {
                (Kind::Failed, "Okta could not read the request", "is it an Okta domain?")
            }
            "E0000004" => (
                Kind::OktaRefused,
                "Okta refused the sign-in",
                "the password may be wrong, the account locked or inactive, or a policy in the way",
            ),
            "E0000005" => (Kind::OktaRefused, "Okta does not know the session any more", again),
            "E0000006" => {
                (Kind::OktaRefused, "Okta does not permit this account to do that", admin)
            }
            "E0000007" => (Kind::OktaRefused, "Okta does not find what was asked for", admin),
            "E0000011" => (Kind::OktaRefused, "the sign-in at Okta ran out of time", again),
            "E0000014" => (Kind::OktaRefused, "Okta did not change the credentials", admin),
            "E0000015" => (Kind::OktaRefused, "Okta does not offer this to your account", admin),
            RATE_LIMIT => {
                (Kind::OktaRefused, "Okta gets too many requests", "wait a minute, then try again")
            }
            "E0000058" => (
                Kind::OktaRefused,
                "the app asks for a second factor of its own",
                "sign in to it in the browser once, or ask whoever runs Okta",
            ),
            "E0000068" => (Kind::OktaRefused, "Okta did not accept the code or answer", again),
            "E0000069" => (
                Kind::OktaRefused,
                "your Okta account is locked: too many wrong codes",
                unlock.as_str(),
            ),
            "E0000070" => (Kind::OktaRefused, "Okta still waits for an acknowledgement", again),
            "E0000079" => (Kind::OktaRefused, "Okta did not expect this step now", again),
            "E0000082" => (Kind::OktaRefused, "that code was used before", "wait for the next one"),
            "E0000083" => (
                Kind::OktaRefused,
                "that code is from another moment",
                "is the clock right on the device that shows the code?",
            ),
            "E0000109" => (
                Kind::OktaRefused,
                "Okta sent a text message less than 30 seconds ago",
                "use that one, or wait half a minute",
            ),
            "E0000118" => (
                Kind::OktaRefused,
                "Okta sent an email less than 30 seconds ago",
                "use the code in it, or wait half a minute",
            ),
            "E0000133" => (
                Kind::OktaRefused,
                "Okta called less than 30 seconds ago",
                "use that code, or wait half a minute",
            ),
            "E0000119" => (Kind::OktaRefused, "your Okta account is locked", unlock.as_str()),
            _ if self.status >= 500 => (
                Kind::Failed,
                "Okta has trouble of its own",
                "see https://status.okta.com, then try again",
            ),
            _ => (Kind::OktaRefused, "Okta said no", admin),
        };
        Error::new(kind, format!("{message} ({domain})")).because(self.words()).hint(hint)
    }
}

/// The code of "too many requests", which goes away by waiting.
pub(super) const RATE_LIMIT: &str = "E0000047";

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn each_code_has_its_sentence() {
        let domain = Domain::parse("acme.okta.com").unwrap();
        let cases = [
            (400, "E0000001", 5, "not valid"),
            (400, "E0000003", 1, "could not read"),
            (401, "E0000004", 5, "refused the sign-in"),
            (403, "E0000005", 5, "session"),
            (403, "E0000006", 5, "permit"),
            (404, "E0000007", 5, "does not find"),
            (401, "E0000011", 5, "ran out of time"),
            (403, "E0000014", 5, "credentials"),
            (401, "E0000015", 5, "offer"),
            (429, "E0000047", 5, "too many requests"),
            (403, "E0000058", 5, "of its own"),
            (403, "E0000068", 5, "code or answer"),
            (403, "E0000069", 5, "locked: too many"),
            (202, "E0000070", 5, "acknowledgement"),
            (403, "E0000079", 5, "this step"),
            (403, "E0000082", 5, "used before"),
            (403, "E0000083", 5, "another moment"),
            (429, "E0000109", 5, "text message"),
            (429, "E0000118", 5, "an email"),
            (429, "E0000133", 5, "called"),
            (403, "E0000119", 5, "locked"),
            (500, "E0000009", 1, "trouble"),
            (403, "E9999999", 5, "said no"),
        ];
        let mut sentences = std::collections::BTreeSet::new();
        for (status, code, exit, want) in cases {
            let body = format!(
                r#"{{"errorCode":"{code}","errorSummary":"Sum","errorId":"oae1","errorCauses":[{{"errorSummary":"Cause"}}]}}"#
            );
            let refusal = Refusal::read(&answer(status, &body)).unwrap();
            let error = refusal.error(&domain);
            assert!(error.message().contains(want), "{code}: {error}");
            assert_eq!(error.kind().exit_code(), exit, "{code}");
            assert!(!error.hints().is_empty(), "{code}");
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!(cause, format!("{code}: Sum; Cause (error id oae1)"));
            assert!(sentences.insert(error.message().to_owned()), "{code} has another's sentence");
        }
    }

    #[test]
    fn what_is_not_okta_s_is_not_a_refusal() {
        for body in ["", "<html>", "{}", "[]", r#"{"errorCode":7}"#, r#"{"errorCode":"oops"}"#] {
            assert!(Refusal::read(&answer(403, body)).is_none(), "{body}");
        }
        let long = format!(r#"{{"errorCode":"E1","errorSummary":"{}"}}"#, "x".repeat(100_000));
        assert!(Refusal::read(&answer(403, &long)).unwrap().words().len() < 400);
    }
}
