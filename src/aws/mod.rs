//! AWS as a protocol: whose credentials, from where, for how long, and the console's front door.
//!
//! Three servers are spoken to, each by a handful of requests. STS turns Okta's SAML assertion
//! into the credentials of one role ([`Sts::assume_role_with_saml`]) and those into the
//! credentials of the next ([`Sts::assume_role`]). The sign-in server turns credentials into a
//! link that opens the console ([`signin::login_url`]). Where the two are is decided by
//! [`endpoint`] from the [`partition`] that a role is in.
//!
//! Nothing here knows a profile, keeps anything, asks a person, or reads the environment: what
//! the caller has looked up comes in as values, and the network and the time as traits.

mod answer;
pub mod arn;
pub mod credentials;
pub mod destination;
pub mod duration;
pub mod endpoint;
pub mod external_id;
pub mod partition;
mod patience;
mod problem;
mod refusal;
pub mod request;
pub mod session_name;
mod sign;
pub mod signin;
mod sts;
#[cfg(test)]
mod testing;

pub use answer::CallerIdentity;
pub use credentials::{Credentials, Stored};
pub use endpoint::Endpoint;
pub use external_id::ExternalId;
pub use partition::Partition;
pub use problem::{Problem, StsError};
pub use request::{AssumeRole, AssumeRoleWithSaml};
pub use session_name::SessionName;
pub use sts::Sts;
