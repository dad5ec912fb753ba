//! Durations as aws-okta's users write them, and the ones that AWS knows.

pub use crate::aws::duration::{HOUR, LONGEST, SHORTEST};
pub use crate::sys::duration::{parse, parse_seconds, shown};
