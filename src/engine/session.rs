//! What the engine gives: AWS credentials, and what they are good for.

use crate::aws::Credentials;

/// Credentials for a profile.
#[derive(Clone, Debug)]
pub struct Session {
    /// The keys.
    pub credentials: Credentials,
    /// The role that was asked for, or picked from the assertion.
    pub role_arn: String,
    /// The region that the profile, a flag or the environment names.
    pub region: Option<String>,
    /// Whether a role was assumed with another role's credentials: AWS then allows less (an hour
    /// at most, and a console session no longer than that).
    pub chained: bool,
}
