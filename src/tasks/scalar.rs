//! What a plain scalar means, as go-yaml v2 takes it: YAML 1.1, but for numbers to the base 60.

/// A scalar's meaning.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// One that is larger than any [`Scalar::Int`].
    Uint(u64),
    Float(f64),
    Text(String),
}

impl Scalar {
    /// The meaning of what stands without quotes. Dates are texts, as go-yaml has them where no
    /// date is asked for.
    pub(super) fn read(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Self::Null,
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
                return Self::Bool(true);
            }
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False"
            | "FALSE" => return Self::Bool(false),
            ".nan" | ".NaN" | ".NAN" => return Self::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
                return Self::Float(f64::INFINITY);
            }
            "-.inf" | "-.Inf" | "-.INF" => return Self::Float(f64::NEG_INFINITY),
            _ => {}
        }
        let number = match text.bytes().next() {
            Some(b'.') => float(text),
            Some(b'0'..=b'9' | b'+' | b'-') => {
                let digits = text.replace('_', "");
                integer(&digits).or_else(|| styled_float(&digits))
            }
            _ => None,
        };
        number.unwrap_or_else(|| Self::Text(text.to_owned()))
    }
}

/// Whether go-yaml writes a text that is no other scalar without quotes, on one line: then what
/// it means is decided anew when it is read again.
pub(super) fn is_written_plain(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let blank = |at: Option<&char>| at.is_none_or(|&next| next == ' ' || next == '\t');
    let (Some(&first), Some(&last)) = (characters.first(), characters.last()) else {
        return false;
    };
    if first == ' ' || last == ' ' || text.starts_with("---") || text.starts_with("...") {
        return false;
    }
    let begins = match first {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
        | '@' | '`' => true,
        '?' | ':' | '-' => blank(characters.get(1)),
        _ => false,
    };
    let within = characters.iter().enumerate().skip(1).any(|(at, character)| match character {
        ':' => blank(characters.get(at + 1)),
        '#' => blank(characters.get(at - 1)),
        _ => false,
    });
    // What cannot be printed is escaped, and escapes need quotes.
    let special = characters
        .iter()
        .any(|&character| character.is_control() || matches!(character, '\u{feff}' | '\u{2028}'));
    !(begins || within || special)
}

/// An integer as Go's `ParseInt` reads it to the base 0: `0x1f`, `0b1`, `0o17` and `017`.
fn integer(digits: &str) -> Option<Scalar> {
    let (sign, digits) = match digits.as_bytes().first()? {
        b'-' => ("-", &digits[1..]),
        b'+' => ("", &digits[1..]),
        _ => ("", digits),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some(two) if two.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if !digits.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return None;
    }
    let signed = i64::from_str_radix(&format!("{sign}{digits}"), base).ok().map(Scalar::Int);
    signed.or_else(|| {
        let whole = sign.is_empty().then(|| u64::from_str_radix(digits, base).ok()).flatten();
        whole.map(Scalar::Uint)
    })
}

/// `[-+]?[0-9]*\.?[0-9]+([eE][-+][0-9]+)?`: the floats of YAML 1.1, whose exponent has a sign.
fn styled_float(digits: &str) -> Option<Scalar> {
    let bare = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (bare, None),
    };
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or(("", mantissa));
    let mantissa_fits = all_digits(fraction) && (whole.is_empty() || all_digits(whole));
    let exponent_fits =
        exponent.is_none_or(|text| text.strip_prefix(['-', '+']).is_some_and(all_digits));
    (mantissa_fits && exponent_fits).then(|| digits.parse().ok().map(of_float)).flatten()
}

/// `.5` and `.5e3`, as Go's `ParseFloat` reads them.
fn float(text: &str) -> Option<Scalar> {
    let numeric = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    numeric.then(|| text.parse().ok().map(of_float)).flatten()
}

/// What a float is in the end: go-yaml writes a whole one without its fraction, unless it is so
/// large that it has an exponent, and tj/robo reads once more what it wrote.
fn of_float(number: f64) -> Scalar {
    if number.fract() == 0.0 && number.abs() < 1e6 {
        Scalar::Int(number as i64)
    } else {
        Scalar::Float(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_what_go_takes_them_for() {
        let text = |text: &str| Scalar::Text(text.to_owned());
        let cases = [
            ("yes", Scalar::Bool(true)),
            ("Off", Scalar::Bool(false)),
            ("yEs", text("yEs")),
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("0777", Scalar::Int(511)),
            ("0x1F", Scalar::Int(31)),
            ("0b101", Scalar::Int(5)),
            ("0o17", Scalar::Int(15)),
            ("-0x10", Scalar::Int(-16)),
            ("+7", Scalar::Int(7)),
            ("0", Scalar::Int(0)),
            ("-0", Scalar::Int(0)),
            ("1_000", Scalar::Int(1000)),
            ("08", Scalar::Int(8)),
            ("3.0", Scalar::Int(3)),
            ("-0.0", Scalar::Int(0)),
            ("1000000.0", Scalar::Float(1e6)),
            ("18446744073709551615", Scalar::Uint(u64::MAX)),
            ("18446744073709551616", Scalar::Float(18_446_744_073_709_551_616.0)),
            ("1.10", Scalar::Float(1.1)),
            ("1e3", text("1e3")),
            ("1e+3", Scalar::Int(1000)),
            (".5", Scalar::Float(0.5)),
            (".e", text(".e")),
            ("..", text("..")),
            ("1.", text("1.")),
            (".inf", Scalar::Float(f64::INFINITY)),
            ("-", text("-")),
            ("--5", text("--5")),
            ("0x", text("0x")),
            ("0x+1", text("0x+1")),
            ("1:30", text("1:30")),
            ("2001-01-02", text("2001-01-02")),
            ("1.2.3", text("1.2.3")),
            ("nan", text("nan")),
            ("inf", text("inf")),
            ("ä", text("ä")),
            ("0ä", text("0ä")),
        ];
        for (written, want) in cases {
            assert_eq!(Scalar::read(written), want, "{written}");
        }
    }

    #[test]
    fn what_needs_quotes_has_them() {
        for plain in
            ["$(echo 5)", "a-{{ .b }}", "x: y".trim_end_matches(": y"), "a#b", "-x", "http://x"]
        {
            assert!(is_written_plain(plain), "{plain}");
        }
        for quoted in
            ["", "{{ .a }}", "a: b", "a:", "a #b", " a", "a ", "- a", "-", "[a", "'a'", "a\u{7}"]
        {
            assert!(!is_written_plain(quoted), "{quoted}");
        }
    }
}
