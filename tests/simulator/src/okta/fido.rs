//! Security keys: the challenge, and what a key has to have signed of it.

use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::authn::text;
use super::transaction::Transaction;
use super::verify::Outcome;
use super::{error, origin};
use crate::bytes;
use crate::http::Request;
use crate::scenario::{Factor, User};
use crate::security_key::{PRESENT, VERIFIED};
use crate::world::State;

/// Without an answer a new challenge; an answer has to be to that challenge, which is good for one.
pub(super) fn verify(
    state: &mut State,
    request: &Request,
    body: &Value,
    tx: &mut Transaction,
    factor: &Factor,
) -> Outcome {
    if text(body, "clientData").is_none() {
        tx.challenge = state.record.issued(bytes::base64url(bytes::random(32)));
        return Outcome::Challenge;
    }
    let challenge = std::mem::take(&mut tx.challenge);
    let verdict = match factor.factor_type.as_str() {
        "webauthn" => Answer::read(request, body, &challenge)
            .and_then(|answer| answer.verify(state, tx, factor)),
        _ => client_data(request, body, &challenge, "navigator.id.getAssertion").map(drop),
    };
    match verdict {
        Ok(()) => Outcome::Done,
        Err(cause) => {
            tx.wrong_codes += 1;
            state.record.counts.codes_refused += 1;
            Outcome::Refused(error("E0000068", &[cause]))
        }
    }
}

/// The keys that may answer: the one that was chosen, or all where they were asked by their type.
pub(super) fn allowed<'a>(tx: &Transaction, user: &'a User, factor: &Factor) -> Vec<&'a Factor> {
    let factors = user.factors.iter();
    let fits = |one: &&Factor| {
        one.id == factor.id || (tx.by_type && one.factor_type == factor.factor_type)
    };
    factors.filter(fits).collect()
}

/// What a key is challenged by.
pub(super) fn challenge(tx: &Transaction, factor: &Factor) -> Value {
    let fido = &factor.fido;
    let wish = if fido.verification.is_empty() { "preferred" } else { &fido.verification };
    let mut challenge = json!({ "challenge": tx.challenge, "userVerification": wish });
    if let Some(rp_id) = &fido.rp_id {
        challenge["rpId"] = rp_id.as_str().into();
    }
    if let Some(app_id) = &fido.app_id {
        challenge["extensions"] = json!({ "appid": app_id });
    }
    challenge
}

/// What was sent, decoded.
struct Answer {
    host: String,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
}

impl Answer {
    fn read(request: &Request, body: &Value, challenge: &str) -> Result<Self, &'static str> {
        let client_data = client_data(request, body, challenge, "webauthn.get")?;
        let bytes = |key: &str| text(body, key).and_then(bytes::from_base64);
        let authenticator_data =
            bytes("authenticatorData").ok_or("authenticatorData is not in base64")?;
        if authenticator_data.len() < 37 {
            return Err("The authenticator data are too short");
        }
        Ok(Self {
            host: request
                .host()
                .rsplit_once(':')
                .map_or(request.host(), |(name, _)| name)
                .to_owned(),
            client_data,
            authenticator_data,
            signature: bytes("signatureData").ok_or("signatureData is not in base64")?,
        })
    }

    /// Verifies the answer (WebAuthn, 7.2). Nothing in it says which key it is of.
    fn verify(
        &self,
        state: &mut State,
        tx: &Transaction,
        factor: &Factor,
    ) -> Result<(), &'static str> {
        let user = tx.user(state).map_err(|_| "There is no such user")?;
        let signed = [&self.authenticator_data[..], &Sha256::digest(&self.client_data)].concat();
        let right = |one: &&&Factor| {
            let point = bytes::from_base64url(&one.fido.public_key).unwrap_or_default();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
            key.verify(&signed, &self.signature).is_ok()
        };
        let allowed = allowed(tx, &user, factor);
        let key = allowed.iter().find(right).ok_or("The signature is not by a key of the user")?;
        let rp_id = key.fido.rp_id.as_ref().unwrap_or(&self.host);
        let mut names = [Some(rp_id), key.fido.app_id.as_ref()].into_iter().flatten();
        let hash = &self.authenticator_data[..32];
        if !names.any(|name| Sha256::digest(name).as_slice() == hash) {
            return Err("The relying party does not match");
        }
        let flags = self.authenticator_data[32];
        if flags & PRESENT == 0 {
            return Err("Nobody touched the key");
        }
        if key.fido.verification == "required" && flags & VERIFIED == 0 {
            return Err("The key did not verify the user");
        }
        let counter = self.authenticator_data[33..37].iter().fold(0, |n, b| n << 8 | u32::from(*b));
        let last = state.okta.key_counters.entry(key.fido.public_key.clone()).or_default();
        // A key that does not count says 0 for ever.
        if (counter, *last) != (0, 0) && counter <= *last {
            return Err("The counter did not go up");
        }
        *last = counter;
        Ok(())
    }
}

/// The client data, if they are to this challenge and from this origin.
fn client_data(
    request: &Request,
    body: &Value,
    challenge: &str,
    kind: &str,
) -> Result<Vec<u8>, &'static str> {
    let bytes = text(body, "clientData").and_then(bytes::from_base64);
    let bytes = bytes.ok_or("clientData is not in base64")?;
    let data: Value = serde_json::from_slice(&bytes).map_err(|_| "clientData is not JSON")?;
    if ![text(&data, "type"), text(&data, "typ")].contains(&Some(kind)) {
        return Err("The type does not match");
    }
    if challenge.is_empty() || text(&data, "challenge") != Some(challenge) {
        return Err("The challenge does not match");
    }
    if text(&data, "origin") != Some(&origin(request)) {
        return Err("The origin does not match");
    }
    Ok(bytes)
}
