//! The bytes of the key file.
//!
//! | bytes | what |
//! | --- | --- |
//! | 7 | `robokey` |
//! | 1 | the version of this format |
//! | 12 | the cost of the derivation: KiB of memory, passes, lanes; 32 bits each, little-endian |
//! | 16 | the salt |
//! | 24 | the nonce |
//! | 48 | the master key under XChaCha20-Poly1305, and its tag |

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::store::key::{MasterKey, fill};
use crate::store::sealed::{decrypt, encrypt};
use crate::sys::hash::sha256;
use crate::sys::secret::{ExposeSecret as _, Secret};

const MAGIC: &[u8; 8] = b"robokey\x01";
const SALT: usize = 16;
const SALT_AT: usize = MAGIC.len() + 3 * size_of::<u32>();
const SEALED_AT: usize = SALT_AT + SALT;
/// How many bytes a key file has.
const LENGTH: usize = SEALED_AT + 24 + MasterKey::LENGTH + 16;

/// What deriving a key from the passphrase costs, us and whoever guesses it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Cost {
    pub(super) kibibytes: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// For new files: Argon2id with 19 MiB and 2 passes, as OWASP's password storage cheat sheet
    /// has it.
    pub(super) const USUAL: Self = Self { kibibytes: 19 * 1024, passes: 2, lanes: 1 };

    /// The most that a file may ask for: whoever can write it must not be able to stop the
    /// machine with it.
    const MOST: Self = Self { kibibytes: 256 * 1024, passes: 16, lanes: 8 };

    fn params(self) -> Option<Params> {
        let Self { kibibytes, passes, lanes } = self;
        let most = Self::MOST;
        let bounded = kibibytes <= most.kibibytes && passes <= most.passes && lanes <= most.lanes;
        Params::new(kibibytes, passes, lanes, Some(MasterKey::LENGTH)).ok().filter(|_| bounded)
    }
}

/// The key that a passphrase gives: it opens one key file.
pub(super) struct Derived(pub(super) Zeroizing<[u8; MasterKey::LENGTH]>);

/// A whole key file.
pub(super) struct KeyFile([u8; LENGTH]);

impl KeyFile {
    /// Seals `key` under `passphrase`. Gives the derived key too: it was expensive.
    ///
    /// # Errors
    /// When there are no random numbers or not enough memory.
    pub(super) fn seal(
        key: &MasterKey,
        passphrase: &Secret,
        cost: Cost,
    ) -> Result<(Self, Derived)> {
        let mut bytes = [0; LENGTH];
        bytes[..MAGIC.len()].copy_from_slice(MAGIC);
        let costs = [cost.kibibytes, cost.passes, cost.lanes].map(u32::to_le_bytes);
        bytes[MAGIC.len()..SALT_AT].copy_from_slice(costs.as_flattened());
        fill(&mut bytes[SALT_AT..SEALED_AT])?;
        let mut file = Self(bytes);
        let derived = file.derive(passphrase)?;
        let sealed = encrypt(&derived.0, &file.0[..SEALED_AT], key.expose())?;
        file.0[SEALED_AT..].copy_from_slice(&sealed);
        Ok((file, derived))
    }

    /// Looks at the bytes of a file; what is wrong with it is told in words that follow its name.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let name = MAGIC.len() - 1;
        if !MAGIC[..name].starts_with(&bytes[..bytes.len().min(name)]) {
            return Err("is not a key file of robo's".to_owned());
        }
        match bytes.get(name) {
            Some(version) if *version != MAGIC[name] => {
                return Err(format!("was written by another version of robo (format {version})"));
            }
            _ if bytes.len() < LENGTH => return Err("is cut off".to_owned()),
            _ => {}
        }
        let file = Self(bytes.try_into().map_err(|_| "is damaged: it is too long".to_owned())?);
        match file.cost().params() {
            Some(_) => Ok(file),
            None => Err("is damaged: it asks for too much memory or time".to_owned()),
        }
    }

    /// The bytes to write.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A name that no other key file has, nor this one once its passphrase changes.
    pub(super) fn fingerprint(&self) -> String {
        sha256(&self.0)
    }

    /// The key that `passphrase` gives for this file. Takes memory and time, on purpose.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub(super) fn derive(&self, passphrase: &Secret) -> Result<Derived> {
        let failed = || Error::failed("cannot derive a key from the passphrase");
        let params = self.cost().params().ok_or_else(failed)?;
        let mut derived = Derived(Zeroizing::new([0; MasterKey::LENGTH]));
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(
                passphrase.expose_secret().as_bytes(),
                &self.0[SALT_AT..SEALED_AT],
                &mut *derived.0,
            )
            .map_err(|cause| failed().because(cause.to_string()))?;
        Ok(derived)
    }

    /// The master key; none when the passphrase was another, or the file was changed.
    pub(super) fn open(&self, derived: &Derived) -> Option<MasterKey> {
        let (head, sealed) = self.0.split_at(SEALED_AT);
        MasterKey::from_bytes(&decrypt(&derived.0, head, sealed)?)
    }

    fn cost(&self) -> Cost {
        let number = |index: usize| {
            let at = MAGIC.len() + index * size_of::<u32>();
            let mut bytes = [0; size_of::<u32>()];
            bytes.copy_from_slice(&self.0[at..at + size_of::<u32>()]);
            u32::from_le_bytes(bytes)
        };
        Cost { kibibytes: number(0), passes: number(1), lanes: number(2) }
    }
}

#[cfg(test)]
pub(super) const CHEAP: Cost = Cost { kibibytes: 8, passes: 1, lanes: 1 };

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::from(text.to_owned())
    }

    fn sealed() -> (MasterKey, KeyFile) {
        let key = MasterKey::generate().unwrap();
        let (file, _) = KeyFile::seal(&key, &secret("open sesame"), CHEAP).unwrap();
        (key, file)
    }

    #[test]
    fn the_passphrase_opens_what_it_sealed() {
        let (key, file) = sealed();
        let read = KeyFile::parse(file.bytes()).unwrap();
        let opened = read.open(&read.derive(&secret("open sesame")).unwrap()).unwrap();
        assert_eq!(opened.expose(), key.expose());
        assert!(read.open(&read.derive(&secret("open barley")).unwrap()).is_none());
    }

    #[test]
    fn a_file_cut_off_or_turned_anywhere_does_not_open() {
        let (_, file) = sealed();
        for length in 0..LENGTH {
            assert_eq!(KeyFile::parse(&file.bytes()[..length]).err().unwrap(), "is cut off");
        }
        assert!(KeyFile::parse(&[file.bytes(), b"x"].concat()).is_err());
        for at in 0..LENGTH {
            let mut turned = file.0;
            turned[at] ^= 1;
            let opened = KeyFile::parse(&turned)
                .ok()
                .and_then(|file| file.open(&file.derive(&secret("open sesame")).unwrap()));
            assert!(opened.is_none(), "byte {at}");
        }
    }

    #[test]
    fn a_file_that_asks_for_too_much_is_refused_before_it_gets_it() {
        let (_, file) = sealed();
        let words = "is damaged: it asks for too much memory or time";
        let costs: [[u32; 3]; 7] = [
            [u32::MAX, 2, 1],
            [256 * 1024 + 1, 2, 1],
            [19456, u32::MAX, 1],
            [19456, 17, 1],
            [19456, 2, u32::MAX],
            [0, 2, 1],
            [19456, 0, 0],
        ];
        for cost in costs {
            let mut asking = file.0;
            let numbers = cost.map(u32::to_le_bytes);
            asking[MAGIC.len()..SALT_AT].copy_from_slice(numbers.as_flattened());
            assert_eq!(KeyFile::parse(&asking).err().unwrap(), words, "{cost:?}");
        }
    }

    #[test]
    fn another_file_or_version_is_told() {
        let (_, file) = sealed();
        let mut next = file.0;
        next[7] = 2;
        let words = KeyFile::parse(&next).err().unwrap();
        assert_eq!(words, "was written by another version of robo (format 2)");
        let words = KeyFile::parse(b"-----BEGIN PRIVATE KEY-----").err().unwrap();
        assert_eq!(words, "is not a key file of robo's");
    }
}
