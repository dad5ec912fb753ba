//! The credentials of one role, for a while.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aws::arn::AssumedRole;
use crate::sys::secret::Secret;

/// What AWS gave to act as a role until [`expiration`](Self::expiration).
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Names the credentials; no secret by itself.
    pub access_key_id: String,
    /// Signs requests.
    pub secret_access_key: Secret,
    /// Goes with each request.
    pub session_token: Secret,
    /// When they came, by this machine's clock.
    pub obtained: Timestamp,
    /// When they end, by AWS's clock.
    pub expiration: Timestamp,
    /// Who one is with them: `arn:aws:sts::111111111111:assumed-role/Admin/jo@acme.com`.
    pub assumed_role_arn: String,
}

impl Credentials {
    /// Whether more than `min_ttl` of their time is left. Of short-lived ones half the lifetime is
    /// enough, so that no lifetime is so short that they are fetched anew each time.
    ///
    /// Not when `now` is well before they came: then the clock was set back, and says nothing of
    /// how long they still last.
    pub fn is_fresh(&self, now: Timestamp, min_ttl: Duration) -> bool {
        let lifetime = self.expiration.duration_since(self.obtained);
        let left = self.expiration.duration_since(now);
        let wanted = SignedDuration::try_from(min_ttl).unwrap_or(SignedDuration::MAX);
        let jitter = SignedDuration::from_mins(5);
        now.duration_since(self.obtained) > -jitter && left > wanted.min(lifetime / 2)
    }

    /// Who one is with them, in parts; none when AWS named no assumed role.
    pub fn assumed_role(&self) -> Option<AssumedRole<'_>> {
        AssumedRole::parse(&self.assumed_role_arn)
    }
}

/// Credentials with their secrets in the clear: to be serialized into an encrypted file, and into
/// nothing else.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Stored {
    access_key_id: String,
    #[serde(with = "in_the_clear")]
    secret_access_key: Secret,
    #[serde(with = "in_the_clear")]
    session_token: Secret,
    obtained: Timestamp,
    expiration: Timestamp,
    assumed_role_arn: String,
}

impl From<Credentials> for Stored {
    fn from(credentials: Credentials) -> Self {
        let Credentials {
            access_key_id,
            secret_access_key,
            session_token,
            obtained,
            expiration,
            assumed_role_arn,
        } = credentials;
        Self {
            access_key_id,
            secret_access_key,
            session_token,
            obtained,
            expiration,
            assumed_role_arn,
        }
    }
}

impl From<Stored> for Credentials {
    fn from(stored: Stored) -> Self {
        let Stored {
            access_key_id,
            secret_access_key,
            session_token,
            obtained,
            expiration,
            assumed_role_arn,
        } = stored;
        Self {
            access_key_id,
            secret_access_key,
            session_token,
            obtained,
            expiration,
            assumed_role_arn,
        }
    }
}

/// A secret as a plain string of a serialized form.
mod in_the_clear {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::sys::secret::{ExposeSecret as _, Secret};

    pub(super) fn serialize<S: Serializer>(
        secret: &Secret,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{credentials, now};
    use crate::sys::secret::ExposeSecret as _;

    #[test]
    fn freshness_wants_the_least_time_but_never_more_than_half() {
        // Lifetime, elapsed, least time wanted (all minutes); still fresh?
        let cases = [
            (60, 0, 15, true),
            (60, 44, 15, true),
            (60, 45, 15, false),
            (60, 61, 0, false),
            (60, 60, 0, false),
            (15, 0, 15, true),
            (15, 7, 15, true),
            (15, 8, 15, false),
            (720, 359, 1_000_000, true),
            (720, 360, 1_000_000, false),
            (60, -4, 15, true),
            (60, -6, 15, false),
            (-5, 0, 0, false),
        ];
        for (lifetime, elapsed, least, fresh) in cases {
            let mut some = credentials("hub");
            some.expiration = some.obtained + SignedDuration::from_mins(lifetime);
            let at = some.obtained + SignedDuration::from_mins(elapsed);
            let least_ttl = Duration::from_secs(least * 60);
            assert_eq!(some.is_fresh(at, least_ttl), fresh, "{lifetime} {elapsed} {least}");
        }
        assert!(!credentials("hub").is_fresh(now() + SignedDuration::from_hours(1), Duration::MAX));
    }

    #[test]
    fn they_survive_storage_and_show_no_secret() {
        let some = credentials("hub");
        let shown = format!("{some:?} {:?}", Stored::from(some.clone()));
        assert!(!shown.contains("secret-of-hub") && !shown.contains("token-of-hub"), "{shown}");

        let text = serde_json::to_string(&Stored::from(some.clone())).unwrap();
        let back = Credentials::from(serde_json::from_str::<Stored>(&text).unwrap());
        assert_eq!(back.access_key_id, some.access_key_id);
        assert_eq!(back.secret_access_key.expose_secret(), "secret-of-hub");
        assert_eq!(back.session_token.expose_secret(), "token-of-hub");
        assert_eq!((back.obtained, back.expiration), (some.obtained, some.expiration));
        assert_eq!(back.assumed_role().unwrap().role, "hub");
    }
}
