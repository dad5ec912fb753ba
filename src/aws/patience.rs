//! How often and how long a busy server is asked again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::sys::clock::Clock;

const MOST_TRIES: u32 = 5;
const LONGEST: SignedDuration = SignedDuration::from_secs(20);
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// What is left of it for one request.
#[derive(Debug)]
pub(super) struct Patience {
    since: Timestamp,
    tries: u32,
}

impl Patience {
    pub(super) fn new(clock: &dyn Clock) -> Self {
        Self { since: clock.now(), tries: 1 }
    }

    /// How often it was tried, the next time included if there is one.
    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    /// How long to wait before the next try, if there is to be one: twice as long each time, with
    /// a random part, so that many at once do not come back at once; longer if the server says so.
    pub(super) fn wait(&mut self, now: Timestamp, server: Option<Duration>) -> Option<Duration> {
        if self.tries >= MOST_TRIES {
            return None;
        }
        let most = FIRST_WAIT * 2_u32.pow(self.tries - 1);
        // Without randomness it is a wait all the same.
        let part = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        let wait = most.mul_f64(0.5 + part / 2.0).max(server.unwrap_or_default());
        let wait_for = SignedDuration::try_from(wait).ok()?;
        let until = now.duration_since(self.since).checked_add(wait_for)?;
        if until > LONGEST {
            return None;
        }
        self.tries += 1;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Jumping, now};

    #[test]
    fn it_doubles_and_ends() {
        for _ in 0..50 {
            let mut patience = Patience::new(&Jumping::default());
            for most in [500, 1_000, 2_000, 4_000] {
                let wait = patience.wait(now(), None).unwrap().as_millis();
                assert!((most / 2..=most).contains(&wait), "{wait} of {most}");
            }
            assert_eq!(patience.wait(now(), None), None);
            assert_eq!(patience.tries(), 5);
        }
    }

    #[test]
    fn the_server_may_ask_for_more_within_the_limit() {
        let wait = |elapsed: i64, server| {
            let mut patience = Patience::new(&Jumping::default());
            patience.wait(now() + SignedDuration::from_secs(elapsed), server)
        };
        let seconds = Duration::from_secs;
        assert_eq!(wait(0, Some(seconds(7))), Some(seconds(7)));
        assert_eq!(wait(0, Some(seconds(21))), None);
        assert_eq!(wait(0, Some(Duration::MAX)), None);
        assert_eq!(wait(20, None), None);
        assert!(wait(-3600, None).is_some(), "a clock that was set back ends nothing");
    }
}
