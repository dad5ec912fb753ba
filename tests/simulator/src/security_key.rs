//! A security key in software: it holds credentials for relying parties and signs for them, as a
//! real one does.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

use crate::bytes;
use crate::scenario::Factor;

/// A key, always touched.
pub struct SecurityKey {
    credentials: Vec<Credential>,
    counter: u32,
}

struct Credential {
    id: Vec<u8>,
    rp_id: String,
    pair: EcdsaKeyPair,
}

/// What a key signed.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The credential that signed.
    pub credential_id: Vec<u8>,
    /// The hash of the relying party, the flags and the counter.
    pub authenticator_data: Vec<u8>,
    /// The signature over those and the hash of the client data, in DER.
    pub signature: Vec<u8>,
}

/// The flag that somebody touched the key.
pub const PRESENT: u8 = 0x01;

/// The flag that the key made sure who that was.
pub const VERIFIED: u8 = 0x04;

impl Default for SecurityKey {
    fn default() -> Self {
        Self { credentials: Vec::new(), counter: 41 }
    }
}

impl SecurityKey {
    /// A key without any credential.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a credential for a relying party; gives it as the factor of that id that an org would
    /// have set up by it.
    pub fn register(&mut self, id: &str, rp_id: &str) -> Factor {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let credential = Credential { id: bytes::random(48), rp_id: rp_id.to_owned(), pair };
        let mut factor = Factor { id: id.to_owned(), ..Factor::webauthn() };
        let name = bytes::base64url(&credential.id);
        factor.profile.insert("credentialId".to_owned(), name.into());
        factor.fido.public_key = bytes::base64url(credential.pair.public_key());
        self.credentials.push(credential);
        factor
    }

    /// Signs by a credential that is both `allowed` and for a relying party called one of `names`;
    /// nothing if it has none.
    pub fn sign(
        &mut self,
        names: &[&str],
        client_data_hash: &[u8],
        allowed: &[Vec<u8>],
        flags: u8,
    ) -> Option<Assertion> {
        let credential = self.credentials.iter().find(|credential| {
            allowed.contains(&credential.id) && names.contains(&credential.rp_id.as_str())
        })?;
        self.counter += 1;
        let mut data = Sha256::digest(&credential.rp_id).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        let signed = [&data, client_data_hash].concat();
        let signature = credential.pair.sign(&SystemRandom::new(), &signed).unwrap();
        Some(Assertion {
            credential_id: credential.id.clone(),
            authenticator_data: data,
            signature: signature.as_ref().to_vec(),
        })
    }

    /// Sets the counter, as a copy of a key would have an older one.
    pub fn set_counter(&mut self, counter: u32) {
        self.counter = counter;
    }
}
