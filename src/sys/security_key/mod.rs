//! Security keys (FIDO2), as a trait: the protocols above say what is to be signed, a key signs it.
//!
//! [`usb`] gives those that are plugged in, where robo is built with the feature `fido`. Another
//! program that embeds the engine may hand in its own.

#[cfg(feature = "fido")]
mod usb;

use crate::error::Error;
use crate::sys::interrupt::Interrupt;
use crate::sys::prompt::Prompt;

/// Something that signs with a security key that is at hand.
pub trait SecurityKeys {
    /// Why none can be asked at the moment, if that is so: a clause that can stand after a colon.
    fn hindrance(&self) -> Option<&'static str>;

    /// Has a key sign. Tells the person through `prompt` to touch it, and asks there for its PIN
    /// where it wants one.
    ///
    /// # Errors
    /// Why there is no signature.
    fn sign(&self, request: &SignRequest<'_>, prompt: &dyn Prompt) -> Result<Signed, KeyFailure>;
}

/// What a key is to sign, and for whom: the parts of `authenticatorGetAssertion` (CTAP 2.1, 6.2).
#[derive(Clone, Copy, Debug)]
pub struct SignRequest<'a> {
    /// The origin that asks, such as `https://acme.okta.com`.
    pub origin: &'a str,
    /// The relying party that the key was registered for, such as `acme.okta.com`.
    pub rp_id: &'a str,
    /// The name that a key of the older kind (U2F) may have been registered under instead.
    pub app_id: Option<&'a str>,
    /// The SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// The credentials that may sign; never empty.
    pub allowed: &'a [Vec<u8>],
    /// Whether the key is to make sure who touches it.
    pub verification: UserVerification,
}

/// Whether a key is to make sure who touches it, by a PIN or a fingerprint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UserVerification {
    /// It has to.
    Required,
    /// It has to if it can.
    Preferred,
    /// Not needed, though a key may insist.
    Discouraged,
}

/// What a key signed: `authenticatorData` with `clientDataHash` behind it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signed {
    /// The authenticator data, as the key gave it.
    pub authenticator_data: Vec<u8>,
    /// The signature, as the key gave it.
    pub signature: Vec<u8>,
}

/// Why no key signed.
#[derive(Debug)]
pub enum KeyFailure {
    /// The key holds none of the credentials that may sign.
    NotRegistered,
    /// Nobody touched it in time.
    TimedOut,
    /// It was unplugged meanwhile, or does not answer any more.
    Removed,
    /// The person said no on the key itself.
    Declined,
    /// It would have to make sure who touches it, and has neither a PIN nor a fingerprint set up.
    CannotVerify,
    /// So many wrong PINs in a row that it wants to be unplugged first.
    PinLocked,
    /// So many wrong PINs that the PIN is good for nothing any more.
    PinBlocked,
    /// Something else went wrong, or the person stopped it, or nobody was there to type a PIN.
    Other(Error),
}

impl From<Error> for KeyFailure {
    fn from(error: Error) -> Self {
        KeyFailure::Other(error)
    }
}

/// No key at all.
#[derive(Clone, Copy, Debug)]
pub struct NoSecurityKeys;

const NOT_BUILT_IN: &str = "it needs a robo built with '--features fido', or a browser (okta_auth = device, where the org has Identity Engine)";

impl SecurityKeys for NoSecurityKeys {
    fn hindrance(&self) -> Option<&'static str> {
        Some(NOT_BUILT_IN)
    }

    fn sign(&self, _: &SignRequest<'_>, _: &dyn Prompt) -> Result<Signed, KeyFailure> {
        Err(KeyFailure::Other(Error::failed("no security key can be asked").hint(NOT_BUILT_IN)))
    }
}

/// The keys that are plugged in by USB. Nothing is waited for any more when `interrupt` comes.
#[cfg(feature = "fido")]
pub fn usb(interrupt: Interrupt) -> impl SecurityKeys {
    usb::UsbKeys::new(interrupt)
}

/// The keys that are plugged in by USB: none, as this robo is built without the feature `fido`.
#[cfg(not(feature = "fido"))]
pub fn usb(_: Interrupt) -> impl SecurityKeys {
    NoSecurityKeys
}
