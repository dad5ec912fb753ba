//! Who signs in, and by which password.

use crate::sys::secret::Secret;

/// A user's name and password. Where Okta has the password changed in the course of a sign-in,
/// it is the new one afterwards, whatever else becomes of that sign-in.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user's name at Okta.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// Whether it is another one than it was at first.
    pub changed: bool,
    /// Whether the app's own step refused it before: it is not sent there again.
    pub refused_at_step: bool,
}

impl Credentials {
    /// A user and a password.
    pub fn new(username: &str, password: &Secret) -> Self {
        let (username, password) = (username.to_owned(), password.clone());
        Self { username, password, changed: false, refused_at_step: false }
    }
}
