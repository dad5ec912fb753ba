//! Durations as aws-okta's users write them: Go's `1h30m` (`time.ParseDuration`).

use std::time::Duration;

/// Reads `1h30m`, `45m`, `1.5h`, `3600s`.
///
/// # Errors
/// What is wrong with it, in words that follow the text.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "is not a duration such as 45m, 1h or 1h30m";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(FORM);
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or("has no unit; write it as 45m, 1h or 3600s")?;
        let number: f64 = rest[..digits].parse().map_err(|_| FORM)?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        seconds += number
            * match &rest[..letters] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                "d" => return Err("has the unit d, which Go's durations do not have; write 24h"),
                _ => return Err(FORM),
            };
        rest = &rest[letters..];
    }
    // Whole seconds are all that STS takes; the bound keeps the conversion exact.
    Duration::try_from_secs_f64(seconds.min(1e9).floor()).map_err(|_| FORM)
}

/// Reads a number of seconds, as the AWS CLI has it in `duration_seconds`.
///
/// # Errors
/// As [`parse`].
pub fn parse_seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.trim().parse::<u32>().map_err(|_| "is not a number of seconds")?;
    Ok(Duration::from_secs(seconds.into()))
}

/// `12 h`, `1 h 30 min`, `15 min`, `90 s`.
pub fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (hours, 0, 0) => format!("{hours} h"),
        (hours, minutes, 0) => format!("{hours} h {minutes} min"),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_gos() {
        let cases = [
            ("1h", Some(3600)),
            ("1h30m", Some(5400)),
            ("45m", Some(2700)),
            ("1.5h", Some(5400)),
            ("3600s", Some(3600)),
            ("1h0m0s", Some(3600)),
            (" 12h ", Some(43200)),
            ("1500ms", Some(1)),
            ("99999999999h", Some(1_000_000_000)),
            ("", None),
            ("1", None),
            ("h", None),
            ("1d", None),
            ("-1h", None),
            ("1h30", None),
            ("1..5h", None),
            ("1h m", None),
            ("one hour", None),
            ("1hour", None),
            ("1ü", None),
        ];
        for (text, want) in cases {
            assert_eq!(parse(text).ok().map(|d| d.as_secs()), want, "{text}");
        }
        assert_eq!(parse_seconds("900").unwrap().as_secs(), 900);
        assert!(parse_seconds("1h").is_err());
    }

    #[test]
    fn a_duration_is_shown_as_it_is_said() {
        let cases = [
            (43200, "12 h"),
            (5400, "1 h 30 min"),
            (900, "15 min"),
            (90, "90 s"),
            (3661, "3661 s"),
        ];
        for (seconds, want) in cases {
            assert_eq!(shown(Duration::from_secs(seconds)), want);
        }
    }
}
