//! Templates of nothing but paths, which need no engine.

/// Whether there is nothing in it but paths: `{{ .hosts.prod }}`. Nearly all templates are so, and
/// the engine takes a twentieth of a millisecond for each; in a large file that is felt.
pub(super) fn is_plain(text: &str) -> bool {
    pieces(text).all(|piece| !matches!(piece, Piece::Other))
}

pub(super) enum Piece<'a> {
    Text(&'a str),
    /// `hosts.prod`
    Path(&'a str),
    /// Anything else, and the rest of the template.
    Other,
}

pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(action) = rest.strip_prefix("{{") else {
            let (before, after) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
            rest = after;
            return Some(Piece::Text(before));
        };
        let path = action.split_once("}}").and_then(|(inside, after)| {
            let path = inside.trim_matches([' ', '\t']).strip_prefix('.')?;
            path.split('.').all(is_name).then_some((path, after))
        });
        let Some((path, after)) = path else {
            rest = "";
            return Some(Piece::Other);
        };
        rest = after;
        Some(Piece::Path(path))
    })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
