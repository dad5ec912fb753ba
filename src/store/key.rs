//! The master key, and where it may rest.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

use crate::error::{Error, Result};
use crate::store::Backend;

/// The one key under which vault and cache are sealed: 32 random bytes, wiped when it goes.
/// `Debug` shows nothing of it.
pub struct MasterKey(Box<[u8; MasterKey::LENGTH]>);

/// Tells keys apart without telling the key: the beginning of a hash of it.
pub(super) type KeyId = [u8; 8];

impl MasterKey {
    /// How many bytes a key has.
    pub const LENGTH: usize = 32;

    /// A new key, from the operating system's random numbers.
    ///
    /// # Errors
    /// When the operating system gives none.
    pub fn generate() -> Result<Self> {
        let mut key = Self(Box::new([0; Self::LENGTH]));
        fill(&mut *key.0)?;
        Ok(key)
    }

    /// The key that a key store kept; none when `bytes` has another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Self(Box::new([0; Self::LENGTH]));
        (bytes.len() == Self::LENGTH).then(|| key.0.copy_from_slice(bytes))?;
        Some(key)
    }

    /// The bytes, for a key store to keep.
    pub fn expose(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    pub(super) fn id(&self) -> KeyId {
        let hash = Sha256::new().chain_update(b"robo master key id\0").chain_update(*self.0);
        let mut id = KeyId::default();
        id.copy_from_slice(&hash.finalize()[..size_of::<KeyId>()]);
        id
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// Fills `bytes` with random ones.
pub(super) fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|cause| {
        Error::failed("the operating system gives no random numbers")
            .because(cause)
            .hint("try again; a machine that has just started may need a moment")
    })
}

/// A place where the master key rests between two runs.
pub trait KeyStore {
    /// Which it is.
    fn backend(&self) -> Backend;

    /// The key; none when no key was kept yet, or it was lost.
    ///
    /// # Errors
    /// When the place cannot be opened: it cannot be reached, stays locked, or holds something
    /// else under robo's name.
    fn load(&self) -> Result<Option<MasterKey>>;

    /// Keeps `key`, in the place of the one that may be there.
    ///
    /// # Errors
    /// When it cannot be kept. The old one may be there still.
    fn keep(&self, key: &MasterKey) -> Result<()>;

    /// Forgets the key for good: what was sealed under it can never be opened again.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn forget(&self) -> Result<()>;

    /// Is called once when another robo is just making the key and has to be waited for.
    fn waits_for_another(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_random_and_cannot_be_shown() {
        let (one, other) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_ne!(one.id(), other.id());
        assert_eq!(format!("{one:?}"), "MasterKey(..)");
    }

    #[test]
    fn a_key_has_32_bytes() {
        assert!(MasterKey::from_bytes(&[1; 31]).is_none());
        assert!(MasterKey::from_bytes(&[1; 33]).is_none());
        assert_eq!(MasterKey::from_bytes(&[1; 32]).unwrap().expose(), &[1; 32]);
    }
}
