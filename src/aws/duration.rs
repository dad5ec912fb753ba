//! How long the credentials of a role may last.

use std::time::Duration;

use crate::error::{Error, Result};

/// The shortest session that STS gives: 15 minutes.
pub const SHORTEST: Duration = Duration::from_secs(900);

/// The longest session of any role: 12 hours. A role's own MaxSessionDuration is between
/// [`HOUR`], the default, and this (IAM API reference, CreateRole).
pub const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// One hour: what every role allows, and the most for a role assumed by another role's credentials
/// (STS API reference, AssumeRole, DurationSeconds).
pub const HOUR: Duration = Duration::from_secs(3600);

/// `duration` if STS can give such a session; `name` is what the person calls it, such as
/// `session_ttl`.
///
/// # Errors
/// When it is shorter than [`SHORTEST`] or longer than [`LONGEST`].
pub fn check(name: &str, duration: Duration) -> Result<Duration> {
    if (SHORTEST..=LONGEST).contains(&duration) {
        return Ok(duration);
    }
    let seconds = duration.as_secs();
    Err(Error::failed(format!("{name} is {seconds} s, and AWS gives sessions of 15m to 12h"))
        .hint("write it like 45m, 1h or 1h30m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sts_can_give_passes() {
        for (seconds, fits) in
            [(0, false), (899, false), (900, true), (43_200, true), (43_201, false)]
        {
            assert_eq!(
                check("session_ttl", Duration::from_secs(seconds)).is_ok(),
                fits,
                "{seconds}"
            );
        }
        assert!(check("session_ttl", Duration::MAX).is_err());
    }
}
