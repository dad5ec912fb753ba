//! Text from outside, made safe to show; and the nearest of a few names.

use std::borrow::Cow;

/// `text` with every character that could steer a terminal, or reorder what a person reads,
/// written as an escape such as `\u{1b}`. Tabs stay; line ends are escaped too.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(steers) {
        let escape = |c: char| {
            if steers(c) { c.escape_unicode().to_string() } else { c.to_string() }
        };
        Cow::Owned(text.chars().map(escape).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Control characters (C0, DEL, C1), the bidirectional controls of Unicode UAX #9, and characters
/// that show nothing, so that one name can look like another (UTS #39, 3.1; the tags).
fn steers(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
}

/// The names in `among` that a person who typed `name` may have meant, nearest first; at most
/// three, and none that is further off than a third of its length.
pub fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let mut near: Vec<(usize, &str)> = among
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&name, &lower);
            let close = distance <= name.chars().count().max(lower.chars().count()).div_ceil(3);
            let begins = name.len() >= 2 && lower.starts_with(&name);
            (close || begins).then_some((distance, candidate))
        })
        .collect();
    near.sort();
    near.dedup();
    near.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// `did you mean 'dev' or 'dew'?`, or nothing when no name is near.
pub fn did_you_mean<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let quoted: Vec<String> =
        nearest(name, among).into_iter().map(|near| format!("'{near}'")).collect();
    let (last, rest) = quoted.split_last()?;
    Some(if rest.is_empty() {
        format!("did you mean {last}?")
    } else {
        format!("did you mean {} or {last}?", rest.join(", "))
    })
}

/// `1 key`, `2 keys`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_characters_are_written_out() {
        let cases = [
            ("plain", "plain"),
            ("a\tb", "a\tb"),
            ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
            ("a\rb\u{9b}c", "a\\u{d}b\\u{9b}c"),
            ("evil\u{202e}moc", "evil\\u{202e}moc"),
            ("a\u{ad}b\u{e0061}", "a\\u{ad}b\\u{e0061}"),
            ("ünï", "ünï"),
        ];
        for (text, want) in cases {
            assert_eq!(plain(text), want);
        }
    }

    #[test]
    fn only_near_names_are_offered() {
        let teams = ["foundation", "data", "fpa"];
        assert_eq!(nearest("fundation", teams), ["foundation"]);
        assert_eq!(nearest("found", teams), ["foundation"]);
        assert_eq!(nearest("xyzzy", teams), [""; 0]);
        assert_eq!(did_you_mean("date", teams).as_deref(), Some("did you mean 'data'?"));
        assert_eq!(did_you_mean("zzz", teams), None);
    }
}
