//! The bytes of one sealed item.
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | `robo` |
//! | 1 | the version of this format |
//! | 8 | which master key, as a hash that does not tell it |
//! | 24 | the nonce, random: XChaCha20 has room for that |
//! | rest | the content under XChaCha20-Poly1305, and 16 bytes of tag |
//!
//! All before the nonce, and the name of the file, are authenticated with the content: a file that
//! is changed, or given the name of another, does not open.

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::store::found::Reason;
use crate::store::key::{KeyId, MasterKey, fill};

const MAGIC: &[u8; 4] = b"robo";
const VERSION: u8 = 1;
const NONCE: usize = 24;
/// How much longer than its content a ciphertext is.
pub(super) const TAG: usize = 16;
const KEY_ID_AT: usize = MAGIC.len() + 1;
const NONCE_AT: usize = KEY_ID_AT + size_of::<KeyId>();
const CONTENT_AT: usize = NONCE_AT + NONCE;

/// The bytes to write for `content` under `name`.
///
/// # Errors
/// When there are no random numbers.
pub(super) fn seal(key: &MasterKey, name: &str, content: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(CONTENT_AT + content.len() + TAG);
    bytes.extend_from_slice(MAGIC);
    bytes.push(VERSION);
    bytes.extend_from_slice(&key.id());
    let sealed = encrypt(key.expose(), &aad(&bytes, name), content)?;
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// What a file holds, before its key is known.
pub(super) struct Sealed<'a>(&'a [u8]);

impl<'a> Sealed<'a> {
    /// Looks at the head.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Reason> {
        let beginning = &bytes[..bytes.len().min(MAGIC.len())];
        if !MAGIC.starts_with(beginning) {
            return Err(Reason::NotOurs);
        }
        match bytes.get(MAGIC.len()) {
            Some(&VERSION) if bytes.len() >= CONTENT_AT + TAG => Ok(Self(bytes)),
            Some(&VERSION) | None => Err(Reason::Truncated),
            Some(&version) => Err(Reason::OtherVersion(version)),
        }
    }

    /// The content, if the file was written under `name` with `key`.
    pub(super) fn open(&self, key: &MasterKey, name: &str) -> Result<Zeroizing<Vec<u8>>, Reason> {
        if self.0[KEY_ID_AT..NONCE_AT] != key.id() {
            return Err(Reason::OtherKey);
        }
        let (head, sealed) = self.0.split_at(NONCE_AT);
        decrypt(key.expose(), &aad(head, name), sealed).ok_or(Reason::Damaged)
    }
}

fn aad(head: &[u8], name: &str) -> Vec<u8> {
    [head, name.as_bytes()].concat()
}

/// A random nonce, and `content` sealed with it under `key`; `aad` is bound to it.
///
/// # Errors
/// When there are no random numbers.
pub(super) fn encrypt(
    key: &[u8; MasterKey::LENGTH],
    aad: &[u8],
    content: &[u8],
) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE];
    fill(&mut nonce)?;
    // Sealed where it lies, with room for the tag from the beginning: growing would leave a copy.
    let mut buffer = Zeroizing::new(Vec::with_capacity(content.len() + TAG));
    buffer.extend_from_slice(content);
    XChaCha20Poly1305::new(<&Key>::from(key))
        .encrypt_in_place(&XNonce::from(nonce), aad, &mut *buffer)
        .map_err(|_| Error::failed("cannot seal a secret: it is too large"))?;
    Ok([&nonce[..], &buffer].concat())
}

/// What [`encrypt`] sealed; none when key, `aad` or a byte differs.
pub(super) fn decrypt(
    key: &[u8; MasterKey::LENGTH],
    aad: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, content) = sealed.split_first_chunk::<NONCE>()?;
    let mut buffer = Zeroizing::new(content.to_vec());
    XChaCha20Poly1305::new(<&Key>::from(key))
        .decrypt_in_place(&XNonce::from(*nonce), aad, &mut *buffer)
        .ok()?;
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> MasterKey {
        MasterKey::from_bytes(&[7; 32]).unwrap()
    }

    fn open(bytes: &[u8], name: &str) -> Result<Vec<u8>, Reason> {
        Sealed::parse(bytes)?.open(&key(), name).map(|content| content.to_vec())
    }

    #[test]
    fn what_was_sealed_opens_again() {
        for content in [&b""[..], b"x", &[0; 5000]] {
            let bytes = seal(&key(), "a", content).unwrap();
            assert_eq!(open(&bytes, "a").unwrap(), content);
            assert_ne!(bytes, seal(&key(), "a", content).unwrap(), "a nonce is used once");
        }
    }

    #[test]
    fn the_content_is_not_to_be_seen() {
        let bytes = seal(&key(), "a", b"a long and secret content").unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn a_file_cut_off_anywhere_does_not_open() {
        let bytes = seal(&key(), "a", b"content").unwrap();
        for length in 0..bytes.len() {
            let want = if length < CONTENT_AT + TAG { Reason::Truncated } else { Reason::Damaged };
            assert_eq!(open(&bytes[..length], "a").unwrap_err(), want, "{length}");
        }
        let longer = [&bytes[..], b"x"].concat();
        assert_eq!(open(&longer, "a").unwrap_err(), Reason::Damaged);
    }

    #[test]
    fn a_file_with_any_bit_turned_does_not_open() {
        let bytes = seal(&key(), "a", b"content").unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut turned = bytes.clone();
                turned[at] ^= 1 << bit;
                let want = match at {
                    0..4 => Reason::NotOurs,
                    4 => Reason::OtherVersion(turned[4]),
                    5..13 => Reason::OtherKey,
                    _ => Reason::Damaged,
                };
                assert_eq!(open(&turned, "a").unwrap_err(), want, "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_file_under_another_name_or_key_does_not_open() {
        let bytes = seal(&key(), "a", b"content").unwrap();
        assert_eq!(open(&bytes, "b").unwrap_err(), Reason::Damaged);
        let other = MasterKey::from_bytes(&[8; 32]).unwrap();
        let sealed = Sealed::parse(&bytes).unwrap();
        assert_eq!(sealed.open(&other, "a").unwrap_err(), Reason::OtherKey);
    }
}
