//! The PIN of a key: how it is proven without being sent (CTAP 2.0, 5.5: protocol one).

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut as _, BlockEncryptMut as _, KeyIvInit as _};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hmac;
use ring::rand::SystemRandom;
use sha2::{Digest as _, Sha256};

use super::cbor::{Value, map};
use super::status::Status;
use crate::bytes;

/// So many wrong PINs in a row, and the key wants to be unplugged first.
const IN_A_ROW: u8 = 3;

/// A key's PIN, and who has proven to know it.
pub(super) struct Pin {
    pin: String,
    left: u8,
    wrong_in_a_row: u8,
    agreement: Option<EphemeralPrivateKey>,
    /// What a client signs with once it has proven to know the PIN.
    token: Vec<u8>,
}

impl Pin {
    pub(super) fn new(pin: &str) -> Self {
        Self {
            pin: pin.to_owned(),
            left: 8,
            wrong_in_a_row: 0,
            agreement: None,
            token: bytes::random(32),
        }
    }

    /// `authenticatorClientPIN`.
    pub(super) fn answer(&mut self, request: &Value) -> Result<Value, Status> {
        match request.at(2).and_then(Value::int) {
            Some(1) => Ok(map([(3, Value::Int(i64::from(self.left)))])),
            Some(2) => Ok(map([(1, self.agree())])),
            Some(5) => self.token(request).map(|token| map([(2, Value::Bytes(token))])),
            _ => Err(Status::InvalidParameter),
        }
    }

    /// Whether what was signed with the token fits.
    pub(super) fn proves(&self, data: &[u8], signed: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.token);
        hmac::sign(&key, data).as_ref()[..16] == *signed
    }

    /// A new key to agree upon a secret with, in COSE's form.
    fn agree(&mut self) -> Value {
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = private.compute_public_key().unwrap();
        let point = public.as_ref();
        self.agreement = Some(private);
        map([
            (1, Value::Int(2)),
            (3, Value::Int(-25)),
            (-1, Value::Int(1)),
            (-2, Value::Bytes(point[1..33].to_vec())),
            (-3, Value::Bytes(point[33..].to_vec())),
        ])
    }

    /// The token under the secret, for who knows the PIN.
    fn token(&mut self, request: &Value) -> Result<Vec<u8>, Status> {
        if self.left == 0 {
            return Err(Status::PinBlocked);
        }
        if self.wrong_in_a_row >= IN_A_ROW {
            return Err(Status::PinAuthBlocked);
        }
        let secret = self.secret(request).ok_or(Status::InvalidParameter)?;
        let proof = request.at(6).and_then(Value::bytes).ok_or(Status::InvalidParameter)?;
        let hash = cbc::Decryptor::<Aes256>::new(&secret.into(), &[0; 16].into())
            .decrypt_padded_vec_mut::<NoPadding>(proof)
            .map_err(|_| Status::InvalidParameter)?;
        if hash != Sha256::digest(&self.pin)[..16] {
            self.left -= 1;
            self.wrong_in_a_row += 1;
            return Err(match (self.left, self.wrong_in_a_row) {
                (0, _) => Status::PinBlocked,
                (_, IN_A_ROW) => Status::PinAuthBlocked,
                _ => Status::PinInvalid,
            });
        }
        (self.left, self.wrong_in_a_row) = (8, 0);
        let encryptor = cbc::Encryptor::<Aes256>::new(&secret.into(), &[0; 16].into());
        Ok(encryptor.encrypt_padded_vec_mut::<NoPadding>(&self.token))
    }

    fn secret(&mut self, request: &Value) -> Option<[u8; 32]> {
        let theirs = request.at(3)?;
        let coordinate = |key: i64| theirs.at(key).and_then(Value::bytes);
        let point = [&[4], coordinate(-2)?, coordinate(-3)?].concat();
        let point = UnparsedPublicKey::new(&ECDH_P256, point);
        let secret = |shared: &[u8]| Sha256::digest(shared).into();
        agree_ephemeral(self.agreement.take()?, &point, secret).ok()
    }
}
