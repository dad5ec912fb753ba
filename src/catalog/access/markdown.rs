//! Markdown for a page of documentation or a pull request, of the dialect that GitHub reads.

use crate::catalog::access::Access;
use crate::catalog::access::matrix::Matrix;

pub(super) fn render(access: &Access<'_>) -> String {
    let mut text = format!("## Who has access to what\n\n{}.\n", escaped(&access.summary()));
    if let Some(matrix) = Matrix::of(access) {
        let head = [matrix.corner.to_owned()].into_iter().chain(matrix.columns.iter().cloned());
        let rows = matrix.rows.iter().map(|(name, cells)| {
            [name.clone()].into_iter().chain(cells.iter().cloned()).collect::<Vec<_>>()
        });
        text.push('\n');
        text.push_str(&table(&head.collect::<Vec<_>>(), rows));
    }
    let head = ["team", "account", "id", "role", "IAM role", "policies", "session", "granted at"];
    let rows = access.rows().iter().map(|row| {
        let catalog = access.catalog;
        vec![
            row.team.name.clone(),
            row.account.name.clone(),
            row.account.id.clone(),
            row.role_name().to_owned(),
            row.role_arn(catalog),
            row.may(),
            row.session(catalog).unwrap_or_default().to_owned(),
            row.granted_at(catalog).join(" "),
        ]
    });
    text.push('\n');
    text.push_str(&table(&head.map(str::to_owned), rows));
    if !access.not_granted().is_empty() {
        text.push_str("\n### In hand-written files, but not granted by the catalogue\n\n");
        let rows = access.not_granted().iter().map(|found| {
            vec![
                found.team.clone(),
                found.profile.clone(),
                found.role_arn.clone(),
                found.place.clone(),
            ]
        });
        let head = ["team", "profile", "role", "said at"].map(str::to_owned);
        text.push_str(&table(&head, rows));
    }
    text
}

/// A table; its cells are escaped.
pub(super) fn table(head: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = line(head);
    text.push_str(&format!("|{}\n", " --- |".repeat(head.len())));
    rows.for_each(|row| text.push_str(&line(&row)));
    text
}

/// Text that is only text. An '@' would call somebody on GitHub, and an address become a link.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~'
            | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '\n' | '\r' => safe.push(' '),
            _ => safe.push(c),
        }
    }
    crate::sys::text::plain(&safe).replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let cases = [
            ("plain-name", "plain-name"),
            ("a|b", "a\\|b"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("[x](http://y)", "\\[x\\]\\(http&#58;//y\\)"),
            ("@acme/all", "&#64;acme/all"),
            ("a_b*c`d", "a\\_b\\*c\\`d"),
            ("a\nb", "a b"),
            ("a\\|b", "a\\\\\\|b"),
            ("\u{202e}x", "\\u{202e}x"),
        ];
        for (text, want) in cases {
            assert_eq!(escaped(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_table_has_a_head_and_a_line_a_row() {
        let text =
            table(&["a".to_owned(), "b".to_owned()], [vec!["1".into(), "|".into()]].into_iter());
        assert_eq!(text, "| a | b |\n| --- | --- |\n| 1 | \\| |\n");
    }
}
