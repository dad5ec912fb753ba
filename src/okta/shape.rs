//! What a code looks like: what cannot be one need not be sent, for each wrong one counts towards
//! a lock.

use crate::okta::factor::Factor;

/// The shape of a factor's codes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// Six digits: Okta Verify, Google Authenticator (RFC 6238).
    Six,
    /// Digits: what is sent by message, mail or call, and what other tokens show.
    Digits,
    /// A YubiKey's one-time password, in its own alphabet that is the same on every keyboard.
    Yubikey,
    /// RSA's: a PIN, which may have letters, and digits.
    Token,
}

impl Shape {
    pub(super) fn of(factor: &Factor) -> Self {
        match factor.id.factor_type.as_str() {
            "token:software:totp" => Self::Six,
            "token:hardware" if factor.is("YUBICO") => Self::Yubikey,
            "token" | "token:hardware" => Self::Token,
            _ => Self::Digits,
        }
    }

    /// Whether `code` can be one.
    pub(super) fn fits(self, code: &str) -> bool {
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Six => digits && code.len() == 6,
            Self::Digits => digits && (4..=10).contains(&code.len()),
            Self::Yubikey => {
                let own = |c: char| "cbdefghijklnrtuv".contains(c.to_ascii_lowercase());
                (32..=64).contains(&code.len()) && code.chars().all(own)
            }
            Self::Token => {
                (4..=32).contains(&code.len())
                    && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
        }
    }

    /// What it has, as the end of a sentence.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Six => "codes of 6 digits",
            Self::Digits => "codes of digits alone",
            Self::Yubikey => "one-time passwords of 32 letters or more, which a touch types",
            Self::Token => "codes of letters and digits",
        }
    }

    /// What is said to anything else.
    pub(super) fn refusal(self) -> String {
        format!("That was not sent: it has {}.", self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_shape() {
        let yubikey = "ccccccbchvthlivuitriujjifivbvtrjkjfirllluurj";
        for (shape, fits, not) in [
            (Shape::Six, &["480362"][..], &["48036", "4803621", "48036x", "", "٤٨٠٣٦٢"][..]),
            (Shape::Digits, &["12345", "480362"], &["123", "12345678901", "r2345"]),
            (Shape::Yubikey, &[yubikey], &["480362", "cccc", "password that is long enough 1234"]),
            (Shape::Token, &["pin480362", "4803"], &["480", "a b c d", "ümlaut"]),
        ] {
            assert!(fits.iter().all(|code| shape.fits(code)), "{shape:?}");
            assert!(!not.iter().any(|code| shape.fits(code)), "{shape:?}");
        }
    }
}
