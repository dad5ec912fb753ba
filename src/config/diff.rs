//! The diff of two AWS configs: a line is compared with those of its own section only, and no
//! secret is shown.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::config::mask;
use crate::diff::{self, Hunk};

/// Compares two texts line by line. A line is compared with those of its own section only, so that
/// `region = eu-west-1` of one profile is never taken for another's. Secrets are masked, bytes that
/// are not UTF-8 replaced; the line endings are left out.
pub fn diff(before: &[u8], after: &[u8]) -> Vec<Hunk> {
    let (before, after) = (Text::read(before), Text::read(after));
    diff::hunks(&before.rows(), &after.rows(), by_key)
}

/// Lines are one that changed when they are the same key of one section, and hold no secret.
fn by_key(gone: &[Row<'_>], come: &[Row<'_>]) -> Vec<(usize, usize)> {
    let (gone, come) = (places(gone), places(come));
    gone.iter().filter_map(|(place, old)| Some((*old, *come.get(place)?))).collect()
}

fn places<'a>(rows: &[Row<'a>]) -> HashMap<(&'a str, &'a str), usize> {
    let rows = rows.iter().enumerate();
    rows.filter_map(|(number, row)| Some((row.place()?, number))).collect()
}

/// A line, where it stands, and what is shown in its place if it holds a secret.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    section: &'a str,
    line: &'a str,
    mask: Option<&'a str>,
}

/// Lines are the same when they are of one section and say the same, hidden or not.
impl PartialEq for Row<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.section, self.line) == (other.section, other.line)
    }
}

impl Eq for Row<'_> {}

impl Hash for Row<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.section, self.line).hash(state);
    }
}

impl<'a> Row<'a> {
    /// The section and the key of a property that may be shown.
    fn place(&self) -> Option<(&'a str, &'a str)> {
        let key = self.line.split_once('=')?.0.trim();
        (!key.starts_with(['#', ';', '[']) && self.mask.is_none()).then_some((self.section, key))
    }
}

impl diff::Row for Row<'_> {
    fn shown(&self) -> &str {
        self.mask.unwrap_or(self.line)
    }

    fn section(&self) -> Option<&str> {
        (!self.section.is_empty()).then_some(self.section)
    }
}

/// A text, and what is shown in place of its lines that hold a secret.
struct Text {
    text: String,
    masks: Vec<Option<String>>,
}

impl Text {
    fn read(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
        let mut key = None;
        let masks = text
            .lines()
            .map(|line| {
                if !line.starts_with([' ', '\t', '#', ';']) {
                    key = line.split(['=', ':']).next();
                }
                match mask::masked_line(line, key) {
                    Cow::Owned(masked) => Some(masked),
                    Cow::Borrowed(_) => None,
                }
            })
            .collect();
        Self { text, masks }
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let mut section = "";
        let masks = self.masks.iter().map(Option::as_deref);
        let row = |(line, mask): (_, _)| {
            if str::starts_with(line, '[') {
                section = line;
            }
            Row { section, line, mask }
        };
        self.text.lines().zip(masks).map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Side;

    fn render(hunks: &[Hunk]) -> String {
        let mut out = String::new();
        for hunk in hunks {
            let section = hunk.section.as_deref().unwrap_or("");
            out += &format!("@@ {:?} {:?} {section}\n", hunk.old, hunk.new);
            for line in &hunk.lines {
                out.push(match line.side {
                    Side::Both => ' ',
                    Side::Old => '-',
                    Side::New => '+',
                    Side::Remark => '\\',
                });
                for (changed, piece) in &line.pieces {
                    out += &if *changed { format!("<{piece}>") } else { piece.clone() };
                }
                out.push('\n');
            }
        }
        out
    }

    #[test]
    fn a_changed_word_is_marked_and_a_secret_is_not_shown() {
        let before = "[a]\r\nregion = eu-west-1\r\naws_secret_access_key = abc\r\n";
        let after = "[a]\r\nregion = eu-central-1\r\naws_secret_access_key = abc\r\n";
        let text = render(&diff(before.as_bytes(), after.as_bytes()));
        assert_eq!(
            text,
            "@@ (1, 3) (1, 3) \n [a]\n-region = <eu-west-1>\n+region = <eu-central-1>\n \
             aws_secret_access_key = ********\n"
        );
    }

    #[test]
    fn a_line_of_one_section_is_not_taken_for_another_s() {
        let before = "[a]\nx = 1\n";
        let after = "[a]\nx = 2\n\n[b]\nx = 1\n";
        let want = "@@ (1, 2) (1, 5) \n [a]\n-x = <1>\n+x = <2>\n+\n+[b]\n+x = 1\n";
        assert_eq!(render(&diff(before.as_bytes(), after.as_bytes())), want);
    }

    #[test]
    fn a_secret_that_changes_is_told_but_not_shown() {
        let hunks = diff(b"[a]\npassword = a\n", b"[a]\npassword = b\n");
        let want = "@@ (1, 2) (1, 2) \n [a]\n-password = ********\n+password = ********\n";
        assert_eq!(render(&hunks), want);
    }

    #[test]
    fn blank_lines_are_shown_too() {
        let before = "[a]\nregion = x\noutput = json\n\n\n";
        let after = "[a]\nregion = y\noutput = json # z";
        let text = render(&diff(before.as_bytes(), after.as_bytes()));
        let count = |side| text.lines().filter(|line| line.starts_with(side)).count();
        assert_eq!((count(' ') + count('-'), count(' ') + count('+')), (5, 3), "{text}");
    }

    #[test]
    fn a_hunk_says_which_section_it_is_in() {
        let before = "[a]\n1 = 1\n2 = 2\n3 = 3\n4 = 4\n5 = 5\n";
        let after = "[a]\n1 = 1\n2 = 2\n3 = 3\n4 = 4\n5 = 6\n";
        let hunks = diff(before.as_bytes(), after.as_bytes());
        assert_eq!(hunks.len(), 1);
        assert_eq!((hunks[0].old, hunks[0].section.as_deref()), ((3, 4), Some("[a]")));
        assert_eq!(diff(b"", b"[a]\n")[0].old, (0, 0));
        assert!(diff(b"x\n", b"x\n").is_empty());
    }
}
