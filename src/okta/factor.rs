//! A second factor: what it is, what it is called, and whether a terminal can answer it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::okta::words::cut;
use crate::sys::security_key::SecurityKeys;

/// Which factor: enough to find it again, whatever place in the list it has next time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FactorId {
    /// `OKTA`, `GOOGLE`, `DUO`, `RSA` and so on, as Okta spells it.
    pub provider: String,
    /// `push`, `token:software:totp`, `sms`, `web` and so on, as Okta spells it.
    pub factor_type: String,
    /// Okta's name of this one.
    pub id: String,
}

/// A factor that the user has set up at Okta.
#[derive(Clone)]
pub(super) struct Factor {
    pub(super) id: FactorId,
    /// Where it is verified.
    pub(super) verify: String,
    vendor: String,
    profile: Value,
    /// Why a security key cannot be asked, where it is one and that is so.
    hindrance: Option<&'static str>,
}

/// How a factor is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// On the phone; nothing is typed here.
    Push,
    /// Duo's own prompt, in one of several ways.
    Duo,
    /// A code that a device shows or types.
    Code,
    /// A code that Okta sends when asked.
    SentCode,
    /// A question to which only the user knows the answer.
    Question,
    /// A security key, which is touched.
    SecurityKey,
    /// Not in a terminal, for this reason.
    Not(&'static str),
}

impl Factor {
    /// A factor from Okta's list; none where it lacks what is needed to use it.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let text = |place: &str| value.pointer(place).and_then(Value::as_str);
        Some(Self {
            id: FactorId {
                provider: cut(text("/provider")?, 40),
                factor_type: cut(text("/factorType")?, 40),
                id: text("/id").unwrap_or_default().to_owned(),
            },
            verify: text("/_links/verify/href").unwrap_or_default().to_owned(),
            vendor: cut(text("/vendorName").unwrap_or_default(), 40),
            profile: value.get("profile").cloned().unwrap_or_default(),
            hindrance: None,
        })
    }

    /// How it is answered.
    pub(super) fn way(&self) -> Way {
        let duo = self.is("DUO");
        match self.id.factor_type.as_str() {
            "push" => Way::Push,
            "web" if duo => Way::Duo,
            "token:software:totp" | "token:hotp" | "token:hardware" | "token" => Way::Code,
            "sms" | "call" | "email" => Way::SentCode,
            "question" => Way::Question,
            "webauthn" => self.hindrance.map_or(Way::SecurityKey, Way::Not),
            "u2f" => Way::Not(
                "it is a security key of the kind that browsers have given up: set it up anew, as a WebAuthn one",
            ),
            "claims_provider" => Way::Not(
                "it opens another provider's page (Duo's Universal Prompt, for one), which needs a browser",
            ),
            _ => Way::Not("robo does not know this kind of factor"),
        }
    }

    /// Whether it is of this provider.
    pub(super) fn is(&self, provider: &str) -> bool {
        self.id.provider.eq_ignore_ascii_case(provider)
    }

    /// What a person calls it.
    pub(super) fn name(&self) -> String {
        let app = match self.id.provider.as_str() {
            "OKTA" => "Okta Verify",
            "GOOGLE" => "Google Authenticator",
            "RSA" => "RSA SecurID",
            "SYMANTEC" => "Symantec VIP",
            "YUBICO" => "YubiKey",
            "DUO" => "Duo",
            _ if self.vendor.is_empty() => self.id.provider.as_str(),
            _ => self.vendor.as_str(),
        };
        let to = |what: &str, place: &str| match self.profile_text(place) {
            Some(text) => format!("{what} to {text}"),
            None => what.to_owned(),
        };
        match self.id.factor_type.as_str() {
            "push" => format!("{app} (push)"),
            "token:software:totp" => format!("{app} (code)"),
            "token" | "token:hotp" | "token:hardware" => app.to_owned(),
            "sms" => to("a text message", "/phoneNumber"),
            "call" => to("a phone call", "/phoneNumber"),
            "email" => to("an email", "/email"),
            "question" => "a security question".to_owned(),
            "web" => app.to_owned(),
            "webauthn" => "a security key".to_owned(),
            "u2f" => "a security key (U2F)".to_owned(),
            "claims_provider" => format!("{app} in the browser"),
            other => format!("{app} ({other})"),
        }
    }

    /// Its name in a list that is searched by typing: with the word that flags have for it.
    pub(super) fn listed(&self) -> String {
        let name = self.name();
        match self.id.factor_type.as_str() {
            "sms" => format!("{name} (sms)"),
            "token:software:totp" => name.replace("(code)", "(code, totp)"),
            _ => name,
        }
    }

    /// A text of the factor's profile. Okta shows little of it to who has not signed in yet.
    pub(super) fn profile_text(&self, place: &str) -> Option<String> {
        let text = self.profile.pointer(place).and_then(Value::as_str)?;
        (!text.trim().is_empty()).then(|| cut(text, 200))
    }

    /// The flags that choose it.
    pub(super) fn flags(&self) -> String {
        let FactorId { provider, factor_type, .. } = &self.id;
        format!("--mfa-provider {provider} --mfa-factor-type {factor_type}")
    }
}

/// `factors` with all security keys as one, which stands where the first of them did: Okta lets any
/// of them answer when it is asked by their type, so nobody has to know which key is which. What
/// stands in the way of `keys` is noted.
pub(super) fn keys_as_one(factors: Vec<Factor>, keys: &dyn SecurityKeys) -> Vec<Factor> {
    let is_key = |factor: &Factor| factor.id.factor_type == "webauthn";
    let several = factors.iter().filter(|factor| is_key(factor)).count() > 1;
    let mut merged: Vec<Factor> = Vec::new();
    for mut factor in factors {
        if is_key(&factor) {
            factor.hindrance = keys.hindrance();
            let own = format!("/factors/{}/", factor.id.id);
            if several && factor.verify.contains(&own) {
                factor.verify = factor.verify.replace(&own, "/factors/webauthn/");
            }
            if merged.iter().any(|other| is_key(other) && other.verify == factor.verify) {
                continue;
            }
        }
        merged.push(factor);
    }
    merged
}

/// The names of `factors`, as a list in a sentence.
pub(super) fn names(factors: &[&Factor]) -> String {
    factors.iter().map(|factor| factor.name()).collect::<Vec<_>>().join(", ")
}
