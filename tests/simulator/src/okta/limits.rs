//! Rate limits: so many requests a minute to each endpoint.

use std::collections::HashMap;

use jiff::Timestamp;

use super::error;
use crate::clock;
use crate::http::Reply;
use crate::world::State;

/// Each endpoint's window: until when, and how many requests came in it.
pub(super) type Windows = HashMap<String, (Timestamp, u32)>;

const WINDOW_SECONDS: i64 = 60;

type Headers = Vec<(String, String)>;

/// Counts a request; gives the headers that tell of the limit, or the 429.
pub(super) fn take(state: &mut State, endpoint: &str) -> Result<Headers, Reply> {
    let (now, limit) = (state.now(), state.scenario.okta.rate_limit);
    let window = state.okta.windows.entry(endpoint.to_owned()).or_insert((now, 0));
    if window.0 <= now {
        *window = (clock::after(now, WINDOW_SECONDS), 0);
    }
    let (reset, used) = *window;
    if used >= limit {
        return Err(told(error("E0000047", &[]), limit, 0, reset));
    }
    window.1 += 1;
    Ok(told(Reply::default(), limit, limit - used - 1, reset).headers)
}

/// The 429 of a limit that ends in so many seconds.
pub(crate) fn rate_limited(now: Timestamp, seconds: i64) -> Reply {
    told(error("E0000047", &[]), 600, 0, clock::after(now, seconds))
}

/// The reset is a time in seconds since 1970, not a span.
fn told(reply: Reply, limit: u32, left: u32, reset: Timestamp) -> Reply {
    reply
        .header("X-Rate-Limit-Limit", limit.to_string())
        .header("X-Rate-Limit-Remaining", left.to_string())
        .header("X-Rate-Limit-Reset", reset.as_second().to_string())
}
