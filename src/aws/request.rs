//! What STS is asked for.

use std::time::Duration;

use crate::aws::external_id::ExternalId;
use crate::aws::session_name::SessionName;
use crate::sys::secret::Secret;

/// Asks for the credentials of a role that a SAML assertion names. Needs no signature: the
/// assertion itself is the proof.
#[derive(Clone, Copy, Debug)]
pub struct AssumeRoleWithSaml<'a> {
    /// The role.
    pub role_arn: &'a str,
    /// The SAML provider that the assertion pairs it with.
    pub provider_arn: &'a str,
    /// The assertion in base64, as it came.
    pub assertion: &'a Secret,
    /// How long the credentials are to last; [`duration`](crate::aws::duration) has the limits.
    pub duration: Duration,
}

/// Asks for the credentials of a role that the holder of other credentials may assume.
#[derive(Clone, Copy, Debug)]
pub struct AssumeRole<'a> {
    /// The role.
    pub role_arn: &'a str,
    /// What the session is called in AWS's logs.
    pub session_name: &'a SessionName,
    /// How long the credentials are to last: [`HOUR`](crate::aws::duration::HOUR) at most.
    pub duration: Duration,
    /// What the role's trust policy asks to hear.
    pub external_id: Option<&'a ExternalId>,
    /// Who is behind the session, for good: no later role of the chain can change it.
    pub source_identity: Option<&'a SessionName>,
}
