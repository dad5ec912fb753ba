//! JSON for programs, safe on a terminal too.

use serde::Serialize;

use crate::error::{Error, Result};

/// `value` as JSON of several lines. Characters that could steer a terminal are escaped, as JSON
/// allows for any character in a string.
pub(super) fn render(value: &impl Serialize) -> Result<String> {
    use std::fmt::Write as _;
    let text = serde_json::to_string_pretty(value)
        .map_err(|cause| Error::failed("cannot write the answer as JSON").because(cause))?;
    let mut safe = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Line feeds are between strings: those in strings are escaped already.
        if c == '\n' || crate::sys::text::plain(c.encode_utf8(&mut [0; 4])).chars().count() == 1 {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe.push('\n');
    Ok(safe)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_steers_a_terminal_is_escaped_and_means_the_same() {
        let value = "a\x1b\u{9b}\u{202e}\n\"ü";
        let text = super::render(&value).unwrap();
        assert_eq!(text, "\"a\\u001b\\u009b\\u202e\\n\\\"ü\"\n");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
    }
}
