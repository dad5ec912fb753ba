//! A template taken apart as Go's lexer takes it apart, as far as robo needs to know.

/// A piece of a template. They follow each other without gaps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::tasks) enum Kind {
    /// What stands outside of actions.
    Text,
    /// `{{`
    Open,
    /// `}}`, or `-}}` behind a blank.
    Close,
    /// `"…"` or `'…'`.
    Quoted,
    /// `` `…` ``
    Raw,
    Comment,
    /// Letters, digits and underscores.
    Word,
    /// Any other character.
    Other,
    /// A string, comment or action that does not end, up to the template's end.
    Broken,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::tasks) struct Token<'a> {
    pub(in crate::tasks) kind: Kind,
    pub(in crate::tasks) text: &'a str,
    /// Where it begins.
    pub(in crate::tasks) start: usize,
}

pub(in crate::tasks) fn tokens(template: &str) -> impl Iterator<Item = Token<'_>> {
    let (mut start, mut inside, mut opened) = (0, false, false);
    std::iter::from_fn(move || {
        let rest = &template[start..];
        if rest.is_empty() {
            return None;
        }
        let (kind, length) = if !inside {
            match rest.find("{{") {
                Some(0) => (Kind::Open, 2),
                at => (Kind::Text, at.unwrap_or(rest.len())),
            }
        } else if opened && after_trim(rest).starts_with("/*") {
            (Kind::Comment, rest.find("*/").map_or(usize::MAX, |end| end + 2))
        } else {
            let blank_before = template[..start].ends_with([' ', '\t', '\r', '\n']);
            in_action(rest, blank_before)
        };
        opened = kind == Kind::Open;
        inside = !matches!(kind, Kind::Text | Kind::Close);
        let kind = if length > rest.len() || (length == rest.len() && inside) {
            Kind::Broken
        } else {
            kind
        };
        let length = if kind == Kind::Broken { rest.len() } else { length };
        let token = Token { kind, text: &rest[..length], start };
        start += length;
        Some(token)
    })
}

/// What follows the mark that trims the text before an action.
fn after_trim(action: &str) -> &str {
    match action.strip_prefix('-') {
        Some(rest) if rest.starts_with([' ', '\t', '\r', '\n']) => &rest[1..],
        _ => action,
    }
}

/// The next piece of an action, and its length; too long a one does not end.
fn in_action(rest: &str, blank_before: bool) -> (Kind, usize) {
    let first = rest.chars().next().unwrap_or_default();
    match first {
        '}' if rest.starts_with("}}") => (Kind::Close, 2),
        '-' if blank_before && rest.starts_with("-}}") => (Kind::Close, 3),
        '"' | '\'' => (Kind::Quoted, quoted_length(rest, first).unwrap_or(usize::MAX)),
        '`' => (Kind::Raw, rest[1..].find('`').map_or(usize::MAX, |end| end + 2)),
        _ if is_in_word(first) => (Kind::Word, rest.find(|c| !is_in_word(c)).unwrap_or(rest.len())),
        _ => (Kind::Other, first.len_utf8()),
    }
}

pub(in crate::tasks) fn is_in_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Neither kind of quotes goes on in the next line.
fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\n' => return None,
            '\\' if characters.next().is_some_and(|(_, next)| next == '\n') => return None,
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_taken_apart() {
        let template = "a{{- /* }} */ -}}{{ if eq .x \"}}\\\"\" `\\`}}b {{ .y -}} {{\"";
        let parts: Vec<(Kind, &str)> = tokens(template)
            .filter(|token| token.text != " ")
            .map(|token| (token.kind, token.text))
            .collect();
        let want = [
            (Kind::Text, "a"),
            (Kind::Open, "{{"),
            (Kind::Comment, "- /* }} */"),
            (Kind::Close, "-}}"),
            (Kind::Open, "{{"),
            (Kind::Word, "if"),
            (Kind::Word, "eq"),
            (Kind::Other, "."),
            (Kind::Word, "x"),
            (Kind::Quoted, "\"}}\\\"\""),
            (Kind::Raw, "`\\`"),
            (Kind::Close, "}}"),
            (Kind::Text, "b "),
            (Kind::Open, "{{"),
            (Kind::Other, "."),
            (Kind::Word, "y"),
            (Kind::Close, "-}}"),
            (Kind::Open, "{{"),
            (Kind::Broken, "\""),
        ];
        assert_eq!(parts, want);
        let whole: String = tokens(template).map(|token| token.text).collect();
        assert_eq!(whole, template);
    }
}
