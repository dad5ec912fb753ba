//! AWS as a protocol: whose credentials, from where, for how long, and the console's front door.
//!
//! Nothing here knows a profile, keeps anything, asks a person, or reads the environment: what
//! the caller has looked up comes in as values, and the network and the time as traits.

pub mod arn;
pub mod duration;
pub mod endpoint;
pub mod external_id;
pub mod partition;
pub mod session_name;

pub use endpoint::Endpoint;
pub use external_id::ExternalId;
pub use partition::Partition;
pub use session_name::SessionName;
