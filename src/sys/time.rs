//! Moments, as file names and as a person says them.

use jiff::Timestamp;

/// `20261122T181700Z`: sorts by age and is legal in a file name everywhere.
pub fn compact(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// How long before `now` a `moment` was: `just now`, `2 hours ago`, `3 days ago`. A moment that
/// is still to come (somebody's clock is wrong) is told by its date.
pub fn ago(moment: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - moment.as_second();
    let (number, unit) = match seconds {
        ..-300 => return format!("dated {}", moment.strftime("%Y-%m-%d")),
        -300..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..5_184_000 => (seconds / 86_400, "day"),
        5_184_000..63_072_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    match (number, unit) {
        (1, "day") => "yesterday".to_owned(),
        (1, unit) => format!("1 {unit} ago"),
        (number, unit) => format!("{number} {unit}s ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let cases = [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7_200, "2 hours ago"),
            (86_400, "yesterday"),
            (3 * 86_400, "3 days ago"),
            (70 * 86_400, "2 months ago"),
            (800 * 86_400, "2 years ago"),
            (-10_000, "dated 2027-01-15"),
        ];
        for (age, want) in cases {
            let moment = Timestamp::from_second(now.as_second() - age).unwrap();
            assert_eq!(ago(moment, now), want, "{age} s");
        }
    }

    #[test]
    fn a_compact_moment_sorts_by_age() {
        let moment = Timestamp::from_second(1_795_371_420).unwrap();
        assert_eq!(compact(moment), "20261122T181700Z");
    }
}
