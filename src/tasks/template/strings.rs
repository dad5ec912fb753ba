//! The strings in a template, as the engine understands them.

use std::borrow::Cow;

/// The template with its raw strings (in backticks) as quoted ones: the engine takes what looks
/// like an escape in them for one, and Go does not.
pub(super) fn without_raw_strings(text: &str) -> Cow<'_, str> {
    if !text.contains('`') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, action)) = rest.split_once("{{") {
        plain.push_str(before);
        plain.push_str("{{");
        rest = action;
        // To the end of the action, past strings: one may hold the braces that would end it.
        while !rest.is_empty() && !rest.starts_with("}}") {
            let length = match rest.chars().next() {
                Some('`') => rest[1..].find('`').map(|end| end + 2),
                Some(quote @ ('"' | '\'')) => quoted_length(rest, quote),
                Some('/') if rest.starts_with("/*") => rest.find("*/").map(|end| end + 2),
                other => other.map(char::len_utf8),
            };
            let (token, after) = rest.split_at(length.unwrap_or(rest.len()));
            match token.strip_prefix('`').and_then(|token| token.strip_suffix('`')) {
                Some(raw) => plain.push_str(&quoted(raw)),
                None => plain.push_str(token),
            }
            rest = after;
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote {
            return Some(at + 1);
        }
    }
    None
}

/// A Go string in quotes.
fn quoted(raw: &str) -> String {
    // Go drops carriage returns from raw strings.
    let escaped = raw.replace('\r', "").replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n").replace('\t', "\\t"))
}
