//! Text that must not be shown: it cannot be printed, and its memory is wiped when it goes.

pub use secrecy::ExposeSecret;

/// A password, a token, a cookie, a one-time code. `Debug` shows nothing of it, there is no
/// `Display`; [`ExposeSecret::expose_secret`] marks each place where it is let out.
pub type Secret = secrecy::SecretString;
