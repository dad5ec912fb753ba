//! Random identifiers and tokens, and the encodings they come in.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS_AND_LOWER: &[u8] = b"0123456789abcdef";

/// That many random bytes.
pub(crate) fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// Letters and digits, as in Okta's ids and tokens.
pub(crate) fn token(length: usize) -> String {
    from(ALPHANUMERIC, length)
}

/// Capital letters and digits, as in AWS's access key ids.
pub(crate) fn upper(length: usize) -> String {
    from(UPPER, length)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex_token(length: usize) -> String {
    from(DIGITS_AND_LOWER, length)
}

/// The shape of a UUID, as AWS names its requests.
pub(crate) fn uuid() -> String {
    [8, 4, 4, 4, 12].map(hex_token).join("-")
}

fn from(alphabet: &[u8], length: usize) -> String {
    random(length)
        .iter()
        .map(|byte| char::from(alphabet[*byte as usize % alphabet.len()]))
        .collect()
}

/// Standard base64 with padding.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// What standard base64 says, padded; nothing if it is not that.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64 for URLs, without padding.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What base64 for URLs says, unpadded; nothing if it is not that.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 hash, in hexadecimal.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(Sha256::digest(bytes.as_ref()))
}
