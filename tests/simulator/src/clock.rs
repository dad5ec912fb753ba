//! Times as the services write them.

use jiff::{SignedDuration, Timestamp};

/// The machine's time, and `offset` seconds.
pub(crate) fn now(offset: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(offset)
}

/// `time` and `seconds`.
pub(crate) fn after(time: Timestamp, seconds: i64) -> Timestamp {
    time + SignedDuration::from_secs(seconds)
}

/// As Okta's JSON has it: `2026-01-02T03:04:05.000Z`.
pub(crate) fn millis(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// As AWS's XML has it: `2026-01-02T03:04:05Z`.
pub(crate) fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As a signature has it: `20260102T030405Z`.
pub(crate) fn compact(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Reads what [`compact`] writes.
pub(crate) fn from_compact(text: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// As a `Date` header has it: `Fri, 02 Jan 2026 03:04:05 GMT`.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
