//! The escape that go-yaml knows and YAML does not: `"it\'s"`.

/// The text, where the quoted string that begins at the byte `at` has `\'` written otherwise;
/// nothing where it has none.
pub(super) fn without_apostrophes(text: &str, at: usize) -> Option<String> {
    let (before, string) = text.split_at_checked(at)?;
    let mut rest = string.strip_prefix('"')?;
    let mut rewritten = format!("{before}\"");
    let mut found = false;
    while let Some(next) = rest.find(['\\', '"']).filter(|next| !rest[*next..].starts_with('"')) {
        let (plain, from) = rest.split_at(next);
        let escape = &from[..1 + from[1..].chars().next().map_or(0, char::len_utf8)];
        let is_apostrophe = escape == "\\'";
        found |= is_apostrophe;
        rewritten += plain;
        rewritten += if is_apostrophe { "\\x27" } else { escape };
        rest = &from[escape.len()..];
    }
    found.then(|| rewritten + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_string_is_written_anew() {
        let cases = [
            (r#""it\'s" "\'""#, 0, Some(r#""it\x27s" "\'""#)),
            (r#"a: "\"\'\\" b"#, 3, Some(r#"a: "\"\x27\\" b"#)),
            (r#"ä: "\\'""#, 4, None),
            (r#""\'"#, 0, Some(r#""\x27"#)),
            (r#""\"#, 0, None),
            (r#""\ä\'"#, 0, Some(r#""\ä\x27"#)),
            ("'x'", 0, None),
            ("ä", 1, None),
            ("", 5, None),
        ];
        for (text, at, want) in cases {
            assert_eq!(without_apostrophes(text, at).as_deref(), want, "{text}");
        }
    }
}
