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
