//! Secrets that a person keeps in the file are never shown.

use std::borrow::Cow;

/// What is shown in a secret's place.
pub const MASK: &str = "********";

/// Whether a key (in any case) holds a secret.
pub fn is_secret(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    let names_a_file = key.ends_with("_file");
    !names_a_file
        && (key.contains("secret")
            || key.contains("password")
            || key.contains("passphrase")
            || key.ends_with("_token"))
}

/// `value`, unless `key` holds a secret.
pub fn masked<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    if is_secret(key) && !value.is_empty() { Cow::Borrowed(MASK) } else { Cow::Borrowed(value) }
}

/// A line of a config file as it may be shown. `under` is the key that an indented line continues.
pub fn masked_line<'a>(line: &'a str, under: Option<&str>) -> Cow<'a, str> {
    let body = line.trim_start_matches(['#', ';', ' ', '\t']);
    match body.find(['=', ':']) {
        Some(at) if is_secret(&body[..at]) && !body[at + 1..].trim().is_empty() => {
            let kept = line.len() - body.len() + at + 1;
            Cow::Owned(format!("{} {MASK}", &line[..kept]))
        }
        _ if under.is_some_and(is_secret) && line.starts_with([' ', '\t']) => {
            Cow::Owned(format!("  {MASK}"))
        }
        _ => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_secrets_are_masked() {
        let cases = [
            ("aws_secret_access_key = abc", "aws_secret_access_key = ********"),
            ("# AWS_SESSION_TOKEN: abc", "# AWS_SESSION_TOKEN: ********"),
            ("aws_secret_access_key =", "aws_secret_access_key ="),
            ("region = eu-west-1", "region = eu-west-1"),
            ("web_identity_token_file = /x", "web_identity_token_file = /x"),
            ("[profile secret]", "[profile secret]"),
        ];
        for (line, want) in cases {
            assert_eq!(masked_line(line, None), want);
        }
        assert_eq!(masked_line("  rest", Some("aws_session_token")), "  ********");
    }
}
