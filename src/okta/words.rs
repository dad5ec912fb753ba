//! Words of the server's, made short enough to show.

/// `text` on one line and with at most `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A JavaScript string as it is meant: `\x2D` is `-`, `\/` is `/`. None for an escape that makes
/// no sense.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let digits = match rest.next()? {
            'x' => 2,
            'u' => 4,
            other => {
                out.push(other);
                continue;
            }
        };
        let code: String = rest.by_ref().take(digits).collect();
        let number = (code.len() == digits).then(|| u32::from_str_radix(&code, 16).ok());
        out.push(char::from_u32(number.flatten()?)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_javascript_are_undone() {
        for (text, want) in [
            (r"00a\x2Db_c\u002dd\/e", Some("00a-b_c-d/e")),
            ("plain", Some("plain")),
            (r"\x2", None),
            (r"\xZZ", None),
            (r"\uD800", None),
            ("\\", None),
        ] {
            assert_eq!(unescaped(text).as_deref(), want, "{text}");
        }
    }
}
