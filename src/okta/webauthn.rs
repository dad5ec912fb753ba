//! A security key as a factor of Okta's (WebAuthn): its challenge, what a key signs of it, and what
//! is sent back.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::error::{Error, Kind};
use crate::okta::domain::Domain;
use crate::okta::exchange::Exchange;
use crate::okta::factor::Factor;
use crate::okta::push;
use crate::okta::refusal::Failure;
use crate::okta::second_factor::Attempt;
use crate::okta::transaction::{Status, Transaction};
use crate::sys::prompt::Prompt;
use crate::sys::security_key::{KeyFailure, SignRequest, Signed, UserVerification};

/// Has Okta challenge the factor's keys, one of them sign, and Okta verify that.
pub(super) fn answer(exchange: &mut Exchange<'_>, factor: &Factor) -> Result<Attempt, Failure> {
    let transaction = exchange.verify(&factor.verify, json!({}))?;
    if transaction.status() != Status::MfaChallenge {
        return Ok(Attempt::Passed(transaction));
    }
    let org = exchange.org;
    let signed = Challenge::read(&transaction, org.domain)
        .map_err(KeyFailure::Other)
        .and_then(|challenge| challenge.sign(exchange));
    let (client_data, signed) = match signed {
        Ok(signed) => signed,
        Err(KeyFailure::Other(error)) if stops(&error) => return Err(error.into()),
        Err(failure) => return Ok(Attempt::Failed(told(failure, org.domain), transaction)),
    };
    // Okta's documents have all three in standard base64, other than what it gives out.
    let fields = json!({
        "clientData": STANDARD.encode(client_data),
        "authenticatorData": STANDARD.encode(signed.authenticator_data),
        "signatureData": STANDARD.encode(signed.signature),
    });
    let link = transaction.link("next").unwrap_or(&factor.verify).to_owned();
    match exchange.verify(&link, fields) {
        Ok(answer) if answer.status() == Status::MfaChallenge => {
            match push::refused(answer.factor_result()) {
                Some(why) => Ok(Attempt::Failed(why, answer)),
                None => Ok(Attempt::Passed(answer)),
            }
        }
        Ok(answer) => Ok(Attempt::Passed(answer)),
        // The state token is as good as before.
        Err(Failure::Said(refusal)) if refusal.is_wrong_code() => {
            let message = format!("what the security key signed was not accepted ({})", org.domain);
            let why = Error::new(Kind::OktaRefused, message).because(refusal.words()).hint(
                format!("try again; it may have to be set up anew at {}", settings(org.domain)),
            );
            Ok(Attempt::Failed(why, transaction))
        }
        Err(failure) => Err(failure),
    }
}

/// Whether there is no use in another try or another factor.
fn stops(error: &Error) -> bool {
    matches!(error.kind(), Kind::Interrupted | Kind::NeedsAnswer)
}

/// What Okta wants to be signed, and by which keys.
#[derive(Debug)]
struct Challenge {
    /// As it stands in the client data: base64 for URLs, without padding.
    challenge: String,
    rp_id: String,
    app_id: Option<String>,
    origin: String,
    verification: UserVerification,
    allowed: Vec<Vec<u8>>,
}

/// What a browser writes of who asked a key for what (WebAuthn, 5.8.1), in the order in which it
/// writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClientData<'a> {
    r#type: &'static str,
    challenge: &'a str,
    origin: &'a str,
    cross_origin: bool,
}

impl Challenge {
    /// Reads either form: of one key (`factor` with the challenge in it), or of all of a person's
    /// (`factor` is a list, and the challenge stands beside it).
    fn read(transaction: &Transaction, domain: &Domain) -> Result<Self, Error> {
        let odd = |why: &str| {
            Error::new(
                Kind::OktaRefused,
                format!("what Okta asks of the security key makes no sense ({domain}): {why}"),
            )
            .hint("try again, choose another factor, or sign in in the browser")
        };
        let embedded = |place: &str| transaction.0.pointer(&format!("/_embedded{place}"));
        let challenge = embedded("/factor/_embedded/challenge").or_else(|| embedded("/challenge"));
        let challenge = challenge.ok_or_else(|| odd("there is no challenge"))?;
        let text = |place: &str| challenge.pointer(place).and_then(Value::as_str);
        let bytes = bytes(text("/challenge").unwrap_or_default());
        let bytes = bytes.ok_or_else(|| odd("its challenge is no base64"))?;

        let factors = match embedded("/factor") {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let ids = factors.iter().filter_map(|factor| factor.pointer("/profile/credentialId"));
        let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
        let allowed: Vec<Vec<u8>> = ids.iter().filter_map(|id| self::bytes(id)).collect();
        if allowed.is_empty() {
            // A key that is handed an empty list would offer whatever it holds.
            return Err(odd(if ids.is_empty() {
                "it names no key"
            } else {
                "the name of its key is no base64"
            }));
        }

        let host = domain.origin().host_str().unwrap_or_default().to_owned();
        let rp_id = text("/rpId").map_or_else(|| host.clone(), str::to_ascii_lowercase);
        if !covers(&rp_id, &host) {
            let rp_id = super::words::cut(&rp_id, 80);
            return Err(odd(&format!("it is for another site, {rp_id}")));
        }
        let app_id = text("/extensions/appid").filter(|app_id| is_own(app_id, &host));
        Ok(Self {
            challenge: URL_SAFE_NO_PAD.encode(bytes),
            rp_id,
            app_id: app_id.map(str::to_owned),
            origin: format!("https://{domain}"),
            verification: match text("/userVerification") {
                Some("required") => UserVerification::Required,
                Some("discouraged") => UserVerification::Discouraged,
                _ => UserVerification::Preferred,
            },
            allowed,
        })
    }

    /// Has a key sign; gives the client data too.
    fn sign(&self, exchange: &Exchange<'_>) -> Result<(String, Signed), KeyFailure> {
        let org = exchange.org;
        let client_data = self.client_data();
        let request = SignRequest {
            origin: &self.origin,
            rp_id: &self.rp_id,
            app_id: self.app_id.as_deref(),
            client_data_hash: Sha256::digest(&client_data).into(),
            allowed: &self.allowed,
            verification: self.wish(org.prompt),
        };
        let signed = org.keys.sign(&request, org.prompt)?;
        // A key without a PIN signs all the same, and Okta would only say that it does not fit.
        if self.verification == UserVerification::Required && !is_verified(&signed) {
            return Err(KeyFailure::CannotVerify);
        }
        Ok((client_data, signed))
    }

    fn client_data(&self) -> String {
        let (challenge, origin) = (self.challenge.as_str(), self.origin.as_str());
        let data = ClientData { r#type: "webauthn.get", challenge, origin, cross_origin: false };
        json_text(&data)
    }

    /// What is only preferred is left where nobody can type a PIN.
    fn wish(&self, prompt: &dyn Prompt) -> UserVerification {
        match self.verification {
            UserVerification::Preferred if !prompt.can_ask() => UserVerification::Discouraged,
            verification => verification,
        }
    }
}

/// `data` as JSON; three texts and a bool always can be written.
fn json_text(data: &ClientData<'_>) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// The bytes that Okta writes as base64 for URLs, without padding; the other alphabet and padding
/// are read too. Nothing is no bytes.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

/// Whether a relying party may be asked for by a page of `host`: it is the host, or what a part of
/// the host's name ends in (WebAuthn, 5.1.4.1). The list of public suffixes is not consulted: the
/// host is one that the person trusts with their password.
fn covers(rp_id: &str, host: &str) -> bool {
    rp_id == host
        || (rp_id.contains('.') && host.strip_suffix(rp_id).is_some_and(|rest| rest.ends_with('.')))
}

/// Whether an application id is of the same site: an https address at a host that covers it.
fn is_own(app_id: &str, host: &str) -> bool {
    let url = Url::parse(app_id).ok().filter(|url| url.scheme() == "https");
    url.is_some_and(|url| url.host_str().is_some_and(|name| covers(name, host)))
}

/// The flag that the key has made sure who touched it (WebAuthn, 6.1).
fn is_verified(signed: &Signed) -> bool {
    signed.authenticator_data.get(32).is_some_and(|flags| flags & 0x04 != 0)
}

fn settings(domain: &Domain) -> String {
    format!("https://{domain}/enduser/settings")
}

/// A sentence and a next step for each failure.
fn told(failure: KeyFailure, domain: &Domain) -> Error {
    let settings = settings(domain);
    let (message, hint) = match failure {
        KeyFailure::Other(error) => return error,
        KeyFailure::NotRegistered => (
            format!("this security key is not set up for you at {domain}"),
            format!(
                "take another one, or set it up at {settings}; Touch ID, Windows Hello and passkeys of a phone need the browser"
            ),
        ),
        KeyFailure::TimedOut => (
            "the security key was not touched in time".to_owned(),
            "touch it when it blinks".to_owned(),
        ),
        KeyFailure::Removed => (
            "the security key is gone: it was unplugged, or does not answer any more".to_owned(),
            "plug it in and try again".to_owned(),
        ),
        KeyFailure::Declined => (
            "the security key did not sign: it was declined there, or the finger not recognised"
                .to_owned(),
            "try again".to_owned(),
        ),
        KeyFailure::CannotVerify => (
            "Okta wants the security key to ask for its PIN, and it has none".to_owned(),
            "set a PIN on it (Chrome's or the vendor's settings can), or take another key"
                .to_owned(),
        ),
        KeyFailure::PinLocked => (
            "the security key takes no more PINs for now: too many were wrong".to_owned(),
            "unplug it, plug it in again, then try again".to_owned(),
        ),
        KeyFailure::PinBlocked => (
            "the security key's PIN is blocked: too many were wrong".to_owned(),
            format!(
                "only a reset makes it usable, and forgets all sign-ins on it; then set it up anew at {settings}"
            ),
        ),
    };
    Error::new(Kind::OktaRefused, message).hint(hint)
}

#[cfg(test)]
mod tests;
