//! A second factor of a user.

use serde::{Deserialize, Serialize};

use super::Fido;

/// A second factor and how it answers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Factor {
    /// Okta's id of it; part of its links.
    pub id: String,
    /// `push`, `token:software:totp`, `sms`, …
    pub factor_type: String,
    /// `OKTA`, `GOOGLE`, `DUO`, …
    pub provider: String,
    /// What a push's polls are told, one after the other; the last for ever. The first list is for
    /// the first push of a transaction, the second for the second, the last for all others. Empty
    /// is `[["WAITING", "SUCCESS"]]`. For Duo `WAITING`, `SUCCESS` and anything else are what
    /// `/frame/status` says: waiting, allowed, denied.
    pub pushes: Vec<Vec<String>>,
    /// The number to match; it comes with a poll, never with the first answer.
    pub number: Option<u32>,
    /// With which poll the number comes, counted from 1.
    pub number_at_poll: u32,
    /// The codes that are right. Each can be used once, unless `reusable`.
    pub codes: Vec<String>,
    /// Codes that are right but of another time window (E0000083).
    pub late_codes: Vec<String>,
    /// Whether a code can be used again, as that of a test's fixed token.
    pub reusable: bool,
    /// For RSA's next-token mode: what `nextPassCode` has to be once the first code was right.
    pub next_code: Option<String>,
    /// The question, for `question`.
    pub question: String,
    /// Its answer.
    pub answer: String,
    /// What is shown of it: a masked phone number or address, a credential id.
    pub profile: serde_json::Map<String, serde_json::Value>,
    /// For `webauthn`: the key, and what is asked of it.
    pub fido: Fido,
}

impl Factor {
    /// A factor of that kind, with the code `480362` where it has one.
    pub fn new(factor_type: &str, provider: &str) -> Self {
        let code = match (factor_type, provider) {
            ("token:hardware", _) => "ccccccbchvthlivuitriujjifivbvtrjkjfirllluurj",
            _ => "480362",
        };
        let kind: String = factor_type.chars().filter(char::is_ascii_alphanumeric).collect();
        Self {
            id: format!("{kind}{}", provider.to_lowercase()),
            factor_type: factor_type.to_owned(),
            provider: provider.to_owned(),
            number_at_poll: 1,
            codes: vec![code.to_owned()],
            question: "Name of your first stuffed animal?".to_owned(),
            answer: "Sir Reginald Fluff".to_owned(),
            profile: profile(factor_type),
            ..Self::default()
        }
    }

    /// Okta Verify's push, accepted at the second poll.
    pub fn push() -> Self {
        Self::new("push", "OKTA")
    }

    /// Okta Verify's code.
    pub fn totp() -> Self {
        Self::new("token:software:totp", "OKTA")
    }

    /// Google Authenticator's code.
    pub fn google() -> Self {
        Self::new("token:software:totp", "GOOGLE")
    }

    /// A code by text message.
    pub fn sms() -> Self {
        Self::new("sms", "OKTA")
    }

    /// A code by telephone.
    pub fn call() -> Self {
        Self::new("call", "OKTA")
    }

    /// A code by mail.
    pub fn email() -> Self {
        Self::new("email", "OKTA")
    }

    /// A question.
    pub fn question() -> Self {
        Self::new("question", "OKTA")
    }

    /// A Yubikey's one-time password.
    pub fn yubikey() -> Self {
        Self::new("token:hardware", "YUBICO")
    }

    /// An RSA token.
    pub fn rsa() -> Self {
        Self::new("token", "RSA")
    }

    /// Duo by its frame.
    pub fn duo() -> Self {
        Self::new("web", "DUO")
    }

    /// A security key whose signatures are all wrong;
    /// [`SecurityKey::register`](crate::SecurityKey::register) gives one that can sign.
    pub fn webauthn() -> Self {
        Self::new("webauthn", "FIDO")
    }

    /// A security key of the old kind.
    pub fn u2f() -> Self {
        Self::new("u2f", "FIDO")
    }

    /// Another identity provider, as Duo's Universal Prompt is.
    pub fn claims_provider() -> Self {
        Self::new("claims_provider", "CUSTOM")
    }

    /// Sets what the polls of every push are told.
    #[must_use]
    pub fn polls<'a>(mut self, results: impl IntoIterator<Item = &'a str>) -> Self {
        self.pushes = vec![results.into_iter().map(str::to_owned).collect()];
        self
    }

    /// Sets the number to match.
    #[must_use]
    pub fn number(mut self, number: u32) -> Self {
        self.number = Some(number);
        self
    }

    /// Sets the one code that is right.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.codes = vec![code.to_owned()];
        self
    }

    /// What the poll of that number, counted from 1, is told in the push of that number.
    pub(crate) fn result(&self, push: usize, poll: usize) -> String {
        let polls = self.pushes.get(push.max(1) - 1).or(self.pushes.last());
        let result = match polls {
            Some(polls) => polls.get(poll.max(1) - 1).or(polls.last()).cloned(),
            None => Some(if poll < 2 { "WAITING" } else { "SUCCESS" }.to_owned()),
        };
        result.unwrap_or_else(|| "WAITING".to_owned())
    }
}

fn profile(factor_type: &str) -> serde_json::Map<String, serde_json::Value> {
    let shown = match factor_type {
        "sms" | "call" => Some(("phoneNumber", "+1 XXX-XXX-1337")),
        "email" => Some(("email", "y...u@acme.com")),
        "webauthn" | "u2f" => Some(("credentialId", "c2ltdWxhdGVkLWNyZWRlbnRpYWw")),
        _ => None,
    };
    shown.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
}
