//! Secrets that a person keeps in the file are never shown.

use std::borrow::Cow;

use crate::ini::Document;

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

/// `value`, unless `key` holds a secret; in a block, each nested line by its own key.
pub fn masked<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    if is_secret(key) && !value.is_empty() {
        Cow::Borrowed(MASK)
    } else if value.contains('\n') {
        let lines: Vec<Cow<'_, str>> =
            value.split('\n').map(|line| masked_line(line, None)).collect();
        Cow::Owned(lines.join("\n"))
    } else {
        Cow::Borrowed(value)
    }
}

/// A line of a config file as it may be shown. `under` is the key that an indented line continues.
pub fn masked_line<'a>(line: &'a str, under: Option<&str>) -> Cow<'a, str> {
    if under.is_some_and(is_secret) && line.starts_with([' ', '\t']) {
        return Cow::Owned(format!("  {MASK}"));
    }
    let body = line.trim_start_matches(['#', ';', ' ', '\t']);
    let key = body.split(['=', ':', ' ', '\t']).next().unwrap_or(body);
    let value = body[key.len()..].trim_start_matches(['=', ':', ' ', '\t']);
    if is_secret(key) && !value.is_empty() {
        let kept = &line[..line.len() - value.len()];
        Cow::Owned(format!("{}{MASK}", kept.trim_end().to_owned() + " "))
    } else {
        Cow::Borrowed(line)
    }
}

/// Line `number` (from 1) of a document as it may be shown.
pub fn shown_line(document: &Document, number: usize) -> String {
    let is_key = |line: &str| !line.starts_with([' ', '\t', '#', ';']) && !line.is_empty();
    let above = (1..number).rev().map(|number| document.line(number)).find(|line| is_key(line));
    let under = above.as_deref().and_then(|line| line.split(['=', ':']).next());
    masked_line(&document.line(number), under).into_owned()
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
        assert_eq!(
            masked_line("aws_secret_access_key wJalr", None),
            "aws_secret_access_key ********"
        );
        assert_eq!(masked("s3", "\na = 1\nclient_secret = x"), "\na = 1\nclient_secret = ********");
        let document = Document::parse("[a]\naws_secret_access_key =\n  wJalr\nx = 1\n");
        assert_eq!(shown_line(&document, 3), "  ********");
        assert_eq!(shown_line(&document, 4), "x = 1");
        assert_eq!(masked_line("  rest", Some("aws_session_token")), "  ********");
    }
}
