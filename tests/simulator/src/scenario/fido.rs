//! What an org knows of a security key, and what it asks of it.

use serde::{Deserialize, Serialize};

/// The part of a factor that only security keys have.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fido {
    /// The public key: an uncompressed point of P-256, in base64 for URLs. Without one no signature
    /// is right.
    pub public_key: String,
    /// `required`, `preferred` (also where it is empty) or `discouraged`.
    pub verification: String,
    /// The relying party, where the challenge names one; else it is the host, and not named.
    pub rp_id: Option<String>,
    /// The application id that the challenge names for a key that once was one of U2F.
    pub app_id: Option<String>,
}
